package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"text/template"

	"github.com/google/uuid"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// site is what one test has for itself: a namespace, the remote services and the managers that it starts.
type site struct {
	t            *testing.T
	namespace    string
	organization string
	sim          *simulator.Simulator
	url          string
	runs         []*process
	// environment of the managers, beside this process's own.
	environment []string
}

var sites atomic.Int64

// newSite makes a site; its simulator is as the options say, but that it generates the ids of call centers.
func newSite(t *testing.T, options ...simulator.Options) *site {
	t.Helper()
	t.Parallel()
	settings := simulator.Options{}
	for _, given := range options {
		settings = given
	}
	settings.CallCenters.AutoGenerateID = true
	s := &site{t: t, namespace: fmt.Sprintf("site-%d", sites.Add(1)), organization: uuid.NewString()}
	s.sim = simulator.New(settings)
	s.sim.AddOrganization(simulator.OrganizationSeed{
		ID: s.organization, ClientID: "client", ClientSecret: s.secret("client-secret"),
		AccessToken: s.secret("access-token"), RefreshToken: s.secret("refresh-token"),
	})
	s.sim.SetGateway(simulator.GatewaySeed{
		Username: "gateway-user", Password: s.secret("gateway-password"),
		Tenants: map[string]map[string]simulator.GroupSeed{"acme": {"main": {Domain: "voice.example.net", CountryCode: "32"}}},
	})
	server := httptest.NewServer(s.sim)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	s.url = server.URL
	s.kubectl("create", "namespace", s.namespace)
	s.apply(organizationManifest)
	return s
}

// secret is a value that must show up nowhere but in Secrets.
func (s *site) secret(what string) string { return "canary-" + what + "-" + s.organization }

func (s *site) kubectl(args ...string) string {
	s.t.Helper()
	output, err := kubectl(s.t.Context(), "", args...)
	if err != nil {
		s.t.Fatal(err)
	}
	return output
}

// apply fills a template in and applies it.
func (s *site) apply(manifest string) {
	s.t.Helper()
	var text bytes.Buffer
	filled := template.Must(template.New("manifest").Parse(manifest))
	values := map[string]string{
		"URL": s.url, "Organization": s.organization, "ClientSecret": s.secret("client-secret"), "AccessToken": s.secret("access-token"),
		"RefreshToken": s.secret("refresh-token"), "GatewayPassword": s.secret("gateway-password"), "CenterPassword": s.secret("center-password"),
	}
	if err := filled.Execute(&text, values); err != nil {
		s.t.Fatal(err)
	}
	if _, err := kubectl(s.t.Context(), text.String(), "--namespace", s.namespace, "apply", "-f", "-"); err != nil {
		s.t.Fatal(err)
	}
}

// waitReady is what a user's script does.
func (s *site) waitReady(objects ...string) {
	s.t.Helper()
	s.kubectl(append([]string{"--namespace", s.namespace, "wait", "--for=condition=Ready", "--timeout=" + later.String()}, objects...)...)
}

// waitCounted waits until the organization shows so many objects, all of them Ready.
func (s *site) waitCounted(objects int) {
	s.t.Helper()
	s.kubectl("--namespace", s.namespace, "wait", fmt.Sprintf("--for=jsonpath={.status.objects.ready}=%d", objects), "--timeout="+later.String(), "wxorg/org")
}

// object is what the tests read of a custom resource.
type object struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name            string `json:"name"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	Status struct {
		v1alpha1.ConfigStatus
		// Objects are counted by organizations only.
		Objects v1alpha1.ObjectCounts `json:"objects"`
	} `json:"status"`
}

// objects are all custom resources of the site, organizations included.
func (s *site) objects() map[string]object {
	s.t.Helper()
	var list struct {
		Items []object `json:"items"`
	}
	output := s.kubectl("--namespace", s.namespace, "get", "wxcc", "-o", "json")
	if err := json.Unmarshal([]byte(output), &list); err != nil {
		s.t.Fatal(err)
	}
	all := map[string]object{}
	for _, one := range list.Items {
		all[strings.ToLower(one.Kind)+"/"+one.Metadata.Name] = one
	}
	return all
}

// control calls a control route of the simulator, which counts as no request.
func (s *site) control(method, path string, body, into any) {
	s.t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	s.sim.ServeHTTP(answer, httptest.NewRequest(method, "/__sim/"+path, bytes.NewReader(encoded)))
	if answer.Code >= http.StatusMultipleChoices {
		s.t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
	if into != nil {
		if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
			s.t.Fatal(err)
		}
	}
}

// remotes are the remote objects of a route, by name.
func (s *site) remotes(path string) map[string][]map[string]any {
	s.t.Helper()
	var all []map[string]any
	s.control(http.MethodGet, path, nil, &all)
	named := map[string][]map[string]any{}
	for _, one := range all {
		name, _ := one["name"].(string)
		if profile, ok := one["serviceInstanceProfile"].(map[string]any); ok {
			name, _ = profile["name"].(string)
		}
		named[name] = append(named[name], one)
	}
	return named
}

func (s *site) entity(name string) string { return "objects/" + s.organization + "/" + name }

const centers = "callcenters/acme/main"

const organizationManifest = `
apiVersion: v1
kind: Secret
metadata: {name: credentials}
stringData: {clientID: client, clientSecret: {{.ClientSecret}}, accessToken: {{.AccessToken}}, refreshToken: {{.RefreshToken}}}
---
apiVersion: v1
kind: Secret
metadata: {name: gateway}
stringData: {username: gateway-user, password: {{.GatewayPassword}}}
---
apiVersion: v1
kind: Secret
metadata: {name: centers}
stringData: {password: {{.CenterPassword}}}
---
apiVersion: wxcc.dev/v1alpha1
kind: WebexOrganization
metadata: {name: org}
spec:
  name: E2E
  organizationID: {{.Organization}}
  contactCenter: true
  endpoints: {webex: {{.URL}}, contactCenter: {{.URL}}}
  credentialsSecretRef: {name: credentials}
  syncInterval: 24h
  syncOnCreate: true
  callCenterGateway: {url: {{.URL}}, authentication: Session, credentialsSecretRef: {name: gateway}}
`

const workTypeManifest = `
apiVersion: wxcc.dev/v1alpha1
kind: WorkType
metadata: {name: breaks}
spec: {organizationRef: {name: org}, name: Breaks, workTypeCode: IDLE_CODE, description: All breaks}
`

const codeManifest = `
apiVersion: wxcc.dev/v1alpha1
kind: AuxiliaryCode
metadata: {name: lunch}
spec:
  organizationRef: {name: org}
  name: Lunch
  description: Away for a meal
  workTypeCode: IDLE_CODE
  workTypeRef: {remoteName: Default Idle Work Type}
`

const centerManifest = `
apiVersion: wxcc.dev/v1alpha1
kind: CallCenter
metadata: {name: desk}
spec:
  organizationRef: {name: org}
  name: Desk
  tenantID: acme
  groupID: main
  type: Basic
  policy: Regular
  active: true
  profile: {cliFirstName: Front, cliLastName: Desk, passwordSecretRef: {name: centers, key: password}}
`

const everything = workTypeManifest + "---" + codeManifest + "---" + centerManifest

// everyObject names what the manifests make.
var everyObject = []string{"worktype/breaks", "auxiliarycode/lunch", "callcenter/desk"}
