package consent

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/token"
)

// Proves: S1.12
func TestThePageSaysWhatIsGranted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	f.setStatus(func(status *v1alpha1.WebexOrganizationStatus) { status.DisplayName = `Nordlys <Care> & "Co"` })
	got := f.get(f.link())
	f.want(got, http.StatusOK, "Nordlys &lt;Care&gt; &amp; &#34;Co&#34;", nordlysID, "tenants/nordlys", "region eu1",
		"Link works until", showTime(f.clock.Now().Add(LinkLife)), `<html lang="en">`, `method="post"`)
	for _, scope := range wanted(f.organization()) {
		if !strings.Contains(got.text, scope.Name) || !strings.Contains(got.text, sentence(scope.Gives)) {
			t.Errorf("scope %s and what it gives is not in the page", scope.Name)
		}
	}
	if strings.Contains(got.text, "<script") || strings.Contains(got.text, "style=") || strings.Contains(got.text, "//cdn") {
		t.Error("the page has a script, inline style or something from elsewhere")
	}
	if strings.Contains(got.text, "wholesale") {
		t.Error("the page speaks of wholesale")
	}
	for _, file := range []string{"style.css", "icon.svg"} {
		asset := f.get(f.url + "/connect/-/" + file)
		if asset.StatusCode != http.StatusOK || asset.Header.Get("Cache-Control") != "public, max-age=3600" || !strings.Contains(got.text, "/connect/-/"+file) {
			t.Errorf("%s: %s, %v", file, asset.Status, asset.Header)
		}
	}
}

// Proves: S1.12, PR21
func TestOnlyAGenuineLinkWorks(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	link := f.link()
	prolonged := strings.Replace(link, "ticket=", "ticket=9", 1)
	for name, address := range map[string]string{
		"no ticket": strings.Split(link, "?")[0], "prolonged": prolonged, "cut": link[:len(link)-1],
		"another organization": strings.Replace(link, "/nordlys?", "/sirocco?", 1),
		"another namespace":    strings.Replace(link, "/tenants/", "/elsewhere/", 1),
		"nothing":              f.url + "/", "half a path": f.url + "/connect/tenants",
	} {
		got := f.get(address)
		f.want(got, http.StatusNotFound, "This link does not work", "kubectl")
		if strings.Contains(got.text, "Nordlys") || strings.Contains(got.text, nordlysID) {
			t.Errorf("%s: a stranger learns of the organization", name)
		}
	}
	f.want(f.post(f.url+"/connect/tenants/nordlys", url.Values{"ticket": {"1.x"}}, "Sec-Fetch-Site", "same-origin"), http.StatusNotFound)
	organization := f.organization()
	organization.UID = "uid-2"
	key, err := f.oauth().Key(linkUse)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := genuine(key, organization, ticketIn(t, link)); ok {
		t.Error("the link of a deleted resource works for one of the same name")
	}
	f.clock.Step(LinkLife)
	f.want(f.get(link), http.StatusGone, "This link has expired", "kubectl --namespace tenants get wxorg nordlys")
	f.want(f.press(link), http.StatusGone, "expired")
	f.offer()
	f.want(f.get(f.link()), http.StatusOK, "Continue to Webex")
	secret := f.secret()
	secret.Data[token.KeyClientSecret] = []byte("another-canary")
	if err := f.client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	f.want(f.get(f.link()), http.StatusNotFound, "This link does not work")
	f.wantNoSecret()
}

func ticketIn(t *testing.T, link string) string {
	t.Helper()
	address, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return address.Query().Get("ticket")
}

func TestALinkIsKeptForHalfItsLife(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	first := f.link()
	renew := func() string {
		t.Helper()
		link, _, err := Link(f.url+"/", first, f.organization(), f.oauth(), f.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return link
	}
	f.clock.Step(LinkLife/2 - time.Second)
	if renew() != first {
		t.Error("the link changed before its time")
	}
	f.clock.Step(time.Second)
	if renew() == first {
		t.Error("the link was not renewed")
	}
}

// Proves: S1.12
func TestALinkWorksOnlyWhileConsentIsNeeded(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	link := f.link()
	f.setStatus(func(status *v1alpha1.WebexOrganizationStatus) { status.ConnectURL = "" })
	f.want(f.get(link), http.StatusConflict, "No consent is needed now", "kubectl")
	f.want(f.press(link), http.StatusConflict)
	if f.organization().Status.Authorization != nil {
		t.Error("an attempt began")
	}
}

func TestTheButtonCannotBePressedFromElsewhere(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}} {
		got := f.press(f.link(), header...)
		f.want(got, http.StatusForbidden, "came from another site")
		if len(got.Cookies()) > 0 {
			t.Error("a cookie was set")
		}
	}
	f.want(f.press(f.link(), "Sec-Fetch-Site", "", "Origin", f.url), http.StatusSeeOther)
	huge := f.post(f.url+"/connect/tenants/nordlys", url.Values{"ticket": {ticketIn(t, f.link())}, "more": {strings.Repeat("x", 2*maxBody)}}, "Sec-Fetch-Site", "same-origin")
	f.want(huge, http.StatusNotFound)
}

func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	var last page
	for range addressBurst + 1 {
		last = f.get(f.url + "/connect/-/icon.svg")
	}
	f.want(last, http.StatusTooManyRequests, "Too many requests")
	if last.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	f.clock.Step(time.Second)
	f.want(f.get(f.link()), http.StatusOK)
}

func TestLimitsOfStrangers(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := newLimits(func() time.Time { return now })
	from := func(address string) bool { return l.admit(&http.Request{RemoteAddr: address}) }
	for range addressBurst {
		if !from("[2001:db8::1]:1000") {
			t.Fatal("refused within the burst")
		}
	}
	if from("[2001:db8::2]:1000") {
		t.Error("an address of the same network has a burst of its own")
	}
	if !from("[2001:db8:0:1::1]:1000") || !from("192.0.2.1:1") {
		t.Error("another network is refused")
	}
	admitted := 0
	for i := range 2 * rememberedAddresses {
		if from(netAddress(i)) {
			admitted++
		}
	}
	if admitted > overallBurst {
		t.Errorf("%d requests admitted at once, want at most %d", admitted, overallBurst)
	}
	if len(l.addresses) > rememberedAddresses {
		t.Errorf("%d addresses remembered", len(l.addresses))
	}
}

func netAddress(i int) string { return fmt.Sprintf("10.%d.%d.1:1000", i/250, i%250) }
