package engine

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/webex"
)

// tenantOf names the tenant behind a WebexOrganization: two resources may stand for one, while one of them is replaced
// by the other.
func tenantOf(organization *v1alpha1.WebexOrganization) string {
	if uuid, err := webex.OrganizationUUID(organization.Spec.OrganizationID); err == nil {
		return uuid
	}
	return client.ObjectKeyFromObject(organization).String()
}

// scope is the tenant's collection: ids and names mean something only within it.
func (v *visit[T]) scope() string { return tenantOf(v.resource) + "/" + v.store.Name() }

func (v *visit[T]) idClaim(id string) claimKey {
	return claimKey{scope: v.scope(), byID: true, value: id}
}

// nameClaim is the claim on an object that has no id yet: by the id that the spec gives it, or else by its name.
func (v *visit[T]) nameClaim() claimKey {
	if key := v.r.kind.key(v.obj); key.ID != "" {
		return v.idClaim(key.ID)
	}
	return claimKey{scope: v.scope(), value: inventory.FoldName(v.obj.GetRemoteName())}
}

func (v *visit[T]) claimant(managing bool) claimant { return claimantOf(v.obj, managing) }

func claimantOf(obj v1alpha1.Object, managing bool) claimant {
	return claimant{
		object: client.ObjectKeyFromObject(obj), uid: obj.GetUID(), created: obj.GetCreationTimestamp().Time, managing: managing,
	}
}

// claim takes what this resource needs to have the object alone: its id and, as long as it is not managed, its name. It
// tells whether another one has a better right, and whether one that is being deleted hands the object over.
func (v *visit[T]) claim(ctx context.Context, seen sighting) (claimed, inherits bool) {
	by, name := v.claimant(seen.managed), v.nameClaim()
	var holder types.NamespacedName
	taken := true
	switch seen.presence {
	case absent:
		holder, taken = v.r.claims.take(by, types.NamespacedName{}, []claimKey{name})
	case present:
		id := v.idClaim(seen.row.ID)
		v.predecessor = v.learnRivals(ctx, id, by)
		var predecessor types.NamespacedName
		if v.predecessor != nil {
			predecessor = client.ObjectKeyFromObject(*v.predecessor)
		}
		if seen.managed {
			holder, taken = v.r.claims.take(by, predecessor, []claimKey{id}, name)
		} else {
			holder, taken = v.r.claims.take(by, predecessor, []claimKey{id, name})
			inherits = taken && v.predecessor != nil
		}
	}
	v.holder = holder
	return !taken, inherits
}

// learnRivals tells the claims who manages an object by its status, and returns the one that is being deleted and whose
// object this resource may therefore have. Where this process knows that the object is this resource's, the cache can only
// be behind.
func (v *visit[T]) learnRivals(ctx context.Context, id claimKey, by claimant) (predecessor *T) {
	if held, ok := v.r.claims.holder(id); ok && held.object == v.key && held.managing {
		return nil
	}
	var best *claimant
	for _, other := range v.managersOf(ctx, id.value) {
		if other.GetDeletionTimestamp() != nil && (by.managing || other.GetNamespace() == v.key.Namespace) {
			predecessor = &other
			continue
		}
		if rival := claimantOf(other, true); best == nil || rival.olderThan(*best) {
			best = &rival
		}
	}
	if best != nil {
		v.r.claims.note(*best, id)
		return nil
	}
	return predecessor
}

// managersOf returns the other resources that manage a remote object, by their status.
func (v *visit[T]) managersOf(ctx context.Context, id string) []T {
	list := v.r.kind.NewList()
	if err := v.r.env.Client.List(ctx, list, client.MatchingFields{indexID: id}); err != nil {
		return nil
	}
	var managers []T
	for _, other := range items[T](list) {
		if client.ObjectKeyFromObject(other) != v.key && other.GetConfigStatus().Origin != "" && v.shares(ctx, other) {
			managers = append(managers, other)
		}
	}
	return managers
}

// shares tells whether another resource means objects of the same tenant and collection.
func (v *visit[T]) shares(ctx context.Context, other T) bool {
	if key := OrganizationOf(other); key != v.organizationKey {
		var organization v1alpha1.WebexOrganization
		if err := v.r.env.Client.Get(ctx, key, &organization); err != nil || tenantOf(&organization) != tenantOf(v.resource) {
			return false
		}
	}
	store := v.r.kind.Collection.open(v.organization, other)
	return store != nil && store.Name() == v.store.Name()
}

// settleClaims makes known that this resource manages its object.
func (v *visit[T]) settleClaims() {
	v.r.claims.settle(v.claimant(true), v.idClaim(v.status().ID), v.nameClaim())
}

// createAlone creates the object while nobody else can stand for its name.
func (v *visit[T]) createAlone(ctx context.Context) *outcome {
	name, before := v.nameClaim(), v.status().ID
	if !v.r.claims.begin(v.claimant(false), name) {
		return v.duplicate(false)
	}
	v.wants(v.owned)
	out := v.create(ctx)
	id := v.status().ID
	switch own, _ := v.ownAttempt(); {
	case id != "" && id != before && v.status().Origin != "":
		v.r.contests.forget(v.key)
		v.settleClaims()
	case !own.posted: // else the object may be there, and nobody else may make one until that is known
		v.r.claims.end(v.key)
	}
	return out
}

// duplicate stops a resource whose object or name another one holds; it is woken when that one lets go. lost: status says
// that this one manages the object.
func (v *visit[T]) duplicate(lost bool) *outcome {
	if held, ok := v.r.claims.holder(v.nameClaim()); ok && v.holder == (types.NamespacedName{}) {
		v.holder = held.object
	}
	v.status().Drift = nil
	if lost {
		v.status().ID, v.status().Origin = "", ""
		v.bridge()
	}
	v.wants(v.owned)
	return stalled(v1alpha1.ReasonDuplicate, fmt.Sprintf(
		"remote object %q is managed by %s %s already; delete one of the two", v.obj.GetRemoteName(), v.r.kind.Name, v.holder)).in(duplicateRetry)
}

// duplicateRetry is when a duplicate looks whether the other one has let go, if nothing wakes it. It looks into memory only.
const duplicateRetry = time.Minute
