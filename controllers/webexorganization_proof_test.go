package controllers

import (
	"net/http"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

var outsider = types.NamespacedName{Namespace: "elsewhere", Name: "outsider"}

// outsider makes a resource in another namespace, older than nordlys, whose Secret names nordlys's public client id beside a
// secret and tokens that are made up.
func (f *organizationFixture) outsider(organizationID string) {
	f.t.Helper()
	f.mustCreate(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: outsider.Namespace, Name: "made-up"},
		Data: map[string][]byte{
			"clientID": []byte("nordlys-client"), "clientSecret": []byte("made up"), "accessToken": []byte("made up"), "refreshToken": []byte("made up"),
			"accessTokenExpiresAt": []byte(f.clock.Now().Add(14 * day).Format(time.RFC3339)),
		},
	})
	f.mustCreate(&v1alpha1.WebexOrganization{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: outsider.Namespace, Name: outsider.Name, Generation: 1, CreationTimestamp: metav1.NewTime(f.clock.Now().Add(-time.Hour)),
		},
		Spec: v1alpha1.WebexOrganizationSpec{
			Name: "Outsider", OrganizationID: organizationID, Endpoints: v1alpha1.Endpoints{Webex: f.url, ContactCenter: f.url},
			CredentialsSecretRef: &v1alpha1.LocalSecretReference{Name: "made-up"}, RequestsPerMinute: new(int32(1)),
		},
	})
}

// visit reconciles any organization and returns Ready.
func (f *organizationFixture) visit(key types.NamespacedName) *metav1.Condition {
	f.t.Helper()
	if _, err := f.r.Reconcile(f.t.Context(), ctrl.Request{NamespacedName: key}); err != nil {
		f.t.Logf("reconcile %s: %v", key, err)
	}
	var organization v1alpha1.WebexOrganization
	if err := f.client.Get(f.t.Context(), key, &organization); err != nil {
		f.t.Fatal(err)
	}
	return meta.FindStatusCondition(organization.Status.Conditions, v1alpha1.ConditionReady)
}

// A client id is public. Who only claims it must not slow or stop those whose it is.
func TestAClaimedClientHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.outsider("0b8e4f55-21d3-4c6a-8f0a-6f3d1f0c7a21")
	f.organization(nil)
	f.credentials("nordlys")
	f.faults(simulator.FaultRule{Times: 1, Status: http.StatusTooManyRequests, RetryAfterSeconds: 3600})
	if ready := f.visit(outsider); ready.Reason != string(v1alpha1.ReasonRateLimited) {
		t.Fatalf("the outsider: %+v", ready)
	}
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if held := f.connected().Connection().Webex.HeldFor(); held != 0 {
		t.Errorf("held for %s by somebody else's answer", held)
	}
	if budget := f.get().Status.RequestBudget; budget == nil || budget.Organizations != 1 || budget.RequestsPerMinute != defaultRequestsPerMinute || budget.Client == "" {
		t.Errorf("budget = %+v, want one of nordlys alone", budget)
	}
	f.clock.Step(time.Hour)
	f.r.sessions.open(outsider).webex.trial = nil // an hour later
	if ready := f.visit(outsider); ready.Reason != string(v1alpha1.ReasonInvalidClient) {
		t.Errorf("the outsider: %+v", ready)
	}
	f.reconcile()
	if budget := f.get().Status.RequestBudget; budget.Organizations != 1 || budget.RequestsPerMinute != defaultRequestsPerMinute {
		t.Errorf("budget = %+v beside an outsider whose token is refused", budget)
	}
}

// Organizations whose credentials are proven share what Webex counts together.
func TestProvenOrganizationsOfAClientShareItsBudget(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	first := f.get().Status
	if first.IdentityVerifiedAt == nil {
		t.Fatal("identityVerifiedAt is not set")
	}
	work := f.connected().Connection().Webex
	other := types.NamespacedName{Namespace: "tenants", Name: "other"}
	if work.Bucket() != f.r.budgets.join(other, first.RequestBudget.Client, 300) {
		t.Error("another organization with the same client has another budget")
	}
	// A restart is no new proof to be given, and no write.
	before := f.get().ResourceVersion
	f.r = f.newReconciler()
	f.reconcile()
	if now := f.get(); now.ResourceVersion != before {
		t.Errorf("a restart writes a status: %+v", now.Status)
	}
	// Without its proof an organization counts for nobody.
	f.changeSecret(map[string]string{"accessToken": "refused", "refreshToken": "", "accessTokenExpiresAt": ""})
	f.reconcile()
	if status := f.get().Status; status.RequestBudget != nil || status.IdentityVerifiedAt != nil {
		t.Errorf("still shares a budget: %+v, %v", status.RequestBudget, status.IdentityVerifiedAt)
	}
}

// Proves: S1.39
func TestTheProvenOneOfTwoResourcesStands(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.outsider(webex.EncodeOrganizationID(nordlysID))
	if ready := f.visit(outsider); ready.Reason != string(v1alpha1.ReasonInvalidClient) {
		t.Fatalf("the outsider: %+v", ready)
	}
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	requests := f.simulator.Stats().Requests
	for range 2 {
		if ready := f.visit(outsider); ready.Reason != string(v1alpha1.ReasonDuplicateOrganization) {
			t.Errorf("the outsider, though older: %+v", ready)
		}
		f.r = f.newReconciler() // after a restart the status decides
	}
	f.wantRequests(requests)
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	// Who cannot prove it any more stands in nobody's way.
	f.changeSecret(map[string]string{"accessToken": "refused", "refreshToken": "", "accessTokenExpiresAt": ""})
	f.reconcile()
	if ready := f.visit(outsider); ready.Reason == string(v1alpha1.ReasonDuplicateOrganization) {
		t.Errorf("the outsider, when nobody stands for the organization: %+v", ready)
	}
}

func TestTwoThatProveThemselvesAtOnce(t *testing.T) {
	t.Parallel()
	var p proofs
	if _, ok := p.prove(nordlys, nordlysID); !ok {
		t.Fatal("the first is refused")
	}
	if holder, ok := p.prove(outsider, nordlysID); ok || holder != nordlys {
		t.Errorf("the second: %v, %v", holder, ok)
	}
	if _, ok := p.prove(outsider, siroccoID); !ok {
		t.Error("the second is refused for another organization")
	}
	if !p.doubt(nordlys) || p.doubt(nordlys) {
		t.Error("a doubt is news once")
	}
	if _, ok := p.prove(outsider, nordlysID); !ok {
		t.Error("the second is refused after the first has gone")
	}
}
