package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// execute carries out a decision.
func (v *visit[T]) execute(ctx context.Context, what decision, seen sighting) *outcome {
	v.seen = seen
	switch what.Action {
	case keep:
		return v.isKept(ctx, seen)
	case report:
		return v.report(ctx, seen)
	case create:
		return v.createAlone(ctx)
	case adopt, adoptUpdate:
		return v.take(ctx, seen, v1alpha1.OriginAdopted)
	case claim, claimUpdate:
		return v.take(ctx, seen, v1alpha1.OriginCreated)
	case succeed:
		return v.succeed(ctx, seen)
	case update:
		return v.update(ctx, seen)
	case refuse:
		return v.refuse(what.Reason, seen)
	case remove:
		return v.removeAlone(ctx, seen)
	case letGo:
		return v.letGo(ctx)
	case gone:
		return v.finished(ctx, "", "the remote object is gone")
	}
	return &outcome{state: isUnknown, reason: v1alpha1.ReasonProgressing, message: "the remote object could not be determined"}
}

// isKept publishes an object that is as it should be.
func (v *visit[T]) isKept(ctx context.Context, seen sighting) *outcome {
	v.publish(seen)
	v.observeUsers(ctx)
	v.status().Drift = nil
	v.r.sent.delete(v.key)
	if out := v.lost(seen); out != nil {
		return out
	}
	return ready(v1alpha1.ReasonSynced, "the remote object equals the spec")
}

// publish copies the facts of the object into the status.
func (v *visit[T]) publish(seen sighting) {
	if v.status().ID != seen.row.ID {
		v.status().ID = seen.row.ID
		v.bridge()
		if v.status().Origin != "" {
			v.settleClaims()
		}
	}
	v.rememberSecrets()
	if v.r.kind.Observe != nil && !seen.partial {
		v.r.kind.Observe(v.obj, seen.actual, v.references)
	}
}

// report is all that happens under Observe.
func (v *visit[T]) report(ctx context.Context, seen sighting) *outcome {
	if seen.presence == absent {
		v.status().ID, v.status().Origin, v.status().Drift = "", "", nil
		return &outcome{
			state: isWaiting, reason: v1alpha1.ReasonNotFound,
			message: fmt.Sprintf("no remote object named %q; managementPolicy Observe creates none", v.obj.GetRemoteName()),
		}
	}
	if !seen.managed && seen.row.ID != v.status().ID {
		v.status().Origin = "" // another object than the one that was managed
	}
	v.publish(seen)
	v.observeUsers(ctx)
	v.status().Drift = driftList(seen.differences)
	if len(seen.differences) == 0 {
		return ready(v1alpha1.ReasonObserved, "the remote object equals the spec")
	}
	o := ready(v1alpha1.ReasonObserved, "the remote object differs from the spec in: "+paths(seen.differences))
	o.differs = true
	return o
}

// refuse publishes why a person must act.
func (v *visit[T]) refuse(reason v1alpha1.Reason, seen sighting) *outcome {
	v.status().Drift = driftList(seen.differences)
	named := fmt.Sprintf("remote object %q (id %s)", v.obj.GetRemoteName(), seen.row.ID)
	var message string
	switch reason {
	case v1alpha1.ReasonMultipleMatches:
		v.status().Drift = nil
		message = fmt.Sprintf("several remote objects are named %q: %s; remove or rename all but one", v.obj.GetRemoteName(), ids(seen.rows))
	case v1alpha1.ReasonDuplicate:
		return v.duplicate(seen.managed)
	case v1alpha1.ReasonNameConflict:
		v.wants(v.owned)
		message = fmt.Sprintf("%s exists already and adoptionPolicy %s does not let it be taken over", named, v.policies.AdoptionPolicy)
		if len(seen.differences) > 0 {
			message += "; it differs in: " + paths(seen.differences)
		}
	case v1alpha1.ReasonProtected:
		message = fmt.Sprintf("%s belongs to the system and cannot be changed; it differs in: %s", named, paths(seen.differences))
	default:
		message = fmt.Sprintf("%s differs in fields that cannot be changed: %s", named, paths(immutable(seen.differences)))
	}
	return stalled(reason, message)
}

// take records an existing object as managed from now on, and corrects it if it differs.
func (v *visit[T]) take(ctx context.Context, seen sighting, origin v1alpha1.Origin) *outcome {
	if err := v.setFinalizer(ctx, true); err != nil {
		return failed(err)
	}
	operation, reason := "Adopt", "Adopted"
	if origin == v1alpha1.OriginCreated {
		operation, reason = string(remote.Create), "Created" // its answer was lost; this is the object
	}
	v.status().Origin = origin
	v.publish(seen)
	v.settleClaims()
	v.changed(operation, nil, nil, "")
	v.bridge()
	v.event(reason, operation, "took over remote object %q (id %s) as %s", v.obj.GetRemoteName(), seen.row.ID, origin)
	seen.managed = true
	seen.differences = append(seen.differences, v.secretDifferences()...)
	if len(seen.differences) == 0 {
		return v.isKept(ctx, seen)
	}
	return v.update(ctx, seen)
}

// update writes the fields that differ, and no other.
func (v *visit[T]) update(ctx context.Context, seen sighting) *outcome {
	if err := v.setFinalizer(ctx, true); err != nil {
		return failed(err)
	}
	v.status().ID, v.status().Drift = seen.row.ID, driftList(seen.differences)
	if out := v.ignored(seen.differences); out != nil {
		return out
	}
	body := v.changes(seen.differences)
	moves := v.contested(seen.differences)
	result, err := v.write(ctx, remote.Update, remote.Write{ID: seen.row.ID, Object: body})
	if err != nil && !result.Partial {
		return v.updateFailed(ctx, err, moves)
	}
	v.updated(ctx, result, body, seen.differences, moves)
	if err != nil {
		rest := slices.DeleteFunc(slices.Clone(seen.differences), func(d difference) bool { return result.Wrote(d.path) })
		v.status().Drift = driftList(rest)
		if moves = v.contested(rest); len(moves) > 0 {
			return v.updateFailed(ctx, err, moves)
		}
		return writeFailed(err)
	}
	return v.verify(ctx, result, body, seen.actual)
}

// updated records what an update has changed, which may be less than was sent.
func (v *visit[T]) updated(ctx context.Context, result remote.Result, body remote.Object, differences []difference, moves []contested[T]) {
	if result.ID != "" && result.ID != v.status().ID {
		v.status().ID = result.ID // a service may rename with a change
		v.settleClaims()
	}
	v.setFree(slices.DeleteFunc(slices.Clone(moves), func(move contested[T]) bool { return !result.Wrote(move.wire) }))
	done := slices.DeleteFunc(slices.Clone(differences), func(d difference) bool { return !result.Wrote(d.path) })
	written := result.Written(body)
	v.changed(string(remote.Update), written.Leaves(), done, result.TrackingID)
	v.secretsFailed(result)
	v.rememberSecrets()
	v.bridge()
	v.wakeContenders(ctx, written)
	reason := "Updated"
	if v.unchangedSpec() {
		reason = "DriftCorrected"
		v.noteCorrection(done)
	}
	v.event(reason, string(remote.Update), "%s%s", arrows(done), tracking(result.TrackingID))
	v.noteSent(sentDifferences(done))
}

// changes is the body of an update: the fields that differ, and whole objects where their parts mean nothing alone.
func (v *visit[T]) changes(differences []difference) remote.Object {
	body := remote.Object{}
	for _, d := range differences {
		field := v.r.kind.fieldAt(d.path)
		switch {
		case d.secret:
		case field.Whole:
			whole, _ := v.owned.Get(field.wire())
			body.Set(field.wire(), whole)
		default:
			body.Set(d.path, d.desired)
		}
	}
	v.addSecrets(body, false)
	return body
}

func (v *visit[T]) updateFailed(ctx context.Context, err error, contested []contested[T]) *outcome {
	again := &outcome{state: isUnknown, reason: v1alpha1.ReasonProgressing, message: "reading again before the next write: " + err.Error(), err: err}
	switch remote.ClassOf(err) {
	case remote.NotFound:
		return again
	case remote.Exists, remote.Rejected:
		otherwise := writeFailed(err)
		if remote.ClassOf(err) == remote.Exists {
			otherwise = again // the version was stale, unless another object has the name
		}
		return v.contend(ctx, contested, otherwise, err)
	}
	return writeFailed(err)
}

func paths(differences []difference) string {
	list := make([]string, 0, len(differences))
	for _, d := range differences {
		list = append(list, d.spec)
	}
	return strings.Join(list, ", ")
}

func immutable(differences []difference) []difference {
	return slices.DeleteFunc(slices.Clone(differences), func(d difference) bool { return !d.immutable })
}

// arrows spells differences for an event: field: before -> after.
func arrows(differences []difference) string {
	list := make([]string, 0, len(differences))
	for _, d := range differences {
		list = append(list, fmt.Sprintf("%s: %q -> %q", d.spec, remote.Printable(remote.Text(d.actual), 80), remote.Printable(remote.Text(d.desired), 80)))
	}
	return remote.Printable(strings.Join(list, "; "), 700)
}

func tracking(id string) string {
	if id == "" {
		return ""
	}
	return " (tracking id " + id + ")"
}
