package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

const nordlysID = "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10"

// consentFixture is a fixture whose token server is the simulator, where everybody consents.
type consentFixture struct {
	*fixture
	simulator *simulator.Simulator
	platform  string
}

func newConsentFixture(t *testing.T, options simulator.Options) *consentFixture {
	t.Helper()
	f := &consentFixture{fixture: newFixture(t, "renew", nil)}
	f.keep()
	options.Now = f.clock.Now
	f.simulator = simulator.New(options)
	f.simulator.AddOrganization(simulator.OrganizationSeed{ID: nordlysID, ClientID: "client", ClientSecret: canarySecret})
	server := httptest.NewServer(f.simulator)
	t.Cleanup(server.Close)
	f.platform = server.URL + "/v1"
	return f
}

// keep makes the operator's own Secret, as a renewal does.
func (f *consentFixture) keep() {
	f.t.Helper()
	present, err := place.read(f.t.Context(), f.client)
	if err == nil {
		err = present.adopted().save(f.t.Context(), f.client)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *consentFixture) oauth() *Client {
	f.t.Helper()
	found, err := NewClient(f.secret(), f.platform, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return found
}

const redirect = "http://127.0.0.1:1/connect/callback"

// consent goes to Webex and comes back with a code.
func (f *consentFixture) consent(verifier string) string {
	f.t.Helper()
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	address := f.oauth().ConsentURL(redirect, "a-state", verifier, []string{"cjp:config_read", "spark:people_read"})
	if strings.Contains(address, canarySecret) || strings.Contains(address, verifier) {
		f.t.Errorf("%s holds a secret", address)
	}
	response, err := browser.Get(address)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	back, err := url.Parse(response.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(back.String(), redirect+"?") || back.Query().Get("state") != "a-state" {
		f.t.Fatalf("back to %v, %v", back, err)
	}
	return back.Query().Get("code")
}

func (f *consentFixture) store(grant *Grant, started time.Time) error {
	return Store(f.t.Context(), f.client, f.client, place, grant, started, f.clock.Now())
}

func (f *consentFixture) grant() *Grant {
	f.t.Helper()
	verifier := oauth2.GenerateVerifier()
	grant, err := f.oauth().Exchange(f.t.Context(), redirect, f.consent(verifier), verifier, f.clock.Now())
	if err != nil {
		f.t.Fatal(err)
	}
	return grant
}

// Proves: S1.28, PR17, PR20, PR27
func TestConsentReplacesWhatWasThere(t *testing.T) {
	t.Parallel()
	f := newConsentFixture(t, simulator.Options{AutoConsent: true})
	f.clock.SetTime(start.Add(refreshLife))
	_, err := f.source.Token(t.Context())
	wantReason(t, err, v1alpha1.ReasonReconnectRequired)
	origin := f.source.Status().Origin
	grant := f.grant()
	if err := f.store(grant, start); err != nil {
		t.Fatal(err)
	}
	secret := f.secret()
	want := map[string]string{
		KeyClientID: "client", KeyClientSecret: canarySecret, KeyAccessToken: grant.accessToken, KeyRefreshToken: grant.refreshToken,
		KeyAccessTokenExpiresAt:  f.clock.Now().Add(accessLife).Format(time.RFC3339),
		KeyRefreshTokenExpiresAt: f.clock.Now().Add(refreshLife).Format(time.RFC3339), "note": "kept",
	}
	got := map[string]string{}
	for key, value := range secret.Data {
		got[key] = string(value)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Secret (-want +got):\n%s", diff)
	}
	if at := f.oauth().AuthorizedAt(); !at.Equal(f.clock.Now()) {
		t.Errorf("authorized at %s, want %s", at, f.clock.Now())
	}
	if err := f.source.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wantToken(grant.accessToken)
	status := f.source.Status()
	if diff := cmp.Diff([]string{"cjp:config_read", "spark:people_read"}, status.Scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	if status.Origin == origin {
		t.Error("tokens of a new consent count as a renewal: nobody would check whose they are")
	}
}

// A new consent without a refresh token must not stand beside the old one.
func TestConsentLeavesNothingOfTheOldTokens(t *testing.T) {
	t.Parallel()
	f := newConsentFixture(t, simulator.Options{})
	grant := f.oauth().granted(&oauth2.Token{AccessToken: "new-access"}, f.clock.Now())
	if err := f.store(grant, start); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{KeyRefreshToken, KeyRefreshTokenExpiresAt, KeyAccessTokenExpiresAt} {
		if value, there := f.secret().Data[key]; there {
			t.Errorf("%s = %s is still there", key, value)
		}
	}
}

func TestExchangeIsBoundToItsVerifier(t *testing.T) {
	t.Parallel()
	for _, shape := range []string{simulator.TokenErrorsOAuth, simulator.TokenErrorsWebex} {
		f := newConsentFixture(t, simulator.Options{AutoConsent: true, TokenErrors: shape})
		code := f.consent(oauth2.GenerateVerifier())
		other := oauth2.GenerateVerifier()
		_, err := f.oauth().Exchange(t.Context(), redirect, code, other, f.clock.Now())
		wantReason(t, err, v1alpha1.ReasonReconnectRequired)
		for _, secret := range []string{canarySecret, code, other} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q shows %q", err, secret)
			}
		}
	}
}

// Proves: S1.14
func TestStoreMergesAfterAConflict(t *testing.T) {
	t.Parallel()
	f := newConsentFixture(t, simulator.Options{AutoConsent: true})
	grant := f.grant()
	f.update = func(attempt int64) error {
		if attempt > 1 {
			return nil
		}
		f.edit(func(data map[string][]byte) {
			data["note"], data[KeyRefreshToken] = []byte("changed meanwhile"), []byte("a renewal was faster")
		})
		return conflict()
	}
	if err := f.store(grant, start); err != nil {
		t.Fatal(err)
	}
	if data := f.secret().Data; string(data["note"]) != "changed meanwhile" || string(data[KeyRefreshToken]) != grant.refreshToken {
		t.Errorf("Secret after the merge: note %q, refresh token %q", data["note"], data[KeyRefreshToken])
	}
	if writes := f.writes.Load(); writes != 2 {
		t.Errorf("%d writes, want 2", writes)
	}
}

// Proves: PR23
func TestStoreLeavesOlderTokensWhereItMustNotWrite(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*consentFixture)
		reason  v1alpha1.Reason
		want    string
	}{
		"another client": {
			func(f *consentFixture) {
				f.edit(func(data map[string][]byte) { data[KeyClientID] = []byte("another") })
			},
			v1alpha1.ReasonInvalidClient, "another OAuth client",
		},
		"a later consent": {
			func(f *consentFixture) {
				secret := f.secret()
				secret.Annotations = map[string]string{AuthorizedAtAnnotation: f.clock.Now().Add(time.Millisecond).Format(time.RFC3339Nano)}
				if err := f.client.Update(f.t.Context(), secret); err != nil {
					f.t.Fatal(err)
				}
			},
			v1alpha1.ReasonReconnectRequired, "another consent",
		},
		"a Secret that cannot be written": {
			func(f *consentFixture) {
				f.update = func(int64) error { return errors.New("immutable: " + canarySecret) }
			},
			v1alpha1.ReasonUnavailable, "could not be stored in Secret tenants/nordlys-tokens: immutable: [redacted credential]",
		},
		"two conflicts": {
			func(f *consentFixture) { f.update = func(int64) error { return conflict() } },
			v1alpha1.ReasonUnavailable, "could not be stored",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newConsentFixture(t, simulator.Options{AutoConsent: true})
			grant := f.grant()
			test.prepare(f)
			err := f.store(grant, f.clock.Now())
			wantReason(t, err, test.reason)
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("message = %q, want %q in it", err, test.want)
			}
			if got := string(f.secret().Data[KeyAccessToken]); got != canaryAccess {
				t.Errorf("access token = %q", got)
			}
		})
	}
	t.Run("no Secret", func(t *testing.T) {
		t.Parallel()
		f := newConsentFixture(t, simulator.Options{AutoConsent: true})
		grant := f.grant()
		if err := f.client.Delete(t.Context(), f.secret()); err != nil {
			t.Fatal(err)
		}
		if err := f.store(grant, start); err == nil || !strings.Contains(err.Error(), "does not exist any more") {
			t.Errorf("Store = %v", err)
		}
	})
}

func TestClientNeedsAClient(t *testing.T) {
	t.Parallel()
	f := newConsentFixture(t, simulator.Options{})
	secret := f.secret()
	delete(secret.Data, KeyClientSecret)
	_, err := NewClient(secret, f.platform, nil)
	wantReason(t, err, v1alpha1.ReasonCredentialsMissing)
	secret.Type = corev1.SecretTypeTLS
	_, err = NewClient(secret, f.platform, nil)
	wantReason(t, err, v1alpha1.ReasonCredentialsMissing)
	if apierrors.IsNotFound(err) {
		t.Error("no API error is expected")
	}
}

func TestKeysAreOfOneClientAndUse(t *testing.T) {
	t.Parallel()
	f := newConsentFixture(t, simulator.Options{})
	key := func(use string) string {
		t.Helper()
		key, err := f.oauth().Key(use)
		if err != nil || len(key) != 32 {
			t.Fatalf("Key = %d bytes, %v", len(key), err)
		}
		return string(key)
	}
	link := key("link")
	if key("link") != link {
		t.Error("another replica derives another key")
	}
	if key("cookie") == link {
		t.Error("two uses have the same key")
	}
	f.edit(func(data map[string][]byte) { data[KeyClientSecret] = []byte("another") })
	if key("link") == link {
		t.Error("two clients have the same key")
	}
}

// Proves: S1.13
func TestConsentShowsNoSecret(t *testing.T) {
	t.Parallel()
	f := newConsentFixture(t, simulator.Options{AutoConsent: true})
	client, grant := f.oauth(), f.grant()
	device, err := client.StartDevice(context.Background(), []string{"cjp:config_read"}, f.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprintf("%v %+v %#v %s", client, client, client, client), fmt.Sprintf("%v %+v %#v %s", grant, grant, grant, grant),
		fmt.Sprintf("%v %+v %#v %s", device, device, device, device),
	} {
		for _, secret := range []string{canarySecret, grant.accessToken, grant.refreshToken, device.code} {
			if strings.Contains(shown, secret) {
				t.Errorf("%q shows %q", shown, secret)
			}
		}
	}
}
