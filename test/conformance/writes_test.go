package conformance_test

import (
	"context"
	"sync/atomic"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// writeCount counts the operator's writes to resources of one name.
type writeCount struct{ writes atomic.Int32 }

func (c *writeCount) funcs(name string) interceptor.Funcs {
	return interceptor.Funcs{
		Patch: func(ctx context.Context, to client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			if object.GetName() == name {
				c.writes.Add(1)
			}
			return to.Patch(ctx, object, patch, options...)
		},
		SubResourcePatch: func(ctx context.Context, to client.Client, subResource string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			if object.GetName() == name {
				c.writes.Add(1)
			}
			return to.SubResource(subResource).Patch(ctx, object, patch, options...)
		},
	}
}

// Finalizer and intent go in one write, id and conditions in another.
func TestACreateCostsFewWritesToTheResource(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		var count writeCount
		w.runManager(managerOptions{intercept: count.funcs("counted")})
		w.waitConnected()
		r := w.createNamed("counted", k.minimal("Counted"))
		r.waitReady()
		want := int32(2)
		if k.entity == "" {
			want = 3 // the id is safe before the call center is read back
		}
		if writes := count.writes.Load(); writes != want {
			t.Errorf("%d writes, want %d", writes, want)
		}
	})
}
