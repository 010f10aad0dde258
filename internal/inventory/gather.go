package inventory

import (
	"context"
	"sync"
	"time"

	"wxcc.dev/operator/internal/remote"
)

const (
	// gatherQuiet is the silence that ends a batch: long enough for the reconciles of one `kubectl apply` to meet,
	// short enough not to be felt.
	gatherQuiet = 30 * time.Millisecond
	// gatherBurst replaces gatherQuiet right after a batch of several: more are likely on their way. Those who looked
	// together come to write together, so a batch of writes needs less patience: gatherWrites.
	gatherBurst  = 600 * time.Millisecond
	gatherWrites = 100 * time.Millisecond
	// burstSize and burstLasts say what counts as such a batch, and for how long.
	burstSize  = 5
	burstLasts = 2 * time.Second
	// gatherLimit bounds how long the first of a batch waits while others keep coming.
	gatherLimit = 2500 * time.Millisecond
	// BatchTimeout bounds the work on a batch, waiting for the request budget included.
	BatchTimeout = 10 * time.Minute
)

// gatherer turns calls that come at the same time into one call with all of them. One batch is worked on at a time:
// what comes meanwhile, while the service or the request budget is slow, makes the next one fuller.
type gatherer[K, R any] struct {
	//nolint:containedctx // batches outlive the single caller: the others still want their answers
	life context.Context
	max  func() int
	// patience is the silence that ends a batch in a burst.
	patience time.Duration
	// more tells whether others are known to be on their way, for whom a batch waits up to gatherLimit; nil means never.
	more func() bool
	run  func(ctx context.Context, keys []K) []R

	mu      sync.Mutex
	pending *batch[K, R]
	burst   time.Time // end of the last batch of several
	busy    sync.Mutex
}

type batch[K, R any] struct {
	keys     []K
	results  []R
	priority remote.Priority
	opened   time.Time
	quiet    time.Duration
	timer    *time.Timer
	closed   bool
	done     chan struct{}
}

// do adds a call to the pending batch and waits for its result. When the context ends first, the work goes on without
// this caller.
func (g *gatherer[K, R]) do(ctx context.Context, key K) (R, error) {
	b, index := g.join(remote.PriorityOf(ctx), key)
	select {
	case <-b.done:
		return b.results[index], nil
	case <-ctx.Done():
		var none R
		return none, ctx.Err()
	}
}

func (g *gatherer[K, R]) join(priority remote.Priority, key K) (*batch[K, R], int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.pending
	if b == nil {
		b = &batch[K, R]{priority: priority, opened: time.Now(), quiet: gatherQuiet, done: make(chan struct{})}
		if time.Since(g.burst) < burstLasts {
			b.quiet = g.patience
		}
		b.timer = time.AfterFunc(b.quiet, func() { g.ripe(b) })
		g.pending = b
	}
	b.keys = append(b.keys, key)
	b.priority = min(b.priority, priority)
	index := len(b.keys) - 1
	switch {
	case len(b.keys) >= g.max():
		b.timer.Reset(0)
		g.pending = nil // whoever comes now opens the next batch
	case time.Since(b.opened) < gatherLimit:
		b.timer.Reset(b.quiet)
	}
	return b, index
}

// ripe runs a batch after its silence, unless others are on their way to it.
func (g *gatherer[K, R]) ripe(b *batch[K, R]) {
	g.mu.Lock()
	wait := g.pending == b && g.more != nil && g.more() && time.Since(b.opened) < gatherLimit
	if wait {
		b.timer.Reset(b.quiet)
	}
	g.mu.Unlock()
	if !wait {
		g.flush(b)
	}
}

// flush runs a batch once, whatever its timer does. While it waits for its turn, others may still join.
func (g *gatherer[K, R]) flush(b *batch[K, R]) {
	g.busy.Lock()
	defer g.busy.Unlock()
	g.mu.Lock()
	if g.pending == b {
		g.pending = nil
	}
	again := b.closed
	b.closed = true
	g.mu.Unlock()
	if again {
		return
	}
	ctx, cancel := context.WithTimeout(remote.WithPriority(g.life, b.priority), BatchTimeout)
	defer cancel()
	b.results = g.run(ctx, b.keys)
	close(b.done)
	if len(b.keys) >= burstSize {
		g.mu.Lock()
		g.burst = time.Now()
		g.mu.Unlock()
	}
}
