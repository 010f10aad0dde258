package webex

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"wxcc.dev/operator/internal/remote"
)

func TestBucketNeverExceedsItsMinute(t *testing.T) {
	t.Parallel()
	b := NewBucket(6000) // burst 600, then 90 a second: the arithmetic of 300, faster
	started := time.Now()
	for range 660 {
		if err := b.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(started); took < 500*time.Millisecond {
		t.Errorf("60 requests over the burst went out in %s, want about 667 ms", took)
	}
	if b.burst+b.rate*60 > 6000 {
		t.Errorf("a minute may hold %v requests", b.burst+b.rate*60)
	}
}

func TestUrgentRequestsGoFirst(t *testing.T) {
	t.Parallel()
	b := NewBucket(0)
	b.Hold(100 * time.Millisecond)
	var mu sync.Mutex
	var order []remote.Priority
	var wait sync.WaitGroup
	for _, priority := range []remote.Priority{remote.Sweep, remote.Deletion, remote.Interactive, remote.Verification} {
		b.SetLimit(600)
		waiting := waitingIn(b)
		wait.Go(func() {
			if err := b.Wait(remote.WithPriority(t.Context(), priority)); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			order = append(order, priority)
		})
		for waitingIn(b) == waiting {
			time.Sleep(time.Millisecond) // until it stands in the queue
		}
	}
	b.mu.Lock()
	b.tokens, b.burst = 0, 1 // one at a time
	b.mu.Unlock()
	wait.Wait()
	if !slices.IsSorted(order) {
		t.Errorf("order %v, want by priority", order)
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := NewBucket(0)
	b.Hold(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := b.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || waitingIn(b) != 0 {
		t.Errorf("Wait = %v, %d still wait", err, waitingIn(b))
	}
}

func TestAShorterHoldDoesNotShortenALongerOne(t *testing.T) {
	t.Parallel()
	b := NewBucket(0)
	b.Hold(time.Hour)
	b.Hold(time.Second)
	if b.HeldFor() < 30*time.Minute {
		t.Errorf("held for %s", b.HeldFor())
	}
}

func waitingIn(b *Bucket) int {
	waiting, _ := b.Queue()
	return waiting
}
