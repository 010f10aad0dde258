package controllers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

// wholesale connects nordlys, which has these wholesale records.
func wholesale(t *testing.T, customers ...simulator.WholesaleCustomer) *organizationFixture {
	t.Helper()
	f := setting{begin: newYear, seed: func(seed *simulator.OrganizationSeed) {
		seed.Wholesale = &simulator.WholesaleSeed{Customers: customers}
	}}.fixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.Wholesale = true })
	f.credentials("nordlys")
	f.reconcile()
	return f
}

func (f *organizationFixture) wholesaleCalls() int {
	calls := 0
	for _, request := range f.simulator.Requests() {
		if strings.Contains(request.Path, "/wholesale") {
			calls++
		}
	}
	return calls
}

// oddOrganization is nordlys's id as the vendor's own example spells it: padded, and the kind in other letters.
const oddOrganization = "Y2lzY29zcGFyazovL3VzL09yZ2FuaXphdGlvbi81ZDFmMmM4ZS03YTQ0LTRiMGItOWMwZS0zZjZhMmI5ZDhlMTA="

// Proves: S1.2, S1.21, S1.22, S1.23, S1.24, S1.25, S1.26, PR8, PR33, PR34, PR35, PR36, PR37, PR38, PR39, PR40, PR41, PR42
func TestWholesaleRecordIsMirrored(t *testing.T) {
	t.Parallel()
	f := wholesale(t, simulator.WholesaleCustomer{
		ID: "customer-id", OrgID: oddOrganization, ExternalID: "nordlys-0417", Status: "provisioned_with_errors",
		Address:  &simulator.WholesaleAddress{AddressLine1: "Hafenstrasse 12", AddressLine2: "Tor 3", City: "Kiel", StateOrProvince: "SH", ZipOrPostalCode: "24103", Country: "DE"},
		Packages: []string{"webex_calling", "cx_premium_agent"},
		ResourceDetails: &simulator.WholesaleResources{Packages: []simulator.WholesalePackage{
			{Name: "webex_calling", Status: "provisioned", Warnings: []simulator.WholesaleProblem{{ErrorCode: 2560, Description: "Calling is under maintenance"}}},
			{Name: "cx_premium_agent", Status: "something_new", Errors: []simulator.WholesaleProblem{{ErrorCode: 10022, Description: "Administrator address is taken"}}},
		}},
	})
	want := &v1alpha1.WholesaleCustomer{
		ID: "customer-id", OrgID: oddOrganization, OrgName: "Nordlys Care GmbH", ExternalID: "nordlys-0417", Status: "provisioned_with_errors",
		Address:  v1alpha1.WholesaleAddress{AddressLine1: "Hafenstrasse 12", AddressLine2: "Tor 3", City: "Kiel", StateOrProvince: "SH", ZipOrPostalCode: "24103", Country: "DE"},
		Packages: []string{"webex_calling", "cx_premium_agent"},
		ResourceDetails: v1alpha1.WholesaleResourceDetails{Packages: []v1alpha1.WholesalePackage{
			{Name: "webex_calling", Status: "provisioned", Warnings: []v1alpha1.WholesaleNotice{{ErrorCode: 2560, Description: "Calling is under maintenance"}}},
			{Name: "cx_premium_agent", Status: "something_new", Errors: []v1alpha1.WholesaleNotice{{ErrorCode: 10022, Description: "Administrator address is taken"}}},
		}},
	}
	if diff := cmp.Diff(want, f.get().Status.WholesaleCustomer); diff != "" {
		t.Errorf("mirror (-want +got):\n%s", diff)
	}
	if message := f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionFalse, v1alpha1.ReasonProvisioningErrors).Message; message != "cx_premium_agent: 10022 Administrator address is taken" {
		t.Errorf("errors: %s", message)
	}
	if message := f.want(v1alpha1.ConditionWholesaleWarning, metav1.ConditionTrue, v1alpha1.ReasonProvisioningWarnings).Message; message != "webex_calling: 2560 Calling is under maintenance" {
		t.Errorf("warnings: %s", message)
	}
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected) // the connection works
	if seen := f.seen(); strings.Count(seen, "10022") != 1 || strings.Count(seen, "2560") != 1 {
		t.Errorf("events: %s", seen)
	}
	before := f.get().ResourceVersion
	f.reconcile()
	if calls := f.wholesaleCalls(); calls != 1 || f.get().ResourceVersion != before {
		t.Errorf("%d wholesale requests, want one a day; or a status was written", calls)
	}
	f.clock.Step(day)
	f.reconcile()
	if calls := f.wholesaleCalls(); calls != 2 {
		t.Errorf("%d wholesale requests after a day, want 2", calls)
	}
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.Wholesale = false })
	f.clock.Step(day)
	f.reconcile()
	status := f.get().Status
	if status.WholesaleCustomer != nil || meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionWholesaleReady) != nil ||
		meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionWholesaleWarning) != nil || f.wholesaleCalls() != 2 {
		t.Errorf("after wholesale was switched off: %d requests, %+v", f.wholesaleCalls(), status)
	}
	for _, sync := range status.Syncs {
		if sync.Name == v1alpha1.SyncWholesaleCustomer {
			t.Errorf("still scheduled: %+v", sync)
		}
	}
	if mutating := f.simulator.Stats().Mutating; mutating != 0 {
		t.Errorf("%d writes", mutating)
	}
}

// Proves: S1.20, PR33, PR35, PR39, PR41
func TestWholesaleStates(t *testing.T) {
	t.Parallel()
	warning := &simulator.WholesaleResources{Packages: []simulator.WholesalePackage{
		{Name: "webex_calling", Status: "provisioned", Warnings: []simulator.WholesaleProblem{{ErrorCode: 1, Description: "slow"}}},
	}}
	for name, test := range map[string]struct {
		customers []simulator.WholesaleCustomer
		status    metav1.ConditionStatus
		reason    v1alpha1.Reason
		message   string
		mirrored  bool
		warned    bool
	}{
		"none":          {nil, metav1.ConditionFalse, v1alpha1.ReasonNotProvisioned, "", false, false},
		"provisioned":   {[]simulator.WholesaleCustomer{{}}, metav1.ConditionTrue, v1alpha1.ReasonProvisioned, "", true, false},
		"warnings only": {[]simulator.WholesaleCustomer{{ResourceDetails: warning}}, metav1.ConditionTrue, v1alpha1.ReasonProvisioned, "", true, true},
		"updating":      {[]simulator.WholesaleCustomer{{Status: "updating"}}, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning, `"updating"`, true, false},
		"a new status":  {[]simulator.WholesaleCustomer{{Status: "hibernating", OrgID: oddOrganization}}, metav1.ConditionUnknown, v1alpha1.ReasonProvisioning, `"hibernating"`, true, false},
		"error":         {[]simulator.WholesaleCustomer{{Status: "error", OrgID: oddOrganization}}, metav1.ConditionFalse, v1alpha1.ReasonProvisioningErrors, "status error", true, false},
		"customer's own error": {
			[]simulator.WholesaleCustomer{{Errors: []simulator.WholesaleProblem{{ErrorCode: 7, Description: "address refused"}}}},
			metav1.ConditionFalse, v1alpha1.ReasonProvisioningErrors, "7 address refused", true, false,
		},
		"two": {
			[]simulator.WholesaleCustomer{{ID: "first"}, {ID: "second"}},
			metav1.ConditionFalse, v1alpha1.ReasonMultipleMatches, "first, second", false, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := wholesale(t, test.customers...)
			message := f.want(v1alpha1.ConditionWholesaleReady, test.status, test.reason).Message
			if !strings.Contains(message, test.message) {
				t.Errorf("message = %q, want %q in it", message, test.message)
			}
			status := f.get().Status
			if (status.WholesaleCustomer != nil) != test.mirrored {
				t.Errorf("mirror = %+v", status.WholesaleCustomer)
			}
			if warned := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionWholesaleWarning) != nil; warned != test.warned {
				t.Errorf("warned = %t", warned)
			}
			f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
		})
	}
}

// Proves: PR35
func TestWholesaleRecordOfAnotherOrganizationIsNotShown(t *testing.T) {
	t.Parallel()
	f := wholesale(t, simulator.WholesaleCustomer{})
	body := fmt.Sprintf(`{"items":[{"id":"x","orgId":%q,"status":"provisioned","packages":[]}]}`, webex.EncodeOrganizationID(siroccoID))
	if err := f.simulator.SetFaults(simulator.FaultRule{Path: "/wholesale/", Status: http.StatusOK, Body: body}); err != nil {
		t.Fatal(err)
	}
	f.clock.Step(day)
	f.reconcile()
	message := f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionFalse, v1alpha1.ReasonWrongOrganization).Message
	for _, id := range []string{nordlysID, siroccoID} {
		if !strings.Contains(message, id) {
			t.Errorf("%s is not in the message: %s", id, message)
		}
	}
	if mirror := f.get().Status.WholesaleCustomer; mirror != nil {
		t.Errorf("mirror = %+v", mirror)
	}
}

// Proves: S1.30
func TestWholesaleWithoutItsScope(t *testing.T) {
	t.Parallel()
	f := granting(t, webex.ScopeOrganizations, webex.ScopePeople, webex.ScopeConfigRead, webex.ScopeConfigWrite, webex.ScopeLicenses, webex.ScopeRoles)
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.Wholesale = true })
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	message := f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionUnknown, v1alpha1.ReasonScopeMissing).Message
	if sync := f.syncOf(v1alpha1.SyncWholesaleCustomer); sync.Message != message || !strings.Contains(message, webex.ScopeWholesaleCustomers) || f.wholesaleCalls() != 0 {
		t.Errorf("%d requests: %+v", f.wholesaleCalls(), sync)
	}
}

// A failure says nothing about the record: what was read stays.
func TestWholesaleFailuresKeepTheMirror(t *testing.T) {
	t.Parallel()
	f := wholesale(t, simulator.WholesaleCustomer{ExternalID: "kept"})
	if err := f.simulator.SetFaults(simulator.FaultRule{Path: "/wholesale/", Truncate: true}); err != nil {
		t.Fatal(err)
	}
	f.clock.Step(day)
	f.reconcile()
	f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionTrue, v1alpha1.ReasonProvisioned)
	if sync := f.syncOf(v1alpha1.SyncWholesaleCustomer); sync.Result != v1alpha1.SyncFailed || f.get().Status.WholesaleCustomer.ExternalID != "kept" {
		t.Errorf("%+v", sync)
	}
}

// Proves: PR40
func TestAHugeWholesaleRecordIsBoundedAndCounted(t *testing.T) {
	t.Parallel()
	var customer simulator.WholesaleCustomer
	details := &simulator.WholesaleResources{}
	for i := range maxWholesalePackages + 2 {
		name := fmt.Sprintf("package_%02d", i)
		customer.Packages = append(customer.Packages, name)
		details.Packages = append(details.Packages, simulator.WholesalePackage{Name: name, Status: "provisioned"})
	}
	for range maxWholesaleNotices + 5 {
		details.Packages[0].Warnings = append(details.Packages[0].Warnings, simulator.WholesaleProblem{ErrorCode: 1, Description: "slow"})
	}
	customer.ResourceDetails = details
	f := wholesale(t, customer)
	mirror := f.get().Status.WholesaleCustomer
	if len(mirror.Packages) != maxWholesalePackages || len(mirror.ResourceDetails.Packages) != maxWholesalePackages ||
		len(mirror.ResourceDetails.Packages[0].Warnings) != maxWholesaleNotices {
		t.Errorf("mirror = %+v", mirror)
	}
	message := f.want(v1alpha1.ConditionWholesaleReady, metav1.ConditionTrue, v1alpha1.ReasonProvisioned).Message
	if !strings.HasSuffix(message, "(not shown: 2 packages, 2 package states, 5 warnings or errors)") {
		t.Errorf("message = %q", message)
	}
}
