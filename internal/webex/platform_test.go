package webex_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// answering is a client of a platform that answers as the function says.
func answering(t *testing.T, answer func(http.ResponseWriter, *http.Request)) (*webex.Client, *tokens) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(server.Close)
	held := &tokens{}
	return webex.NewClient(webex.Options{
		OrganizationID: organization, PlatformURL: server.URL + "/v1", ContactCenterURL: server.URL, Tokens: held, Bucket: webex.NewBucket(0),
	}), held
}

// Lists go on as long as a link to the next page comes, even through a page without rows, and nothing of the link is
// changed.
// Proves: PR33
func TestListsFollowTheirLinks(t *testing.T) {
	t.Parallel()
	var asked []string
	client, _ := answering(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI())
		rows := `{"id":"first"}`
		switch r.URL.Query().Get("offset") {
		case "":
			w.Header().Add("Link", `</v1/wholesale/customers?max=1>; rel="first"`)
			w.Header().Add("Link", `</v1/wholesale/customers?max=9>; title="a, b"; rel=prev, </v1/wholesale/customers?cursor=a%2Bb&offset=7>; rel="last next"`)
		case "7":
			w.Header().Set("Link", "<http://"+r.Host+`/v1/wholesale/customers?offset=8>;rel=NEXT`)
			rows = ""
		default:
			rows = `{"id":"second","new field":{"x":1}}`
		}
		fmt.Fprintf(w, `{"items":[%s]}`, rows)
	})
	customers, err := client.WholesaleCustomers(t.Context())
	if err != nil || len(customers) != 2 || customers[0].ID != "first" || customers[1].ID != "second" {
		t.Fatalf("customers = %+v, %v", customers, err)
	}
	want := []string{
		"/v1/wholesale/customers?orgId=" + webex.EncodeOrganizationID(organization), "/v1/wholesale/customers?cursor=a%2Bb&offset=7", "/v1/wholesale/customers?offset=8",
	}
	if fmt.Sprint(asked) != fmt.Sprint(want) {
		t.Errorf("asked for %v, want %v", asked, want)
	}
}

func TestListsThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"a link to another host": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `<https://evil.example/v1/roles>; rel="next"`)
			fmt.Fprint(w, `{"items":[]}`)
		},
		"a circle": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `</v1/roles>; rel="next"`)
			fmt.Fprint(w, `{"items":[{"id":"1"}]}`)
		},
		"no items": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) },
		"no JSON":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `<html>`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _ := answering(t, answer)
			if roles, err := client.Roles(t.Context()); remote.ClassOf(err) != remote.InvalidResponse || err == nil || roles != nil {
				t.Errorf("roles = %v, %v", roles, err)
			}
		})
	}
}

// Proves: S1.30, PR51
func TestRefusalsNameTheScope(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status   int
		body     string
		class    remote.Class
		rejected int
	}{
		"403":                        {403, `{"message":"no"}`, remote.Forbidden, 0},
		"401 of a bad token":         {401, `{"message":"no","errors":[{"description":"no","errorCode":401001}]}`, remote.Unauthorized, 1},
		"401, code in errors":        {401, `{"errors":[{"description":"no","errorCode":200003}]}`, remote.Forbidden, 0},
		"401, code as text":          {401, `{"errors":[{"code":"200003"}]}`, remote.Forbidden, 0},
		"401, code at the top":       {401, `{"code":200003,"message":"no"}`, remote.Forbidden, 0},
		"401, code of configuration": {401, `{"error":{"key":"200003","message":[{"description":"no"}]}}`, remote.Forbidden, 0},
		"401 without a body":         {401, ``, remote.Unauthorized, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, held := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			_, err := client.Licenses(t.Context())
			if remote.ClassOf(err) != test.class || held.rejected != test.rejected {
				t.Errorf("%v is %s; the token was rejected %d times", err, remote.ClassOf(err), held.rejected)
			}
			named := err != nil && strings.Contains(err.Error(), "; the call needs the scope "+webex.ScopeLicenses)
			if named != (test.class == remote.Forbidden) {
				t.Errorf("message = %v", err)
			}
		})
	}
}

// Three refusals in a row speak of the token even if they do not say so; one success between them speaks against it.
// Reads and writes need different scopes and are counted apart.
func TestRefusalsInARowStopTheCalls(t *testing.T) {
	t.Parallel()
	refused := map[string]bool{http.MethodPut: true}
	made := 0
	client, _ := answering(t, func(w http.ResponseWriter, r *http.Request) {
		made++
		if refused[r.Method] {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"error":{"key":"403","message":[{"description":"not you"}]}}`)
			return
		}
		fmt.Fprint(w, `{"id":"1","meta":{"page":0,"totalPages":0,"totalRecords":0},"data":[]}`)
	})
	sites := client.Collection(webex.Entity{Route: "site", CompleteRows: true})
	write := func() error {
		return sites.Apply(t.Context(), remote.Update, []remote.Write{{ID: "1", Base: remote.Object{"id": "1"}, Object: remote.Object{}}})[0].Err
	}
	for range 2 {
		if err := write(); remote.ClassOf(err) != remote.Forbidden || !strings.Contains(err.Error(), webex.ScopeConfigWrite) {
			t.Fatalf("a refused write ended with %v", err)
		}
	}
	refused[http.MethodPut] = false
	if err := write(); err != nil {
		t.Fatal(err)
	}
	refused[http.MethodPut] = true
	for range 10 {
		if _, err := sites.Read(t.Context(), "1"); err != nil && client.Refusal() == nil {
			t.Fatal(err)
		}
		if err := write(); remote.ClassOf(err) != remote.Forbidden {
			t.Fatalf("a refused write ended with %v", err)
		}
	}
	if made != 2+1+3+3 || client.Refusal() == nil {
		t.Errorf("%d requests, refusal %v", made, client.Refusal())
	}
	if err := client.Probe(t.Context()); err != nil || made != 10 {
		t.Errorf("the probe was stopped too: %v", err)
	}
	client.Reopen()
	if _, err := sites.Read(t.Context(), "1"); err != nil || client.Refusal() != nil {
		t.Errorf("a read after all: %v", err)
	}
}

// A region that does not know the organization answers 401 to a token that is good.
func TestAProbeDoesNotEndTheToken(t *testing.T) {
	t.Parallel()
	client, held := answering(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	if err := client.Probe(t.Context()); remote.ClassOf(err) != remote.Unauthorized || held.rejected != 0 {
		t.Errorf("%v; rejected %d times", err, held.rejected)
	}
}

func TestLacking(t *testing.T) {
	t.Parallel()
	names := func(granted ...string) string {
		var list []string
		for _, scope := range webex.Lacking(granted, webex.Scopes(true, false)) {
			list = append(list, scope.Name)
		}
		return strings.Join(list, " ")
	}
	if got := names(); got != "" {
		t.Errorf("of an unknown grant: %s", got)
	}
	if got := names("cjp:config", webex.ScopeLicenses, webex.ScopePeople, "other"); got != webex.ScopeOrganizations+" "+webex.ScopeRoles {
		t.Errorf("lacking: %s", got)
	}
	if lacking := webex.Lacking([]string{}, webex.Scopes(false, false)); len(lacking) != 4 {
		t.Errorf("of an empty grant: %v", lacking)
	}
}
