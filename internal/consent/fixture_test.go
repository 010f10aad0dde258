package consent

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/token"
)

const (
	nordlysID = "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10"
	siroccoID = "e1c3a6b2-5a04-4f7e-9d3b-2f8a7c6d5e41"

	// canary is in every secret that exists before a consent, simulated in every token and code of the simulator.
	canary    = "canary"
	simulated = "_PS00_"
)

var nordlys = types.NamespacedName{Namespace: "tenants", Name: "nordlys"}

// fixture is a cluster with one organization that needs consent, two replicas of the page and a simulated Webex.
type fixture struct {
	t         *testing.T
	clock     *clocktesting.FakeClock
	simulator *simulator.Simulator
	webex     string
	client    client.Client
	events    *events.FakeRecorder
	replicas  [2]*Server
	// url is where browsers reach the replicas; serving says which one answers.
	url     string
	serving atomic.Int32
	browser *http.Client
	log     logBuffer
	// update may refuse writes of the Secret.
	update func() error
	// routed counts the requests that went through the organization's own transport.
	routed atomic.Int64
}

// logBuffer keeps what is logged.
type logBuffer struct{ lines strings.Builder }

func (l *logBuffer) logger() logr.Logger {
	return funcr.New(func(prefix, args string) { l.lines.WriteString(prefix + args + "\n") }, funcr.Options{Verbosity: 10})
}

// newFixture makes one; edit changes the organization before it is stored.
func newFixture(t *testing.T, options simulator.Options, edit func(*v1alpha1.WebexOrganization)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clocktesting.NewFakeClock(time.Now().Truncate(time.Second)), events: events.NewFakeRecorder(100)}
	options.Now = f.clock.Now
	f.simulator = simulator.New(options)
	f.simulator.AddOrganization(simulator.OrganizationSeed{
		ID: nordlysID, Name: "Nordlys Care GmbH", ClientID: "nordlys-client", ClientSecret: "nordlys-secret-canary",
		AccessToken: "old-access-canary", RefreshToken: "old-refresh-canary",
		Scopes: append(ScopeNames(&v1alpha1.WebexOrganization{Spec: v1alpha1.WebexOrganizationSpec{ContactCenter: true, Wholesale: true}}), "spark:all"),
	})
	f.simulator.AddOrganization(simulator.OrganizationSeed{ID: siroccoID, Name: "Sirocco Retail SL"})
	webex := httptest.NewServer(f.simulator)
	t.Cleanup(webex.Close)
	f.webex = webex.URL
	organization := &v1alpha1.WebexOrganization{
		ObjectMeta: metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: nordlys.Name, UID: "uid-1"},
		Spec: v1alpha1.WebexOrganizationSpec{
			OrganizationID: strings.ToUpper(nordlysID), ContactCenter: true, Region: "eu1", Name: "Nordlys Care",
			Endpoints:            v1alpha1.Endpoints{Webex: f.webex},
			CredentialsSecretRef: &v1alpha1.LocalSecretReference{Name: "credentials"},
		},
	}
	if edit != nil {
		edit(organization)
	}
	f.cluster(organization)
	f.serve()
	f.offer()
	return f
}

func (f *fixture) cluster(organization *v1alpha1.WebexOrganization) {
	f.t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			f.t.Fatal(err)
		}
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: "credentials"},
		Data: map[string][]byte{
			token.KeyClientID: []byte("nordlys-client"), token.KeyClientSecret: []byte("nordlys-secret-canary"),
			token.KeyAccessToken: []byte("old-access-canary"), token.KeyRefreshToken: []byte("old-refresh-canary"),
		},
	}
	f.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(organization, secret).
		WithStatusSubresource(&v1alpha1.WebexOrganization{}).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
				if _, isSecret := object.(*corev1.Secret); isSecret && f.update != nil {
					if err := f.update(); err != nil {
						return err
					}
				}
				return c.Create(ctx, object, options...)
			},
			Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
				if _, isSecret := object.(*corev1.Secret); isSecret && f.update != nil {
					if err := f.update(); err != nil {
						return err
					}
				}
				return c.Update(ctx, object, options...)
			},
		}).Build()
}

// serve starts both replicas behind one address.
func (f *fixture) serve() {
	f.t.Helper()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.replicas[f.serving.Load()].ServeHTTP(w, r)
	}))
	f.t.Cleanup(front.Close)
	f.url = front.URL
	for i := range f.replicas {
		f.replicas[i] = f.replica(Options{BindAddress: "127.0.0.1:0", ExternalURL: f.url})
	}
	f.browser = newBrowser(f.t)
}

func (f *fixture) replica(options Options) *Server {
	f.t.Helper()
	server, err := NewServer(options, Site{
		Client: f.client, Secrets: f.client, Recorder: f.events, Clock: f.clock, Log: f.log.logger(),
		Route: func(_ context.Context, organization *v1alpha1.WebexOrganization) (Route, error) {
			return Route{Platform: organization.Spec.Endpoints.Webex + "/v1", Transport: counting{&f.routed}}, nil
		},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return server
}

// counting is a transport that counts.
type counting struct{ requests *atomic.Int64 }

func (c counting) RoundTrip(request *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return http.DefaultTransport.RoundTrip(request)
}

// newBrowser follows no redirect, keeps cookies, and says of its requests what a browser says.
func newBrowser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (f *fixture) oauth() *token.Client {
	f.t.Helper()
	found, err := Vault{Reader: f.client, Writer: f.client}.Client(f.t.Context(), f.organization(), Route{Platform: f.webex + "/v1"})
	if err != nil {
		f.t.Fatal(err)
	}
	return found
}

// offer does what the reconcile does: it puts a link into the status.
func (f *fixture) offer() {
	f.t.Helper()
	organization := f.organization()
	link, _, err := Link(f.url, "", organization, f.oauth(), f.clock.Now())
	if err != nil {
		f.t.Fatal(err)
	}
	f.setStatus(func(status *v1alpha1.WebexOrganizationStatus) { status.ConnectURL = link })
}

func (f *fixture) setStatus(change func(*v1alpha1.WebexOrganizationStatus)) {
	f.t.Helper()
	organization := f.organization()
	change(&organization.Status)
	if err := f.client.Status().Update(f.t.Context(), organization); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) organization() *v1alpha1.WebexOrganization {
	f.t.Helper()
	var organization v1alpha1.WebexOrganization
	if err := f.client.Get(f.t.Context(), nordlys, &organization); err != nil {
		f.t.Fatal(err)
	}
	return &organization
}

func (f *fixture) secret() *corev1.Secret {
	f.t.Helper()
	organization := f.organization()
	organization.Spec.CredentialsSecretRef = &v1alpha1.LocalSecretReference{Name: "credentials"}
	secret, err := token.PlaceOf(organization).Whole(f.t.Context(), f.client)
	if err != nil {
		f.t.Fatal(err)
	}
	return secret
}

func (f *fixture) link() string { return f.organization().Status.ConnectURL }

// page is an answer to a browser.
type page struct {
	*http.Response
	text string
}

func (f *fixture) do(request *http.Request) page {
	f.t.Helper()
	response, err := f.browser.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	got := page{response, string(body)}
	if strings.Contains(got.text, canary) || strings.Contains(got.text, simulated) {
		f.t.Errorf("a page shows a secret:\n%s", got.text)
	}
	return got
}

func (f *fixture) get(address string) page {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return f.do(request)
}

// press posts the page's form, as its button does.
func (f *fixture) press(link string, header ...string) page {
	f.t.Helper()
	address, err := url.Parse(link)
	if err != nil {
		f.t.Fatal(err)
	}
	form := url.Values{"ticket": {address.Query().Get("ticket")}}
	address.RawQuery = ""
	return f.post(address.String(), form, append([]string{"Sec-Fetch-Site", "same-origin"}, header...)...)
}

func (f *fixture) post(address string, form url.Values, header ...string) page {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return f.do(request)
}

// decide makes the decision at Webex and returns the address of the callback.
func (f *fixture) decide(consentURL, decision, organization string) string {
	f.t.Helper()
	answer := f.post(consentURL, url.Values{"decision": {decision}, "organization": {organization}})
	back := answer.Header.Get("Location")
	if answer.StatusCode != http.StatusFound || !strings.HasPrefix(back, f.url+"/connect/callback?") {
		f.t.Fatalf("Webex answered %s, back to %q:\n%s", answer.Status, back, answer.text)
	}
	return back
}

// toWebex opens the link, presses the button and returns the address of the consent screen.
func (f *fixture) toWebex() string {
	f.t.Helper()
	f.want(f.get(f.link()), http.StatusOK, "Connect Nordlys Care", "Continue to Webex")
	sent := f.press(f.link())
	f.want(sent, http.StatusSeeOther)
	return sent.Header.Get("Location")
}

// want checks the status and texts of a page, and the headers that all of them have.
func (f *fixture) want(got page, status int, texts ...string) {
	f.t.Helper()
	if got.StatusCode != status {
		f.t.Errorf("status = %s, want %d:\n%s", got.Status, status, got.text)
	}
	for _, text := range texts {
		if !strings.Contains(got.text, text) {
			f.t.Errorf("%q is not in the page:\n%s", text, got.text)
		}
	}
	for name, value := range map[string]string{
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
	} {
		if got.Header.Get(name) != value {
			f.t.Errorf("%s = %q, want %q", name, got.Header.Get(name), value)
		}
	}
	policy := got.Header.Get("Content-Security-Policy")
	for _, directive := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, directive) {
			f.t.Errorf("Content-Security-Policy = %q, want %s in it", policy, directive)
		}
	}
	if strings.Contains(policy, "script-src") || strings.Contains(policy, "unsafe") {
		f.t.Errorf("Content-Security-Policy = %q", policy)
	}
}

// wantAttempt checks the status of the attempt.
func (f *fixture) wantAttempt(phase v1alpha1.AuthorizationPhase, texts ...string) *v1alpha1.AuthorizationStatus {
	f.t.Helper()
	attempt := f.organization().Status.Authorization
	if attempt == nil || attempt.Phase != phase || attempt.Flow != v1alpha1.AuthorizationCode || attempt.StartedAt == nil {
		f.t.Fatalf("status.authorization = %+v, want %s", attempt, phase)
	}
	for _, text := range texts {
		if !strings.Contains(attempt.Message, text) {
			f.t.Errorf("message = %q, want %q in it", attempt.Message, text)
		}
	}
	if ended := phase == v1alpha1.AuthorizationObtained || phase == v1alpha1.AuthorizationFailed; ended != (attempt.FinishedAt != nil) {
		f.t.Errorf("finishedAt = %v in phase %s", attempt.FinishedAt, phase)
	}
	return attempt
}

// wantEvent drains the events and checks that one begins so and contains the texts.
func (f *fixture) wantEvent(begins string, texts ...string) {
	f.t.Helper()
	var seen []string
	for {
		select {
		case event := <-f.events.Events:
			seen = append(seen, event)
			continue
		default:
		}
		break
	}
	for _, event := range seen {
		if strings.HasPrefix(event, begins) {
			for _, text := range texts {
				if !strings.Contains(event, text) {
					f.t.Errorf("event = %q, want %q in it", event, text)
				}
			}
			return
		}
	}
	f.t.Errorf("events = %q, want one that begins with %q", seen, begins)
}

// wantOldTokens makes sure that nothing was written.
func (f *fixture) wantOldTokens() {
	f.t.Helper()
	secret := f.secret()
	if access, refresh := string(secret.Data[token.KeyAccessToken]), string(secret.Data[token.KeyRefreshToken]); access != "old-access-canary" || refresh != "old-refresh-canary" {
		f.t.Errorf("tokens = %q, %q, want the old ones", access, refresh)
	}
	if len(secret.Annotations) > 0 {
		f.t.Errorf("annotations = %v", secret.Annotations)
	}
}

// wantNoSecret looks for secrets in what was logged and shown.
func (f *fixture) wantNoSecret() {
	f.t.Helper()
	status := f.organization().Status
	for _, text := range []string{f.log.lines.String(), status.ConnectURL, messageOf(&status)} {
		if strings.Contains(text, canary) || strings.Contains(text, simulated) {
			f.t.Errorf("%q shows a secret", text)
		}
	}
}

func messageOf(status *v1alpha1.WebexOrganizationStatus) string {
	if status.Authorization == nil {
		return ""
	}
	return status.Authorization.Message
}
