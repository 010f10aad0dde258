package simulator

import (
	"html"
	"net/url"
	"strings"
	"testing"
	"time"
)

const deviceScopes = "cjp:config_read spark:people_read"

func (h *harness) startDevice(t *testing.T) result {
	t.Helper()
	form := url.Values{"client_id": {"demo-client"}, "scope": {deviceScopes}}
	return h.call("POST", "/v1/device/authorize", nil, form.Encode()).want(200)
}

func (h *harness) pollDevice(code string) result {
	form := url.Values{"grant_type": {deviceGrantType}, "device_code": {code}, "client_id": {"demo-client"}}
	with := headers{"Authorization": "Basic ZGVtby1jbGllbnQ6ZGVtby1jbGllbnQtc2VjcmV0LWNhbmFyeQ=="}
	return h.call("POST", "/v1/device/token", with, form.Encode())
}

// formAction is where the form of a page goes.
func formAction(page result) string {
	_, rest, _ := strings.Cut(page.raw, `action="`)
	action, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(action)
}

// Covers: P1.3
func TestDeviceFlowThroughThePages(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	began := h.startDevice(t).has("expires_in", "300").has("interval", "2").has("verification_uri", h.url+"/verify")
	code, userCode := began.at("device_code"), began.at("user_code")
	if len(userCode) != 6 || began.at("verification_uri_complete") != h.url+"/verify?userCode="+userCode {
		t.Errorf("started: %s", began.raw)
	}
	h.pollDevice(code).want(428).has("errors.0.description", "The user has not finished the authorization.")
	fast := h.pollDevice(code).want(429).has("error", "slow_down")
	if fast.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", fast.header.Get("Retry-After"))
	}
	if asked := h.call("GET", "/verify", nil, nil).want(200); !strings.Contains(asked.raw, `id="userCode"`) || formAction(asked) != "/verify" {
		t.Errorf("page %s", asked.raw)
	}
	h.call("GET", "/verify?userCode=nonsense", nil, nil).want(404)
	page := h.call("GET", "/verify?userCode="+userCode, nil, nil).want(200)
	for _, text := range []string{`id="allow"`, `id="deny"`, `id="organization"`, "cjp:config_read", "Nordlys Care GmbH", "admin@sirocco.example"} {
		if !strings.Contains(page.raw, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	h.call("POST", formAction(page), nil, "decision=allow&organization="+orgB).want(200)
	h.call("POST", formAction(page), nil, "decision=deny").want(404)
	h.clock.add(2 * time.Second)
	got := h.pollDevice(code).want(200).has("scope", deviceScopes)
	h.call("GET", "/v1/people/me", bearerOf(got.at("access_token")), nil).want(200).has("orgId", encodeID("ORGANIZATION", orgB))
	h.call("GET", "/v1/roles", bearerOf(got.at("access_token")), nil).want(403)
	h.token(replaced(refreshForm(), "refresh_token", got.at("refresh_token"))).want(200).has("scope", deviceScopes)
	h.pollDevice(code).want(400).has("error", "invalid_grant")
}

func TestDeviceFlowIsDecidedByControl(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	for _, one := range []struct {
		decision string
		status   int
		code     string
	}{{"allow", 200, ""}, {"deny", 400, "access_denied"}} {
		began := h.startDevice(t)
		h.control("GET", "devices", nil).has("0.userCode", began.at("user_code")).has("0.decision", "pending").has("0.clientId", "demo-client")
		h.control("PUT", "devices/"+began.at("user_code"), map[string]any{"decision": one.decision})
		h.pollDevice(began.at("device_code")).want(one.status).has("error", one.code)
		h.clock.add(6 * time.Minute)
		h.control("GET", "devices", nil).lacks("0")
	}
	h.call("PUT", "/__sim/devices/000000", nil, map[string]any{"decision": "allow"}).want(404)
	h.call("PUT", "/__sim/devices/000000", nil, map[string]any{"decision": "perhaps"}).want(400)
}

// Covers: P1.3
func TestDeviceCodesExpire(t *testing.T) {
	t.Parallel()
	for mode, code := range map[string]string{DeviceErrorsStatus: "invalid_grant", DeviceErrorsOAuth: "expired_token"} {
		h := start(t, Options{DeviceErrors: mode})
		began := h.startDevice(t)
		h.clock.add(300 * time.Second)
		h.pollDevice(began.at("device_code")).want(400).has("error", code)
		h.call("GET", "/verify?userCode="+began.at("user_code"), nil, nil).want(404)
	}
}

// Covers: P1.3
func TestDeviceErrorsOfTheStandard(t *testing.T) {
	t.Parallel()
	h := start(t, Options{DeviceErrors: DeviceErrorsOAuth, DeviceInterval: 5 * time.Second})
	code := h.startDevice(t).has("interval", "5").at("device_code")
	h.pollDevice(code).want(400).has("error", "authorization_pending")
	h.clock.add(4 * time.Second)
	h.pollDevice(code).want(400).has("error", "slow_down")
}

// Covers: P1.3
func TestDeviceRequestsAreChecked(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	post := func(form url.Values) result { return h.call("POST", "/v1/device/authorize", nil, form.Encode()) }
	post(url.Values{"client_id": {"nobody"}, "scope": {deviceScopes}}).want(401).has("error", "invalid_client")
	post(url.Values{"client_id": {"demo-client"}}).want(400).has("error", "invalid_request")
	post(url.Values{"client_id": {"demo-client"}, "scope": {"openid"}}).want(400).has("error", "invalid_scope")
	poll := func(form url.Values) result { return h.call("POST", "/v1/device/token", nil, form.Encode()) }
	credentials := url.Values{"client_id": {"demo-client"}, "client_secret": {"demo-client-secret-canary"}}
	poll(credentials).want(400).has("error", "unsupported_grant_type")
	poll(replaced(credentials, "grant_type", deviceGrantType)).want(400).has("error", "invalid_grant")
	poll(replaced(credentials, "client_secret", "wrong")).want(401).has("error", "invalid_client")
}

func TestDeviceIsGrantedAtOnceWithAutoConsent(t *testing.T) {
	t.Parallel()
	h := start(t, Options{AutoConsent: true, OmitScope: true})
	h.pollDevice(h.startDevice(t).at("device_code")).want(200).lacks("scope")
	log := h.control("GET", "requests", nil).has("requests.1.body.device_code", masked).has("requests.1.organization", orgA)
	if strings.Contains(log.raw, "canary") {
		t.Errorf("a secret is in %s", log.raw)
	}
}
