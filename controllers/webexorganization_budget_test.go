package controllers

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

func TestTheSmallestWishIsTheBudgetOfAClient(t *testing.T) {
	t.Parallel()
	var budgets requestBudgets
	other := types.NamespacedName{Namespace: "tenants", Name: "sirocco"}
	if budgets.join(nordlys, "client", 300) != budgets.join(other, "client", 120) {
		t.Fatal("two organizations of one OAuth client have two budgets")
	}
	want := v1alpha1.RequestBudget{Client: "client", RequestsPerMinute: 120, Organizations: 2}
	if have := budgets.of(nordlys, time.Now()); have != want {
		t.Errorf("budget = %+v, want %+v", have, want)
	}
	budgets.leave(other)
	want = v1alpha1.RequestBudget{Client: "client", RequestsPerMinute: 300, Organizations: 1}
	if have := budgets.of(nordlys, time.Now()); have != want {
		t.Errorf("budget after the other has left = %+v, want %+v", have, want)
	}
	if have := budgets.of(other, time.Now()); have != (v1alpha1.RequestBudget{}) {
		t.Errorf("budget of one that has left = %+v", have)
	}
}

// A hold and a queue show in status; what changes within an order of magnitude is not worth a write.
func TestAScarceBudgetShows(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	calm := f.get()
	if budget := calm.Status.RequestBudget; budget == nil || budget.HeldUntil != nil || f.r.outdated(calm) {
		t.Fatalf("budget at rest = %+v", budget)
	}
	bucket := f.r.budgets.join(nordlys, f.r.sessions.open(nordlys).webex.source.Status().Client, defaultRequestsPerMinute)
	bucket.Hold(time.Minute)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go func() { _ = bucket.Wait(remote.WithPriority(ctx, remote.Sweep)) }()
	if !f.r.outdated(calm) {
		t.Error("a hold is not worth a visit")
	}
	f.reconcile()
	scarce := f.get()
	if budget := scarce.Status.RequestBudget; budget.HeldUntil == nil || !budget.HeldUntil.After(f.clock.Now()) {
		t.Errorf("budget under a hold = %+v", budget)
	}
	f.r.budgets.join(types.NamespacedName{Namespace: "tenants", Name: "other"}, f.r.sessions.open(nordlys).webex.source.Status().Client, defaultRequestsPerMinute)
	if f.r.outdated(scarce) {
		t.Error("the number of organizations is worth a visit while they come")
	}
	f.r.budgets.changed = time.Now().Add(-tallyPeriod)
	if !f.r.outdated(scarce) {
		t.Error("the number of organizations is never worth a visit")
	}
	f.reconcile()
	if shown := f.get(); shown.Status.RequestBudget.Organizations != 2 || f.r.outdated(shown) {
		t.Error("a hold that shows already is worth another visit")
	}
}

// A hold shows as long as it lasts: a later one takes its place, and the last seconds do not end it.
func TestAHoldShowsWhileItLasts(t *testing.T) {
	t.Parallel()
	r := &OrganizationReconciler{}
	bucket := r.budgets.join(nordlys, "client", 300)
	bucket.Hold(time.Minute)
	shown := v1alpha1.RequestBudget{Client: "client", RequestsPerMinute: 300, Organizations: 1}
	now, worth := r.telling(nordlys, &shown)
	if !worth || now.HeldUntil == nil {
		t.Fatalf("a hold: %+v, %v", now, worth)
	}
	shown.HeldUntil = new(metav1.NewTime(time.Now().Add(-time.Second)))
	if now, worth = r.telling(nordlys, &shown); !worth || now.HeldUntil.Before(shown.HeldUntil) {
		t.Errorf("a hold after the one that shows: %+v, %v", now, worth)
	}
	ending := r.budgets.join(types.NamespacedName{Name: "ending"}, "another", 300)
	ending.Hold(5 * time.Second)
	shown = v1alpha1.RequestBudget{Client: "another", RequestsPerMinute: 300, Organizations: 1, HeldUntil: new(metav1.NewTime(time.Now().Add(5 * time.Second)))}
	if now, worth = r.telling(types.NamespacedName{Name: "ending"}, &shown); worth || now.HeldUntil == nil {
		t.Errorf("a hold in its last seconds: %+v, %v", now, worth)
	}
	shown.HeldUntil = nil
	if now, worth = r.telling(types.NamespacedName{Name: "ending"}, &shown); worth {
		t.Errorf("a hold that is hardly noticed: %+v", now)
	}
}

func TestPressureIsAnOrderOfMagnitude(t *testing.T) {
	t.Parallel()
	at := func(seconds int32) pressure { return pressureOf(v1alpha1.RequestBudget{WaitSeconds: seconds}) }
	for name, row := range map[string]struct {
		a, b int32
		same bool
	}{
		"none and an ordinary sweep":     {0, noticeableWait - 1, true},
		"noticeable":                     {noticeableWait - 1, noticeableWait, false},
		"tens of seconds":                {noticeableWait, 99, true},
		"tens and hundreds of seconds":   {99, 100, false},
		"hundreds and thousands of them": {999, 1000, false},
	} {
		if same := at(row.a) == at(row.b); same != row.same {
			t.Errorf("%s: %d and %d are the same: %v, want %v", name, row.a, row.b, same, row.same)
		}
	}
}
