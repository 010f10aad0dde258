package engine

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// cacheLag is when to look again whether the cache has caught up.
const cacheLag = 100 * time.Millisecond

// ownWrites hold the resource version of our last write of each object until the cache shows it. Who is woken before
// would do again what is done already, and ask the remote service about it again.
type ownWrites struct {
	versions syncMap[types.UID, string]
}

func (w *ownWrites) note(object client.Object) {
	w.versions.store(object.GetUID(), object.GetResourceVersion())
}

// behind tells whether the cache shows an object as it was before our last write.
func (w *ownWrites) behind(cached client.Object) bool {
	written, waiting := w.versions.load(cached.GetUID())
	if !waiting {
		return false
	}
	// Versions that cannot be compared hold up nobody.
	if order, err := resourceversion.CompareResourceVersion(cached.GetResourceVersion(), written); err == nil && order < 0 {
		return true
	}
	w.versions.delete(cached.GetUID())
	return false
}

func (w *ownWrites) forget(object client.Object) { w.versions.delete(object.GetUID()) }
