package conformance_test

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// replaceOrganization takes the WebexOrganization away, past its finalizer, and makes another one of its name.
func (w *world) replaceOrganization(edits ...func(*v1alpha1.WebexOrganization)) {
	w.t.Helper()
	var old v1alpha1.WebexOrganization
	w.mustGet(organization, &old)
	if err := cluster.client.Delete(w.t.Context(), &old); err != nil {
		w.t.Fatal(err)
	}
	unguarded := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	if err := cluster.client.Patch(w.t.Context(), &old, unguarded); err != nil && !apierrors.IsNotFound(err) {
		w.t.Fatal(err)
	}
	w.mustCreate(w.newOrganization(edits...))
}

// elsewhere makes the organization stand for another tenant.
func (w *world) elsewhere() func(*v1alpha1.WebexOrganization) {
	w.t.Helper()
	id := w.addOrganization("elsewhere")
	return func(o *v1alpha1.WebexOrganization) {
		o.Spec.OrganizationID = id
		o.Spec.CredentialsSecretRef.Name = "elsewhere"
	}
}

// A WebexOrganization is made again under its name, and stands for another organization now: the object stays where it is,
// none is made in the other one, and the resource says what to do. With the old organization back all is as before.
func TestOrganizationOfTheSameNameIsAnotherTenant(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		running := w.runManager(managerOptions{})
		w.waitConnected()
		r := w.create(k.full("Settled"))
		before := r.waitReady()
		if before.OrganizationID != w.organizationID {
			t.Errorf("status.organizationID is %q, want %q", before.OrganizationID, w.organizationID)
		}
		if err := running.stop(); err != nil {
			t.Fatal(err)
		}
		w.replaceOrganization(w.elsewhere())
		w.sim.Reset()
		running = w.runManager(managerOptions{})
		w.waitConnected()
		_, message := r.waitStalled(v1alpha1.ReasonOrganizationChanged)
		if !strings.Contains(message, w.organizationID) || !strings.Contains(message, "Retain") {
			t.Errorf("the message names neither the organization nor a way out: %s", message)
		}
		r.change(patchOf(k.fields[0].spec, k.fields[0].to))
		r.waitStalled(v1alpha1.ReasonOrganizationChanged)
		w.wantNoWrites()
		if err := running.stop(); err != nil {
			t.Fatal(err)
		}

		w.replaceOrganization()
		w.runManager(managerOptions{})
		w.waitConnected()
		if status := r.waitReadyWithin(later); status.ID != before.ID || status.OrganizationID != w.organizationID {
			t.Errorf("id %q in %q, was %q in %q", status.ID, status.OrganizationID, before.ID, w.organizationID)
		}
		w.wantRemote(before.ID, map[string]any{k.fields[0].wirePath(): k.fields[0].inWire(w, k.fields[0].to)})
	})
}

// No delete goes to another tenant than the object's. deletionPolicy Retain lets the resource go.
func TestDeletionInAnotherTenantDeletesNothing(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		running := w.runManager(managerOptions{})
		w.waitConnected()
		r := w.create(k.minimal("Left behind"))
		r.waitReady()
		if err := running.stop(); err != nil {
			t.Fatal(err)
		}
		w.replaceOrganization(w.elsewhere())
		w.sim.Reset()
		w.runManager(managerOptions{})
		w.waitConnected()
		r.waitStalled(v1alpha1.ReasonOrganizationChanged)
		r.delete()
		_, message := r.waitReason(soon, v1alpha1.ReasonOrganizationChanged)
		if !strings.Contains(message, "Retain") {
			t.Errorf("the message names no way out: %s", message)
		}
		w.wantNoWrites()
		r.change(patchOf("deletionPolicy", "Retain"))
		r.waitGone()
		w.wantNoWrites()
		w.onlyRemote("Left behind")
	})
}
