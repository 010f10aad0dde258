package consent

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/token"
	"wxcc.dev/operator/internal/webex"
)

// Proves: S1.12, S1.28, S1.37, PR21, PR24, PR27
func TestConsentOnTwoReplicas(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	consentURL := f.toWebex()
	pending := f.wantAttempt(v1alpha1.AuthorizationPending)
	if pending.ExpiresAt == nil || !pending.ExpiresAt.Time.Equal(f.clock.Now().Add(AttemptLife)) {
		t.Errorf("expiresAt = %v", pending.ExpiresAt)
	}
	f.wantEvent("Normal " + EventStarted)
	f.wantOldTokens()
	f.clock.Step(time.Minute)
	f.serving.Store(1)
	back := f.decide(consentURL, "allow", nordlysID)
	f.want(f.get(back), http.StatusOK, "Nordlys Care is connected", nordlysID)
	obtained := f.wantAttempt(v1alpha1.AuthorizationObtained)
	if obtained.ExpiresAt != nil || !obtained.FinishedAt.Time.Equal(f.clock.Now()) || !obtained.StartedAt.Time.Equal(f.clock.Now().Add(-time.Minute)) {
		t.Errorf("status.authorization = %+v", obtained)
	}
	f.wantEvent("Normal " + EventObtained)
	secret := f.secret()
	for _, key := range []string{token.KeyAccessToken, token.KeyRefreshToken} {
		if value := string(secret.Data[key]); !strings.HasPrefix(value, "SIM") {
			t.Errorf("%s = %q, want one of Webex", key, value)
		}
	}
	if f.routed.Load() != 3 {
		t.Errorf("%d requests went through the organization's own route, want the exchange and two to prove identity", f.routed.Load())
	}
	f.wantNoSecret()
}

// Proves: PR21
func TestTheWayToWebexHoldsNoSecret(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	sent := f.press(f.link())
	address, err := url.Parse(sent.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "nordlys-client", "redirect_uri": f.url + "/connect/callback",
		"scope": strings.Join(ScopeNames(f.organization()), " "), "code_challenge_method": "S256",
	} {
		if got := query.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if len(query.Get("state")) < 26 || len(query.Get("code_challenge")) != 43 {
		t.Errorf("state %q, challenge %q", query.Get("state"), query.Get("code_challenge"))
	}
	if strings.Contains(address.String()+f.link(), canary) {
		t.Error("an address holds a secret")
	}
	cookies := sent.Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	if c := cookies[0]; !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/connect" || c.MaxAge != 600 || c.Secure {
		t.Errorf("cookie = %+v", c)
	}
	if strings.Contains(cookies[0].Value, query.Get("state")) {
		t.Error("the cookie shows the state")
	}
	second := f.press(f.link())
	again, err := url.Parse(second.Header.Get("Location"))
	if err != nil || again.Query().Get("state") == query.Get("state") || again.Query().Get("code_challenge") == query.Get("code_challenge") {
		t.Errorf("two attempts are alike: %v", err)
	}
}

// Proves: PR29
func TestWholesaleIsAskedForAndShown(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, func(o *v1alpha1.WebexOrganization) { o.Spec.Wholesale = true })
	f.want(f.get(f.link()), http.StatusOK, "spark-admin:wholesale_customers_read", "Read the wholesale record")
	consentURL := f.toWebex()
	f.want(f.get(f.decide(consentURL, "allow", nordlysID)), http.StatusOK, "is connected")
	if granted := strings.Fields(f.secret().Annotations[token.ScopesAnnotation]); !slices.Contains(granted, "spark-admin:wholesale_subscribers_read") {
		t.Errorf("granted = %v", granted)
	}
}

// Proves: S1.36
func TestAnOldRecordIsConnected(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, func(o *v1alpha1.WebexOrganization) {
		o.Spec.OrganizationID = webex.EncodeOrganizationID(nordlysID)
	})
	f.want(f.get(f.link()), http.StatusOK, nordlysID)
	f.want(f.get(f.decide(f.toWebex(), "allow", nordlysID)), http.StatusOK, "is connected")
}

// Proves: PR23
func TestDeniedConsentLeavesTheTokens(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	f.want(f.get(f.decide(f.toWebex(), "deny", "")), http.StatusForbidden, "You did not grant access", "Start again", "Nothing was stored")
	f.wantAttempt(v1alpha1.AuthorizationFailed, "refused the consent")
	f.wantEvent("Warning "+EventFailed, "refused the consent")
	f.wantOldTokens()
	if f.routed.Load() != 0 {
		t.Errorf("%d requests after a refusal", f.routed.Load())
	}
}

// Proves: S1.29
func TestAForeignAccountIsRefusedBeforeAnythingIsStored(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	got := f.get(f.decide(f.toWebex(), "allow", siroccoID))
	f.want(got, http.StatusForbidden, "another organization", nordlysID, siroccoID, "Start again")
	f.wantAttempt(v1alpha1.AuthorizationFailed, nordlysID, siroccoID)
	f.wantOldTokens()
	f.wantNoSecret()
	f.want(f.get(f.decide(f.toWebex(), "allow", nordlysID)), http.StatusOK, "is connected")
	f.wantAttempt(v1alpha1.AuthorizationObtained)
}

// Proves: S1.30, PR23
func TestMissingScopesAreNamed(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	// Webex lets an administrator grant less than was asked for; the simulator grants what the address names.
	narrow := func(without ...string) string {
		address, err := url.Parse(f.toWebex())
		if err != nil {
			t.Fatal(err)
		}
		query := address.Query()
		query.Set("scope", strings.Join(slices.DeleteFunc(strings.Fields(query.Get("scope")), func(scope string) bool {
			return slices.Contains(without, scope)
		}), " "))
		address.RawQuery = query.Encode()
		return address.String()
	}
	got := f.get(f.decide(narrow("cjp:config_write", "spark-admin:roles_read"), "allow", nordlysID))
	f.want(got, http.StatusForbidden, "cjp:config_write", "create, change and delete")
	if strings.Contains(got.text, "roles_read") {
		t.Error("the page blames an optional scope")
	}
	f.wantAttempt(v1alpha1.AuthorizationFailed, "cjp:config_write")
	f.wantOldTokens()
	got = f.get(f.decide(narrow("spark-admin:roles_read"), "allow", nordlysID))
	f.want(got, http.StatusOK, "is connected", "Not granted", "spark-admin:roles_read")
	f.wantAttempt(v1alpha1.AuthorizationObtained)
}

// A token server that does not say what it granted is not doubted.
func TestUnknownScopesAreNoRefusal(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{OmitScope: true}, nil)
	f.want(f.get(f.decide(f.toWebex(), "allow", nordlysID)), http.StatusOK, "is connected")
	if _, there := f.secret().Annotations[token.ScopesAnnotation]; there {
		t.Error("scopes were made up")
	}
}

func TestAStateWorksOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	consentURL := f.toWebex()
	kept := f.browser.Jar
	back := f.decide(consentURL, "allow", nordlysID)
	address, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	cookies := kept.Cookies(address)
	f.want(f.get(back), http.StatusOK, "is connected")
	stored := f.secret().ResourceVersion
	f.want(f.get(back), http.StatusConflict, "used already")
	f.serving.Store(1) // which does not remember, but the browser has no cookie any more
	f.want(f.get(back), http.StatusBadRequest, "start again")
	kept.SetCookies(address, cookies) // and whoever kept the cookie meets the mark on the Secret
	f.want(f.get(back), http.StatusConflict, "used already")
	if f.secret().ResourceVersion != stored {
		t.Error("the Secret was written again")
	}
	f.wantAttempt(v1alpha1.AuthorizationObtained)
}

func TestACallbackNeedsItsOwnBrowserAndTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	f.want(f.get(f.url+"/connect/callback?state=invented&code=stolen"), http.StatusBadRequest, "start again")
	f.want(f.get(f.url+"/connect/callback"), http.StatusBadRequest, "start again")
	back := f.decide(f.toWebex(), "allow", nordlysID)
	mine := f.browser
	f.browser = newBrowser(t)
	f.want(f.get(back), http.StatusBadRequest, "start again")
	address, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	forged := &http.Cookie{Name: cookieOf(query.Get("state")), Value: encode([]byte("tenants/nordlys")) + "." + encode([]byte("forged forged forged forged")), Path: "/connect"}
	f.browser.Jar.SetCookies(address, []*http.Cookie{forged})
	f.want(f.get(back), http.StatusBadRequest, "start again")
	f.browser = mine
	f.clock.Step(AttemptLife + time.Second)
	f.want(f.get(back), http.StatusBadRequest, "start again")
	f.wantOldTokens()
	if f.routed.Load() != 0 {
		t.Errorf("%d requests for callbacks that nobody began", f.routed.Load())
	}
	f.wantNoSecret()
}

func TestACookieOfAnotherStateIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	back := f.decide(f.toWebex(), "allow", nordlysID)
	address, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	cookie := f.browser.Jar.Cookies(address)[0]
	query := address.Query()
	query.Set("state", "another")
	address.RawQuery = query.Encode()
	f.browser.Jar.SetCookies(address, []*http.Cookie{{Name: cookieOf("another"), Value: cookie.Value, Path: "/connect"}})
	f.want(f.get(address.String()), http.StatusBadRequest, "start again")
	f.wantOldTokens()
}

// An attempt for a resource that was deleted is nothing to a later one of the same name.
func TestACookieOfADeletedResourceIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	back := f.decide(f.toWebex(), "allow", nordlysID)
	organization := f.organization()
	organization.UID = "uid-of-the-next"
	if err := f.client.Update(t.Context(), organization); err != nil {
		t.Fatal(err)
	}
	f.want(f.get(back), http.StatusBadRequest, "start again")
	f.wantOldTokens()
}

// Proves: PR24
func TestFailuresAreShownAndChangeNothing(t *testing.T) {
	t.Parallel()
	failing := func(route string, status int) func(*fixture) {
		return func(f *fixture) {
			if err := f.simulator.SetFaults(simulator.FaultRule{Route: route, Status: status}); err != nil {
				f.t.Fatal(err)
			}
		}
	}
	tests := map[string]struct {
		prepare func(*fixture)
		change  func(url.Values)
		status  int
		want    string
		tracked bool
	}{
		"Webex fails":            {prepare: failing("/v1/access_token", 503), status: http.StatusBadGateway, want: "answered 503", tracked: true},
		"identity is not proven": {prepare: failing("/v1/people/me", 502), status: http.StatusBadGateway, want: "could not be checked, so they were not stored", tracked: true},
		"organization is hidden": {prepare: failing("/v1/organizations/{id}", 404), status: http.StatusForbidden, want: "could not be checked", tracked: true},
		"a code of nobody": {
			change: func(query url.Values) { query.Set("code", "invented") }, status: http.StatusForbidden, want: "open the link again", tracked: true,
		},
		"no code": {change: func(query url.Values) { query.Del("code") }, status: http.StatusBadGateway, want: "neither a code nor an error"},
		"a scope that is not registered": {
			change: func(query url.Values) { query.Set("error", "invalid_scope") }, status: http.StatusForbidden, want: "lacks a scope",
		},
		"an error of Webex": {
			change: func(query url.Values) {
				query.Set("error", "server_error")
				query.Set("error_description", "<b>later</b>\r\n"+strings.Repeat("x", 500))
			},
			status: http.StatusForbidden, want: "server_error: <b>later</b> xxx",
		},
		"the Secret cannot be written": {
			prepare: func(f *fixture) { f.update = func() error { return errors.New("immutable, old-access-canary") } },
			status:  http.StatusBadGateway, want: "could not be stored",
		},
		"suspended": {
			prepare: func(f *fixture) {
				organization := f.organization()
				organization.Spec.Suspend = true
				if err := f.client.Update(f.t.Context(), organization); err != nil {
					f.t.Fatal(err)
				}
			},
			status: http.StatusForbidden, want: "spec.suspend is true",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, simulator.Options{}, nil)
			back, err := url.Parse(f.decide(f.toWebex(), "allow", nordlysID))
			if err != nil {
				t.Fatal(err)
			}
			if test.prepare != nil {
				test.prepare(f)
			}
			if test.change != nil {
				query := back.Query()
				test.change(query)
				back.RawQuery = query.Encode()
			}
			got := f.get(back.String())
			f.want(got, test.status, "Nothing was stored", "What to do next")
			if strings.Contains(got.text, "<b>") {
				t.Error("the page has what came in its address as HTML")
			}
			attempt := f.wantAttempt(v1alpha1.AuthorizationFailed, test.want)
			if test.tracked != (attempt.TrackingID != "") {
				t.Errorf("tracking id = %q", attempt.TrackingID)
			}
			if len(attempt.Message) > 1024 {
				t.Errorf("message of %d bytes", len(attempt.Message))
			}
			f.wantOldTokens()
			f.wantNoSecret()
		})
	}
}
