package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// execute carries out a decision.
func (v *visit[T]) execute(ctx context.Context, what decision, seen sighting) *outcome {
	switch what.Action {
	case keep:
		return v.isKept(ctx, seen)
	case report:
		return v.report(ctx, seen)
	case create:
		return v.create(ctx)
	case adopt, adoptUpdate:
		return v.take(ctx, seen, v1alpha1.OriginAdopted)
	case claim, claimUpdate:
		return v.take(ctx, seen, v1alpha1.OriginCreated)
	case update:
		return v.update(ctx, seen)
	case refuse:
		return v.refuse(ctx, what.Reason, seen)
	case remove:
		return v.remove(ctx, seen)
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
	return ready(v1alpha1.ReasonSynced, "the remote object equals the spec")
}

// publish copies the facts of the object into the status.
func (v *visit[T]) publish(seen sighting) {
	v.status().ID = seen.row.ID
	v.rememberSecrets()
	if v.r.kind.Observe != nil && !seen.partial {
		v.r.kind.Observe(v.obj, seen.actual, v.references)
	}
}

// observeUsers tells who refers to the object, when a person asked for a check.
func (v *visit[T]) observeUsers(ctx context.Context) {
	if v.r.kind.ObserveUsers == nil || v.requested() == v.status().LastHandledReconcileAt {
		return
	}
	users, err := v.store.Users(ctx, v.status().ID)
	if err != nil {
		log.FromContext(ctx).Info("could not read who refers to the object", "id", v.status().ID, "error", err.Error())
		return
	}
	v.r.kind.ObserveUsers(v.obj, users)
}

// report is all that happens under Observe.
func (v *visit[T]) report(ctx context.Context, seen sighting) *outcome {
	if seen.presence == absent {
		v.status().Drift = nil
		return &outcome{
			state: isWaiting, reason: v1alpha1.ReasonNotFound,
			message: fmt.Sprintf("no remote object named %q; managementPolicy Observe creates none", v.obj.GetRemoteName()),
		}
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
func (v *visit[T]) refuse(ctx context.Context, reason v1alpha1.Reason, seen sighting) *outcome {
	v.status().Drift = driftList(seen.differences)
	named := fmt.Sprintf("remote object %q (id %s)", v.obj.GetRemoteName(), seen.row.ID)
	var message string
	switch reason {
	case v1alpha1.ReasonMultipleMatches:
		v.status().Drift = nil
		message = fmt.Sprintf("several remote objects are named %q: %s; remove or rename all but one", v.obj.GetRemoteName(), ids(seen.rows))
	case v1alpha1.ReasonDuplicate:
		v.status().Drift = nil
		holder, _ := v.holder(ctx, seen.row.ID)
		message = fmt.Sprintf("%s is managed by %s %s already; delete one of the two", named, v.r.kind.Name, holder)
		return stalled(reason, message).in(duplicateRetry)
	case v1alpha1.ReasonNameConflict:
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

// duplicateRetry is when a duplicate looks whether the other one has let go. It looks into memory only.
const duplicateRetry = time.Minute

// take records an existing object as managed from now on, and corrects it if it differs.
func (v *visit[T]) take(ctx context.Context, seen sighting, origin v1alpha1.Origin) *outcome {
	if out := v.reserved(v.r.claims.take(v.claimKey(seen.row.ID), v.key)); out != nil {
		return out
	}
	if err := v.setFinalizer(ctx, true); err != nil {
		return failed(err)
	}
	operation := "Adopt"
	if origin == v1alpha1.OriginCreated {
		operation = string(remote.Create) // its answer was lost; this is the object
	}
	v.status().Origin = origin
	v.publish(seen)
	v.changed(operation, nil, "")
	v.bridge()
	v.event(operation+"ed", operation, "took over remote object %q (id %s) as %s", v.obj.GetRemoteName(), seen.row.ID, origin)
	seen.managed = true
	if len(seen.differences) == 0 {
		return v.isKept(ctx, seen)
	}
	return v.update(ctx, seen)
}

// reserved stops an object whose remote object or name another one in this process holds.
func (v *visit[T]) reserved(holder types.NamespacedName) *outcome {
	if holder == v.key {
		return nil
	}
	return stalled(v1alpha1.ReasonDuplicate,
		fmt.Sprintf("%s %s stands for the same remote object already; delete one of the two", v.r.kind.Name, holder)).in(duplicateRetry)
}

// create makes the remote object. The look that found none began after this visit did.
func (v *visit[T]) create(ctx context.Context) *outcome {
	if out := v.reserved(v.r.claims.takeName(v.nameClaim(), v.key)); out != nil {
		return out
	}
	if err := v.setFinalizer(ctx, true); err != nil {
		return failed(err)
	}
	lost := v.status().ID
	v.status().ID, v.status().Origin = "", ""
	if !v.store.Abilities().Dated {
		now := metav1.Now()
		v.status().CreateStartedAt = &now
		v.bridge()
		if err := v.flush(ctx); err != nil {
			return failed(err)
		}
	}
	body := v.owned.Clone()
	if v.r.kind.OnCreate != nil {
		defaults := v.r.kind.OnCreate(v.obj)
		for _, path := range defaults.Leaves() {
			if _, set := body.Get(path); !set {
				value, _ := defaults.Get(path)
				body.Set(path, value)
			}
		}
	}
	v.addSecrets(body, true)
	result, err := v.store.Write(ctx, remote.Create, remote.Write{Object: body})
	if err != nil && result.ID == "" {
		return v.createFailed(err)
	}
	v.status().ID, v.status().Origin, v.status().CreateStartedAt = result.ID, v1alpha1.OriginCreated, nil
	if result.ID == "" {
		// Accepted without telling the id: the next look finds it as ours.
		v.status().Origin = ""
		return &outcome{state: isUnknown, reason: v1alpha1.ReasonVerifying, message: "created; looking for its id", after: time.Second}
	}
	v.r.claims.take(v.claimKey(result.ID), v.key)
	v.changed(string(remote.Create), body.Leaves(), result.TrackingID)
	v.rememberSecrets()
	v.bridge()
	what := "created"
	if lost != "" {
		what = fmt.Sprintf("created again (object %s had been deleted remotely)", lost)
	}
	v.event("Created", string(remote.Create), "%s remote object %q with id %s%s", what, v.obj.GetRemoteName(), result.ID, tracking(result.TrackingID))
	if err != nil {
		return failed(err)
	}
	return v.verify(ctx, result, v.owned)
}

func (v *visit[T]) createFailed(err error) *outcome {
	if !remote.IsAmbiguous(err) {
		v.status().CreateStartedAt = nil // certainly not created
		v.bridge()
	}
	if remote.ClassOf(err) == remote.Exists {
		// Somebody was faster, or has the name in other letters: the next look decides on adoption.
		return stalled(v1alpha1.ReasonNameConflict, err.Error()).in(v.r.env.settleWindow())
	}
	return failed(err)
}

// update writes the fields that differ, and no other.
func (v *visit[T]) update(ctx context.Context, seen sighting) *outcome {
	if err := v.setFinalizer(ctx, true); err != nil {
		return failed(err)
	}
	v.status().Drift = driftList(seen.differences)
	if out := v.ignored(seen.differences); out != nil {
		return out
	}
	body := remote.Object{}
	for _, d := range seen.differences {
		if !d.secret {
			body.Set(d.path, d.desired)
		}
	}
	v.addSecrets(body, false)
	result, err := v.store.Write(ctx, remote.Update, remote.Write{ID: v.status().ID, Object: body})
	if err != nil {
		return v.updateFailed(ctx, err)
	}
	if result.ID != "" {
		v.status().ID = result.ID // a service may rename with a change
	}
	v.changed(string(remote.Update), body.Leaves(), result.TrackingID)
	v.rememberSecrets()
	v.bridge()
	reason := "Updated"
	if v.settled || v.status().ObservedGeneration == v.obj.GetGeneration() {
		reason = "DriftCorrected"
	}
	v.event(reason, string(remote.Update), "%s%s", arrows(seen.differences), tracking(result.TrackingID))
	return v.verify(ctx, result, body)
}

func (v *visit[T]) updateFailed(ctx context.Context, err error) *outcome {
	again := &outcome{state: isUnknown, reason: v1alpha1.ReasonProgressing, message: "reading again before the next write: " + err.Error(), err: err}
	switch remote.ClassOf(err) {
	case remote.NotFound:
		return again
	case remote.Exists:
		return v.nameTaken(ctx, again, err)
	}
	return failed(err)
}

// nameTaken tells the two meanings of a 409 apart: another object has the name, or the version was stale.
func (v *visit[T]) nameTaken(ctx context.Context, again *outcome, refused error) *outcome {
	view, err := v.store.Find(ctx, remote.Key{Name: v.obj.GetRemoteName()})
	if err != nil {
		return failed(err)
	}
	if slices.ContainsFunc(view.Rows, func(row remote.Record) bool { return row.ID != v.status().ID }) {
		return stalled(v1alpha1.ReasonNameConflict, refused.Error()).in(slowRetry)
	}
	return again
}

// verify makes sure that a write took effect: by the object in its answer, or by reading it back. The answer 2xx alone
// proves nothing.
func (v *visit[T]) verify(ctx context.Context, result remote.Result, written remote.Object) *outcome {
	if result.Object != nil {
		seen := sighting{presence: present, row: remote.Record{ID: result.ID}, actual: result.Object, managed: true}
		missing := v.r.kind.compare(v.owner(), written, result.Object, false)
		if len(missing) > 0 {
			v.publish(seen)
			return v.fieldsIgnored(missing)
		}
		if v.store.Abilities().CompleteRows {
			v.trackSelf(v.lookupKey(), v.store.Peek(v.lookupKey()).Fingerprint())
			return v.isKept(ctx, seen)
		}
	}
	if v.store.Abilities().CompleteRows {
		// The batch was read back as a whole: a row that shows the write was read after it.
		if seen, out := v.look(ctx, false); out == nil && seen.presence == present && len(seen.differences) == 0 {
			return v.isKept(ctx, seen)
		}
	}
	// What is not proven is looked at once more; the id is safe in status first.
	if err := v.flush(ctx); err != nil {
		return failed(err)
	}
	seen, out := v.look(remote.WithPriority(ctx, remote.Verification), true)
	switch {
	case out != nil:
		return out
	case seen.presence == present && len(seen.differences) == 0:
		return v.isKept(ctx, seen)
	}
	v.status().Drift = driftList(seen.differences)
	return v.notSettled("the write is not visible yet")
}

// notSettled waits for a read that shows the write.
func (v *visit[T]) notSettled(message string) *outcome {
	return &outcome{
		state: isUnknown, reason: v1alpha1.ReasonVerifying, message: message,
		after: max(v.r.env.settleWindow()/5, 100*time.Millisecond),
	}
}

// settlingAbsence keeps a listing that does not show a fresh object yet from counting as its absence.
func (v *visit[T]) settlingAbsence(seen sighting) *outcome {
	if seen.presence != absent {
		return nil
	}
	change, started := v.status().LastChange, v.status().CreateStartedAt
	switch {
	case v.status().ID != "" && change != nil && change.Operation == string(remote.Create) && v.settling():
		return v.notSettled("created, but not in the listing yet")
	case started != nil && time.Since(started.Time) < v.r.env.settleWindow():
		return v.notSettled("a create had no clear answer; it may show yet")
	}
	return nil
}

// settling: a write is so fresh that reads may still show the state before it.
func (v *visit[T]) settling() bool {
	change := v.status().LastChange
	return change != nil && time.Since(change.Time.Time) < v.r.env.settleWindow()
}

// ignored looks at differences that a write of ours should have removed. Within the settle window it waits; after it,
// the service has ignored the fields, which is said once and tried again slowly.
func (v *visit[T]) ignored(differences []difference) *outcome {
	change := v.status().LastChange
	if change == nil || len(differences) == 0 || change.Operation == "Adopt" {
		return nil
	}
	for _, d := range differences {
		if !slices.Contains(change.Fields, d.path) {
			return nil
		}
	}
	switch reason := v.readyReason(); {
	case reason == v1alpha1.ReasonVerifying && v.settling():
		return v.notSettled("the write is not visible yet")
	case reason == v1alpha1.ReasonVerifying,
		reason == v1alpha1.ReasonFieldIgnored && v.unchangedSince() && time.Since(change.Time.Time) < slowRetry:
		return v.fieldsIgnored(differences)
	}
	return nil
}

// unchangedSince: the spec is still the one that the conditions speak of.
func (v *visit[T]) unchangedSince() bool {
	return v.status().ObservedGeneration == v.obj.GetGeneration() && v.requested() == v.status().LastHandledReconcileAt
}

func (v *visit[T]) fieldsIgnored(differences []difference) *outcome {
	v.status().Drift = driftList(differences)
	return stalled(v1alpha1.ReasonFieldIgnored,
		"the service accepted the write but kept its own value of: "+paths(differences)+"; see licences and feature flags of the organization").in(slowRetry)
}

func (v *visit[T]) changed(operation string, fields []string, trackingID string) {
	v.status().LastChange = &v1alpha1.Change{
		Time: metav1.Now(), Operation: operation, Fields: fields[:min(len(fields), 64)], TrackingID: trackingID,
	}
}

func paths(differences []difference) string {
	list := make([]string, 0, len(differences))
	for _, d := range differences {
		list = append(list, d.path)
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
		list = append(list, fmt.Sprintf("%s: %q -> %q", d.path, remote.Shorten(remote.Text(d.actual), 80), remote.Shorten(remote.Text(d.desired), 80)))
	}
	return remote.Shorten(strings.Join(list, "; "), 700)
}

func tracking(id string) string {
	if id == "" {
		return ""
	}
	return " (tracking id " + id + ")"
}
