package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// wantDrift looks for a field in the drift list and returns its row.
func wantDrift(t *testing.T, status v1alpha1.ConfigStatus, path string) v1alpha1.FieldDrift {
	t.Helper()
	for _, row := range status.Drift {
		if row.Field == path || strings.HasPrefix(row.Field, path+".") {
			return row
		}
	}
	t.Errorf("drift does not list %s: %+v", path, status.Drift)
	return v1alpha1.FieldDrift{}
}

// Proves: S0.25
func TestOutOfBandChangeIsRepaired(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Drifting"))
		id := r.waitReady().ID

		// Twice, with different fields: the second correction is an event of its own.
		for _, f := range []field{k.fields[0], k.fields[1]} {
			foreign := record{}
			foreign.put(f.wirePath(), f.inWire(w, f.to))
			w.changeRemote(id, foreign)
			r.check()
			r.waitReady()
			w.wantRemote(id, map[string]any{f.wirePath(): f.inWire(w, f.from)})
			r.waitEvent("DriftCorrected", f.spec, fmt.Sprint(f.to), fmt.Sprint(f.from))
		}

		all := record{}
		for _, f := range k.fields {
			all.put(f.wirePath(), f.inWire(w, f.to))
		}
		w.changeRemote(id, all)
		r.check()
		status := r.waitReady()
		w.wantRemote(id, k.wantFull(w))
		if len(status.Drift) != 0 {
			t.Errorf("drift is left: %v", status.Drift)
		}
		w.onlyRemote("Drifting")
	})
}

func TestSweepFindsAndRepairsDrift(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, swept)
		var changed, still, deleted *resource
		changed, still, deleted = w.create(k.full("Swept")), w.create(k.minimal("Untouched")), w.create(k.minimal("Vanishing"))
		ids := map[*resource]string{}
		for _, r := range []*resource{changed, still, deleted} {
			ids[r] = r.waitReady().ID
		}
		w.sim.Reset()
		version := still.read().GetResourceVersion()
		// The list of call centers carries few fields: the extension is among them, the description of others too.
		f := k.clearable
		foreign := record{}
		foreign.put(f.wirePath(), "77")
		w.changeRemote(ids[changed], foreign)
		w.deleteRemote(ids[deleted])

		eventually(t, later, func() error {
			for _, one := range w.remotes() {
				if w.remoteID(one) == ids[changed] && !same(one.at(f.wirePath()), f.from) {
					return fmt.Errorf("%s is still %v", f.wirePath(), one.at(f.wirePath()))
				}
			}
			if len(w.remotesNamed("Vanishing")) == 0 {
				return fmt.Errorf("the deleted object is not back")
			}
			return nil
		})
		changed.waitReady()
		changed.waitEvent("DriftCorrected", f.spec, "77", fmt.Sprint(f.from))
		deleted.waitReady()
		w.onlyRemote("Vanishing")
		if now := still.read().GetResourceVersion(); now != version {
			t.Errorf("the sweep wrote to an object that did not change")
		}
		if reads := len(w.requestsOf("GET")); reads > 20 {
			t.Errorf("%d reads for a sweep over three objects", reads)
		}
	})
}

func TestOutOfBandDeleteIsCreatedAgain(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Coming back"))
		id := r.waitReady().ID
		w.deleteRemote(id)
		r.check()
		status := r.waitReady()
		one := w.onlyRemote("Coming back")
		if status.ID != w.remoteID(one) || status.Origin != v1alpha1.OriginCreated {
			t.Errorf("status has id %q and origin %q, the new object id %q", status.ID, status.Origin, w.remoteID(one))
		}
		w.wantRemote(status.ID, k.wantFull(w))
	})
}
