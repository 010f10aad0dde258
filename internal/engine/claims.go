package engine

import (
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// claims says which custom resource stands for which remote object or name, from the moment of the decision: faster
// than the cache, and forgotten with the process, when status tells it again.
type claims struct {
	mu      sync.Mutex
	holders map[string]types.NamespacedName
	held    map[types.NamespacedName][]string
	// names holds the claim on a name that an object has, if any: it ends when the object is renamed.
	names map[types.NamespacedName]string
}

func newClaims() *claims {
	return &claims{
		holders: map[string]types.NamespacedName{}, held: map[types.NamespacedName][]string{}, names: map[types.NamespacedName]string{},
	}
}

// take claims a key for an object and returns who holds it: the object itself, if nobody else does.
func (c *claims) take(key string, object types.NamespacedName) types.NamespacedName {
	c.mu.Lock()
	defer c.mu.Unlock()
	if holder, ok := c.holders[key]; ok {
		return holder
	}
	c.holders[key] = object
	c.held[object] = append(c.held[object], key)
	return object
}

// give makes an object the holder of a key, whoever was before: for what the service's own answer proves.
func (c *claims) give(key string, object types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.holders[key]; ok {
		if old == object {
			return
		}
		c.held[old] = slices.DeleteFunc(c.held[old], func(held string) bool { return held == key })
	}
	c.holders[key] = object
	c.held[object] = append(c.held[object], key)
}

// takeName claims a name; an object has one at a time.
func (c *claims) takeName(name string, object types.NamespacedName) types.NamespacedName {
	holder := c.take(name, object)
	if holder == object {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.names[object] = name
	}
	return holder
}

// keepName gives up the claim on a name that the object does not have any more.
func (c *claims) keepName(name string, object types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, ok := c.names[object]
	if !ok || old == name {
		return
	}
	delete(c.names, object)
	delete(c.holders, old)
	c.held[object] = slices.DeleteFunc(c.held[object], func(key string) bool { return key == old })
}

func (c *claims) holder(key string) (types.NamespacedName, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	holder, ok := c.holders[key]
	return holder, ok
}

// release gives up everything that an object holds.
func (c *claims) release(object types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range c.held[object] {
		delete(c.holders, key)
	}
	delete(c.held, object)
	delete(c.names, object)
}
