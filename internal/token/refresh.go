package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// Everything here runs for the holder of Source.working only; errors are *Error behind the error interface.

// prepare reads the Secret if that was never done, and stores what an earlier refresh could not.
func (s *Source) prepare(ctx context.Context) error {
	s.mu.Lock()
	loaded := s.loaded
	s.mu.Unlock()
	if !loaded {
		if _, err := s.load(ctx); err != nil {
			return err
		}
	}
	return s.storePending(ctx, nil)
}

// load reads the Secrets and takes over what they hold. Without a Secret that can be used nothing is held any more; if
// only the read failed, what was held stays.
func (s *Source) load(ctx context.Context) (*kept, error) {
	present, err := s.place.read(ctx, s.reader)
	if apierrors.IsNotFound(err) {
		message := fmt.Sprintf("Secret %s does not exist", s.place.Credentials)
		return nil, s.lose(permanent(v1alpha1.ReasonCredentialsMissing, opSecret, message))
	}
	if err != nil {
		message := fmt.Sprintf("Secret %s cannot be read: %s", s.place.Credentials, without(err))
		s.mu.Lock()
		s.postpone()
		s.mu.Unlock()
		return nil, s.fail(passing(v1alpha1.ReasonUnavailable, remote.Unavailable, opSecret, message))
	}
	found, problem := parse(present.whole())
	if problem != nil {
		return nil, s.lose(problem)
	}
	s.adopt(found, true)
	if _, renewed := present.credentials.Annotations[RefreshedAtAnnotation]; renewed {
		// An earlier version of the operator kept its tokens there, where Git may put back what they come from.
		if own, err := s.keep(ctx, present); err == nil {
			return own, nil
		}
	}
	return present, nil
}

// lose forgets the tokens held because their Secret is gone or unusable.
func (s *Source) lose(problem *Error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notify = s.notify || s.loaded
	s.held, s.loaded = credentials{}, false
	store := s.store
	s.clear()
	s.store = store // tokens that wait for the Secret still wait
	s.problem = problem
	s.postpone()
	return problem
}

// postpone makes tokens that wait for their Secret wait longer after it could not be read. The caller holds mu.
func (s *Source) postpone() {
	if s.pending != nil {
		s.store.start(s.clock.Now(), 0)
	}
}

// fail remembers why something could not be done.
func (s *Source) fail(problem *Error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notify = s.notify || s.problem == nil || s.problem.Message != problem.Message
	s.problem = problem
	return problem
}

// adopt takes over credentials that are in the Secret; foreign ones were put there by somebody else.
func (s *Source) adopt(found credentials, foreign bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.loaded || !s.held.sameGrant(found) || s.held.accessToken != found.accessToken {
		s.clear()
		s.version++
		if foreign {
			s.origin = s.version
		}
		s.notify = true
	}
	if s.problem != nil && (s.problem.cause.Op == opSecret || !s.held.refreshEnds.Equal(found.refreshEnds)) {
		s.problem = nil // the Secret can be read again, or somebody corrected the end that the problem speaks of
	}
	s.held, s.loaded = found, true
}

// refresh renews the tokens, unless the Secret turns out to hold newer ones, and stores them.
func (s *Source) refresh(ctx context.Context) error {
	if err := s.barred(); err != nil {
		return err
	}
	before := s.snapshot()
	present, err := s.load(ctx)
	if err != nil {
		return err
	}
	from := s.snapshot()
	if from.accessToken != before.accessToken || !from.sameGrant(before) {
		if _, _, ok := s.usable(); ok {
			return nil
		}
		if err := s.barred(); err != nil {
			return err
		}
	}
	present, problem := s.rehearse(ctx, present)
	if problem != nil {
		return s.refreshFailed(problem)
	}
	s.mu.Lock()
	settings := s.settings
	s.mu.Unlock()
	answer, problem := renew(ctx, settings, from, s.clock.Now())
	if problem != nil {
		if s.fallBack(ctx, present, problem) {
			return nil
		}
		return s.refreshFailed(problem)
	}
	s.mu.Lock()
	s.pending = answer
	s.retry.reset()
	s.mu.Unlock()
	return s.storePending(ctx, present)
}

// refreshFailed remembers why a renewal failed and when to try again.
func (s *Source) refreshFailed(problem *Error) error {
	if !problem.Permanent {
		now := s.clock.Now()
		s.mu.Lock()
		s.retry.start(now, remote.RetryAfter(problem))
		problem = problem.after(s.retry.left(now))
		s.mu.Unlock()
	}
	return s.fail(problem)
}

// barred says why a refresh must not be tried now, without any request; nil if it may.
func (s *Source) barred() error {
	s.mu.Lock()
	now := s.clock.Now()
	s.thaw(now)
	problem := s.problem
	frozen, rest := s.frozen, s.freeze.left(now)
	wait := s.retry.left(now)
	held := s.held
	s.mu.Unlock()
	switch {
	case frozen:
		return refusal(rest)
	case problem != nil && problem.Permanent:
		return problem
	case !held.renewable():
		return s.fail(permanent(v1alpha1.ReasonReconnectRequired, opEnd,
			"the access token has expired and there is no refresh token: give consent or put new tokens into the Secret"))
	case held.over(now):
		return s.fail(permanent(v1alpha1.ReasonReconnectRequired, opEnd,
			"the refresh token has expired: give consent again or put new tokens into the Secret"))
	case wait > 0 && problem != nil:
		return problem.after(wait)
	}
	return nil
}

// refusal is the error while a refused token rests.
func refusal(rest time.Duration) *Error {
	return passing(v1alpha1.ReasonUnauthorized, remote.Unauthorized, opUse,
		"the access token is refused although it has not expired, and renewing it did not or cannot help").after(rest)
}

// storePending writes the tokens that wait for it into the Secret; only then are they held and used. What is given was
// read before the refresh, nil to read it now. After a conflict it is read and merged once more; somebody else's newer
// tokens win.
func (s *Source) storePending(ctx context.Context, present *kept) error {
	s.mu.Lock()
	pending, wait, problem := s.pending, s.store.left(s.clock.Now()), s.problem
	s.mu.Unlock()
	if pending == nil {
		return nil
	}
	if wait > 0 && problem != nil {
		return problem.after(wait)
	}
	stored, err := merge(ctx, s.writer, present, pending, func(ctx context.Context) (*kept, error) {
		present, err := s.load(ctx)
		if now := s.snapshot(); err == nil && (now.clientID != pending.from.clientID || now.refreshToken != pending.from.refreshToken) {
			s.settle(now)
			return nil, nil
		}
		return present, err
	})
	if err != nil {
		return s.storeFailed(err, pending)
	}
	if stored == nil {
		return nil
	}
	found, unusable := parse(stored.whole())
	if unusable != nil {
		return unusable
	}
	s.settle(found)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refreshes++
	return nil
}

// settle ends the life of the pending tokens: the Secret holds what counts now. A refused token that came back from
// its own renewal rests: another renewal would not help either.
func (s *Source) settle(found credentials) {
	s.mu.Lock()
	refused, freeze := s.refused, s.freeze
	same := refused && s.held.accessToken == found.accessToken
	s.pending = nil
	s.store.reset()
	s.mu.Unlock()
	s.adopt(found, false)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problem = nil
	if refused {
		s.renewed = s.clock.Now()
	}
	if same {
		s.refused, s.frozen, s.freeze = true, true, freeze
		s.freeze.start(s.renewed, 0)
		s.notify = true
	}
}

func (s *Source) storeFailed(err error, pending *Grant) error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	now := s.clock.Now()
	s.mu.Lock()
	s.store.start(now, 0)
	wait := s.store.left(now)
	s.mu.Unlock()
	text := without(err, pending.secrets()...)
	message := fmt.Sprintf("the renewed tokens cannot be stored in Secret %s and are not used until they are: %s", s.place.Tokens, text)
	return s.fail(passing(v1alpha1.ReasonUnavailable, remote.Unavailable, opStore, message).after(wait))
}

func (s *Source) snapshot() credentials {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}
