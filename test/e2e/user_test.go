package e2e_test

import (
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestKubectlWaitAndDescribe(t *testing.T) {
	s := newSite(t)
	s.startManager()
	s.apply(everything)
	s.waitReady(slices.Concat(everyObject, []string{"wxorg/org"})...)

	s.kubectl("--namespace", s.namespace, "patch", "auxcode/lunch", "--type=merge", "-p", `{"spec":{"managementPolicy":"Observe"}}`)
	code := s.remotes(s.entity("auxiliary-code"))["Lunch"][0]
	id, _ := code["id"].(string)
	s.control(http.MethodPatch, s.entity("auxiliary-code")+"/"+id, map[string]any{"description": "Changed by hand"}, nil)
	s.kubectl("--namespace", s.namespace, "annotate", "auxcode/lunch", "wxcc.dev/requestedAt=now")
	s.kubectl("--namespace", s.namespace, "wait", "--for=jsonpath={.status.lastHandledReconcileAt}=now", "--timeout="+soon.String(), "auxcode/lunch")
	s.waitReady("auxcode/lunch") // observed, so Ready, and not Synced
	described := s.kubectl("--namespace", s.namespace, "describe", "auxcode/lunch")
	for _, pattern := range []string{`Field:\s+description`, `Desired:\s+Away for a meal`, `Actual:\s+Changed by hand`, `Type:\s+Synced`} {
		if !regexp.MustCompile(pattern).MatchString(described) {
			t.Errorf("kubectl describe does not show %s:\n%s", pattern, described)
		}
	}
	s.kubectl("--namespace", s.namespace, "delete", "--timeout="+later.String(), "worktype/breaks", "callcenter/desk", "auxcode/lunch")
	if left := s.remotes(s.entity("work-type"))["Breaks"]; len(left) != 0 {
		t.Error("the work type is left")
	}
	if left := s.remotes(s.entity("auxiliary-code"))["Lunch"]; len(left) != 1 {
		t.Error("the observed code was deleted")
	}
	s.wantNoLeaks()
}

// Proves: S1.13
func TestSecretsStayInSecrets(t *testing.T) {
	s := newSite(t)
	s.startManager()
	s.apply(everything)
	s.waitReady(slices.Concat(everyObject, []string{"wxorg/org"})...)
	// Tokens and sessions that are refused, renewed and refused again go through every error path.
	faults := []map[string]any{
		{"path": "^/organization/", "expireToken": true, "times": 2},
		{"path": "/call_centers/", "expireToken": true, "times": 2},
	}
	s.control(http.MethodPut, "faults", faults, nil)
	s.kubectl(slices.Concat([]string{"--namespace", s.namespace, "annotate"}, everyObject, []string{"wxorg/org", "wxcc.dev/requestedAt=now"})...)
	for _, object := range everyObject {
		s.kubectl("--namespace", s.namespace, "wait", "--for=jsonpath={.status.lastHandledReconcileAt}=now", "--timeout="+later.String(), object)
	}
	s.waitReady(slices.Concat(everyObject, []string{"wxorg/org"})...)
	s.wantNoLeaks()
}

func TestUnknownFlagIsRefused(t *testing.T) {
	t.Parallel()
	output, err := exec.CommandContext(t.Context(), installed.manager, "--no-such-flag").CombinedOutput() //nolint:gosec // the binary under test
	if err == nil || !strings.Contains(string(output), "no-such-flag") {
		t.Errorf("error %v, output %s", err, output)
	}
}
