package engine

import (
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// claimKey is what only one custom resource can stand for: a remote object by its id, or the right to create or take over
// the object of a name.
type claimKey struct {
	// scope is the collection, in a tenant.
	scope string
	// byID tells an id from a folded name.
	byID  bool
	value string
}

// claimant is a custom resource that stands for something.
type claimant struct {
	object  types.NamespacedName
	uid     types.UID
	created time.Time
	// managing: its status has the id of the object in question, and an origin.
	managing bool
}

// olderThan decides between equals, for ever and after every restart alike.
func (c claimant) olderThan(other claimant) bool {
	if c.created.Equal(other.created) {
		return c.uid < other.uid
	}
	return c.created.Before(other.created)
}

// claims says which custom resource stands for which remote object and name, faster than the cache shows it. Who manages
// an object goes before who does not, among equals the older one. It is forgotten with the process, when status tells it
// again.
type claims struct {
	// wake puts a resource back into the queue. It must not block.
	wake func(types.NamespacedName)

	mu      sync.Mutex
	holders map[claimKey]*heldClaim
	held    map[types.NamespacedName][]claimKey
	// waiting are those who were refused a key, and are woken when it is free.
	waiting map[claimKey][]types.NamespacedName
}

// heldClaim is a key that is held.
type heldClaim struct {
	claimant
	// busy: a create or delete is under way or unanswered, so that nobody can take the key over.
	busy bool
}

func newClaims(wake func(types.NamespacedName)) *claims {
	return &claims{
		wake: wake, holders: map[claimKey]*heldClaim{}, held: map[types.NamespacedName][]claimKey{},
		waiting: map[claimKey][]types.NamespacedName{},
	}
}

// take makes keys, in one step, all that a resource stands for: those it needs, and of those it would like to have the ones
// that nobody has a better right to. If another one has a better right to a key it needs, it takes none and learns who
// that is; it is woken when that key is free. predecessor is a resource that hands its object over to this one; empty for
// none.
func (c *claims) take(by claimant, predecessor types.NamespacedName, needs []claimKey, likes ...claimKey) (holder types.NamespacedName, taken bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range needs {
		if held, ok := c.holders[key]; ok && !by.replaces(held, predecessor) {
			c.reduce(by.object, nil)
			c.await(key, by.object)
			return held.object, false
		}
	}
	c.become(by, needs, likes)
	return by.object, true
}

// become makes keys all that a resource stands for. The caller holds the lock.
func (c *claims) become(by claimant, needs, likes []claimKey) {
	keys := slices.Clone(needs)
	for _, key := range likes {
		if held, ok := c.holders[key]; !ok || by.replaces(held, types.NamespacedName{}) {
			keys = append(keys, key)
		}
	}
	c.reduce(by.object, keys)
	for _, key := range keys {
		c.assign(by, key)
	}
}

// replaces tells whether a claimant has a better right than the holder.
func (c claimant) replaces(held *heldClaim, predecessor types.NamespacedName) bool {
	switch {
	case held.object == c.object:
		return true
	case held.busy:
		return false
	case held.object == predecessor:
		return true
	case held.managing != c.managing:
		return c.managing
	}
	return c.olderThan(held.claimant)
}

// settle makes a resource the holder of its object's id, whoever was before, because the service's own answer or its
// status proves it; and of its name, if nobody has a better right to that. Nothing of it is busy any more.
func (c *claims) settle(by claimant, id, name claimKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range c.held[by.object] {
		c.holders[key].busy = false
	}
	c.become(by, []claimKey{id}, []claimKey{name})
}

// note makes known who holds a key by its status, as far as this process has not heard of it.
func (c *claims) note(by claimant, key claimKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.holders[key]; !ok {
		c.assign(by, key)
	}
}

// begin keeps everybody else from a key until end; false if another one holds it.
func (c *claims) begin(by claimant, key claimKey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if held, ok := c.holders[key]; ok && held.object != by.object {
		c.await(key, by.object)
		return false
	}
	c.assign(by, key)
	c.holders[key].busy = true
	return true
}

// end lets others have the keys again that begin has kept from them.
func (c *claims) end(object types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range c.held[object] {
		if held := c.holders[key]; held.busy {
			held.busy = false
			c.wakeWaiting(key)
		}
	}
}

// holder returns who holds a key.
func (c *claims) holder(key claimKey) (claimant, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	held, ok := c.holders[key]
	if !ok {
		return claimant{}, false
	}
	return held.claimant, true
}

// release gives up everything that a resource holds.
func (c *claims) release(object types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range slices.Clone(c.held[object]) {
		c.drop(object, key)
	}
}

// reduce gives up what a resource holds but for some keys and for what is busy. The caller holds the lock.
func (c *claims) reduce(object types.NamespacedName, keep []claimKey) {
	for _, key := range slices.Clone(c.held[object]) {
		if !slices.Contains(keep, key) && !c.holders[key].busy {
			c.drop(object, key)
		}
	}
}

// drop gives up one key. The caller holds the lock.
func (c *claims) drop(object types.NamespacedName, key claimKey) {
	delete(c.holders, key)
	c.unlist(object, key)
	c.wakeWaiting(key)
}

func (c *claims) unlist(object types.NamespacedName, key claimKey) {
	rest := slices.DeleteFunc(c.held[object], func(held claimKey) bool { return held == key })
	if len(rest) == 0 {
		delete(c.held, object)
		return
	}
	c.held[object] = rest
}

// assign makes a resource the holder of a key and tells the one who was. The caller holds the lock.
func (c *claims) assign(by claimant, key claimKey) {
	held, ok := c.holders[key]
	if ok && held.object == by.object {
		held.claimant = by
		return
	}
	if ok {
		c.unlist(held.object, key)
		c.wake(held.object)
	}
	c.holders[key] = &heldClaim{claimant: by}
	c.held[by.object] = append(c.held[by.object], key)
}

func (c *claims) await(key claimKey, object types.NamespacedName) {
	if !slices.Contains(c.waiting[key], object) {
		c.waiting[key] = append(c.waiting[key], object)
	}
}

func (c *claims) wakeWaiting(key claimKey) {
	for _, object := range c.waiting[key] {
		c.wake(object)
	}
	delete(c.waiting, key)
}
