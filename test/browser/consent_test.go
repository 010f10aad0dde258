package browser_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/consent"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/token"
)

// canary is in every secret that exists before a consent, simulated in every token and code of the simulator.
const (
	canary    = "canary"
	simulated = "_PS00_"
)

// administrator is somebody with one organization to connect.
type administrator struct {
	*installation
	t         *testing.T
	namespace string
	// id of the organization, and of another one in which the same person has an account.
	id, otherID string
}

// newAdministrator makes an organization with an OAuth client and no tokens.
func newAdministrator(t *testing.T, namespace string) *administrator {
	t.Helper()
	a := &administrator{installation: needsBrowser(t), t: t, namespace: namespace, id: uuid.NewString(), otherID: uuid.NewString()}
	a.simulator.AddOrganization(simulator.OrganizationSeed{
		ID: a.id, Name: "Nordlys Care GmbH", ClientID: "client-" + namespace, ClientSecret: "secret-canary-" + namespace,
		Admin: "admin@nordlys.example", RedirectURIs: []string{a.url + "/connect/callback"},
	})
	a.simulator.AddOrganization(simulator.OrganizationSeed{ID: a.otherID, Name: "Sirocco Retail SL", Admin: "admin@sirocco.example"})
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}},
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "webex-credentials"},
			StringData: map[string]string{token.KeyClientID: "client-" + namespace, token.KeyClientSecret: "secret-canary-" + namespace},
		},
		&v1alpha1.WebexOrganization{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "nordlys"},
			Spec: v1alpha1.WebexOrganizationSpec{
				Name: "Nordlys Care GmbH", OrganizationID: a.id, ContactCenter: true, Region: "eu1", SyncOnCreate: true,
				Endpoints:            v1alpha1.Endpoints{Webex: a.webex, ContactCenter: a.webex},
				CredentialsSecretRef: &v1alpha1.LocalSecretReference{Name: "webex-credentials"},
			},
		},
	} {
		if err := a.client.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

func (a *administrator) organization() *v1alpha1.WebexOrganization {
	a.t.Helper()
	var organization v1alpha1.WebexOrganization
	if err := a.client.Get(a.t.Context(), client.ObjectKey{Namespace: a.namespace, Name: "nordlys"}, &organization); err != nil {
		a.t.Fatal(err)
	}
	return &organization
}

// secret is the client with the tokens that count, of both Secrets.
func (a *administrator) secret() *corev1.Secret {
	a.t.Helper()
	secret, err := token.PlaceOf(a.organization()).Whole(a.t.Context(), a.client)
	if err != nil {
		a.t.Fatal(err)
	}
	return secret
}

// link waits for the address in the resource's status.
func (a *administrator) link() (link string) {
	a.t.Helper()
	a.eventually(func(organization *v1alpha1.WebexOrganization) error {
		if link = organization.Status.ConnectURL; link == "" {
			return fmt.Errorf("no link: %+v", organization.Status.Conditions)
		}
		return nil
	})
	return link
}

// eventually waits until check has nothing to complain about.
func (a *administrator) eventually(check func(*v1alpha1.WebexOrganization) error) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check(a.organization())
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			a.t.Fatal(err)
		case <-ticker.C:
		}
	}
}

// wantAttempt waits for a phase of the attempt whose message has the texts.
func (a *administrator) wantAttempt(phase v1alpha1.AuthorizationPhase, texts ...string) {
	a.t.Helper()
	a.eventually(func(organization *v1alpha1.WebexOrganization) error {
		attempt := organization.Status.Authorization
		if attempt == nil || attempt.Phase != phase {
			return fmt.Errorf("status.authorization = %+v, want %s", attempt, phase)
		}
		for _, text := range texts {
			if !strings.Contains(attempt.Message, text) {
				return fmt.Errorf("message = %q, want %q in it", attempt.Message, text)
			}
		}
		return nil
	})
}

// wantEvent waits for an event with this reason.
func (a *administrator) wantEvent(reason string) {
	a.t.Helper()
	a.eventually(func(*v1alpha1.WebexOrganization) error {
		var list eventsv1.EventList
		if err := a.client.List(a.t.Context(), &list, client.InNamespace(a.namespace)); err != nil {
			return err
		}
		for i := range list.Items {
			if strings.Contains(list.Items[i].Note, canary) || strings.Contains(list.Items[i].Note, simulated) {
				a.t.Errorf("an event shows a secret: %s", list.Items[i].Note)
			}
			if list.Items[i].Reason == reason {
				return nil
			}
		}
		return fmt.Errorf("no event %s", reason)
	})
}

// wantNoTokens makes sure that nothing was stored.
func (a *administrator) wantNoTokens() {
	a.t.Helper()
	if secret := a.secret(); len(secret.Data) != 2 || len(secret.Annotations) != 0 {
		a.t.Errorf("the Secret was written: %d keys, annotations %v", len(secret.Data), secret.Annotations)
	}
}

// toWebex goes from the link to the consent screen.
func (a *administrator) toWebex(b *tab) {
	a.t.Helper()
	b.visit(a.link(), "Connect Nordlys Care GmbH")
	b.press("#continue", "asks for access")
}

// choose signs in at Webex with an account of the organization and decides.
func choose(b *tab, organization, button, heading string) {
	b.t.Helper()
	b.do("choose the account", chromedp.SetValue(chromedp.CSS("#organization"), organization))
	b.press(button, heading)
}

// Proves: S1.12, S1.27, S1.28, S1.37, PR21, PR24, PR45, PR46
func TestGranted(t *testing.T) {
	t.Parallel()
	a := newAdministrator(t, "granted")
	link := a.link()
	if strings.Contains(link, canary) || len(link) > 32768 {
		t.Errorf("link = %s", link)
	}
	b := a.newTab(t)
	b.visit(link, "Connect Nordlys Care GmbH")
	b.wantReadable()
	b.screenshot("consent")
	page := b.text()
	for _, text := range []string{a.id, "granted/nordlys", "cjp:config_write", "Create, change and delete configuration of Webex Contact Center", "Continue to Webex"} {
		if !strings.Contains(page, text) {
			t.Errorf("%q is not on the page:\n%s", text, page)
		}
	}
	b.press("#continue", "asks for access")
	a.wantAttempt(v1alpha1.AuthorizationPending)
	b.screenshot("webex")
	choose(b, a.id, "#allow", "is connected")
	b.wantReadable()
	b.screenshot("connected")
	a.wantAttempt(v1alpha1.AuthorizationObtained)
	a.wantEvent("AuthorizationObtained")
	if a.callbacks.Load() == 0 {
		t.Error("the callback did not come to the second replica")
	}
	a.eventually(func(organization *v1alpha1.WebexOrganization) error {
		status := organization.Status
		if !meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady) || status.ConnectURL != "" {
			return fmt.Errorf("link %q, conditions %+v", status.ConnectURL, status.Conditions)
		}
		if len(status.Licenses) == 0 || len(status.Roles) == 0 || status.RefreshTokenExpiresAt == nil {
			return fmt.Errorf("%d licences, %d roles, refresh token ends %v", len(status.Licenses), len(status.Roles), status.RefreshTokenExpiresAt)
		}
		return nil
	})
	b.visit(link, "No consent is needed now")
	b.wantReadable()
	b.screenshot("nothing-to-do")
}

// Proves: PR23
func TestDenied(t *testing.T) {
	t.Parallel()
	a := newAdministrator(t, "denied")
	b := a.newTab(t)
	a.toWebex(b)
	choose(b, a.id, "#deny", "You did not grant access")
	b.wantReadable()
	b.screenshot("denied")
	a.wantAttempt(v1alpha1.AuthorizationFailed, "refused the consent")
	a.wantEvent("AuthorizationFailed")
	a.wantNoTokens()
	b.press("#again", "Connect Nordlys Care GmbH")
}

// Proves: S1.29
func TestWrongOrganization(t *testing.T) {
	t.Parallel()
	a := newAdministrator(t, "wrong-tenant")
	b := a.newTab(t)
	b.darkAndNarrow()
	b.visit(a.link(), "Connect Nordlys Care GmbH")
	b.wantReadable()
	b.screenshot("consent-dark-narrow")
	b.press("#continue", "asks for access")
	choose(b, a.otherID, "#allow", "another organization")
	b.wantReadable()
	b.screenshot("wrong-organization-dark-narrow")
	if page := b.text(); !strings.Contains(page, a.id) || !strings.Contains(page, a.otherID) {
		t.Errorf("the page does not name both organizations:\n%s", page)
	}
	a.wantAttempt(v1alpha1.AuthorizationFailed, a.id, a.otherID)
	a.wantNoTokens()
	b.press("#again", "Connect Nordlys Care GmbH")
	b.press("#continue", "asks for access")
	choose(b, a.id, "#allow", "is connected")
	b.screenshot("connected-dark-narrow")
	a.wantAttempt(v1alpha1.AuthorizationObtained)
}

func TestReplayedState(t *testing.T) {
	t.Parallel()
	a := newAdministrator(t, "replayed")
	b := a.newTab(t)
	a.toWebex(b)
	choose(b, a.id, "#allow", "is connected")
	back := b.address()
	if !strings.Contains(back, "/connect/callback?") {
		t.Fatalf("the window is at %s", back)
	}
	stored := a.secret().Data
	b.visit(back, "used already")
	b.wantReadable()
	b.screenshot("used-already")
	stranger := a.newTab(t)
	stranger.visit(back, "used already")
	a.wantAttempt(v1alpha1.AuthorizationObtained)
	if now := a.secret().Data; string(now[token.KeyRefreshToken]) != string(stored[token.KeyRefreshToken]) {
		t.Error("the second visit changed the tokens")
	}
}

func TestAStolenCallback(t *testing.T) {
	t.Parallel()
	a := newAdministrator(t, "stolen")
	victim, thief := a.newTab(t), a.newTab(t)
	a.toWebex(victim)
	address := victim.address()
	thief.visit(address, "asks for access")
	choose(thief, a.id, "#allow", "Please start again")
	thief.wantReadable()
	thief.screenshot("start-again")
	a.wantNoTokens()
}

func TestExpiredLink(t *testing.T) {
	t.Parallel()
	a := newAdministrator(t, "expired")
	b := a.newTab(t)
	b.visit(a.expiredLink(), "This link has expired")
	b.wantReadable()
	b.screenshot("expired")
	if page := b.text(); !strings.Contains(page, "kubectl --namespace expired get wxorg nordlys") {
		t.Errorf("the page does not say what to do next:\n%s", page)
	}
	b.visit(strings.Replace(a.link(), "ticket=1", "ticket=2", 1), "This link does not work")
	b.wantReadable()
	b.screenshot("invalid")
	a.wantNoTokens()
}

// expiredLink is the link as it was made two days ago.
func (a *administrator) expiredLink() string {
	a.t.Helper()
	oauth, err := token.NewClient(a.secret(), a.webex+"/v1", nil)
	if err != nil {
		a.t.Fatal(err)
	}
	link, _, err := consent.Link(a.url, "", a.organization(), oauth, time.Now().Add(-2*consent.LinkLife))
	if err != nil {
		a.t.Fatal(err)
	}
	return link
}
