package conformance_test

import (
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"wxcc.dev/operator/api/v1alpha1"
)

// Proves: S0.2, S0.18, S3.1, S3.2, S3.3, S3.7
func TestCreateBringsEveryOwnedField(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Front desk 1"))
		status := r.waitReady()

		one := w.onlyRemote("Front desk 1")
		if status.ID == "" || status.ID != w.remoteID(one) {
			t.Errorf("status.id is %q, the remote object's %q", status.ID, w.remoteID(one))
		}
		if status.Origin != v1alpha1.OriginCreated {
			t.Errorf("origin is %q, want Created", status.Origin)
		}
		w.wantRemote(status.ID, k.wantFull(w))
		if finalizers := r.read().GetFinalizers(); len(finalizers) != 1 || finalizers[0] != v1alpha1.Finalizer {
			t.Errorf("finalizers are %v", finalizers)
		}
		wantChange(t, status, "Create")
		r.waitEvent("Created", status.ID, trackingOf(k, status))
	})
}

// trackingOf is the tracking id of the last change, which the gateway of call centers does not give.
func trackingOf(k *kind, status v1alpha1.ConfigStatus) string {
	if k.entity == "" || status.LastChange == nil {
		return ""
	}
	return status.LastChange.TrackingID
}

// wantChange compares the record of the last change.
func wantChange(t *testing.T, status v1alpha1.ConfigStatus, operation string) {
	t.Helper()
	switch change := status.LastChange; {
	case change == nil:
		t.Error("no lastChange")
	case change.Operation != operation:
		t.Errorf("lastChange is %s, want %s", change.Operation, operation)
	case change.Time.IsZero():
		t.Error("lastChange has no time")
	}
}

// Proves: S0.25
func TestContactCenterChangesCarryTheTrackingID(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.entity == "" {
			t.Skip("the gateway of call centers has no tracking ids")
		}
		w := newWorld(t, k)
		r := w.create(k.full("Tracked"))
		status := r.waitReady()
		if status.LastChange == nil || status.LastChange.TrackingID == "" {
			t.Fatalf("no tracking id of the create: %+v", status.LastChange)
		}
		r.change(patchOf(k.fields[0].spec, k.fields[0].to))
		if again := r.waitReady(); again.LastChange.TrackingID == "" || again.LastChange.TrackingID == status.LastChange.TrackingID {
			t.Errorf("tracking id of the update is %q after %q", again.LastChange.TrackingID, status.LastChange.TrackingID)
		}
	})
}

func TestNothingChangesWithoutADifference(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Quiet"))
		r.waitReady()
		r.check() // facts that are read on request only are known from now on
		w.sim.Reset()
		before := r.read()

		r.change(spec(before.Object["spec"].(map[string]any))) //nolint:forcetypeassert // it has one
		if after := r.read(); after.GetResourceVersion() != before.GetResourceVersion() {
			t.Errorf("applying the same spec again led to a write")
		}
		value := r.ask()
		asked := r.read()
		versions := r.versionsUntil(func(status v1alpha1.ConfigStatus) bool { return status.LastHandledReconcileAt == value }, asked)
		if versions > 1 {
			t.Errorf("%d writes acknowledge one request, want 1", versions)
		}
		after := r.read()
		wantSameBut(t, asked, after, "lastHandledReconcileAt")
		w.wantNoWrites()
		r.checkState()
	})
}

// versionsUntil counts the writes to the resource since it was read, until its status is as wanted.
func (r *resource) versionsUntil(done func(v1alpha1.ConfigStatus) bool, since *unstructured.Unstructured) int {
	r.w.t.Helper()
	seen := map[string]bool{}
	eventually(r.w.t, soon, func() error {
		now := r.read()
		if now.GetResourceVersion() != since.GetResourceVersion() {
			seen[now.GetResourceVersion()] = true
		}
		if !done(statusOf(now)) {
			return fmt.Errorf("not yet: %s", describe(statusOf(now)))
		}
		return nil
	})
	return len(seen)
}

// wantSameBut compares two states of a resource but for one field of status and what every write changes.
func wantSameBut(t *testing.T, before, after *unstructured.Unstructured, statusField string) {
	t.Helper()
	for _, object := range []*unstructured.Unstructured{before, after} {
		object.SetResourceVersion("")
		object.SetManagedFields(nil)
		unstructured.RemoveNestedField(object.Object, "status", statusField)
	}
	if text(before.Object) != text(after.Object) {
		t.Errorf("more than status.%s changed:\n%s\n%s", statusField, text(before.Object), text(after.Object))
	}
}

func TestObjectsCreatedTogetherShareRequests(t *testing.T) {
	forEachKindAlone(t, func(t *testing.T, k *kind) {
		const count = 40
		k.simulator.Latency = 100 * time.Millisecond // as far away as the real service
		w := emptyWorld(t, k)
		var all []*resource
		for i := range count {
			all = append(all, w.create(k.minimal(fmt.Sprintf("Together %d", i))))
		}
		for _, r := range all {
			r.waitReason(soon, v1alpha1.ReasonWaitingForOrganization)
		}
		w.createOrganization() // now all of them wake at once
		for _, r := range all {
			r.waitReadyWithin(later)
		}
		for i := range count {
			w.onlyRemote(fmt.Sprintf("Together %d", i))
		}
		lists := 0
		for _, request := range w.requestsOf("GET") {
			if isList(k, request.Path) {
				lists++
			}
		}
		if lists > count*2/3 {
			t.Errorf("%d listings for %d objects", lists, count)
		}
		if writes := len(w.requestsOf("POST")); k.bulk && writes > count/3 {
			t.Errorf("%d creating requests for %d objects: they did not go by bulk", writes, count)
		}
		if writes := len(w.requestsOf("POST", "PUT", "PATCH", "DELETE")); writes > 2*count {
			t.Errorf("%d writes for %d objects\n%s", writes, count, w.writeLog())
		}
	})
}
