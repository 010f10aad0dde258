package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"wxcc.dev/operator/api/v1alpha1"
)

var errRefused = errors.New("status write refused by the test")

// refusal makes the operator's status writes fail from the moment that they would tell a remote id.
type refusal struct{ armed, refused atomic.Int32 }

func (f *refusal) funcs() interceptor.Funcs {
	return interceptor.Funcs{
		SubResourcePatch: func(ctx context.Context, c client.Client, subResource string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			if one, ok := object.(v1alpha1.Object); ok && f.armed.Load() > 0 && one.GetConfigStatus().ID != "" {
				f.refused.Add(1)
				return errRefused
			}
			return c.SubResource(subResource).Patch(ctx, object, patch, options...)
		},
	}
}

func (f *refusal) waitUsed(w *world) {
	w.t.Helper()
	eventually(w.t, soon, func() error {
		if f.refused.Load() == 0 {
			return fmt.Errorf("no status write with an id yet")
		}
		return nil
	})
}

func TestStatusWriteRefusedAfterCreate(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		var f refusal
		f.armed.Store(1)
		w.runManager(managerOptions{intercept: f.funcs()})
		w.waitConnected()
		r := w.create(k.full("Untold"))
		f.waitUsed(w)
		f.armed.Store(0)
		status := r.waitReadyWithin(later)
		if one := w.onlyRemote("Untold"); status.ID != w.remoteID(one) || status.Origin != v1alpha1.OriginCreated {
			t.Errorf("status has id %q origin %q, the object id %q", status.ID, status.Origin, w.remoteID(one))
		}
	})
}

func TestProcessEndsBetweenCreateAndStatusWrite(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		var f refusal
		f.armed.Store(1)
		first := w.runManager(managerOptions{intercept: f.funcs()})
		w.waitConnected()
		r := w.create(k.full("Untold"))
		f.waitUsed(w)
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		if status := r.status(); status.ID != "" {
			t.Fatalf("the status knows the id already: %s", describe(status))
		}
		w.onlyRemote("Untold")
		w.runManager(managerOptions{})
		status := r.waitReadyWithin(later)
		if one := w.onlyRemote("Untold"); status.ID != w.remoteID(one) || status.Origin != v1alpha1.OriginCreated {
			t.Errorf("status has id %q origin %q, the object id %q", status.ID, status.Origin, w.remoteID(one))
		}
	})
}

func TestRestartWithSettledObjectsIsSilent(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		first := w.runManager(managerOptions{})
		w.waitConnected()
		var all []*resource
		for i := range 5 {
			all = append(all, w.create(k.minimal(fmt.Sprintf("Settled %d", i))))
		}
		versions := map[*resource]string{}
		for _, r := range all {
			r.waitReady()
		}
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			versions[r] = r.read().GetResourceVersion()
		}
		w.sim.Reset()
		w.runManager(managerOptions{})
		// A new object shows that the manager is at work.
		w.create(k.minimal("Witness")).waitReady()
		for _, r := range all {
			if now := r.read().GetResourceVersion(); now != versions[r] {
				t.Errorf("%s was written after the restart", r.name)
			}
		}
		if writes := len(w.requestsOf("POST", "PUT", "PATCH", "DELETE")); writes > 2 {
			t.Errorf("%d writes after the restart, want those for the new object\n%s", writes, w.writeLog())
		}
		if reads := len(w.requestsOf("GET")); reads > 5 {
			t.Errorf("%d reads after the restart: the settled objects wait for the sweep", reads)
		}
	})
}
