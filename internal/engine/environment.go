package engine

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/internal/inventory"
)

// Environment is what all kinds share.
type Environment struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Secrets reads Secrets live: no cache ever holds them.
	Secrets client.Reader
	// Registry of connected organizations.
	Registry *inventory.Registry
	Recorder events.EventRecorder
	// Reserved says why the operator must not make a Secret of this name for an object; "" if it may. nil reserves none.
	Reserved func(ctx context.Context, secret types.NamespacedName) (string, error)
	// DigestKey is the key of the digests of an organization's secrets in status; nil where there are none with a key.
	DigestKey func(ctx context.Context, organization types.NamespacedName) ([]byte, error)
	// Brakes on the deletes of organizations.
	Brakes *Brakes
	// SettleWindow is how long a read may show the state before a write without being believed; default 10 s.
	SettleWindow time.Duration
	// DeletionGrace is how long the remote object of a resource that is being deleted is kept for another resource that means
	// the same one, counted from the deletion and up to a second more; default 5 s, negative for none.
	DeletionGrace time.Duration
	// Concurrency is how many objects of a kind are worked on at once; default 1536. One organization holds at most a
	// third of it: five full batches of an organization's codes, looked up, written or proven, or ten groups of fifty call
	// centers that are switched together. Workers mostly wait for a batch that they share, so this is also how full batches
	// get.
	Concurrency int

	// MayWrite is asked before the status or the metadata of an object is written; an error of internal/fence keeps the write
	// from being sent. nil lets everything through.
	MayWrite func() error

	kinds map[string]resolver
}

const (
	defaultSettleWindow  = 10 * time.Second
	defaultDeletionGrace = 5 * time.Second
	defaultConcurrency   = 1536
	// laneShare is the part of the workers that one organization may hold.
	laneShare = 3
)

func (e *Environment) settleWindow() time.Duration {
	if e.SettleWindow > 0 {
		return e.SettleWindow
	}
	return defaultSettleWindow
}

func (e *Environment) mayWrite() error {
	if e.MayWrite == nil {
		return nil
	}
	return e.MayWrite()
}

func (e *Environment) deletionGrace() time.Duration {
	if e.DeletionGrace == 0 {
		return defaultDeletionGrace
	}
	return max(0, e.DeletionGrace)
}

func (e *Environment) concurrency() int {
	if e.Concurrency > 0 {
		return e.Concurrency
	}
	return defaultConcurrency
}

// resolver finds the remote object that a reference points to. Every registered kind is one.
type resolver interface {
	resolve(ctx context.Context, request referenceRequest) (Target, *outcome)
	newObject() client.Object
}

// register makes a kind known to the references of others.
func (e *Environment) register(kind string, r resolver) {
	if e.kinds == nil {
		e.kinds = map[string]resolver{}
	}
	e.kinds[kind] = r
}
