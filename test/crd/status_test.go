package crd_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

var moment = metav1.NewTime(time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC))

func condition(kind string, reason v1alpha1.Reason) metav1.Condition {
	return metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: string(reason), Message: "fine", LastTransitionTime: moment, ObservedGeneration: 1}
}

// configStatus has a value in every shared status field.
func configStatus() v1alpha1.ConfigStatus {
	return v1alpha1.ConfigStatus{
		ObservedGeneration: 1, ID: "cb270e5f", Origin: v1alpha1.OriginAdopted,
		Conditions:             []metav1.Condition{condition(v1alpha1.ConditionReady, v1alpha1.ReasonSynced), condition(v1alpha1.ConditionSynced, v1alpha1.ReasonSynced)},
		Drift:                  []v1alpha1.FieldDrift{{Field: "description", Desired: "", Actual: "x"}},
		LastChange:             &v1alpha1.Change{Time: moment, Operation: "Update", Fields: []string{"description"}, TrackingID: "T1"},
		LastHandledReconcileAt: "now",
		AppliedSecrets:         []v1alpha1.AppliedSecret{{Field: "password", ResourceVersion: "7", Key: "value", Digest: "d"}},
	}
}

func wholeOrganizationStatus() v1alpha1.WebexOrganizationStatus {
	notice := []v1alpha1.WholesaleNotice{{ErrorCode: 2560, Description: "try later"}}
	return v1alpha1.WebexOrganizationStatus{
		ObservedGeneration: 1, OrganizationID: "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10", InternalID: encodedOrganization,
		DisplayName: "Nordlys Energi", ConnectURL: "https://wxcc.example/connect/default/nordlys",
		Conditions: []metav1.Condition{condition(v1alpha1.ConditionReady, v1alpha1.ReasonConnected), condition(v1alpha1.ConditionTokenValid, v1alpha1.ReasonConnected)},
		Authorization: &v1alpha1.AuthorizationStatus{
			Flow: v1alpha1.AuthorizationDevice, Phase: v1alpha1.AuthorizationFailed, Message: "denied", TrackingID: "T1",
			StartedAt: &moment, FinishedAt: &moment, ExpiresAt: &moment, VerificationURI: "https://webex.example/verify", UserCode: "418207",
		},
		AccessTokenExpiresAt: &moment, RefreshTokenExpiresAt: &moment, Scopes: []string{"cjp:config_read"},
		Licenses: []v1alpha1.License{{ID: "L1", Name: "Premium Agent", TotalUnits: 50, ConsumedUnits: 0, SubscriptionID: "S1", SiteURL: "nordlys.example"}},
		Roles:    []v1alpha1.Role{{ID: "R1", Name: "Full Administrator"}},
		Syncs:    []v1alpha1.SyncStatus{{Name: v1alpha1.SyncLicenses, LastTime: &moment, Result: v1alpha1.SyncSucceeded}},
		WholesaleCustomer: &v1alpha1.WholesaleCustomer{
			ID: "W1", OrgID: encodedOrganization, OrgName: "Nordlys Energi", ExternalID: "nordlys-0417", Status: "provisioned_with_errors",
			Address: v1alpha1.WholesaleAddress{AddressLine1: "Hafenstrasse 12", AddressLine2: "Tor 3", City: "Kiel",
				StateOrProvince: "SH", ZipOrPostalCode: "24103", Country: "DE"},
			Packages: []string{"webex_calling"},
			ResourceDetails: v1alpha1.WholesaleResourceDetails{Packages: []v1alpha1.WholesalePackage{
				{Name: "webex_calling", Status: "provisioned", Warnings: notice, Errors: notice}}},
		},
		WholesaleRequest:   &v1alpha1.WholesaleRequest{Packages: []string{"webex_calling"}, Time: moment, Refused: "no"},
		Comparisons:        []v1alpha1.Comparison{{Kind: "AuxiliaryCode", LastTime: &moment, FailingSince: &moment, Message: "down"}},
		IdentityVerifiedAt: &moment, AccountEmails: []string{"kari@nordlys.example"},
		Objects: v1alpha1.ObjectCounts{Total: 3, Ready: 0}, LastHandledReconcileAt: "now",
		RequestBudget: &v1alpha1.RequestBudget{Client: "3f2a", RequestsPerMinute: 300, Organizations: 2, Queued: 0, WaitSeconds: 0, HeldUntil: &moment},
		Deletes:       &v1alpha1.DeleteBrake{Since: &moment, Deleted: 0, Held: false, ConfirmedAt: "now"},
	}
}

// What the operator writes into status must be what comes back: a field that the schema lacks would be dropped.
// Proves: S1.21, S1.22, S1.23, S1.24, S1.25, S1.26, S1.41
func TestStatusIsKept(t *testing.T) {
	t.Parallel()
	yes, seven, fifty := true, int64(7), int32(50)
	var code v1alpha1.AuxiliaryCode
	load(t, idleCode, "status-code", &code)
	code.Status = v1alpha1.AuxiliaryCodeStatus{
		ConfigStatus: configStatus(), WorkTypeID: "e7b1d058", WorkTypeName: "Idle", SystemDefault: &yes, IsSystemCode: &yes, Version: &seven,
		CreatedTime: &moment, LastUpdatedTime: &moment, ReferenceCount: &fifty,
		References: []v1alpha1.RemoteReference{{Name: "Sales desk", Type: "agent-profile", ID: "1"}},
	}
	keeps(t, &code, func() any { return code.Status })

	var work v1alpha1.WorkType
	load(t, workType, "status-work-type", &work)
	work.Status = v1alpha1.WorkTypeStatus{ConfigStatus: configStatus(), SystemDefault: &yes, Version: &seven, CreatedTime: &moment, LastUpdatedTime: &moment}
	keeps(t, &work, func() any { return work.Status })

	var center v1alpha1.CallCenter
	load(t, callCenter, "status-call-center", &center)
	center.Status = v1alpha1.CallCenterStatus{ConfigStatus: configStatus(), Active: &yes, DepartmentFullPathName: `EMEA \ Sales`, CallCenterQueueThresholdsIsActive: &yes}
	keeps(t, &center, func() any { return center.Status })

	var org v1alpha1.WebexOrganization
	load(t, organization, "status-organization", &org)
	org.Status = wholeOrganizationStatus()
	keeps(t, &org, func() any { return org.Status })
}

func TestStatusListsAreBounded(t *testing.T) {
	t.Parallel()
	var code v1alpha1.AuxiliaryCode
	load(t, idleCode, "bounded", &code)
	code.Status.References = slices.Repeat([]v1alpha1.RemoteReference{{ID: "1"}}, 51)
	check(t, server.client.Status().Update(t.Context(), &code, client.DryRunAll), "status.references: Too many: 51: must have at most 50 items")

	var org v1alpha1.WebexOrganization
	load(t, organization, "bounded", &org)
	for i := range 201 {
		org.Status.Licenses = append(org.Status.Licenses, v1alpha1.License{ID: fmt.Sprint(i)})
	}
	check(t, server.client.Status().Update(t.Context(), &org, client.DryRunAll), "status.licenses: Too many: 201: must have at most 200 items")
}

func TestStatusIsNotWrittenThroughTheSpec(t *testing.T) {
	t.Parallel()
	var code v1alpha1.AuxiliaryCode
	load(t, idleCode, "no-status", &code)
	code.Status.ID = "forged"
	if err := server.client.Update(t.Context(), &code); err != nil {
		t.Fatal(err)
	}
	if code.Status.ID != "" {
		t.Errorf("status.id = %q after an update of the object, want none", code.Status.ID)
	}
}

// Proves: S1.2, S1.35, PR42, PR47
func TestOrganizationRowShowsTheConnection(t *testing.T) {
	t.Parallel()
	var org v1alpha1.WebexOrganization
	load(t, organization, "in-the-list", &org)
	org.Spec.Wholesale = true
	if err := server.client.Update(t.Context(), &org); err != nil {
		t.Fatal(err)
	}
	org.Status = wholeOrganizationStatus()
	if err := server.client.Status().Update(t.Context(), &org); err != nil {
		t.Fatal(err)
	}
	list := table(t, "webexorganizations", storedNamespace, "in-the-list")
	if len(list.Rows) != 1 {
		t.Fatalf("%d rows, want 1", len(list.Rows))
	}
	cells := list.Rows[0].Cells
	got := cells[:len(cells)-1] // Age is the last one
	want := []any{
		"in-the-list", "Nordlys Energi", "eu2", true, true, "Connected", "2026-03-01T09:30:00Z", "True", "Connected",
		"5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10", "2026-03-01T09:30:00Z", float64(3), float64(0),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
}

// load stores a base object under a name and reads it into a typed one.
func load(t *testing.T, base, name string, into client.Object) {
	t.Helper()
	stored := create(t, base, named(name))
	if err := server.client.Get(t.Context(), client.ObjectKeyFromObject(stored), into); err != nil {
		t.Fatal(err)
	}
}

// keeps writes the status and compares it with what the server stored.
func keeps(t *testing.T, object client.Object, status func() any) {
	t.Helper()
	want := status()
	if err := server.client.Status().Update(t.Context(), object); err != nil {
		t.Errorf("%T: %v", object, err)
		return
	}
	if err := server.client.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
		t.Errorf("%T: %v", object, err)
		return
	}
	sameInstant := cmp.Comparer(func(a, b metav1.Time) bool { return a.Equal(&b) })
	if diff := cmp.Diff(want, status(), sameInstant); diff != "" {
		t.Errorf("%s (-written +stored):\n%s", strings.TrimPrefix(fmt.Sprintf("%T", object), "*v1alpha1."), diff)
	}
}

// The id is the service's: the spec of no kind has a place for it, and a status that comes with a new object is dropped.
//
// Proves: S0.2
func TestNobodyButTheServiceSetsAnID(t *testing.T) {
	t.Parallel()
	for name, base := range map[string]string{"AuxiliaryCode": idleCode, "WorkType": workType, "CallCenter": callCenter} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, server.client.Create(t.Context(), build(t, base, set("id", "forged")), client.DryRunAll), `unknown field "spec.id"`)
			forged := create(t, base, named("forged-id"), func(t *testing.T, object *unstructured.Unstructured) {
				t.Helper()
				object.Object["status"] = map[string]any{"id": "forged"}
			})
			if id, found, _ := unstructured.NestedString(forged.Object, "status", "id"); found && id != "" {
				t.Errorf("status.id is %q", id)
			}
		})
	}
}
