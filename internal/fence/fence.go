// Package fence keeps a process that may not lead any more from writing to the remote services. A process that was stopped
// for longer than its lease, by a signal, a frozen node or a paused machine, goes on where it was when it is resumed, while
// another one leads; it learns of that seconds later.
package fence

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// Err is the cause of a request that was not sent because the lease may be somebody else's. Nothing has happened.
var Err = errors.New("not sent: this process may not be the leader any more")

// Fence tells whether the process may write. The zero value is not usable.
type Fence struct {
	deadline time.Duration
	now      func() time.Time

	mu      sync.Mutex
	renewed time.Time // zero: not held
}

// New makes a fence that is closed until the first renewal. The deadline is how long a renewal counts, which must be less
// than the time after which others take the lease; now is nil for time.Now.
func New(deadline time.Duration, now func() time.Time) *Fence {
	if now == nil {
		now = time.Now
	}
	return &Fence{deadline: deadline, now: now}
}

// Renewed says that the lease was renewed by a call that began at this time.
func (f *Fence) Renewed(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.renewed = at
}

// Released says that the lease is not held any more.
func (f *Fence) Released() { f.Renewed(time.Time{}) }

// Check returns nil while the lease is certainly held, else an error that wraps Err. The time since the renewal is that of
// the monotonic clock, or of the wall's where that says more: the monotonic one stands still while a machine is paused.
func (f *Fence) Check() error {
	f.mu.Lock()
	renewed := f.renewed
	f.mu.Unlock()
	if renewed.IsZero() {
		return fmt.Errorf("%w: it holds no lease", Err)
	}
	now := f.now()
	age := max(now.Sub(renewed), now.Round(0).Sub(renewed.Round(0)))
	if age > f.deadline {
		return fmt.Errorf("%w: its lease was renewed %s ago", Err, age.Round(time.Millisecond))
	}
	return nil
}

// Guard lets a request that is no GET or HEAD through only while check returns nil: before it waits for a connection, and
// once more when it has one and is sent. A nil check lets everything through.
func Guard(next http.RoundTripper, check func() error) http.RoundTripper {
	if check == nil {
		return next
	}
	return &guard{next: next, check: check}
}

type guard struct {
	next  http.RoundTripper
	check func() error
}

// RoundTrip implements http.RoundTripper. Its error for a request that it stops wraps Err.
func (g *guard) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodGet || request.Method == http.MethodHead {
		return g.next.RoundTrip(request)
	}
	if err := g.check(); err != nil {
		if request.Body != nil {
			_ = request.Body.Close() // a RoundTripper closes it, whatever happens
		}
		return nil, err
	}
	var stopped atomic.Pointer[error]
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if err := g.check(); err != nil {
			stopped.Store(&err)
			_ = info.Conn.Close() // nothing of the request has been written to it
		}
	}}
	response, err := g.next.RoundTrip(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	if cause := stopped.Load(); err != nil && cause != nil {
		return nil, *cause
	}
	return response, err
}
