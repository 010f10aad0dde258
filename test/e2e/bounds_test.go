package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// The peak that a manager may have, whatever the services answer.
const maxPeakMB = 400

// otherManifest is a second organization with a service of its own, and objects in it.
const otherManifest = `
apiVersion: v1
kind: Secret
metadata: {name: other-credentials}
stringData: {clientID: other-client, clientSecret: {{.ClientSecret}}, accessToken: {{.AccessToken}}, refreshToken: {{.RefreshToken}}}
---
apiVersion: v1
kind: Secret
metadata: {name: other-gateway}
stringData: {username: gateway-user, password: {{.GatewayPassword}}}
---
apiVersion: wxcc.dev/v1alpha1
kind: WebexOrganization
metadata: {name: other}
spec:
  name: Other
  organizationID: {{.Organization}}
  contactCenter: true
  endpoints: {webex: {{.URL}}, contactCenter: {{.URL}}}
  credentialsSecretRef: {name: other-credentials}
  syncInterval: 24h
  callCenterGateway: {url: {{.URL}}, authentication: Session, credentialsSecretRef: {name: other-gateway}}
---
apiVersion: wxcc.dev/v1alpha1
kind: WorkType
metadata: {name: other}
spec: {organizationRef: {name: other}, name: Other, workTypeCode: IDLE_CODE}
---
apiVersion: wxcc.dev/v1alpha1
kind: CallCenter
metadata: {name: other}
spec:
  organizationRef: {name: other}
  name: Other
  tenantID: acme
  groupID: main
  type: Basic
  policy: Regular
  profile: {cliFirstName: Other, cliLastName: Desk, passwordSecretRef: {name: centers, key: password}}
`

// An organization whose services answer with more than anybody can want costs the manager little and the others nothing.
func TestNoAnswerEndsTheManager(t *testing.T) {
	s := newSite(t)
	s.apply(workTypeManifest)
	hostile := s.hostile()
	manager := s.startManager("--requests-per-minute", "100000")
	s.waitReady("worktype/breaks", "worktype/other", "callcenter/other")
	calm := peakOf(t, manager)

	for i, excess := range []struct {
		name, says string
		rule       simulator.FaultRule
	}{
		{"100 MB of space", "bytes in one answer", simulator.FaultRule{PadBytes: 100 << 20}},
		{"1.2 million tiny rows in a page", "bytes in one answer", simulator.FaultRule{Rows: 1_200_000}},
		{"100,000 tiny rows in a page", "rows in one answer", simulator.FaultRule{Rows: 100_000}},
		{"a million rows in pages", "in a listing", simulator.FaultRule{Rows: 100, Pages: 10_000}},
		{"a list that grows with every page", "pages added to a listing", simulator.FaultRule{Rows: 100, Pages: -1}},
	} {
		excess.rule.Method, excess.rule.Path = http.MethodGet, "/v2/work-type$|/call_centers/$"
		if err := hostile.sim.SetFaults(excess.rule); err != nil {
			t.Fatal(err)
		}
		asked := time.Now()
		for _, object := range []string{"worktype/other", "callcenter/other"} {
			s.kubectl("--namespace", s.namespace, "annotate", "--overwrite", object, v1alpha1.ReconcileRequestAnnotation+"="+fmt.Sprint(i))
		}
		description := fmt.Sprintf("Edited during excess %d", i)
		edited := time.Now()
		s.kubectl("--namespace", s.namespace, "patch", "worktype/breaks", "--type=merge", "-p", fmt.Sprintf(`{"spec":{"description":%q}}`, description))
		eventually(t, soon, func() error {
			if got := s.remotes(s.entity("work-type"))["Breaks"]; len(got) != 1 || got[0]["description"] != description {
				return fmt.Errorf("the edit of the other organization has not arrived: %v", got)
			}
			return nil
		})
		served := time.Since(edited)
		message := s.waitNamed("worktype/other", excess.says)
		t.Logf("%s: condition after %s: %s; an edit elsewhere took %s; peak %d MB", excess.name, time.Since(asked).Round(time.Millisecond),
			message, served.Round(time.Millisecond), peakOf(t, manager))
	}
	if err := hostile.sim.SetFaults(); err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{"worktype/other", "callcenter/other"} {
		s.kubectl("--namespace", s.namespace, "annotate", "--overwrite", object, v1alpha1.ReconcileRequestAnnotation+"=again")
	}
	s.waitReady("worktype/other", "callcenter/other")
	peak := peakOf(t, manager)
	t.Logf("peak %d MB, %d MB before", peak, calm)
	if peak > maxPeakMB {
		t.Errorf("the manager took %d MB, want at most %d", peak, maxPeakMB)
	}
}

// hostile is a second organization of the site, with services of its own.
func (s *site) hostile() *site {
	s.t.Helper()
	hostile := &site{t: s.t, namespace: s.namespace, organization: "6f1c1a52-2f4b-4b0e-9f35-0a2f6f5a9d11"}
	settings := simulator.Options{}
	settings.CallCenters.AutoGenerateID = true
	hostile.sim = simulator.New(settings)
	hostile.sim.AddOrganization(simulator.OrganizationSeed{
		ID: hostile.organization, ClientID: "other-client", ClientSecret: hostile.secret("client-secret"),
		AccessToken: hostile.secret("access-token"), RefreshToken: hostile.secret("refresh-token"),
	})
	hostile.sim.SetGateway(simulator.GatewaySeed{
		Username: "gateway-user", Password: hostile.secret("gateway-password"),
		Tenants: map[string]map[string]simulator.GroupSeed{"acme": {"main": {Domain: "voice.example.net", CountryCode: "32"}}},
	})
	server := httptest.NewServer(hostile.sim)
	s.t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	hostile.url = server.URL
	hostile.apply(otherManifest)
	return hostile
}

// waitNamed waits until Ready names a bound, and returns its message.
func (s *site) waitNamed(name, says string) (message string) {
	s.t.Helper()
	eventually(s.t, later, func() error {
		var one object
		if err := json.Unmarshal([]byte(s.kubectl("--namespace", s.namespace, "get", name, "-o", "json")), &one); err != nil {
			return err
		}
		ready := meta.FindStatusCondition(one.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.Reason != string(v1alpha1.ReasonInvalidResponse) || !strings.Contains(ready.Message, says) {
			return fmt.Errorf("%s: want %q, have %+v", name, says, ready)
		}
		message = ready.Message
		return nil
	})
	return message
}

var peakLine = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakOf is the most memory that a process ever had, in MB.
func peakOf(t *testing.T, p *process) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		t.Skip("the peak of a process is read from /proc")
	}
	match := peakLine.FindSubmatch(text)
	if match == nil {
		t.Fatalf("no peak in %s", text)
	}
	kilobytes, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes >> 10
}
