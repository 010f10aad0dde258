package controllers

import (
	"net/http"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// Proves: S1.6, S1.44
func TestTheAccountOfTheTokensIsCompared(t *testing.T) {
	t.Parallel()
	f := setting{seed: func(seed *simulator.OrganizationSeed) { seed.Admin = "kari@nordlys.example" }}.fixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.AccountEmail = "Kari@Nordlys.example" })
	f.credentials("nordlys")
	f.reconcile()
	f.want(v1alpha1.ConditionAccountEmailMatches, metav1.ConditionTrue, v1alpha1.ReasonAccountMatches)
	if emails := f.get().Status.AccountEmails; len(emails) != 1 || emails[0] != "kari@nordlys.example" {
		t.Errorf("accountEmails = %v", emails)
	}
	f.seen()
	requests := f.simulator.Stats().Requests
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.AccountEmail, o.Generation = "ole@nordlys.example", 2 })
	f.reconcile()
	message := f.want(v1alpha1.ConditionAccountEmailMatches, metav1.ConditionFalse, v1alpha1.ReasonAccountDiffers).Message
	if !strings.Contains(message, "kari@nordlys.example") || !strings.Contains(message, "ole@nordlys.example") {
		t.Errorf("message = %q", message)
	}
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	f.reconcile()
	if seen := f.seen(); strings.Count(seen, string(v1alpha1.ReasonAccountDiffers)) != 1 {
		t.Errorf("events: %s", seen)
	}
	f.wantRequests(requests)
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.AccountEmail, o.Generation = "", 3 })
	f.reconcile()
	if meta.FindStatusCondition(f.get().Status.Conditions, v1alpha1.ConditionAccountEmailMatches) != nil {
		t.Error("a condition without anything to compare")
	}
}

func TestAnAccountThatCannotBeReadIsUnknown(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.AccountEmail = "kari@nordlys.example" })
	f.credentials("nordlys")
	f.faults(simulator.FaultRule{Route: "/v1/people/me", Status: http.StatusForbidden, Body: `{"message":"no"}`})
	f.reconcile()
	f.want(v1alpha1.ConditionAccountEmailMatches, metav1.ConditionUnknown, v1alpha1.ReasonForbidden)
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}
