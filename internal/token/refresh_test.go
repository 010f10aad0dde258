package token

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// Proves: S1.14, S1.15, S1.16, S1.31
func TestRefreshModes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		refresh     string
		refreshEnds time.Time
	}{
		"renew":  {canaryRefresh, start.Add(7*day + refreshLife)},
		"fixed":  {canaryRefresh, start.Add(57 * day)},
		"rotate": {"canary-refresh-1", start.Add(7*day + refreshLife)},
		"omit":   {canaryRefresh, start.Add(refreshLife)},
	}
	for mode, test := range tests {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, mode, nil)
			f.clock.SetTime(start.Add(7 * day))
			refreshed, err := f.source.RefreshIfDue(t.Context(), f.clock.Now())
			if err != nil || !refreshed {
				t.Fatalf("RefreshIfDue = %t, %v", refreshed, err)
			}
			f.wantToken("canary-access-1")
			data := f.secret().Data
			want := map[string]string{
				KeyAccessToken: "canary-access-1", KeyAccessTokenExpiresAt: start.Add(7*day + accessLife).Format(time.RFC3339),
				KeyRefreshTokenExpiresAt: test.refreshEnds.Format(time.RFC3339), "note": "kept", KeyClientID: "client",
			}
			if test.refresh != canaryRefresh {
				want[KeyRefreshToken] = test.refresh
			}
			for key, value := range want {
				if string(data[key]) != value {
					t.Errorf("Secret key %s = %q, want %q", key, data[key], value)
				}
			}
			status := f.source.Status()
			if !status.AccessEnds.Equal(start.Add(7*day+accessLife)) || !status.RefreshEnds.Equal(test.refreshEnds) {
				t.Errorf("status ends = %s, %s", status.AccessEnds, status.RefreshEnds)
			}
			f.source = f.newSource()
			f.clock.SetTime(start.Add(14 * day))
			if _, err := f.source.RefreshIfDue(t.Context(), f.clock.Now()); err != nil {
				t.Errorf("second refresh, by another process: %v", err)
			}
			f.wantCalls(2)
		})
	}
}

// Proves: S1.31
func TestRegularRefreshIsExactlyWeekly(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	for hour := range 28 * 24 {
		f.clock.SetTime(start.Add(time.Duration(hour) * time.Hour))
		refreshed, err := f.source.RefreshIfDue(t.Context(), f.clock.Now())
		if err != nil {
			t.Fatalf("hour %d: %v", hour, err)
		}
		if want := hour > 0 && hour%(7*24) == 0; refreshed != want {
			t.Fatalf("hour %d: refreshed = %t, want %t", hour, refreshed, want)
		}
	}
	f.wantCalls(3)
}

// Proves: S1.31
func TestTokenIsRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", nil)
	f.clock.SetTime(start.Add(accessLife - 6*time.Minute))
	f.wantToken(canaryAccess)
	f.clock.SetTime(start.Add(accessLife - 5*time.Minute))
	f.wantToken("canary-access-1")
	f.wantCalls(1)
}

// Proves: S1.31
func TestUnknownEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", func(secret *corev1.Secret) {
		delete(secret.Data, KeyAccessTokenExpiresAt)
		delete(secret.Data, KeyRefreshTokenExpiresAt)
	})
	f.wantToken(canaryAccess)
	f.wantCalls(0)
	if refreshed, err := f.source.RefreshIfDue(t.Context(), f.clock.Now()); err != nil || !refreshed {
		t.Fatalf("RefreshIfDue = %t, %v, want a refresh that makes the ends known", refreshed, err)
	}
	if refreshed, err := f.source.RefreshIfDue(t.Context(), f.clock.Now()); err != nil || refreshed {
		t.Fatalf("second RefreshIfDue = %t, %v, want none", refreshed, err)
	}
}

func TestSingleFlight(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.clock.SetTime(start.Add(accessLife))
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			if token, err := f.source.Token(t.Context()); err != nil || token != "canary-access-1" {
				t.Errorf("Token = %s, %v", token, err)
			}
		})
	}
	group.Wait()
	f.wantCalls(1)
}

// Proves: S1.14
func TestNoTokenIsUsedBeforeItIsStored(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.update = func(int64) error { return errors.New("etcd is away, " + canarySecret) }
	f.clock.SetTime(start.Add(accessLife - time.Minute))
	f.wantToken(canaryAccess)
	f.wantCalls(1)
	f.clock.SetTime(start.Add(accessLife + time.Minute))
	if token, err := f.source.Token(t.Context()); err == nil {
		t.Fatalf("Token = %s although the Secret could not be written", token)
	} else if remote.ClassOf(err) != remote.Unavailable {
		t.Errorf("class = %s, want Unavailable", remote.ClassOf(err))
	}
	wantNoSecret(t, f)
	f.update = nil
	f.clock.Step(time.Minute)
	f.wantToken("canary-access-1")
	f.wantCalls(1)
	if got := string(f.secret().Data[KeyRefreshToken]); got != "canary-refresh-1" {
		t.Errorf("stored refresh token = %q", got)
	}
}

func conflict() error {
	return apierrors.NewConflict(schema.GroupResource{Resource: "secrets"}, secretName.Name, errors.New("changed"))
}

// Proves: S1.14
func TestConflictIsMergedOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.update = func(attempt int64) error {
		if attempt > 1 {
			return nil
		}
		f.edit(func(data map[string][]byte) { data["note"] = []byte("changed meanwhile") })
		return conflict()
	}
	f.clock.SetTime(start.Add(accessLife))
	f.wantToken("canary-access-1")
	if data := f.secret().Data; string(data["note"]) != "changed meanwhile" || string(data[KeyRefreshToken]) != "canary-refresh-1" {
		t.Errorf("Secret after the merge: note %q, refresh token %q", data["note"], data[KeyRefreshToken])
	}
	f.wantCalls(1)
}

// Proves: S1.14
func TestConflictWithNewerTokensUsesThem(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.update = func(attempt int64) error {
		if attempt > 1 {
			return nil // it would overwrite the newer ones
		}
		f.edit(func(data map[string][]byte) {
			data[KeyRefreshToken] = []byte("newer-refresh")
			data[KeyAccessToken] = []byte("newer-access")
			data[KeyAccessTokenExpiresAt] = []byte(start.Add(2 * accessLife).Format(time.RFC3339))
		})
		return conflict()
	}
	f.clock.SetTime(start.Add(accessLife))
	f.wantToken("newer-access")
	if got := string(f.secret().Data[KeyRefreshToken]); got != "newer-refresh" {
		t.Errorf("stored refresh token = %q, want the newer one", got)
	}
}

// Proves: S1.32
func TestDeadRefreshTokenStopsCalls(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.server.refresh = "another"
	f.clock.SetTime(start.Add(accessLife))
	for range 3 {
		_, err := f.source.Token(t.Context())
		wantReason(t, err, v1alpha1.ReasonReconnectRequired)
		f.clock.Step(day)
	}
	if err := f.source.Reload(t.Context()); err != nil {
		t.Errorf("Reload of the same Secret: %v", err)
	}
	if _, err := f.source.RefreshIfDue(t.Context(), f.clock.Now()); err == nil {
		t.Error("RefreshIfDue succeeded with a dead refresh token")
	}
	f.wantCalls(1)
	wantNoSecret(t, f)
	f.edit(func(data map[string][]byte) { data[KeyRefreshToken] = []byte("another") })
	if err := f.source.Reload(t.Context()); err != nil {
		t.Fatalf("Reload: %v", err)
	}
	f.wantToken("canary-access-2")
}

// Proves: S1.32
func TestExpiredRefreshTokenIsNotTried(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", nil)
	f.clock.SetTime(start.Add(refreshLife))
	_, err := f.source.Token(t.Context())
	wantReason(t, err, v1alpha1.ReasonReconnectRequired)
	f.wantCalls(0)
}

// Proves: S1.32, PR26
func TestTheConnectionEndsWithTheRefreshToken(t *testing.T) {
	t.Parallel()
	ends := start.Add(2 * day)
	f := newFixture(t, "renew", func(secret *corev1.Secret) {
		secret.Data[KeyRefreshTokenExpiresAt] = []byte(ends.Format(time.RFC3339))
	})
	f.wantToken(canaryAccess)
	if next := f.source.Status().Next; !next.Equal(ends) {
		t.Errorf("next visit at %s, want at the end of the refresh token", next)
	}
	f.clock.SetTime(ends.Add(-time.Second))
	f.wantToken(canaryAccess)
	f.clock.SetTime(ends)
	for range 3 {
		_, err := f.source.Token(t.Context())
		wantReason(t, err, v1alpha1.ReasonReconnectRequired)
		if _, err := f.source.RefreshIfDue(t.Context(), f.clock.Now()); err == nil {
			t.Error("RefreshIfDue succeeded after the end")
		}
		if err := f.source.Reload(t.Context()); err != nil {
			t.Errorf("Reload: %v", err)
		}
		f.clock.Step(time.Hour)
	}
	if status := f.source.Status(); status.Usable || !status.Next.IsZero() {
		t.Errorf("usable = %t, next = %s after the end", status.Usable, status.Next)
	}
	f.wantCalls(0)
	f.edit(func(data map[string][]byte) {
		data[KeyRefreshTokenExpiresAt] = []byte(ends.Add(day).Format(time.RFC3339))
	})
	if err := f.source.Reload(t.Context()); err != nil {
		t.Fatalf("Reload: %v", err)
	}
	f.wantToken(canaryAccess)
}

// A refresh token that the server replaces is not spent while the answer could not be stored.
func TestASecretThatCannotBeWrittenCostsNoRefreshToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.rehearse = func() error { return errors.New("field is immutable when `immutable` is set, " + canarySecret) }
	f.clock.SetTime(start.Add(accessLife))
	_, err := f.source.Token(t.Context())
	wantReason(t, err, v1alpha1.ReasonUnavailable)
	if !strings.Contains(err.Error(), "cannot be written") || f.writes.Load() != 0 {
		t.Errorf("%d writes, error = %v", f.writes.Load(), err)
	}
	wantNoSecret(t, f)
	f.wantCalls(0)
	f.rehearse = func() error { return apierrors.NewBadRequest("admission webhook does not support dry run") }
	f.clock.Step(30 * time.Second)
	f.wantToken("canary-access-1")
}

// Tokens that wait for a Secret that is gone or unreadable must not lead to a look at it every moment.
func TestALostSecretIsNotHammered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.update = func(int64) error { return errors.New("etcd is away") }
	f.clock.SetTime(start.Add(accessLife))
	if _, err := f.source.Token(t.Context()); err == nil {
		t.Fatal("a token that is not stored")
	}
	lost := f.secret()
	if err := f.client.Delete(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	var waits []time.Duration
	for range 6 {
		wantReason(t, f.source.Reload(t.Context()), v1alpha1.ReasonCredentialsMissing)
		wait := f.source.Status().Next.Sub(f.clock.Now())
		waits = append(waits, wait)
		f.clock.Step(wait)
	}
	if waits[0] < time.Second || waits[5] != 30*time.Second {
		t.Errorf("waits = %v, want growing ones up to 30 s", waits)
	}
	f.update = nil
	lost.ResourceVersion = ""
	if err := f.client.Create(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	if waiting, err := f.source.Flush(t.Context()); err != nil || waiting {
		t.Fatalf("Flush = %t, %v", waiting, err)
	}
	f.wantToken("canary-access-1")
	f.wantCalls(1)
}

// A Secret that cannot be written must be tried again with patience, however often somebody looks.
func TestFailedStoreIsNotHammered(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.update = func(int64) error { return errors.New("etcd is away") }
	f.clock.SetTime(start.Add(accessLife))
	for range 50 {
		if err := f.source.Reload(t.Context()); err == nil && f.server.calls.Load() > 0 {
			t.Fatal("Reload succeeded although the tokens are not stored")
		}
		if _, err := f.source.RefreshIfDue(t.Context(), f.clock.Now()); err == nil {
			t.Fatal("RefreshIfDue succeeded although the tokens are not stored")
		}
	}
	if writes, changes := f.writes.Load(), f.changes.Load(); writes != 1 || changes > 2 {
		t.Errorf("%d writes and %d changes told in one moment, want 1 and at most 2", writes, changes)
	}
	if next := f.source.Status().Next; !next.Equal(f.clock.Now().Add(time.Second)) {
		t.Errorf("next attempt at %s, want a second later", next)
	}
}

// A clock that was ahead for a while, after a migration of the machine say, must not end the renewals for ever.
func TestAClockThatWasAheadEndsNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(map[string][]byte){
		"renewable": func(data map[string][]byte) {
			data[KeyRefreshTokenExpiresAt] = []byte(start.Add(refreshLife).Format(time.RFC3339))
		},
		"not renewable": func(data map[string][]byte) { delete(data, KeyRefreshToken) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, "rotate", func(secret *corev1.Secret) { change(secret.Data) })
			f.wantToken(canaryAccess)
			f.clock.SetTime(start.Add(2 * refreshLife))
			_, err := f.source.Token(t.Context())
			wantReason(t, err, v1alpha1.ReasonReconnectRequired)
			f.clock.SetTime(start.Add(time.Hour))
			f.wantToken(canaryAccess)
			if status := f.source.Status(); status.Problem != nil || status.Next.IsZero() {
				t.Errorf("problem %v, next %s: nobody would renew the tokens", status.Problem, status.Next)
			}
		})
	}
}

// The token server's answer reaches the Secret though the caller that needed it has given up meanwhile.
//
// Proves: S1.14
func TestAnAnswerOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	ctx, cancel := context.WithCancel(t.Context())
	f.server.instead = func(w http.ResponseWriter, r *http.Request) {
		cancel()
		f.server.instead = nil
		f.server.ServeHTTP(w, r)
	}
	f.clock.SetTime(start.Add(accessLife))
	token, err := f.source.Token(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(f.secret().Data[KeyAccessToken]); got != token || got == canaryAccess {
		t.Errorf("stored %q, got %q", got, token)
	}
}
