package apio_test

import (
	"net/http"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/remote"
)

const (
	careItem        = centersPath + "care@voice.example.net/"
	availableAgents = centersPath + "agents/available/"
)

func users(ids ...string) []any {
	list := []any{}
	for _, id := range ids {
		list = append(list, map[string]any{"userId": id})
	}
	return list
}

func TestAgentsAreReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	s, centers := script(t, map[string]answer{
		"GET " + careItem: {status: 200, body: whole},
		"GET " + careItem + "agents/": {status: 200, body: `{"agents":[{"userId":"Ann@x","weight":30,"skillLevel":"4","lastName":"A"},
			{"userId":"bob@x","weight":70,"skillLevel":"1"}]}`},
		"GET " + availableAgents:      {status: 200, body: `{"available_agents":[{"userId":"cid@x"}]}`},
		"PUT " + careItem + "agents/": {status: 200, body: `{}`},
	})
	wanted := []any{map[string]any{"userId": "ann@x"}, map[string]any{"userId": "cid@x", "skillLevel": 2}}
	result := apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: remote.Object{apio.FieldAgents: wanted}})
	if result.Err != nil || result.Object != nil {
		t.Errorf("update = %+v: an answer without agents proves nothing", result)
	}
	puts := s.to(http.MethodPut)
	if want := `{"agents":[{"skillLevel":"4","userId":"ann@x","weight":30},{"skillLevel":"2","userId":"cid@x"}]}`; len(puts) != 1 || puts[0].body != want {
		t.Errorf("sent %+v, want %s", puts, want)
	}
	read, err := centers.ReadPart(t.Context(), "care@voice.example.net", apio.FieldAgents)
	if want := `[{"skillLevel":"4","userId":"Ann@x","weight":30},{"skillLevel":"1","userId":"bob@x","weight":70}]`; err != nil || remote.Text(read) != want {
		t.Errorf("read %s, %v", remote.Text(read), err)
	}
}

func TestWhoIsNotAvailableIsNamedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s, centers := script(t, map[string]answer{
		"GET " + careItem:             {status: 200, body: whole},
		"GET " + careItem + "agents/": {status: 200, body: `{"agents":[{"userId":"ann@x"}]}`},
		"GET " + availableAgents:      {status: 200, body: `{"available_agents":[]}`},
	})
	many := []string{"ann@x"}
	for _, letter := range "abcdefghijkl" {
		many = append(many, string(letter)+"@y")
	}
	result := apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: remote.Object{"queueLength": 5, apio.FieldAgents: users(many...)}})
	if result.Err == nil || result.Partial {
		t.Errorf("update = %+v", result)
	}
	s.answers["PUT "+careItem] = answer{status: 200, body: whole}
	result = apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: remote.Object{"queueLength": 5, apio.FieldAgents: users(many...)}})
	if remote.ClassOf(result.Err) != remote.Rejected || !result.Partial || strings.Contains(result.Err.Error(), "ann@x") ||
		!strings.Contains(result.Err.Error(), "a@y, b@y") || !strings.Contains(result.Err.Error(), "and 2 more") || !strings.Contains(result.Err.Error(), "Call Center - Basic") {
		t.Errorf("update = %+v, want a part of the whole, and those who are not available", result)
	}
	if puts := s.to(http.MethodPut); len(puts) != 2 {
		t.Errorf("sent %+v", puts)
	}
}

// BroadWorks calls an agent that is not there by the same code as a call center that is not there.
func TestAnAgentWhoIsGoneIsNotTheCallCenter(t *testing.T) {
	t.Parallel()
	gone := answer{status: 400, body: `{"details":{"errors":{"0":{"summary":"[Error 4008] User not found: ann@x"}}}}`}
	_, centers := script(t, map[string]answer{
		"GET " + careItem + "agents/": {status: 200, body: `{"agents":[{"userId":"ann@x"}]}`},
		"PUT " + careItem + "agents/": gone,
	})
	result := apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: remote.Object{apio.FieldAgents: users("ann@x")}})
	if remote.ClassOf(result.Err) != remote.Rejected || !strings.Contains(result.Err.Error(), "User not found: ann@x") {
		t.Errorf("update = %v", result.Err)
	}
	gone.body = strings.ReplaceAll(gone.body, "ann@x", "care@voice.example.net")
	_, centers = script(t, map[string]answer{"GET " + careItem + "agents/": gone})
	if _, err := centers.ReadPart(t.Context(), "care@voice.example.net", apio.FieldAgents); !remote.IsNotFound(err) {
		t.Errorf("read of the agents of nobody = %v", err)
	}
}

func TestPartsThatAreNotUnderstoodProveNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"agents":null}`, `{"agents":{}}`, `{"agents":[7]}`, `{"agents":[{}]}`, `[]`, ``} {
		_, centers := script(t, map[string]answer{"GET " + careItem + "agents/": {status: 200, body: body}})
		if _, err := centers.ReadPart(t.Context(), "care@voice.example.net", apio.FieldAgents); remote.ClassOf(err) != remote.InvalidResponse {
			t.Errorf("%s = %v", body, err)
		}
	}
	_, centers := script(t, map[string]answer{})
	if _, err := centers.ReadPart(t.Context(), "care@voice.example.net", "queueLength"); err == nil {
		t.Error("read a part of which nothing is known")
	}
}

func TestSupervisorsMayComeAsIDs(t *testing.T) {
	t.Parallel()
	s, centers := script(t, map[string]answer{
		"GET " + careItem + "supervisors/":              {status: 200, body: `{"supervisors":["ann@x"]}`},
		"GET " + centersPath + "supervisors/available/": {status: 200, body: `{"available_supervisors":["bob@x"]}`},
		"PUT " + careItem + "supervisors/":              {status: 200},
	})
	wanted := []any{"ann@x", "bob@x"}
	result := apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: remote.Object{apio.FieldSupervisors: wanted}})
	if puts := s.to(http.MethodPut); result.Err != nil || len(puts) != 1 || puts[0].body != `{"supervisors":[{"userId":"ann@x"},{"userId":"bob@x"}]}` {
		t.Errorf("update = %+v, sent %+v", result, puts)
	}
}

func TestHolidayServiceIsSentBackWithWhatChanges(t *testing.T) {
	t.Parallel()
	const policies = careItem + "routing_policies/"
	for name, shown := range map[string]string{
		"alone":   `{"action":"None","transferPhoneNumber":"","holidaySchedule":null,"audioFileList":[null,null],"_internal_record_id":1}`,
		"wrapped": `{"holidayService":{"action":"None","transferPhoneNumber":"","holidaySchedule":null,"audioFileList":[null,null]},"_internal_record_id":1}`,
	} {
		s, centers := script(t, map[string]answer{
			"GET " + policies: {status: 200, body: shown}, "PUT " + policies: {status: 200},
			"GET " + groupPath: {status: 200, body: `{"cliPhoneNumber":"+3225550100"}`},
		})
		wanted := remote.Object{"action": "Transfer", "transferPhoneNumber": "025550199", "holidaySchedule": map[string]any{"level": "Group", "name": "Feasts"}}
		result := apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: remote.Object{apio.FieldHolidayService: wanted}})
		want := `{"action":"Transfer","audioFileList":[null,null],"holidaySchedule":{"level":"Group","name":"Feasts"},"transferPhoneNumber":"+3225550199","type":"Holiday Service"}`
		if puts := s.to(http.MethodPut); result.Err != nil || len(puts) != 1 || puts[0].body != want {
			t.Errorf("%s: update = %+v, sent %+v, want %s", name, result, puts, want)
		}
		s.answers["PUT "+policies] = answer{status: 404}
		if result = apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: remote.Object{apio.FieldHolidayService: wanted}}); remote.ClassOf(result.Err) != remote.Rejected {
			t.Errorf("%s: update = %v", name, result.Err)
		}
		for _, broken := range []string{`{}`, `[]`, `{"policy":7}`} {
			s.answers["GET "+policies] = answer{status: 200, body: broken}
			if _, err := centers.ReadPart(t.Context(), "care@voice.example.net", apio.FieldHolidayService); remote.ClassOf(err) != remote.InvalidResponse {
				t.Errorf("%s = %v", broken, err)
			}
		}
	}
}

// BroadWorks may refuse to delete a call center because it cannot find somebody else: the call center is there still.
func TestADeletionIsNotDoneBecauseAnAgentIsGone(t *testing.T) {
	t.Parallel()
	of := func(user string) answer {
		return answer{status: 400, body: `{"details":{"errors":{"0":{"summary":"[Error 4008] User not found: ` + user + `"}}}}`}
	}
	s, centers := script(t, map[string]answer{
		"DELETE " + careItem: of("ann@x"),
		"GET " + centersPath: {status: 200, body: `{"call_centers":[{"serviceUserId":"care@voice.example.net","name":"Care"}]}`},
	})
	remove := func() error {
		return apply(t, centers, remote.Delete, remote.Write{ID: "care@voice.example.net"}).Err
	}
	if err := remove(); err == nil || remote.IsNotFound(err) {
		t.Errorf("delete = %v", err)
	}
	s.mu.Lock()
	s.answers["DELETE "+careItem] = of("Care@voice.example.net")
	s.mu.Unlock()
	if err := remove(); !remote.IsNotFound(err) {
		t.Errorf("delete of what is gone = %v", err)
	}
}

// What cannot be read as a list must never be sent as an empty one, which would take out everybody.
func TestNoListIsNotAnEmptyList(t *testing.T) {
	t.Parallel()
	s, centers := script(t, map[string]answer{"GET " + careItem + "agents/": {status: 200, body: `{"agents":[{"userId":"ann@x"}]}`}})
	result := apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: remote.Object{apio.FieldAgents: "ann@x"}})
	if result.Err == nil || len(s.to(http.MethodPut)) != 0 {
		t.Errorf("update = %+v, sent %+v", result, s.to(http.MethodPut))
	}
}
