package simulator

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	listRoute = "/organization/{orgid}/v2/auxiliary-code"
	codeRoute = "/organization/{orgid}/auxiliary-code"
	itemRoute = "/organization/{orgid}/auxiliary-code/{id}"
)

func TestFaultAnswersInsteadOfWorking(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.fault(
		FaultRule{Method: "POST,PUT", Route: codeRoute, Skip: 1, Times: 2, Status: 503, Body: `{"busy":true}`, RetryAfterSeconds: 2},
		FaultRule{Route: listRoute, Organization: strings.ToUpper(orgA), Times: 1, Status: 429},
		FaultRule{Path: `/v1/(roles|licenses)$`, Status: 500, Body: "oops"},
	)
	h.create(idle("One"))
	for range 2 {
		got := h.a("POST", codePath, idle("Two")).want(503).has("busy", "true")
		if got.header.Get("Retry-After") != "2" {
			t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
		}
	}
	h.create(idle("Two"))
	h.call("GET", "/organization/"+orgB+"/v2/auxiliary-code", bearerOf(tokenB), nil).want(200)
	if got := h.a("GET", codeList, nil).want(429); got.raw != "" {
		t.Errorf("body %q", got.raw)
	}
	h.a("GET", codeList, nil).want(200)
	h.a("GET", "/v1/roles", nil).want(500)
	h.a("GET", "/v1/people/me", nil).want(200)
	shown := h.control("GET", "faults", nil).has("0.matched", "3").has("0.acted", "2").has("0.remaining", "0")
	shown.has("1.remaining", "0").has("2.remaining", "-1").has("2.acted", "1")
	h.control("PUT", "faults", []any{})
	h.a("GET", "/v1/roles", nil).want(200)
}

func TestFaultAnswersAfterTheWork(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	id := h.create(idle("Tea"))
	h.fault(FaultRule{Method: "DELETE", Status: 200, Body: "<html>Welcome</html>", Work: true})
	if got := h.a("DELETE", codePath+"/"+id, nil).want(200); got.raw != "<html>Welcome</html>" {
		t.Errorf("body %q", got.raw)
	}
	h.a("GET", codePath+"/"+id, nil).want(404)
}

func TestFaultRulesAreChecked(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	for _, rules := range []string{
		`[{"route":"/organization/{orgid}/aux-code"}]`, `[{"rout":"*"}]`, `[{"path":"("}]`, `[{"status":42}]`, `[{"times":-1}]`, `{}`,
	} {
		h.call("PUT", "/__sim/faults", nil, rules).want(400)
	}
	h.control("PUT", "faults", `[{"route":"*","method":"get","times":1,"status":500}]`).has("0.remaining", "1")
	h.a("POST", codePath, idle("One")).want(201)
	h.a("GET", codeList, nil).want(500)
}

func TestFaultOnTheTokenOfAnOrganization(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.fault(FaultRule{Route: "/v1/access_token", Organization: orgA, Status: 502})
	h.token(refreshForm()).want(502)
	second := refreshForm()
	second.Set("client_id", "demo-client-2")
	second.Set("client_secret", "demo-client-2-secret-canary")
	second.Set("refresh_token", "demo-refresh-2-canary")
	h.token(second).want(200)
}

func TestFaultsOfTheConnection(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.fault(FaultRule{Route: codeRoute, Times: 1, Reset: true}, FaultRule{Route: codeRoute, Times: 1, LoseAnswer: true})
	_, err := h.try("POST", codePath, bearerOf(tokenA), idle("Tea"))
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("reset: %v", err)
	}
	h.a("GET", codeList+"?filter=name==Tea", nil).has("meta.totalRecords", "0")
	_, err = h.try("POST", codePath, bearerOf(tokenA), idle("Tea"))
	if !errors.Is(err, io.EOF) {
		t.Errorf("lost answer: %v", err)
	}
	h.a("GET", codeList+"?filter=name==Tea", nil).has("meta.totalRecords", "1")
	if got := h.sim.Stats().Routes["POST "+codeRoute].Status; got["reset"] != 1 || got["lost"] != 1 {
		t.Errorf("stats %v", got)
	}
}

func TestFaultTruncatesTheAnswer(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.fault(FaultRule{Route: codeRoute, Truncate: true}, FaultRule{Method: "DELETE", Route: itemRoute, Truncate: true})
	got := h.a("POST", codePath, idle("Tea")).want(201)
	if json.Valid([]byte(got.raw)) || got.raw == "" {
		t.Errorf("body %q", got.raw)
	}
	found := h.a("GET", codeList+"?filter=name==Tea", nil).has("meta.totalRecords", "1")
	if gone := h.a("DELETE", codePath+"/"+found.at("data.0.id"), nil).want(200); json.Valid([]byte(gone.raw)) {
		t.Errorf("body %q", gone.raw)
	}
}

func TestFaultDelays(t *testing.T) {
	t.Parallel()
	h := start(t, Options{Latency: 20 * time.Millisecond})
	h.fault(FaultRule{Method: "GET", LatencyMillis: 60}, FaultRule{Method: "POST", LatencyMillis: 60, Late: true})
	for _, method := range []string{"GET", "POST"} {
		began := time.Now()
		h.a(method, codePath, idle("Tea"))
		if took := time.Since(began); took < 80*time.Millisecond {
			t.Errorf("%s took %v", method, took)
		}
	}
}

func TestFaultDropsFields(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.fault(FaultRule{DropFields: []string{"description", "burnoutInclusion"}})
	id := h.a("POST", codePath, with(idle("Tea"), "description", "hot", "burnoutInclusion", "EXCLUDED")).want(201).
		lacks("description").has("burnoutInclusion", "INCLUDED").at("id")
	h.fault(FaultRule{DropFields: []string{"active"}})
	h.a("PUT", codePath+"/"+id, with(idle("Tea"), "id", id, "active", false, "description", "hot")).want(200).
		has("active", "true").has("description", "hot")
	h.a("PATCH", codePath+"/bulk", items(save(1, map[string]any{"id": id, "active": false}))).want(207).has("items.0.status", "200")
	h.a("GET", codePath+"/"+id, nil).has("active", "true")
	h.a("POST", codePath, idle("Milk")).want(201).lacks("active")
}

func TestFaultStale(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	tea := h.create(idle("Tea"))
	milk := h.create(idle("Milk"))
	stale := FaultRule{Method: "GET", Stale: true}
	h.fault(stale)
	h.a("GET", codeList, nil).has("meta.totalRecords", "5")
	h.a("GET", codePath+"/"+milk, nil).want(404)
	h.a("GET", codePath+"/"+tea, nil).want(200)
	h.a("PUT", codePath+"/"+tea, with(idle("Green tea"), "id", tea)).want(200)
	// A refused write changes nothing, so it is not the last write.
	h.a("POST", codePath, map[string]any{}).want(400)
	h.a("GET", codePath+"/"+tea, nil).has("name", "Tea")
	h.a("GET", codeList+"?filter=name==Tea", nil).has("meta.totalRecords", "1")
	h.a("DELETE", codePath+"/"+tea, nil).want(204)
	if names := h.a("GET", codeList, nil).names(); !slices.Contains(names, "Green tea") || len(names) != 6 {
		t.Errorf("names %v", names)
	}
	h.fault()
	h.a("GET", codePath+"/"+tea, nil).want(404)
}

func TestFaultShufflesPages(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.create(idle("Tea"))
	pages := func() []string {
		var all []string
		for _, page := range []string{"0", "1", "2"} {
			all = append(all, h.a("GET", codeList+"?pageSize=2&page="+page, nil).want(200).names()...)
		}
		return all
	}
	honest := pages()
	h.fault(FaultRule{Route: listRoute, Shuffle: true})
	shuffled := pages()
	if len(shuffled) != len(honest) {
		t.Fatalf("%v, honest %v", shuffled, honest)
	}
	slices.Sort(shuffled)
	if distinct := slices.Compact(shuffled); len(distinct) >= len(honest) {
		t.Errorf("nothing twice, nothing missing: %v", distinct)
	}
	// One page is complete.
	whole := h.a("GET", codeList, nil).names()
	slices.Sort(whole)
	slices.Sort(honest)
	if !slices.Equal(whole, honest) {
		t.Errorf("one page: %v", whole)
	}
}

func TestFaultReordersArrays(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	before := h.a("GET", codeList, nil)
	h.fault(FaultRule{Reorder: true})
	after := h.a("GET", codeList, nil).names()
	slices.Reverse(after)
	if !slices.Equal(before.names(), after) {
		t.Errorf("%v, reversed %v", before.names(), after)
	}
	h.a("GET", codeList, nil).has("data.0.createdTime", before.at("data.0.createdTime"))
}

func TestFaultsOfIdentity(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	stranger := "0a7c4f52-9d1e-4b36-8f0a-5c2d7e61b934"
	h.fault(FaultRule{Path: "^/v1/", WrongOrganization: orgB, Times: 2}, FaultRule{Path: "^/v1/people", WrongOrganization: stranger, Times: 1},
		FaultRule{ExpireToken: true, Times: 2})
	h.a("GET", "/v1/people/me", nil).want(200).has("orgId", encodeID("ORGANIZATION", orgB))
	h.a("GET", "/v1/organizations/"+orgA, nil).want(404)
	h.a("GET", "/v1/people/me", nil).want(200).has("orgId", encodeID("ORGANIZATION", stranger))
	h.a("GET", codeList, nil).want(401)
	h.a("GET", "/v1/people/me", nil).want(401)
	h.a("GET", codeList, nil).want(200)
}

func TestFaultOfNoMethodIsRefused(t *testing.T) {
	t.Parallel()
	sim := New(Options{})
	if err := sim.SetFaults(FaultRule{Method: "get, PSOT", Status: 500}); err == nil || !strings.Contains(err.Error(), `no method "PSOT"`) {
		t.Errorf("%v", err)
	}
	if err := sim.SetFaults(FaultRule{Method: "get, Post", Status: 500}); err != nil {
		t.Error(err)
	}
}
