package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func refreshForm() url.Values {
	return url.Values{
		"grant_type": {"refresh_token"}, "client_id": {"demo-client"}, "client_secret": {"demo-client-secret-canary"},
		"refresh_token": {"demo-refresh-token-canary"},
	}
}

func (h *harness) token(form url.Values) result {
	h.t.Helper()
	return h.call("POST", "/v1/access_token", headers{"Content-Type": "application/x-www-form-urlencoded"}, form.Encode())
}

func replaced(form url.Values, key, value string) url.Values {
	form.Set(key, value)
	return form
}

// Covers: P1.4, P1.5
func TestRefreshModes(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, one := range []struct {
		mode            string
		sameToken       bool
		expires         string // refresh_token_expires_in after 30 days
		oldWorks        bool   // right after the refresh
		worksAtDay100   bool   // the refresh token that the client then holds
		returnedRefresh bool
	}{
		{RefreshRenew, true, "7776000", true, true, true},
		{RefreshFixed, true, "5184000", true, false, true},
		{RefreshRotate, false, "7776000", false, true, true},
		{RefreshOmit, true, "", true, false, false},
	} {
		t.Run(one.mode, func(t *testing.T) {
			t.Parallel()
			h := start(t, Options{RefreshMode: one.mode})
			h.clock.add(30 * day)
			h.a("GET", codeList, nil).want(401)
			got := h.token(refreshForm()).want(200).has("expires_in", "1209600").has("refresh_token_expires_in", one.expires)
			h.call("GET", codeList, bearerOf(got.at("access_token")), nil).want(200)
			held := got.at("refresh_token")
			if (held != "") != one.returnedRefresh {
				t.Fatalf("refresh token %q", held)
			}
			if held == "" {
				held = "demo-refresh-token-canary"
			}
			if (held == "demo-refresh-token-canary") != one.sameToken {
				t.Errorf("refresh token %q", held)
			}
			status := http.StatusOK
			if !one.oldWorks {
				status = http.StatusBadRequest
			}
			h.clock.add(70 * day)
			final := h.token(replaced(refreshForm(), "refresh_token", held))
			if (final.status == 200) != one.worksAtDay100 {
				t.Errorf("at day 100: %d %s", final.status, final.raw)
			}
			h.clock.add(-70 * day)
			h.token(refreshForm()).want(status)
		})
	}
}

// Covers: P1.5
func TestRotationGrace(t *testing.T) {
	t.Parallel()
	h := start(t, Options{RefreshMode: RefreshRotate, RotateGrace: time.Minute})
	h.token(refreshForm()).want(200)
	h.token(refreshForm()).want(200)
	h.clock.add(time.Minute)
	h.token(refreshForm()).want(400)
}

// Covers: P1.6
func TestTokenErrors(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.token(replaced(refreshForm(), "client_id", "nobody")).want(401).has("error", "invalid_client")
	h.token(replaced(refreshForm(), "client_secret", "wrong")).want(401).has("error", "invalid_client")
	h.token(replaced(refreshForm(), "refresh_token", "wrong")).want(400).has("error", "invalid_grant")
	h.token(replaced(refreshForm(), "refresh_token", "demo-refresh-2-canary")).want(400).has("error", "invalid_grant")
	h.token(replaced(refreshForm(), "refresh_token", "")).want(400).has("error", "invalid_request")
	h.token(replaced(refreshForm(), "grant_type", "")).want(400).has("error", "invalid_request")
	h.token(replaced(refreshForm(), "grant_type", "client_credentials")).want(400).has("error", "unsupported_grant_type")
	webex := start(t, Options{TokenErrors: TokenErrorsWebex})
	webex.token(replaced(refreshForm(), "refresh_token", "wrong")).want(400).
		has("errors.0.description", "invalid_grant: The refresh token is expired, revoked or malformed.")
}

// Covers: P1.1
func TestClientMayUseBasic(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	form := refreshForm()
	form.Del("client_id")
	form.Del("client_secret")
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("demo-client:demo-client-secret-canary"))
	h.call("POST", "/v1/access_token", headers{"Authorization": basic}, form.Encode()).want(200)
	if got := h.sim.Stats().Clients["demo-client"]; got != 1 {
		t.Errorf("client counted %d times", got)
	}
}

const redirectTo = "https://console.example/callback"

func consentQuery(more ...string) string {
	values := url.Values{
		"response_type": {"code"}, "client_id": {"demo-client"}, "redirect_uri": {redirectTo}, "state": {"s-1"},
		"scope": {"cjp:config_read spark:people_read"},
	}
	for i := 0; i < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	return "/v1/authorize?" + values.Encode()
}

func location(t *testing.T, r result) url.Values {
	t.Helper()
	target, err := url.Parse(r.want(302).header.Get("Location"))
	if err != nil || !strings.HasPrefix(target.String(), redirectTo) {
		t.Fatalf("location %q: %v", r.header.Get("Location"), err)
	}
	return target.Query()
}

func codeForm(code string, more ...string) url.Values {
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"demo-client"}, "client_secret": {"demo-client-secret-canary"},
		"code": {code}, "redirect_uri": {redirectTo},
	}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// Covers: P1.2, P1.4
func TestConsentWithPKCE(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	path := consentQuery("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256")
	page := h.call("GET", path, nil, nil).want(200)
	for _, text := range []string{"Allow", "Deny", "cjp:config_read", "Nordlys Care GmbH", "Sirocco Retail SL"} {
		if !strings.Contains(page.raw, text) {
			t.Errorf("page lacks %q", text)
		}
	}
	_, rest, _ := strings.Cut(page.raw, `action="`)
	action, _, _ := strings.Cut(rest, `"`)
	denied := location(t, h.call("POST", html.UnescapeString(action), nil, "decision=deny"))
	if denied.Get("error") != "access_denied" || denied.Get("state") != "s-1" {
		t.Errorf("denied: %v", denied)
	}
	allow := func() string { return location(t, h.call("POST", path, nil, "decision=allow")).Get("code") }
	h.token(codeForm(allow(), "code_verifier", strings.Repeat("w", 43))).want(400).has("error", "invalid_grant")
	h.token(codeForm(allow())).want(400)
	h.token(codeForm(allow(), "code_verifier", verifier, "redirect_uri", "https://other.example/")).want(400)
	code := allow()
	got := h.token(codeForm(code, "code_verifier", verifier)).want(200).has("scope", "cjp:config_read spark:people_read")
	h.token(codeForm(code, "code_verifier", verifier)).want(400)
	h.call("GET", codeList, bearerOf(got.at("access_token")), nil).want(200)
	h.call("GET", "/v1/roles", bearerOf(got.at("access_token")), nil).want(403)
	h.token(replaced(refreshForm(), "refresh_token", got.at("refresh_token"))).want(200)
	old := allow()
	h.clock.add(codeTTL)
	h.token(codeForm(old, "code_verifier", verifier)).want(400)
	if stats := h.sim.Stats(); stats.Mutating != 0 {
		t.Errorf("%d mutating requests", stats.Mutating)
	}
}

// Covers: P1.2
func TestConsentByAnotherOrganization(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	code := location(t, h.call("POST", consentQuery(), nil, "decision=allow&organization="+orgB)).Get("code")
	got := h.token(codeForm(code)).want(200)
	h.call("GET", "/v1/people/me", bearerOf(got.at("access_token")), nil).want(200).has("orgId", encodeID("ORGANIZATION", orgB))
}

// Covers: P1.2
func TestConsentIsRefused(t *testing.T) {
	t.Parallel()
	h := start(t, Options{AutoConsent: true})
	h.call("GET", consentQuery("client_id", "nobody"), nil, nil).want(400)
	h.call("GET", consentQuery("redirect_uri", "relative"), nil, nil).want(400)
	if got := location(t, h.call("GET", consentQuery("scope", "spark:everything"), nil, nil)); got.Get("error") != "invalid_scope" {
		t.Errorf("scope: %v", got)
	}
	if got := location(t, h.call("GET", consentQuery("response_type", "token"), nil, nil)); got.Get("error") != "unsupported_response_type" {
		t.Errorf("response type: %v", got)
	}
	if got := location(t, h.call("GET", consentQuery(), nil, nil)); got.Get("code") == "" {
		t.Errorf("auto consent: %v", got)
	}
}
