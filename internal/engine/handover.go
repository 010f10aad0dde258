package engine

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
)

// eventHandedOver is the event of both resources when one goes on managing the object of the other.
const eventHandedOver = "HandedOver"

// handoverRetry is when a deletion that waits for another resource looks at it again, if nothing wakes it.
const handoverRetry = time.Minute

// succeed goes on managing the object of a resource that is being deleted, with its origin: what we created stays ours
// to delete. It is in status before the other one goes, so that a crash in between leaves the object with one of the two.
func (v *visit[T]) succeed(ctx context.Context, seen sighting) *outcome {
	from := *v.predecessor
	was := from.GetConfigStatus()
	if err := v.setFinalizer(ctx, true); err != nil {
		return failed(err)
	}
	v.status().ID, v.status().Origin = seen.row.ID, was.Origin
	v.status().AppliedSecrets = was.DeepCopy().AppliedSecrets
	v.changed("Adopt", nil, nil, "")
	v.bridge()
	if err := v.flush(ctx); err != nil {
		return failed(err)
	}
	v.settleClaims()
	v.r.contests.forget(v.key)
	v.event(eventHandedOver, "Adopt", "took over remote object %q (id %s, origin %s) from %s %s, which is being deleted",
		v.obj.GetRemoteName(), seen.row.ID, was.Origin, v.r.kind.Name, from.GetName())
	v.r.wake(client.ObjectKeyFromObject(from))
	seen.managed = true
	if v.owned != nil {
		seen.differences = v.differences(&seen)
	}
	if len(seen.differences) == 0 {
		return v.isKept(ctx, seen)
	}
	return v.update(ctx, seen)
}

// successor returns the resource that manages an object in the place of this one, which is being deleted. Of several that
// are being deleted the oldest still manages it.
func (v *visit[T]) successor(ctx context.Context, id string) (types.NamespacedName, bool) {
	if held, ok := v.r.claims.holder(v.idClaim(id)); ok && held.object != v.key && held.managing {
		return held.object, true
	}
	self := v.claimant(v.status().Origin != "")
	for _, other := range v.managersOf(ctx, id) {
		if other.GetDeletionTimestamp() == nil || !self.managing || claimantOf(other, true).olderThan(self) {
			return client.ObjectKeyFromObject(other), true
		}
	}
	return types.NamespacedName{}, false
}

// removeAlone deletes the object unless another resource is about to take it over. Until the deletion grace is over that
// may be one that does not exist yet: it waits without a write, and all that are deleted together become due together.
func (v *visit[T]) removeAlone(ctx context.Context, seen sighting) *outcome {
	grace := v.graceLeft()
	if heir, ok := v.heir(ctx, seen); ok {
		v.r.wake(client.ObjectKeyFromObject(heir))
		if able(heir, v.policiesOf(ctx, heir)) && grace > 0 {
			return &outcome{untouched: true, after: grace}
		}
		return v.waitForHeir(ctx, heir)
	}
	if grace > 0 {
		return &outcome{untouched: true, after: grace}
	}
	if !v.r.claims.begin(v.claimant(seen.managed), v.idClaim(seen.row.ID)) {
		return &outcome{untouched: true, after: time.Second} // it is being handed over at this moment
	}
	out := v.remove(ctx, seen)
	if out.state != isGone && out.reason != v1alpha1.ReasonAmbiguousWrite {
		v.r.claims.end(v.key)
	}
	return out
}

// retainAlone lets go of an object that is to stay, after a resource that is there to take it over has done so.
func (v *visit[T]) retainAlone(ctx context.Context) *outcome {
	id, grace := v.status().ID, v.graceLeft()
	if id == "" || v.status().Origin == "" || grace <= 0 || v.policies.ManagementPolicy == v1alpha1.ManagementObserve {
		return v.letGo(ctx)
	}
	var taken bool
	if v.holder, taken = v.successor(ctx, id); taken {
		return v.letGo(ctx)
	}
	seen := sighting{row: remote.Record{ID: id}}
	if heir, ok := v.heir(ctx, seen); ok && able(heir, v.policiesOf(ctx, heir)) {
		v.r.wake(client.ObjectKeyFromObject(heir))
		return &outcome{untouched: true, after: grace}
	}
	return v.letGo(ctx)
}

// graceLeft is how long the object is kept for a resource that is yet to come. Kubernetes keeps whole seconds of the time
// of a deletion: the rest counts for it.
func (v *visit[T]) graceLeft() time.Duration {
	grace := v.r.env.deletionGrace()
	if grace == 0 {
		return 0
	}
	return time.Until(v.obj.GetDeletionTimestamp().Add(grace + time.Second))
}

// heir returns the resource that means the same remote object, by id or name, and has none of its own: the one most able to
// take it over, and the oldest of those.
func (v *visit[T]) heir(ctx context.Context, seen sighting) (heir T, found bool) {
	for _, other := range v.namesakes(ctx, seen) {
		switch status := other.GetConfigStatus(); {
		case client.ObjectKeyFromObject(other) == v.key, other.GetDeletionTimestamp() != nil,
			status.Origin != "" && status.ID != seen.row.ID, !v.shares(ctx, other):
			continue
		}
		here, there := false, able(other, v.policiesOf(ctx, other))
		if found {
			here = able(heir, v.policiesOf(ctx, heir))
		}
		if !found || there && !here || there == here && claimantOf(other, false).olderThan(claimantOf(heir, false)) {
			heir, found = other, true
		}
	}
	return heir, found
}

// namesakes returns the resources of the namespace that mean what this one does, or the object found.
func (v *visit[T]) namesakes(ctx context.Context, seen sighting) []T {
	keys := map[string]bool{v.r.kind.meaning(v.obj): true, meaningID(seen.row.ID): true}
	if seen.row.Name != "" && !v.r.kind.Namesakes {
		keys[meaningName(seen.row.Name)] = true
	}
	var all []T
	for key := range keys {
		list := v.r.kind.NewList()
		err := v.r.env.Client.List(ctx, list, client.InNamespace(v.key.Namespace), client.MatchingFields{indexMeaning: key})
		if err == nil {
			all = append(all, items[T](list)...)
		}
	}
	return all
}

// meaning says which remote object a spec means: the one of an id that it gives, or of a name.
func (k *Kind[T]) meaning(obj T) string {
	if key := k.key(obj); key.ID != "" {
		return meaningID(key.ID)
	}
	return meaningName(obj.GetRemoteName())
}

func meaningID(id string) string { return "id/" + id }

func meaningName(name string) string { return "name/" + inventory.FoldName(name) }

// policiesOf are the policies of another resource with what its organization says.
func (v *visit[T]) policiesOf(ctx context.Context, other T) v1alpha1.Policies {
	defaults := v.resource.Spec.Defaults
	if key := OrganizationOf(other); key != v.organizationKey {
		var organization v1alpha1.WebexOrganization
		if err := v.r.env.Client.Get(ctx, key, &organization); err == nil {
			defaults = organization.Spec.Defaults
		}
	}
	return inherit(other.GetConfigSpec().Policies, defaults)
}

// able tells whether a resource takes an object over by itself, once it can be connected.
func able(heir v1alpha1.Object, policies v1alpha1.Policies) bool {
	return !heir.GetConfigSpec().Suspend && policies.ManagementPolicy == v1alpha1.ManagementEnforce
}

// waitForHeir says why the object is neither deleted nor handed over, and what to do.
func (v *visit[T]) waitForHeir(ctx context.Context, heir T) *outcome {
	var why, what string
	switch ready := meta.FindStatusCondition(heir.GetConfigStatus().Conditions, v1alpha1.ConditionReady); {
	case heir.GetConfigSpec().Suspend:
		why, what = "is suspended", "set its spec.suspend to false to hand the object over"
	case v.policiesOf(ctx, heir).ManagementPolicy == v1alpha1.ManagementObserve:
		why, what = "only observes it", "set its managementPolicy to Enforce to hand the object over"
	case ready != nil:
		why, what = fmt.Sprintf("cannot take it over yet (%s: %s)", ready.Reason, remote.Printable(ready.Message, 400)), "mend that to hand the object over"
	default:
		why, what = "has not taken it over yet", "wait"
	}
	return waiting(v1alpha1.ReasonHandingOver, fmt.Sprintf(
		"remote object %q (id %s) is not deleted, because %s %s means the same one; it %s: %s, or delete it to have the object deleted, or set deletionPolicy: Retain here",
		v.obj.GetRemoteName(), v.status().ID, v.r.kind.Name, heir.GetName(), why, what)).in(handoverRetry)
}
