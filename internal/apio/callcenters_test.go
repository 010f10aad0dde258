package apio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/simulator"
)

const (
	username = "operator"
	password = "gateway-password-canary"
	token    = "gateway-token-canary"
)

type bench struct {
	url    string
	client *apio.Client
}

// newBench starts a gateway and a client for one of its two deployments.
func newBench(t *testing.T, session bool, settings simulator.CallCenterSettings) *bench {
	t.Helper()
	sim := simulator.New(simulator.Options{CallCenters: settings})
	sim.SetGateway(simulator.GatewaySeed{
		Username: username, Password: password, Token: token,
		Tenants: map[string]map[string]simulator.GroupSeed{"acme-be": {"hq": {
			Domain: "voice.example.net", CountryCode: "32", CLI: "+3225550100",
			Departments: []string{"Operations/Care"}, PhoneNumbers: []string{"+3225550140", "+3225550141"},
		}}},
	})
	b := serve(t, sim)
	b.client = newClient(b.url, session, apio.Credentials{Username: username, Password: password})
	return b
}

func serve(t *testing.T, sim *simulator.Simulator) *bench {
	t.Helper()
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return &bench{url: server.URL}
}

// newClientWith completes the options of a client with the right account.
func newClientWith(url string, options apio.Options) *apio.Client {
	options.BaseURL = url
	options.Credentials = func(context.Context) (apio.Credentials, error) {
		return apio.Credentials{Username: username, Password: password}, nil
	}
	return apio.NewClient(options)
}

func newClient(url string, session bool, credentials apio.Credentials) *apio.Client {
	return apio.NewClient(apio.Options{
		BaseURL: url, Session: session,
		Credentials: func(context.Context) (apio.Credentials, error) { return credentials, nil },
	})
}

func (b *bench) fault(t *testing.T, rules ...map[string]any) {
	t.Helper()
	body, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, b.url+"/__sim/faults", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing to lose
	if resp.StatusCode >= 300 {
		t.Fatalf("set faults: %s", resp.Status)
	}
}

func center(id, name string) remote.Object {
	return remote.Object{
		apio.FieldID: id, "type": "Basic", "policy": "Regular", "queueLength": 5,
		"serviceInstanceProfile": map[string]any{
			"name": name, "cliFirstName": "A", "cliLastName": "B", "password": "Kestrel-48-harbour", "language": "English", "timeZone": "Europe/Brussels",
			"department": map[string]any{"tenantId": "acme-be", "groupId": "hq", "departmentName": "Care"},
		},
	}
}

func apply(t *testing.T, centers *apio.CallCenters, operation remote.Operation, write remote.Write) remote.Result {
	t.Helper()
	return centers.Apply(t.Context(), operation, []remote.Write{write})[0]
}

// Proves: S3.1, S3.2, S3.3, S3.4, S3.5, S3.7, S3.9, S3.10
func TestLifeOfACallCenterInBothDeployments(t *testing.T) {
	t.Parallel()
	for name, session := range map[string]bool{"gateway reached directly": true, "behind Core": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, session, simulator.CallCenterSettings{})
			centers := b.client.CallCenters("acme-be", "hq")
			created := apply(t, centers, remote.Create, remote.Write{Object: center("care@voice.example.net", "Care")})
			if created.Err != nil || created.ID != "care@voice.example.net" || created.Object.Text("serviceInstanceProfile.language") != "English" {
				t.Fatalf("create = %+v", created)
			}
			if _, shown := created.Object.Get("serviceInstanceProfile.password"); shown {
				t.Error("the password came back")
			}
			updated := apply(t, centers, remote.Update, remote.Write{ID: created.ID, Object: remote.Object{
				"queueLength": 10, "serviceInstanceProfile": map[string]any{"language": "French"}}})
			if updated.Err != nil {
				t.Fatal(updated.Err)
			}
			created.Object["queueLength"] = json.Number("10")
			created.Object.Set("serviceInstanceProfile.language", "French")
			if got, want := remote.Text(map[string]any(updated.Object)), remote.Text(map[string]any(created.Object)); got != want {
				t.Errorf("after changing two fields:\n%s\nwant\n%s", got, want)
			}
			listing, err := centers.List(t.Context())
			if err != nil || len(listing.Rows) != 1 || listing.Rows[0].Name != "Care" {
				t.Fatalf("list = %+v, %v", listing.Rows, err)
			}
			if deleted := apply(t, centers, remote.Delete, remote.Write{ID: created.ID}); deleted.Err != nil {
				t.Fatal(deleted.Err)
			}
			if again := apply(t, centers, remote.Delete, remote.Write{ID: created.ID}); !remote.IsNotFound(again.Err) {
				t.Errorf("second delete = %v, want NotFound", again.Err)
			}
		})
	}
}

// Proves: S3.6
func TestActivationIsOneCallForMany(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{})
	centers := b.client.CallCenters("acme-be", "hq")
	var writes []remote.Write
	for _, name := range []string{"one", "two", "three"} {
		object := center(name+"@voice.example.net", name)
		object[apio.FieldActive] = true
		writes = append(writes, remote.Write{Object: object})
	}
	for _, result := range centers.Apply(t.Context(), remote.Create, writes) {
		if _, told := result.Object.Get(apio.FieldActive); result.Err != nil || told || result.Object.Text(apio.FieldID) == "" {
			t.Errorf("create = %+v; want no error, and an answer that does not pass for a proof of active", result)
		}
	}
	listing, err := centers.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range listing.Rows {
		if object, err := row.Object(); err != nil || !object.Bool(apio.FieldActive) {
			t.Errorf("%s is not active (%v)", row.ID, err)
		}
	}
	if n := b.count(t, "active_instance"); n != 1 {
		t.Errorf("%d activation calls for three call centers", n)
	}
}

// One that cannot be switched fails alone, in a number of calls that grows with the logarithm only.
//
// Proves: S3.6
func TestOneActivationThatIsRefusedFailsAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{})
	centers := b.client.CallCenters("acme-be", "hq")
	writes := []remote.Write{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		id := name + "@voice.example.net"
		if name != "f" {
			if created := apply(t, centers, remote.Create, remote.Write{Object: center(id, name)}); created.Err != nil {
				t.Fatal(created.Err)
			}
		}
		writes = append(writes, remote.Write{ID: id, Object: remote.Object{apio.FieldActive: true}})
	}
	for i, result := range centers.Apply(t.Context(), remote.Update, writes) {
		if gone := writes[i].ID == "f@voice.example.net"; remote.IsNotFound(result.Err) != gone || (result.Err != nil) != gone {
			t.Errorf("%s: %v", writes[i].ID, result.Err)
		}
	}
	if n := b.count(t, "active_instance"); n != 7 {
		t.Errorf("%d activation calls, want 7: a whole, two halves, two quarters and two single ones", n)
	}
}

// count returns how many requests went to routes that contain the text.
func (b *bench) count(t *testing.T, text string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/__sim/stats", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing to lose
	var stats struct {
		Routes map[string]struct{ Count int }
	}
	if err := json.NewDecoder(resp.Body).Decode(&stats); err != nil {
		t.Fatal(err)
	}
	total := 0
	for route, counted := range stats.Routes {
		if strings.Contains(route, text) {
			total += counted.Count
		}
	}
	return total
}

func TestASecondStepThatFailsKeepsTheID(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{})
	b.fault(t, map[string]any{"method": "PUT", "path": "active_instance", "status": 503})
	object := center("care@voice.example.net", "Care")
	object[apio.FieldActive] = true
	result := apply(t, b.client.CallCenters("acme-be", "hq"), remote.Create, remote.Write{Object: object})
	if result.ID != "care@voice.example.net" || result.Err == nil || !result.Partial {
		t.Errorf("create = %+v, want the id and the error, as a part of the whole", result)
	}
	only := remote.Write{ID: result.ID, Object: remote.Object{apio.FieldActive: true}}
	if result := apply(t, b.client.CallCenters("acme-be", "hq"), remote.Update, only); result.Err == nil || result.Partial {
		t.Errorf("update of active alone = %+v: nothing of it was carried out", result)
	}
}

// Proves: S3.8, S3.37
func TestAGeneratedIDIsTakenFromTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{AutoGenerateID: true})
	object := center("", "Night desk")
	delete(object, apio.FieldID)
	result := apply(t, b.client.CallCenters("acme-be", "hq"), remote.Create, remote.Write{Object: object})
	if result.Err != nil || !strings.HasPrefix(result.ID, "hq_cc") || !strings.HasSuffix(result.ID, "@voice.example.net") {
		t.Errorf("create = %+v", result)
	}
}

// Proves: S3.38
func TestAnIDThatFollowsThePhoneNumberIsTakenFromTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{
		AutoGenerateID: true, UpdateIDOnPhoneChange: true, IDRule: "cc{{phone_number_e164}}@{{domain}}"})
	centers := b.client.CallCenters("acme-be", "hq")
	object := center("", "Night desk")
	delete(object, apio.FieldID)
	object.Set("serviceInstanceProfile.phoneNumber", "+3225550140")
	created := apply(t, centers, remote.Create, remote.Write{Object: object})
	if created.Err != nil {
		t.Fatal(created.Err)
	}
	moved := apply(t, centers, remote.Update, remote.Write{ID: created.ID, Object: remote.Object{
		"serviceInstanceProfile": map[string]any{"phoneNumber": "+3225550141"}}})
	if moved.Err != nil || moved.ID == created.ID || !strings.Contains(moved.ID, "3225550141") {
		t.Errorf("update = %+v, was %s", moved, created.ID)
	}
}

// Proves: S3.41
func TestAnUnknownGroupIsNamed(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{})
	_, err := b.client.CallCenters("acme-be", "nowhere").List(t.Context())
	if remote.ClassOf(err) != remote.Rejected || !strings.Contains(err.Error(), `"nowhere"`) || !strings.Contains(err.Error(), `"acme-be"`) {
		t.Errorf("list = %v", err)
	}
	gone := apply(t, b.client.CallCenters("acme-be", "nowhere"), remote.Delete, remote.Write{ID: "x@voice.example.net"})
	if gone.Err == nil || remote.IsNotFound(gone.Err) {
		t.Errorf("delete in an unknown group = %v: it must not pass for a call center that is gone", gone.Err)
	}
}

func TestA404ThatTheListContradictsIsNotBelieved(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{})
	centers := b.client.CallCenters("acme-be", "hq")
	if created := apply(t, centers, remote.Create, remote.Write{Object: center("care@voice.example.net", "Care")}); created.Err != nil {
		t.Fatal(created.Err)
	}
	b.fault(t, map[string]any{"path": "care@", "status": 404, "body": "not here"})
	if _, err := centers.Read(t.Context(), "care@voice.example.net"); err == nil || remote.IsNotFound(err) {
		t.Errorf("read = %v", err)
	}
}

// The gateway answers a DELETE with 200 and nothing else; a proxy or a queue in front of it may answer otherwise.
func TestOnlyTheDocumentedAnswerToADeleteIsBelieved(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]map[string]any{
		"a page":          {"status": 200, "body": "<html>Welcome</html>"},
		"an empty object": {"status": 200, "body": "{}"},
		"accepted":        {"status": 202, "body": `{"id":17,"guid":"g"}`},
		"no content":      {"status": 204},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, true, simulator.CallCenterSettings{})
			centers := b.client.CallCenters("acme-be", "hq")
			created := apply(t, centers, remote.Create, remote.Write{Object: center("care@voice.example.net", "Care")})
			if created.Err != nil {
				t.Fatal(created.Err)
			}
			fault["method"] = "DELETE"
			b.fault(t, fault)
			if gone := apply(t, centers, remote.Delete, remote.Write{ID: created.ID}); remote.ClassOf(gone.Err) != remote.InvalidResponse {
				t.Errorf("delete = %v", gone.Err)
			}
			b.fault(t)
			if gone := apply(t, centers, remote.Delete, remote.Write{ID: created.ID}); gone.Err != nil {
				t.Errorf("delete = %v", gone.Err)
			}
		})
	}
}

func TestAnExpiredSessionIsReplacedOnce(t *testing.T) {
	t.Parallel()
	for name, session := range map[string]bool{"gateway reached directly": true, "behind Core": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, session, simulator.CallCenterSettings{})
			centers := b.client.CallCenters("acme-be", "hq")
			if _, err := centers.List(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.fault(t, map[string]any{"method": "GET", "expireToken": true, "times": 1})
			if _, err := centers.List(t.Context()); err != nil {
				t.Errorf("list after the session's end = %v", err)
			}
			if n := b.count(t, "login"); n > 2 {
				t.Errorf("%d log-ins", n)
			}
		})
	}
}

func TestBadCredentialsAreUnauthorizedAndNeverShown(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{})
	for _, session := range []bool{true, false} {
		client := newClient(b.url, session, apio.Credentials{Username: username, Password: "wrong-canary"})
		err := client.Ping(t.Context())
		if remote.ClassOf(err) != remote.Unauthorized || strings.Contains(err.Error(), "canary") {
			t.Errorf("session %v: Ping = %v", session, err)
		}
	}
	machine := newClient(b.url, false, apio.Credentials{Token: token})
	if _, err := machine.CallCenters("acme-be", "hq").List(t.Context()); err != nil {
		t.Errorf("with a machine token: %v", err)
	}
}

func TestRefusalsOfBroadWorksAreQuoted(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{})
	centers := b.client.CallCenters("acme-be", "hq")
	if first := apply(t, centers, remote.Create, remote.Write{Object: center("care@voice.example.net", "Care")}); first.Err != nil {
		t.Fatal(first.Err)
	}
	twice := apply(t, centers, remote.Create, remote.Write{Object: center("care@voice.example.net", "Care")})
	if remote.ClassOf(twice.Err) != remote.Exists || !strings.Contains(twice.Err.Error(), "4200") {
		t.Errorf("second create = %v", twice.Err)
	}
}

// Nothing to switch is no call, and what is switched off and on converges by itself each.
//
// Proves: S3.6
func TestActivationOfNothingIsNoCall(t *testing.T) {
	t.Parallel()
	b := newBench(t, true, simulator.CallCenterSettings{})
	centers := b.client.CallCenters("acme-be", "hq")
	created := apply(t, centers, remote.Create, remote.Write{Object: center("one@voice.example.net", "One")})
	if created.Err != nil {
		t.Fatal(created.Err)
	}
	change := remote.Write{ID: created.ID, Object: remote.Object{"queueLength": 9}}
	if updated := apply(t, centers, remote.Update, change); updated.Err != nil {
		t.Fatal(updated.Err)
	}
	for _, operation := range []remote.Operation{remote.Create, remote.Update} {
		if results := centers.Apply(t.Context(), operation, nil); len(results) != 0 {
			t.Errorf("%s of nothing = %+v", operation, results)
		}
	}
	if n := b.count(t, "active_instance"); n != 0 {
		t.Errorf("%d activation calls with nothing to switch", n)
	}
	for _, active := range []bool{true, false, false} {
		if switched := apply(t, centers, remote.Update, remote.Write{ID: created.ID, Object: remote.Object{apio.FieldActive: active}}); switched.Err != nil {
			t.Fatal(switched.Err)
		}
		listing, err := centers.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if object, err := listing.Rows[0].Object(); err != nil || object.Bool(apio.FieldActive) != active {
			t.Errorf("active is %v, want %t (%v)", object[apio.FieldActive], active, err)
		}
	}
}

// A tenant or a group is one part of the path, whatever it is called.
func TestNothingLeavesItsPartOfThePath(t *testing.T) {
	t.Parallel()
	gateway := &scripted{answers: map[string]answer{"POST /api/v1/login/": {status: http.StatusOK, body: "{}"}}}
	server := httptest.NewServer(gateway)
	t.Cleanup(server.Close)
	client := newClientWith(server.URL, apio.Options{Session: true})
	for _, odd := range []string{"..", ".", "...", ""} {
		for _, centers := range []*apio.CallCenters{client.CallCenters(odd, "hq"), client.CallCenters("acme", odd)} {
			_, err := centers.List(t.Context())
			if remote.ClassOf(err) != remote.Rejected || !strings.Contains(err.Error(), "part of a path") {
				t.Errorf("%q: %v", odd, err)
			}
		}
		if _, err := client.CallCenters("acme", "hq").Read(t.Context(), odd); remote.ClassOf(err) != remote.Rejected {
			t.Errorf("call center %q: %v", odd, err)
		}
	}
	if requests := gateway.to(http.MethodGet); len(requests) != 0 {
		t.Errorf("requests: %v", requests)
	}
	_, _ = client.CallCenters("a/../b", "h?q#%2f").List(t.Context()) //nolint:errcheck // what was asked for counts
	for _, request := range gateway.to(http.MethodGet) {
		if !strings.HasPrefix(request.path, "/api/v1/tenants/a%2F..%2Fb/groups/h%3Fq%23%252f/") {
			t.Errorf("asked for %s", request.path)
		}
	}
}
