package controllers

import (
	"context"
	"errors"
	"fmt"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/metrics"
	"wxcc.dev/operator/internal/remote"
)

// +kubebuilder:rbac:groups=wxcc.dev,resources=webexorganizations,verbs=list;watch;patch
// +kubebuilder:rbac:groups=wxcc.dev,resources=webexorganizations/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch;update;patch
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// OrganizationReconciler connects organizations: it keeps their tokens alive, makes sure that a token belongs to the
// organization it is used for, and tells the registry which parts of a connection work. Secrets are listed and watched
// by their metadata only.
type OrganizationReconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// APIReader reads Secrets and ConfigMaps live.
	APIReader client.Reader
	// Metadata reads the metadata of Secrets from the cache.
	Metadata client.Reader
	Recorder events.EventRecorder
	// Registry is told what is connected.
	Registry *inventory.Registry
	// Brakes are told how many deletes an organization allows.
	Brakes *engine.Brakes
	// Kinds are those whose objects refer to organizations.
	Kinds   []ObjectKind
	Options Options
	// Clock decides what is due; nil means the real one.
	Clock clock.PassiveClock

	sessions organizationSessions
	// digestKeys hold what digestKey has read.
	digestKeys sync.Map
	budgets    requestBudgets
	proofs     proofs
	wakeups    wakeups
	tally      tally
}

// Reconcile connects one organization, or lets go of it.
func (r *OrganizationReconciler) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	var organization v1alpha1.WebexOrganization
	if err := r.Client.Get(ctx, request.NamespacedName, &organization); err != nil {
		if apierrors.IsNotFound(err) {
			r.forget(ctx, request.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("get WebexOrganization %s: %w", request.NamespacedName, err)
	}
	ctx = remote.WithoutHolds(ctx) // so that a hold shows while it lasts
	v := r.newVisit(&organization)
	if v.behind() {
		return ctrl.Result{RequeueAfter: cacheLag}, nil
	}
	v.showTallies()
	defer func() {
		v.showBudget() // which a connection has only just joined
		err = errors.Join(err, v.flush(ctx))
		if err != nil {
			result = ctrl.Result{} // the error's own back-off counts
		}
	}()
	if organization.DeletionTimestamp != nil {
		return v.remove(ctx)
	}
	if err := v.setFinalizer(ctx, true); err != nil {
		return ctrl.Result{}, err
	}
	v.holdSecrets(ctx)
	return v.run(ctx)
}

// forget lets go of an organization that does not exist any more. Nothing is changed remotely.
func (r *OrganizationReconciler) forget(ctx context.Context, key types.NamespacedName) {
	r.Registry.Disconnect(key)
	if session := r.sessions.drop(key); session != nil {
		session.webex.storeTokens(ctx)
	}
	r.digestKeys.Delete(key)
	r.budgets.leave(key)
	r.proofs.forget(key)
	metrics.ForgetBudget(gatewayBudget(key))
	r.Brakes.Forget(key)
	metrics.Forget(key)
}

func (r *OrganizationReconciler) clock() clock.PassiveClock {
	if r.Clock == nil {
		return clock.RealClock{}
	}
	return r.Clock
}
