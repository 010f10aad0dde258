package metrics

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
)

type fixedBudget struct{}

func (fixedBudget) Queue() (waiting int, longest time.Duration) { return 3, 5 * time.Second }
func (fixedBudget) HeldFor() time.Duration                      { return 2 * time.Second }

func TestSeriesLiveAsLongAsTheirOrganization(t *testing.T) {
	t.Parallel()
	kept := types.NamespacedName{Namespace: "tenants", Name: "kept"}
	gone := types.NamespacedName{Namespace: "tenants", Name: "gone"}
	late := []func(){}
	for _, organization := range []types.NamespacedName{kept, gone} {
		observe, sweep := Observer(ServiceWebex, organization), SweepObserver(organization, "work-type")
		observe("GET", "/v1/people/me", 200, time.Second)
		sweep(errors.New("down"), time.Time{}, 1)
		sweep(nil, time.Unix(4000, 0), 0)
		SweepInterval(organization, time.Minute)
		late = append(late, func() {
			observe("GET", "/v1/people/me", 200, time.Second)
			sweep(errors.New("down"), time.Unix(4000, 0), 1)
		})
		TokenExpiry(organization, AccessToken, time.Unix(1000, 0))
		TokenExpiry(organization, RefreshToken, time.Unix(2000, 0))
		ConnectionEnd(organization, time.Unix(2000, 0))
		TokenValid(organization, true)
		Licenses(organization, map[string]LicenseUnits{"Messaging": {Total: 500, Consumed: 311}, "Calling": {Total: 2}})
	}
	Licenses(kept, map[string]LicenseUnits{"Messaging": {Total: 500, Consumed: 312}})
	TokenValid(kept, false)
	TokenExpiry(kept, RefreshToken, time.Time{})
	Forget(gone)
	for _, call := range late {
		call() // one that was under way when the organization went
	}
	want := map[string]float64{
		"wxcc_requests_total code=200 method=GET name=kept namespace=tenants route=/v1/people/me service=webex": 2,
		"wxcc_sweep_failures_total collection=work-type name=kept namespace=tenants":                            2,
		"wxcc_sweep_last_success_timestamp_seconds collection=work-type name=kept namespace=tenants":            4000,
		"wxcc_sweep_consecutive_failures collection=work-type name=kept namespace=tenants":                      1,
		"wxcc_sweep_interval_seconds name=kept namespace=tenants":                                               60,
		"wxcc_token_expiry_timestamp_seconds name=kept namespace=tenants token=access":                          1000,
		"wxcc_connection_end_timestamp_seconds name=kept namespace=tenants":                                     2000,
		"wxcc_token_valid name=kept namespace=tenants":                                                          0,
		"wxcc_license_units kind=total license=Messaging name=kept namespace=tenants":                           500,
		"wxcc_license_units kind=consumed license=Messaging name=kept namespace=tenants":                        312,
	}
	got := gathered(t, "wxcc_requests_total", "wxcc_token_expiry_timestamp_seconds", "wxcc_connection_end_timestamp_seconds", "wxcc_token_valid",
		"wxcc_license_units", "wxcc_sweep_failures_total", "wxcc_sweep_last_success_timestamp_seconds",
		"wxcc_sweep_consecutive_failures", "wxcc_sweep_interval_seconds")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
}

func TestBudgetsAreAskedAtScrape(t *testing.T) {
	t.Parallel()
	names := []string{"wxcc_budget_waiting", "wxcc_budget_wait_seconds", "wxcc_budget_held_seconds"}
	TrackBudget("3f2a", fixedBudget{})
	want := map[string]float64{
		"wxcc_budget_waiting client=3f2a": 3, "wxcc_budget_wait_seconds client=3f2a": 5, "wxcc_budget_held_seconds client=3f2a": 2,
	}
	if diff := cmp.Diff(want, gathered(t, names...)); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
	ForgetBudget("3f2a")
	if diff := cmp.Diff(map[string]float64{}, gathered(t, names...)); diff != "" {
		t.Errorf("series after the budget (-want +got):\n%s", diff)
	}
}

// gathered returns the counters and gauges of these names as a scrape would.
func gathered(t *testing.T, names ...string) map[string]float64 {
	t.Helper()
	families, err := ctrlmetrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		for _, name := range names {
			if family.GetName() != name {
				continue
			}
			for _, metric := range family.GetMetric() {
				series := []string{name}
				for _, label := range metric.GetLabel() {
					series = append(series, label.GetName()+"="+label.GetValue())
				}
				values[strings.Join(series, " ")] = metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
			}
		}
	}
	return values
}
