package token

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

var (
	secretName = types.NamespacedName{Namespace: "tenants", Name: "nordlys"}
	place      = Place{
		Credentials: secretName, Tokens: types.NamespacedName{Namespace: "tenants", Name: "nordlys-tokens"},
		Owner: metav1.OwnerReference{APIVersion: "wxcc.dev/v1alpha1", Kind: "WebexOrganization", Name: "nordlys", UID: "nordlys-uid", Controller: new(true)},
	}
	start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
)

const (
	day         = 24 * time.Hour
	accessLife  = 14 * day
	refreshLife = 90 * day

	canarySecret  = "canary-client-secret"
	canaryRefresh = "canary-refresh-0"
	canaryAccess  = "canary-access-0"
)

// server is a token server with the four ways of treating a refresh token, and a fifth: rotating with grace keeps the
// one that was replaced last.
type server struct {
	http  *httptest.Server
	mode  string
	calls atomic.Int64
	// instead answers in its place when set.
	instead func(w http.ResponseWriter, r *http.Request)

	mu               sync.Mutex
	refresh, retired string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := s.calls.Add(1)
	if s.instead != nil {
		s.instead(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.FormValue("grant_type") != "refresh_token" || r.FormValue("client_id") != "client" ||
		r.FormValue("client_secret") != canarySecret {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	if given := r.FormValue("refresh_token"); given != s.refresh && (given == "" || given != s.retired) {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "refresh token expired"})
		return
	}
	body := map[string]any{"access_token": fmt.Sprintf("canary-access-%d", call), "expires_in": accessLife.Seconds(), "token_type": "Bearer"}
	switch s.mode {
	case "rotate with grace":
		s.retired = s.refresh
		fallthrough
	case "rotate":
		s.refresh = fmt.Sprintf("canary-refresh-%d", call)
		fallthrough
	case "renew":
		body["refresh_token"], body["refresh_token_expires_in"] = s.refresh, refreshLife.Seconds()
	case "fixed":
		body["refresh_token"], body["refresh_token_expires_in"] = s.refresh, (50 * day).Seconds()
	}
	answer(w, http.StatusOK, body)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) //nolint:errcheck // the test fails on its own when the answer is cut
}

// fixture is a source with everything around it.
type fixture struct {
	t       *testing.T
	server  *server
	clock   *clocktesting.FakeClock
	client  client.Client
	source  *Source
	changes atomic.Int64
	// update may refuse the write of the Secret; nil lets it pass. rehearse is the same for its dry run.
	update   func(attempt int64) error
	rehearse func() error
	writes   atomic.Int64
}

// newFixture makes one; edit changes the Secret's data before it is stored.
func newFixture(t *testing.T, mode string, edit func(*corev1.Secret)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clocktesting.NewFakeClock(start), server: &server{mode: mode, refresh: canaryRefresh}}
	f.server.http = httptest.NewServer(f.server)
	t.Cleanup(f.server.http.Close)
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: secretName.Namespace, Name: secretName.Name, CreationTimestamp: metav1.NewTime(start),
		},
		Data: map[string][]byte{
			KeyClientID: []byte("client"), KeyClientSecret: []byte(canarySecret),
			KeyAccessToken: []byte(canaryAccess), KeyRefreshToken: []byte(canaryRefresh + "\n"),
			KeyAccessTokenExpiresAt:  []byte(start.Add(accessLife).Format(time.RFC3339)),
			KeyRefreshTokenExpiresAt: []byte(start.Add(refreshLife).Format(time.RFC3339)),
			"note":                   []byte("kept"),
		},
	}
	if edit != nil {
		edit(secret)
	}
	f.client = fake.NewClientBuilder().WithObjects(secret).WithInterceptorFuncs(interceptor.Funcs{
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
			if isDryRun(options) {
				if f.rehearse != nil {
					if err := f.rehearse(); err != nil {
						return err
					}
				}
			} else if f.update != nil {
				if err := f.update(f.writes.Add(1)); err != nil {
					return err
				}
			}
			return c.Update(ctx, object, options...)
		},
	}).Build()
	f.source = f.newSource()
	return f
}

func isDryRun(options []client.UpdateOption) bool {
	return slices.ContainsFunc(options, func(option client.UpdateOption) bool { return option == client.DryRunAll })
}

// newSource makes another source on the same Secret, as a restarted process would.
func (f *fixture) newSource() *Source {
	return NewSource(Options{
		Reader: f.client, Writer: f.client, Place: place, Clock: f.clock,
		Changed:  func() { f.changes.Add(1) },
		Settings: Settings{TokenURL: f.server.http.URL + "/v1/access_token"},
	})
}

func (f *fixture) token() string {
	f.t.Helper()
	token, err := f.source.Token(f.t.Context())
	if err != nil {
		f.t.Fatalf("Token: %v", err)
	}
	return token
}

func (f *fixture) wantToken(want string) {
	f.t.Helper()
	if got := f.token(); got != want {
		f.t.Fatalf("token = %s, want %s", got, want)
	}
}

func (f *fixture) wantCalls(want int64) {
	f.t.Helper()
	if got := f.server.calls.Load(); got != want {
		f.t.Fatalf("calls of the token server = %d, want %d", got, want)
	}
}

// secret is what counts of both Secrets, under the name of the credentials.
func (f *fixture) secret() *corev1.Secret {
	f.t.Helper()
	secret, err := place.Whole(f.t.Context(), f.client)
	if err != nil {
		f.t.Fatalf("read Secret: %v", err)
	}
	return secret
}

// credentials are as people write them.
func (f *fixture) credentials() *corev1.Secret {
	f.t.Helper()
	var secret corev1.Secret
	if err := f.client.Get(f.t.Context(), secretName, &secret); err != nil {
		f.t.Fatalf("read Secret: %v", err)
	}
	return &secret
}

// edit changes the credentials as somebody else would.
func (f *fixture) edit(change func(data map[string][]byte)) {
	f.t.Helper()
	secret := f.credentials()
	change(secret.Data)
	update := f.update
	f.update = nil
	defer func() { f.update = update }()
	if err := f.client.Update(f.t.Context(), secret); err != nil {
		f.t.Fatalf("edit Secret: %v", err)
	}
}
