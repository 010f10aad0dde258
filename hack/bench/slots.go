package main

import (
	"context"
	"time"

	"wxcc.dev/operator/internal/simulator"
)

// slots foresees sweeps. They come at fixed slots of the wall clock: the multiples of the interval, shifted by a share of it
// that belongs to the collection. The bench learns the share from the first sweep it sees, and then chooses intervals
// whose next slot is near, instead of waiting for it. A wrong guess costs time only: every sweep is waited for.
type slots struct {
	share float64
	known bool
}

// shortestInterval is what the WebexOrganization allows.
const shortestInterval = 30 * time.Second

// learn takes the moment at which a sweep began.
func (s *slots) learn(began time.Time, interval time.Duration) {
	s.share = float64(began.UnixNano()%int64(interval)) / float64(interval)
	s.known = true
}

// wait is the time until the next sweep.
func (s *slots) wait(now time.Time, interval time.Duration) time.Duration {
	since := time.Duration((now.UnixNano() - int64(s.share*float64(interval))) % int64(interval))
	return interval - since
}

// choose returns an interval, shortest to twice of it, whose next sweep is not before lead, but as soon after it as there is.
func (s *slots) choose(now time.Time, shortest, lead time.Duration) time.Duration {
	best := shortest
	if !s.known {
		return best
	}
	for interval := shortest; interval <= 2*shortest; interval += time.Second {
		wait := s.wait(now, interval)
		if wait >= lead && (wait < s.wait(now, best) || s.wait(now, best) < lead) {
			best = interval
		}
	}
	return best
}

// arrange makes the organization sweep soon, but not before lead has passed. A sweep that comes before everything is
// quiet is waited for and does not count.
func (w *world) arrange(ctx context.Context, lead time.Duration) (interval time.Duration, err error) {
	interval = w.slots.choose(time.Now(), w.shortestInterval(), lead)
	if err := w.setInterval(ctx, interval); err != nil {
		return 0, err
	}
	_, err = w.quiet(ctx)
	return interval, err
}

// shortestInterval leaves room for a sweep, and for repairs that need another listing, at the setting's budget.
func (w *world) shortestInterval() time.Duration {
	if w.setting.requestsPerMinute == 0 {
		return shortestInterval
	}
	perListing := time.Duration(w.pages()) * time.Minute / time.Duration(w.setting.requestsPerMinute)
	return max(shortestInterval, (3 * perListing).Round(time.Second))
}

// pages of a listing of all objects.
func (w *world) pages() int { return (w.size + 99) / 100 }

// awaitSweep waits until the listing that the sweep makes has begun.
func (w *world) awaitSweep(ctx context.Context, interval time.Duration) (began time.Time, err error) {
	began, err = w.awaitListings(ctx, 1, interval)
	if err == nil && !w.slots.known {
		w.slots.learn(began, interval)
	}
	return began, err
}

// awaitListings waits until so many requests for listings have been made from now on.
func (w *world) awaitListings(ctx context.Context, count int, interval time.Duration) (made time.Time, err error) {
	before, err := w.Stats(ctx)
	if err != nil {
		return made, err
	}
	err = poll(ctx, interval+time.Minute, "no sweep", func(ctx context.Context) (bool, error) {
		stats, err := w.Stats(ctx)
		return err == nil && w.listings(stats)-w.listings(before) >= count, err
	})
	return time.Now(), err
}

// listings counts the requests for listings of objects.
func (w *world) listings(stats simulator.Stats) int {
	total := 0
	for route, counted := range stats.Routes {
		if w.fleet.lists(route) {
			total += counted.Count
		}
	}
	return total
}

// sweep waits for a sweep and for its end.
func (w *world) sweep(ctx context.Context, m *measurement, interval time.Duration) error {
	began, err := w.awaitSweep(ctx, interval)
	if err != nil {
		return err
	}
	m.began = began
	m.ended, err = w.quiet(ctx)
	return err
}
