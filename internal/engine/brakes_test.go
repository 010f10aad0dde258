package engine

import (
	"strconv"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
)

// braked are brakes with a limit of two deletes an hour for one organization.
type braked struct {
	*Brakes
	clock  *clocktesting.FakeClock
	caught int
}

var hotline = types.NamespacedName{Namespace: "tenants", Name: "hotline"}

func limited(most int32) *Limit { return &Limit{Most: most} }

func newBraked() *braked {
	b := &braked{clock: clocktesting.NewFakeClock(time.Unix(1_800_000_000, 0))}
	b.Brakes = NewBrakes(b.clock, func(types.NamespacedName) { b.caught++ })
	b.Set(hotline, limited(2), nil, "")
	return b
}

// admits tells how many of so many new objects may be deleted.
func (b *braked) admits(objects int, prefix string) int {
	admitted := 0
	for i := range objects {
		if b.admit(hotline, types.UID(prefix+strconv.Itoa(i))) {
			admitted++
		}
	}
	return admitted
}

func TestABrakeCatchesAndStays(t *testing.T) {
	t.Parallel()
	b := newBraked()
	if admitted := b.admits(5, "a"); admitted != 2 || b.caught != 1 {
		t.Fatalf("%d admitted, caught %d times, want 2 and once", admitted, b.caught)
	}
	if !b.admit(hotline, "a0") {
		t.Error("another attempt at an object that has counted is held")
	}
	b.clock.Step(24 * time.Hour)
	if admitted := b.admits(5, "b"); admitted != 0 {
		t.Errorf("%d admitted a day later without anybody's word", admitted)
	}
	if other := (types.NamespacedName{Namespace: "tenants", Name: "other"}); !b.admit(other, "x") {
		t.Error("an organization without a limit is held")
	}
}

func TestABrakeLetsGo(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		act  func(b *braked)
		want int
	}{
		"on a confirmation":           {func(b *braked) { b.Set(hotline, limited(2), nil, "yes") }, 2},
		"on a higher limit":           {func(b *braked) { b.Set(hotline, limited(3), nil, "") }, 1},
		"without a limit":             {func(b *braked) { b.Set(hotline, nil, nil, "") }, 5},
		"not on the same limit":       {func(b *braked) { b.Set(hotline, limited(2), nil, "") }, 0},
		"not on a delete that failed": {func(b *braked) { b.refund(hotline, "a0"); b.Set(hotline, limited(2), nil, "") }, 0},
		"not on one that failed late": {func(b *braked) {
			b.refund(hotline, "a0")
			b.clock.Step(brakePeriod)
			b.Set(hotline, limited(2), nil, "")
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBraked()
			b.admits(3, "a")
			row.act(b)
			if admitted := b.admits(5, "b"); admitted != row.want {
				t.Errorf("%d admitted, want %d", admitted, row.want)
			}
		})
	}
}

func TestAnHourPassesWhileTheBrakeHasNotCaught(t *testing.T) {
	t.Parallel()
	b := newBraked()
	b.admits(1, "a")
	b.clock.Step(brakePeriod)
	if deleted := b.Deleted(hotline); deleted != 0 {
		t.Errorf("%d deletes count after the hour", deleted)
	}
	if admitted := b.admits(5, "b"); admitted != 2 {
		t.Errorf("%d admitted in the new hour, want 2", admitted)
	}
}

// What the service refused leaves room for another delete while the brake has not caught.
func TestARefusedDeleteDoesNotCount(t *testing.T) {
	t.Parallel()
	b := newBraked()
	b.admits(2, "a")
	b.refund(hotline, "a0")
	b.refund(hotline, "a0")
	if deleted := b.Deleted(hotline); deleted != 1 {
		t.Errorf("%d deletes count, want 1", deleted)
	}
	if admitted := b.admits(5, "b"); admitted != 1 {
		t.Errorf("%d admitted, want 1", admitted)
	}
}

// A restart of the operator must not let the next deletes through.
func TestABrakeIsRemembered(t *testing.T) {
	t.Parallel()
	b := newBraked()
	b.admits(3, "a")
	shown := b.Set(hotline, limited(2), nil, "")
	next := newBraked()
	next.Forget(hotline)
	if again := next.Set(hotline, limited(2), shown, ""); !again.Held || again.Deleted != 2 || !again.Since.Equal(shown.Since) {
		t.Errorf("the next process knows %+v, want %+v", again, shown)
	}
	if admitted := next.admits(5, "b"); admitted != 0 {
		t.Errorf("%d admitted after a restart", admitted)
	}
}

// An annotation that was there before the limit confirms nothing.
func TestAnOldConfirmationIsNoNewOne(t *testing.T) {
	t.Parallel()
	b := newBraked()
	b.Forget(hotline)
	b.Set(hotline, limited(1), nil, "old")
	b.admits(2, "a")
	if shown := b.Set(hotline, limited(1), nil, "old"); !shown.Held || shown.ConfirmedAt != "old" {
		t.Errorf("shown = %+v, want the brake held", shown)
	}
}

// What takes annotations away that are not in its files, as GitOps does, confirms nothing, nor does what puts it back.
func TestAConfirmationThatGoesIsNoNewOne(t *testing.T) {
	t.Parallel()
	b := newBraked()
	b.admits(3, "a")
	b.Set(hotline, limited(2), nil, "yes")
	b.admits(3, "b")
	for _, confirmed := range []string{"", "yes"} {
		if shown := b.Set(hotline, limited(2), nil, confirmed); !shown.Held || shown.ConfirmedAt != "yes" {
			t.Errorf("with confirmation %q: %+v, want the brake held", confirmed, shown)
		}
	}
}

// The default follows the number of objects, which falls while they are deleted; what was deleted counts still.
func TestTheDefaultBrake(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ objects, deleted, want int32 }{{0, 0, 25}, {22, 0, 25}, {250, 0, 25}, {9990, 10, 1000}, {9000, 1000, 1000}} {
		if limit := DefaultLimit(row.objects, row.deleted); limit.Most != row.want || !limit.Default {
			t.Errorf("%d objects, %d deleted: %+v, want %d", row.objects, row.deleted, limit, row.want)
		}
	}
}

// Objects that are made meanwhile raise the default, which is nobody's word that the deletes are meant; a number is.
func TestADefaultBrakeThatHoldsIsLetGoByAPersonOnly(t *testing.T) {
	t.Parallel()
	b := newBraked()
	b.Set(hotline, &Limit{Most: 2, Default: true}, nil, "")
	b.admits(3, "a")
	shown := b.Set(hotline, &Limit{Most: 50, Default: true}, nil, "")
	if !shown.Held {
		t.Error("the brake let go by itself")
	}
	next := newBraked()
	next.Forget(hotline)
	if again := next.Set(hotline, &Limit{Most: 50, Default: true}, shown, ""); !again.Held {
		t.Error("the brake let go at a restart")
	}
	if shown := b.Set(hotline, limited(50), nil, ""); shown.Held {
		t.Error("a number that somebody chose does not let go")
	}
}
