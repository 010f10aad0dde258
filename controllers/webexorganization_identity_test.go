package controllers

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

// Proves: S1.7, S1.36, PR3, PR4
func TestEverySpellingOfAnOrganizationIsTheSame(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{
		"UUID": nordlysID, "upper case": strings.ToUpper(nordlysID),
		"encoded": webex.EncodeOrganizationID(nordlysID), "padded": webex.EncodeOrganizationID(nordlysID) + "=", "kind in other letters": oddOrganization,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newOrganizationFixture(t)
			f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.OrganizationID = id })
			f.credentials("nordlys")
			f.reconcile()
			f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
			if status := f.get().Status; status.OrganizationID != nordlysID || status.InternalID != webex.EncodeOrganizationID(nordlysID) {
				t.Errorf("status = %s, %s", status.OrganizationID, status.InternalID)
			}
		})
	}
}

// Proves: S1.7, PR51
func TestAnOrganizationThatTheTokenDoesNotSee(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	if err := f.simulator.SetFaults(simulator.FaultRule{Route: "/v1/organizations/{id}", Status: http.StatusNotFound, Body: `{"message":"not found"}`}); err != nil {
		t.Fatal(err)
	}
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonOrganizationNotFound)
}

// An account that manages several organizations is not an account of the first that it sees.
// Proves: S1.29, PR3
func TestAPartnersTokenIsNotItsCustomers(t *testing.T) {
	t.Parallel()
	f := setting{seed: func(seed *simulator.OrganizationSeed) { seed.Managed = []string{siroccoID} }}.fixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.OrganizationID = siroccoID })
	f.credentials("nordlys")
	f.reconcile()
	message := f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonWrongOrganization).Message
	if !strings.Contains(message, nordlysID) || !strings.Contains(message, siroccoID) {
		t.Errorf("message = %q", message)
	}
	f.wantRequests(1)
}

// Proves: S1.6, S1.8, S1.9, S1.11, PR5, PR12, PR13, PR14, PR50
func TestInformationCausesNoRequest(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	f.wantRequests(3)
	origin := f.r.sessions.open(nordlys).webex.source.Status()
	for _, change := range []func(*v1alpha1.WebexOrganizationSpec){
		func(s *v1alpha1.WebexOrganizationSpec) { s.Name = "Nordlys Energi" },
		func(s *v1alpha1.WebexOrganizationSpec) { s.AccountEmail = "kari@nordlys.example" },
		func(s *v1alpha1.WebexOrganizationSpec) { s.EmailDomain = "voice.nordlys.example" },
		func(s *v1alpha1.WebexOrganizationSpec) { s.DefaultCallingBehavior = "Cisco Jabber app" },
		func(s *v1alpha1.WebexOrganizationSpec) { s.DirectorySync = new(true) },
		func(s *v1alpha1.WebexOrganizationSpec) { s.Notes = "call Kari first" },
	} {
		f.edit(func(o *v1alpha1.WebexOrganization) { change(&o.Spec); o.Generation++ })
		f.reconcile()
		f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	}
	f.wantRequests(3)
	if now := f.r.sessions.open(nordlys).webex.source.Status(); now.Version != origin.Version {
		t.Error("the tokens changed")
	}
	if spec := f.get().Spec; spec.AccountEmail != "kari@nordlys.example" || spec.Notes != "call Kari first" || !*spec.DirectorySync {
		t.Errorf("spec = %+v", spec)
	}
}

// Proves: PR8, PR9
func TestWhatIsSwitchedOffIsNotAsked(t *testing.T) {
	t.Parallel()
	f := setting{seed: func(seed *simulator.OrganizationSeed) {
		seed.Wholesale = &simulator.WholesaleSeed{Customers: []simulator.WholesaleCustomer{{}}}
	}}.fixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.ContactCenter, o.Spec.SyncOnCreate = false, true })
	f.credentials("nordlys")
	f.reconcile()
	f.clock.Step(day)
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if calls := f.simulator.Stats().Services["contactCenter"]; calls != 0 || f.wholesaleCalls() != 0 {
		t.Errorf("%d contact-center and %d wholesale requests", calls, f.wholesaleCalls())
	}
}

// A contact center that does not know the organization looks like a bad token. It has just worked elsewhere.
// Proves: S1.4
func TestAWrongRegionIsNamedAndDoesNotEndTheToken(t *testing.T) {
	t.Parallel()
	for status, reason := range map[int]v1alpha1.Reason{
		http.StatusUnauthorized: v1alpha1.ReasonUnauthorized, http.StatusForbidden: v1alpha1.ReasonForbidden, http.StatusNotFound: v1alpha1.ReasonOrganizationNotFound,
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			f := newOrganizationFixture(t)
			f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.Region = "eu1" })
			f.credentials("nordlys")
			if err := f.simulator.SetFaults(simulator.FaultRule{Path: "^/organization/", Status: status}); err != nil {
				t.Fatal(err)
			}
			result := f.reconcile()
			message := f.want(v1alpha1.ConditionContactCenterReachable, metav1.ConditionFalse, reason).Message
			if !strings.Contains(message, "is eu1, which spec.region says, the organization's own region?") {
				t.Errorf("message = %q", message)
			}
			f.want(v1alpha1.ConditionTokenValid, metav1.ConditionTrue, v1alpha1.ReasonConnected)
			f.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, reason)
			f.wantRequests(3) // no renewal
			next := slowOrganizationRetry
			if status == http.StatusForbidden {
				next = firstRest
			}
			if result.RequeueAfter != next {
				t.Errorf("next visit in %s, want in %s", result.RequeueAfter, next)
			}
		})
	}
}

// Proves: PR11
func TestAnEndpointMovesTheRequests(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	elsewhere := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elsewhere++
		f.simulator.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.Endpoints.ContactCenter = server.URL })
	f.reconcile()
	f.want(v1alpha1.ConditionContactCenterReachable, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if elsewhere != 1 {
		t.Errorf("%d requests went to the other address, want the probe", elsewhere)
	}
}

// Proves: PR30
func TestTokensStayWithTheirOrganization(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(createSynced)
	f.credentials("nordlys")
	var own corev1.Secret
	if err := f.client.Get(t.Context(), types.NamespacedName{Namespace: nordlys.Namespace, Name: "credentials"}, &own); err != nil {
		t.Fatal(err)
	}
	f.credentials("sirocco")
	var theirs corev1.Secret
	if err := f.client.Get(t.Context(), types.NamespacedName{Namespace: nordlys.Namespace, Name: "credentials"}, &theirs); err != nil {
		t.Fatal(err)
	}
	f.changeSecret(map[string]string{
		"clientID": string(own.Data["clientID"]), "clientSecret": string(own.Data["clientSecret"]),
		"accessToken": string(own.Data["accessToken"]), "refreshToken": string(own.Data["refreshToken"]),
	})
	theirs.Name, theirs.ResourceVersion = "sirocco", ""
	if err := f.client.Create(t.Context(), &theirs); err != nil {
		t.Fatal(err)
	}
	second := f.get().DeepCopy()
	second.ObjectMeta = metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: "sirocco", CreationTimestamp: metav1.NewTime(f.clock.Now())}
	second.Spec.OrganizationID, second.Spec.CredentialsSecretRef = siroccoID, &v1alpha1.LocalSecretReference{Name: "sirocco"}
	if err := f.client.Create(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		for _, name := range []string{"nordlys", "sirocco"} {
			if _, err := f.r.Reconcile(t.Context(), ctrl.Request{NamespacedName: types.NamespacedName{Namespace: nordlys.Namespace, Name: name}}); err != nil {
				t.Fatal(err)
			}
		}
		f.clock.Step(7 * day)
	}
	owners := map[string]string{"nordlys-client": nordlysID, "sirocco-client": siroccoID}
	seen := map[string]int{}
	for _, request := range f.simulator.Requests() {
		if owner := owners[request.Client]; owner == "" || owner != request.Organization {
			t.Errorf("client %q called for organization %q: %s %s", request.Client, request.Organization, request.Method, request.Path)
		}
		seen[request.Client]++
	}
	if seen["nordlys-client"] < 6 || seen["nordlys-client"] != seen["sirocco-client"] {
		t.Errorf("requests by client: %v", seen)
	}
	if status := second.DeepCopy(); f.client.Get(t.Context(), types.NamespacedName{Namespace: nordlys.Namespace, Name: "sirocco"}, status) != nil ||
		status.Status.DisplayName != "Sirocco Retail SL" || f.get().Status.DisplayName != "Nordlys Care GmbH" {
		t.Errorf("names: %q, %q", status.Status.DisplayName, f.get().Status.DisplayName)
	}
}

// Proves: PR51
func TestRefusedRenewalsHaveTheirOwnReasonsAndAreNotRepeated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		reason v1alpha1.Reason
	}{
		"dead refresh token, OAuth form": {400, `{"error":"invalid_grant","error_description":"refresh token expired"}`, v1alpha1.ReasonReconnectRequired},
		"dead refresh token, Webex form": {400, `{"message":"The refresh token is not usable any more.","trackingId":"ROUTER_1"}`, v1alpha1.ReasonReconnectRequired},
		"dead refresh token, 401":        {401, `{"message":"The refresh token is not usable any more.","trackingId":"ROUTER_1"}`, v1alpha1.ReasonReconnectRequired},
		"wrong client":                   {401, `{"error":"invalid_client","error_description":"unknown client"}`, v1alpha1.ReasonInvalidClient},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newOrganizationFixture(t)
			f.organization(nil)
			f.credentials("nordlys")
			f.changeSecret(map[string]string{"accessToken": "", "accessTokenExpiresAt": ""})
			if err := f.simulator.SetFaults(simulator.FaultRule{Route: "/v1/access_token", Status: test.status, Body: test.body}); err != nil {
				t.Fatal(err)
			}
			for range 5 {
				f.reconcile()
				f.clock.Step(day)
			}
			f.want(v1alpha1.ConditionTokenValid, metav1.ConditionFalse, test.reason)
			f.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, test.reason)
			f.wantRequests(1)
		})
	}
}

// A failure that time may end is tried again, not at once and ever more rarely.
// Proves: PR51
func TestRenewalsThatFailBackOff(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.changeSecret(map[string]string{"accessToken": "", "accessTokenExpiresAt": ""})
	if err := f.simulator.SetFaults(simulator.FaultRule{Route: "/v1/access_token", Status: http.StatusServiceUnavailable}); err != nil {
		t.Fatal(err)
	}
	var waits []time.Duration
	for range 4 {
		wait := f.reconcile().RequeueAfter
		f.want(v1alpha1.ConditionReady, metav1.ConditionUnknown, v1alpha1.ReasonUnavailable)
		waits = append(waits, wait.Round(time.Second))
		f.clock.Step(wait)
	}
	for i, wait := range waits {
		if want := 30 * time.Second << i; wait != want {
			t.Errorf("waits = %v, want the doubles of 30s", waits)
			break
		}
	}
	f.wantRequests(4)
}
