package token

import (
	"fmt"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/redact"
	"wxcc.dev/operator/internal/remote"
)

// Error says why there is no usable token, or why one could not be renewed. It carries no secret, and unwraps to a
// *remote.Error, so that remote.ClassOf and remote.RetryAfter work on it.
type Error struct {
	// Reason for the organization's conditions.
	Reason v1alpha1.Reason
	// Message says what is wrong and what to do.
	Message string
	// Permanent: nothing changes until somebody changes the Secret.
	Permanent bool
	cause     *remote.Error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the *remote.Error below.
func (e *Error) Unwrap() error { return e.cause }

const (
	opSecret  = "read of the credentials"
	opStore   = "write of the renewed tokens"
	opRefresh = "POST /v1/access_token"
	opDevice  = "POST /v1/device/token"
	opUse     = "use of the access token"
	// opEnd is no call: the recorded end of the tokens has come.
	opEnd = "end of the tokens"
)

// permanent is an error that only a change of the Secret ends.
func permanent(reason v1alpha1.Reason, op, message string) *Error {
	return &Error{
		Reason: reason, Message: message, Permanent: true,
		cause: &remote.Error{Class: remote.Unauthorized, Op: op, Message: message},
	}
}

// passing is an error that time may end.
func passing(reason v1alpha1.Reason, class remote.Class, op, message string) *Error {
	return &Error{Reason: reason, Message: message, cause: &remote.Error{Class: class, Op: op, Message: message}}
}

// after returns a copy of the error that names how long to wait.
func (e *Error) after(wait time.Duration) *Error {
	cause := *e.cause
	cause.RetryAfter = max(0, wait)
	return &Error{Reason: e.Reason, Message: e.Message, Permanent: e.Permanent, cause: &cause}
}

// tracked returns the error with what an answer of the token server said about itself.
func (e *Error) tracked(status int, trackingID string) *Error {
	e.cause.Status, e.cause.TrackingID = status, trackingID
	return e
}

// What an error holds of a foreign text, and of a tracking id.
const (
	maxText       = 512
	maxTrackingID = 128
)

// without takes secrets out of what the API server, or a webhook that it asks, said.
func without(err error, secrets ...string) string {
	return remote.Printable(redact.New(secrets...).Text(err.Error()), maxText)
}

// backoff is a wait that doubles from first to last with every start.
type backoff struct {
	first, last time.Duration
	wait        time.Duration
	until       time.Time
}

// start begins the next wait, at least as long as asked for.
func (b *backoff) start(now time.Time, atLeast time.Duration) {
	b.wait = min(max(b.first, b.wait*2), b.last)
	b.until = now.Add(max(b.wait, atLeast))
}

// left returns how much of the wait remains; 0 when there is none.
func (b *backoff) left(now time.Time) time.Duration { return max(0, b.until.Sub(now)) }

func (b *backoff) reset() { b.wait, b.until = 0, time.Time{} }

// hidden prints instead of anything that holds secrets, whatever verb is used.
func hidden(state fmt.State, what string) {
	fmt.Fprint(state, what) //nolint:errcheck // fmt reports a failed writer itself
}
