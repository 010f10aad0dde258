package engine

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"wxcc.dev/operator/api/v1alpha1"
)

// The default brake stops what deletes more in an hour than a tenth of an organization's objects, and never less than 25:
// tidying up by hand stays below, and small organizations can be deleted as a whole; a folder that vanished from a large
// one's repository, or its CRDs, do not.
const (
	leastDeletes = 25
	deletesShare = 10
)

// Limit says how many deletes an hour may bring.
type Limit struct {
	Most int32
	// Default: nobody has chosen it. It follows the number of objects, so a higher one does not let go a brake that holds.
	Default bool
}

// DefaultLimit is the limit of an organization with so many objects, of which so many were deleted in this hour already.
func DefaultLimit(objects, deleted int32) *Limit {
	return &Limit{Most: max(leastDeletes, (objects+deleted)/deletesShare), Default: true}
}

// brakePeriod is the time in which an organization's spec.maxDeletesPerHour counts.
const brakePeriod = time.Hour

// Brakes hold back the deletes of organizations that would delete more in an hour than their spec allows. A brake that
// has caught stays until somebody confirms the deletes or raises the limit: a mistake in a Git repository must not go
// on at the next full hour.
type Brakes struct {
	clock clock.PassiveClock
	// caught is called, without any lock held, when a brake catches or lets go; it must not block.
	caught func(organization types.NamespacedName)

	mu  sync.Mutex
	all map[types.NamespacedName]*brake
}

// brake is the state of one organization.
type brake struct {
	limit   Limit
	since   time.Time // zero: no delete has counted
	deleted int
	held    bool
	// counted are the objects whose delete has counted, so that another attempt does not count again.
	counted   map[types.UID]bool
	confirmed string
}

// NewBrakes makes brakes of which none is set.
func NewBrakes(clock clock.PassiveClock, caught func(organization types.NamespacedName)) *Brakes {
	return &Brakes{clock: clock, caught: caught, all: map[types.NamespacedName]*brake{}}
}

// Set applies an organization's limit and returns the state to show; nil for both means no limit. What an earlier
// process has shown is remembered. A confirmation that is new begins a new hour.
func (b *Brakes) Set(organization types.NamespacedName, limit *Limit, shown *v1alpha1.DeleteBrake, confirmed string) *v1alpha1.DeleteBrake {
	b.mu.Lock()
	defer b.mu.Unlock()
	if limit == nil {
		delete(b.all, organization)
		return nil
	}
	one, ok := b.all[organization]
	if !ok {
		one = remembered(shown)
		if shown == nil {
			one.confirmed = confirmed // said before there was anything to confirm
		}
		b.all[organization] = one
	}
	followed := one.limit.Default && limit.Default
	one.limit = *limit
	if confirmed != "" && confirmed != one.confirmed { // taking the annotation away confirms nothing
		one.confirmed = confirmed
		one.restart()
	}
	if one.held && one.deleted < int(one.limit.Most) && !followed {
		one.held = false
	}
	one.expire(b.clock.Now())
	return one.shown()
}

// Forget ends the brake of an organization that does not exist any more.
func (b *Brakes) Forget(organization types.NamespacedName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.all, organization)
}

// Deleted returns how many deletes count in an organization's hour; 0 where there is no limit.
func (b *Brakes) Deleted(organization types.NamespacedName) int32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	one, ok := b.all[organization]
	if !ok {
		return 0
	}
	one.expire(b.clock.Now())
	return int32(one.deleted) //nolint:gosec // at most the limit, which is an int32
}

// admit counts the delete of an object and tells whether it may be made.
func (b *Brakes) admit(organization types.NamespacedName, object types.UID) bool {
	admitted, caught := b.count(organization, object)
	if caught {
		b.caught(organization)
	}
	return admitted
}

func (b *Brakes) count(organization types.NamespacedName, object types.UID) (admitted, caught bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	one, ok := b.all[organization]
	if !ok || one.counted[object] {
		return true, false
	}
	now := b.clock.Now()
	one.expire(now)
	if one.held || one.deleted >= int(one.limit.Most) {
		caught, one.held = !one.held, true
		return false, caught
	}
	if one.since.IsZero() {
		one.since = now
	}
	one.deleted++
	one.counted[object] = true
	return true, false
}

// refund takes back the count of a delete that the service refused. It does not let go a brake that has caught: else one
// object that is in use would release it again and again, and the next hour with it.
func (b *Brakes) refund(organization types.NamespacedName, object types.UID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one, ok := b.all[organization]; ok && one.counted[object] && !one.held {
		delete(one.counted, object)
		one.deleted--
	}
}

func remembered(shown *v1alpha1.DeleteBrake) *brake {
	one := &brake{counted: map[types.UID]bool{}}
	if shown != nil {
		one.deleted, one.held, one.confirmed = int(shown.Deleted), shown.Held, shown.ConfirmedAt
		one.limit.Default = shown.Default
		if shown.Since != nil {
			one.since = shown.Since.Time
		}
	}
	return one
}

// expire begins a new hour when the old one is over, unless the brake has caught.
func (b *brake) expire(now time.Time) {
	if !b.held && !b.since.IsZero() && now.Sub(b.since) >= brakePeriod {
		b.restart()
	}
}

func (b *brake) restart() {
	b.since, b.deleted, b.held = time.Time{}, 0, false
	clear(b.counted)
}

func (b *brake) shown() *v1alpha1.DeleteBrake {
	shown := &v1alpha1.DeleteBrake{Deleted: int32(b.deleted), Held: b.held, ConfirmedAt: b.confirmed, Default: b.limit.Default} //nolint:gosec // at most the limit
	if !b.since.IsZero() {
		since := metav1.NewTime(b.since.Truncate(time.Second))
		shown.Since = &since
	}
	return shown
}
