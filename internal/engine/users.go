package engine

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"wxcc.dev/operator/internal/remote"
)

// observeUsers tells who refers to the object, when a person asked for a check or it is the object's turn.
func (v *visit[T]) observeUsers(ctx context.Context) {
	if v.r.kind.ObserveUsers == nil {
		return
	}
	_, turn := v.r.turns.load(v.key)
	if v.requested() == v.status().LastHandledReconcileAt && !turn {
		return
	}
	v.r.turns.delete(v.key)
	users, err := v.store.Users(ctx, v.status().ID)
	if err != nil {
		log.FromContext(ctx).Info("could not read who refers to the object", "id", v.status().ID, "error", err.Error())
		return
	}
	v.r.kind.ObserveUsers(v.obj, users)
}

// unused notes that nobody refers to an object that was just created: no request tells more.
func (v *visit[T]) unused() {
	if v.r.kind.ObserveUsers != nil {
		v.r.kind.ObserveUsers(v.obj, remote.Users{})
	}
}
