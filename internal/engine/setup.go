package engine

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// IndexOrganization is the field index by which the objects of an organization are found: its key, namespace/name.
const IndexOrganization = "organization"

// The other field indexes of every kind.
const (
	indexID        = "id"
	indexReference = "reference"
	indexSecret    = "secret"
	indexMeaning   = "meaning"
)

// Errors without a better hint are tried again after a second, then twice as long each time, up to two minutes.
const (
	retryFirst = time.Second
	retryMost  = 2 * time.Minute
)

// SetupWithManager registers the loop, its indexes and its watches.
func (r *Reconciler[T]) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	if err := r.index(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	b := ctrl.NewControllerManagedBy(mgr).
		Named(strings.ToLower(r.kind.Name)).
		For(r.kind.New(), builder.WithPredicates(predicate.Or[client.Object](r.arrivals(), predicate.GenerationChangedPredicate{}, requestedPredicate(), deletionPredicate(), r.removals()))).
		Watches(&v1alpha1.WebexOrganization{}, r.enqueue(IndexOrganization, func(o client.Object) string { return client.ObjectKeyFromObject(o).String() }),
			builder.WithPredicates(organizationPredicate())).
		WatchesRawSource(source.Func(r.queue.open)).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: r.env.concurrency(),
			RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](retryFirst, retryMost),
		})
	r.watchReferences(b)
	r.watchContenders(b)
	r.watchSecrets(b)
	r.watchNamesakes(b)
	r.env.Registry.Subscribe(func(organization types.NamespacedName) { r.wakeAll(ctx, organization) })
	if err := b.Complete(r); err != nil {
		return fmt.Errorf("set up %s: %w", r.kind.Name, err)
	}
	return nil
}

func (r *Reconciler[T]) watchReferences(b *builder.Builder) {
	for _, field := range r.kind.Fields {
		if target, ok := r.env.kinds[field.Reference]; ok {
			kind := field.Reference
			b.Watches(target.newObject(), r.enqueue(indexReference, func(o client.Object) string { return referenceKey(kind, o.GetNamespace(), o.GetName()) }),
				builder.WithPredicates(identityPredicate()))
		}
	}
}

func (r *Reconciler[T]) watchSecrets(b *builder.Builder) {
	for _, field := range r.kind.Fields {
		if field.Secret {
			b.WatchesMetadata(&corev1.Secret{}, r.enqueue(indexSecret, func(o client.Object) string { return client.ObjectKeyFromObject(o).String() }))
			return
		}
	}
}

func (r *Reconciler[T]) newObject() client.Object { return r.kind.New() }

// index makes the cache answer who belongs to, refers to, or manages what.
func (r *Reconciler[T]) index(ctx context.Context, indexer client.FieldIndexer) error {
	extractors := map[string]func(T) []string{
		IndexOrganization: func(obj T) []string { return []string{OrganizationOf(obj).String()} },
		indexID: func(obj T) []string {
			if id := obj.GetConfigStatus().ID; id != "" {
				return []string{id}
			}
			return nil
		},
		indexReference: r.kind.referenceKeys,
		indexSecret:    r.kind.secretKeys,
		indexExclusive: r.kind.exclusiveKeys,
		indexMeaning:   func(obj T) []string { return []string{r.kind.meaning(obj)} },
	}
	for name, extract := range extractors {
		err := indexer.IndexField(ctx, r.kind.New(), name, func(o client.Object) []string {
			obj, ok := o.(T)
			if !ok {
				return nil
			}
			return extract(obj)
		})
		if err != nil {
			return fmt.Errorf("index %s by %s: %w", r.kind.Name, name, err)
		}
	}
	return nil
}

func referenceKey(kind, namespace, name string) string {
	return kind + "/" + namespace + "/" + name
}

func (k *Kind[T]) referenceKeys(obj T) []string {
	return k.specStrings(obj, func(f Field[T]) bool { return f.Reference != "" },
		func(f Field[T], name string) string { return referenceKey(f.Reference, obj.GetNamespace(), name) })
}

func (k *Kind[T]) secretKeys(obj T) []string {
	return k.specStrings(obj, func(f Field[T]) bool { return f.Secret },
		func(_ Field[T], name string) string { return obj.GetNamespace() + "/" + name })
}

// specStrings collects the .name of the fields chosen.
func (k *Kind[T]) specStrings(obj T, choose func(Field[T]) bool, key func(Field[T], string) string) []string {
	var keys []string
	var spec remote.Object
	for _, field := range k.Fields {
		if !choose(field) {
			continue
		}
		if spec == nil {
			var err error
			if spec, err = specOf(obj); err != nil {
				return nil
			}
		}
		if name := spec.Text(field.Spec + ".name"); name != "" {
			keys = append(keys, key(field, name))
		}
	}
	return keys
}

// enqueue maps an object to those that have it in an index.
func (r *Reconciler[T]) enqueue(index string, key func(client.Object) string) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, o client.Object) []reconcile.Request {
		return r.requests(ctx, index, key(o))
	})
}

func (r *Reconciler[T]) requests(ctx context.Context, index, value string) []reconcile.Request {
	list := r.kind.NewList()
	if err := r.env.Client.List(ctx, list, client.MatchingFields{index: value}); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "list dependents", "kind", r.kind.Name, "index", index)
		return nil
	}
	var requests []reconcile.Request
	for _, obj := range items[T](list) {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(obj)})
	}
	return requests
}

func (r *Reconciler[T]) wakeAll(ctx context.Context, organization types.NamespacedName) {
	for _, request := range r.requests(ctx, IndexOrganization, organization.String()) {
		r.wake(request.NamespacedName)
	}
}

// items returns the objects of a list.
func items[T v1alpha1.Object](list client.ObjectList) []T {
	var all []T
	// The list is one of our own and holds nothing else, so there is no error to come.
	_ = meta.EachListItem(list, func(o runtime.Object) error {
		if obj, ok := o.(T); ok {
			all = append(all, obj)
		}
		return nil
	})
	return all
}

// arrivals drops what is remembered of our writes as soon as the cache shows them. It lets nothing through.
func (r *Reconciler[T]) arrivals() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		DeleteFunc: func(e event.DeleteEvent) bool { r.writes.forget(e.Object); return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			r.writes.behind(e.ObjectNew)
			if obj, ok := e.ObjectNew.(T); ok {
				if bridge, held := r.bridges.load(obj.GetUID()); held && arrived(obj.GetConfigStatus(), &bridge) {
					r.bridges.delete(obj.GetUID())
				}
			}
			return false
		},
	}
}

// requestedPredicate lets a new value of the reconcile annotation through.
func requestedPredicate() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetAnnotations()[v1alpha1.ReconcileRequestAnnotation] != e.ObjectNew.GetAnnotations()[v1alpha1.ReconcileRequestAnnotation]
	}}
}

// deletionPredicate lets the beginning of a deletion through.
func deletionPredicate() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetDeletionTimestamp().IsZero() && !e.ObjectNew.GetDeletionTimestamp().IsZero()
	}}
}

// organizationPredicate lets through what changes the situation of the organization's objects.
func organizationPredicate() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(*v1alpha1.WebexOrganization)
		after, is := e.ObjectNew.(*v1alpha1.WebexOrganization)
		return ok && is && (readyOf(before) != readyOf(after) || heldOf(before) != heldOf(after) ||
			before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero() || !equality.Semantic.DeepEqual(concerns(before), concerns(after)))
	}}
}

// concerns returns what of an organization's spec its objects depend on.
func concerns(organization *v1alpha1.WebexOrganization) v1alpha1.WebexOrganizationSpec {
	spec := &organization.Spec
	return v1alpha1.WebexOrganizationSpec{
		ContactCenter: spec.ContactCenter, CallCenterGateway: spec.CallCenterGateway, AllowedNamespaces: spec.AllowedNamespaces,
		Defaults: spec.Defaults, Suspend: spec.Suspend,
	}
}

func readyOf(organization *v1alpha1.WebexOrganization) string {
	condition := meta.FindStatusCondition(organization.Status.Conditions, v1alpha1.ConditionReady)
	if condition == nil {
		return ""
	}
	return string(condition.Status) + condition.Reason
}

func heldOf(organization *v1alpha1.WebexOrganization) bool {
	return meta.IsStatusConditionTrue(organization.Status.Conditions, v1alpha1.ConditionDeletesHeld)
}

// identityPredicate lets through what a reference depends on: the id, the spec, existence.
func identityPredicate() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok := e.ObjectOld.(v1alpha1.Object)
		after, is := e.ObjectNew.(v1alpha1.Object)
		return ok && is && (before.GetConfigStatus().ID != after.GetConfigStatus().ID || before.GetGeneration() != after.GetGeneration() ||
			before.GetDeletionTimestamp().IsZero() != after.GetDeletionTimestamp().IsZero())
	}}
}

// queue is the controller's work queue, once it runs.
type queue struct {
	mu      sync.Mutex
	entries workqueue.TypedRateLimitingInterface[reconcile.Request]
}

func (q *queue) open(_ context.Context, entries workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.entries = entries
	return nil
}

func (q *queue) add(key types.NamespacedName) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.entries != nil {
		q.entries.Add(reconcile.Request{NamespacedName: key})
	}
}
