package conformance_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// A client id is public: a resource that names somebody else's beside made-up credentials takes nothing of his budget, and
// what Webex answers to it holds only itself.
func TestOutsiderWithAKnownClientIDHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, workType())
	w.createSecret("made-up", map[string]string{
		"clientID": "client-" + w.namespace, "clientSecret": "made up", "accessToken": "made up", "refreshToken": "made up",
		"accessTokenExpiresAt": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339),
	})
	w.faults(simulator.FaultRule{Route: "/v1/people/me", Status: http.StatusTooManyRequests, RetryAfterSeconds: 3600})
	w.mustCreate(w.newOrganization(func(o *v1alpha1.WebexOrganization) {
		o.Name, o.Spec.OrganizationID, o.Spec.RequestsPerMinute = "outsider", uuid.NewString(), new(int32(1))
		o.Spec.CredentialsSecretRef.Name = "made-up"
	}))
	eventually(t, soon, func() error {
		var outsider v1alpha1.WebexOrganization
		w.mustGet("outsider", &outsider)
		ready := meta.FindStatusCondition(outsider.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil || ready.Reason != string(v1alpha1.ReasonRateLimited) {
			return fmt.Errorf("the outsider: %+v", ready)
		}
		return nil
	})
	w.create(w.kind.minimal("Not held up")).waitReady()
	if budget := w.readOrganization().Status.RequestBudget; budget == nil || budget.HeldUntil != nil || budget.RequestsPerMinute != 3000 || budget.Organizations != 1 {
		t.Errorf("status.requestBudget = %+v", budget)
	}
}

// An organization decides which tenants of its gateway are within reach, and which of their groups.
func TestTenantThatIsNotAllowed(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.gateway == "" {
			return // has no tenants
		}
		w := newWorld(t, k)
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) {
			o.CallCenterGateway.AllowedTenants = []v1alpha1.AllowedTenant{{TenantID: "other"}, {TenantID: tenant, GroupIDs: []string{"elsewhere"}}}
		})
		r := w.create(k.minimal("Reach"))
		if _, message := r.waitReason(soon, v1alpha1.ReasonTenantNotAllowed); message == "" {
			t.Error("no message")
		}
		if requests := w.requestsOf(http.MethodGet, http.MethodPost); len(requests) != 0 {
			t.Errorf("%d requests for a tenant that is not allowed", len(requests))
		}
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) {
			o.CallCenterGateway.AllowedTenants = []v1alpha1.AllowedTenant{{TenantID: tenant, GroupIDs: []string{group}}}
		})
		r.waitReady()
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) {
			o.CallCenterGateway.AllowedTenants = []v1alpha1.AllowedTenant{}
		})
		r.waitReason(soon, v1alpha1.ReasonTenantNotAllowed)
		before := len(w.requestsOf(http.MethodGet, http.MethodPut, http.MethodPost))
		r.change(patchOf("policy", "Circular"))
		r.waitReason(soon, v1alpha1.ReasonTenantNotAllowed)
		if now := len(w.requestsOf(http.MethodGet, http.MethodPut, http.MethodPost)); now != before {
			t.Errorf("%d requests for a tenant that is not allowed any more", now-before)
		}
	})
}

// While Webex answers 503 to everything the organization says so, and says when it was last compared.
func TestOutageShowsAtTheOrganization(t *testing.T) {
	t.Parallel()
	w := newWorld(t, workType(), swept)
	r := w.create(w.kind.minimal("Outlives"))
	r.waitReady()
	comparison := func() *v1alpha1.Comparison {
		for _, one := range w.readOrganization().Status.Comparisons {
			if one.Kind == w.kind.resource {
				return &one
			}
		}
		return nil
	}
	reachable := func() *metav1.Condition {
		return meta.FindStatusCondition(w.readOrganization().Status.Conditions, v1alpha1.ConditionContactCenterReachable)
	}
	eventually(t, soon, func() error {
		if shown := comparison(); shown == nil || shown.LastTime == nil || shown.FailingSince != nil {
			return fmt.Errorf("comparison: %+v", shown)
		}
		return nil
	})
	w.faults(simulator.FaultRule{Route: "*", Status: http.StatusServiceUnavailable})
	eventually(t, later, func() error {
		now, shown := reachable(), comparison()
		if now.Status != metav1.ConditionUnknown || now.Reason != string(v1alpha1.ReasonUnavailable) || shown.FailingSince == nil || shown.Message == "" {
			return fmt.Errorf("%+v, comparison %+v", now, shown)
		}
		return nil
	})
	if status := r.status(); !meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady) {
		t.Errorf("the object: %+v", status.Conditions)
	}
	w.faults()
	eventually(t, later, func() error {
		now, shown := reachable(), comparison()
		if now.Status != metav1.ConditionTrue || shown.FailingSince != nil {
			return fmt.Errorf("%+v, comparison %+v", now, shown)
		}
		return nil
	})
}
