package inventory

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
)

// Those who look together write together: a batch waits for those who still look.
func TestABatchWaitsForThoseWhoAreKnownToCome(t *testing.T) {
	t.Parallel()
	var coming atomic.Int64
	var sizes []int
	g := &gatherer[int, int]{
		life: t.Context(), max: func() int { return 100 }, patience: gatherQuiet, more: func() bool { return coming.Load() > 0 },
		run: func(_ context.Context, keys []int) []int {
			sizes = append(sizes, len(keys))
			return keys
		},
	}
	var all sync.WaitGroup
	join := func(key int) {
		all.Go(func() {
			if _, err := g.do(t.Context(), key); err != nil {
				t.Error(err)
			}
		})
	}
	coming.Store(1)
	join(1)
	late := make(chan struct{})
	all.Go(func() {
		<-late
		join(2)
		coming.Store(0)
	})
	for range 4 {
		// Longer than the silence that ends a batch.
		waited, cancel := context.WithTimeout(t.Context(), gatherQuiet)
		<-waited.Done()
		cancel()
	}
	close(late)
	all.Wait()
	if len(sizes) != 1 || sizes[0] != 2 {
		t.Errorf("batches of %v, want one of 2", sizes)
	}
}
