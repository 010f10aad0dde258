package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/fence"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
)

// Reconciler runs the loop for one kind.
type Reconciler[T v1alpha1.Object] struct {
	kind   *Kind[T]
	env    *Environment
	claims *claims
	lanes  *lanes
	queue  queue
	writes ownWrites

	contests contests

	bridges   *syncMap[types.UID, v1alpha1.ConfigStatus]
	tracked   *syncMap[types.NamespacedName, []trackedKey]
	fullReads *syncMap[types.NamespacedName, fullRead]
	turns     *syncMap[types.NamespacedName, struct{}] // whose turn it is to see who refers to them
	attempts  *syncMap[types.NamespacedName, attempt]
	sent      *syncMap[types.NamespacedName, sentWrite]
	corrected *syncMap[types.NamespacedName, corrections]

	start sync.Once
	began time.Time // of the first visit: this process leads since then or a little longer
}

// NewReconciler makes the loop of one kind.
func NewReconciler[T v1alpha1.Object](env *Environment, kind *Kind[T]) *Reconciler[T] {
	r := &Reconciler[T]{
		kind: kind, env: env, lanes: newLanes(env.concurrency() / laneShare),
		bridges:   &syncMap[types.UID, v1alpha1.ConfigStatus]{},
		tracked:   &syncMap[types.NamespacedName, []trackedKey]{},
		fullReads: &syncMap[types.NamespacedName, fullRead]{},
		attempts:  &syncMap[types.NamespacedName, attempt]{},
		turns:     &syncMap[types.NamespacedName, struct{}]{},
		sent:      &syncMap[types.NamespacedName, sentWrite]{},
		corrected: &syncMap[types.NamespacedName, corrections]{},
	}
	r.claims = newClaims(r.wake)
	env.register(kind.Name, r)
	return r
}

// Reconcile visits one object.
func (r *Reconciler[T]) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	r.start.Do(func() { r.began = time.Now() })
	obj := r.kind.New()
	if err := r.env.Client.Get(ctx, request.NamespacedName, obj); err != nil {
		if apierrors.IsNotFound(err) {
			r.forget(request.NamespacedName)
			for _, next := range r.lanes.stir() {
				r.wake(next)
			}
			return reconcile.Result{}, nil
		}
		return reconcile.Result{}, fmt.Errorf("get %s: %w", r.kind.Name, err)
	}
	if r.writes.behind(obj) {
		return reconcile.Result{RequeueAfter: cacheLag}, nil
	}
	organization := OrganizationOf(obj)
	if !r.lanes.enter(organization, request.NamespacedName, edited(obj)) {
		return reconcile.Result{}, nil // woken when there is room
	}
	defer func() {
		if next, ok := r.lanes.leave(organization); ok {
			r.wake(next)
		}
	}()
	return r.visit(ctx, request, obj)
}

// edited tells a person's change of an object that was settled before from the first visit to a new one.
func edited(obj v1alpha1.Object) bool {
	seen := obj.GetConfigStatus().ObservedGeneration
	return seen > 0 && seen != obj.GetGeneration()
}

func (r *Reconciler[T]) visit(ctx context.Context, request reconcile.Request, obj T) (reconcile.Result, error) {
	before, ok := obj.DeepCopyObject().(T)
	if !ok {
		return reconcile.Result{}, fmt.Errorf("copy of %s has another type", r.kind.Name)
	}
	v := &visit[T]{r: r, key: request.NamespacedName, obj: obj, before: before, tried: r.contests.retried(request.NamespacedName)}
	v.recall()
	out := v.run(ctx)
	r.retrack(v.key, v.tracked, out)
	if err := v.settleIntent(ctx, out); err != nil {
		out = failed(err)
	}
	result, err := v.conclude(ctx, out)
	if out.state == isGone && err == nil {
		r.bridges.delete(obj.GetUID())
		r.writes.forget(obj)
		r.claims.release(v.key)
		r.contests.forget(v.key)
	}
	if errors.Is(err, fence.Err) {
		log.FromContext(ctx).V(1).Info("nothing is written", "reason", err.Error())
		return reconcile.Result{RequeueAfter: time.Second}, nil
	}
	if apierrors.IsConflict(errors.Unwrap(err)) {
		// The cache was behind; the next visit sees the newer object.
		log.FromContext(ctx).V(1).Info("object changed meanwhile", "error", err.Error())
		return reconcile.Result{RequeueAfter: time.Second}, nil
	}
	return result, err
}

// retrack gives up the interests that this visit did not renew. A visit that was cut short keeps them all.
func (r *Reconciler[T]) retrack(key types.NamespacedName, renewed []trackedKey, out *outcome) {
	old, _ := r.tracked.load(key)
	kept := out.state != isGone && out.state != isSuspended &&
		out.reason != v1alpha1.ReasonTenantNotAllowed && out.reason != v1alpha1.ReasonOrganizationNotAllowed
	if len(renewed) == 0 && kept {
		return
	}
	still := map[trackedKey]bool{}
	for _, t := range renewed {
		still[t] = true
	}
	for _, t := range old {
		if !still[t] {
			t.store.Forget(t.key)
		}
	}
	r.tracked.store(key, renewed)
}

// forget drops all that is remembered of an object that is gone.
func (r *Reconciler[T]) forget(key types.NamespacedName) {
	r.retrack(key, nil, &outcome{state: isGone})
	r.tracked.delete(key)
	r.fullReads.delete(key)
	r.attempts.delete(key)
	r.turns.delete(key)
	r.sent.delete(key)
	r.corrected.delete(key)
	r.claims.release(key)
	r.contests.forget(key)
}

// recall puts back what a status write may have lost or the cache may not show yet: the id above all.
func (v *visit[T]) recall() {
	bridge, ok := v.r.bridges.load(v.obj.GetUID())
	if !ok {
		return
	}
	status := v.status()
	if arrived(status, &bridge) {
		v.r.bridges.delete(v.obj.GetUID())
		return
	}
	status.ID, status.Origin = bridge.ID, bridge.Origin
	status.LastChange, status.AppliedSecrets = bridge.LastChange, bridge.AppliedSecrets
}

// arrived tells whether a status read back has all that a bridge carries.
func arrived(status, bridge *v1alpha1.ConfigStatus) bool {
	return status.ID == bridge.ID && status.Origin == bridge.Origin &&
		equality.Semantic.DeepEqual(status.AppliedSecrets, bridge.AppliedSecrets) &&
		(bridge.LastChange == nil || status.LastChange != nil && !status.LastChange.Time.Time.Before(bridge.LastChange.Time.Truncate(time.Second)))
}

// bridge keeps the identity in memory until status certainly has it.
func (v *visit[T]) bridge() {
	v.r.bridges.store(v.obj.GetUID(), *v.status().DeepCopy())
}

// fullRead is when an object was last read in full, and what its row looked like.
type fullRead struct {
	row uint64
	at  time.Time
}

// fullCheckEvery is how often an object is read in full although its row has not changed, where the placement does not
// say, with up to a fifth more so that objects read together do not stay together.
const fullCheckEvery = time.Hour

// readBefore tells whether the row alone is enough: it is the one of the last full read, or none has been made by this
// process and the row's own fields will do until the next check.
func (r *Reconciler[T]) readBefore(key types.NamespacedName, row remote.Record, every time.Duration) bool {
	last, ok := r.fullReads.load(key)
	if !ok {
		r.remember(key, row)
		return true
	}
	return last.row == row.Hash && time.Since(last.at) < every
}

func (r *Reconciler[T]) remember(key types.NamespacedName, row remote.Record) {
	r.fullReads.store(key, fullRead{row: row.Hash, at: time.Now()})
}

func (r *Reconciler[T]) nextFullCheck(key types.NamespacedName, store *inventory.Store, every time.Duration) time.Time {
	last, ok := r.fullReads.load(key)
	if store.Abilities().CompleteRows || !ok {
		return time.Time{}
	}
	return last.at.Add(every + rand.N(every/5)) //nolint:gosec // jitter, no secret
}

// wake puts an object back into the queue.
func (r *Reconciler[T]) wake(key types.NamespacedName) { r.queue.add(key) }
