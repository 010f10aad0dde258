package engine

import (
	"context"
	"errors"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/fence"
	"wxcc.dev/operator/internal/remote"
)

// outcome is how a visit ends: what the conditions say and when to come back.
type outcome struct {
	state   state
	reason  v1alpha1.Reason
	message string
	// after is when to come back; 0 means that a watch or a sweep will.
	after time.Duration
	// err makes the queue come back with its own back-off.
	err error
	// synced is False although Ready is True: under Observe, with drift.
	differs bool
	// untouched leaves the conditions as they are.
	untouched bool
}

type state int

const (
	// isReady: Ready=True.
	isReady state = iota
	// isWaiting: Ready=False, Reconciling=True.
	isWaiting
	// isUnknown: Ready=Unknown, Reconciling=True.
	isUnknown
	// isStalled: Ready=False, Stalled=True.
	isStalled
	// isSuspended: Ready keeps its value.
	isSuspended
	// isGone: the object is about to disappear, so nothing is written.
	isGone
)

func ready(reason v1alpha1.Reason, message string) *outcome {
	return &outcome{state: isReady, reason: reason, message: message}
}

func waiting(reason v1alpha1.Reason, message string) *outcome {
	return &outcome{state: isWaiting, reason: reason, message: message}
}

func stalled(reason v1alpha1.Reason, message string) *outcome {
	return &outcome{state: isStalled, reason: reason, message: message}
}

// passes tells an outcome that is part of the ordinary course.
func (o *outcome) passes() bool {
	return o.reason == v1alpha1.ReasonVerifying || o.reason == v1alpha1.ReasonProgressing
}

func (o *outcome) in(after time.Duration) *outcome {
	o.after = after
	return o
}

// later puts off the next look among those of a wait, of which so much is left: twice as long each time, and once at its
// end.
func (o *outcome) later(left, whole time.Duration) *outcome {
	const margin = 10 * time.Millisecond
	o.after = min(max(o.after, whole-left), max(0, left)+margin)
	return o
}

// slowRetry is when to try again what only a person can mend, in case he mended it where we do not look.
const slowRetry = 10 * time.Minute

// reasons of errors; Exists and InUse are handled where they come up and here only for completeness.
var errorReasons = map[remote.Class]v1alpha1.Reason{
	remote.Unauthorized:    v1alpha1.ReasonUnauthorized,
	remote.Forbidden:       v1alpha1.ReasonForbidden,
	remote.NotFound:        v1alpha1.ReasonInvalidResponse,
	remote.Exists:          v1alpha1.ReasonNameConflict,
	remote.InUse:           v1alpha1.ReasonInUse,
	remote.Rejected:        v1alpha1.ReasonReadRefused,
	remote.RateLimited:     v1alpha1.ReasonRateLimited,
	remote.Unavailable:     v1alpha1.ReasonUnavailable,
	remote.InvalidResponse: v1alpha1.ReasonInvalidResponse,
}

// writeFailed turns the error of a write of the object itself into an outcome: only there a refusal speaks of the spec.
func writeFailed(err error) *outcome {
	if remote.ClassOf(err) == remote.Rejected {
		return stalled(v1alpha1.ReasonRejected, err.Error()).in(slowRetry)
	}
	return failed(err)
}

// failed turns an error into an outcome. Nothing is concluded about the remote object: what was known stays.
func failed(err error) *outcome {
	if apierrors.ReasonForError(err) != metav1.StatusReasonUnknown {
		return &outcome{untouched: true, err: err} // of Kubernetes, not of the remote service
	}
	if errors.Is(err, context.Canceled) && !remote.IsAmbiguous(err) {
		// The store was replaced under the visit, by a connection that is new. Of the service that says nothing.
		return &outcome{untouched: true, after: time.Second}
	}
	class := remote.ClassOf(err)
	if class == remote.Fenced || errors.Is(err, fence.Err) {
		return &outcome{untouched: true, after: time.Second} // nothing was sent, and another process leads or will
	}
	o := &outcome{state: isUnknown, reason: errorReasons[class], message: err.Error(), after: remote.RetryAfter(err)}
	switch {
	case remote.IsAmbiguous(err):
		o.reason = v1alpha1.ReasonAmbiguousWrite
		o.message = "the write may or may not have been carried out, looking before the next one: " + o.message
		o.err = err
	case class == remote.Rejected && remote.StatusOf(err) == http.StatusNotFound:
		// In the service's own words there is nothing where the spec says that the object belongs.
		return stalled(v1alpha1.ReasonRejected, o.message).in(slowRetry)
	case o.after > 0:
	default:
		o.err = err
	}
	return o
}
