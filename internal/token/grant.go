package token

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"wxcc.dev/operator/internal/httpcall"
)

// Grant is an answer of the token server that is not in the Secret yet. It implements webex.TokenSource, so that whose
// tokens these are can be asked before they are stored.
type Grant struct {
	// from is what it was obtained with.
	from                    credentials
	accessToken             string
	refreshToken            string    // "" where the answer had none
	accessEnds, refreshEnds time.Time // zero where the answer did not say
	scopes                  []string  // nil where the answer did not say
	at                      time.Time
	// consented: an administrator's consent made it, and no renewal. It replaces everything that the Secret held.
	consented bool
}

// newGrant reads an answer. Ends of life count from now, which is before the request was sent.
func newGrant(from credentials, answer *oauth2.Token, now time.Time, transport *httpcall.Transport) *Grant {
	return &Grant{
		from: from, accessToken: answer.AccessToken, refreshToken: answer.RefreshToken, at: now,
		accessEnds:  endsAt(now, float64(answer.ExpiresIn)),
		refreshEnds: endsAt(now, number(answer.Extra("refresh_token_expires_in"))),
		scopes:      scopeList(answer.Extra("scope"), transport),
	}
}

// Format prints no secret under any verb.
func (g *Grant) Format(state fmt.State, _ rune) { hidden(state, "grant [hidden]") }

// Token returns the access token.
func (g *Grant) Token(context.Context) (string, error) { return g.accessToken, nil }

// Rejected does nothing: a grant that is refused is not stored.
func (g *Grant) Rejected(string) {}

// Scopes that were granted, sorted; nil where the token server did not say.
func (g *Grant) Scopes() []string { return slices.Clone(g.scopes) }

// apply writes the grant into a Secret. What a renewal left out stays, but for the end of an access token that is not
// there any more; beside the tokens of a new consent nothing of the old ones may stay.
func (g *Grant) apply(secret *corev1.Secret) {
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	if secret.Annotations == nil {
		secret.Annotations = map[string]string{}
	}
	scopes := g.scopes
	if g.consented {
		delete(secret.Data, KeyRefreshToken)
		delete(secret.Data, KeyRefreshTokenExpiresAt)
		secret.Annotations[AuthorizedAtAnnotation] = g.at.UTC().Format(time.RFC3339Nano)
	} else if scopes == nil {
		scopes = scopesOf(secret, strings.TrimSpace(string(secret.Data[KeyAccessToken]))) // RFC 6749, 6: the same as before
	}
	g.applyTokens(secret.Data)
	delete(secret.Annotations, ScopesAnnotation)
	delete(secret.Annotations, ScopesOfAnnotation)
	if scopes != nil {
		secret.Annotations[ScopesAnnotation] = strings.Join(scopes, " ")
		secret.Annotations[ScopesOfAnnotation] = fingerprint(g.accessToken)
	}
	secret.Annotations[RefreshedAtAnnotation] = g.at.UTC().Format(time.RFC3339)
}

func (g *Grant) applyTokens(data map[string][]byte) {
	data[KeyAccessToken] = []byte(g.accessToken)
	delete(data, KeyAccessTokenExpiresAt)
	if !g.accessEnds.IsZero() {
		data[KeyAccessTokenExpiresAt] = []byte(g.accessEnds.UTC().Format(time.RFC3339))
	}
	if g.refreshToken != "" {
		data[KeyRefreshToken] = []byte(g.refreshToken)
	}
	if !g.refreshEnds.IsZero() {
		data[KeyRefreshTokenExpiresAt] = []byte(g.refreshEnds.UTC().Format(time.RFC3339))
	}
}

// secrets are the grant's own and those it was obtained with.
func (g *Grant) secrets() []string {
	return append(g.from.secrets(), g.accessToken, g.refreshToken)
}

// merge stores a grant with one write, on top of what is given or, without that, of what read returns. After a conflict
// it is read and merged once more. Read returns nil where nothing is to be written any more, and so does merge then.
func merge(
	ctx context.Context, writer SecretWriter, present *kept, grant *Grant, read func(context.Context) (*kept, error),
) (*kept, error) {
	const attempts = 2
	for attempt := 1; ; attempt++ {
		if present == nil {
			var err error
			if present, err = read(ctx); err != nil || present == nil {
				return nil, err
			}
		}
		updated := present.granted(grant)
		err := updated.save(ctx, writer)
		if err == nil {
			return updated, nil
		}
		if attempt == attempts || !apierrors.IsConflict(err) && !apierrors.IsAlreadyExists(err) && !apierrors.IsNotFound(err) {
			return nil, err
		}
		present = nil
	}
}

// endsAt is zero where the answer did not say how long.
func endsAt(now time.Time, seconds float64) time.Time {
	const longest = 10 * 365 * 24 * time.Hour
	if seconds <= 0 {
		return time.Time{}
	}
	if seconds > longest.Seconds() {
		return now.Add(longest)
	}
	return now.Add(time.Duration(seconds) * time.Second)
}

// number reads a JSON number, or one in a text; 0 where it is neither.
func number(value any) float64 {
	switch typed := value.(type) {
	case float64:
		return typed
	case string:
		parsed, err := json.Number(typed).Float64()
		if err == nil {
			return parsed
		}
	}
	return 0
}

// scopeList reads the scopes of an answer, sorted; nil where it names none, which says nothing. They are shown in status.
func scopeList(value any, transport *httpcall.Transport) []string {
	const longest = 8 << 10
	text, _ := value.(string)
	scopes := strings.Fields(transport.Show(text, longest))
	if len(scopes) == 0 {
		return nil
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
