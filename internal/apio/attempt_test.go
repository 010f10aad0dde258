package apio_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/remote"
)

const (
	activePath   = centersPath + "active_instance/"
	policiesPath = careItem + "routing_policies/"
)

// willing is a gateway that takes everything.
func willing() map[string]answer {
	return map[string]answer{
		"POST " + centersPath: {status: 201, body: whole}, "PUT " + careItem: {status: 200, body: whole}, "GET " + careItem: {status: 200, body: whole},
		"PUT " + activePath:           {status: 200, body: `{}`},
		"GET " + careItem + "agents/": {status: 200, body: `{"agents":[]}`}, "PUT " + careItem + "agents/": {status: 200, body: `{}`},
		"GET " + availableAgents:           {status: 200, body: `{"available_agents":[{"userId":"ann@x"}]}`},
		"GET " + careItem + "supervisors/": {status: 200, body: `{"supervisors":["bob@x"]}`}, "PUT " + careItem + "supervisors/": {status: 200, body: `{}`},
		"GET " + policiesPath: {status: 200, body: `{"action":"None"}`}, "PUT " + policiesPath: {status: 200, body: `{}`},
	}
}

// everything changes what each step writes.
func everything(active bool) remote.Object {
	return remote.Object{
		"queueLength": 5, "serviceInstanceProfile": map[string]any{"language": "French", "password": "Kestrel-48-harbour"},
		apio.FieldAgents: users("ann@x"), apio.FieldSupervisors: users("bob@x"), apio.FieldHolidayService: map[string]any{"action": "Busy"},
		apio.FieldActive: active,
	}
}

// steps are the writes that were tried, by what they write.
func (s *scripted) steps() []string {
	var names []string
	for _, put := range s.to(http.MethodPut) {
		switch {
		case put.path == activePath:
			names = append(names, "active")
		case put.path == policiesPath:
			names = append(names, "holidayService")
		case put.path != careItem:
			names = append(names, strings.Trim(strings.TrimPrefix(put.path, careItem), "/"))
		case strings.Contains(put.body, "password"):
			names = append(names, "password")
			if strings.Contains(put.body, "language") {
				names = append(names, "together")
			}
		default:
			names = append(names, "instance")
		}
	}
	return names
}

func TestEveryStepOfAnUpdateIsTriedWhateverAnotherCameTo(t *testing.T) {
	t.Parallel()
	refused := answer{status: 400, body: `{"errors":[{"message":"no"}]}`}
	const profilePassword = "serviceInstanceProfile.password"
	for name, step := range map[string]struct {
		route  string
		given  answer
		unsent string
		failed []string
		named  string
	}{
		"nothing":        {},
		"active":         {route: "PUT " + activePath, given: refused, failed: []string{"active"}, named: "active: "},
		"instance":       {route: "PUT " + careItem, given: refused, failed: []string{"queueLength", "serviceInstanceProfile.language", profilePassword}, named: "queueLength, language: "},
		"agents":         {route: "GET " + availableAgents, given: answer{status: 200, body: `{"available_agents":[]}`}, unsent: "agents", failed: []string{"agents"}, named: "agents: "},
		"supervisors":    {route: "PUT " + careItem + "supervisors/", given: refused, failed: []string{"supervisors"}, named: "supervisors: "},
		"holiday":        {route: "PUT " + policiesPath, given: refused, failed: []string{"holidayService.action"}, named: "holidayService: "},
		"weak password":  {route: "GET " + rulesPath, given: answer{status: 200, body: `{"minLength":40}`}, unsent: "password", failed: []string{profilePassword}, named: "password: "},
		"lost, it seems": {route: "PUT " + careItem + "agents/", given: answer{status: 503}, failed: []string{"agents"}, named: "agents: "},
	} {
		for _, on := range []bool{true, false} {
			script, centers := script(t, willing())
			if step.route != "" {
				script.answers[step.route] = step.given
			}
			result := apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: everything(on)})
			want := []string{"instance", "agents", "supervisors", "holidayService", "password"}
			if on {
				want = append(want, "active")
			} else {
				want = append([]string{"active"}, want...)
			}
			want = slices.DeleteFunc(want, func(tried string) bool { return tried == step.unsent })
			if got := script.steps(); !slices.Equal(got, want) {
				t.Errorf("%s, on %t: tried %v, want %v", name, on, got, want)
			}
			if (result.Err != nil) != (step.route != "") || result.Partial != (step.route != "") || !slices.Equal(result.Failed, step.failed) {
				t.Errorf("%s, on %t: %+v, want the failed fields %v", name, on, result, step.failed)
			}
			if result.Err != nil && (!strings.Contains(result.Err.Error(), step.named) || strings.Contains(result.Err.Error(), "Kestrel")) {
				t.Errorf("%s: %v, want it to name %s", name, result.Err, step.named)
			}
		}
	}
}

func TestANewCallCenterIsSwitchedOnThoughAPartWasRefused(t *testing.T) {
	t.Parallel()
	s, centers := script(t, willing())
	s.answers["GET "+availableAgents] = answer{status: 200, body: `{"available_agents":[]}`}
	object := center("care@voice.example.net", "Care")
	object[apio.FieldAgents], object[apio.FieldSupervisors], object[apio.FieldActive] = users("ann@x"), users("bob@x"), true
	result := apply(t, centers, remote.Create, remote.Write{Object: object})
	if result.ID != "care@voice.example.net" || remote.ClassOf(result.Err) != remote.Rejected || !slices.Equal(result.Failed, []string{"agents"}) {
		t.Errorf("create = %+v", result)
	}
	if got, want := s.steps(), []string{"supervisors", "active"}; !slices.Equal(got, want) {
		t.Errorf("after the POST %v, want %v", got, want)
	}
}

// What passes by itself decides when to try again, and a service that wants no requests gets none.
func TestWhatSeveralFailuresMeanTogether(t *testing.T) {
	t.Parallel()
	s, centers := script(t, willing())
	s.answers["PUT "+careItem] = answer{status: 400, body: `{"errors":[{"message":"no"}]}`}
	s.answers["PUT "+careItem+"supervisors/"] = answer{status: 503}
	write := remote.Write{ID: "care@voice.example.net", Object: everything(false)}
	result := apply(t, centers, remote.Update, write)
	if remote.ClassOf(result.Err) != remote.Unavailable || !remote.IsAmbiguous(result.Err) || !strings.Contains(result.Err.Error(), "queueLength, language: ") {
		t.Errorf("update = %+v", result)
	}
	s, centers = script(t, willing())
	s.answers["PUT "+careItem] = answer{status: 429, header: map[string]string{"Retry-After": "30"}}
	result = apply(t, centers, remote.Update, write)
	if got := s.steps(); !slices.Equal(got, []string{"active", "instance"}) || remote.RetryAfter(result.Err) == 0 || result.Wrote("agents") || !result.Wrote("active") {
		t.Errorf("tried %v: %+v", got, result)
	}
}
