package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
)

const (
	// intentRenewed is the age from which an intent is persisted anew before a create.
	intentRenewed = 2 * time.Minute
	// intentLasts is the age of an intent at which a create that still waits for its turn is given up unsent.
	intentLasts = 5 * time.Minute
	// intentReach is the age of an intent by which every create under it has taken effect, if it ever does: its batch has
	// begun before intentLasts and ends within inventory.BatchTimeout, and the service may go on for as long as a request
	// may take with one that nobody waits for any more.
	intentReach = intentLasts + inventory.BatchTimeout + serviceTime
	serviceTime = 30 * time.Second
	// clockTolerance covers Date headers and creation times that are cut to whole seconds.
	clockTolerance = 2 * time.Second
)

// createIntent is persisted in an annotation before every create: only an object that was made under it is ours.
type createIntent struct {
	// Name that the object is to have; the spec may change later.
	Name string `json:"name"`
	// Time by the clock of the process that is about to create.
	Time time.Time `json:"time"`
	// UID of the custom resource: a copied annotation proves nothing.
	UID types.UID `json:"uid"`
	// Since is the time of the first create under this name that had no clear answer, where there was one before.
	Since *time.Time `json:"since,omitempty"`
}

func (i createIntent) since() time.Time {
	if i.Since != nil {
		return *i.Since
	}
	return i.Time
}

// attempt is what this process knows of its creates of one object.
type attempt struct {
	intent createIntent
	// at is the intent's time by the monotonic clock.
	at time.Time
	// posted: a create has been handed to the store; unclear: one of them had no clear answer.
	posted, unclear bool
	// until is when an object that was made without an answer shows at the latest.
	until time.Time
	// skew of the service's clock when the create was handed over: the clock may be set since.
	skew time.Duration
}

// recordedIntent returns the intent in the annotation if it speaks of something that status does not know yet.
func (v *visit[T]) recordedIntent() (createIntent, bool) {
	var intent createIntent
	text, status := v.obj.GetAnnotations()[v1alpha1.CreateIntentAnnotation], v.status()
	if text == "" || json.Unmarshal([]byte(text), &intent) != nil || intent.UID != v.obj.GetUID() {
		return createIntent{}, false
	}
	// What was created or adopted since is in status. Times there are cut to whole seconds.
	known := status.LastChange != nil && !intent.Time.Truncate(time.Second).After(status.LastChange.Time.Time)
	return intent, !known || status.ID == "" && status.Origin == ""
}

// ownAttempt returns what this process knows of its own creates of the object.
func (v *visit[T]) ownAttempt() (attempt, bool) {
	own, ok := v.r.attempts.load(v.key)
	return own, ok && own.intent.UID == v.obj.GetUID()
}

// pending returns the attempt whose object may exist without status knowing it. Of a former process nothing is known but
// the intent, so it may have created. This process knows: what it has not handed over does not exist.
func (v *visit[T]) pending() (attempt, bool) {
	if own, ok := v.ownAttempt(); ok {
		return own, own.posted
	}
	intent, ok := v.recordedIntent()
	if !ok {
		return attempt{}, false
	}
	// Whatever a former process sent, it sent before this one began to lead.
	last := v.r.began
	if reach := intent.Time.Add(intentReach); reach.Before(last) {
		last = reach
	}
	return attempt{intent: intent, posted: true, unclear: true, until: last.Add(v.showsWithin(false))}, true
}

// nothingMade tells whether certainly no remote object is managed: there is no id, and no create that was not clearly
// refused. Such a resource goes at once, though its spec names a group that does not exist, say, and without a connection.
func (v *visit[T]) nothingMade() bool {
	if v.status().ID != "" || v.status().Origin != "" {
		return false
	}
	if own, ok := v.ownAttempt(); ok {
		return !own.posted
	}
	_, recorded := v.recordedIntent()
	return !recorded
}

// showsWithin is how long after a create the object may come to light, if there is one. A service that answered has done
// its work, or never will. Where it would take a second object of the name, the time that it may still be at work counts
// too; elsewhere it would refuse the second one.
func (v *visit[T]) showsWithin(answered bool) time.Duration {
	within := v.r.env.settleWindow()
	if !answered && v.r.kind.key(v.obj).ID == "" {
		within += v.store.Abilities().Namesakes
	}
	return within
}

// announceCreate persists finalizer and intent in one write, before the look, so that those who look together also write
// together. Where objects carry no date the intent alone tells whose they are: there it waits until the look has found
// none.
func (v *visit[T]) announceCreate(ctx context.Context) error {
	if v.status().ID != "" || !v.store.Abilities().Dated || controllerutil.ContainsFinalizer(v.obj, v1alpha1.Finalizer) {
		return nil
	}
	if _, pending := v.pending(); pending {
		return v.setFinalizer(ctx, true)
	}
	return v.intend(ctx)
}

// intend makes sure that a fresh intent of this process for the present name is persisted, with the finalizer.
func (v *visit[T]) intend(ctx context.Context) error {
	name, now := v.obj.GetRemoteName(), time.Now()
	own, mine := v.ownAttempt()
	recorded, ok := v.recordedIntent()
	if mine && ok && recorded.Time.Equal(own.intent.Time) && own.intent.Name == name && now.Sub(own.at) < intentRenewed &&
		controllerutil.ContainsFinalizer(v.obj, v1alpha1.Finalizer) {
		return nil
	}
	next := attempt{at: now, intent: createIntent{Name: name, Time: now.UTC().Truncate(time.Millisecond), UID: v.obj.GetUID()}}
	if before, pending := v.pending(); pending && before.unclear && sameName(before.intent.Name, name) {
		next.posted, next.unclear, next.until = true, true, before.until
		next.intent.Since = new(before.intent.since())
	}
	v.r.attempts.store(v.key, next)
	return v.persist(ctx, next.intent)
}

// persist writes an intent, with the finalizer.
func (v *visit[T]) persist(ctx context.Context, intent createIntent) error {
	encoded, err := json.Marshal(intent)
	if err != nil {
		return fmt.Errorf("encode the intent to create: %w", err)
	}
	return v.patchMetadata(ctx, func(target client.Object) {
		controllerutil.AddFinalizer(target, v1alpha1.Finalizer)
		annotate(target, v1alpha1.CreateIntentAnnotation, string(encoded))
	})
}

// posting notes that a create is handed to the store now, and returns until when it may be sent.
func (v *visit[T]) posting() time.Time {
	own, _ := v.ownAttempt()
	own.posted, own.skew = true, v.store.Peek(remote.Key{}).Skew
	v.r.attempts.store(v.key, own)
	return own.at.Add(intentLasts)
}

// refused notes that a create was clearly not carried out.
func (v *visit[T]) refused() {
	own, _ := v.ownAttempt()
	own.posted = own.unclear
	v.r.attempts.store(v.key, own)
}

// unclear notes that a create may have been carried out: its object may show in a moment.
func (v *visit[T]) unclear(err error) {
	own, _ := v.ownAttempt()
	own.unclear, own.until = true, time.Now().Add(v.showsWithin(remote.Answered(err)))
	v.r.attempts.store(v.key, own)
}

// settleIntent ends a visit: an intent that has led to nothing is withdrawn as soon as the visits wait for a person or for
// others. What somebody makes meanwhile must not look as if it were ours to the next process.
func (v *visit[T]) settleIntent(ctx context.Context, out *outcome) error {
	own, ok := v.ownAttempt()
	switch {
	case !ok || out.untouched || out.state == isUnknown:
		return nil
	case out.state == isGone || v.status().Origin != "":
		v.r.attempts.delete(v.key)
		return nil
	case own.posted:
		return nil
	}
	v.r.attempts.delete(v.key)
	if _, recorded := v.obj.GetAnnotations()[v1alpha1.CreateIntentAnnotation]; !recorded {
		return nil
	}
	return v.patchMetadata(ctx, func(target client.Object) {
		annotations := target.GetAnnotations()
		delete(annotations, v1alpha1.CreateIntentAnnotation)
		target.SetAnnotations(annotations)
	})
}

// createdByUs: the object has the name of a pending intent and, where the service tells when it was created, that is not
// before the intent and not after its reach, by the service's clock.
func (v *visit[T]) createdByUs(row remote.Record, skew time.Duration) bool {
	pending, ok := v.pending()
	if !ok || !sameName(row.Name, pending.intent.Name) {
		return false
	}
	if !v.store.Abilities().Dated {
		return true
	}
	return pending.covers(row.Created, skew) || pending.covers(row.Created, pending.skew)
}

func (a attempt) covers(created time.Time, skew time.Duration) bool {
	first, last := a.intent.since().Add(skew-clockTolerance), a.intent.Time.Add(intentReach+skew+clockTolerance)
	return !created.IsZero() && !created.Before(first) && !created.After(last)
}

func sameName(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }
