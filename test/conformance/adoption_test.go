package conformance_test

import (
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// differing is a full spec that differs from remoteFull in its first field.
func differing(k *kind, name string) spec {
	return k.full(name).with(k.fields[0].spec, k.fields[0].to)
}

func TestAdoptIdentical(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		id := w.addRemote(k.remoteFull(w, "Existing"))
		r := w.create(k.full("Existing")) // IfIdentical is the default
		status := r.waitReady()
		if status.ID != id || status.Origin != v1alpha1.OriginAdopted {
			t.Errorf("id %q origin %q, want %q Adopted", status.ID, status.Origin, id)
		}
		wantChange(t, status, "Adopt")
		r.waitEvent("Adopted", id)
		w.wantNoWrites()
	})
}

func TestAdoptIfIdenticalRefusesADifferentObject(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		w.addRemote(k.remoteFull(w, "Existing"))
		r := w.create(differing(k, "Existing"))
		status, _ := r.waitStalled(v1alpha1.ReasonNameConflict)
		row := wantDrift(t, status, k.fields[0].spec)
		if !strings.Contains(row.Desired, trimmed(k.fields[0].to)) || !strings.Contains(row.Actual, trimmed(k.fields[0].from)) {
			t.Errorf("drift is %+v", row)
		}
		if status.Origin != "" {
			t.Errorf("origin is %q of an object that was not adopted", status.Origin)
		}
		w.wantNoWrites()

		// Made equal, it is adopted.
		r.change(patchOf(k.fields[0].spec, k.fields[0].from))
		if status := r.waitReady(); status.Origin != v1alpha1.OriginAdopted {
			t.Errorf("origin is %q after the spec was made equal", status.Origin)
		}
		w.wantNoWrites()
	})
}

func trimmed(value any) string { return strings.Trim(text(value), `"`) }

func TestAdoptNever(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		id := w.addRemote(k.remoteFull(w, "Existing"))
		r := w.create(k.full("Existing").with("adoptionPolicy", "Never"))
		_, message := r.waitStalled(v1alpha1.ReasonNameConflict)
		if !strings.Contains(message, id) {
			t.Errorf("the message does not name the object: %s", message)
		}
		// Deleting the resource leaves what it never managed.
		r.delete()
		r.waitGone()
		w.onlyRemote("Existing")
		w.wantNoWrites()
	})
}

func TestAdoptAlwaysCorrects(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		id := w.addRemote(k.remoteFull(w, "Existing"))
		r := w.create(differing(k, "Existing").with("adoptionPolicy", "Always"))
		status := r.waitReady()
		if status.ID != id || status.Origin != v1alpha1.OriginAdopted {
			t.Errorf("id %q origin %q, want %q Adopted", status.ID, status.Origin, id)
		}
		w.wantRemote(id, map[string]any{k.fields[0].wirePath(): k.fields[0].inWire(w, k.fields[0].to)})
		w.onlyRemote("Existing")
	})
}

func TestOrganizationDefaultsApply(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := emptyWorld(t, k)
		w.createOrganization(func(o *v1alpha1.WebexOrganization) {
			o.Spec.Defaults = v1alpha1.Policies{AdoptionPolicy: v1alpha1.AdoptionNever, DeletionPolicy: v1alpha1.DeletionRetain}
		})
		w.waitConnected()
		w.addRemote(k.remoteFull(w, "Existing"))
		w.create(k.full("Existing")).waitStalled(v1alpha1.ReasonNameConflict)
		fresh := w.create(k.minimal("Fresh"))
		fresh.waitReady()
		fresh.delete()
		fresh.waitGone()
		w.onlyRemote("Fresh")
	})
}

func TestSecondResourceForOneObjectIsADuplicate(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		first := w.create(k.minimal("Contested"))
		id := first.waitReady().ID
		w.sim.Reset()
		second := w.create(k.minimal("Contested").with("adoptionPolicy", "Always"))
		_, message := second.waitStalled(v1alpha1.ReasonDuplicate)
		if !strings.Contains(message, first.name) {
			t.Errorf("the message does not name the other resource: %s", message)
		}
		second.delete()
		second.waitGone()
		w.wantNoWrites()
		if one := w.onlyRemote("Contested"); w.remoteID(one) != id {
			t.Errorf("the object has another id")
		}
		first.check()
		first.waitReady()
	})
}

func TestTwoResourcesCreatedAtOnceForOneObject(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		both := []*resource{w.create(k.minimal("Race")), w.create(k.minimal("Race"))}
		ready := 0
		for _, r := range both {
			status, _ := r.waitReason(later, v1alpha1.ReasonSynced, v1alpha1.ReasonDuplicate, v1alpha1.ReasonNameConflict)
			if status.Origin != "" {
				ready++
			}
		}
		if ready != 1 {
			t.Errorf("%d resources manage the object, want 1", ready)
		}
		w.onlyRemote("Race")
	})
}

func TestSeveralMatchesStall(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if !k.namesakes {
			t.Skip("the service keeps names unique, or the spec names the id")
		}
		w := newWorld(t, k)
		ids := []string{}
		for _, id := range []string{"first@" + domain, "second@" + domain} {
			one := k.remoteFull(w, "Namesake")
			one["serviceUserId"] = id
			ids = append(ids, w.addRemote(one))
		}
		r := w.create(k.full("Namesake"))
		_, message := r.waitStalled(v1alpha1.ReasonMultipleMatches)
		for _, id := range ids {
			if !strings.Contains(message, id) {
				t.Errorf("the message does not name %s: %s", id, message)
			}
		}
		w.wantNoWrites()
		w.deleteRemote(ids[1])
		r.check()
		if status := r.waitReady(); status.ID != ids[0] {
			t.Errorf("id is %q, want the one left", status.ID)
		}
	})
}

// Proves: S0.5, S0.7
func TestProtectedObjects(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.protected == nil {
			t.Skip("the service protects nothing of this kind")
		}
		name, _ := k.protected["name"].(string)
		t.Run("identical", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, k)
			before := text(w.onlyRemote(name))
			r := w.create(k.protected.with("deletionPolicy", "Delete"))
			if status := r.waitReady(); status.Origin != v1alpha1.OriginAdopted {
				t.Errorf("origin is %q", status.Origin)
			}
			r.delete()
			r.waitGone()
			w.wantNoWrites()
			if after := text(w.onlyRemote(name)); after != before {
				t.Errorf("the system object changed")
			}
		})
		t.Run("differing", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, k)
			r := w.create(k.protected.with("description", "not the system's").with("adoptionPolicy", "Always"))
			status, _ := r.waitStalled(v1alpha1.ReasonProtected)
			wantDrift(t, status, "description")
			r.delete()
			r.waitGone()
			w.wantNoWrites()
		})
	})
}
