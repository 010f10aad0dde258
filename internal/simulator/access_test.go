package simulator

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// Covers: 1.1, 4.1, 4.2
func TestContactCenterChecksTheToken(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.call("GET", codeList, nil, nil).want(400).has("errors.0.key", "400")
	h.call("GET", codeList, headers{"Authorization": "Basic eDp5"}, nil).want(400)
	unknown := h.call("GET", codeList, bearerOf("nobody"), nil).want(401).has("errors.0.key", "401")
	if !strings.HasPrefix(unknown.at("trackingId"), "GTWY_") || unknown.header.Get("TrackingID") != unknown.at("trackingId") {
		t.Errorf("tracking id %q, header %q", unknown.at("trackingId"), unknown.header.Get("TrackingID"))
	}
	h.call("GET", codeList, bearerOf(tokenB), nil).want(403).has("error.key", "403")
	h.call("GET", "/organization/0a7c4f52-9d1e-4b36-8f0a-5c2d7e61b934/v2/site", bearerOf(tokenA), nil).want(403)
	h.a("GET", "/organization/"+orgA, nil).want(200).has("tenantId", orgA).has("name", "Nordlys Care GmbH")
	h.clock.add(15 * 24 * time.Hour)
	h.a("GET", codeList, nil).want(401)
}

// Covers: 1.1, 4.2, P1.8
func TestScopes(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	readOnly := "9f2d7c1e-1111-4222-8333-444455556666"
	h.sim.AddOrganization(OrganizationSeed{ID: readOnly, AccessToken: "reader", Scopes: []string{scopeConfigRead}})
	base := "/organization/" + readOnly
	h.call("GET", base+"/v2/work-type", bearerOf("reader"), nil).want(200)
	h.call("POST", base+"/work-type", bearerOf("reader"), map[string]any{}).want(403).has("error.key", "403")
	h.call("GET", "/v1/organizations", bearerOf("reader"), nil).want(403).has("message", "The access token lacks a needed scope: "+scopeOrganizations)
}

// Covers: 2.1, 4.1, 4.2
func TestUnknownRoutesAndVerbs(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	for _, one := range []struct {
		method, path string
		status       int
		framework    string
	}{
		{"POST", codeList, 405, "Method Not Allowed"},
		{"GET", typePath, 405, "Method Not Allowed"},
		{"PATCH", typePath + "/bulk", 405, "Method Not Allowed"},
		{"GET", codeList + "/" + workType("idle"), 404, "Not Found"},
		{"GET", "/organization/" + orgA + "/v2/nothing", 404, "Not Found"},
	} {
		h.a(one.method, one.path, nil).want(one.status).has("error", one.framework).has("path", one.path)
	}
	// "bulk" is taken as an id where only POST has the route.
	got := h.a("GET", codePath+"/bulk", nil).want(404).has("error.key", "404")
	if tracking := got.at("trackingId"); !strings.HasPrefix(tracking, "ccconfig_") || got.header.Get("TrackingID") != tracking {
		t.Errorf("tracking id %q", tracking)
	}
	h.call("GET", "/v1/nothing", bearerOf(tokenA), nil).want(404).has("errors.0.description", "The requested resource could not be found.")
}

// Covers: P2.1, P2.2, P2.3, P2.4, P1.6
func TestPlatformRoutes(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	encoded := encodeID("ORGANIZATION", orgA)
	if encoded != "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi81ZDFmMmM4ZS03YTQ0LTRiMGItOWMwZS0zZjZhMmI5ZDhlMTA" {
		t.Fatalf("encoded id %s", encoded)
	}
	for _, id := range []string{orgA, encoded, encoded + "=", strings.ToUpper(orgA)} {
		h.a("GET", "/v1/organizations/"+id, nil).want(200).has("id", encoded).has("displayName", "Nordlys Care GmbH")
	}
	h.a("GET", "/v1/organizations/"+orgB, nil).want(404)
	h.a("GET", "/v1/organizations", nil).want(200).has("items.0.id", encoded).lacks("items.1")
	h.a("GET", "/v1/people/me", nil).want(200).has("orgId", encoded).has("emails.0", "admin@nordlys.example")
	h.a("GET", "/v1/licenses", nil).want(200).has("items.0.name", "Contact Center Premium Agent").has("items.0.consumedUnits", "87")
	h.a("GET", "/v1/licenses?orgId="+encodeID("ORGANIZATION", orgB), nil).want(404)
	h.a("GET", "/v1/roles", nil).want(200).has("items.0.name", "Full Administrator")
	h.call("GET", "/v1/roles", nil, nil).want(401)
	for _, kind := range []string{"roles", "licenses"} {
		first := h.a("GET", "/v1/"+kind, nil).at("items.0.id")
		h.a("GET", "/v1/"+kind+"/"+first, nil).want(200).has("id", first).lacks("users")
		h.a("GET", "/v1/"+kind+"/nobody", nil).want(404)
	}
	h.a("GET", "/v1/licenses/"+h.a("GET", "/v1/licenses", nil).at("items.0.id")+"?includeAssignedTo=user", nil).want(200).has("users", "[]")
	h.a("GET", "/v1/authorizations/tokenExpiry", nil).want(200).has("exp", strconv.FormatInt(h.clock.read().Add(14*24*time.Hour).UnixMilli(), 10))
	h.call("GET", "/v1/people/me", headers{"Authorization": "Bearer no", "TrackingID": "mine"}, nil).want(401).has("trackingId", "mine")
	got := h.a("GET", "/v1/roles", nil)
	if got.header.Get("TrackingID") == "" || got.header.Get("Date") != "Sun, 01 Mar 2026 12:00:00 GMT" {
		t.Errorf("headers %v", got.header)
	}
}

// Covers: P2.3
func TestPartnerSeesManagedOrganizations(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.sim.AddOrganization(OrganizationSeed{
		ID: "9f2d7c1e-1111-4222-8333-444455556666", Name: "Partner", AccessToken: "partner", Managed: []string{orgA, orgB},
	})
	h.call("GET", "/v1/organizations", bearerOf("partner"), nil).want(200).has("items.2.displayName", "Sirocco Retail SL")
	h.call("GET", "/v1/organizations/"+orgB, bearerOf("partner"), nil).want(200)
}

// Covers: 4.4, P2.1
func TestRateLimitPerClient(t *testing.T) {
	t.Parallel()
	h := start(t, Options{RequestsPerMinute: 2})
	h.a("GET", codeList, nil).want(200)
	h.clock.add(20 * time.Second)
	h.a("GET", "/v1/roles", nil).want(200)
	limited := h.a("GET", codeList, nil).want(429)
	if limited.raw != "" || limited.header.Get("Retry-After") != "40" {
		t.Errorf("body %q, Retry-After %q", limited.raw, limited.header.Get("Retry-After"))
	}
	h.call("GET", "/v1/roles", bearerOf(tokenB), nil).want(200)
	h.token(refreshForm()).want(200)
	h.clock.add(40 * time.Second)
	h.a("GET", codeList, nil).want(200)
	if got := h.sim.Stats().Routes["GET /organization/{orgid}/v2/auxiliary-code"].Status; got["429"] != 1 || got["200"] != 2 {
		t.Errorf("stats %v", got)
	}
}

// Covers: 2.3, 4.4
func TestTheTenantRouteIsThrottledEarlier(t *testing.T) {
	t.Parallel()
	h := start(t, Options{RequestsPerMinute: 10, TenantRequestsPerMinute: 1})
	h.a("GET", "/organization/"+orgA, nil).want(200)
	h.a("GET", "/organization/"+orgA, nil).want(429)
	h.a("GET", codeList, nil).want(200)
	h.call("GET", "/organization/"+orgB, bearerOf(tokenB), nil).want(200)
}

// Covers: 4.4
func TestRetryAfterCanBeSet(t *testing.T) {
	t.Parallel()
	h := start(t, Options{RequestsPerMinute: 1, RetryAfter: 1500 * time.Millisecond})
	h.a("GET", codeList, nil).want(200)
	if got := h.a("GET", codeList, nil).want(429).header.Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q", got)
	}
}
