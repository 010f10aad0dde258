package controllers

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
)

// maxNamed is how many dependents a condition names.
const maxNamed = 10

// setFinalizer keeps an organization until its objects are gone, or lets it go.
func (v *organizationVisit) setFinalizer(ctx context.Context, want bool) error {
	if controllerutil.ContainsFinalizer(v.organization, v1alpha1.Finalizer) == want {
		return nil
	}
	target := v.before.DeepCopy()
	if want {
		controllerutil.AddFinalizer(target, v1alpha1.Finalizer)
	} else {
		controllerutil.RemoveFinalizer(target, v1alpha1.Finalizer)
	}
	// The lock keeps a finalizer that somebody else has just added.
	patch := client.MergeFromWithOptions(v.before, client.MergeFromWithOptimisticLock{})
	if err := v.r.Client.Patch(ctx, target, patch); err != nil {
		return fmt.Errorf("write finalizer of WebexOrganization %s: %w", v.key, err)
	}
	for _, copied := range []*v1alpha1.WebexOrganization{v.organization, v.before} {
		copied.SetFinalizers(target.GetFinalizers())
		copied.SetResourceVersion(target.GetResourceVersion())
	}
	v.session.written = target.GetResourceVersion()
	return nil
}

// remove lets an organization go when nothing refers to it any more; until then it says who does. Nothing of its own is
// deleted remotely: the connection is all it was.
func (v *organizationVisit) remove(ctx context.Context) (ctrl.Result, error) {
	dependents, err := v.dependents(ctx)
	if err != nil {
		return ctrl.Result{}, err
	}
	if len(dependents) == 0 {
		v.r.forget(ctx, v.key)
		return ctrl.Result{}, client.IgnoreNotFound(v.setFinalizer(ctx, false))
	}
	v.holdSecrets(ctx)
	v.tend(ctx)
	message := "is deleted when nothing refers to it any more; now: " + nameDependents(dependents) + "; delete them" + v.replacement(ctx)
	if v.organization.Spec.Suspend {
		message += "; spec.suspend is true, so nothing of theirs is deleted in Webex or the gateway"
	}
	was := v.was(v1alpha1.ConditionReady)
	v.set(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonHasDependents, message)
	v.set(v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonHasDependents, message)
	v.unset(v1alpha1.ConditionStalled)
	v.organization.Status.ObservedGeneration = v.organization.Generation
	if was == nil || was.Reason != string(v1alpha1.ReasonHasDependents) {
		v.event(corev1.EventTypeWarning, string(v1alpha1.ReasonHasDependents), "Delete", message)
	}
	v.dueAt(v.now.Add(secretRetry)) // the cache may be behind its own events
	return v.result(), nil
}

// replacement names the resource that takes the place of this one, to which its objects can be moved.
func (v *organizationVisit) replacement(ctx context.Context) string {
	for _, request := range v.r.namesakes(ctx, v.organization) {
		if request.Namespace == v.key.Namespace {
			return fmt.Sprintf(", or set their spec.organizationRef.name to %q, which stands for the same organization", request.Name)
		}
	}
	return ", or set their spec.organizationRef to a WebexOrganization with the same organizationID"
}

// dependent is an object that refers to an organization.
type dependent struct{ kind, name string }

// dependents asks the caches who refers to the organization. What is in another namespace and was never let in holds
// nothing back: it has no finalizer.
func (v *organizationVisit) dependents(ctx context.Context) ([]dependent, error) {
	var found []dependent
	for _, kind := range v.r.Kinds {
		list := kind.List()
		if err := v.r.Client.List(ctx, list, client.MatchingFields{engine.IndexOrganization: v.key.String()}); err != nil {
			return nil, fmt.Errorf("list the %s objects of WebexOrganization %s: %w", kind.Name, v.key, err)
		}
		err := meta.EachListItem(list, func(object runtime.Object) error {
			accessor, err := meta.Accessor(object)
			if err != nil {
				return fmt.Errorf("list of %s: %w", kind.Name, err)
			}
			name := accessor.GetName()
			if accessor.GetNamespace() != v.key.Namespace {
				if len(accessor.GetFinalizers()) == 0 {
					return nil
				}
				name = accessor.GetNamespace() + "/" + name
			}
			found = append(found, dependent{kind.Name, name})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// nameDependents counts the dependents by kind and names the first of them.
func nameDependents(dependents []dependent) string {
	var kinds, names []string
	counts := map[string]int{}
	for _, one := range dependents {
		if counts[one.kind] == 0 {
			kinds = append(kinds, one.kind)
		}
		counts[one.kind]++
		if len(names) < maxNamed {
			names = append(names, one.kind+" "+one.name)
		}
	}
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%d %s", counts[kind], kind)
	}
	text := fmt.Sprintf("%s (%s", strings.Join(kinds, ", "), strings.Join(names, ", "))
	if len(dependents) > maxNamed {
		text += ", ..."
	}
	return text + ")"
}

// deleteLimit is what the spec allows, or the default; nil holds nothing back.
func (v *organizationVisit) deleteLimit() *engine.Limit {
	wish, status := v.organization.Spec.MaxDeletesPerHour, &v.organization.Status
	switch {
	case wish == nil:
		return engine.DefaultLimit(status.Objects.Total, max(v.r.Brakes.Deleted(v.key), deletedOf(status)))
	case *wish == 0:
		return nil
	}
	return &engine.Limit{Most: *wish}
}

// deletedOf is how many deletes the status tells of, which a former process may have made.
func deletedOf(status *v1alpha1.WebexOrganizationStatus) int32 {
	if status.Deletes == nil {
		return 0
	}
	return status.Deletes.Deleted
}

// showBrake says that deletes are held back, and how to let them go on.
func (v *organizationVisit) showBrake() {
	deletes := v.organization.Status.Deletes
	if deletes == nil || !deletes.Held {
		v.unset(v1alpha1.ConditionDeletesHeld)
		return
	}
	allows, raise := "spec.maxDeletesPerHour", "raise the number"
	if deletes.Default {
		allows, raise = "the default of "+allows, "set the number"
	}
	message := fmt.Sprintf("%d remote objects were deleted within an hour, %s allows no more: if further deletes are meant, "+
		"set the annotation %s to a new value, or %s (0 holds none back)", deletes.Deleted, allows, v1alpha1.DeletesConfirmedAnnotation, raise)
	v.set(v1alpha1.ConditionDeletesHeld, metav1.ConditionTrue, v1alpha1.ReasonDeletesHeld, message)
	if !meta.IsStatusConditionTrue(v.before.Status.Conditions, v1alpha1.ConditionDeletesHeld) {
		v.event(corev1.EventTypeWarning, string(v1alpha1.ReasonDeletesHeld), "Delete", message)
	}
}
