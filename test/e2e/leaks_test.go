package e2e_test

import (
	"encoding/json"
	"strings"

	"wxcc.dev/operator/test/leaks"
)

// wantNoLeaks looks for the values of all Secrets in all that the operator shows.
func (s *site) wantNoLeaks() {
	s.t.Helper()
	places := map[string]string{
		"the events":  s.kubectl("--namespace", s.namespace, "get", "events.events.k8s.io", "-o", "json"),
		"the objects": s.kubectl("--namespace", s.namespace, "get", "wxcc", "-o", "json"),
	}
	for _, run := range s.runs {
		places["the log"] += run.log.String()
		select {
		case <-run.done:
		default:
			metrics, err := get(s.t, "http://"+run.metrics+"/metrics")
			if err != nil {
				s.t.Errorf("metrics: %v", err)
			}
			places["the metrics"] += metrics
		}
	}
	if !strings.Contains(places["the metrics"], "wxcc_requests_total") {
		s.t.Errorf("the metrics do not count requests")
	}
	if strings.Contains(places["the log"], "is forbidden") {
		s.t.Errorf("a right is missing in config/rbac:\n%s", tail(places["the log"]))
	}
	finder := leaks.NewFinder(s.secrets()...)
	for place, shown := range places {
		for _, hit := range finder.Find(shown) {
			s.t.Errorf("%s show the secret %s", place, hit)
		}
	}
}

// secrets are the values of all Secrets, those that the operator wrote included.
func (s *site) secrets() []string {
	s.t.Helper()
	var list struct {
		Items []struct {
			Data map[string][]byte `json:"data"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(s.kubectl("--namespace", s.namespace, "get", "secrets", "-o", "json")), &list); err != nil {
		s.t.Fatal(err)
	}
	values := []string{"canary-", "_PS00_"} // every token that the simulator has ever issued holds the latter
	for _, item := range list.Items {
		for key, value := range item.Data {
			if key == "clientID" || key == "username" || strings.HasSuffix(key, "ExpiresAt") {
				continue
			}
			values = append(values, string(value))
		}
	}
	return values
}
