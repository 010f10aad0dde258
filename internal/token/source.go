package token

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// DefaultInterval between two regular refreshes: half the nominal life of an access token.
const DefaultInterval = 7 * 24 * time.Hour

// operationTimeout bounds a refresh together with its Secret reads and writes. It is shorter than what a manager that
// is told to stop grants its reconciles, so that an answer of the token server still reaches the Secret.
const operationTimeout = 30 * time.Second

// calm is how long a renewed token must have worked for its refusal to be a new incident, not the old one.
const calm = time.Hour

// Settings of a Source that may change during its life.
type Settings struct {
	// TokenURL of the token server.
	TokenURL string
	// Transport to the token server (proxy, TLS); nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Interval between two regular refreshes; 0 means DefaultInterval.
	Interval time.Duration
}

// Options of a Source.
type Options struct {
	// Reader reads the Secret live; it must not be a cache.
	Reader client.Reader
	// Writer writes the Secret of the tokens.
	Writer SecretWriter
	// Place of the credentials and of the tokens.
	Place Place
	// Clock decides what has expired; nil means the real one.
	Clock clock.PassiveClock
	// Changed is called, without any lock held, when the tokens or what is wrong with them changed; may be nil. It must
	// return quickly.
	Changed func()
	Settings
}

// SecretWriter is the part of client.Client that a Source writes with.
type SecretWriter interface {
	Create(ctx context.Context, object client.Object, options ...client.CreateOption) error
	Update(ctx context.Context, object client.Object, options ...client.UpdateOption) error
}

// Source is the access token of one organization. It implements webex.TokenSource and is safe for concurrent use.
type Source struct {
	reader  client.Reader
	writer  SecretWriter
	place   Place
	clock   clock.PassiveClock
	changed func()

	// working admits one reader, refresher or writer of the Secret at a time. It is a channel, so that a waiter obeys
	// its context.
	working chan struct{}

	// mu guards what follows and is never held during I/O. Only the holder of working changes held and pending.
	mu       sync.Mutex
	settings Settings
	loaded   bool
	held     credentials
	version  uint64
	origin   uint64
	// refreshes counts those that reached the Secret.
	refreshes uint64
	pending   *Grant // answered by the token server, not in the Secret yet
	problem   *Error // why the last attempt failed; nil after one that did not
	retry     backoff
	store     backoff
	refused   bool      // the token held was answered 401
	renewed   time.Time // when a refused token was last replaced
	frozen    bool      // the refused token must rest, a renewal would not help
	freeze    backoff   // how long
	notify    bool
}

// NewSource makes a source; it reads the Secret when it is first asked.
func NewSource(options Options) *Source {
	if options.Clock == nil {
		options.Clock = clock.RealClock{}
	}
	if options.Changed == nil {
		options.Changed = func() {}
	}
	source := &Source{
		reader: options.Reader, writer: options.Writer, place: options.Place,
		clock: options.Clock, changed: options.Changed, working: make(chan struct{}, 1),
		retry:  backoff{first: 30 * time.Second, last: 10 * time.Minute},
		store:  backoff{first: time.Second, last: 30 * time.Second},
		freeze: backoff{first: 30 * time.Second, last: 10 * time.Minute},
	}
	source.Configure(options.Settings)
	return source
}

// Configure replaces the settings; the tokens stay.
func (s *Source) Configure(settings Settings) {
	if settings.Interval <= 0 {
		settings.Interval = DefaultInterval
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = settings
}

// Format prints no secret under any verb.
func (s *Source) Format(state fmt.State, _ rune) {
	hidden(state, "token source of Secret "+s.place.Credentials.String())
}

// Token returns the access token, renewed if it is about to end or was refused. Its error is an *Error. While a
// refresh fails, the old token is returned for as long as it lives.
func (s *Source) Token(ctx context.Context) (string, error) {
	token, _, err := s.obtain(ctx)
	return token, err
}

// obtain is Token, with the origin of the token.
func (s *Source) obtain(ctx context.Context) (token string, origin uint64, err error) {
	token, origin, ok := s.usable()
	if ok {
		return token, origin, nil
	}
	if !s.tryEnter() {
		if token, origin, ok = s.living(); ok {
			return token, origin, nil // somebody renews it, which may take longer than the caller can wait
		}
		if err := s.enter(ctx); err != nil {
			return "", 0, err
		}
	}
	err = s.run(ctx, func(ctx context.Context) error {
		err := s.prepare(ctx)
		if token, origin, ok = s.usable(); ok {
			return nil
		}
		if err == nil {
			err = s.refresh(ctx)
		}
		if token, origin, ok = s.living(); ok {
			return nil
		}
		if err == nil {
			err = s.barred()
		}
		if err == nil {
			err = passing(v1alpha1.ReasonUnavailable, remote.Unavailable, opUse,
				"the credentials changed during a refresh; trying again").after(time.Second)
		}
		return err
	})
	if err != nil {
		return "", 0, err
	}
	return token, origin, nil
}

// Rejected is told that the service answered 401 to a token. The first time, the next call of Token renews it. A token
// that was renewed for this reason and is refused again rests: Token fails without any request until the Secret
// changes or a wait of 30 s, doubling up to 10 min, is over.
func (s *Source) Rejected(token string) {
	s.mu.Lock()
	now := s.clock.Now()
	s.thaw(now)
	if s.refused || token == "" || token != s.held.accessToken {
		s.mu.Unlock()
		return
	}
	s.refused = true
	if now.Sub(s.freeze.until) > calm {
		s.freeze.reset()
	}
	if now.Sub(s.renewed) <= calm || !s.held.renewable() {
		s.frozen = true
		s.freeze.start(now, 0)
	}
	s.mu.Unlock()
	s.changed()
}

// RefreshIfDue renews the tokens if the interval since the last refresh is over or the access token is about to end,
// and tells whether it did. It also stores tokens that an earlier call could not.
func (s *Source) RefreshIfDue(ctx context.Context, now time.Time) (bool, error) {
	refreshed := false
	err := s.alone(ctx, func(ctx context.Context) error {
		before := s.stored()
		err := s.prepare(ctx)
		if err == nil && s.due(now) {
			err = s.refresh(ctx)
		}
		refreshed = s.stored() > before
		return err
	})
	return refreshed, err
}

// Reload reads the Secret again. A change of the credentials ends every rest and every permanent error.
func (s *Source) Reload(ctx context.Context) error {
	return s.alone(ctx, func(ctx context.Context) error {
		if _, err := s.load(ctx); err != nil {
			return err
		}
		return s.storePending(ctx, nil)
	})
}

// Flush writes tokens that wait for it into the Secret, without any call of the token server, and tells whether some
// still wait. Without any it does nothing.
func (s *Source) Flush(ctx context.Context) (waiting bool, err error) {
	if !s.unstored() {
		return false, nil
	}
	err = s.alone(ctx, s.prepare)
	return s.unstored(), err
}

func (s *Source) unstored() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending != nil
}

// Retry forgets permanent errors and waits, so that the next call tries again at once: somebody asked for it.
func (s *Source) Retry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

// alone runs work as the only one.
func (s *Source) alone(ctx context.Context, work func(context.Context) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	return s.run(ctx, work)
}

// enter waits until nobody else works and makes the caller the one who does; run ends that.
func (s *Source) enter(ctx context.Context) error {
	select {
	case s.working <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the access token: %w", ctx.Err())
	}
}

func (s *Source) tryEnter() bool {
	select {
	case s.working <- struct{}{}:
		return true
	default:
		return false
	}
}

// run does the work of the one who has entered. Once begun, work does not end with the caller's context: a token
// server's answer must reach the Secret even when nobody waits for it any more.
func (s *Source) run(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), operationTimeout)
	defer cancel()
	err := work(ctx)
	s.mu.Lock()
	notify := s.notify
	s.notify = false
	s.mu.Unlock()
	<-s.working
	if notify {
		s.changed()
	}
	return err
}

// usable returns the token held if it needs no renewal.
func (s *Source) usable() (token string, origin uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	s.thaw(now)
	return s.held.accessToken, s.origin, s.loaded && !s.refused && s.held.lasts(now, s.held.margin())
}

// living returns the token held if it has not ended, though it may be about to.
func (s *Source) living() (token string, origin uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held.accessToken, s.origin, s.loaded && !s.refused && s.held.lasts(s.clock.Now(), 0)
}

func (s *Source) stored() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refreshes
}

// due tells whether the tokens held want a refresh, possible or not.
func (s *Source) due(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	due := s.held.due(s.settings.Interval)
	return s.refused || !s.held.lasts(now, 0) || (!due.IsZero() && !now.Before(due))
}

// thaw ends a rest whose time is over: the same token may be tried again. So it does with the end of tokens that a clock
// has told that was ahead. The caller holds mu.
func (s *Source) thaw(now time.Time) {
	if s.frozen && s.freeze.left(now) == 0 {
		s.frozen, s.refused = false, false
	}
	if s.problem != nil && s.problem.cause.Op == opEnd && !s.held.ended(now) {
		s.problem = nil
	}
}

// clear forgets what went wrong. The caller holds mu.
func (s *Source) clear() {
	s.refused, s.frozen = false, false
	s.problem = nil
	s.renewed = time.Time{}
	s.retry.reset()
	s.store.reset()
	s.freeze.reset()
}
