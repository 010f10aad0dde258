package conformance_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

func (w *world) readOrganization() *v1alpha1.WebexOrganization {
	w.t.Helper()
	var object v1alpha1.WebexOrganization
	w.mustGet(organization, &object)
	return &object
}

func (w *world) waitOrganizationGone() {
	w.t.Helper()
	eventually(w.t, soon, func() error {
		var object v1alpha1.WebexOrganization
		err := cluster.client.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: organization}, &object)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("the organization is still there: %s (%w)", describeConditions(object.Status.Conditions), err)
	})
}

// An organization goes after its objects, which need its connection, and leaves nothing running.
//
// Proves: S1.33, S1.34, PR43, PR44
func TestOrganizationWaitsForItsObjects(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, swept)
		gone, kept := w.create(k.minimal("Gone")), w.create(k.minimal("Kept").with("deletionPolicy", "Retain"))
		gone.waitReady()
		kept.waitReady()
		w.deleteOrganization()
		message := w.waitOrganization(soon, v1alpha1.ReasonHasDependents)
		for _, part := range []string{"2 " + k.resource, gone.name, kept.name} {
			if !strings.Contains(message, part) {
				t.Errorf("the message does not hold %q: %s", part, message)
			}
		}
		kept.change(patchOf("suspend", true))
		kept.change(patchOf("suspend", false))
		if _, message := kept.waitReason(soon, v1alpha1.ReasonOrganizationNotReady); !strings.Contains(message, "being deleted") {
			t.Errorf("the object does not say that its organization goes: %s", message)
		}
		late := w.create(k.minimal("Late"))
		late.waitReason(soon, v1alpha1.ReasonOrganizationNotReady)
		late.delete()
		kept.delete()
		kept.waitGone()
		gone.delete()
		gone.waitGone()
		w.waitOrganizationGone()
		w.onlyRemote("Kept")
		for _, name := range []string{"Gone", "Late"} {
			if left := w.remotesNamed(name); len(left) != 0 {
				t.Errorf("%q is left", name)
			}
		}
		w.sim.Reset()
		throughout(t, 2*time.Second, func() error {
			if requests := w.sim.Stats().Requests; requests != 0 {
				return fmt.Errorf("%d requests for an organization that is gone", requests)
			}
			return nil
		})
	})
}

// A namespace is deleted in no order: the Secret may go first.
//
// Proves: S1.34
func TestEverythingDeletedAtOnce(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.minimal("Gone"))
		r.waitReady()
		w.deleteOrganization()
		for _, name := range []string{credentialsSecret, gatewaySecret} {
			if err := cluster.client.Delete(t.Context(), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}}); err != nil {
				t.Fatal(err)
			}
		}
		w.waitOrganization(soon, v1alpha1.ReasonHasDependents)
		r.delete()
		r.waitGone()
		w.waitOrganizationGone()
		if left := w.remotesNamed("Gone"); len(left) != 0 {
			t.Error("the remote object is left")
		}
	})
}

// A mistake in a Git repository deletes no more than the organization allows, until somebody says that it is meant.
func TestDeletesAreHeldUntilSomebodyConfirms(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		const allowed, all = 2, 5
		w := newWorld(t, k)
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.MaxDeletesPerHour = new(int32(allowed)) })
		var leaving []*resource
		for i := range all {
			leaving = append(leaving, w.create(k.minimal(fmt.Sprintf("Leaving %d", i))))
		}
		for _, r := range leaving {
			r.waitReady()
		}
		for _, r := range leaving {
			r.delete()
		}
		held := w.waitHeld(leaving, all-allowed)
		if left := w.remotesLeft("Leaving", all); left != all-allowed {
			t.Errorf("%d remote objects are left, want %d", left, all-allowed)
		}
		eventually(t, soon, func() error {
			status := w.readOrganization().Status
			condition := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionDeletesHeld)
			if condition == nil || !strings.Contains(condition.Message, v1alpha1.DeletesConfirmedAnnotation) || status.Deletes == nil || status.Deletes.Deleted != allowed {
				return fmt.Errorf("the organization does not say so: %+v", status.Deletes)
			}
			return nil
		})
		w.confirmDeletes()
		w.waitHeld(held, all-2*allowed)
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.MaxDeletesPerHour = new(int32(0)) })
		for _, r := range leaving {
			r.waitGone()
		}
		if left := w.remotesLeft("Leaving", all); left != 0 {
			t.Errorf("%d remote objects are left", left)
		}
		eventually(t, soon, func() error {
			if status := w.readOrganization().Status; status.Deletes != nil || meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionDeletesHeld) != nil {
				return errors.New("the brake still shows")
			}
			return nil
		})
	})
}

// Where nobody has chosen a number, what deletes many objects at once stops after 25, or a tenth of all.
func TestDeletesAreHeldByDefault(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		const allowed, all = 25, 30
		w := newWorld(t, k)
		var leaving []*resource
		for i := range all {
			leaving = append(leaving, w.create(k.minimal(fmt.Sprintf("Leaving %d", i))))
		}
		for _, r := range leaving {
			r.waitReady()
		}
		for _, r := range leaving {
			r.delete()
		}
		held := w.waitHeld(leaving, all-allowed)
		w.deleteOrganization() // as kubectl delete crd does, or a folder that holds it too
		throughout(t, time.Second, func() error {
			if left := w.remotesLeft("Leaving", all); left != all-allowed {
				return fmt.Errorf("%d remote objects are left, want %d", left, all-allowed)
			}
			return nil
		})
		w.confirmDeletes()
		for _, r := range held {
			r.waitGone()
		}
		w.waitOrganizationGone()
	})
}

// waitHeld waits until so many of the resources are held and the others are gone, and returns those held.
func (w *world) waitHeld(all []*resource, want int) []*resource {
	w.t.Helper()
	var held []*resource
	eventually(w.t, soon, func() error {
		held = nil
		for _, r := range all {
			object := r.empty()
			err := cluster.client.Get(w.t.Context(), client.ObjectKeyFromObject(object), object)
			switch {
			case apierrors.IsNotFound(err):
				continue
			case err != nil:
				return err
			}
			condition := meta.FindStatusCondition(statusOf(object).Conditions, v1alpha1.ConditionReady)
			if condition == nil || condition.Reason != string(v1alpha1.ReasonDeletesHeld) {
				return fmt.Errorf("%s is there and not held: %s", r.name, describe(statusOf(object)))
			}
			held = append(held, r)
		}
		if len(held) != want {
			return fmt.Errorf("%d are held, want %d", len(held), want)
		}
		return nil
	})
	return held
}

func (w *world) remotesLeft(prefix string, all int) int {
	left := 0
	for i := range all {
		left += len(w.remotesNamed(fmt.Sprintf("%s %d", prefix, i)))
	}
	return left
}

func (w *world) confirmDeletes() {
	w.t.Helper()
	object := w.readOrganization()
	before := object.DeepCopy()
	object.Annotations = map[string]string{v1alpha1.DeletesConfirmedAnnotation: time.Now().Format(time.RFC3339Nano)}
	if err := cluster.client.Patch(w.t.Context(), object, client.MergeFrom(before)); err != nil {
		w.t.Fatal(err)
	}
}

// The counts follow by themselves, and not with a write for each object.
//
// Proves: S1.35, PR47
func TestOrganizationCountsItsObjects(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		for i := range 3 {
			w.create(k.minimal(fmt.Sprintf("Counted %d", i))).waitReady()
		}
		w.create(k.minimal("Waiting").with("organizationRef", map[string]any{"name": "nobody"}))
		w.waitCounts(3, 3)
		budget := w.readOrganization().Status.RequestBudget
		if budget == nil || budget.RequestsPerMinute != 3000 || budget.Organizations != 1 {
			t.Errorf("status.requestBudget = %+v, want 3000 requests for one organization", budget)
		}
		version := w.readOrganization().ResourceVersion
		throughout(t, time.Second, func() error {
			if now := w.readOrganization(); now.ResourceVersion != version {
				return fmt.Errorf("the organization is written although nothing changes: %+v", now.Status)
			}
			return nil
		})
	})
}

func (w *world) waitCounts(total, ready int32) {
	w.t.Helper()
	eventually(w.t, soon, func() error {
		if have := w.readOrganization().Status.Objects; have.Total != total || have.Ready != ready {
			return fmt.Errorf("status.objects = %+v, want %d, %d ready", have, total, ready)
		}
		return nil
	})
}
