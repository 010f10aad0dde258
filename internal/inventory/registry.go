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
	// Compared is when each collection was last listed completely, as far as is known from before this process.
	Compared map[string]time.Time
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

// Connect makes an organization usable. What comes through a client that is the same as before keeps its listings; the
// listings and sweeps of a client that is replaced begin anew.
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
		return old.adjust(connection)
	}
	life, stop := context.WithCancel(r.life)
	r.organizations[key] = &Organization{
		key: key, connection: connection, life: life, stop: stop, stores: map[string]*placedStore{},
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
	stores     map[string]*placedStore
	// compared outlives the stores.
	compared map[string]*comparison
}

// placedStore is a store with the client that it works through.
type placedStore struct {
	*Store
	client any
	stop   context.CancelFunc
}

// Connection returns what is usable now.
func (o *Organization) Connection() Connection {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.connection
}

// ContactCenter returns the shared store of an object type, made at first use; nil while the contact center is not
// connected.
func (o *Organization) ContactCenter(entity webex.Entity) *Store {
	o.mu.Lock()
	defer o.mu.Unlock()
	client := o.connection.Webex
	if client == nil {
		return nil
	}
	return o.store(entity.Route, client, func() remote.Collection { return client.Collection(entity) })
}

// CallCenters returns the shared store of a group's call centers, made at first use; nil while the gateway is not
// connected.
func (o *Organization) CallCenters(tenant, group string) *Store {
	o.mu.Lock()
	defer o.mu.Unlock()
	client := o.connection.Gateway
	if client == nil {
		return nil
	}
	return o.store(CallCenters+"/"+tenant+"/"+group, client, func() remote.Collection { return client.CallCenters(tenant, group) })
}

// store returns the store of a name unique within the organization. The caller holds the lock.
func (o *Organization) store(name string, client any, collection func() remote.Collection) *Store {
	placed, ok := o.stores[name]
	if !ok {
		life, stop := context.WithCancel(o.life)
		placed = &placedStore{client: client, stop: stop, Store: newStore(life, name, collection(), phaseOf(o.key.String()+"/"+name), o.interval)}
		o.begin(name)
		placed.sweeps.report = o.reportSweeps(name)
		o.stores[name] = placed
	}
	return placed.Store
}

func (o *Organization) interval() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.connection.SyncInterval
}

// adjust takes over a connection and tells whether it is usable in another way than before.
func (o *Organization) adjust(connection Connection) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	old := o.connection
	o.connection = connection
	for name, placed := range o.stores {
		switch {
		case placed.client != any(connection.Webex) && placed.client != any(connection.Gateway):
			placed.stop()
			delete(o.stores, name)
		case old.SyncInterval != connection.SyncInterval:
			placed.reschedule()
		}
	}
	return old.Webex != connection.Webex || old.Gateway != connection.Gateway
}
