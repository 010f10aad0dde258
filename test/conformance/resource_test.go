package conformance_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// spec is the spec of a custom resource, as a user writes it.
type spec map[string]any

// with returns a copy with a value at a dotted path.
func (s spec) with(path string, value any) spec {
	copied := spec{}
	roundTrip(s, &copied)
	record(copied).put(path, value)
	return copied
}

func roundTrip(from, into any) {
	encoded, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(encoded, into)
	}
	if err != nil {
		panic(fmt.Sprintf("test data that is no JSON: %v", err))
	}
}

// patchOf is the merge patch that sets one value.
func patchOf(path string, value any) spec { return spec{}.with(path, value) }

// resource is a custom resource under test.
type resource struct {
	w    *world
	kind *kind
	name string
	// generation after the last change by the test.
	generation int64
	// seen are the versions that writesSeen has come across.
	seen map[string]int
}

// create makes a custom resource with a name of its own.
func (w *world) create(content spec) *resource {
	w.t.Helper()
	w.names++
	return w.createNamed(fmt.Sprintf("r%d", w.names), content)
}

func (w *world) createNamed(name string, content spec) *resource {
	w.t.Helper()
	r := &resource{w: w, kind: w.kind, name: name}
	object := r.empty()
	object.SetLabels(w.labels)
	full := map[string]any{}
	roundTrip(content, &full)
	if _, given := full["organizationRef"]; !given {
		full["organizationRef"] = map[string]any{"name": organization}
	}
	object.Object["spec"] = full
	w.mustCreate(object)
	r.generation = object.GetGeneration()
	return r
}

func (r *resource) empty() *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(r.kind.resource))
	object.SetNamespace(r.w.namespace)
	object.SetName(r.name)
	return object
}

// read returns the resource as it is now.
func (r *resource) read() *unstructured.Unstructured {
	r.w.t.Helper()
	object := r.empty()
	r.w.mustGet(r.name, object)
	return object
}

func statusOf(object *unstructured.Unstructured) v1alpha1.ConfigStatus {
	var status v1alpha1.ConfigStatus
	if content, ok := object.Object["status"]; ok {
		roundTrip(content, &status)
	}
	return status
}

func (r *resource) status() v1alpha1.ConfigStatus {
	r.w.t.Helper()
	return statusOf(r.read())
}

// change merges into the spec; nil removes a field.
func (r *resource) change(partial spec) {
	r.w.t.Helper()
	r.patch(map[string]any{"spec": map[string]any(partial)})
}

func (r *resource) patch(content map[string]any) {
	r.w.t.Helper()
	encoded, err := json.Marshal(content)
	if err != nil {
		r.w.t.Fatal(err)
	}
	object := r.empty()
	if err := cluster.client.Patch(r.w.t.Context(), object, client.RawPatch(types.MergePatchType, encoded)); err != nil {
		r.w.t.Fatalf("patch %s: %v", r.name, err)
	}
	r.generation = object.GetGeneration()
}

// ask sets the annotation that asks for a check now, and returns its value.
func (r *resource) ask() string {
	r.w.t.Helper()
	value := time.Now().Format(time.RFC3339Nano)
	r.patch(map[string]any{"metadata": map[string]any{"annotations": map[string]any{v1alpha1.ReconcileRequestAnnotation: value}}})
	return value
}

// check asks for a check now and waits until it is acknowledged.
func (r *resource) check() {
	r.w.t.Helper()
	value := r.ask()
	r.wait(soon, func(_ *unstructured.Unstructured, status v1alpha1.ConfigStatus) error {
		if status.LastHandledReconcileAt != value {
			return fmt.Errorf("request %s is not acknowledged: lastHandledReconcileAt %q", value, status.LastHandledReconcileAt)
		}
		return nil
	})
}

func (r *resource) delete() {
	r.w.t.Helper()
	if err := cluster.client.Delete(r.w.t.Context(), r.empty()); err != nil {
		r.w.t.Fatalf("delete %s: %v", r.name, err)
	}
}

// wait polls the resource, cheaply, and then checks the state that it has come to.
func (r *resource) wait(limit time.Duration, done func(*unstructured.Unstructured, v1alpha1.ConfigStatus) error) v1alpha1.ConfigStatus {
	r.w.t.Helper()
	var status v1alpha1.ConfigStatus
	eventually(r.w.t, limit, func() error {
		object := r.empty()
		if err := cluster.cache.Get(r.w.t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		status = statusOf(object)
		if object.GetGeneration() < r.generation || status.ObservedGeneration < r.generation {
			return fmt.Errorf("%s %s: generation %d is not observed: %s", r.kind.resource, r.name, r.generation, describe(status))
		}
		if err := done(object, status); err != nil {
			return fmt.Errorf("%s %s: %w: %s", r.kind.resource, r.name, err, describe(status))
		}
		return nil
	})
	r.checkState()
	return status
}

// waitReady waits for Ready=True at the generation that the test wrote last.
func (r *resource) waitReady() v1alpha1.ConfigStatus {
	r.w.t.Helper()
	return r.waitReadyWithin(soon)
}

func (r *resource) waitReadyWithin(limit time.Duration) v1alpha1.ConfigStatus {
	r.w.t.Helper()
	return r.wait(limit, func(_ *unstructured.Unstructured, status v1alpha1.ConfigStatus) error {
		if !meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady) {
			return fmt.Errorf("not Ready")
		}
		return nil
	})
}

// waitReason waits for one of the reasons on Ready and returns the condition's message with the status.
func (r *resource) waitReason(limit time.Duration, reasons ...v1alpha1.Reason) (v1alpha1.ConfigStatus, string) {
	r.w.t.Helper()
	status := r.wait(limit, func(_ *unstructured.Unstructured, status v1alpha1.ConfigStatus) error {
		condition := leading(status)
		if condition == nil || !slices.Contains(reasons, v1alpha1.Reason(condition.Reason)) {
			return fmt.Errorf("want a reason of %v", reasons)
		}
		return nil
	})
	return status, leading(status).Message
}

// leading is the condition that tells most: Ready or, of what is suspended before it was ready, Synced.
func leading(status v1alpha1.ConfigStatus) *metav1.Condition {
	if ready := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady); ready != nil {
		return ready
	}
	return meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionSynced)
}

// waitStalled waits for a reason together with Stalled=True.
func (r *resource) waitStalled(reason v1alpha1.Reason) (v1alpha1.ConfigStatus, string) {
	r.w.t.Helper()
	status, message := r.waitReason(soon, reason)
	if !meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled) {
		r.w.t.Errorf("%s: %s is not Stalled: %s", r.name, reason, describe(status))
	}
	return status, message
}

func (r *resource) waitGone() {
	r.w.t.Helper()
	r.waitGoneWithin(soon)
}

func (r *resource) waitGoneWithin(limit time.Duration) {
	r.w.t.Helper()
	eventually(r.w.t, limit, func() error {
		object := r.empty()
		err := cluster.client.Get(r.w.t.Context(), client.ObjectKeyFromObject(object), object)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("%s is still there (finalizers %v): %s (%w)", r.name, object.GetFinalizers(), describe(statusOf(object)), err)
	})
}

// waitEvent waits for an event on the resource whose note holds all the texts.
func (r *resource) waitEvent(reason string, holds ...string) {
	r.w.t.Helper()
	eventually(r.w.t, soon, func() error {
		var notes []string
		for _, event := range r.events() {
			notes = append(notes, event.Reason+": "+event.Note)
			if event.Reason == reason && !slices.ContainsFunc(holds, func(part string) bool { return !strings.Contains(event.Note, part) }) {
				return nil
			}
		}
		return fmt.Errorf("no event %s with %q on %s; there are:\n  %s", reason, holds, r.name, strings.Join(notes, "\n  "))
	})
}

func (r *resource) events() []eventsv1.Event {
	r.w.t.Helper()
	var list eventsv1.EventList
	if err := cluster.client.List(r.w.t.Context(), &list, client.InNamespace(r.w.namespace)); err != nil {
		r.w.t.Fatal(err)
	}
	return slices.DeleteFunc(list.Items, func(event eventsv1.Event) bool { return event.Regarding.Name != r.name })
}

func describe(status v1alpha1.ConfigStatus) string {
	return fmt.Sprintf("id %q origin %q observed %d drift %v %s", status.ID, status.Origin, status.ObservedGeneration, status.Drift, describeConditions(status.Conditions))
}
