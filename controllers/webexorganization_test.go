package controllers

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

// Proves: S1.5, S1.7, PR2, PR3
func TestOrganizationConnectsAndSettles(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.InventoryInterval = &metav1.Duration{Duration: 30 * day} })
	f.credentials("nordlys")
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.want(v1alpha1.ConditionTokenValid, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.want(v1alpha1.ConditionContactCenterReachable, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	status := f.get().Status
	if status.OrganizationID != nordlysID || status.InternalID != webex.EncodeOrganizationID(nordlysID) || status.DisplayName != "Nordlys Care GmbH" {
		t.Errorf("status = %+v", status)
	}
	if f.connected() == nil || f.connected().Connection().Webex == nil {
		t.Fatal("the registry does not know the organization")
	}
	f.wantRequests(3)
	before := f.get().ResourceVersion
	result := f.reconcile()
	f.wantRequests(3)
	if f.get().ResourceVersion != before {
		t.Error("the second reconcile wrote a status")
	}
	if week := 7 * 24 * time.Hour; result.RequeueAfter > week || result.RequeueAfter < week-time.Minute {
		t.Errorf("next visit in %s, want in a week", result.RequeueAfter)
	}
	f.clock.Step(7 * 24 * time.Hour)
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.wantRequests(4) // renewed tokens belong to the account that has been checked
	if seen := f.seen(); !strings.Contains(seen, eventTokenRefreshed) || strings.Contains(seen, canary) {
		t.Errorf("events = %s", seen)
	}
}

// Proves: S1.27, PR22
func TestOrganizationWaitsForCredentials(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.reconcile()
	condition := f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonCredentialsMissing)
	if !strings.Contains(condition.Message, "tenants/credentials") {
		t.Errorf("message = %q, want the Secret's name in it", condition.Message)
	}
	f.want(v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonCredentialsMissing)
	f.wantRequests(0)
	f.credentials("nordlys")
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// Proves: S1.29
func TestOrganizationRefusesForeignTokens(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	work := f.connected().Connection().Webex
	f.credentials("sirocco")
	f.reconcile()
	condition := f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonWrongOrganization)
	for _, id := range []string{nordlysID, siroccoID} {
		if !strings.Contains(condition.Message, id) {
			t.Errorf("message = %q, want %s in it", condition.Message, id)
		}
	}
	f.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonWrongOrganization)
	f.wantRequests(4)
	if f.connected() != nil {
		t.Error("the registry still holds the organization")
	}
	if err := work.Probe(t.Context()); err == nil {
		t.Error("the old client may use the foreign token")
	}
	f.clock.Step(10 * 24 * time.Hour)
	f.reconcile()
	f.wantRequests(4)
	f.credentials("nordlys")
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// Proves: S1.39
func TestOrganizationRefusesASecondResource(t *testing.T) {
	t.Parallel()
	older := &v1alpha1.WebexOrganization{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tenants", Name: "older", CreationTimestamp: metav1.NewTime(time.Now().Add(-time.Hour))},
		Spec:       v1alpha1.WebexOrganizationSpec{OrganizationID: webex.EncodeOrganizationID(nordlysID)},
		Status:     v1alpha1.WebexOrganizationStatus{IdentityVerifiedAt: new(metav1.Now())},
	}
	f := newOrganizationFixture(t, older)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonDuplicateOrganization)
	f.wantRequests(0)
	if err := f.client.Delete(t.Context(), older); err != nil {
		t.Fatal(err)
	}
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// Proves: PR51
func TestOrganizationFailures(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault  simulator.FaultRule
		status metav1.ConditionStatus
		reason v1alpha1.Reason
	}{
		"403":           {simulator.FaultRule{Route: "*", Status: 403}, metav1.ConditionFalse, v1alpha1.ReasonForbidden},
		"429":           {simulator.FaultRule{Route: "*", Status: 429, RetryAfterSeconds: 7}, metav1.ConditionUnknown, v1alpha1.ReasonRateLimited},
		"500":           {simulator.FaultRule{Route: "*", Status: 500}, metav1.ConditionUnknown, v1alpha1.ReasonUnavailable},
		"reset":         {simulator.FaultRule{Route: "*", Reset: true}, metav1.ConditionUnknown, v1alpha1.ReasonUnavailable},
		"truncated":     {simulator.FaultRule{Route: "*", Truncate: true}, metav1.ConditionUnknown, v1alpha1.ReasonInvalidResponse},
		"expired token": {simulator.FaultRule{Method: "GET", Route: "*", ExpireToken: true}, metav1.ConditionFalse, v1alpha1.ReasonUnauthorized},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newOrganizationFixture(t)
			f.organization(nil)
			f.credentials("nordlys")
			if err := f.simulator.SetFaults(test.fault); err != nil {
				t.Fatal(err)
			}
			result, err := f.r.Reconcile(t.Context(), ctrl.Request{NamespacedName: nordlys})
			if err == nil && result.RequeueAfter < time.Second {
				t.Errorf("next visit in %s: that is no back-off", result.RequeueAfter)
			}
			f.want(v1alpha1.ConditionReady, test.status, test.reason)
			if test.reason == v1alpha1.ReasonForbidden {
				f.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, test.reason)
			} else {
				f.want(v1alpha1.ConditionReconciling, metav1.ConditionTrue, test.reason)
			}
			if f.connected() != nil {
				t.Error("connected in spite of the failure")
			}
			if test.fault.RetryAfterSeconds > 0 {
				if result.RequeueAfter != 7*time.Second {
					t.Errorf("next visit in %s, want after Retry-After", result.RequeueAfter)
				}
				f.reconcile()
				f.want(v1alpha1.ConditionReady, test.status, test.reason)
				f.wantRequests(1)
			}
			if seen := f.seen(); strings.Contains(seen, canary) {
				t.Errorf("events = %s", seen)
			}
		})
	}
}

// Proves: S1.19, S1.41
func TestOrganizationInventory(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.SyncOnCreate = true })
	f.credentials("nordlys")
	f.reconcile()
	status := f.get().Status
	if len(status.Licenses) == 0 || len(status.Roles) == 0 || lastSync(&status, v1alpha1.SyncLicenses) == nil {
		t.Fatalf("licences %v, roles %v", status.Licenses, status.Roles)
	}
	f.wantRequests(5)
	f.r = f.newReconciler()
	f.reconcile()
	f.wantRequests(8)
	f.edit(func(o *v1alpha1.WebexOrganization) {
		o.Annotations = map[string]string{v1alpha1.ReconcileRequestAnnotation: "now"}
	})
	f.reconcile()
	f.wantRequests(13)
	if handled := f.get().Status.LastHandledReconcileAt; handled != "now" {
		t.Errorf("lastHandledReconcileAt = %q", handled)
	}
}

func gatewaySecret(password string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tenants", Name: "gateway"},
		Data:       map[string][]byte{"username": []byte("apio"), "password": []byte(password)},
	}
}

// gatewayOrganization makes the resource nordlys with a gateway beside Webex.
func (f *organizationFixture) gatewayOrganization() {
	f.t.Helper()
	f.organization(func(o *v1alpha1.WebexOrganization) {
		o.Spec.CallCenterGateway = &v1alpha1.CallCenterGateway{
			URL: f.url, Authentication: v1alpha1.GatewaySession, CredentialsSecretRef: v1alpha1.LocalSecretReference{Name: "gateway"},
		}
	})
	f.credentials("nordlys")
}

func TestOrganizationPartsAreIndependent(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t, gatewaySecret("wrong-canary"))
	f.gatewayOrganization()
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	f.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonUnauthorized)
	if f.connected() == nil || f.connected().Connection().Webex == nil || f.connected().Connection().Gateway != nil {
		t.Fatal("the dead gateway stopped Webex, or is in use")
	}
	if err := f.client.Update(t.Context(), gatewaySecret("password-canary")); err != nil {
		t.Fatal(err)
	}
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if f.connected().Connection().Gateway == nil {
		t.Error("the gateway is not in use")
	}
}

// Proves: S1.33
func TestOrganizationSuspendsAndGoes(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.Suspend = true })
	f.reconcile()
	if condition := f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonSuspended); f.connected() != nil {
		t.Errorf("still connected: %s", condition.Message)
	}
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.Suspend = false })
	f.reconcile()
	if f.connected() == nil {
		t.Fatal("not connected again")
	}
	if err := f.client.Delete(t.Context(), f.get()); err != nil {
		t.Fatal(err)
	}
	if _, err := f.r.Reconcile(t.Context(), ctrl.Request{NamespacedName: nordlys}); err != nil {
		t.Fatal(err)
	}
	if f.connected() != nil {
		t.Error("the deleted organization is still connected")
	}
	if len(f.r.sessions.all) != 0 || len(f.r.budgets.clients) != 0 {
		t.Error("something of the deleted organization is left")
	}
}
