// Package inventory knows what the remote services hold: one shared listing per organization and collection, kept
// fresh by sweeps, and writes gathered into batches. It is why a drift check costs pages and not objects.
package inventory

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// DefaultSyncInterval is how often a collection is swept where the organization does not say.
const DefaultSyncInterval = 5 * time.Minute

// Connection is what is usable of an organization now.
type Connection struct {
	// Webex is nil while the contact center is off or not connected.
	Webex *webex.Client
	// Gateway is nil while there is none or it is not connected.
	Gateway *apio.Client
	// SyncInterval between two sweeps of a collection; 0 means DefaultSyncInterval.
	SyncInterval time.Duration
}

// Registry holds the connected organizations. It is safe for concurrent use.
type Registry struct {
	//nolint:containedctx // the life of the manager: sweeps end with it, not with the reconcile that started them
	life context.Context

	mu            sync.Mutex
	organizations map[types.NamespacedName]*Organization
	subscribers   []func(types.NamespacedName)
}

// Subscribe names a function to call whenever an organization becomes usable or usable in another way. It must not
// block. Subscriptions are made before the manager starts.
func (r *Registry) Subscribe(call func(organization types.NamespacedName)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.subscribers = append(r.subscribers, call)
}

// NewRegistry makes an empty registry whose sweeps end with the context.
func NewRegistry(life context.Context) *Registry {
	return &Registry{life: life, organizations: map[types.NamespacedName]*Organization{}}
}

// Connect makes an organization usable. With the same clients as before it changes only the interval and keeps the
// listings; with others, listings and sweeps begin anew.
func (r *Registry) Connect(key types.NamespacedName, connection Connection) {
	if connection.SyncInterval <= 0 {
		connection.SyncInterval = DefaultSyncInterval
	}
	if r.replace(key, connection) {
		for _, call := range r.subscribers {
			call(key)
		}
	}
}

// replace tells whether the organization is usable in another way than before.
func (r *Registry) replace(key types.NamespacedName, connection Connection) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.organizations[key]; ok {
		if old.adjust(connection) {
			return false
		}
		old.stop()
	}
	life, stop := context.WithCancel(r.life)
	r.organizations[key] = &Organization{
		key: key, connection: connection, life: life, stop: stop, stores: map[string]*Store{},
	}
	return true
}

// Disconnect ends an organization's sweeps and forgets its listings. Unknown keys are no error.
func (r *Registry) Disconnect(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.organizations[key]; ok {
		old.stop()
		delete(r.organizations, key)
	}
}

// Get returns a connected organization.
func (r *Registry) Get(key types.NamespacedName) (*Organization, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	organization, ok := r.organizations[key]
	return organization, ok
}

// Organization is one connected organization with its stores.
type Organization struct {
	key types.NamespacedName
	//nolint:containedctx // ends the sweeps of this organization
	life context.Context
	stop context.CancelFunc

	mu         sync.Mutex
	connection Connection
	stores     map[string]*Store
}

// Webex returns the contact-center client, nil while there is none.
func (o *Organization) Webex() *webex.Client {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.connection.Webex
}

// Gateway returns the call-center gateway's client, nil while there is none.
func (o *Organization) Gateway() *apio.Client {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.connection.Gateway
}

// Store returns the shared store of a collection, made at first use. The name is unique within the organization.
func (o *Organization) Store(name string, collection func() remote.Collection) *Store {
	o.mu.Lock()
	defer o.mu.Unlock()
	store, ok := o.stores[name]
	if !ok {
		store = newStore(o.life, collection(), phaseOf(o.key.String()+"/"+name), o.interval)
		o.stores[name] = store
	}
	return store
}

func (o *Organization) interval() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.connection.SyncInterval
}

// adjust takes over a new interval if the clients are the same.
func (o *Organization) adjust(connection Connection) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.connection.Webex != connection.Webex || o.connection.Gateway != connection.Gateway {
		return false
	}
	changed := o.connection.SyncInterval != connection.SyncInterval
	o.connection.SyncInterval = connection.SyncInterval
	if changed {
		for _, store := range o.stores {
			store.reschedule()
		}
	}
	return true
}
