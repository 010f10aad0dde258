package conformance_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"

	"wxcc.dev/operator/api/v1alpha1"
)

func observing(content spec) spec { return content.with("managementPolicy", "Observe") }

// Proves: S0.19
func TestObserveNeverWrites(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		id := w.addRemote(k.remoteFull(w, "Watched"))
		equal := w.create(observing(k.full("Watched")))
		status, _ := equal.waitReason(soon, v1alpha1.ReasonObserved)
		if status.ID != id || status.Origin != "" || len(status.Drift) != 0 || !meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionSynced) {
			t.Errorf("observed: %s", describe(status))
		}
		foreign := record{}
		foreign.put(k.fields[0].wirePath(), k.fields[0].inWire(w, k.fields[0].to))
		w.changeRemote(id, foreign)
		equal.check()
		status = equal.status()
		row := wantDrift(t, status, k.fields[0].spec)
		if row.Actual != trimmed(k.fields[0].to) || row.Desired != trimmed(k.fields[0].from) {
			t.Errorf("drift is %+v", row)
		}
		if meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionSynced) || !meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady) {
			t.Errorf("a drifted, observed object is Ready and not Synced, this one: %s", describe(status))
		}
		equal.waitEvent("DriftDetected", k.fields[0].spec, trimmed(k.fields[0].to), trimmed(k.fields[0].from))
		w.wantNoWrites()

		equal.delete()
		equal.waitGone()
		w.onlyRemote("Watched")
		w.wantNoWrites()
	})
}

func TestObserveThenEnforce(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(observing(k.full("Absent")))
		status, _ := r.waitReason(soon, v1alpha1.ReasonNotFound)
		if status.ID != "" {
			t.Errorf("id is %q of an object that is not there", status.ID)
		}
		w.wantNoWrites()
		r.change(patchOf("managementPolicy", "Enforce"))
		if status := r.waitReady(); status.Origin != v1alpha1.OriginCreated {
			t.Errorf("origin is %q", status.Origin)
		}
		w.onlyRemote("Absent")

		id := w.addRemote(k.remote(w, "Present"))
		present := w.create(observing(k.minimal("Present").with(k.fields[0].spec, k.fields[0].to)))
		present.waitReason(soon, v1alpha1.ReasonObserved)
		present.change(spec{"managementPolicy": "Enforce", "adoptionPolicy": "Always"})
		if status := present.waitReady(); status.ID != id || status.Origin != v1alpha1.OriginAdopted {
			t.Errorf("id %q origin %q after the switch to Enforce", status.ID, status.Origin)
		}
		w.wantRemote(id, map[string]any{k.fields[0].wirePath(): k.fields[0].inWire(w, k.fields[0].to)})
	})
}

func TestObservedObjectStaysWhenEnforceIsSwitchedOff(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Handed over"))
		id := r.waitReady().ID
		r.change(patchOf("managementPolicy", "Observe"))
		r.waitReason(soon, v1alpha1.ReasonObserved)
		w.sim.Reset()
		foreign := record{}
		foreign.put(k.fields[0].wirePath(), k.fields[0].inWire(w, k.fields[0].to))
		w.changeRemote(id, foreign)
		r.check()
		r.delete()
		r.waitGone()
		w.onlyRemote("Handed over")
		w.wantNoWrites()
	})
}
