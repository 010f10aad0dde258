package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	corev1 "k8s.io/api/core/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// requestTimeout bounds one call to the token server; the rest of operationTimeout is for the Secret.
const requestTimeout = 15 * time.Second

// grant is an answer of the token server that is not in the Secret yet.
type grant struct {
	// from is what it was obtained with.
	from                    credentials
	accessToken             string
	refreshToken            string    // "" where the answer had none
	accessEnds, refreshEnds time.Time // zero where the answer did not say
	at                      time.Time
}

// Format prints no secret under any verb.
func (g grant) Format(state fmt.State, _ rune) { hidden(state, "grant [hidden]") }

// apply writes the grant into a Secret's data. What the answer left out stays, but for the end of an access token
// that is not there any more.
func (g grant) apply(secret *corev1.Secret) {
	set := func(key, value string) { secret.Data[key] = []byte(value) }
	set(KeyAccessToken, g.accessToken)
	delete(secret.Data, KeyAccessTokenExpiresAt)
	if !g.accessEnds.IsZero() {
		set(KeyAccessTokenExpiresAt, g.accessEnds.UTC().Format(time.RFC3339))
	}
	if g.refreshToken != "" {
		set(KeyRefreshToken, g.refreshToken)
	}
	if !g.refreshEnds.IsZero() {
		set(KeyRefreshTokenExpiresAt, g.refreshEnds.UTC().Format(time.RFC3339))
	}
	if secret.Annotations == nil {
		secret.Annotations = map[string]string{}
	}
	secret.Annotations[RefreshedAtAnnotation] = g.at.UTC().Format(time.RFC3339)
}

// exchange asks the token server for a new access token. Ends of life count from before the request.
func exchange(ctx context.Context, settings Settings, from credentials, now time.Time) (*grant, *Error) {
	config := oauth2.Config{
		ClientID: from.clientID, ClientSecret: from.clientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: settings.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
	client := &http.Client{
		Transport: settings.Transport, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, client)
	answer, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: from.refreshToken}).Token()
	if err != nil {
		return nil, explain(err, from)
	}
	return &grant{
		from: from, accessToken: answer.AccessToken, refreshToken: answer.RefreshToken, at: now,
		accessEnds:  endsAt(now, float64(answer.ExpiresIn)),
		refreshEnds: endsAt(now, number(answer.Extra("refresh_token_expires_in"))),
	}, nil
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

// explain maps a failed refresh. Only an answer that is clearly the token server's own verdict is permanent: an error
// page of a proxy must not end a connection.
func explain(err error, from credentials) *Error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return unanswered(err, from)
	}
	said := verdict(refused)
	said.text = redact(said.text, from.clientSecret, from.refreshToken, from.accessToken)
	status := refused.Response.StatusCode
	trackingID := refused.Response.Header.Get("TrackingID")
	return said.explain(status, httpcall.RetryAfter(refused.Response.Header)).tracked(status, trackingID)
}

// unanswered maps a refresh without an answer, or with one that is no answer of a token server.
func unanswered(err error, from credentials) *Error {
	const message = "the access token could not be renewed: "
	text := message + redact(httpcall.Describe(err), from.clientSecret, from.refreshToken, from.accessToken)
	if _, ok := errors.AsType[*url.Error](err); ok {
		return passing(v1alpha1.ReasonUnavailable, remote.Unavailable, opRefresh, text)
	}
	return passing(v1alpha1.ReasonInvalidResponse, remote.InvalidResponse, opRefresh, text)
}

// answerError is what an error answer says: an RFC 6749 code or a Webex message.
type answerError struct {
	code string
	text string
}

// verdict reads the two shapes of error bodies: RFC 6749 and that of the Webex APIs.
func verdict(refused *oauth2.RetrieveError) answerError {
	said := answerError{code: refused.ErrorCode, text: refused.ErrorDescription}
	if said.code != "" {
		if said.text == "" {
			said.text = said.code
		}
		return said
	}
	var body struct {
		Message string `json:"message"`
		Errors  []struct {
			Description string `json:"description"`
		} `json:"errors"`
	}
	if json.Unmarshal(refused.Body, &body) != nil {
		return said
	}
	said.text = body.Message
	if len(body.Errors) > 0 && body.Errors[0].Description != "" {
		said.text = body.Errors[0].Description
	}
	return said
}

func (a answerError) explain(status int, wait time.Duration) *Error {
	prefix := fmt.Sprintf("the token server answered %d", status)
	if a.text != "" {
		prefix += " (" + a.text + ")"
	}
	switch {
	case status == http.StatusTooManyRequests:
		return passing(v1alpha1.ReasonRateLimited, remote.RateLimited, opRefresh, prefix).after(wait)
	case status != http.StatusBadRequest && status != http.StatusUnauthorized && status != http.StatusOK, a.text == "":
		return passing(v1alpha1.ReasonUnavailable, remote.Unavailable, opRefresh, prefix).after(wait)
	case a.aboutClient():
		return permanent(v1alpha1.ReasonInvalidClient, opRefresh, prefix+": correct clientID and clientSecret in the Secret")
	case a.code == "invalid_scope":
		return permanent(v1alpha1.ReasonForbidden, opRefresh, prefix+": the client lacks a scope; connect again")
	}
	return permanent(v1alpha1.ReasonReconnectRequired, opRefresh,
		prefix+": the refresh token is not usable any more; give consent again or put new tokens into the Secret")
}

// aboutClient tells a wrong client id or secret from a dead refresh token, by code where there is one, else by text.
func (a answerError) aboutClient() bool {
	if a.code != "" {
		return a.code == "invalid_client" || a.code == "unauthorized_client"
	}
	text := strings.ToLower(a.text)
	return strings.Contains(text, "client") && !strings.Contains(text, "refresh")
}
