package engine

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
)

// visit is one pass over one object.
type visit[T v1alpha1.Object] struct {
	r      *Reconciler[T]
	key    types.NamespacedName
	obj    T
	before T // as last written or read: what the next status patch is made against

	organizationKey types.NamespacedName
	policies        v1alpha1.Policies
	resource        *v1alpha1.WebexOrganization
	organization    *inventory.Organization
	store           *inventory.Store
	references      Resolved
	unresolved      *outcome // why a reference of an object that exists cannot be followed; its other fields are compared
	owned           remote.Object
	contests        []contest[T] // exclusive fields that are not owned although the spec has them
	secrets         []secretValue
	digestKey       []byte
	known           remote.Object // what a write of this visit and its answer tell of the object; see afterWrite

	// holder is the other resource that has the object, or its name; predecessor the one that hands it over.
	holder      types.NamespacedName
	predecessor *T
	seen        sighting // what the decision was made on
	tried       bool     // what this object was refused has been set free: settled does not hold

	settled bool // nothing asks for a new look: compare with the snapshot, ask nothing
	tracked []trackedKey
}

func (v *visit[T]) spec() *v1alpha1.ConfigSpec     { return v.obj.GetConfigSpec() }
func (v *visit[T]) status() *v1alpha1.ConfigStatus { return v.obj.GetConfigStatus() }
func (v *visit[T]) deleting() bool                 { return v.obj.GetDeletionTimestamp() != nil }
func (v *visit[T]) owner() Owner[T]                { return Owner[T]{Object: v.obj, Organization: v.resource} }

// run goes through the steps of the loop and returns how the visit ends.
func (v *visit[T]) run(ctx context.Context) *outcome {
	if v.deleting() && controllerutil.ContainsFinalizer(v.obj, v1alpha1.Finalizer) && v.nothingMade() {
		return v.letGo(ctx)
	}
	if err := v.keepFinalizer(ctx); err != nil {
		return failed(err)
	}
	if v.spec().Suspend {
		if v.status().Origin == "" {
			v.r.claims.release(v.key)
		}
		return &outcome{state: isSuspended, reason: v1alpha1.ReasonSuspended, message: "spec.suspend is true"}
	}
	if v.deleting() && !controllerutil.ContainsFinalizer(v.obj, v1alpha1.Finalizer) {
		return &outcome{state: isGone}
	}
	return v.runConnected(ctx)
}

// runConnected goes through the steps that need the organization.
func (v *visit[T]) runConnected(ctx context.Context) *outcome {
	if v.settled = v.isSettled(); v.settled {
		ctx = remote.WithPriority(ctx, remote.Wakeup) // a sweep, not a person
	}
	if out := v.connect(ctx); out != nil {
		return out
	}
	if v.deleting() {
		out := v.runDeletion(ctx)
		if out.state == isStalled {
			out.message += "; " + wayOut
		}
		return out
	}
	if v.settled && !v.store.Peek(remote.Key{}).Listed {
		// After a restart: what was Ready waits for the organization's next sweep.
		v.trackSelf(v.lookupKeys()[0], inventory.Unseen)
		return &outcome{untouched: true}
	}
	if out := v.prepare(ctx); out != nil {
		return out
	}
	if !v.settled && v.policies.ManagementPolicy == v1alpha1.ManagementEnforce {
		if err := v.announceCreate(ctx); err != nil {
			return failed(err)
		}
	}
	out := v.converge(ctx)
	if v.unresolved != nil && out.state == isReady {
		return v.unresolved
	}
	return out
}

// prepare brings together what the spec asks for.
func (v *visit[T]) prepare(ctx context.Context) *outcome {
	if v.r.kind.Permits != nil {
		if complaint := v.r.kind.Permits(v.owner(), v.policies.ManagementPolicy == v1alpha1.ManagementEnforce); complaint != "" {
			return waiting(v1alpha1.ReasonNotEnabled, complaint)
		}
	}
	var out *outcome
	if v.references, out = v.resolveReferences(ctx); out != nil {
		return out
	}
	if v.unresolved != nil && v.status().ID == "" {
		return v.unresolved
	}
	var err error
	if v.owned, err = v.r.kind.Owned(v.owner(), v.references); err != nil {
		return failed(err)
	}
	if err = v.yield(ctx); err != nil {
		return failed(err)
	}
	if v.secrets, out = v.readSecrets(ctx); out != nil {
		return out
	}
	return nil
}

// converge looks, decides and acts. It keeps, or repeats a refusal, on the strength of the snapshot, but acts only on a
// fresh look.
func (v *visit[T]) converge(ctx context.Context) *outcome {
	for fresh := !v.settled; ; fresh = true {
		seen, out := v.look(ctx, fresh)
		if out != nil {
			return out
		}
		what := decide(v.facts(ctx, seen))
		if fresh || what.Action == keep || what.Action == report || what.Reason != "" && what.Reason == v.readyReason() {
			return v.execute(ctx, what, seen)
		}
	}
}

// runDeletion deletes by id, without references: they may be gone already. The row, where there is one, only tells
// whether the object is protected: its absence in a listing is no proof, the service's 404 to the DELETE is.
func (v *visit[T]) runDeletion(ctx context.Context) *outcome {
	id := v.status().ID
	switch {
	case v.retains() || v.policies.ManagementPolicy == v1alpha1.ManagementObserve:
		return v.retainAlone(ctx)
	case id == "":
		return v.deleteUnidentified(ctx)
	}
	seen := sighting{presence: present, managed: v.status().Origin != "", row: remote.Record{ID: id}}
	view := v.store.Peek(remote.Key{ID: id})
	if !view.Listed {
		var err error
		if view, err = v.store.Find(remote.WithPriority(ctx, remote.Deletion), remote.Key{ID: id}); err != nil {
			return failed(err)
		}
	}
	if len(view.Rows) == 1 {
		seen.row = view.Rows[0]
		var err error
		if seen.actual, err = view.Rows[0].Object(); err != nil {
			return failed(err)
		}
	}
	return v.execute(ctx, decide(v.facts(ctx, seen)), seen)
}

// deleteUnidentified looks for what an unanswered create may have left behind.
func (v *visit[T]) deleteUnidentified(ctx context.Context) *outcome {
	var out *outcome
	if v.owned, out = v.ownedForDeletion(); out != nil {
		return out
	}
	seen, out := v.look(ctx, true)
	if out != nil {
		return out
	}
	return v.execute(ctx, decide(v.facts(ctx, seen)), seen)
}

// ownedForDeletion: only the name matters here.
func (v *visit[T]) ownedForDeletion() (remote.Object, *outcome) {
	owned, err := v.r.kind.Owned(v.owner(), nil)
	if err != nil {
		return nil, failed(err)
	}
	return owned, nil
}

// isSettled: the conditions speak of this generation and nothing is pending.
func (v *visit[T]) isSettled() bool {
	status := v.status()
	if v.deleting() || v.tried || status.ObservedGeneration != v.obj.GetGeneration() || v.requested() != status.LastHandledReconcileAt {
		return false
	}
	if meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReconciling) || v.readyReason() == v1alpha1.ReasonSuspended {
		return false
	}
	return meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady) ||
		meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled)
}

func (v *visit[T]) requested() string {
	return v.obj.GetAnnotations()[v1alpha1.ReconcileRequestAnnotation]
}

// retains tells whether a deletion leaves the remote object: no connection is needed to do nothing.
func (v *visit[T]) retains() bool {
	switch v.policies.DeletionPolicy {
	case v1alpha1.DeletionRetain:
		return true
	case v1alpha1.DeletionDelete:
		return false
	}
	// By origin: what we created goes, what we adopted stays. An id without origin was only observed.
	return v.status().Origin == v1alpha1.OriginAdopted || (v.status().Origin == "" && v.status().ID != "")
}

// flush writes the status now, where something must not be lost: an id.
func (v *visit[T]) flush(ctx context.Context) error {
	target, ok := v.obj.DeepCopyObject().(T)
	if !ok {
		return fmt.Errorf("copy of %s %s has another type", v.r.kind.Name, v.key)
	}
	patch := client.MergeFrom(v.before)
	data, err := patch.Data(target)
	if err != nil {
		return fmt.Errorf("make status patch: %w", err)
	}
	if string(data) == "{}" {
		return nil
	}
	v.pinTenant()
	target.GetConfigStatus().OrganizationID = v.status().OrganizationID
	if err := v.r.env.mayWrite(); err != nil {
		return fmt.Errorf("write status of %s %s: %w", v.r.kind.Name, v.key, err)
	}
	if err := v.r.env.Client.Status().Patch(ctx, target, patch); err != nil {
		return fmt.Errorf("write status of %s %s: %w", v.r.kind.Name, v.key, err)
	}
	v.r.writes.note(target)
	return v.rebase(target.GetResourceVersion())
}

// rebase makes the object as it is now the base of the next patch.
func (v *visit[T]) rebase(resourceVersion string) error {
	v.obj.SetResourceVersion(resourceVersion)
	before, ok := v.obj.DeepCopyObject().(T)
	if !ok {
		return fmt.Errorf("copy of %s %s has another type", v.r.kind.Name, v.key)
	}
	v.before = before
	return nil
}
