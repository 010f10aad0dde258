package engine

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
)

// trackedKey is one interest of the object in one store.
type trackedKey struct {
	store *inventory.Store
	key   any
}

// interestKey tells the interests of all objects in a store apart.
type interestKey struct {
	kind   string
	object types.NamespacedName
	part   string
}

func (v *visit[T]) track(store *inventory.Store, part string, key remote.Key, seen uint64) {
	v.register(store, part, inventory.Interest{Key: key, Seen: seen})
}

// register completes an interest by what it wakes.
func (v *visit[T]) register(store *inventory.Store, part string, interest inventory.Interest) {
	id := interestKey{kind: v.r.kind.Name, object: v.key, part: part}
	// The interest outlives the visit by far and must not keep it alive: no v in the closures.
	reconciler, object := v.r, v.key
	interest.Wake = func() { reconciler.wake(object) }
	if part == partSelf && v.r.kind.ObserveUsers != nil {
		interest.Turn = func() {
			reconciler.turns.store(object, struct{}{})
			reconciler.wake(object)
		}
	}
	store.Track(id, interest)
	v.tracked = append(v.tracked, trackedKey{store: store, key: id})
}

func (v *visit[T]) fullCheckEvery() time.Duration {
	if every := v.r.kind.Collection.fullCheck; every != nil {
		return every(v.resource)
	}
	return fullCheckEvery
}

// partSelf is the interest of an object in its own remote object.
const partSelf = "self"

func (v *visit[T]) trackSelf(key remote.Key, seen uint64) {
	v.register(v.store, partSelf, inventory.Interest{
		Key: key, Seen: seen, CheckAt: v.r.nextFullCheck(v.key, v.store, v.fullCheckEvery()),
	})
}
