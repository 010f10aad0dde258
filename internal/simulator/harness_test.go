package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	orgA     = DemoOrganization
	orgB     = DemoSecondOrganization
	tokenA   = "demo-access-token-canary"
	tokenB   = "demo-access-2-canary"
	codePath = "/organization/" + orgA + "/auxiliary-code"
	codeList = "/organization/" + orgA + "/v2/auxiliary-code"
	typePath = "/organization/" + orgA + "/work-type"
)

// harness is the demonstration tenant behind a real server.
type harness struct {
	t     *testing.T
	sim   *Simulator
	url   string
	http  *http.Client
	clock *testClock
}

type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func start(t *testing.T, options Options) *harness {
	t.Helper()
	return startWith(t, options, DemoState())
}

func startWith(t *testing.T, options Options, state State) *harness {
	t.Helper()
	clock := &testClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	options.Now = clock.read
	sim := New(options)
	if err := sim.SetState(state); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	client := &http.Client{
		// Without kept connections the transport repeats nothing by itself after a reset.
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &harness{t: t, sim: sim, url: server.URL, http: client, clock: clock}
}

// result is a finished answer.
type result struct {
	t      *testing.T
	status int
	header http.Header
	raw    string
}

type headers map[string]string

func bearerOf(token string) headers { return headers{"Authorization": "Bearer " + token} }

func (h *harness) try(method, path string, with headers, body any) (result, error) {
	h.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			h.t.Fatal(err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(h.t.Context(), method, h.url+path, content)
	if err != nil {
		h.t.Fatal(err)
	}
	for key, value := range with {
		request.Header.Add(key, value)
	}
	response, err := h.http.Do(request)
	if err != nil {
		return result{}, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if len(h.sim.faults.list()) == 0 {
		exchanges.add(request, body, response.StatusCode, raw)
	}
	return result{h.t, response.StatusCode, response.Header, string(raw)}, err
}

func (h *harness) call(method, path string, with headers, body any) result {
	h.t.Helper()
	r, err := h.try(method, path, with, body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

// a calls as the first organization.
func (h *harness) a(method, path string, body any) result {
	h.t.Helper()
	return h.call(method, path, bearerOf(tokenA), body)
}

func (h *harness) control(method, path string, body any) result {
	h.t.Helper()
	r := h.call(method, "/__sim/"+path, nil, body)
	if r.status >= 300 {
		h.t.Fatalf("%s %s: %d %s", method, path, r.status, r.raw)
	}
	return r
}

func (h *harness) fault(rules ...FaultRule) {
	h.t.Helper()
	if err := h.sim.SetFaults(rules...); err != nil {
		h.t.Fatal(err)
	}
}

func (r result) want(status int) result {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.raw)
	}
	return r
}

// at is the value under a path such as "error.message.0.description", as text; "" = absent.
func (r result) at(path string) string {
	r.t.Helper()
	value, err := decodeJSON([]byte(r.raw))
	if err != nil {
		r.t.Fatalf("no JSON: %v: %q", err, r.raw)
	}
	for step := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			var index int
			if _, err := fmt.Sscan(step, &index); err != nil || index >= len(v) {
				return ""
			}
			value = v[index]
		default:
			return ""
		}
	}
	if value == nil {
		return ""
	}
	if text, ok := value.(string); ok {
		return text
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(encoded)
}

func (r result) has(path, want string) result {
	r.t.Helper()
	if got := r.at(path); got != want {
		r.t.Errorf("%s = %q, want %q in %s", path, got, want, r.raw)
	}
	return r
}

func (r result) lacks(path string) result {
	r.t.Helper()
	return r.has(path, "")
}

// names are the names of the rows of a list, in order.
func (r result) names() []string {
	r.t.Helper()
	var rows []struct{ Name, ServiceUserID string }
	content := r.raw
	for _, wrapper := range []string{"data", "call_centers"} {
		if inner := r.at(wrapper); inner != "" {
			content = inner
		}
	}
	if err := json.Unmarshal([]byte(content), &rows); err != nil {
		r.t.Fatal(err)
	}
	out := []string{}
	for _, row := range rows {
		out = append(out, row.Name)
	}
	return out
}

const message = "error.message.0.description"

// workType is the id of a seeded work type of the first organization.
func workType(kind string) string { return stableUUID(orgA, "work-type", kind) }

func idle(name string) map[string]any {
	return map[string]any{
		"name": name, "active": true, "defaultCode": false, "workTypeId": workType("idle"), "workTypeCode": "IDLE_CODE",
	}
}

func wrapUp(name string) map[string]any {
	return map[string]any{
		"name": name, "active": true, "defaultCode": false, "workTypeId": workType("wrap-up"), "workTypeCode": "WRAP_UP_CODE",
	}
}

// desk is a desktop profile that needs nothing of the tenant.
func desk(name string) map[string]any {
	return map[string]any{
		"name": name, "parentType": "ORGANIZATION", "active": true, "accessWrapUpCode": "ALL", "accessIdleCode": "ALL", "accessQueue": "ALL",
		"accessEntryPoint": "ALL", "accessBuddyTeam": "ALL", "agentDNValidation": "NONE",
		"viewableStatistics": map[string]any{"accessQueueStats": "ALL", "accessTeamStats": "ALL"},
	}
}

func with(body map[string]any, pairs ...any) map[string]any {
	for i := 0; i < len(pairs); i += 2 {
		name := fmt.Sprint(pairs[i])
		if pairs[i+1] == nil {
			delete(body, name)
		} else {
			body[name] = pairs[i+1]
		}
	}
	return body
}

// create makes a code and returns its id.
func (h *harness) create(body map[string]any) string {
	h.t.Helper()
	return h.a("POST", codePath, body).want(201).at("id")
}
