package apio_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/remote"
)

// scripted is a gateway that answers by a table and remembers what it was sent.
type scripted struct {
	mu       sync.Mutex
	requests []sentRequest
	answers  map[string]answer // by method and path
}

type answer struct {
	status int
	body   string
	header map[string]string
}

type sentRequest struct {
	method, path, contentType, body string
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, sentRequest{r.Method, r.URL.EscapedPath(), r.Header.Get("Content-Type"), string(body)})
	given, ok := s.answers[r.Method+" "+r.URL.EscapedPath()]
	if !ok {
		given = answer{status: http.StatusNotFound}
	}
	for name, value := range given.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(given.status)
	_, _ = io.WriteString(w, given.body) //nolint:errcheck // the client's loss
}

// to returns the requests of a method.
func (s *scripted) to(method string) []sentRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.requests), func(r sentRequest) bool { return r.method != method })
}

const (
	groupPath   = "/api/v1/tenants/acme-be/groups/hq/"
	centersPath = groupPath + "services/call_centers/"
)

// script starts a gateway that gives these answers, beside the log-in, and returns the call centers behind it.
func script(t *testing.T, answers map[string]answer) (*scripted, *apio.CallCenters) {
	t.Helper()
	s := &scripted{answers: answers}
	s.answers["POST /api/v1/login/"] = answer{status: http.StatusOK, body: "{}"}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, newClient(server.URL, true, apio.Credentials{Username: username, Password: password}).CallCenters("acme-be", "hq")
}

// whole is an answer with all that an instance has.
const whole = `{"callCenterInstance":{"serviceUserId":"care@voice.example.net","serviceInstanceProfile":{"name":"Care","cliFirstName":"A",
	"cliLastName":"B","language":"English","timeZone":"Europe/Brussels","phoneNumber":"","extension":"","cliPhoneNumber":null,"publicUserIdentity":""},
	"type":"Basic","policy":"Regular","routingType":"Priority Based","queueLength":0,"enableReporting":false,"allowCallerToDialEscapeDigit":true,
	"escapeDigit":"0","resetCallStatisticsUponEntryInQueue":false,"allowAgentLogoff":false,"allowCallWaitingForAgents":false,
	"allowCallsToAgentsInWrapUp":false,"overrideAgentWrapUpTime":false,"wrapUpSeconds":0,"forceDeliveryOfCalls":false,
	"forceDeliveryWaitTimeSeconds":1,"enableAutomaticStateChangeForAgents":false,"agentStateAfterCall":"Available","agentUnavailableCode":"",
	"externalPreferredAudioCodec":"None","internalPreferredAudioCodec":"None","playRingingWhenOfferingCall":true,
	"callCenterQueueThresholdsIsActive":false,"networkClassOfService":""},"_internal_record_id":4711}`

// Proves: S3.1, S3.5, S3.6, CR1, CR3, CR15, CR18, CR19, CR20, CR21, CR31
func TestEveryPathEndsWithASlashAndNamesTheIDOnce(t *testing.T) {
	t.Parallel()
	const item = centersPath + "care@voice.example.net/"
	s, centers := script(t, map[string]answer{
		"POST " + centersPath:                     {status: http.StatusCreated, body: whole},
		"PUT " + item:                             {status: http.StatusOK, body: whole},
		"PUT " + centersPath + "active_instance/": {status: http.StatusOK, body: "{}"},
		"DELETE " + item:                          {status: http.StatusOK},
		"GET " + item:                             {status: http.StatusOK, body: whole},
	})
	object := center("care@voice.example.net", "Name, not id")
	object[apio.FieldActive] = true
	if created := apply(t, centers, remote.Create, remote.Write{Object: object}); created.Err != nil {
		t.Fatal(created.Err)
	}
	change := remote.Object{"queueLength": 10, apio.FieldActive: false}
	if updated := apply(t, centers, remote.Update, remote.Write{ID: "care@voice.example.net", Object: change}); updated.Err != nil {
		t.Fatal(updated.Err)
	}
	if _, err := centers.Read(t.Context(), "care@voice.example.net"); err != nil {
		t.Fatal(err)
	}
	if deleted := apply(t, centers, remote.Delete, remote.Write{ID: "care@voice.example.net"}); deleted.Err != nil {
		t.Fatal(deleted.Err)
	}
	for _, request := range s.requests {
		if !strings.HasSuffix(request.path, "/") || strings.Contains(request.path, "call_centers/call_centers") || strings.Contains(request.path, "Name") {
			t.Errorf("%s %s", request.method, request.path)
		}
		if request.body != "" && (request.contentType != "application/json" || !json.Valid([]byte(request.body))) {
			t.Errorf("%s %s as %q: %s", request.method, request.path, request.contentType, request.body)
		}
	}
	if puts := s.to(http.MethodPut); len(puts) != 3 || puts[0].body != `{"services":[{"serviceUserId":"care@voice.example.net","active":true}]}` ||
		puts[1].body != `{"services":[{"serviceUserId":"care@voice.example.net","active":false}]}` || puts[2].body != `{"queueLength":10}` {
		t.Errorf("updates %+v", puts)
	}
	if posted := s.to(http.MethodPost)[1].body; strings.Contains(posted, `"active"`) || strings.Contains(posted, "templateName") {
		t.Errorf("created by %s", posted)
	}
}

func TestEverySegmentIsEscapedByItself(t *testing.T) {
	t.Parallel()
	const item = "/api/v1/tenants/a%2Fb/groups/%C3%A9%20%3F/services/call_centers/c%2Fd@x/"
	s := &scripted{answers: map[string]answer{"POST /api/v1/login/": {status: http.StatusOK, body: "{}"}, "GET " + item: {status: http.StatusOK, body: whole}}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client := newClient(server.URL, true, apio.Credentials{Username: username, Password: password})
	if _, err := client.CallCenters("a/b", "é ?").Read(t.Context(), "c/d@x"); err != nil {
		t.Errorf("%v; asked %+v", err, s.requests)
	}
}

// Go would repeat a redirected PUT as a GET.
func TestRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	s, centers := script(t, map[string]answer{
		"PUT " + centersPath + "care@x/": {status: http.StatusFound, header: map[string]string{"Location": centersPath + "elsewhere/"}},
	})
	result := apply(t, centers, remote.Update, remote.Write{ID: "care@x", Object: remote.Object{"queueLength": 1}})
	if result.Err == nil || len(s.to(http.MethodGet)) != 0 {
		t.Errorf("update = %+v, asked %+v", result, s.requests)
	}
}

// Proves: S3.2, S3.12, S3.13, S3.14, S3.15, S3.16, S3.17, CR4, CR6, CR7, CR8, CR9, CR17
func TestAnInstanceIsReadAsItIsShown(t *testing.T) {
	t.Parallel()
	const item = centersPath + "care@voice.example.net/"
	_, centers := script(t, map[string]answer{
		"GET " + item:         {status: http.StatusOK, body: whole},
		"PUT " + item:         {status: http.StatusOK, body: whole},
		"POST " + centersPath: {status: http.StatusOK, body: whole},
	})
	read, err := centers.Read(t.Context(), "care@voice.example.net")
	if err != nil {
		t.Fatal(err)
	}
	if len(read) != 25 {
		t.Errorf("%d fields, want 25: %v", len(read), read)
	}
	for path, want := range map[string]any{
		"serviceInstanceProfile.cliPhoneNumber": nil, "serviceInstanceProfile.phoneNumber": "", "serviceInstanceProfile.extension": "",
		"serviceInstanceProfile.publicUserIdentity": "", "serviceInstanceProfile.cliFirstName": "A", "serviceInstanceProfile.cliLastName": "B",
		"serviceInstanceProfile.language": "English", "serviceInstanceProfile.timeZone": "Europe/Brussels",
		"escapeDigit": "0", "queueLength": json.Number("0"), "wrapUpSeconds": json.Number("0"), "forceDeliveryWaitTimeSeconds": json.Number("1"),
		"agentUnavailableCode": "", "networkClassOfService": "", "allowCallerToDialEscapeDigit": true,
	} {
		if value, has := read.Get(path); !has || value != want {
			t.Errorf("%s is %#v (%t), want %#v", path, value, has, want)
		}
	}
	for operation, write := range map[remote.Operation]remote.Write{
		remote.Create: {Object: center("care@voice.example.net", "Care")},
		remote.Update: {ID: "care@voice.example.net", Object: remote.Object{"queueLength": 0}},
	} {
		if result := apply(t, centers, operation, write); remote.Text(map[string]any(result.Object)) != remote.Text(map[string]any(read)) {
			t.Errorf("%s answers %v, a read %v", operation, result.Object, read)
		}
	}
}

// Proves: S3.3, CR11, CR12, CR13, CR14
func TestAListShowsWhatRowsHave(t *testing.T) {
	t.Parallel()
	s, centers := script(t, map[string]answer{"GET " + centersPath: {status: http.StatusOK, body: `{"call_centers":[]}`}})
	if listing, err := centers.List(t.Context()); err != nil || len(listing.Rows) != 0 {
		t.Errorf("an empty group = %v, %v", listing.Rows, err)
	}
	s.answers["GET "+centersPath] = answer{status: http.StatusOK, body: `{"call_centers":[
		{"serviceUserId":"care@x","name":"Care","phoneNumber":"","extension":"4711","active":"true","policy":"Regular","type":"Basic",
		 "department":{"tenantId":"acme-be","groupId":"hq","departmentName":"Care","fullPathName":"Operations \\ Care"},"unheardOf":[1]},
		{"serviceUserId":"sale@x","name":"Sale","phoneNumber":"+3225550140","extension":"","active":false,"policy":"Uniform","type":"Premium","department":""}]}`}
	listing, err := centers.List(t.Context())
	if err != nil || len(listing.Rows) != 2 {
		t.Fatalf("list = %v, %v", listing.Rows, err)
	}
	for i, want := range []map[string]string{
		{
			"serviceInstanceProfile.name": "Care", "serviceInstanceProfile.extension": "4711", "active": "true", "policy": "Regular", "type": "Basic",
			"serviceInstanceProfile.department.fullPathName": `Operations \ Care`, "serviceInstanceProfile.department.departmentName": "Care",
		},
		{"serviceInstanceProfile.name": "Sale", "serviceInstanceProfile.phoneNumber": "+3225550140", "active": "false", "serviceInstanceProfile.department": ""},
	} {
		row, err := listing.Rows[i].Object()
		if err != nil {
			t.Fatal(err)
		}
		for path, text := range want {
			if row.Text(path) != text {
				t.Errorf("%s of row %d is %q, want %q", path, i, row.Text(path), text)
			}
		}
	}
	for _, broken := range []string{
		`{"call_centers":null}`, `{}`, `[]`, ``, `{"call_centers":[{"name":"no id"}]}`, `{"call_centers":[{"serviceUserId":"a@x"},{"serviceUserId":"a@x"}]}`,
		`{"call_centers":[{"serviceUserId":"a@x"`,
	} {
		s.answers["GET "+centersPath] = answer{status: http.StatusOK, body: broken}
		if _, err := centers.List(t.Context()); remote.ClassOf(err) != remote.InvalidResponse {
			t.Errorf("%s = %v", broken, err)
		}
	}
}

// Spellings of other tables of the documentation are read, and never sent.
// Proves: S3.21, S3.30
func TestOtherSpellingsAreRead(t *testing.T) {
	t.Parallel()
	const item = centersPath + "care@x/"
	s, centers := script(t, map[string]answer{})
	for _, test := range []struct{ shown, path, want string }{
		{`"forceDeliveryWaitTimeSecondsSeconds":3`, "forceDeliveryWaitTimeSeconds", "3"},
		{`"forceDeliveryWaitTimeSecondsSeconds":3,"forceDeliveryWaitTimeSeconds":4`, "forceDeliveryWaitTimeSeconds", "4"},
		{`"routingType":"Priority"`, "routingType", "Priority Based"},
		{`"routingType":"Skill"`, "routingType", "Skill Based"},
		{`"routingType":"Skill Based"`, "routingType", "Skill Based"},
		{`"queueLength":"12"`, "queueLength", "12"},
		{`"serviceInstanceProfile":{"department":null}`, "serviceInstanceProfile.department", ""},
		{`"serviceInstanceProfile":{"department":""}`, "serviceInstanceProfile.department", ""},
	} {
		s.answers["GET "+item] = answer{status: http.StatusOK, body: `{"callCenterInstance":{"serviceUserId":"care@x",` + test.shown + `}}`}
		read, err := centers.Read(t.Context(), "care@x")
		if err != nil || read.Text(test.path) != test.want {
			t.Errorf("%s: %s is %q, %v", test.shown, test.path, read.Text(test.path), err)
		}
		if _, doubled := read["forceDeliveryWaitTimeSecondsSeconds"]; doubled {
			t.Errorf("%s: the doubled name is left", test.shown)
		}
	}
}

// A department of the enterprise has no group in the body, not even an empty one.
// Proves: S3.11
func TestADepartmentOfTheEnterpriseHasNoGroup(t *testing.T) {
	t.Parallel()
	s, centers := script(t, map[string]answer{"POST " + centersPath: {status: http.StatusOK, body: whole}})
	object := center("care@voice.example.net", "Care")
	object.Set("serviceInstanceProfile.department", map[string]any{"tenantId": "acme-be", "groupId": nil, "departmentName": "Care"})
	if created := apply(t, centers, remote.Create, remote.Write{Object: object}); created.Err != nil {
		t.Fatal(created.Err)
	}
	if body := s.to(http.MethodPost)[1].body; !strings.Contains(body, `"department":{"departmentName":"Care","tenantId":"acme-be"}`) {
		t.Errorf("created by %s", body)
	}
	if group, has := object.Get("serviceInstanceProfile.department.groupId"); !has || group != nil {
		t.Error("the caller's object was changed")
	}
}
