package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.wantToken(canaryAccess)
	for range 5 {
		f.source.Rejected(canaryAccess)
	}
	f.wantToken("canary-access-1")
	f.source.Rejected(canaryAccess)
	f.wantToken("canary-access-1")
	f.wantCalls(1)
	if f.changes.Load() == 0 {
		t.Error("no change was told")
	}
}

func TestSecondRefusalFreezes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.wantToken(canaryAccess)
	f.source.Rejected(canaryAccess)
	f.wantToken("canary-access-1")
	for _, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 10 * time.Minute} {
		f.source.Rejected("canary-access-1")
		f.clock.Step(wait - time.Second)
		_, err := f.source.Token(t.Context())
		wantReason(t, err, v1alpha1.ReasonUnauthorized)
		if remote.ClassOf(err) != remote.Unauthorized || remote.RetryAfter(err) != time.Second {
			t.Errorf("after %s: class %s, retry after %s", wait, remote.ClassOf(err), remote.RetryAfter(err))
		}
		f.clock.Step(time.Second)
		f.wantToken("canary-access-1")
	}
	f.wantCalls(1)
}

// A token server may answer a renewal with the token that it already has: valid by its books, refused by the API.
func TestATokenThatComesBackRests(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", nil)
	f.server.instead = func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]any{"access_token": canaryAccess, "expires_in": accessLife.Seconds(), "token_type": "Bearer"})
	}
	f.wantToken(canaryAccess)
	f.source.Rejected(canaryAccess)
	for range 10 {
		_, err := f.source.Token(t.Context())
		wantReason(t, err, v1alpha1.ReasonUnauthorized)
	}
	f.wantCalls(1)
	if next := f.source.Status().Next; !next.Equal(start.Add(30 * time.Second)) {
		t.Errorf("next visit at %s, want when the rest is over", next)
	}
	f.clock.Step(30 * time.Second)
	f.wantToken(canaryAccess)
	f.source.Rejected(canaryAccess)
	_, err := f.source.Token(t.Context())
	if remote.RetryAfter(err) != time.Minute {
		t.Errorf("the second rest lasts %s, want a minute", remote.RetryAfter(err))
	}
	f.wantCalls(1)
}

// A token that still lives is given out while somebody else waits for a token server that hangs.
func TestALivingTokenDoesNotWaitForItsRenewal(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", nil)
	asked, release := make(chan struct{}), make(chan struct{})
	f.server.instead = func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		answer(w, http.StatusServiceUnavailable, map[string]any{})
	}
	f.clock.SetTime(start.Add(accessLife - 2*time.Minute))
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := f.source.Token(t.Context()); err != nil {
			t.Errorf("Token of the one who renews: %v", err)
		}
	})
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if token, err := f.source.Token(ctx); err != nil || token != canaryAccess {
		t.Errorf("Token = %s, %v, want the living one", token, err)
	}
	close(release)
	group.Wait()
}

func TestNewSecretEndsTheFreeze(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.wantToken(canaryAccess)
	f.source.Rejected(canaryAccess)
	f.source.Rejected(f.token())
	if _, err := f.source.Token(t.Context()); err == nil {
		t.Fatal("a token although it was refused twice")
	}
	version := f.source.Status().Version
	f.edit(func(data map[string][]byte) { data[KeyAccessToken] = []byte("brand-new") })
	if err := f.source.Reload(t.Context()); err != nil {
		t.Fatalf("Reload: %v", err)
	}
	f.wantToken("brand-new")
	if f.source.Status().Version == version {
		t.Error("the version stayed although the tokens changed")
	}
}

func TestLaterRefusalIsANewIncident(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", nil)
	f.wantToken(canaryAccess)
	f.source.Rejected(canaryAccess)
	f.wantToken("canary-access-1")
	f.clock.Step(2 * time.Hour)
	f.source.Rejected("canary-access-1")
	f.wantToken("canary-access-2")
}

func TestAccessTokenAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", func(secret *corev1.Secret) {
		secret.Data = map[string][]byte{KeyAccessToken: []byte(canaryAccess), KeyAccessTokenExpiresAt: secret.Data[KeyAccessTokenExpiresAt]}
	})
	f.wantToken(canaryAccess)
	f.source.Rejected(canaryAccess)
	_, err := f.source.Token(t.Context())
	wantReason(t, err, v1alpha1.ReasonUnauthorized)
	f.clock.SetTime(start.Add(accessLife))
	if _, err := f.source.RefreshIfDue(t.Context(), f.clock.Now()); err == nil {
		t.Error("RefreshIfDue of an expired token that cannot be renewed succeeded")
	}
	_, err = f.source.Token(t.Context())
	wantReason(t, err, v1alpha1.ReasonReconnectRequired)
	f.wantCalls(0)
}

// Proves: S1.27
func TestMissingCredentials(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit func(*corev1.Secret)
		want string
	}{
		"half a client": {
			func(secret *corev1.Secret) { secret.Data = map[string][]byte{KeyClientID: []byte("client")} },
			"lacks clientSecret, refreshToken",
		},
		"nothing": {func(secret *corev1.Secret) { secret.Data = nil }, "lacks clientID, clientSecret, refreshToken"},
		"bad time": {
			func(secret *corev1.Secret) { secret.Data[KeyAccessTokenExpiresAt] = []byte("tomorrow") },
			"key accessTokenExpiresAt is not a time",
		},
		"Secret of somebody else": {
			func(secret *corev1.Secret) { secret.Type = corev1.SecretTypeBasicAuth },
			"Secret tenants/nordlys is of type kubernetes.io/basic-auth",
		},
		"no Secret": {func(secret *corev1.Secret) { secret.Name = "another" }, "Secret tenants/nordlys does not exist"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, "renew", test.edit)
			_, err := f.source.Token(t.Context())
			wantReason(t, err, v1alpha1.ReasonCredentialsMissing)
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("message = %q, want %q in it", err, test.want)
			}
			f.wantCalls(0)
		})
	}
}

// Proves: S1.27, PR22
func TestAClientWithoutTokensWaitsForConsent(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", withoutTokens)
	_, err := f.source.Token(t.Context())
	wantReason(t, err, v1alpha1.ReasonAuthorizationRequired)
	if _, err := f.source.RefreshIfDue(t.Context(), f.clock.Now()); err == nil {
		t.Error("RefreshIfDue succeeded without any token")
	}
	f.wantCalls(0)
	wantNoSecret(t, f)
}

func withoutTokens(secret *corev1.Secret) {
	for _, key := range []string{KeyAccessToken, KeyRefreshToken, KeyAccessTokenExpiresAt, KeyRefreshTokenExpiresAt} {
		delete(secret.Data, key)
	}
}

func TestLostSecretStopsUse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", nil)
	f.wantToken(canaryAccess)
	if err := f.client.Delete(t.Context(), f.secret()); err != nil {
		t.Fatal(err)
	}
	wantReason(t, f.source.Reload(t.Context()), v1alpha1.ReasonCredentialsMissing)
	_, err := f.source.Token(t.Context())
	wantReason(t, err, v1alpha1.ReasonCredentialsMissing)
}

// A caller that gives up must not cut off the write of a rotated token.
func TestRefreshOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	ctx, cancel := context.WithCancel(t.Context())
	f.update = func(int64) error { cancel(); return nil }
	f.clock.SetTime(start.Add(accessLife))
	if token, err := f.source.Token(ctx); err != nil || token != "canary-access-1" {
		t.Fatalf("Token = %s, %v", token, err)
	}
	if got := string(f.secret().Data[KeyRefreshToken]); got != "canary-refresh-1" {
		t.Errorf("stored refresh token = %q", got)
	}
}

// Proves: S1.13
func TestNoSecretInErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", nil)
	f.server.instead = func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm() //nolint:errcheck // echoes whatever came
		answer(w, http.StatusBadRequest, map[string]any{
			"error": "invalid_grant", "error_description": "do not know " + r.Form.Encode() + " " + r.Form.Get("refresh_token"),
		})
	}
	f.clock.SetTime(start.Add(accessLife))
	if _, err := f.source.Token(t.Context()); err == nil {
		t.Fatal("a token in spite of the error")
	}
	wantNoSecret(t, f)
}

// wantNoSecret looks for secrets in everything that a source shows.
func wantNoSecret(t *testing.T, f *fixture) {
	t.Helper()
	_, err := f.source.Token(t.Context())
	shown := []string{
		fmt.Sprintf("%v %+v %#v %s", f.source, f.source, f.source, f.source),
		fmt.Sprintf("%v %+v %#v", f.source.held, f.source.held, f.source.held),
		fmt.Sprintf("%+v", f.source.Status()),
	}
	for ; err != nil; err = errors.Unwrap(err) {
		shown = append(shown, err.Error(), fmt.Sprintf("%+v", err))
	}
	for _, text := range shown {
		for _, secret := range []string{canarySecret, "canary-refresh", "canary-access", url.QueryEscape(canaryRefresh + "\n")} {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows %q", text, secret)
			}
		}
	}
}

// Proves: S1.29
func TestPinnedGivesOutApprovedTokensOnly(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	pinned := NewPinned(f.source)
	if token, err := pinned.Token(t.Context()); err == nil {
		t.Fatalf("Token = %s before any approval", token)
	}
	pinned.Approve(f.source.Status().Origin)
	f.clock.SetTime(start.Add(accessLife))
	if token, err := pinned.Token(t.Context()); err != nil || token != "canary-access-1" {
		t.Fatalf("renewed token = %s, %v", token, err)
	}
	f.edit(func(data map[string][]byte) {
		data[KeyAccessToken] = []byte("somebody-elses")
		delete(data, KeyAccessTokenExpiresAt)
	})
	if err := f.source.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if token, err := pinned.Token(t.Context()); err == nil {
		t.Fatalf("Token = %s though somebody replaced it", token)
	}
	f.wantToken("somebody-elses")
}
