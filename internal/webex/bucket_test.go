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

func TestARequestMayRefuseToWaitForAHold(t *testing.T) {
	t.Parallel()
	b := NewBucket(600)
	impatient := remote.WithoutHolds(t.Context())
	b.Hold(BearableHold / 2)
	if err := b.Wait(impatient); err != nil {
		t.Errorf("a short hold: %v", err)
	}
	b.mu.Lock()
	b.tokens, b.rate = 0, 1e-9 // nobody goes
	b.mu.Unlock()
	left := make(chan error, 3)
	for range 3 {
		go func() { left <- b.Wait(impatient) }()
	}
	for waitingIn(b) < 3 {
		time.Sleep(time.Millisecond) // until they stand in the queue
	}
	b.Hold(time.Hour)
	for range 3 {
		if err := <-left; remote.ClassOf(err) != remote.RateLimited || remote.RetryAfter(err) < 59*time.Minute {
			t.Errorf("one that stood in the queue: %v", err)
		}
	}
	if err := b.Wait(impatient); remote.ClassOf(err) != remote.RateLimited {
		t.Errorf("one that comes later: %v", err)
	}
	if waiting := waitingIn(b); waiting != 0 {
		t.Errorf("%d still wait", waiting)
	}
}
