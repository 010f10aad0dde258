package engine

import (
	"context"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// verify makes sure that a write took effect: by the object in its answer and its row, or by reading it back. The answer
// 2xx alone proves nothing. before is the object as this visit read it, nil if there was none.
func (v *visit[T]) verify(ctx context.Context, result remote.Result, written, before remote.Object) *outcome {
	if result.Object != nil {
		seen := sighting{presence: present, row: remote.Record{ID: result.ID}, actual: result.Object, managed: true}
		// What the answer leaves out where only the listing has it, the row will tell.
		missing := v.r.kind.compare(v.owner(), written, result.Object, !v.store.Abilities().CompleteRows)
		if len(missing) > 0 {
			v.publish(seen)
			return v.fieldsIgnored(missing)
		}
		if v.store.Abilities().CompleteRows {
			key := v.lookupKeys()[0]
			v.trackSelf(key, v.store.Peek(key).Fingerprint())
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
	v.known = afterWrite(result.Object, before, written)
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
func (v *visit[T]) settlingAbsence(seen sighting, began time.Time) *outcome {
	if seen.presence != absent {
		return nil
	}
	change := v.status().LastChange
	pending, unclear := v.pending()
	switch {
	case v.status().ID != "" && change != nil && change.Operation == string(remote.Create) && v.settling():
		return v.notSettled("created, but not in the listing yet")
	case unclear && began.Before(pending.until):
		// Soon at first, then less and less often.
		return v.notSettled("a create had no clear answer; it may show yet").later(time.Until(pending.until), v.showsWithin(false))
	}
	return nil
}

// settling: a write is so fresh that reads may still show the state before it.
func (v *visit[T]) settling() bool {
	change := v.status().LastChange
	return change != nil && time.Since(change.Time.Time) < v.r.env.settleWindow()
}
