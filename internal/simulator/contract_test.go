package simulator

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"wxcc.dev/operator/test/contract"
)

// exchanges records what the tests ask and get, while it is told to.
var exchanges recorder

type recorder struct {
	mu   sync.Mutex
	on   bool
	rows []contract.Exchange
}

func (r *recorder) add(request *http.Request, body any, status int, raw []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.on || strings.HasPrefix(request.URL.Path, controlPrefix) {
		return
	}
	var sent []byte
	switch b := body.(type) {
	case nil:
	case string:
		sent = []byte(b)
	default:
		sent, _ = json.Marshal(b) // the request was encoded in the same way
	}
	r.rows = append(r.rows, contract.Exchange{
		Method: request.Method, Path: request.URL.EscapedPath(), Query: request.URL.RawQuery,
		RequestType: request.Header.Get("Content-Type"), Request: sent, Status: status, Answer: raw,
	})
}

// record runs tests and returns what they exchanged.
func (r *recorder) record(t *testing.T, corpus map[string]func(*testing.T)) []contract.Exchange {
	t.Helper()
	r.mu.Lock()
	r.on, r.rows = true, nil
	r.mu.Unlock()
	t.Run("corpus", func(t *testing.T) {
		for name, test := range corpus {
			t.Run(name, test)
		}
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.on = false
	return r.rows
}

// TestAnswersFitTheSpecification repeats the tests of this package and holds every answer against the OpenAPI documents.
// Where they are known to be wrong, the exception names the section of the reference that says so. It does not run in
// parallel with others, so that only the corpus is recorded. It covers no rule in the sense of TestEveryRuleHasATest: where
// the documents are absent, it is skipped.
func TestAnswersFitTheSpecification(t *testing.T) { //nolint:paralleltest // see above
	spec, err := contract.Load()
	if errors.Is(err, contract.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	rows := exchanges.record(t, map[string]func(*testing.T){
		"entities": TestEveryEntity, "rules": TestRulesOfOneEntity, "between": TestRulesBetweenObjects, "audio": TestAudioFiles,
		"schedules": TestCountsAndOrderOfSchedules, "users": TestUsers, "user look-ups": TestUserLookUps, "queue look-ups": TestQueueLookUps,
		"tenant": TestRoutesBesideTheConfiguration, "fresh": TestFreshTenant, "profiles": TestUserProfilesHaveTwoSchemas, "flows": TestFlows,
		"platform": TestPlatformRoutes, "wholesale": TestWholesaleCustomers, "pages": TestWholesalePages, "bulk": TestBulkPatch, "lists": TestPages,
	})
	unexcused, used := map[string]int{}, map[string]int{}
	for _, row := range rows {
		for _, difference := range spec.Answer(row) {
			if exception := contract.Excused(difference); exception != "" {
				used[exception]++
			} else {
				unexcused[difference.String()]++
			}
		}
	}
	t.Logf("%d answers; %d exceptions used", len(rows), len(used))
	for _, difference := range slices.Sorted(maps.Keys(unexcused)) {
		t.Errorf("%d times %s", unexcused[difference], difference)
	}
	for _, exception := range contract.Unused(used) {
		t.Errorf("no answer needs the exception %q", exception)
	}
}
