package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"wxcc.dev/operator/internal/simulator"
)

// An administrator begins on the page of the leader, which dies. The page of the one that stands by takes the answer of
// Webex, though it does not lead yet; when it does, it uses the tokens.
//
// Proves: S1.28
func TestConsentOutlivesTheLeader(t *testing.T) {
	s := newSite(t, simulator.Options{AutoConsent: true})
	s.kubectl("--namespace", s.namespace, "patch", "secret", "credentials", "--type=json",
		`--patch=[{"op":"remove","path":"/data/accessToken"},{"op":"remove","path":"/data/refreshToken"}]`)
	pages := [2]*url.URL{}
	var serving atomic.Int32
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(pages[serving.Load()])
		r.Out.Host = r.In.Host
	}})
	t.Cleanup(front.Close)
	start := func(replica int) *process {
		address := freeAddress(t)
		pages[replica] = &url.URL{Scheme: "http", Host: address}
		return s.startManager("--leader-elect", "--leader-election-namespace", operatorNamespace, "--shard", s.namespace,
			"--consent-bind-address", address, "--consent-external-url", front.URL)
	}
	leader := start(0)
	link := s.connectURL(front.URL)
	start(1)

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if page := open(t, browser, http.MethodGet, link); !strings.Contains(page.text, "Continue to Webex") {
		t.Fatalf("%s:\n%s", link, page.text)
	}
	toWebex := open(t, browser, http.MethodPost, link).Header.Get("Location")
	back := open(t, browser, http.MethodGet, toWebex).Header.Get("Location")
	leader.kill()
	serving.Store(1)
	if page := open(t, browser, http.MethodGet, back); page.StatusCode != http.StatusOK || !strings.Contains(page.text, "is connected") {
		t.Fatalf("%s: %s\n%s", back, page.Status, page.text)
	}
	s.waitReady("wxorg/org")
	if phase := s.kubectl("--namespace", s.namespace, "get", "wxorg", "org", "--output", "jsonpath={.status.authorization.phase}{.status.connectURL}"); phase != "Obtained" {
		t.Errorf("phase and link = %q", phase)
	}
}

// connectURL waits for the link.
func (s *site) connectURL(begins string) (link string) {
	s.t.Helper()
	eventually(s.t, soon, func() error {
		link = s.kubectl("--namespace", s.namespace, "get", "wxorg", "org", "--output", "jsonpath={.status.connectURL}")
		if !strings.HasPrefix(link, begins+"/connect/") {
			return fmt.Errorf("connectURL = %q", link)
		}
		return nil
	})
	return link
}

type page struct {
	*http.Response
	text string
}

// open asks for a page; a POST carries the query of the address as its form, as the page's own form does.
func open(t *testing.T, browser *http.Client, method, address string) page {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	form := ""
	if method == http.MethodPost {
		form, target.RawQuery = target.RawQuery, ""
	}
	request, err := http.NewRequestWithContext(t.Context(), method, target.String(), strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{response, string(body)}
}
