package engine

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"wxcc.dev/operator/api/v1alpha1"
)

// setFinalizer adds or removes the finalizer in a write of its own; the status at hand stays as it is.
func (v *visit[T]) setFinalizer(ctx context.Context, want bool) error {
	if controllerutil.ContainsFinalizer(v.obj, v1alpha1.Finalizer) == want {
		return nil
	}
	return v.patchMetadata(ctx, func(target client.Object) {
		if want {
			controllerutil.AddFinalizer(target, v1alpha1.Finalizer)
		} else {
			controllerutil.RemoveFinalizer(target, v1alpha1.Finalizer)
		}
	})
}

// patchMetadata writes finalizers and annotations, and nothing else.
func (v *visit[T]) patchMetadata(ctx context.Context, change func(client.Object)) error {
	target, ok := v.before.DeepCopyObject().(T)
	if !ok {
		return fmt.Errorf("copy of %s %s has another type", v.r.kind.Name, v.key)
	}
	change(target)
	// The lock keeps a finalizer that somebody else has just added, and an intent of another process.
	patch := client.MergeFromWithOptions(v.before, client.MergeFromWithOptimisticLock{})
	if err := v.r.env.mayWrite(); err != nil {
		return fmt.Errorf("write metadata of %s %s: %w", v.r.kind.Name, v.key, err)
	}
	if err := v.r.env.Client.Patch(ctx, target, patch); err != nil {
		return fmt.Errorf("write metadata of %s %s: %w", v.r.kind.Name, v.key, err)
	}
	v.r.writes.note(target)
	for _, object := range []T{v.obj, v.before} {
		object.SetFinalizers(target.GetFinalizers())
		object.SetAnnotations(target.GetAnnotations())
		object.SetResourceVersion(target.GetResourceVersion())
	}
	return nil
}

// keepFinalizer puts back the finalizer of a managed object, and an intent whose outcome is not known, which somebody has
// removed, by replacing the resource for instance. Without them a deletion would leave the remote object behind.
func (v *visit[T]) keepFinalizer(ctx context.Context) error {
	if v.deleting() {
		return nil
	}
	own, mine := v.ownAttempt()
	_, recorded := v.obj.GetAnnotations()[v1alpha1.CreateIntentAnnotation]
	if mine && own.posted && !recorded && v.status().Origin == "" {
		return v.persist(ctx, own.intent)
	}
	if v.status().Origin == "" {
		return nil
	}
	return v.setFinalizer(ctx, true)
}

// removals lets through that somebody has taken off our finalizer, or an intent whose outcome is not known.
func (r *Reconciler[T]) removals() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		if !e.ObjectNew.GetDeletionTimestamp().IsZero() {
			return false
		}
		own, _ := r.attempts.load(client.ObjectKeyFromObject(e.ObjectNew))
		_, had := e.ObjectOld.GetAnnotations()[v1alpha1.CreateIntentAnnotation]
		_, has := e.ObjectNew.GetAnnotations()[v1alpha1.CreateIntentAnnotation]
		return own.posted && had && !has || controllerutil.ContainsFinalizer(e.ObjectOld, v1alpha1.Finalizer) &&
			!controllerutil.ContainsFinalizer(e.ObjectNew, v1alpha1.Finalizer)
	}}
}

func annotate(object client.Object, key, value string) {
	annotations := object.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[key] = value
	object.SetAnnotations(annotations)
}
