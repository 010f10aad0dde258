package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// pair are two resources that mean one remote object.
type pair struct {
	name string
	both [2]*resource
}

func (w *world) createPair(name string) pair {
	return pair{name: name, both: [2]*resource{w.create(w.kind.minimal(name)), w.create(w.kind.minimal(name))}}
}

// wantOneManager waits until one of a pair manages the object and the other says so, and returns the manager.
func (w *world) wantOneManager(p pair) *resource {
	w.t.Helper()
	var manager *resource
	eventually(w.t, later, func() error {
		manager = nil
		var duplicate v1alpha1.ConfigStatus
		for _, r := range p.both {
			switch status := r.status(); {
			case meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady) && manager == nil && status.ID != "" && status.Origin != "":
				manager = r
			default:
				duplicate = status
			}
		}
		ready := meta.FindStatusCondition(duplicate.Conditions, v1alpha1.ConditionReady)
		if manager == nil || ready == nil || ready.Reason != string(v1alpha1.ReasonDuplicate) || duplicate.Origin != "" || !strings.Contains(ready.Message, manager.name) {
			return fmt.Errorf("%s: no manager and duplicate: %s / %s", p.name, describe(p.both[0].status()), describe(p.both[1].status()))
		}
		return nil
	})
	if one := w.onlyRemote(p.name); w.remoteID(one) != manager.status().ID {
		w.t.Errorf("%s: status.id is %q, the object's %q", p.name, manager.status().ID, w.remoteID(one))
	}
	return manager
}

// slowly makes the answers of creates late: the object is there before anybody is told.
func (k *kind) slowly() simulator.FaultRule {
	rule := k.writes()
	rule.Method, rule.LatencyMillis, rule.Late = http.MethodPost, 1500, true
	return rule
}

// Two resources a name, in a wave, with creates whose answers are late: the object is there while only one of the two
// knows that it is his.
func TestOneManagerForEveryNameOfAWave(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		const names = 12
		w := newWorld(t, k, ownManager)
		first := w.runManager(managerOptions{})
		w.waitConnected()
		w.faults(k.slowly())
		var wave []pair
		for i := range names {
			wave = append(wave, w.createPair(fmt.Sprintf("Wave %d", i)))
		}
		managers := map[string]*resource{}
		for _, p := range wave {
			managers[p.name] = w.wantOneManager(p)
		}
		w.faults()
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		w.sim.Reset()
		w.runManager(managerOptions{})
		for _, p := range wave {
			p.both[0].ask()
			p.both[1].ask()
		}
		for _, p := range wave {
			p.both[0].check()
			p.both[1].check()
			if manager := w.wantOneManager(p); manager != managers[p.name] {
				t.Errorf("%s: %s manages it after the restart, %s did before", p.name, manager.name, managers[p.name].name)
			}
		}
		w.wantNoWrites()
	})
}

// Two statuses that claim one object, as earlier versions left them: the older resource goes on.
func TestOlderOfTwoManagersGoesOn(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		first := w.runManager(managerOptions{})
		w.waitConnected()
		p := w.createPair("Claimed twice")
		manager := w.wantOneManager(p)
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		status := manager.status()
		for _, r := range p.both {
			r.patchStatus(fmt.Sprintf(`{"status":{"id":%q,"origin":"Created"}}`, status.ID))
		}
		w.sim.Reset()
		w.runManager(managerOptions{})
		for _, r := range p.both {
			r.ask()
		}
		for _, r := range p.both {
			r.check()
		}
		if manager := w.wantOneManager(p); manager != p.older() {
			t.Errorf("%s manages the object, want the older resource", manager.name)
		}
		w.wantNoWrites()
	})
}

// older is the older one of the pair by its time of creation, to the second, and then its UID.
func (p pair) older() *resource {
	a, b := p.both[0].read(), p.both[1].read()
	at, other := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	if at.Before(&other) || at.Equal(&other) && a.GetUID() < b.GetUID() {
		return p.both[0]
	}
	return p.both[1]
}

func (r *resource) patchStatus(content string) {
	r.w.t.Helper()
	err := cluster.client.Status().Patch(r.w.t.Context(), r.empty(), client.RawPatch(types.MergePatchType, []byte(content)))
	if err != nil {
		r.w.t.Fatalf("patch status of %s: %v", r.name, err)
	}
}

// Who manages the object goes before who is older and was suspended meanwhile.
func TestResumedResourceDoesNotTakeWhatAnotherManages(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		older := w.create(k.minimal("Slept in").with("suspend", true))
		older.waitReason(soon, v1alpha1.ReasonSuspended)
		younger := w.create(k.minimal("Slept in"))
		id := younger.waitReady().ID
		older.change(patchOf("suspend", false))
		older.waitStalled(v1alpha1.ReasonDuplicate)
		younger.check()
		if status := younger.waitReady(); status.ID != id {
			t.Errorf("the id changed from %q to %q", id, status.ID)
		}
		w.onlyRemote("Slept in")
	})
}
