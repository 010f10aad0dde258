package simulator

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestStatsAndReset(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.token(refreshForm()).want(200)
	h.gatewayB("GET", "", nil).want(200)
	id := h.create(idle("Tea"))
	h.a("DELETE", codePath+"/"+id, nil).want(204)
	h.a("GET", "/organization/"+orgA+"/nothing", nil).want(404)
	got := h.control("GET", "stats", nil).has("requests", "5").has("mutating", "2").has("clients", `{"demo-client":4}`).
		has("services", `{"contactCenter":3,"gateway":1,"webex":1}`)
	var stats Stats
	if err := json.Unmarshal([]byte(got.raw), &stats); err != nil {
		t.Fatal(err)
	}
	for route, want := range map[string]string{
		"POST /v1/access_token":                                                  "200",
		"POST /organization/{orgid}/auxiliary-code":                              "201",
		"DELETE /organization/{orgid}/auxiliary-code/{id}":                       "204",
		"GET (no route)":                                                         "404",
		"GET /api/v01/p1/tenants/{tenant}/groups/{group}/services/call_centers/": "200",
	} {
		if one := stats.Routes[route]; one.Count != 1 || one.Status[want] != 1 {
			t.Errorf("%s: %+v", route, one)
		}
	}
	h.control("POST", "reset", nil)
	h.control("GET", "stats", nil).has("requests", "0").has("mutating", "0").has("routes", "{}").has("services.webex", "0")
	h.control("GET", "requests", nil).has("requests", "[]")
}

func TestResetOfTheState(t *testing.T) {
	t.Parallel()
	h := start(t, Options{RefreshMode: RefreshRotate})
	issued := h.token(refreshForm()).want(200)
	h.create(idle("Tea"))
	h.gatewayB("POST", "", center("desk")).want(201)
	h.control("PUT", "clock", `{"offsetSeconds":60}`)
	h.fault(FaultRule{Route: "/v1/roles", Status: 500})
	h.control("POST", "reset", nil)
	h.a("GET", codeList, nil).has("meta.totalRecords", "5")
	h.control("POST", "reset?state=1", nil)
	h.a("GET", codeList, nil).has("meta.totalRecords", "4")
	h.gatewayB("GET", "", nil).has("call_centers", "[]")
	h.a("GET", "/v1/roles", nil).want(200)
	h.call("GET", codeList, bearerOf(issued.at("access_token")), nil).want(200)
	h.token(replaced(refreshForm(), "refresh_token", issued.at("refresh_token"))).want(200)
	h.control("GET", "clock", nil).has("offsetSeconds", "0")
}

func TestStateRoundTrip(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.token(refreshForm()).want(200)
	h.create(idle("Tea"))
	h.gatewayB("POST", "", with(center("desk"), "active", true)).want(201)
	saved := h.control("GET", "state", nil)
	other := start(t, Options{})
	other.control("PUT", "state", saved.raw)
	again := other.control("GET", "state", nil)
	if !reflect.DeepEqual(decoded(t, saved.raw), decoded(t, again.raw)) {
		t.Errorf("saved %s\nloaded %s", saved.raw, again.raw)
	}
	other.a("GET", codeList+"?filter=name==Tea", nil).has("meta.totalRecords", "1")
	other.a("PUT", codePath+"/"+workType("none"), idle("x")).want(404)
	for _, bad := range []string{`{"organizations":[{"id":"x"}]}`, `{"orgs":[]}`, `{"organizations":[{"id":"` + orgA + `","objects":{"spoon":[]}}]}`} {
		other.call("PUT", "/__sim/state", nil, bad).want(400)
	}
}

func decoded(t *testing.T, raw string) any {
	t.Helper()
	value, err := decodeJSON([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestSmallStateGetsSeeds(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.control("PUT", "state", `{"organizations":[{"id":"`+strings.ToUpper(orgB)+`","accessToken":"only"}]}`)
	h.call("GET", "/organization/"+orgB+"/v2/work-type", bearerOf("only"), nil).want(200).has("meta.totalRecords", "2")
	h.call("GET", codeList, bearerOf(tokenA), nil).want(401)
}

func TestClock(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.control("PUT", "clock", `{"time":"2026-03-20T00:00:00Z"}`).has("time", "2026-03-20T00:00:00Z")
	if got := h.a("GET", codeList, nil).want(401).header.Get("Date"); got != "Fri, 20 Mar 2026 00:00:00 GMT" {
		t.Errorf("Date %q", got)
	}
	h.control("PUT", "clock", `{"offsetSeconds":-3600}`).has("time", "2026-03-01T11:00:00Z")
	h.a("GET", codeList, nil).want(200)
	h.call("PUT", "/__sim/clock", nil, `{}`).want(400)
	h.clock.add(time.Hour)
	h.control("GET", "clock", nil).has("time", "2026-03-01T12:00:00Z")
}

func TestRequestLogHidesSecrets(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.token(refreshForm()).want(200)
	h.call("POST", "/api/v01/auth/login", nil, map[string]any{"username": "apio-operator", "password": "demo-gateway-password-canary"}).want(200)
	body := center("desk")
	body["serviceInstanceProfile"] = with(profile("desk"), "password", "call-center-password-canary")
	h.gatewayB("POST", "", body).want(201)
	h.gatewayB("POST", "", "password=canary").want(416)
	h.create(idle("Tea"))
	got := h.control("GET", "requests", nil)
	if strings.Contains(got.raw, "canary") {
		t.Errorf("a secret is in %s", got.raw)
	}
	got.has("requests.0.body.refresh_token", "***").has("requests.0.client", "demo-client").has("requests.0.organization", orgA)
	got.has("requests.2.body.serviceInstanceProfile.password", "***").has("requests.2.body.serviceInstanceProfile.name", "desk")
	got.has("requests.4.method", "POST").has("requests.4.path", codePath).has("requests.4.route", codeRoute).
		has("requests.4.status", "201").has("requests.4.body.name", "Tea")
}

func TestRequestLogIsARing(t *testing.T) {
	t.Parallel()
	var journal requestJournal
	h := start(t, Options{})
	h.a("GET", codeList, nil)
	for i := range journalSize + 3 {
		journal.add(h.clock.read(), &call{path: string(rune('a' + i%26))}, "200")
	}
	rows := journal.list()
	if len(rows) != journalSize || rows[0].Path != "d" || rows[len(rows)-1].Path != string(rune('a'+(journalSize+2)%26)) {
		t.Errorf("%d rows from %q to %q", len(rows), rows[0].Path, rows[len(rows)-1].Path)
	}
}

func TestObjectsBehindTheBack(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	tea := h.create(with(idle("Tea"), "description", "hot"))
	base := "objects/" + orgA + "/auxiliary-code"
	h.clock.add(time.Minute)
	h.control("PATCH", base+"/"+tea, `{"active":false,"description":null}`).has("version", "1")
	changed := h.a("GET", codePath+"/"+tea, nil).has("active", "false").has("name", "Tea").lacks("description")
	if changed.at("lastUpdatedTime") == changed.at("createdTime") {
		t.Errorf("times in %s", changed.raw)
	}
	h.control("PUT", base+"/"+workType("made up"), with(idle("Made"), "active", false)).has("version", "0")
	h.a("GET", codePath+"/"+workType("made up"), nil).want(200).has("name", "Made")
	made := h.control("POST", base, idle("Posted")).at("id")
	h.a("GET", codePath+"/"+made, nil).want(200)
	h.control("GET", base+"/"+tea, nil).has("name", "Tea")
	h.control("DELETE", base+"/"+tea, nil)
	h.a("GET", codePath+"/"+tea, nil).want(404)
	h.call("DELETE", "/__sim/"+base+"/"+tea, nil, nil).want(404)
	h.call("PATCH", "/__sim/objects/"+orgA+"/spoon/1", nil, `{}`).want(404)
	h.call("GET", "/__sim/objects/nobody/site", nil, nil).want(404)
	if got := h.control("GET", base, nil).names(); len(got) != 6 {
		t.Errorf("names %v", got)
	}
	if stats := h.sim.Stats(); stats.Mutating != 1 {
		t.Errorf("%d mutating requests", stats.Mutating)
	}
}
