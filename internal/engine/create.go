package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// create makes the remote object. The look that found none began after this visit did.
func (v *visit[T]) create(ctx context.Context) *outcome {
	lost := v.status().ID
	if out := v.confirmGone(ctx, lost); out != nil {
		return out
	}
	if err := v.intend(ctx); err != nil {
		return failed(err)
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
	result, err := v.write(ctx, remote.Create, remote.Write{Object: body, SendBefore: v.posting()})
	if err != nil && result.ID == "" {
		return v.createFailed(ctx, err)
	}
	if result.ID == "" {
		// Accepted without telling the id: the next look finds it as ours.
		v.unclear(nil)
		return &outcome{state: isUnknown, reason: v1alpha1.ReasonVerifying, message: "created; looking for its id", after: time.Second}
	}
	v.status().ID, v.status().Origin = result.ID, v1alpha1.OriginCreated
	v.unused()
	v.changed(string(remote.Create), result.Written(body).Leaves(), nil, result.TrackingID)
	v.rememberSecrets()
	v.bridge()
	what := "created"
	if lost != "" {
		what = fmt.Sprintf("created again (object %s had been deleted remotely)", lost)
	}
	v.event("Created", string(remote.Create), "%s remote object %q with id %s%s", what, v.obj.GetRemoteName(), result.ID, tracking(result.TrackingID))
	if err != nil {
		return writeFailed(err)
	}
	v.noteSent(sentObject(v.owned))
	return v.verify(ctx, result, v.owned, nil)
}

// errOmitted: a listing lacks an object that can be read.
var errOmitted = errors.New("the listing omits an object that can be read")

// confirmGone asks the service itself before an object that was managed is created again: a listing may have skipped it.
func (v *visit[T]) confirmGone(ctx context.Context, id string) *outcome {
	if id == "" {
		return nil
	}
	_, err := v.store.Confirm(ctx, id)
	switch {
	case remote.IsNotFound(err):
		return nil
	case err != nil:
		return failed(err)
	}
	// The queue comes back less and less often: a listing that goes on like this costs few requests and no write.
	out := v.notSettled(fmt.Sprintf("object %s can be read, but the listing omits it; nothing is concluded from that", id))
	out.after, out.err = 0, errOmitted
	return out
}

func (v *visit[T]) createFailed(ctx context.Context, err error) *outcome {
	if remote.IsAmbiguous(err) {
		v.unclear(err)
		return failed(err)
	}
	v.refused()
	if remote.ClassOf(err) == remote.Exists {
		return v.existsAlready(ctx, err)
	}
	return writeFailed(err)
}

// existsAlready: somebody was faster, or has the name in other letters, which a look-up by name may not show. The
// whole listing does, and then the adoption policy decides.
func (v *visit[T]) existsAlready(ctx context.Context, refused error) *outcome {
	if err := v.store.Relist(ctx); err != nil {
		return failed(err)
	}
	seen, out := v.look(ctx, !v.store.Abilities().CompleteRows)
	switch {
	case out != nil:
		return out
	case seen.presence == absent && v.store.Abilities().Namesakes > 0 && v.r.kind.key(v.obj).ID == "":
		// The id that the service made up was taken; for the next attempt it makes up another one.
		return &outcome{state: isUnknown, reason: v1alpha1.ReasonProgressing, message: "trying again with another generated id: " + refused.Error(), err: refused}
	case seen.presence == absent:
		return stalled(v1alpha1.ReasonNameConflict, refused.Error()).in(slowRetry)
	}
	return v.execute(ctx, decide(v.facts(ctx, seen)), seen)
}
