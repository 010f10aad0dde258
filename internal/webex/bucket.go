package webex

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"wxcc.dev/operator/internal/remote"
)

// Bucket is the request budget of one OAuth client, shared by all organizations that use it. Waiters go by priority,
// then by age; a 429 holds everybody until its Retry-After has passed.
type Bucket struct {
	mu      sync.Mutex
	rate    float64 // tokens a second
	burst   float64
	tokens  float64
	updated time.Time
	held    time.Time
	waiters waiterHeap
	arrived uint64
	timer   *time.Timer
}

// BearableHold is the longest hold that a request waits for that was made with remote.WithoutHolds.
const BearableHold = 2 * time.Second

// agingStep is the wait that raises a request by one priority, so that a busy organization cannot starve its sweeps.
const agingStep = 30 * time.Second

// NewBucket makes a budget of so many requests a minute; 0 or less means unlimited. A tenth of it may be used at once;
// the rest is spread so that no minute ever holds more than the budget (Webex counts per minute).
func NewBucket(perMinute int) *Bucket {
	b := &Bucket{}
	b.SetLimit(perMinute)
	b.tokens = b.burst
	return b
}

// SetLimit changes the budget; requests that wait feel it at once.
func (b *Bucket) SetLimit(perMinute int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if perMinute <= 0 {
		b.rate, b.burst = 0, 0
	} else {
		b.burst = max(1, float64(perMinute)/10)
		b.rate = max(float64(perMinute)-b.burst, 1) / 60
	}
	b.tokens = min(b.tokens, b.burst)
	b.dispatch(time.Now())
}

// Hold stops all requests for a while; a shorter hold never shortens a longer one.
func (b *Bucket) Hold(wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if until := now.Add(wait); until.After(b.held) {
		b.held = until
	}
	if b.held.Sub(now) <= BearableHold {
		return
	}
	for i := len(b.waiters) - 1; i >= 0; i-- {
		if w := b.waiters[i]; w.leaves {
			w.err = b.heldError(now)
			heap.Remove(&b.waiters, i)
			close(w.ready)
			i = len(b.waiters) // the heap has moved the others
		}
	}
}

// heldError is what a request gets that does not wait for the end of a hold. The caller holds the lock.
func (b *Bucket) heldError(now time.Time) error {
	return &remote.Error{
		Class: remote.RateLimited, Op: "the request", Message: "Webex asked this OAuth client to wait; the request budget is held",
		RetryAfter: b.held.Sub(now),
	}
}

// HeldFor returns how long the service asked to stay away still; 0 if it did not.
func (b *Bucket) HeldFor() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, time.Until(b.held))
}

// Queue returns how many requests wait, and for how long the one has that waits longest.
func (b *Bucket) Queue() (waiting int, longest time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for _, w := range b.waiters {
		longest = max(longest, now.Sub(w.since))
	}
	return len(b.waiters), longest
}

// Wait returns when a request may be sent, or with the context's error. With remote.WithoutHolds in the context, a hold of
// more than BearableHold is an error.
func (b *Bucket) Wait(ctx context.Context) error {
	b.mu.Lock()
	now := time.Now()
	leaves := !remote.WaitsForHolds(ctx)
	if leaves && b.held.Sub(now) > BearableHold {
		defer b.mu.Unlock()
		return b.heldError(now)
	}
	b.arrived++
	w := &waiter{
		// Priority becomes a time of arrival in the past or future: urgency and age in one comparable number.
		rank:  now.Add(time.Duration(remote.PriorityOf(ctx)) * agingStep),
		order: b.arrived,
		since: now, leaves: leaves,
		ready: make(chan struct{}),
	}
	heap.Push(&b.waiters, w)
	b.dispatch(now)
	b.mu.Unlock()

	select {
	case <-w.ready:
		return w.err
	case <-ctx.Done():
		b.mu.Lock()
		defer b.mu.Unlock()
		if w.index >= 0 {
			heap.Remove(&b.waiters, w.index)
		}
		return ctx.Err()
	}
}

// dispatch lets go whoever may go and sets the timer for the next. The caller holds the lock.
func (b *Bucket) dispatch(now time.Time) {
	if b.rate > 0 {
		if !b.updated.IsZero() {
			b.tokens = min(b.burst, b.tokens+now.Sub(b.updated).Seconds()*b.rate)
		}
		b.updated = now
	}
	for len(b.waiters) > 0 {
		wait := b.nextIn(now)
		if wait > 0 {
			b.wakeIn(wait)
			return
		}
		if b.rate > 0 {
			b.tokens--
		}
		next, _ := heap.Pop(&b.waiters).(*waiter)
		close(next.ready)
	}
}

func (b *Bucket) nextIn(now time.Time) time.Duration {
	wait := b.held.Sub(now)
	if b.rate > 0 && b.tokens < 1 {
		wait = max(wait, time.Duration((1-b.tokens)/b.rate*float64(time.Second))+time.Millisecond)
	}
	return max(0, wait)
}

func (b *Bucket) wakeIn(wait time.Duration) {
	if b.timer != nil {
		b.timer.Stop()
	}
	b.timer = time.AfterFunc(wait, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.dispatch(time.Now())
	})
}

type waiter struct {
	rank  time.Time
	order uint64
	since time.Time
	ready chan struct{}
	index int
	// leaves: it does not wait for the end of a hold, but leaves with err, which is set before ready is closed.
	leaves bool
	err    error
}

type waiterHeap []*waiter

func (h waiterHeap) Len() int { return len(h) }
func (h waiterHeap) Less(i, j int) bool {
	if h[i].rank.Equal(h[j].rank) {
		return h[i].order < h[j].order
	}
	return h[i].rank.Before(h[j].rank)
}
func (h waiterHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *waiterHeap) Push(x any) {
	w, _ := x.(*waiter)
	w.index = len(*h)
	*h = append(*h, w)
}
func (h *waiterHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	last.index = -1
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}
