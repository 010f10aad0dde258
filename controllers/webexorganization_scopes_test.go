package controllers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

var siteEntity = webex.Entity{Route: "site", CompleteRows: true}

// granting connects nordlys with tokens of these scopes. The token server says them with the first renewal, which is
// made before anything else.
func granting(t *testing.T, scopes ...string) *organizationFixture {
	t.Helper()
	f := setting{begin: newYear, seed: func(seed *simulator.OrganizationSeed) { seed.Scopes = scopes }}.fixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.SyncOnCreate = true })
	f.credentials("nordlys")
	f.changeSecret(map[string]string{"accessToken": "", "accessTokenExpiresAt": ""})
	return f
}

// Proves: S1.30, PR23
func TestAMissingScopeIsNamedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	f := granting(t, webex.ScopePeople, webex.ScopeConfigRead)
	f.reconcile()
	for _, condition := range []string{v1alpha1.ConditionTokenValid, v1alpha1.ConditionReady} {
		message := f.want(condition, metav1.ConditionFalse, v1alpha1.ReasonScopeMissing).Message
		for _, want := range []string{webex.ScopeOrganizations, webex.ScopeConfigWrite, "create, change and delete"} {
			if !strings.Contains(message, want) {
				t.Errorf("%s: %q is not in the message: %s", condition, want, message)
			}
		}
		for _, granted := range []string{webex.ScopeConfigRead, webex.ScopeLicenses} {
			if strings.Contains(message, granted) {
				t.Errorf("%s: %s is granted or not needed: %s", condition, granted, message)
			}
		}
	}
	f.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonScopeMissing)
	f.wantRequests(1) // the renewal that told the scopes
	if f.connected() != nil {
		t.Error("the registry holds the organization")
	}
}

func TestTheOlderScopeCoversBoth(t *testing.T) {
	t.Parallel()
	f := granting(t, "cjp:config", webex.ScopeOrganizations, webex.ScopeConfigRead)
	f.reconcile()
	if failed := f.get().Status; len(failed.Scopes) != 3 {
		t.Errorf("scopes = %v", failed.Scopes)
	}
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// Proves: S1.30
func TestAScopeThatIsNotNeededIsMissedByItsSyncOnly(t *testing.T) {
	t.Parallel()
	f := granting(t, webex.ScopeOrganizations, webex.ScopeConfigRead, webex.ScopeConfigWrite, webex.ScopeRoles)
	f.reconcile()
	f.want(v1alpha1.ConditionTokenValid, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	for _, route := range []string{"GET /v1/licenses", "GET /v1/people/me"} {
		if made := f.simulator.Stats().Routes[route].Count; made != 0 {
			t.Errorf("%d of %s, which cannot succeed", made, route)
		}
	}
	licenses, roles := f.syncOf(v1alpha1.SyncLicenses), f.syncOf(v1alpha1.SyncRoles)
	if licenses.Result != v1alpha1.SyncFailed || !strings.Contains(licenses.Message, webex.ScopeLicenses) || licenses.NextTime != nil {
		t.Errorf("licences: %+v", licenses)
	}
	if roles.Result != v1alpha1.SyncSucceeded || len(f.get().Status.Roles) == 0 {
		t.Errorf("roles: %+v", roles)
	}
	before := f.get().ResourceVersion
	f.clock.Step(time.Minute)
	f.reconcile()
	if f.get().ResourceVersion != before {
		t.Error("the missing scope is written again and again")
	}
}

// Where nobody said which scopes were granted, the refusal of a call names the one that it needs.
// Proves: S1.30, PR23, PR51
func TestARefusedCallNamesItsScope(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault     simulator.FaultRule
		condition string
		reason    v1alpha1.Reason
		scope     string
		requests  int
	}{
		"platform 403": {
			simulator.FaultRule{Route: "/v1/organizations/{id}", Status: http.StatusForbidden, Body: `{"message":"no"}`},
			v1alpha1.ConditionTokenValid, v1alpha1.ReasonForbidden, webex.ScopeOrganizations, 2,
		},
		"platform 401 that means a scope": {
			simulator.FaultRule{Route: "/v1/organizations/{id}", Status: http.StatusUnauthorized, Body: `{"errors":[{"description":"no","errorCode":200003}]}`},
			v1alpha1.ConditionTokenValid, v1alpha1.ReasonScopeMissing, webex.ScopeOrganizations, 2,
		},
		"contact center 403": {
			simulator.FaultRule{Path: "/v2/site", Status: http.StatusForbidden, Body: `{"error":{"key":"403","message":[{"description":"no"}]}}`},
			v1alpha1.ConditionContactCenterReachable, v1alpha1.ReasonForbidden, webex.ScopeConfigRead, 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newOrganizationFixture(t)
			f.organization(nil)
			f.credentials("nordlys")
			if err := f.simulator.SetFaults(test.fault); err != nil {
				t.Fatal(err)
			}
			f.reconcile()
			condition := f.want(test.condition, metav1.ConditionFalse, test.reason)
			if !strings.Contains(condition.Message, "needs the scope "+test.scope) {
				t.Errorf("message = %q", condition.Message)
			}
			f.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, test.reason)
			f.wantRequests(test.requests) // no renewal: it would not help
		})
	}
}

// What one call is refused for, every object would be refused for.
// Proves: PR51
func TestARefusalOfTheTokenStopsEveryCall(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	sites := f.connected().Connection().Webex.Collection(siteEntity)
	refused := simulator.FaultRule{Path: "^/organization/", Status: http.StatusForbidden, Body: `{"error":{"key":"403","message":[{"description":"Caller lacks the needed scope"}]}}`}
	if err := f.simulator.SetFaults(refused); err != nil {
		t.Fatal(err)
	}
	before := f.simulator.Stats().Requests
	for range 300 {
		if _, err := sites.List(t.Context()); remote.ClassOf(err) != remote.Forbidden {
			t.Fatalf("a list ended with %v", err)
		}
	}
	f.wantRequests(before + 1)
	visits := func(want int, wait time.Duration) {
		t.Helper()
		result := f.reconcile()
		condition := f.want(v1alpha1.ConditionContactCenterReachable, metav1.ConditionFalse, v1alpha1.ReasonForbidden)
		f.want(v1alpha1.ConditionTokenValid, metav1.ConditionTrue, v1alpha1.ReasonConnected)
		f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonForbidden)
		if !strings.Contains(condition.Message, webex.ScopeConfigRead) || f.connected() != nil {
			t.Errorf("message = %q, connected %v", condition.Message, f.connected())
		}
		f.wantRequests(before + want)
		if result.RequeueAfter != wait {
			t.Errorf("next visit in %s, want in %s", result.RequeueAfter, wait)
		}
	}
	visits(1, firstRest)
	f.clock.Step(10 * time.Second)
	visits(1, 20*time.Second)
	for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, longestRest, longestRest} {
		f.clock.Step(f.reconcile().RequeueAfter)
		before++ // one probe
		visits(1, wait)
	}
	if err := f.simulator.SetFaults(); err != nil {
		t.Fatal(err)
	}
	f.credentials("nordlys") // touches nothing that counts
	f.reconcile()
	f.wantRequests(before + 1)
	f.clock.Step(longestRest)
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.wantRequests(before + 2)
	if _, err := sites.List(t.Context()); err != nil {
		t.Error(err)
	}
}

// Tokens that somebody puts into the Secret while those before them were refused are tried at once.
func TestOtherTokensEndARefusal(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	sites := f.connected().Connection().Webex.Collection(siteEntity)
	if err := f.simulator.SetFaults(simulator.FaultRule{
		Path: "^/organization/", Status: http.StatusForbidden, Body: `{"error":{"key":"403","message":[{"description":"no scope"}]}}`,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := sites.List(t.Context()); remote.ClassOf(err) != remote.Forbidden {
		t.Fatalf("a list ended with %v", err)
	}
	if err := f.simulator.SetFaults(); err != nil {
		t.Fatal(err)
	}
	f.changeSecret(map[string]string{"refreshToken": ""}) // another grant of the same client
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if _, err := sites.List(t.Context()); err != nil {
		t.Error(err)
	}
}

// Refusals of single objects are no refusal of the token.
func TestARefusalOfOneObjectStopsNoOther(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	sites := f.connected().Connection().Webex.Collection(siteEntity)
	one := simulator.FaultRule{Path: "/site/", Status: http.StatusForbidden, Body: `{"error":{"key":"403","message":[{"description":"not this one"}]}}`}
	if err := f.simulator.SetFaults(one); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := sites.Read(t.Context(), "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e11"); remote.ClassOf(err) != remote.Forbidden {
			t.Fatalf("a read ended with %v", err)
		}
		if _, err := sites.List(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// syncOf returns a periodic sync of the status.
func (f *organizationFixture) syncOf(name v1alpha1.SyncName) v1alpha1.SyncStatus {
	f.t.Helper()
	for _, sync := range f.get().Status.Syncs {
		if sync.Name == name {
			return sync
		}
	}
	f.t.Fatalf("no sync %s", name)
	return v1alpha1.SyncStatus{}
}
