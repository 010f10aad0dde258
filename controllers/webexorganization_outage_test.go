package controllers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

var workTypeEntity = webex.Entity{Route: "work-type", CompleteRows: true}

// The contact center that gave proper answers at the start is not reachable for ever because of it.
// Proves: S1.4
func TestAnOutageOfTheContactCenterShowsWhileItLasts(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	f.seen()
	f.faults(simulator.FaultRule{Route: "*", Status: http.StatusServiceUnavailable})
	work := f.connected().Connection().Webex
	for range 3 { // what objects and sweeps do
		if _, err := work.Collection(workTypeEntity).List(t.Context()); err == nil {
			t.Fatal("a list in an outage")
		}
	}
	result := f.reconcile()
	f.want(v1alpha1.ConditionContactCenterReachable, metav1.ConditionUnknown, v1alpha1.ReasonUnavailable)
	f.want(v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonUnavailable)
	if result.RequeueAfter > outageProbe || f.connected() == nil {
		t.Errorf("next visit in %s, connected %v", result.RequeueAfter, f.connected() != nil)
	}
	version := f.get().ResourceVersion
	for range 20 { // longer than any rest
		f.clock.Step(outageProbe)
		f.reconcile()
	}
	f.want(v1alpha1.ConditionContactCenterReachable, metav1.ConditionUnknown, v1alpha1.ReasonUnavailable)
	if f.get().ResourceVersion != version {
		t.Error("an outage that lasts writes a status again and again")
	}
	f.faults()
	f.clock.Step(outageProbe)
	f.reconcile()
	f.want(v1alpha1.ConditionContactCenterReachable, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if seen := f.seen(); strings.Count(seen, string(v1alpha1.ReasonUnavailable)) != 1 || !strings.Contains(seen, "connected to") {
		t.Errorf("events: %s", seen)
	}
}

// A part that does not speak for the whole tells of itself all the same.
func TestEveryPartTellsOfItsTransitions(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t, gatewaySecret("wrong-canary"))
	f.gatewayOrganization()
	f.faults(simulator.FaultRule{Path: "^/organization/", Status: http.StatusServiceUnavailable})
	f.reconcile()
	seen := f.seen()
	for _, part := range []string{"contact center at", "call-center gateway"} {
		if !strings.Contains(seen, part) {
			t.Errorf("nobody tells of the %s: %s", part, seen)
		}
	}
	f.faults()
	f.reconcile()
	if seen := f.seen(); !strings.Contains(seen, "ContactCenterReachable: the contact center answers") {
		t.Errorf("events: %s", seen)
	}
}

// The time of a comparison is in the status, and is not worth a write by itself for an hour.
func TestComparisonsShow(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	newType := func() client.Object { return &v1alpha1.WorkType{} }
	f.r.Kinds = []ObjectKind{{Name: "WorkType", Collection: workTypeEntity.Route, New: newType}}
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	if shown := f.get().Status.Comparisons; len(shown) != 0 {
		t.Fatalf("comparisons of nothing: %+v", shown)
	}
	object := &v1alpha1.WorkType{ObjectMeta: metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: "one"}}
	object.Spec.OrganizationRef.Name = nordlys.Name
	f.r.tally.count(fmt.Sprintf("%T", object), object)
	if err := f.connected().ContactCenter(workTypeEntity).Relist(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !f.r.outdated(f.get()) {
		t.Error("the first comparison is not worth a visit")
	}
	f.reconcile()
	shown := f.get()
	if len(shown.Status.Comparisons) != 1 || shown.Status.Comparisons[0].Kind != "WorkType" || shown.Status.Comparisons[0].LastTime == nil {
		t.Fatalf("comparisons = %+v", shown.Status.Comparisons)
	}
	if f.r.outdated(shown) {
		t.Error("a comparison that shows is worth another visit")
	}
	// Another process knows nothing of it, and leaves it there.
	f.r = f.newReconciler()
	f.r.Kinds = []ObjectKind{{Name: "WorkType", Collection: workTypeEntity.Route, New: newType}}
	f.r.tally.count(fmt.Sprintf("%T", object), object)
	f.reconcile()
	if now := f.get(); now.ResourceVersion != shown.ResourceVersion {
		t.Errorf("a restart writes: %+v", now.Status.Comparisons)
	}
	store := f.connected().ContactCenter(workTypeEntity)
	if known := f.connected().Compared()[store.Name()]; !known.Last.Equal(shown.Status.Comparisons[0].LastTime.Time) {
		t.Errorf("after a restart: %+v", known)
	}
}

func TestWhatOfAComparisonIsWorthAWrite(t *testing.T) {
	t.Parallel()
	at := func(hours int, failing bool) v1alpha1.Comparison {
		known := inventory.Compared{Last: newYear.Add(time.Duration(hours) * time.Hour)}
		if failing {
			known.Failures, known.FailingSince, known.Cause = failingFrom, newYear, http.ErrServerClosed
		}
		return comparisonFrom("WorkType", known)
	}
	once := comparisonFrom("WorkType", inventory.Compared{Failures: 1, FailingSince: newYear, Cause: http.ErrServerClosed})
	for name, row := range map[string]struct {
		shown, now v1alpha1.Comparison
		worth      bool
	}{
		"the same":           {at(0, false), at(0, false), false},
		"an hour later":      {at(0, false), at(1, false), true},
		"begins to fail":     {at(0, false), at(0, true), true},
		"goes on failing":    {at(0, true), at(0, true), false},
		"works again":        {at(0, true), at(0, false), true},
		"a single failure":   {v1alpha1.Comparison{Kind: "WorkType"}, once, false},
		"the first that was": {once, at(0, false), true},
	} {
		if worth := worthShowing(row.shown, row.now); worth != row.worth {
			t.Errorf("%s: %v, want %v", name, worth, row.worth)
		}
	}
}
