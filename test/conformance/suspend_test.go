package conformance_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
)

func TestSuspend(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Paused"))
		id := r.waitReady().ID
		r.change(patchOf("suspend", true))
		r.waitReason(soon, v1alpha1.ReasonSuspended)
		w.sim.Reset()
		r.change(patchOf(k.fields[0].spec, k.fields[0].to))
		r.waitReason(soon, v1alpha1.ReasonSuspended)
		r.ask()
		w.wantQuiet(r)

		r.change(patchOf("suspend", false))
		r.waitReady()
		w.wantRemote(id, map[string]any{k.fields[0].wirePath(): k.fields[0].inWire(w, k.fields[0].to)})

		r.change(patchOf("suspend", true))
		r.waitReason(soon, v1alpha1.ReasonSuspended)
		r.delete()
		w.sim.Reset()
		w.wantQuiet(r)
		w.onlyRemote("Paused")
		r.change(patchOf("suspend", false))
		r.waitGone()
		if left := w.remotesNamed("Paused"); len(left) != 0 {
			t.Errorf("the object is left after the deletion was resumed")
		}
	})
}

// wantQuiet makes sure that for a while no request comes and the resource stays.
func (w *world) wantQuiet(r *resource) {
	w.t.Helper()
	throughout(w.t, time.Second, func() error {
		if requests := w.sim.Stats().Requests; requests != 0 {
			return fmt.Errorf("%d requests for a suspended object", requests)
		}
		object := r.empty()
		if err := cluster.cache.Get(w.t.Context(), keyOf(object), object); err != nil {
			return errors.New("the suspended resource is gone")
		}
		return nil
	})
}

func TestSuspendedOrganization(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Paused"))
		id := r.waitReady().ID
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.Suspend = true })
		w.waitOrganization(soon, v1alpha1.ReasonSuspended)
		r.waitReason(soon, v1alpha1.ReasonSuspended)
		w.sim.Reset()
		r.change(patchOf(k.fields[0].spec, k.fields[0].to))
		fresh := w.create(k.minimal("Later"))
		fresh.waitReason(soon, v1alpha1.ReasonSuspended)
		w.wantQuiet(r)
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.Suspend = false })
		w.waitConnected()
		if status := r.waitReady(); status.ID != id {
			t.Errorf("the id changed from %q to %q", id, status.ID)
		}
		fresh.waitReady()
	})
}
