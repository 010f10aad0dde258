package conformance_test

import (
	"fmt"
	"slices"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// waitGuarded waits until the finalizer is on.
func (r *resource) waitGuarded() {
	r.w.t.Helper()
	eventually(r.w.t, soon, func() error {
		if !slices.Contains(r.read().GetFinalizers(), v1alpha1.Finalizer) {
			return fmt.Errorf("the finalizer is not back")
		}
		return nil
	})
}

// strip removes what the operator keeps in the metadata, as kubectl replace does.
func (r *resource) strip() {
	r.w.t.Helper()
	r.patch(map[string]any{"metadata": map[string]any{
		"finalizers": nil, "annotations": map[string]any{v1alpha1.CreateIntentAnnotation: nil},
	}})
}

// A finalizer that somebody removes from a managed object is put back, and nothing else is done. Its deletion then deletes
// the object.
func TestRemovedFinalizerIsPutBack(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.minimal("Guarded"))
		r.waitReady()
		w.sim.Reset()
		r.strip()
		r.waitGuarded()
		if requests := w.sim.Stats().Requests; requests != 0 {
			t.Errorf("%d requests to put the finalizer back", requests)
		}

		r.change(patchOf("suspend", true))
		r.waitReason(soon, v1alpha1.ReasonSuspended)
		r.strip()
		r.waitGuarded()
		r.change(patchOf("suspend", false))
		r.waitReady()
		r.delete()
		r.waitGone()
		w.wantNone("Guarded")
	})
}

// The manager was not there when the finalizer was removed.
func TestFinalizerRemovedMeanwhileIsPutBack(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		running := w.runManager(managerOptions{})
		w.waitConnected()
		r := w.create(k.minimal("Guarded"))
		r.waitReady()
		if err := running.stop(); err != nil {
			t.Fatal(err)
		}
		r.strip()
		w.runManager(managerOptions{})
		r.waitGuarded()
	})
}
