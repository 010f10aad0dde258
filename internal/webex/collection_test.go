package webex_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

const organization = "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10"

// tokens is a token that never changes.
type tokens struct{ rejected int }

func (*tokens) Token(context.Context) (string, error) { return "access", nil }
func (t *tokens) Rejected(string)                     { t.rejected++ }

type bench struct {
	url    string
	client *webex.Client
	tokens *tokens
	bucket *webex.Bucket
}

func newBench(t *testing.T, options simulator.Options) *bench {
	t.Helper()
	sim := simulator.New(options)
	sim.AddOrganization(simulator.OrganizationSeed{ID: organization, Name: "Test", ClientID: "client", ClientSecret: "secret", AccessToken: "access"})
	return serveBench(t, sim)
}

func serveBench(t *testing.T, sim http.Handler) *bench {
	t.Helper()
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	b := &bench{url: server.URL, tokens: &tokens{}, bucket: webex.NewBucket(0)}
	b.client = webex.NewClient(webex.Options{
		OrganizationID: organization, PlatformURL: server.URL + "/v1", ContactCenterURL: server.URL, Tokens: b.tokens, Bucket: b.bucket,
	})
	return b
}

func (b *bench) codes() *webex.Collection {
	return b.client.Collection(webex.Entity{Route: "auxiliary-code", CompleteRows: true, Bulk: map[remote.Operation]webex.BulkRoute{
		remote.Create: {Method: http.MethodPost}, remote.Update: {Method: http.MethodPatch}, remote.Delete: {Method: http.MethodPost},
	}})
}

func (b *bench) workTypes() *webex.Collection {
	return b.client.Collection(webex.Entity{Route: "work-type", CompleteRows: true})
}

func (b *bench) faults(t *testing.T, rules ...map[string]any) {
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

// create makes codes in bulk and returns their ids.
func (b *bench) create(t *testing.T, names ...string) []string {
	t.Helper()
	workType := b.workTypeID(t)
	writes := make([]remote.Write, 0, len(names))
	for _, name := range names {
		writes = append(writes, remote.Write{Object: remote.Object{
			"name": name, "active": true, "defaultCode": false, "workTypeCode": "IDLE_CODE", "workTypeId": workType, "description": "before",
		}})
	}
	var ids []string
	for _, result := range b.codes().Apply(t.Context(), remote.Create, writes) {
		if result.Err != nil {
			t.Fatal(result.Err)
		}
		ids = append(ids, result.ID)
	}
	return ids
}

func (b *bench) workTypeID(t *testing.T) string {
	t.Helper()
	listing, err := b.workTypes().List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range listing.Rows {
		if row.Name == "Default Idle Work Type" {
			return row.ID
		}
	}
	t.Fatal("no default idle work type")
	return ""
}

func names(count int) []string {
	list := make([]string, 0, count)
	for i := range count {
		list = append(list, fmt.Sprintf("Code %03d", i))
	}
	return list
}

func TestAListingIsCompleteOrNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{})
	b.create(t, names(250)...)
	listing, err := b.codes().List(t.Context())
	if err != nil || listing.Pages != 3 || len(listing.Rows) < 250 {
		t.Fatalf("List = %d rows on %d pages, %v", len(listing.Rows), listing.Pages, err)
	}
	for name, fault := range map[string]map[string]any{
		"shuffled pages":      {"shuffle": true},
		"truncated page":      {"truncate": true, "skip": 1},
		"failing second page": {"status": 503, "skip": 1},
		"reset on third page": {"reset": true, "skip": 2},
		"404 on the list":     {"status": 404},
		"401":                 {"status": 401},
		"429":                 {"status": 429, "retryAfterSeconds": 1},
	} {
		fault["route"] = "/organization/{orgid}/v2/auxiliary-code"
		b.faults(t, fault)
		listing, err := b.codes().List(t.Context())
		if err == nil || remote.IsNotFound(err) {
			t.Errorf("%s: %d rows, error %v; want an error that does not say NotFound", name, len(listing.Rows), err)
		}
		b.faults(t)
	}
}

func TestFindReadsOnlyWhatIsAsked(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{})
	ids := b.create(t, append(names(150), "Lunch (long) / break")...)
	listing, err := b.codes().Find(t.Context(), []remote.Key{{ID: ids[3]}, {Name: "Lunch (long) / break"}, {Name: "absent"}})
	if err != nil || len(listing.Rows) != 2 || listing.Pages != 1 {
		t.Fatalf("Find = %d rows on %d pages, %v", len(listing.Rows), listing.Pages, err)
	}
}

func TestBulkAnswersItemByItem(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{})
	workType := b.workTypeID(t)
	item := func(name string) remote.Write {
		return remote.Write{Object: remote.Object{"name": name, "active": true, "defaultCode": false, "workTypeCode": "IDLE_CODE", "workTypeId": workType}}
	}
	results := b.codes().Apply(t.Context(), remote.Create, []remote.Write{item("Good"), item("Bad # name"), item("Good too"), item("RONA")})
	for i, want := range []remote.Class{"", remote.Rejected, "", remote.Exists} {
		switch {
		case want == "" && (results[i].Err != nil || results[i].ID == ""):
			t.Errorf("item %d = %+v", i, results[i])
		case want != "" && remote.ClassOf(results[i].Err) != want:
			t.Errorf("item %d: %v, want %s", i, results[i].Err, want)
		}
	}
}

// Proves: S0.18
func TestPartialUpdateAndFullReplaceKeepWhatIsNotOwned(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{})
	id := b.create(t, "Code")[0]
	results := b.codes().Apply(t.Context(), remote.Update, []remote.Write{{ID: id, Object: remote.Object{"active": false}}})
	if results[0].Err != nil {
		t.Fatal(results[0].Err)
	}
	object, err := b.codes().Read(t.Context(), id)
	if err != nil || object.Bool("active") || object.Text("description") != "before" {
		t.Errorf("after a partial update: %v, %v", object, err)
	}
	created := b.workTypes().Apply(t.Context(), remote.Create, []remote.Write{{Object: remote.Object{
		"name": "Shift", "active": true, "workTypeCode": "IDLE_CODE", "description": "kept"}}})[0]
	if created.Err != nil || created.Object == nil {
		t.Fatalf("create a work type: %+v", created)
	}
	replaced := b.workTypes().Apply(t.Context(), remote.Update, []remote.Write{{ID: created.ID, Object: remote.Object{"active": false}, Base: created.Object}})[0]
	if replaced.Err != nil || replaced.Object.Text("description") != "kept" || replaced.Object.Bool("active") {
		t.Errorf("after a full replacement: %+v", replaced)
	}
}

func TestOutcomesOfWrites(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault     map[string]any
		class     remote.Class
		ambiguous bool
	}{
		"answer lost":     {map[string]any{"loseAnswer": true}, remote.Unavailable, true},
		"reset":           {map[string]any{"reset": true}, remote.Unavailable, true},
		"500":             {map[string]any{"status": 500}, remote.Unavailable, true},
		"truncated":       {map[string]any{"truncate": true}, remote.InvalidResponse, true},
		"429":             {map[string]any{"status": 429, "retryAfterSeconds": 1}, remote.RateLimited, false},
		"401":             {map[string]any{"status": 401}, remote.Unauthorized, false},
		"403":             {map[string]any{"status": 403}, remote.Forbidden, false},
		"404 of a proxy":  {map[string]any{"status": 404, "body": "<html>not here</html>"}, remote.InvalidResponse, false},
		"moved elsewhere": {map[string]any{"status": 302}, remote.InvalidResponse, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, simulator.Options{})
			test.fault["method"] = "POST"
			b.faults(t, test.fault)
			err := b.workTypes().Apply(t.Context(), remote.Create, []remote.Write{{Object: remote.Object{
				"name": "Shift", "active": true, "workTypeCode": "IDLE_CODE"}}})[0].Err
			if remote.ClassOf(err) != test.class || remote.IsAmbiguous(err) != test.ambiguous {
				t.Errorf("class %s, ambiguous %v (%v); want %s, %v", remote.ClassOf(err), remote.IsAmbiguous(err), err, test.class, test.ambiguous)
			}
		})
	}
}

// What a proxy answers, or a service that has only noted a DELETE, does not prove that the object is gone.
func TestOnlyTheDocumentedAnswerToADeleteIsBelieved(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]map[string]any{
		"a page":           {"status": 200, "body": "<html>Welcome</html>"},
		"an empty object":  {"status": 200, "body": "{}"},
		"accepted":         {"status": 202},
		"a page not found": {"status": 404, "body": "<html>not here</html>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, simulator.Options{})
			id := b.create(t, "Tea")[0]
			b.faults(t, fault)
			for kind, collection := range map[string]*webex.Collection{"code": b.codes(), "work type": b.workTypes()} {
				result := collection.Apply(t.Context(), remote.Delete, []remote.Write{{ID: id}})[0]
				if remote.ClassOf(result.Err) != remote.InvalidResponse {
					t.Errorf("%s: %v", kind, result.Err)
				}
			}
		})
	}
}

// The items of a bulk answer have words of their own for what was done.
func TestOnlyTheDocumentedResultOfABulkDeleteIsBelieved(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		result string
		class  remote.Class
	}{
		"done":                 {`"status":204`, ""},
		"done, documented":     {`"status":200`, ""},
		"accepted":             {`"status":202`, remote.InvalidResponse},
		"not found, no reason": {`"status":404`, remote.InvalidResponse},
		"not found":            {`"status":404,"apiError":{"trackingId":"t","error":{"key":"404","message":[{"description":"no such code"}]}}`, remote.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, simulator.Options{})
			b.faults(t, map[string]any{"method": "POST", "status": 207, "body": fmt.Sprintf(`{"items":[{"itemIdentifier":1,%s},{"itemIdentifier":2,%s}]}`, row.result, row.result)})
			writes := []remote.Write{{ID: "one", Base: remote.Object{"id": "one"}}, {ID: "two", Base: remote.Object{"id": "two"}}}
			for _, result := range b.codes().Apply(t.Context(), remote.Delete, writes) {
				if (result.Err == nil) != (row.class == "") || result.Err != nil && remote.ClassOf(result.Err) != row.class {
					t.Errorf("%s: %v, want %q", result.ID, result.Err, row.class)
				}
			}
		})
	}
}

// Proves: S0.16
func TestADeleteInUseNamesTheUsers(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{})
	b.create(t, "Used")
	id := b.workTypeID(t)
	users, err := b.workTypes().Users(t.Context(), id)
	if err != nil || users.Total == 0 || len(users.Named) != users.Total {
		t.Fatalf("Users = %+v, %v", users, err)
	}
	if !slices.ContainsFunc(users.Named, func(u remote.User) bool { return u.Type == "auxiliary-code" && u.Name == "Used" && u.ID != "" }) {
		t.Errorf("Users = %+v, want the code that uses it", users)
	}
}

// A page has a part of them; their number is the service's own.
//
// Proves: S0.16
func TestUsersBeyondAPageAreCounted(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{DefaultPageSize: 2})
	id := b.workTypeID(t)
	before, err := b.workTypes().Users(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"First", "Second", "Third", "Fourth", "Fifth"} {
		b.create(t, name)
	}
	users, err := b.workTypes().Users(t.Context(), id)
	if err != nil || users.Total != before.Total+5 || len(users.Named) != 2 {
		t.Errorf("Users = %+v, %v, want %d in all and 2 named", users, err, before.Total+5)
	}
}

func TestA429HoldsTheWholeBucket(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{})
	b.faults(t, map[string]any{"status": 429, "retryAfterSeconds": 1, "times": 1})
	started := time.Now()
	if _, err := b.codes().List(t.Context()); remote.RetryAfter(err) != time.Second {
		t.Fatalf("List = %v, want a Retry-After of 1s", err)
	}
	if _, err := b.workTypes().List(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); took < 900*time.Millisecond {
		t.Errorf("another collection was read after %s, before the Retry-After had passed", took)
	}
}

func TestAnExpiredTokenIsReported(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{})
	b.faults(t, map[string]any{"expireToken": true})
	if _, err := b.codes().List(t.Context()); remote.ClassOf(err) != remote.Unauthorized || b.tokens.rejected != 1 {
		t.Errorf("List = %v, rejected %d times", err, b.tokens.rejected)
	}
}
