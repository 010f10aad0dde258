// Package controllers holds the kinds, one value each, and the organizations that they belong to.
package controllers

import (
	"context"
	"fmt"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/inventory"
)

// Options of the operator as a whole.
type Options struct {
	// Concurrency is how many objects of a kind are worked on at once; 0 means the engine's default.
	Concurrency int
	// RequestsPerMinute and OAuth client, where an organization does not ask for less; 0 means 300.
	RequestsPerMinute int
	// SettleWindow is how long a read may show the state before a write without being believed; 0 means the default.
	SettleWindow time.Duration
}

// Setup registers organizations and every kind with a manager. A kind comes after those it refers to. The context is
// the manager's life.
func Setup(ctx context.Context, mgr ctrl.Manager, options Options) error {
	registry := inventory.NewRegistry(ctx)
	env := &engine.Environment{
		Client:       mgr.GetClient(),
		Secrets:      mgr.GetAPIReader(),
		Registry:     registry,
		Recorder:     mgr.GetEventRecorder("wxcc-operator"),
		SettleWindow: options.SettleWindow,
		Concurrency:  options.Concurrency,
	}
	for _, register := range []registration{
		kind(workTypes()),
		kind(auxiliaryCodes()),
		kind(callCenters()),
	} {
		if err := register(ctx, mgr, env); err != nil {
			return fmt.Errorf("set up kinds: %w", err)
		}
	}
	return setupOrganizations(ctx, mgr, registry, options)
}

// Objects returns an empty object of every kind that the operator works on.
func Objects() []client.Object {
	return []client.Object{
		&v1alpha1.WebexOrganization{}, workTypes().New(), auxiliaryCodes().New(), callCenters().New(),
	}
}

type registration func(context.Context, ctrl.Manager, *engine.Environment) error

func kind[T v1alpha1.Object](k *engine.Kind[T]) registration {
	return func(ctx context.Context, mgr ctrl.Manager, env *engine.Environment) error {
		return engine.NewReconciler(env, k).SetupWithManager(ctx, mgr)
	}
}
