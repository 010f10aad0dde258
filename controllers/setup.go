// Package controllers holds the kinds, one value each, and the organizations that they belong to.
package controllers

import (
	"context"
	"fmt"
	"time"

	"k8s.io/utils/clock"
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
	// DeletionGrace is how long the remote object of a deleted resource is kept for another resource that means the same one;
	// 0 means the default, a negative value none.
	DeletionGrace time.Duration
	// ConsentURL is where browsers reach the consent page; "" where the operator serves none.
	ConsentURL string
	// MayWrite is asked before every write to a remote service and to a status; an error keeps it from being sent. nil lets
	// everything through. See internal/fence.
	MayWrite func() error
}

// Setup registers organizations and every kind with a manager. A kind comes after those it refers to. The context is
// the manager's life.
func Setup(ctx context.Context, mgr ctrl.Manager, options Options) error {
	registry := inventory.NewRegistry(ctx)
	organizations := &OrganizationReconciler{
		Client: mgr.GetClient(), APIReader: mgr.GetAPIReader(), Metadata: mgr.GetCache(), Recorder: mgr.GetEventRecorder("wxcc-operator"),
		Registry: registry, Options: options,
	}
	organizations.Brakes = engine.NewBrakes(clock.RealClock{}, organizations.wakeups.wake)
	env := &engine.Environment{
		Client:       mgr.GetClient(),
		Secrets:      mgr.GetAPIReader(),
		Registry:     registry,
		Recorder:     organizations.Recorder,
		Reserved:     organizations.reserved,
		DigestKey:    organizations.digestKey,
		Brakes:       organizations.Brakes,
		SettleWindow: options.SettleWindow, DeletionGrace: options.DeletionGrace,
		Concurrency: options.Concurrency,
		MayWrite:    options.MayWrite,
	}
	for _, k := range kinds() {
		if err := k.register(ctx, mgr, env); err != nil {
			return fmt.Errorf("set up kinds: %w", err)
		}
		organizations.Kinds = append(organizations.Kinds, k.ObjectKind)
	}
	secrets := &SecretReconciler{Client: mgr.GetClient(), Metadata: mgr.GetCache(), APIReader: mgr.GetAPIReader()}
	if err := secrets.SetupWithManager(mgr); err != nil {
		return err
	}
	return organizations.SetupWithManager(ctx, mgr)
}

// kinds lists every configuration kind; one comes after those it refers to.
func kinds() []registration {
	return []registration{
		kind(workTypes()),
		kind(auxiliaryCodes()),
		kind(callCenters()),
	}
}

// Objects returns an empty object of every kind that the operator works on.
func Objects() []client.Object {
	objects := []client.Object{&v1alpha1.WebexOrganization{}}
	for _, k := range kinds() {
		objects = append(objects, k.New())
	}
	return objects
}

// ObjectKind is what an organization needs to know of a kind to count its objects.
type ObjectKind struct {
	// Name of the kind, for instance "AuxiliaryCode".
	Name string
	// Collection of the inventory that holds its objects.
	Collection string
	// New makes an empty object.
	New func() client.Object
	// List makes an empty list.
	List func() client.ObjectList
}

type registration struct {
	ObjectKind
	register func(context.Context, ctrl.Manager, *engine.Environment) error
}

func kind[T v1alpha1.Object](k *engine.Kind[T]) registration {
	return registration{
		ObjectKind: ObjectKind{Name: k.Name, Collection: k.Collection.Name(), New: func() client.Object { return k.New() }, List: k.NewList},
		register: func(ctx context.Context, mgr ctrl.Manager, env *engine.Environment) error {
			return engine.NewReconciler(env, k).SetupWithManager(ctx, mgr)
		},
	}
}
