package controllers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// packages makes the spec name these packages.
func (f *organizationFixture) packages(names ...string) {
	f.t.Helper()
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.WholesalePackages = names; o.Generation++ })
	f.reconcile()
}

func (f *organizationFixture) wholesalePuts() []simulator.LoggedRequest {
	var puts []simulator.LoggedRequest
	for _, request := range f.simulator.Requests() {
		if request.Method == http.MethodPut && strings.Contains(request.Path, "/wholesale/customers/") {
			puts = append(puts, request)
		}
	}
	return puts
}

// Proves: S1.43, PR42
func TestWholesalePackagesAreManaged(t *testing.T) {
	t.Parallel()
	f := wholesale(t, simulator.WholesaleCustomer{
		ExternalID: "nordlys-0417", Packages: []string{"webex_calling", "webex_meetings"},
		Address: &simulator.WholesaleAddress{AddressLine1: "Hafenstrasse 12", AddressLine2: "Tor 3", City: "Kiel", Country: "DE"},
	})
	f.clock.Step(2 * day)
	f.reconcile()
	if puts := f.wholesalePuts(); len(puts) != 0 {
		t.Fatalf("packages are written although nobody names any: %v", puts)
	}
	f.packages("webex_meetings", "webex_calling")
	if puts := f.wholesalePuts(); len(puts) != 0 {
		t.Fatalf("packages are written because of their order: %v", puts)
	}
	f.seen()
	f.packages("webex_calling", "attendant_console")
	puts := f.wholesalePuts()
	want := map[string]any{
		"externalId": "nordlys-0417", "packages": []any{"webex_calling", "attendant_console"},
		"address": map[string]any{"addressLine1": "Hafenstrasse 12", "addressLine2": "Tor 3", "city": "Kiel", "country": "DE"},
	}
	if len(puts) != 1 {
		t.Fatalf("%d writes, want 1", len(puts))
	}
	if diff := cmp.Diff(any(want), puts[0].Body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning)
	if seen := f.seen(); !strings.Contains(seen, "add attendant_console, remove webex_meetings") {
		t.Errorf("events: %s", seen)
	}
	f.reconcile()
	f.clock.Step(time.Minute)
	f.reconcile()
	f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionTrue, v1alpha1.ReasonProvisioned)
	status := f.get().Status
	if diff := cmp.Diff([]string{"webex_calling", "attendant_console"}, status.WholesaleCustomer.Packages); diff != "" || status.WholesaleRequest != nil {
		t.Errorf("request %+v, packages (-want +got):\n%s", status.WholesaleRequest, diff)
	}
	f.clock.Step(2 * day)
	f.reconcile()
	if puts := f.wholesalePuts(); len(puts) != 1 {
		t.Errorf("%d writes, want 1", len(puts))
	}
}

// Proves: S1.43
func TestWholesalePackagesThatAreRefusedAreNotAskedForAgainAtOnce(t *testing.T) {
	t.Parallel()
	f := wholesale(t, simulator.WholesaleCustomer{Packages: []string{"webex_calling"}})
	f.packages("attendant_console")
	message := f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionFalse, v1alpha1.ReasonRejected).Message
	if !strings.Contains(message, "attendant_console needs one of webex_calling") {
		t.Errorf("message = %q", message)
	}
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	for range 5 {
		f.reconcile()
		f.clock.Step(time.Minute)
	}
	if puts := f.wholesalePuts(); len(puts) != 1 {
		t.Errorf("%d writes, want 1", len(puts))
	}
	f.clock.Step(day)
	f.reconcile()
	if puts := f.wholesalePuts(); len(puts) != 2 {
		t.Errorf("%d writes after a day, want 2", len(puts))
	}
	f.packages("webex_calling", "attendant_console")
	f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning)
}

// What Webex accepts and does not do is said, and not asked for again and again.
// Proves: S1.43
func TestWholesalePackagesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	f := wholesale(t, simulator.WholesaleCustomer{Packages: []string{"webex_calling"}})
	f.faults(simulator.FaultRule{Method: http.MethodPut, Route: "/v1/wholesale/customers/{id}", Status: http.StatusAccepted, Body: `{"url":"https://webex.example"}`})
	f.packages("webex_suite")
	f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning)
	for range 20 {
		f.clock.Step(time.Minute)
		f.reconcile()
	}
	message := f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionFalse, v1alpha1.ReasonFieldIgnored).Message
	if !strings.Contains(message, "add webex_suite, remove webex_calling") || len(f.wholesalePuts()) != 1 {
		t.Errorf("%d writes, message %q", len(f.wholesalePuts()), message)
	}
}

// Proves: S1.30, S1.43
func TestWholesalePackagesWithoutTheScope(t *testing.T) {
	t.Parallel()
	f := setting{begin: newYear, seed: func(seed *simulator.OrganizationSeed) {
		seed.Wholesale = &simulator.WholesaleSeed{Customers: []simulator.WholesaleCustomer{{Packages: []string{"webex_calling"}}}}
		seed.Scopes = []string{"cjp:config_read", "cjp:config_write", "spark-admin:organizations_read", "spark:people_read", "spark-admin:wholesale_customers_read"}
	}}.fixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) {
		o.Spec.Wholesale, o.Spec.WholesalePackages = true, []string{"webex_suite"}
	})
	f.credentials("nordlys")
	f.reconcile()
	message := f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionFalse, v1alpha1.ReasonRejected).Message
	if !strings.Contains(message, "spark-admin:wholesale_customers_write") {
		t.Errorf("message = %q", message)
	}
}
