package controllers

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/consent"
	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/token"
	"wxcc.dev/operator/internal/webex"
)

const connectURL = "https://connect.example.com"

// clientOnly stores a Secret with the OAuth client of nordlys and no tokens.
func (f *organizationFixture) clientOnly() {
	f.t.Helper()
	f.credentials("nordlys")
	f.editSecret(func(secret *corev1.Secret) {
		for _, key := range []string{token.KeyAccessToken, token.KeyRefreshToken, token.KeyAccessTokenExpiresAt} {
			delete(secret.Data, key)
		}
	})
}

// sayScopes notes in a Secret which scopes its access token has.
func sayScopes(secret *corev1.Secret, scopes ...string) {
	sum := sha256.Sum256(secret.Data[token.KeyAccessToken])
	secret.Annotations = map[string]string{
		token.ScopesAnnotation: strings.Join(scopes, " "), token.ScopesOfAnnotation: hex.EncodeToString(sum[:8]),
	}
}

func (f *organizationFixture) editSecret(change func(*corev1.Secret)) {
	f.t.Helper()
	var secret corev1.Secret
	if err := f.client.Get(f.t.Context(), types.NamespacedName{Namespace: nordlys.Namespace, Name: "credentials"}, &secret); err != nil {
		f.t.Fatal(err)
	}
	change(&secret)
	if err := f.client.Update(f.t.Context(), &secret); err != nil {
		f.t.Fatal(err)
	}
}

// page writes what the consent page writes.
func (f *organizationFixture) page(attempt *v1alpha1.AuthorizationStatus) {
	f.t.Helper()
	organization := f.get()
	organization.Status.Authorization = attempt
	if err := f.client.Status().Update(f.t.Context(), organization); err != nil {
		f.t.Fatal(err)
	}
}

// wantAttempt checks the status of the attempt; "" wants none.
func (f *organizationFixture) wantAttempt(flow v1alpha1.AuthorizationFlow, phase v1alpha1.AuthorizationPhase) v1alpha1.AuthorizationStatus {
	f.t.Helper()
	attempt := f.get().Status.Authorization
	if attempt == nil {
		attempt = &v1alpha1.AuthorizationStatus{}
	}
	if attempt.Flow != flow || attempt.Phase != phase {
		f.t.Fatalf("status.authorization = %+v, want %s %s", attempt, flow, phase)
	}
	return *attempt
}

// Proves: S1.12, S1.27, S1.37, PR21, PR22, PR24
func TestALinkIsOfferedWhileThereAreNoTokens(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.r.Options.ConsentURL = connectURL
	f.organization(nil)
	f.clientOnly()
	result := f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonAuthorizationRequired)
	f.want(v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonAuthorizationRequired)
	link := f.get().Status.ConnectURL
	if !strings.HasPrefix(link, connectURL+"/connect/tenants/nordlys?ticket=") || strings.Contains(link, canary) {
		t.Errorf("connectURL = %q", link)
	}
	attempt := f.wantAttempt(v1alpha1.AuthorizationCode, v1alpha1.AuthorizationRequested)
	if attempt.StartedAt == nil || attempt.ExpiresAt == nil || attempt.ExpiresAt.Sub(f.clock.Now()).Round(time.Second) > consent.LinkLife {
		t.Errorf("status.authorization = %+v", attempt)
	}
	if seen := f.seen(); !strings.Contains(seen, "Normal "+consent.EventRequested) {
		t.Errorf("events = %s", seen)
	}
	if half := consent.LinkLife / 2; result.RequeueAfter > half || result.RequeueAfter < half-time.Minute {
		t.Errorf("next visit in %s, want when half of the link's life is over", result.RequeueAfter)
	}
	version := f.get().ResourceVersion
	f.reconcile()
	if f.get().ResourceVersion != version || f.seen() != "" {
		t.Error("a second visit wrote or told something")
	}
	f.clock.Step(consent.LinkLife / 2)
	f.reconcile()
	if renewed := f.get().Status; renewed.ConnectURL == link || !renewed.Authorization.ExpiresAt.After(attempt.ExpiresAt.Time) || f.seen() != "" {
		t.Errorf("status = %+v, want a renewed link without another event", renewed)
	}
	f.wantRequests(0)

	f.credentials("nordlys")
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.wantAttempt("", "")
	if link := f.get().Status.ConnectURL; link != "" {
		t.Errorf("connectURL = %q although there are tokens", link)
	}
}

// Proves: S1.12
func TestALinkIsOfferedForEveryReasonThatConsentEnds(t *testing.T) {
	t.Parallel()
	ended := func(secret *corev1.Secret) {
		secret.Data[token.KeyRefreshTokenExpiresAt] = []byte(time.Now().Add(-time.Hour).Format(time.RFC3339))
	}
	soon := func(secret *corev1.Secret) {
		secret.Data[token.KeyRefreshTokenExpiresAt] = []byte(time.Now().Add(29 * 24 * time.Hour).Format(time.RFC3339))
	}
	tests := map[string]struct {
		prepare func(*organizationFixture)
		edit    func(*v1alpha1.WebexOrganization)
		reason  v1alpha1.Reason
		offered bool
	}{
		"ended": {prepare: func(f *organizationFixture) { f.editSecret(ended) }, reason: v1alpha1.ReasonReconnectRequired, offered: true},
		"lost in a crash": {
			prepare: func(f *organizationFixture) {
				f.editSecret(func(secret *corev1.Secret) { // the token server has ended this one, and its successor is lost
					secret.Data[token.KeyRefreshToken] = []byte("replaced-canary")
					secret.Data[token.KeyAccessTokenExpiresAt] = []byte(time.Now().Add(-time.Hour).Format(time.RFC3339))
				})
			},
			reason: v1alpha1.ReasonReconnectRequired, offered: true,
		},
		"of another": {prepare: func(f *organizationFixture) { f.credentials("sirocco") }, reason: v1alpha1.ReasonWrongOrganization, offered: true},
		"lacks a scope": {
			prepare: func(f *organizationFixture) {
				f.editSecret(func(secret *corev1.Secret) { sayScopes(secret, webex.ScopePeople) })
			},
			reason: v1alpha1.ReasonScopeMissing, offered: true,
		},
		"lacks a role": {
			prepare: func(f *organizationFixture) {
				if err := f.simulator.SetFaults(simulator.FaultRule{Route: "/v1/organizations/{id}", Status: http.StatusForbidden}); err != nil {
					f.t.Fatal(err)
				}
			},
			reason: v1alpha1.ReasonForbidden, offered: true,
		},
		"ends soon":        {prepare: func(f *organizationFixture) { f.editSecret(soon) }, reason: v1alpha1.ReasonConnected, offered: true},
		"works":            {reason: v1alpha1.ReasonConnected},
		"ends, no warning": {prepare: func(f *organizationFixture) { f.editSecret(soon) }, edit: func(o *v1alpha1.WebexOrganization) { o.Spec.TokenRefresh.ExpiryWarnings = []metav1.Duration{} }, reason: v1alpha1.ReasonConnected},
		"manual": {
			prepare: func(f *organizationFixture) { f.clientOnly() }, reason: v1alpha1.ReasonAuthorizationRequired,
			edit: func(o *v1alpha1.WebexOrganization) { o.Spec.Authorization.Flow = v1alpha1.AuthorizationManual },
		},
		"no client": {
			prepare: func(f *organizationFixture) {
				f.editSecret(func(secret *corev1.Secret) { secret.Data = map[string][]byte{"note": []byte("empty")} })
			},
			reason: v1alpha1.ReasonCredentialsMissing,
		},
		"suspended": {
			prepare: func(f *organizationFixture) { f.clientOnly() }, reason: v1alpha1.ReasonSuspended,
			edit: func(o *v1alpha1.WebexOrganization) { o.Spec.Suspend = true },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newOrganizationFixture(t)
			f.r.Options.ConsentURL = connectURL
			f.organization(test.edit)
			f.credentials("nordlys")
			if test.prepare != nil {
				test.prepare(f)
			}
			f.reconcile()
			status := f.get().Status
			got := readyReason(&status)
			if got == "" { // suspended before it was ready: TokenValid says why
				got = meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionTokenValid).Reason
			}
			if got != string(test.reason) {
				t.Errorf("the reason is %s, want %s", got, test.reason)
			}
			if offered := status.ConnectURL != ""; offered != test.offered {
				t.Errorf("connectURL = %q, want one: %t", status.ConnectURL, test.offered)
			}
			if told := status.Authorization != nil; told != test.offered {
				t.Errorf("status.authorization = %+v", status.Authorization)
			}
		})
	}
}

func readyReason(status *v1alpha1.WebexOrganizationStatus) string {
	for _, condition := range status.Conditions {
		if condition.Type == v1alpha1.ConditionReady {
			return condition.Reason
		}
	}
	return ""
}

// The page of any replica reports in the status that the leader's visits write, too.
func TestTheReconcileLeavesThePageItsReports(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.r.Options.ConsentURL = connectURL
	f.organization(nil)
	f.clientOnly()
	f.reconcile()
	now := metav1.NewTime(f.clock.Now().Truncate(time.Second))
	ends := metav1.NewTime(now.Add(consent.AttemptLife))
	f.page(&v1alpha1.AuthorizationStatus{Flow: v1alpha1.AuthorizationCode, Phase: v1alpha1.AuthorizationPending, StartedAt: &now, ExpiresAt: &ends})
	result := f.reconcile()
	f.wantAttempt(v1alpha1.AuthorizationCode, v1alpha1.AuthorizationPending)
	if result.RequeueAfter > consent.AttemptLife {
		t.Errorf("next visit in %s, want when the attempt is over", result.RequeueAfter)
	}
	failed := consent.Failed(v1alpha1.AuthorizationCode, &consent.Refusal{Message: "denied"}, now, now)
	f.page(failed)
	f.reconcile()
	if attempt := f.wantAttempt(v1alpha1.AuthorizationCode, v1alpha1.AuthorizationFailed); attempt.Message != "denied" || attempt.ExpiresAt == nil {
		t.Errorf("status.authorization = %+v, want the failure and the end of the link", attempt)
	}
	f.page(&v1alpha1.AuthorizationStatus{Flow: v1alpha1.AuthorizationCode, Phase: v1alpha1.AuthorizationPending, StartedAt: &now, ExpiresAt: &ends})
	f.clock.Step(consent.AttemptLife + time.Second)
	f.reconcile()
	f.wantAttempt(v1alpha1.AuthorizationCode, v1alpha1.AuthorizationRequested) // nobody came back

	now = metav1.NewTime(f.clock.Now().Truncate(time.Second))
	ends = metav1.NewTime(now.Add(consent.AttemptLife))
	f.page(&v1alpha1.AuthorizationStatus{Flow: v1alpha1.AuthorizationCode, Phase: v1alpha1.AuthorizationPending, StartedAt: &now, ExpiresAt: &ends})
	f.credentials("nordlys") // the page stores the tokens first
	f.reconcile()
	f.wantAttempt(v1alpha1.AuthorizationCode, v1alpha1.AuthorizationPending)
	f.page(consent.Obtained(v1alpha1.AuthorizationCode, now, now)) // and reports afterwards
	f.reconcile()
	f.wantAttempt(v1alpha1.AuthorizationCode, v1alpha1.AuthorizationObtained)
	if link := f.get().Status.ConnectURL; link != "" {
		t.Errorf("connectURL = %q", link)
	}
}

func TestTheReconcileFollowsThePage(t *testing.T) {
	t.Parallel()
	at := func(phase v1alpha1.AuthorizationPhase) *v1alpha1.WebexOrganization {
		return &v1alpha1.WebexOrganization{Status: v1alpha1.WebexOrganizationStatus{Authorization: &v1alpha1.AuthorizationStatus{Phase: phase}}}
	}
	changed := func(from, to *v1alpha1.WebexOrganization) bool {
		return organizationChanged().Update(event.UpdateEvent{ObjectOld: from, ObjectNew: to})
	}
	if !changed(at(v1alpha1.AuthorizationPending), at(v1alpha1.AuthorizationFailed)) {
		t.Error("the end of an attempt wakes nobody")
	}
	if changed(at(v1alpha1.AuthorizationPending), at(v1alpha1.AuthorizationPending)) || changed(&v1alpha1.WebexOrganization{}, &v1alpha1.WebexOrganization{}) {
		t.Error("nothing has changed")
	}
}

func TestAFlowThatCannotWorkSaysSo(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.Authorization.Flow = v1alpha1.AuthorizationCode })
	f.clientOnly()
	f.reconcile()
	if attempt := f.wantAttempt(v1alpha1.AuthorizationCode, v1alpha1.AuthorizationFailed); !strings.Contains(attempt.Message, "--consent-bind-address") {
		t.Errorf("message = %q", attempt.Message)
	}
	version := f.get().ResourceVersion
	f.clock.Step(time.Hour)
	f.reconcile()
	if f.get().ResourceVersion != version {
		t.Error("the same failure was written again")
	}
}

// Proves: S1.18, PR32
func TestConsentTakesTheOrganizationsOwnProxy(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) {
		o.Spec.Endpoints.Webex = "https://webex.example"
		o.Spec.Proxy = &v1alpha1.Proxy{HTTPSProxySecretRef: &v1alpha1.SecretKeyReference{Name: "proxy", Key: "url"}}
	})
	if _, err := routeOf(t.Context(), f.client, f.get()); err == nil || !strings.Contains(err.Error(), "tenants/proxy does not exist") {
		t.Errorf("without the proxy's Secret: %v", err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: "proxy"},
		Data:       map[string][]byte{"url": []byte("http://user:p%40ss-canary@proxy.example:3128")},
	}
	if err := f.client.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	route, err := routeOf(t.Context(), f.client, f.get())
	if err != nil || route.Platform != "https://webex.example/v1" {
		t.Fatalf("route = %s, %v", route.Platform, err)
	}
	transport, ok := route.Transport.(*httpcall.Transport)
	if !ok {
		t.Fatalf("transport = %T", route.Transport)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, route.Platform+"/access_token", nil)
	if err != nil {
		t.Fatal(err)
	}
	if proxy, err := transport.Proxy(request); err != nil || proxy.Host != "proxy.example:3128" {
		t.Errorf("proxy = %v, %v", proxy, err)
	}
	secret.Data["url"] = []byte("proxy.example canary")
	if err := f.client.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if _, err := routeOf(t.Context(), f.client, f.get()); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("with a malformed proxy: %v", err)
	}
}

// deviceFixture is an organization that gets its tokens by device flow.
func deviceFixture(t *testing.T) *organizationFixture {
	t.Helper()
	f := newOrganizationFixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.Authorization.Flow = v1alpha1.AuthorizationDevice })
	f.clientOnly()
	return f
}

// live makes visits when they are due, for so long.
func (f *organizationFixture) live(span time.Duration) (visits int) {
	f.t.Helper()
	for end := f.clock.Now().Add(span); f.clock.Now().Before(end); visits++ {
		next := f.reconcile().RequeueAfter
		if next == 0 {
			return visits
		}
		f.clock.Step(min(next, end.Sub(f.clock.Now())))
	}
	return visits
}

func (f *organizationFixture) calls(route string) int {
	f.t.Helper()
	return f.simulator.Stats().Routes[route].Count
}

const (
	deviceStart = "POST /v1/device/authorize"
	devicePoll  = "POST /v1/device/token"
)

// Proves: S1.28, S1.37, PR21, PR24
func TestDeviceFlowObtainsTokens(t *testing.T) {
	t.Parallel()
	f := deviceFixture(t)
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonAuthorizationRequired)
	attempt := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested)
	if attempt.UserCode == "" || !strings.HasPrefix(attempt.VerificationURI, f.url) || !strings.Contains(attempt.Message, attempt.UserCode) {
		t.Errorf("status.authorization = %+v", attempt)
	}
	if left := attempt.ExpiresAt.Sub(f.clock.Now()).Round(time.Second); left < 299*time.Second || left > 5*time.Minute {
		t.Errorf("the code lives %s", left)
	}
	version := f.get().ResourceVersion
	f.live(time.Minute)
	if polls := f.calls(devicePoll); polls < 28 || polls > 31 {
		t.Errorf("%d polls in a minute, want one every two seconds", polls)
	}
	if f.get().ResourceVersion != version {
		t.Error("polls wrote a status")
	}
	if err := f.simulator.DecideDevice(attempt.UserCode, true, nordlysID); err != nil {
		t.Fatal(err)
	}
	f.live(4 * time.Second)
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if obtained := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationObtained); obtained.UserCode != "" || obtained.FinishedAt == nil {
		t.Errorf("status.authorization = %+v", obtained)
	}
	if seen := f.seen(); !strings.Contains(seen, consent.EventObtained) || strings.Contains(seen, canary) {
		t.Errorf("events = %s", seen)
	}
	polls := f.calls(devicePoll)
	f.live(time.Hour)
	if f.calls(devicePoll) != polls || f.calls(deviceStart) != 1 {
		t.Error("the flow goes on although there are tokens")
	}
}

// Proves: S1.29
func TestDeviceFlowRefusesAForeignAccount(t *testing.T) {
	t.Parallel()
	f := deviceFixture(t)
	f.reconcile()
	attempt := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested)
	if err := f.simulator.DecideDevice(attempt.UserCode, true, siroccoID); err != nil {
		t.Fatal(err)
	}
	f.live(4 * time.Second)
	refused := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationFailed)
	if !strings.Contains(refused.Message, siroccoID) || !strings.Contains(refused.Message, nordlysID) {
		t.Errorf("message = %q, want both ids in it", refused.Message)
	}
	f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonAuthorizationRequired) // nothing was stored
	f.live(9 * time.Minute)
	if starts := f.calls(deviceStart); starts != 1 {
		t.Errorf("%d codes within ten minutes of a refusal", starts)
	}
	f.live(2 * time.Minute)
	f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested)
}

// Proves: PR23
func TestDeviceFlowRestsAfterADenial(t *testing.T) {
	t.Parallel()
	f := deviceFixture(t)
	f.reconcile()
	attempt := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested)
	if err := f.simulator.DecideDevice(attempt.UserCode, false, ""); err != nil {
		t.Fatal(err)
	}
	f.live(4 * time.Second)
	denied := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationFailed)
	if !strings.Contains(denied.Message, "refused the consent") || denied.TrackingID == "" {
		t.Errorf("status.authorization = %+v", denied)
	}
	f.live(9 * time.Minute)
	if starts := f.calls(deviceStart); starts != 1 {
		t.Errorf("%d codes within ten minutes of a denial", starts)
	}
	f.edit(func(o *v1alpha1.WebexOrganization) {
		o.Annotations = map[string]string{v1alpha1.ReconcileRequestAnnotation: "now"}
	})
	f.reconcile()
	f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested)
}

// Codes that nobody uses become rarer: an organization that waits for its administrator for weeks must cost little.
func TestUnusedDeviceCodesBecomeRare(t *testing.T) {
	t.Parallel()
	f := deviceFixture(t)
	f.live(5*time.Minute + time.Second)
	f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested)
	if starts := f.calls(deviceStart); starts != 2 {
		t.Errorf("%d codes in the first 5 minutes, want the second at their end", starts)
	}
	f.live(5*time.Minute + time.Second)
	waits := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationFailed)
	if !strings.Contains(waits.Message, "nobody used the code in time") {
		t.Errorf("message = %q", waits.Message)
	}
	f.live(24 * time.Hour)
	if starts := f.calls(deviceStart); starts < 24 || starts > 30 {
		t.Errorf("%d codes in a day", starts)
	}
}

// A second process does not know the code that the first one polled with.
func TestAnotherLeaderPublishesAnotherCode(t *testing.T) {
	t.Parallel()
	f := deviceFixture(t)
	f.reconcile()
	first := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested).UserCode
	f.r = f.newReconciler()
	f.reconcile()
	if second := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested).UserCode; second == first {
		t.Error("the code of the other process is still shown")
	}
}

// A client that Webex does not know is told, and a corrected one starts at once.
func TestDeviceFlowWithAWrongClient(t *testing.T) {
	t.Parallel()
	f := deviceFixture(t)
	f.editSecret(func(secret *corev1.Secret) { secret.Data[token.KeyClientID] = []byte("unknown") })
	f.live(5 * time.Minute)
	if failed := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationFailed); !strings.Contains(failed.Message, "correct clientID") {
		t.Errorf("message = %q", failed.Message)
	}
	if starts := f.calls(deviceStart); starts != 1 {
		t.Errorf("%d attempts in five minutes", starts)
	}
	f.editSecret(func(secret *corev1.Secret) { secret.Data[token.KeyClientSecret] = []byte("another-canary") })
	f.reconcile()
	if starts := f.calls(deviceStart); starts != 2 {
		t.Errorf("%d attempts after the Secret was changed", starts)
	}
}

// While the connection still works, a code is published only when somebody asks for it.
func TestDeviceFlowRenewsEarlyOnRequest(t *testing.T) {
	t.Parallel()
	f := deviceFixture(t)
	f.credentials("nordlys")
	f.editSecret(func(secret *corev1.Secret) {
		secret.Data[token.KeyRefreshTokenExpiresAt] = []byte(f.clock.Now().Add(20 * 24 * time.Hour).Format(time.RFC3339))
	})
	f.live(time.Hour)
	f.wantAttempt("", "")
	f.edit(func(o *v1alpha1.WebexOrganization) {
		o.Annotations = map[string]string{v1alpha1.ReconcileRequestAnnotation: "now"}
	})
	f.reconcile()
	attempt := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested)
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.live(6 * time.Minute)
	f.wantAttempt("", "")
	if starts := f.calls(deviceStart); starts != 1 {
		t.Errorf("%d codes, want the one that was asked for", starts)
	}
	if attempt.UserCode == "" {
		t.Error("no code was shown")
	}
}

// An outage of the token server neither ends the attempt nor is hammered.
func TestDeviceFlowOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	f := deviceFixture(t)
	f.reconcile()
	attempt := f.wantAttempt(v1alpha1.AuthorizationDevice, v1alpha1.AuthorizationRequested)
	if err := f.simulator.SetFaults(simulator.FaultRule{Route: "/v1/device/token", Status: 503}); err != nil {
		t.Fatal(err)
	}
	f.live(time.Minute)
	if polls := f.calls(devicePoll); polls > 7 {
		t.Errorf("%d polls in a minute of 503", polls)
	}
	if err := f.simulator.SetFaults(); err != nil {
		t.Fatal(err)
	}
	if err := f.simulator.DecideDevice(attempt.UserCode, true, nordlysID); err != nil {
		t.Fatal(err)
	}
	f.live(2 * time.Minute)
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}
