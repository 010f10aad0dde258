package conformance_test

import (
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// forEachReference runs a behaviour for every reference of every kind.
func forEachReference(t *testing.T, behaviour func(t *testing.T, w *world, reference reference)) {
	t.Helper()
	forEachKind(t, func(t *testing.T, k *kind) {
		if len(k.references) == 0 {
			t.Skip("the kind refers to nothing")
		}
		for _, reference := range k.references {
			t.Run(reference.spec, func(t *testing.T) {
				t.Parallel()
				behaviour(t, newWorld(t, k), reference)
			})
		}
	})
}

// Proves: S0.9
func TestMissingResourceIsWaitedFor(t *testing.T) {
	forEachReference(t, func(t *testing.T, w *world, reference reference) {
		r := w.create(w.kind.minimal("Waiting").with(reference.spec, map[string]any{"name": "target"}))
		_, message := r.waitReason(soon, v1alpha1.ReasonReferenceNotFound)
		if !strings.Contains(message, "target") {
			t.Errorf("the message does not name what is missing: %s", message)
		}
		w.wantNoWrites()
		target := reference.target(w, "target")
		r.waitReady()
		target.waitReady()
		w.onlyRemote("Waiting")
	})
}

// Proves: S0.9
func TestMissingRemoteNameIsWaitedFor(t *testing.T) {
	forEachReference(t, func(t *testing.T, w *world, reference reference) {
		r := w.create(w.kind.minimal("Waiting").with(reference.spec, map[string]any{"remoteName": "Not there yet"}))
		_, message := r.waitReason(soon, v1alpha1.ReasonReferenceNotFound)
		if !strings.Contains(message, "Not there yet") {
			t.Errorf("the message does not name what is missing: %s", message)
		}
		w.wantNoWrites()
		reference.remote(w, "Not there yet")
		r.check()
		r.waitReady()
	})
}

func TestSweepFindsAMissingRemoteName(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if len(k.references) == 0 {
			t.Skip("the kind refers to nothing")
		}
		w := newWorld(t, k, swept)
		reference := k.references[0]
		r := w.create(k.minimal("Waiting").with(reference.spec, map[string]any{"remoteName": "Not there yet"}))
		r.waitReason(soon, v1alpha1.ReasonReferenceNotFound)
		reference.remote(w, "Not there yet")
		r.waitReadyWithin(later)
	})
}

// Proves: S0.9
func TestMisfitIsReported(t *testing.T) {
	forEachReference(t, func(_ *testing.T, w *world, reference reference) {
		r := w.create(w.kind.minimal("Misfit").with(reference.spec, map[string]any{"remoteName": reference.misfit}))
		r.waitStalled(v1alpha1.ReasonReferenceMismatch)
		w.wantNoWrites()
		r.change(patchOf(reference.spec, map[string]any{"remoteName": nil, "name": "target"}))
		reference.target(w, "target")
		r.waitReady()
	})
}

func TestReferenceToAnotherOrganizationIsRefused(t *testing.T) {
	forEachReference(t, func(_ *testing.T, w *world, reference reference) {
		target := reference.target(w, "target")
		target.waitReady()
		content := w.kind.minimal("Stranger").with(reference.spec, map[string]any{"name": "target"}).
			with("organizationRef", map[string]any{"name": "elsewhere"})
		elsewhere := w.newOrganization(func(o *v1alpha1.WebexOrganization) {
			o.Name = "elsewhere"
			o.Spec.OrganizationID = w.addOrganization("elsewhere")
			o.Spec.CredentialsSecretRef.Name = "elsewhere"
		})
		w.mustCreate(elsewhere)
		r := w.create(content)
		r.waitReason(soon, v1alpha1.ReasonReferenceNotAllowed)
	})
}
