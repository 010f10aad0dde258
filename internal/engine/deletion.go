package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// inUseRetry is when a blocked deletion is tried again; the users of the object may be managed elsewhere.
const inUseRetry = time.Minute

// eventDeleted is the event of a resource whose remote object is gone with it.
const eventDeleted = "Deleted"

// wayOut is how a resource goes whose remote object cannot be deleted.
const wayOut = "deletionPolicy: Retain lets this resource go without it"

// remove deletes the remote object. Only the documented answer of the service, its word that there is none, or a listing
// that begins later ends our interest.
func (v *visit[T]) remove(ctx context.Context, seen sighting) *outcome {
	if !v.r.env.Brakes.admit(v.organizationKey, v.obj.GetUID()) {
		return v.braked()
	}
	ctx = remote.WithPriority(ctx, remote.Deletion)
	result, err := v.write(ctx, remote.Delete, remote.Write{ID: seen.row.ID})
	switch {
	case remote.IsNotFound(err) && v.r.kind.Renamed != nil:
		return v.removeRenamed(ctx, seen)
	case err == nil || remote.IsNotFound(err):
		return v.finished(ctx, eventDeleted, fmt.Sprintf("deleted remote object %q (id %s)%s", v.obj.GetRemoteName(), seen.row.ID, tracking(result.TrackingID)))
	case remote.ClassOf(err) == remote.InUse:
		v.r.env.Brakes.refund(v.organizationKey, v.obj.GetUID())
		return v.inUse(ctx, seen.row.ID, err)
	case remote.ClassOf(err) == remote.InvalidResponse:
		return v.lookAfterDelete(ctx, seen, err)
	}
	return notDeleted(err)
}

// notDeleted keeps the finalizer: the deletion is asked for again.
func notDeleted(err error) *outcome {
	out := writeFailed(err)
	if out.reason == v1alpha1.ReasonAmbiguousWrite {
		out.message = "the deletion had no clear answer and is asked again: " + err.Error()
	}
	return out
}

// lookAfterDelete finds out by a listing that begins now what an answer to a DELETE does not tell. A listing may lag
// behind a write that has just been made, and then proves nothing.
func (v *visit[T]) lookAfterDelete(ctx context.Context, seen sighting, unclear error) *outcome {
	view, err := v.store.Find(ctx, remote.Key{ID: seen.row.ID})
	switch {
	case err != nil, len(view.Rows) > 0, v.settling():
		return notDeleted(unclear)
	case v.r.kind.Renamed != nil:
		return v.removeRenamed(ctx, seen)
	}
	return v.finished(ctx, eventDeleted, fmt.Sprintf("deleted remote object %q (id %s): it is not listed any more%s",
		v.obj.GetRemoteName(), seen.row.ID, tracking(remote.TrackingID(unclear))))
}

// braked waits for somebody to say that so many deletes are meant; the organization's condition wakes it then.
func (v *visit[T]) braked() *outcome {
	return waiting(v1alpha1.ReasonDeletesHeld, fmt.Sprintf(
		"not deleted: WebexOrganization %q has reached its spec.maxDeletesPerHour; see its condition DeletesHeld", v.organizationKey.Name))
}

// removeRenamed makes sure that an object that is gone under its id is not there under another one.
func (v *visit[T]) removeRenamed(ctx context.Context, seen sighting) *outcome {
	var out *outcome
	if v.owned, out = v.ownedForDeletion(); out != nil {
		return out
	}
	view, err := v.store.Find(ctx, v.r.kind.key(v.obj))
	if err != nil {
		return failed(err)
	}
	for _, row := range view.Rows {
		if row.ID != seen.row.ID && v.renamed(row) {
			v.status().ID, seen.row = row.ID, row
			return v.remove(ctx, seen)
		}
	}
	return v.finished(ctx, eventDeleted, fmt.Sprintf("remote object %q (id %s) was gone already", v.obj.GetRemoteName(), seen.row.ID))
}

// inUse names those who block a deletion.
func (v *visit[T]) inUse(ctx context.Context, id string, refused error) *outcome {
	message := refused.Error()
	if users, err := v.store.Users(ctx, id); err == nil && users.Total > 0 {
		if v.r.kind.ObserveUsers != nil {
			v.r.kind.ObserveUsers(v.obj, users)
		}
		message = "cannot be deleted while it is used by " + listed(users)
	}
	if v.readyReason() != v1alpha1.ReasonInUse {
		v.event(string(v1alpha1.ReasonInUse), string(remote.Delete), "%s", message)
	}
	return waiting(v1alpha1.ReasonInUse, message).in(inUseRetry)
}

// maxUsersListed is how many users a message names.
const maxUsersListed = 10

func listed(users remote.Users) string {
	names := make([]string, 0, maxUsersListed)
	for _, user := range users.Named[:min(len(users.Named), maxUsersListed)] {
		names = append(names, fmt.Sprintf("%s %q", user.Type, user.Name))
	}
	text := remote.Printable(strings.Join(names, ", "), 512)
	if more := users.Total - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// letGo ends the management and leaves the remote object as it is.
func (v *visit[T]) letGo(ctx context.Context) *outcome {
	if v.holder != (types.NamespacedName{}) && v.status().Origin != "" {
		return v.finished(ctx, eventHandedOver, fmt.Sprintf("handed over remote object %q (id %s) to %s %s",
			v.obj.GetRemoteName(), v.status().ID, v.r.kind.Name, v.holder.Name))
	}
	message := "no remote object was managed"
	if id := v.status().ID; id != "" {
		message = fmt.Sprintf("left remote object %q (id %s) as it is", v.obj.GetRemoteName(), id)
	}
	return v.finished(ctx, "Retained", message)
}

// finished takes the finalizer off and says so once.
func (v *visit[T]) finished(ctx context.Context, reason, message string) *outcome {
	if err := v.setFinalizer(ctx, false); err != nil {
		return failed(err)
	}
	if reason == "" || reason == eventDeleted {
		v.setFree(v.everything())
	}
	if reason != "" {
		v.event(reason, "Delete", "%s", message)
	}
	return &outcome{state: isGone}
}
