package controllers

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/metrics"
	"wxcc.dev/operator/internal/token"
	"wxcc.dev/operator/internal/webex"
)

// The field indexes of organizations.
const (
	indexOrganizationSecret = "organizationSecret"
	indexOrganizationUUID   = "organizationUUID"
)

// Many organizations are worked on at once, so that one that hangs delays no other.
const organizationConcurrency = 256

// A failure without a better hint is tried again after a second, then twice as long each time, up to five minutes.
const (
	organizationRetryFirst = time.Second
	organizationRetryMost  = 5 * time.Minute
)

// SetupWithManager registers the reconciler, its indexes and its watches.
func (r *OrganizationReconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	if err := indexOrganizations(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	if err := r.follow(ctx, mgr); err != nil {
		return err
	}
	err := ctrl.NewControllerManagedBy(mgr).
		Named("webexorganization").
		For(&v1alpha1.WebexOrganization{}, builder.WithPredicates(organizationChanged())).
		Watches(&v1alpha1.WebexOrganization{}, handler.EnqueueRequestsFromMapFunc(r.namesakes), builder.WithPredicates(organizationComesOrGoes())).
		WatchesMetadata(&corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(r.usersOfSecret)).
		WatchesRawSource(source.Func(r.wakeups.open)).
		WithOptions(controller.Options{
			MaxConcurrentReconciles: organizationConcurrency,
			RateLimiter: workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](
				organizationRetryFirst, organizationRetryMost),
		}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up WebexOrganization: %w", err)
	}
	return nil
}

// follow counts the objects of organizations.
func (r *OrganizationReconciler) follow(ctx context.Context, mgr ctrl.Manager) error {
	r.tally.emptied = r.wakeups.wake
	metrics.CountObjects(r.tally.each)
	kinds := make([]client.Object, 0, len(r.Kinds))
	for _, kind := range r.Kinds {
		kinds = append(kinds, kind.New())
	}
	if err := r.tally.watch(ctx, mgr.GetCache(), kinds); err != nil {
		return err
	}
	if err := mgr.Add(manager.RunnableFunc(r.followTallies)); err != nil {
		return fmt.Errorf("follow the counts of organizations: %w", err)
	}
	return nil
}

func indexOrganizations(ctx context.Context, indexer client.FieldIndexer) error {
	for name, extract := range map[string]func(*v1alpha1.WebexOrganization) []string{
		indexOrganizationSecret: secretsOf,
		indexOrganizationUUID: func(organization *v1alpha1.WebexOrganization) []string {
			uuid, err := webex.OrganizationUUID(organization.Spec.OrganizationID)
			if err != nil {
				return nil
			}
			return []string{uuid}
		},
	} {
		err := indexer.IndexField(ctx, &v1alpha1.WebexOrganization{}, name, func(o client.Object) []string {
			organization, ok := o.(*v1alpha1.WebexOrganization)
			if !ok {
				return nil
			}
			return extract(organization)
		})
		if err != nil {
			return fmt.Errorf("index WebexOrganization by %s: %w", name, err)
		}
	}
	return nil
}

// secretsOf lists the Secrets whose content matters to an organization.
func secretsOf(organization *v1alpha1.WebexOrganization) []string {
	var names []string
	spec := &organization.Spec
	if spec.CredentialsSecretRef != nil {
		names = append(names, spec.CredentialsSecretRef.Name)
	}
	if spec.CredentialsSecretRef != nil || spec.CallCenterGateway != nil {
		names = append(names, token.SecretName(organization.Name))
	}
	if spec.Proxy != nil {
		for _, reference := range []*v1alpha1.SecretKeyReference{spec.Proxy.HTTPProxySecretRef, spec.Proxy.HTTPSProxySecretRef} {
			if reference != nil {
				names = append(names, reference.Name)
			}
		}
	}
	if gateway := spec.CallCenterGateway; gateway != nil {
		names = append(names, gateway.CredentialsSecretRef.Name)
		if gateway.CARef != nil && gateway.CARef.Kind == caFromSecret {
			names = append(names, gateway.CARef.Name)
		}
	}
	return names
}

func (r *OrganizationReconciler) usersOfSecret(ctx context.Context, secret client.Object) []reconcile.Request {
	return r.find(ctx, secret, client.InNamespace(secret.GetNamespace()), client.MatchingFields{indexOrganizationSecret: secret.GetName()})
}

// namesakes finds the other resources for the same organization: one of them may take the place of one that went.
func (r *OrganizationReconciler) namesakes(ctx context.Context, o client.Object) []reconcile.Request {
	organization, ok := o.(*v1alpha1.WebexOrganization)
	if !ok {
		return nil
	}
	uuid, err := webex.OrganizationUUID(organization.Spec.OrganizationID)
	if err != nil {
		return nil
	}
	return r.find(ctx, o, client.MatchingFields{indexOrganizationUUID: uuid})
}

// find returns the organizations in an index but for the object itself.
func (r *OrganizationReconciler) find(ctx context.Context, object client.Object, options ...client.ListOption) []reconcile.Request {
	var list v1alpha1.WebexOrganizationList
	if err := r.Client.List(ctx, &list, options...); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "list organizations", "because of", client.ObjectKeyFromObject(object))
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		if list.Items[i].UID != object.GetUID() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&list.Items[i])})
		}
	}
	return requests
}

// organizationChanged lets through what somebody asked for, not the status that the operator writes itself.
func organizationChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() || requestOf(e.ObjectOld) != requestOf(e.ObjectNew) ||
			e.ObjectOld.GetDeletionTimestamp().IsZero() != e.ObjectNew.GetDeletionTimestamp().IsZero() ||
			confirmationOf(e.ObjectOld) != confirmationOf(e.ObjectNew) || phaseOf(e.ObjectOld) != phaseOf(e.ObjectNew)
	}}
}

func organizationComesOrGoes() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration()
	}}
}

func requestOf(o client.Object) string {
	return o.GetAnnotations()[v1alpha1.ReconcileRequestAnnotation]
}

// confirmationOf is the value of the annotation that confirms deletes, or its hash where a status could not hold it.
func confirmationOf(o client.Object) string {
	const most = 1024
	value := o.GetAnnotations()[v1alpha1.DeletesConfirmedAnnotation]
	if len(value) > most {
		return digest(value)
	}
	return value
}

// wakeups puts organizations into the controller's queue when their tokens change. It never blocks.
type wakeups struct {
	mu    sync.Mutex
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
}

func (w *wakeups) open(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = queue
	return nil
}

func (w *wakeups) wake(key types.NamespacedName) {
	w.mu.Lock()
	queue := w.queue
	w.mu.Unlock()
	if queue != nil {
		queue.Add(reconcile.Request{NamespacedName: key})
	}
}
