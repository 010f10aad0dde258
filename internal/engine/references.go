package engine

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
)

// Target is the remote object that a reference points to.
type Target struct {
	ID string
	// Object is the remote object as far as it is known here: in full from a listing, or as its custom resource wants it.
	Object remote.Object
}

// Resolved holds the targets by the spec path of the reference.
type Resolved map[string]Target

// referenceRequest asks for one target.
type referenceRequest struct {
	field           string
	namespace       string
	reference       v1alpha1.ObjectReference
	organization    *inventory.Organization
	organizationKey types.NamespacedName
	// settled: nobody waits for the answer, so the target's next listing is soon enough.
	settled bool
	// track registers interest in the target's store, so that a sweep that finds it wakes the asker.
	track func(store *inventory.Store, key remote.Key, seen uint64)
}

// resolveReferences returns the targets that there are; v.unresolved says why one is missing. Waiting is no error and needs
// no order of apply.
func (v *visit[T]) resolveReferences(ctx context.Context) (Resolved, *outcome) {
	spec, err := specOf(v.obj)
	if err != nil {
		return nil, failed(err)
	}
	resolved := Resolved{}
	for _, field := range v.r.kind.Fields {
		value, set := spec.Get(field.Spec)
		if field.Reference == "" || !set {
			continue
		}
		request, err := v.referenceRequest(field.Spec, value)
		if err != nil {
			return nil, failed(err)
		}
		target, out := v.r.env.kinds[field.Reference].resolve(ctx, request)
		if out != nil && (out.untouched || out.err != nil || out.state != isWaiting && out.state != isStalled) {
			return nil, out
		}
		if out != nil {
			v.unresolved = out
			continue
		}
		if field.Check != nil {
			if complaint := field.Check(v.obj, target.Object); complaint != "" {
				return nil, stalled(v1alpha1.ReasonReferenceMismatch, fmt.Sprintf("spec.%s: %s", field.Spec, complaint))
			}
		}
		resolved[field.Spec] = target
	}
	return resolved, nil
}

func (v *visit[T]) referenceRequest(path string, value any) (referenceRequest, error) {
	request := referenceRequest{
		field: path, namespace: v.obj.GetNamespace(), organization: v.organization, organizationKey: v.organizationKey, settled: v.settled,
		track: func(store *inventory.Store, key remote.Key, seen uint64) {
			v.track(store, "reference "+path, key, seen)
		},
	}
	reference, err := fromJSON[v1alpha1.ObjectReference](value)
	if err != nil {
		return request, fmt.Errorf("spec.%s: %w", path, err)
	}
	request.reference = reference
	return request, nil
}

// resolve implements resolver for the kind that is referred to.
func (r *Reconciler[T]) resolve(ctx context.Context, request referenceRequest) (Target, *outcome) {
	if request.reference.RemoteName != "" {
		return r.resolveRemote(ctx, request)
	}
	name := types.NamespacedName{Namespace: request.namespace, Name: request.reference.Name}
	obj := r.kind.New()
	err := r.env.Client.Get(ctx, name, obj)
	switch {
	case apierrors.IsNotFound(err):
		return Target{}, waiting(v1alpha1.ReasonReferenceNotFound,
			fmt.Sprintf("spec.%s: %s %q does not exist in namespace %q", request.field, r.kind.Name, name.Name, name.Namespace))
	case err != nil:
		return Target{}, failed(fmt.Errorf("get %s %s: %w", r.kind.Name, name, err))
	}
	if OrganizationOf(obj) != request.organizationKey {
		return Target{}, waiting(v1alpha1.ReasonReferenceNotAllowed,
			fmt.Sprintf("spec.%s: %s %q belongs to another organization", request.field, r.kind.Name, name.Name))
	}
	if id := obj.GetConfigStatus().ID; id == "" || obj.GetDeletionTimestamp() != nil {
		return Target{}, waiting(v1alpha1.ReasonReferenceNotReady,
			fmt.Sprintf("spec.%s: %s %q has no remote id yet, or is being deleted: see its conditions", request.field, r.kind.Name, name.Name))
	}
	form, err := r.kind.remoteForm(obj)
	if err != nil {
		return Target{}, failed(err)
	}
	return Target{ID: obj.GetConfigStatus().ID, Object: form}, nil
}

// resolveRemote looks a name up in the listing, and asks the service only where the listing does not know it.
func (r *Reconciler[T]) resolveRemote(ctx context.Context, request referenceRequest) (Target, *outcome) {
	store := r.kind.Collection.open(request.organization, r.kind.New())
	if store == nil {
		return Target{}, waiting(v1alpha1.ReasonOrganizationNotReady,
			fmt.Sprintf("spec.%s: the organization is not connected where its %s are", request.field, r.kind.Name))
	}
	key := remote.Key{Name: request.reference.RemoteName}
	view := store.Peek(key)
	if request.settled && !view.Listed {
		request.track(store, key, inventory.Unseen)
		return Target{}, &outcome{untouched: true}
	}
	if len(view.Rows) == 0 {
		var err error
		if view, err = store.Find(ctx, key); err != nil {
			return Target{}, failed(err)
		}
	}
	request.track(store, key, view.Fingerprint())
	switch len(view.Rows) {
	case 0:
		return Target{}, waiting(v1alpha1.ReasonReferenceNotFound,
			fmt.Sprintf("spec.%s: the organization has no %s named %q", request.field, r.kind.Name, key.Name))
	case 1:
		object, err := view.Rows[0].Object()
		if err != nil {
			return Target{}, failed(err)
		}
		return Target{ID: view.Rows[0].ID, Object: object}, nil
	}
	return Target{}, stalled(v1alpha1.ReasonMultipleMatches,
		fmt.Sprintf("spec.%s: several %s are named %q: %s", request.field, r.kind.Name, key.Name, ids(view.Rows)))
}

func ids(rows []remote.Record) string {
	list := make([]string, 0, len(rows))
	for _, row := range rows {
		list = append(list, row.ID)
	}
	return strings.Join(list, ", ")
}
