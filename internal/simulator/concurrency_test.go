package simulator

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// serve answers one request without a network.
func serve(sim *Simulator, method, path, token, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	sim.ServeHTTP(recorder, request)
	return recorder
}

func demo(t testing.TB, options Options) *Simulator {
	t.Helper()
	sim := New(options)
	if err := sim.SetState(DemoState()); err != nil {
		t.Fatal(err)
	}
	return sim
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	sim := demo(t, Options{RequestsPerMinute: 1_000_000})
	if err := sim.SetFaults(FaultRule{Route: listRoute, Stale: true, Shuffle: true}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 25 {
				name := fmt.Sprintf("Code %d %d", worker, i)
				body := fmt.Sprintf(`{"name":%q,"active":true,"defaultCode":false,"workTypeId":%q,"workTypeCode":"IDLE_CODE"}`, name, workType("idle"))
				if got := serve(sim, "POST", codePath, tokenA, body); got.Code != http.StatusCreated {
					t.Errorf("create: %d %s", got.Code, got.Body)
				}
				serve(sim, "POST", codePath, tokenA, strings.Replace(body, name, "Wanted by all", 1))
				serve(sim, "GET", codeList, tokenA, "")
				id := fmt.Sprintf("w%d-%d@voice.example.net", worker, i)
				serve(sim, "POST", corePrefix+centersPath, gatewayToken, fmt.Sprintf(
					`{"serviceUserId":%q,"policy":"Circular","serviceInstanceProfile":{"name":"n","cliFirstName":"a","cliLastName":"b"}}`, id))
				serve(sim, "GET", corePrefix+centersPath, gatewayToken, "")
				serve(sim, "GET", "/__sim/state", "", "")
				serve(sim, "GET", "/__sim/stats", "", "")
				serve(sim, "GET", "/__sim/requests", "", "")
			}
		})
	}
	all.Wait()
	if err := sim.SetFaults(); err != nil {
		t.Fatal(err)
	}
	got := serve(sim, "GET", codeList+"?pageSize=1", tokenA, "").Body.String()
	if !strings.Contains(got, `"totalRecords":205`) {
		t.Errorf("list %s", got)
	}
}

func BenchmarkReadItem(b *testing.B) {
	sim := demo(b, Options{})
	path := codePath + "/" + stableUUID(orgA, "auxiliary-code", "Sale")
	for b.Loop() {
		if got := serve(sim, "GET", path, tokenA, ""); got.Code != http.StatusOK {
			b.Fatal(got.Code)
		}
	}
}

func BenchmarkListPageOfManyCodes(b *testing.B) {
	state := DemoState()
	for i := range 20_000 {
		state.Organizations[0].Objects["auxiliary-code"] = append(state.Organizations[0].Objects["auxiliary-code"],
			with(idle(fmt.Sprintf("Code %d", i)), "id", stableUUID("bench", fmt.Sprint(i))))
	}
	sim := New(Options{})
	if err := sim.SetState(state); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got := serve(sim, "GET", codeList+"?page=50", tokenA, ""); got.Code != http.StatusOK {
			b.Fatal(got.Code)
		}
	}
}
