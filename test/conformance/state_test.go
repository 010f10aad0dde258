package conformance_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kstatus "sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"wxcc.dev/operator/api/v1alpha1"
)

// checkState holds a resource to what must be true of it at any time.
func (r *resource) checkState() {
	r.w.t.Helper()
	object := r.empty()
	if err := cluster.client.Get(r.w.t.Context(), keyOf(object), object); err != nil {
		return // gone meanwhile
	}
	status := statusOf(object)
	problems := append(statusProblems(object.GetGeneration(), status.ObservedGeneration, status.Conditions), foreignWrites(object)...)
	if meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionSynced) == nil {
		problems = append(problems, "no condition Synced")
	}
	for _, problem := range problems {
		r.w.t.Errorf("%s %s: %s: %s", r.kind.resource, r.name, problem, describe(status))
	}
}

// summary are the conditions that speak of the object as a whole. Others keep the generation that they were found at.
var summary = map[string]bool{
	v1alpha1.ConditionReady: true, v1alpha1.ConditionSynced: true, v1alpha1.ConditionReconciling: true, v1alpha1.ConditionStalled: true,
}

// statusProblems lists where the conditions contradict each other in the eyes of kstatus, kubectl wait or Argo CD.
// Conditions of an older generation are judged when they catch up.
func statusProblems(generation, observed int64, conditions []metav1.Condition) []string {
	if observed < generation {
		return nil
	}
	var problems []string
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, condition := range conditions {
		if summary[condition.Type] && condition.ObservedGeneration != observed {
			complain("condition %s speaks of generation %d, status of %d", condition.Type, condition.ObservedGeneration, observed)
		}
		if !slices.ContainsFunc(v1alpha1.Reasons, func(doc v1alpha1.ReasonDoc) bool { return string(doc.Reason) == condition.Reason }) {
			complain("condition %s has the undocumented reason %s", condition.Type, condition.Reason)
		}
	}
	reconciling := meta.FindStatusCondition(conditions, v1alpha1.ConditionReconciling)
	stalled := meta.FindStatusCondition(conditions, v1alpha1.ConditionStalled)
	for _, condition := range []*metav1.Condition{reconciling, stalled} {
		if condition != nil && condition.Status != metav1.ConditionTrue {
			complain("condition %s is there with status %s: it may only be there while true", condition.Type, condition.Status)
		}
	}
	if reconciling != nil && stalled != nil {
		complain("Reconciling and Stalled at once")
	}
	want := kstatus.CurrentStatus
	switch {
	case stalled != nil:
		want = kstatus.FailedStatus
	case reconciling != nil:
		want = kstatus.InProgressStatus
	}
	if got := kstatusOf(generation, observed, conditions); got != want {
		complain("kstatus takes it for %s, want %s", got, want)
	}
	return problems
}

// kstatusOf is what Flux, Argo CD and kubectl's like take an object for.
func kstatusOf(generation, observed int64, conditions []metav1.Condition) kstatus.Status {
	object := map[string]any{}
	roundTrip(map[string]any{
		"metadata": map[string]any{"name": "any", "namespace": "any", "generation": generation},
		"status":   map[string]any{"observedGeneration": observed, "conditions": conditions},
	}, &object)
	// JSON has no integers, the library expects them.
	metadata, _ := object["metadata"].(map[string]any)
	status, _ := object["status"].(map[string]any)
	metadata["generation"], status["observedGeneration"] = generation, observed
	result, err := kstatus.Compute(&unstructured.Unstructured{Object: object})
	if err != nil {
		return kstatus.UnknownStatus
	}
	return result.Status
}

// foreignWrites lists what the operator wrote and must not: GitOps tools would see a difference.
func foreignWrites(object *unstructured.Unstructured) []string {
	var problems []string
	for _, entry := range object.GetManagedFields() {
		if entry.Manager != operatorAgent || entry.Subresource == "status" {
			continue
		}
		var fields map[string]any
		if err := json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields); err != nil {
			problems = append(problems, "managedFields: "+err.Error())
			continue
		}
		metadata, _ := fields["f:metadata"].(map[string]any)
		for name := range fields {
			if name != "f:metadata" {
				problems = append(problems, "the operator wrote "+name)
			}
		}
		for name := range metadata {
			if name != "f:finalizers" && name != "f:annotations" {
				problems = append(problems, "the operator wrote metadata "+name)
			}
		}
		annotations, _ := metadata["f:annotations"].(map[string]any)
		for name := range annotations {
			if name != "." && name != "f:"+v1alpha1.CreateIntentAnnotation {
				problems = append(problems, "the operator wrote the annotation "+name)
			}
		}
	}
	return problems
}

func describeConditions(conditions []metav1.Condition) string {
	var parts []string
	for _, condition := range conditions {
		parts = append(parts, fmt.Sprintf("%s=%s (%s: %s)", condition.Type, condition.Status, condition.Reason, condition.Message))
	}
	return strings.Join(parts, ", ")
}
