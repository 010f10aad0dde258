package controllers

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/token"
)

// holdSecrets keeps the Secrets that the organization works with until it is gone, and with it the last object that
// needs the connection for its own deletion. What is held already costs no request.
func (v *organizationVisit) holdSecrets(ctx context.Context) {
	for _, name := range secretsOf(v.organization) {
		if err := v.holdSecret(ctx, name); err != nil {
			v.dueAt(v.now.Add(secretRetry))
			ctrl.LoggerFrom(ctx).Error(err, "keep a Secret from being deleted", "secret", name)
		}
	}
}

func (v *organizationVisit) holdSecret(ctx context.Context, name string) error {
	secret := secretMetadata()
	err := v.r.Metadata.Get(ctx, types.NamespacedName{Namespace: v.key.Namespace, Name: name}, secret)
	switch {
	case apierrors.IsNotFound(err):
		return nil // its arrival wakes the organization
	case err != nil:
		return fmt.Errorf("read the metadata of Secret %s: %w", name, err)
	case secret.DeletionTimestamp != nil, controllerutil.ContainsFinalizer(secret, v1alpha1.SecretFinalizer):
		return nil
	}
	return setSecretFinalizer(ctx, v.r.Client, secret, true)
}

// setSecretFinalizer writes nothing else of a Secret. Somebody else's change in between means that it is looked at again.
func setSecretFinalizer(ctx context.Context, writer client.Writer, secret *metav1.PartialObjectMetadata, want bool) error {
	before := secret.DeepCopy()
	if want {
		controllerutil.AddFinalizer(secret, v1alpha1.SecretFinalizer)
	} else {
		controllerutil.RemoveFinalizer(secret, v1alpha1.SecretFinalizer)
	}
	err := writer.Patch(ctx, secret, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
		return fmt.Errorf("write the finalizer of Secret %s: %w", client.ObjectKeyFromObject(secret), err)
	}
	return nil
}

func secretMetadata() *metav1.PartialObjectMetadata {
	metadata := &metav1.PartialObjectMetadata{}
	metadata.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	return metadata
}

// SecretReconciler lets go of the Secrets that no organization names any more, whatever became of the organization.
type SecretReconciler struct {
	// Client reads organizations from the cache and writes finalizers.
	Client client.Client
	// Metadata reads the metadata of Secrets from the cache.
	Metadata client.Reader
	// APIReader reads organizations live: those of other shards are in no cache.
	APIReader client.Reader
}

// Reconcile lets go of one Secret if its time has come.
func (r *SecretReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	secret := secretMetadata()
	if err := r.Metadata.Get(ctx, request.NamespacedName, secret); err != nil {
		if apierrors.IsNotFound(err) {
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("read the metadata of Secret %s: %w", request.NamespacedName, err)
	}
	if !controllerutil.ContainsFinalizer(secret, v1alpha1.SecretFinalizer) {
		return ctrl.Result{}, nil
	}
	for _, reader := range []client.Reader{r.Client, r.APIReader} { // the cache first, which costs nothing
		if used, err := named(ctx, reader, request.NamespacedName); err != nil || used {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{}, setSecretFinalizer(ctx, r.Client, secret, false)
}

// named tells whether an organization names a Secret.
func named(ctx context.Context, reader client.Reader, secret types.NamespacedName) (bool, error) {
	var organizations v1alpha1.WebexOrganizationList
	if err := reader.List(ctx, &organizations, client.InNamespace(secret.Namespace)); err != nil {
		return false, fmt.Errorf("list the organizations that may need Secret %s: %w", secret, err)
	}
	return slices.ContainsFunc(organizations.Items, func(organization v1alpha1.WebexOrganization) bool {
		return slices.Contains(secretsOf(&organization), secret.Name)
	}), nil
}

// reserved keeps the names of an organization's Secrets from whoever may only write objects: a Secret that is made under
// one would stand in the place of the organization's own.
func (r *OrganizationReconciler) reserved(ctx context.Context, secret types.NamespacedName) (string, error) {
	if token.IsSecretName(secret.Name) {
		return "the name is one for the tokens of a WebexOrganization", nil
	}
	used, err := named(ctx, r.APIReader, secret)
	if err != nil || !used {
		return "", err
	}
	return "a WebexOrganization names it", nil
}

// digestKey is the key of the digests of secrets in the status of an organization's objects.
func (r *OrganizationReconciler) digestKey(ctx context.Context, key types.NamespacedName) ([]byte, error) {
	if known, ok := r.digestKeys.Load(key); ok {
		return known.([]byte), nil //nolint:forcetypeassert // nothing else is stored
	}
	var organization v1alpha1.WebexOrganization
	if err := r.Client.Get(ctx, key, &organization); err != nil {
		return nil, fmt.Errorf("get WebexOrganization %s: %w", key, err)
	}
	made, err := token.PlaceOf(&organization).DigestKey(ctx, r.APIReader, r.Client)
	if err != nil {
		return nil, err
	}
	r.digestKeys.Store(key, made)
	return made, nil
}

// SetupWithManager registers the reconciler and its watches.
func (r *SecretReconciler) SetupWithManager(mgr ctrl.Manager) error {
	held := predicate.NewPredicateFuncs(func(o client.Object) bool { return controllerutil.ContainsFinalizer(o, v1alpha1.SecretFinalizer) })
	err := ctrl.NewControllerManagedBy(mgr).
		Named("secret").
		WatchesMetadata(&corev1.Secret{}, &handler.EnqueueRequestForObject{}, builder.WithPredicates(held)).
		Watches(&v1alpha1.WebexOrganization{}, handler.EnqueueRequestsFromMapFunc(secretRequests), builder.WithPredicates(secretsChanged())).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the Secrets of organizations: %w", err)
	}
	return nil
}

// secretRequests asks for the Secrets that an organization names. Of an update both states come here.
func secretRequests(_ context.Context, o client.Object) []reconcile.Request {
	organization, ok := o.(*v1alpha1.WebexOrganization)
	if !ok {
		return nil
	}
	var requests []reconcile.Request
	for _, name := range secretsOf(organization) {
		requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: o.GetNamespace(), Name: name}})
	}
	return requests
}

// secretsChanged lets through what may end a Secret's use.
func secretsChanged() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool { return e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() },
	}
}
