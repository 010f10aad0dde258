package controllers

import (
	"math"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
)

// noticeableWait is the wait for the budget, in seconds, below which a status does not speak of it: so long do the
// pages of an ordinary sweep wait.
const noticeableWait = 10

// pressure says in orders of magnitude how scarce a request budget is. What changes within one is not worth a write.
type pressure struct {
	client                   string
	perMinute, organizations int32
	wait                     int
	held                     bool
}

func pressureOf(budget v1alpha1.RequestBudget) pressure {
	p := pressure{
		client: budget.Client, perMinute: budget.RequestsPerMinute, organizations: budget.Organizations, held: budget.HeldUntil != nil,
	}
	if budget.WaitSeconds >= noticeableWait {
		p.wait = int(math.Log10(float64(budget.WaitSeconds)))
	}
	return p
}

// of returns the state of the budget that an organization shares; the zero value if it has none.
func (b *requestBudgets) of(key types.NamespacedName, now time.Time) v1alpha1.RequestBudget {
	b.mu.Lock()
	defer b.mu.Unlock()
	for client, shared := range b.clients {
		if _, mine := shared.wishes[key]; !mine {
			continue
		}
		queued, longest := shared.bucket.Queue()
		state := v1alpha1.RequestBudget{
			Client: client, RequestsPerMinute: clamp(int64(shared.limit)), Organizations: clamp(int64(len(shared.wishes))),
			Queued: clamp(int64(queued)), WaitSeconds: clamp(int64(longest.Seconds())),
		}
		if held := shared.bucket.HeldFor(); held > 0 {
			until := metav1.NewTime(now.Add(held).Truncate(time.Second))
			state.HeldUntil = &until
		}
		return state
	}
	return v1alpha1.RequestBudget{}
}

// calm tells whether no organization has come or gone for a while.
func (b *requestBudgets) calm() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return time.Since(b.changed) >= tallyPeriod
}

// telling returns the state of an organization's budget, and whether a status that shows another one is worth a write.
// While organizations come and go, as after a restart, their number alone is not.
func (r *OrganizationReconciler) telling(key types.NamespacedName, shown *v1alpha1.RequestBudget) (v1alpha1.RequestBudget, bool) {
	now := r.budgets.of(key, r.clock().Now())
	const noticeable = noticeableWait * time.Second
	if now.HeldUntil != nil && (shown == nil || shown.HeldUntil == nil) && now.HeldUntil.Sub(r.clock().Now()) <= noticeable {
		now.HeldUntil = nil
	}
	if shown == nil {
		return now, true
	}
	if now.HeldUntil != nil && shown.HeldUntil != nil && now.HeldUntil.Sub(shown.HeldUntil.Time).Abs() >= noticeable {
		return now, true // another hold, or a longer one
	}
	before, after := pressureOf(*shown), pressureOf(now)
	if !r.budgets.calm() {
		before.organizations = after.organizations
	}
	return now, before != after
}

// showBudget shows the budget anew when it has changed by an order of magnitude.
func (v *organizationVisit) showBudget() {
	status := &v.organization.Status
	now, worth := v.r.telling(v.key, status.RequestBudget)
	switch {
	case now == v1alpha1.RequestBudget{}:
		status.RequestBudget = nil
	case worth:
		if pressureOf(now).wait == 0 {
			now.Queued, now.WaitSeconds = 0, 0
		}
		status.RequestBudget = &now
	}
}
