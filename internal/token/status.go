package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Status is what is known of an organization's tokens, without any of their text.
type Status struct {
	// Loaded: the Secret has been read and holds what is needed.
	Loaded bool
	// Usable: the access token may be used now.
	Usable bool
	// Version changes whenever other tokens are in use, renewed or put into the Secret by somebody.
	Version uint64
	// Origin changes with Version when somebody else put the tokens into the Secret, but not when the operator renewed
	// them: renewed tokens belong to the same account, others may belong to any.
	Origin uint64
	// Client names the OAuth client at its token server without revealing it: organizations with the same one share a
	// request budget. Only who holds the client's secret has the same name.
	Client string
	// AccessEnds and RefreshEnds are when the tokens end; zero where nobody said.
	AccessEnds, RefreshEnds time.Time
	// Scopes of the access token, sorted; nil where neither the token server nor the Secret said.
	Scopes []string
	// Renewable: there is a refresh token; without one the connection ends with the access token.
	Renewable bool
	// RefreshedAt is when the operator last obtained the tokens; zero where somebody else put them there.
	RefreshedAt time.Time
	// Next is when RefreshIfDue should be called again; zero if nothing is to be expected of it.
	Next time.Time
	// Problem is why there is no usable token or why it could not be renewed; nil while all is well.
	Problem *Error
}

// Status returns the present state without any request.
func (s *Source) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	s.thaw(now)
	status := Status{
		Loaded: s.loaded, Usable: s.loaded && !s.refused && s.held.lasts(now, 0),
		Version: s.version, Origin: s.origin, Client: s.client(),
		AccessEnds: s.held.accessEnds, RefreshEnds: s.held.refreshEnds, Scopes: slices.Clone(s.held.scopes),
		Renewable: s.held.renewable(), RefreshedAt: s.held.refreshedAt,
		Next: s.next(now), Problem: s.problem,
	}
	if s.frozen {
		status.Problem = refusal(s.freeze.left(now))
	}
	return status
}

// client is Status.Client: a client id is public, so its hash is keyed with the client's secret. Without both, tokens
// share a name with nobody. The caller holds mu.
func (s *Source) client() string {
	identity, secret := "client "+s.held.clientID, s.held.clientSecret
	if s.held.clientID == "" || secret == "" {
		identity, secret = "secret "+s.place.Credentials.String(), ""
	}
	name := hmac.New(sha256.New, []byte("wxcc.dev request budget "+secret))
	name.Write([]byte(s.settings.TokenURL + "\n" + identity)) //nolint:errcheck // a hash takes everything
	return hex.EncodeToString(name.Sum(nil)[:8])
}

// next is Status.Next. The caller holds mu.
func (s *Source) next(now time.Time) time.Time {
	switch {
	case s.pending != nil:
		return latest(now, s.store.until)
	case s.frozen:
		return s.freeze.until
	case s.problem != nil && s.problem.Permanent, !s.loaded:
		return time.Time{}
	case s.refused:
		return latest(now, s.retry.until)
	case !s.held.renewable():
		return s.held.accessEnds
	}
	return latest(s.held.due(s.settings.Interval), s.retry.until)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
