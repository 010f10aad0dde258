package engine

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
)

// find asks the service about an object. A first listing may take long, of a large organization or a slow service: then
// the status says what is waited for.
func (v *visit[T]) find(ctx context.Context, key remote.Key) (inventory.View, error) {
	if v.store.Peek(remote.Key{}).Listed {
		return v.store.Find(ctx, key)
	}
	type answer struct {
		view inventory.View
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		view, err := v.store.Find(ctx, key)
		answered <- answer{view, err}
	}()
	patience := time.NewTimer(v.r.env.settleWindow())
	defer patience.Stop()
	select {
	case a := <-answered:
		return a.view, a.err
	case <-patience.C:
		v.tellListing(ctx)
	}
	a := <-answered
	return a.view, a.err
}

// tellListing says, once a generation, that the first listing is under way.
func (v *visit[T]) tellListing(ctx context.Context) {
	if v.readyReason() != "" && v.status().ObservedGeneration == v.obj.GetGeneration() {
		return
	}
	v.describe(&outcome{
		state: isUnknown, reason: v1alpha1.ReasonProgressing,
		message: fmt.Sprintf("waiting for the first listing of %s of the organization, which takes longer than %s", v.store.Name(), v.r.env.settleWindow()),
	})
	if err := v.flush(ctx); err != nil {
		log.FromContext(ctx).Error(err, "tell that the first listing takes long")
	}
}
