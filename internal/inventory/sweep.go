package inventory

import (
	"context"
	"hash/fnv"
	"math"
	"sync"
	"time"

	"wxcc.dev/operator/internal/remote"
)

// Unseen is the Seen of an interest that has not compared anything yet; the first sweep wakes it.
const Unseen uint64 = 0

// Interest is somebody who wants to know when what he saw of an object is not so any more.
type Interest struct {
	// Key of the object.
	Key remote.Key
	// Seen is View.Fingerprint of what was acted upon, or Unseen.
	Seen uint64
	// CheckAt is when to wake even without a change, for collections whose rows do not tell all; zero means never.
	CheckAt time.Time
	// Turn is called from a sweep in turn with others, a few at each sweep, for what costs a request of its own; nil means
	// never. It must not block.
	Turn func()
	// Wake is called from a sweep; it must not block.
	Wake func()
}

// Fingerprint is a number that changes when any row of the view does. It is never Unseen.
func (v View) Fingerprint() uint64 {
	sum := uint64(1)
	for _, row := range v.Rows {
		sum += row.Hash // rows come in no order
	}
	if sum == Unseen {
		return math.MaxUint64
	}
	return sum
}

// Track registers or replaces an interest under a key of the caller's choice. The first interest starts the sweeps.
func (s *Store) Track(key any, interest Interest) {
	s.mu.Lock()
	s.interests[key] = interest
	s.mu.Unlock()
	s.sweeps.start()
}

// Forget drops an interest; without any left, sweeps make no request.
func (s *Store) Forget(key any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.interests, key)
	delete(s.turns, key)
}

// sweep lists the collection and wakes those whose view changed.
func (s *Store) sweep(ctx context.Context) error {
	if s.evictIfIdle() {
		return nil
	}
	ctx, cancel := context.WithTimeout(remote.WithPriority(ctx, remote.Sweep), BatchTimeout)
	defer cancel()
	if err := s.list(ctx, time.Now()); err != nil {
		return err
	}
	for _, interest := range s.stale() {
		interest.Wake()
	}
	for _, interest := range s.nextTurns() {
		interest.Turn()
	}
	return nil
}

// evictIfIdle forgets the listing when nobody is interested any more: the last custom resource of the kind is gone.
func (s *Store) evictIfIdle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.interests) > 0 {
		return false
	}
	s.rows, s.byName, s.touched = map[string]remote.Record{}, map[string][]string{}, map[string]time.Time{}
	s.began, s.pages = time.Time{}, 0
	return true
}

func (s *Store) stale() []Interest {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	var stale []Interest
	for _, interest := range s.interests {
		due := !interest.CheckAt.IsZero() && now.After(interest.CheckAt)
		if due || (View{Rows: s.match(interest.Key)}).Fingerprint() != interest.Seen {
			stale = append(stale, interest)
		}
	}
	return stale
}

func (s *Store) reschedule() { s.sweeps.reset() }

// schedule runs a job at fixed slots of the wall clock. Slots depend on nothing but the interval and the phase, so a
// restart neither repeats nor skips one and nothing needs to be stored: ten thousand objects, no herd.
type schedule struct {
	//nolint:containedctx // ends the loop
	life     context.Context
	phase    float64
	interval func() time.Duration
	job      func(context.Context) error
	// report is told how each job ended, but for the one that the end of life cuts off.
	report  func(context.Context, error)
	once    sync.Once
	changed chan struct{}
}

// retryFirst and its doublings pace a failed job; a slot that comes earlier wins.
const retryFirst = 5 * time.Second

func newSchedule(life context.Context, phase float64, interval func() time.Duration, job func(context.Context) error) *schedule {
	return &schedule{
		life: life, phase: phase, interval: interval, job: job, report: func(context.Context, error) {}, changed: make(chan struct{}, 1),
	}
}

func (s *schedule) start() { s.once.Do(func() { go s.loop() }) }

func (s *schedule) reset() {
	select {
	case s.changed <- struct{}{}:
	default: // a reset is pending already
	}
}

func (s *schedule) loop() {
	var (
		retry  time.Duration
		served time.Time // the slot that the last job had
	)
	for {
		wait, serves := nextSlot(time.Now(), served, s.interval(), s.phase)
		if retry > 0 && retry < wait {
			wait, serves = retry, served
		}
		timer := time.NewTimer(wait)
		select {
		case <-s.life.Done():
			timer.Stop()
			return
		case <-s.changed:
			timer.Stop()
			continue
		case <-timer.C:
		}
		served = serves
		err := s.job(s.life)
		if s.life.Err() != nil {
			return
		}
		s.report(s.life, err)
		switch {
		case err == nil:
			retry = 0
		case retry == 0:
			retry = max(retryFirst, remote.RetryAfter(err))
		default:
			retry = min(2*retry, s.interval())
		}
	}
}

// nextSlot returns the first slot after now that has not been served, and the time until it. A timer runs by another clock
// than the wall's, which somebody may set back a little meanwhile: without a memory a slot would then come twice.
func nextSlot(now, served time.Time, interval time.Duration, phase float64) (wait time.Duration, slot time.Time) {
	now = now.Round(0)
	from := now
	if ahead := served.Sub(from); ahead > 0 && ahead < interval/2 {
		from = served
	}
	slot = from.Add(untilSlot(from, interval, phase))
	return slot.Sub(now), slot
}

// untilSlot returns the time until the next multiple of the interval, shifted by the phase (0 to 1) of it.
func untilSlot(now time.Time, interval time.Duration, phase float64) time.Duration {
	shift := time.Duration(phase * float64(interval))
	since := time.Duration((now.UnixNano() - int64(shift)) % int64(interval))
	return interval - since
}

// phaseOf spreads names evenly over 0 to 1, the same at every start.
func phaseOf(name string) float64 {
	hash := fnv.New64a()
	hash.Write([]byte(name)) //nolint:errcheck // a hash takes everything
	return float64(hash.Sum64()>>11) / (1 << 53)
}
