package conformance_test

import (
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"wxcc.dev/operator/api/v1alpha1"
)

// Objects say that they are looked after again, and what changed meanwhile is repaired, without waiting for a sweep.
func TestResumedOrganizationShowsItsObjectsSyncedAtOnce(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		drifted, still := w.create(k.full("Drifted")), w.create(k.minimal("Still"))
		id := drifted.waitReady().ID
		still.waitReady()
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.Suspend = true })
		for _, r := range []*resource{drifted, still} {
			r.waitReason(soon, v1alpha1.ReasonSuspended)
		}
		f := k.fields[0]
		foreign := record{}
		foreign.put(f.wirePath(), f.inWire(w, f.to))
		w.changeRemote(id, foreign)
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.Suspend = false })
		for _, r := range []*resource{drifted, still} {
			r.waitReason(soon, v1alpha1.ReasonSynced)
		}
		w.wantRemote(id, map[string]any{f.wirePath(): f.inWire(w, f.from)})
	})
}

// An edit does not wait for everything that is to be created.
func TestEditOvertakesABacklog(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		farAway := *k
		farAway.simulator.Latency = 300 * time.Millisecond
		w := newWorld(t, &farAway, ownManager)
		w.runManager(managerOptions{concurrency: 4}) // one object of an organization at a time
		w.waitConnected()
		edited := w.create(k.full("Edited"))
		id := edited.waitReady().ID
		var backlog []*resource
		for i := range 30 {
			backlog = append(backlog, w.create(k.minimal(fmt.Sprintf("Backlog %d", i))))
		}
		before := notReady(backlog)
		f := k.fields[0]
		edited.change(patchOf(f.spec, f.to))
		edited.waitReadyWithin(later)
		after := notReady(backlog)
		w.wantRemote(id, map[string]any{f.wirePath(): f.inWire(w, f.to)})
		if after < before/2 {
			t.Errorf("%d objects waited before the edit, %d when it was carried out", before, after)
		}
	})
}

// notReady counts the resources that are not Ready yet.
func notReady(all []*resource) int {
	count := 0
	for _, r := range all {
		object := r.empty()
		err := cluster.cache.Get(r.w.t.Context(), keyOf(object), object)
		if err != nil || !meta.IsStatusConditionTrue(statusOf(object).Conditions, v1alpha1.ConditionReady) {
			count++
		}
	}
	return count
}
