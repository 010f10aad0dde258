package apio

import (
	"errors"
	"time"

	"wxcc.dev/operator/internal/remote"
)

// A refused account rests for 30 s, doubling up to 10 min: BroadWorks locks accounts after some failed log-ins.
const (
	restFirst = 30 * time.Second
	restLast  = 10 * time.Minute
)

// ErrAccountUnusable is in the chain of errors of an account whose log-in is right, but which first wants something of a
// person: a second factor, another password. It is not tried again by itself.
var ErrAccountUnusable = errors.New("the account cannot be used by a machine")

// refusal remembers that the gateway does not accept the account.
type refusal struct {
	err   error // nil while nothing is known against the account
	rest  time.Duration
	until time.Time
	// forGood: it lasts until Retry, because each attempt may send somebody a message.
	forGood bool
	// news: Options.Changed has not been called yet.
	news bool
}

// start begins a rest.
func (r *refusal) start(err error, now time.Time) {
	r.news = r.err == nil
	r.err, r.forGood = err, errors.Is(err, ErrAccountUnusable)
	r.rest = min(max(restFirst, 2*r.rest), restLast)
	r.until = now.Add(r.rest)
}

// lasts tells whether no request may be made.
func (r *refusal) lasts(now time.Time) bool {
	return r.err != nil && (r.forGood || now.Before(r.until))
}

// isRefusal tells the gateway's word on an account from a fault that time may heal.
func isRefusal(err error) bool {
	switch remote.ClassOf(err) {
	case remote.Unavailable, remote.RateLimited, remote.InvalidResponse:
		return false
	}
	return true
}

// refusedSession is the error where the log-in succeeds and what it gave is refused.
func refusedSession(err error) error {
	refused := &remote.Error{
		Class: remote.Unauthorized, Op: "log-in", Message: "what the log-in gave, or the machine token, is refused", Err: err,
	}
	if cause, ok := errors.AsType[*remote.Error](err); ok {
		refused.Status, refused.TrackingID = cause.Status, cause.TrackingID
	}
	return refused
}
