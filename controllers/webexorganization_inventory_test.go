package controllers

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// inventories is how often licences and roles were read.
func (f *organizationFixture) inventories() [2]int {
	routes := f.simulator.Stats().Routes
	return [2]int{routes["GET /v1/licenses"].Count, routes["GET /v1/roles"].Count}
}

func (f *organizationFixture) wantInventories(licenses, roles int) {
	f.t.Helper()
	if got, want := f.inventories(), [2]int{licenses, roles}; got != want {
		f.t.Fatalf("licences and roles were read %v times, want %v", got, want)
	}
}

// hourly connects nordlys, whose inventory is read every hour.
func hourly(t *testing.T, edit func(*v1alpha1.WebexOrganization)) *organizationFixture {
	t.Helper()
	f := setting{begin: newYear}.fixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) {
		o.Spec.InventoryInterval = &metav1.Duration{Duration: time.Hour}
		if edit != nil {
			edit(o)
		}
	})
	return f
}

func createSynced(o *v1alpha1.WebexOrganization) { o.Spec.SyncOnCreate = true }

// Proves: S1.19, S1.28, S1.41, PR15, PR43, PR45, PR46
func TestInventoryOnCreateAndOnSchedule(t *testing.T) {
	t.Parallel()
	f := hourly(t, createSynced)
	f.reconcile()
	for _, name := range []v1alpha1.SyncName{v1alpha1.SyncLicenses, v1alpha1.SyncRoles} {
		if sync := f.syncOf(name); sync.LastTime != nil || sync.NextTime == nil {
			t.Errorf("before there are tokens: %+v", sync)
		}
	}
	f.wantRequests(0)
	f.credentials("nordlys")
	f.reconcile()
	f.wantInventories(1, 1)
	status := f.get().Status
	want := v1alpha1.License{
		ID: status.Licenses[0].ID, Name: "Contact Center Premium Agent", TotalUnits: 120, ConsumedUnits: 87, SubscriptionID: "Sub204417",
	}
	if diff := cmp.Diff(want, status.Licenses[0]); diff != "" || status.Licenses[0].ID == "" {
		t.Errorf("first licence (-want +got):\n%s", diff)
	}
	var roles []string
	for _, role := range status.Roles {
		roles = append(roles, role.Name)
	}
	if got := strings.Join(roles, ", "); got != "Contact Center Service Administrator, Full Administrator, Read-only Administrator, User and Device Administrator" {
		t.Errorf("roles: %s", got)
	}
	sync := f.syncOf(v1alpha1.SyncLicenses)
	if next := sync.NextTime.Sub(newYear); !sync.LastTime.Time.Equal(newYear) || sync.Result != v1alpha1.SyncSucceeded || next > time.Hour || next < 57*time.Minute {
		t.Errorf("after the first read: %+v", sync)
	}
	for range 3 {
		f.r = f.newReconciler()
		result := f.reconcile() // a restart reads nothing that is not due
		f.wantInventories(1, 1)
		if result.RequeueAfter > time.Hour {
			t.Errorf("next visit in %s", result.RequeueAfter)
		}
	}
	for i := range 3 {
		f.clock.Step(time.Hour)
		f.reconcile()
		f.wantInventories(2+i, 2+i)
	}
	f.edit(func(o *v1alpha1.WebexOrganization) {
		o.Annotations = map[string]string{v1alpha1.ReconcileRequestAnnotation: "now"}
	})
	f.reconcile()
	f.wantInventories(5, 5)
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.Suspend = true })
	f.clock.Step(5 * time.Hour)
	f.reconcile()
	f.wantInventories(5, 5)
	if sync := f.syncOf(v1alpha1.SyncLicenses); sync.NextTime != nil || sync.LastTime == nil {
		t.Errorf("while suspended: %+v", sync)
	}
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.Suspend = false })
	f.reconcile()
	f.wantInventories(6, 6)
}

// Proves: S1.19, PR15
func TestCreationAloneReadsNoInventory(t *testing.T) {
	t.Parallel()
	f := hourly(t, nil)
	f.credentials("nordlys")
	f.reconcile()
	f.clock.Step(50 * time.Minute)
	f.reconcile()
	f.wantInventories(0, 0)
	f.clock.Step(10 * time.Minute)
	f.reconcile()
	f.wantInventories(1, 1)
}

// Proves: S1.28, PR45
func TestConsentIsFollowedByTheInventory(t *testing.T) {
	t.Parallel()
	f := hourly(t, nil)
	f.credentials("nordlys")
	f.reconcile()
	f.wantInventories(0, 0)
	f.clock.Step(time.Minute)
	organization := f.get()
	organization.Status.Authorization = &v1alpha1.AuthorizationStatus{
		Phase: v1alpha1.AuthorizationObtained, FinishedAt: &metav1.Time{Time: f.clock.Now()},
	}
	if err := f.client.Status().Update(t.Context(), organization); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		f.clock.Step(time.Second)
		f.reconcile()
	}
	f.wantInventories(1, 1)
}

// Proves: PR43, PR51
func TestInventoryFailuresKeepWhatIsKnownAndBackOff(t *testing.T) {
	t.Parallel()
	f := hourly(t, createSynced)
	f.credentials("nordlys")
	f.reconcile()
	known := f.get().Status
	f.seen()
	if err := f.simulator.SetFaults(simulator.FaultRule{Path: "/v1/licenses", Status: http.StatusServiceUnavailable}); err != nil {
		t.Fatal(err)
	}
	f.clock.Step(time.Hour)
	for i, wait := range []time.Duration{10 * time.Minute, 20 * time.Minute, 40 * time.Minute} {
		result := f.reconcile()
		f.wantInventories(2+i, 2)
		sync := f.syncOf(v1alpha1.SyncLicenses)
		if sync.Result != v1alpha1.SyncFailed || !strings.Contains(sync.Message, "503") || sync.NextTime.Sub(sync.LastTime.Time) != wait {
			t.Errorf("after failure %d: %+v", i+1, sync)
		}
		if result.RequeueAfter > wait {
			t.Errorf("next visit in %s, want after %s", result.RequeueAfter, wait)
		}
		f.r = f.newReconciler() // the back-off outlives the process
		f.reconcile()
		f.wantInventories(2+i, 2)
		f.clock.Step(wait - time.Minute)
		if i < 2 {
			f.reconcile()
			f.wantInventories(2+i, 2)
		}
		f.clock.Step(time.Minute)
		if i == 0 {
			f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
		}
	}
	if diff := cmp.Diff(known.Licenses, f.get().Status.Licenses); diff != "" {
		t.Errorf("the list was not kept:\n%s", diff)
	}
	if told := strings.Count(f.seen(), eventSyncFailed); told != 1 {
		t.Errorf("the failure was told %d times, want once", told)
	}
	if err := f.simulator.SetFaults(); err != nil {
		t.Fatal(err)
	}
	f.reconcile()
	if sync := f.syncOf(v1alpha1.SyncLicenses); sync.Result != v1alpha1.SyncSucceeded || sync.Message != "" {
		t.Errorf("after all: %+v", sync)
	}
}

// An answer that is not a list must not empty what is known.
func TestAnInventoryWithoutItemsIsNoInventory(t *testing.T) {
	t.Parallel()
	f := hourly(t, createSynced)
	f.credentials("nordlys")
	f.reconcile()
	if err := f.simulator.SetFaults(simulator.FaultRule{Path: "/v1/licenses", Status: http.StatusOK, Body: `{}`}); err != nil {
		t.Fatal(err)
	}
	f.clock.Step(time.Hour)
	f.reconcile()
	if sync := f.syncOf(v1alpha1.SyncLicenses); sync.Result != v1alpha1.SyncFailed || len(f.get().Status.Licenses) == 0 {
		t.Errorf("%+v", sync)
	}
}

// licensed connects nordlys with these licences of 100 units, by name and use; a name with "unlimited" has no total.
func licensed(t *testing.T, percent *int32, used map[string]int) (*organizationFixture, func(map[string]int)) {
	t.Helper()
	seeds := func(used map[string]int) []simulator.License {
		var licenses []simulator.License
		for name, units := range used {
			total := 100
			if strings.Contains(name, "unlimited") {
				total = -1
			}
			licenses = append(licenses, simulator.License{ID: "id of " + name, Name: name, TotalUnits: total, ConsumedUnits: units})
		}
		return licenses
	}
	f := setting{begin: newYear, seed: func(seed *simulator.OrganizationSeed) { seed.Licenses = seeds(used) }}.fixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.SyncOnCreate, o.Spec.LicenseWarningPercent = true, percent })
	f.credentials("nordlys")
	f.reconcile()
	return f, func(used map[string]int) {
		t.Helper()
		f.simulator.AddOrganization(simulator.OrganizationSeed{
			ID: nordlysID, Name: "Nordlys Care GmbH", ClientID: "nordlys-client", ClientSecret: "nordlys-secret-canary",
			AccessToken: "nordlys-access-canary", RefreshToken: "nordlys-refresh-canary", Licenses: seeds(used),
		})
		f.clock.Step(day)
		f.reconcile()
	}
}

// Proves: PR46
func TestLicensesThatRunLow(t *testing.T) {
	t.Parallel()
	f, use := licensed(t, nil, map[string]int{"Agent": 89, "Calling": 90, "unlimited": 5000})
	condition := f.want(v1alpha1.ConditionLicensesLow, metav1.ConditionTrue, v1alpha1.ReasonLicensesLow)
	if condition.Message != "used to 90 % or more: Calling 90 of 100" {
		t.Errorf("message = %q", condition.Message)
	}
	told := func() string {
		var lines []string
		for line := range strings.Lines(f.seen()) {
			if _, note, found := strings.Cut(strings.TrimSpace(line), "nearly used up: "); found {
				lines = append(lines, note)
			}
		}
		return strings.Join(lines, "; ")
	}
	if got := told(); got != "Calling 90 of 100 units" {
		t.Errorf("told: %s", got)
	}
	use(map[string]int{"Agent": 100, "Calling": 95, "unlimited": 5000})
	if got := told(); got != "Agent 100 of 100 units" {
		t.Errorf("told: %s", got)
	}
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	use(map[string]int{"Agent": 10, "Calling": 10, "unlimited": 5000})
	if found := meta.FindStatusCondition(f.get().Status.Conditions, v1alpha1.ConditionLicensesLow); found != nil || told() != "" {
		t.Errorf("still low: %+v", found)
	}
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.LicenseWarningPercent = new(int32(10)) })
	f.reconcile()
	if got := told(); got != "Agent 10 of 100 units; Calling 10 of 100 units" {
		t.Errorf("told after the limit was lowered: %s", got)
	}
}

func TestLicenseWarningsCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	f, _ := licensed(t, new(int32(0)), map[string]int{"Agent": 100})
	if found := meta.FindStatusCondition(f.get().Status.Conditions, v1alpha1.ConditionLicensesLow); found != nil {
		t.Errorf("warned: %+v", found)
	}
}

func TestManyLowLicensesAreCounted(t *testing.T) {
	t.Parallel()
	used := map[string]int{}
	for i := range maxNamed + 3 {
		used[fmt.Sprintf("Licence %02d", i)] = 100
	}
	f, _ := licensed(t, nil, used)
	message := f.want(v1alpha1.ConditionLicensesLow, metav1.ConditionTrue, v1alpha1.ReasonLicensesLow).Message
	if !strings.HasSuffix(message, "Licence 09 100 of 100 and 3 more") {
		t.Errorf("message = %q", message)
	}
}

// Organizations that were made together do not read together.
func TestSchedulesAreSpread(t *testing.T) {
	t.Parallel()
	seen := map[time.Duration]bool{}
	for i := range 50 {
		v := &organizationVisit{organization: &v1alpha1.WebexOrganization{}}
		v.organization.UID = types.UID(fmt.Sprintf("uid-%d", i))
		interval := v.inventoryInterval()
		if interval > day || interval < day*95/100 {
			t.Fatalf("%s instead of about a day", interval)
		}
		seen[interval.Truncate(time.Minute)] = true
	}
	if len(seen) < 20 {
		t.Errorf("50 organizations have only %d different intervals", len(seen))
	}
}
