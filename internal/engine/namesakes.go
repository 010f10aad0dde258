package engine

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// watchNamesakes wakes those that another resource of their namespace and meaning concerns, when that one comes, changes
// or goes: who is being deleted may have found an heir or lost it, and who is a duplicate may be the heir.
func (r *Reconciler[T]) watchNamesakes(b *builder.Builder) {
	b.Watches(r.kind.New(), handler.EnqueueRequestsFromMapFunc(r.concerned),
		builder.WithPredicates(predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, deletionPredicate())))
}

func (r *Reconciler[T]) concerned(ctx context.Context, o client.Object) []reconcile.Request {
	obj, ok := o.(T)
	if !ok {
		return nil
	}
	list := r.kind.NewList()
	err := r.env.Client.List(ctx, list, client.InNamespace(obj.GetNamespace()),
		client.MatchingFields{indexMeaning: r.kind.meaning(obj)}, client.UnsafeDisableDeepCopy)
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "list namesakes", "kind", r.kind.Name)
		return nil
	}
	var requests []reconcile.Request
	for _, other := range items[T](list) {
		// The cache may not show yet what a visit has just come to, so all count that manage nothing.
		waits := other.GetDeletionTimestamp() != nil || other.GetConfigStatus().Origin == ""
		if waits && other.GetUID() != obj.GetUID() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(other)})
		}
	}
	return requests
}
