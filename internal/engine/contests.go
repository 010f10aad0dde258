package engine

import (
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
)

// uniqueKey is a name or number of which a collection holds one at the most.
type uniqueKey struct {
	scope string
	// field is the wire path.
	field string
	// value in the form in which it is unique.
	value string
}

// contests remembers who wants a name or number that another object has, so that he can try again at once when the
// operator itself sets it free. It is forgotten with the process: who waits is tried again after a start. The zero value
// is empty.
type contests struct {
	mu      sync.Mutex
	wanted  map[types.NamespacedName][]uniqueKey
	waiting map[uniqueKey][]types.NamespacedName
	// again are those who were woken for something set free and have not been visited since.
	again map[types.NamespacedName]bool
}

// want replaces what an object waits for.
func (c *contests) want(object types.NamespacedName, keys []uniqueKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(object)
	if len(keys) == 0 {
		return
	}
	if c.wanted == nil {
		c.wanted, c.waiting = map[types.NamespacedName][]uniqueKey{}, map[uniqueKey][]types.NamespacedName{}
	}
	c.wanted[object] = keys
	for _, key := range keys {
		c.waiting[key] = append(c.waiting[key], object)
	}
}

// forget ends the waiting of an object that has what it wants, or is gone.
func (c *contests) forget(object types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(object)
	delete(c.again, object)
}

// drop is forget for what an object waits for. The caller holds the lock.
func (c *contests) drop(object types.NamespacedName) {
	for _, key := range c.wanted[object] {
		rest := slices.DeleteFunc(c.waiting[key], func(waiting types.NamespacedName) bool { return waiting == object })
		if len(rest) == 0 {
			delete(c.waiting, key)
			continue
		}
		c.waiting[key] = rest
	}
	delete(c.wanted, object)
}

// freed returns who waits for a value, and lets each of them try anew.
func (c *contests) freed(key uniqueKey) []types.NamespacedName {
	c.mu.Lock()
	defer c.mu.Unlock()
	objects := slices.Clone(c.waiting[key])
	for _, object := range objects {
		c.retry(object)
	}
	return objects
}

// nudge lets an object try anew that is in the way of another one.
func (c *contests) nudge(object types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.retry(object)
}

func (c *contests) retry(object types.NamespacedName) {
	if c.again == nil {
		c.again = map[types.NamespacedName]bool{}
	}
	c.again[object] = true
}

// retried tells, once, whether an object is to try anew.
func (c *contests) retried(object types.NamespacedName) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	again := c.again[object]
	delete(c.again, object)
	return again
}

// unique is a field whose value only one object of the collection can have.
type unique[T v1alpha1.Object] struct {
	// spec and wire are the field's paths.
	spec, wire string
	form       func(of Owner[T], value any) string
	// spare returns a value for an object that gives up its own for a moment.
	spare func(obj T, value any) any
}

// uniques are the kind's fields of which no two objects can have the same value.
func (k *Kind[T]) uniques() []unique[T] {
	var all []unique[T]
	if !k.Namesakes {
		all = append(all, unique[T]{
			spec: "name", wire: k.nameField(), spare: func(obj T, value any) any { return temporaryName(obj, remote.Text(value)) },
			form: func(_ Owner[T], value any) string { return inventory.FoldName(remote.Text(value)) },
		})
	}
	for _, field := range k.Fields {
		if field.Unique != nil {
			all = append(all, unique[T]{spec: field.Spec, wire: field.wire(), form: field.Unique, spare: func(T, any) any { return "" }})
		}
	}
	return all
}

// contested is a unique field that a write changes.
type contested[T v1alpha1.Object] struct {
	unique[T]
	desired, actual any
}

// wants waits for the unique values among these wire fields to be set free.
func (v *visit[T]) wants(object remote.Object) {
	var keys []uniqueKey
	for _, field := range v.r.kind.uniques() {
		if value, set := object.Get(field.wire); set {
			keys = v.withKey(keys, field, value)
		}
	}
	v.r.contests.want(v.key, keys)
}

func (v *visit[T]) withKey(keys []uniqueKey, field unique[T], value any) []uniqueKey {
	if form := field.form(v.owner(), value); form != "" {
		keys = append(keys, uniqueKey{scope: v.scope(), field: field.wire, value: form})
	}
	return keys
}

// contested lists the unique fields that a write is about to change, and waits for their new values until it is done.
func (v *visit[T]) contested(differences []difference) []contested[T] {
	var all []contested[T]
	var keys []uniqueKey
	for _, field := range v.r.kind.uniques() {
		for _, d := range differences {
			if d.path == field.wire {
				all = append(all, contested[T]{unique: field, desired: d.desired, actual: d.actual})
				keys = v.withKey(keys, field, d.desired)
			}
		}
	}
	if len(all) > 0 {
		v.r.contests.want(v.key, keys)
	}
	return all
}

// everything lists what an object held that does not exist any more.
func (v *visit[T]) everything() []contested[T] {
	var all []contested[T]
	if v.store == nil {
		return nil
	}
	for _, field := range v.r.kind.uniques() {
		if value, known := v.seen.actual.Get(field.wire); known {
			all = append(all, contested[T]{unique: field, actual: value})
		}
		if value, known := v.owned.Get(field.wire); known {
			all = append(all, contested[T]{unique: field, actual: value})
		}
	}
	return all
}

// setFree lets those try again at once who wait for what a write of ours has given up.
func (v *visit[T]) setFree(given []contested[T]) {
	if len(given) == 0 {
		return
	}
	v.r.contests.forget(v.key)
	for _, field := range given {
		for _, key := range v.withKey(nil, field.unique, field.actual) {
			for _, waiting := range v.r.contests.freed(key) {
				v.r.wake(waiting)
			}
		}
	}
}
