package inventory

import (
	"context"
	"errors"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"wxcc.dev/operator/internal/remote"
)

func TestAFailingSweepIsCounted(t *testing.T) {
	t.Parallel()
	collection := newFake("lunch")
	collection.fail(errors.New("forbidden"))
	organization := &Organization{
		key: types.NamespacedName{Namespace: "tenants", Name: "swept"}, life: t.Context(), stores: map[string]*placedStore{},
		connection: Connection{SyncInterval: 20 * time.Millisecond},
	}
	store := organization.store("call_centers/acme/hq", nil, func() remote.Collection { return collection })
	store.Track("interest", Interest{Key: remote.Key{Name: "lunch"}, Wake: func() {}})
	t.Cleanup(func() { store.Forget("interest") })
	await := func(metric string) {
		t.Helper()
		err := wait.PollUntilContextTimeout(t.Context(), 5*time.Millisecond, 10*time.Second, true, func(context.Context) (bool, error) {
			return measured(t, metric, "call_centers") > 0, nil
		})
		if err != nil {
			t.Fatalf("%s: %v", metric, err)
		}
	}
	await("wxcc_sweep_failures_total")
	await("wxcc_sweep_consecutive_failures")
	if at := measured(t, "wxcc_sweep_last_success_timestamp_seconds", "call_centers"); at != 0 {
		t.Errorf("a success at %f", at)
	}
	if known := organization.Compared()["call_centers"]; known.Failures == 0 || known.FailingSince.IsZero() || known.Cause == nil || !known.Last.IsZero() {
		t.Errorf("while it fails: %+v", known)
	}
	collection.fail(nil)
	await("wxcc_sweep_last_success_timestamp_seconds")
	if known := organization.Compared()["call_centers"]; known.Failures != 0 || known.Cause != nil || known.Last.IsZero() {
		t.Errorf("after a success: %+v", known)
	}
	if failures := measured(t, "wxcc_sweep_consecutive_failures", "call_centers"); failures != 0 {
		t.Errorf("%f failures after a success", failures)
	}
}

// Where a collection is several listings, the one that waits longest counts; what was known before the process does, too.
func TestTheWorstOfSeveralListingsCounts(t *testing.T) {
	t.Parallel()
	before := time.Now().Add(-time.Hour)
	organization := &Organization{
		key: types.NamespacedName{Namespace: "tenants", Name: "several"}, life: t.Context(), stores: map[string]*placedStore{},
		connection: Connection{SyncInterval: time.Hour, Compared: map[string]time.Time{"call_centers": before}},
	}
	for _, name := range []string{"call_centers/acme/hq", "call_centers/acme/branch"} {
		organization.store(name, nil, func() remote.Collection { return newFake("lunch") })
	}
	if known := organization.Compared()["call_centers"]; !known.Last.Equal(before) {
		t.Errorf("at first: %+v", known)
	}
	now := time.Now()
	organization.note("call_centers/acme/hq", nil, now)
	if known := organization.Compared()["call_centers"]; !known.Last.Equal(before) {
		t.Errorf("with one of two listed: %+v", known)
	}
	organization.note("call_centers/acme/branch", errors.New("down"), now)
	organization.note("call_centers/acme/branch", errors.New("still down"), now.Add(time.Minute))
	if known := organization.Compared()["call_centers"]; known.Failures != 2 || !known.FailingSince.Equal(now) || known.Cause.Error() != "down" || !known.Last.Equal(before) {
		t.Errorf("with the other failing: %+v", known)
	}
	organization.note("call_centers/acme/branch", nil, now.Add(2*time.Minute))
	if known := organization.Compared()["call_centers"]; known.Failures != 0 || !known.Last.Equal(now) {
		t.Errorf("with both listed: %+v", known)
	}
}

// measured returns the value of a metric for the organization of this test.
func measured(t *testing.T, metric, collection string) float64 {
	t.Helper()
	families, err := ctrlmetrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, series := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range series.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if family.GetName() == metric && labels["name"] == "swept" && labels["collection"] == collection {
				return series.GetCounter().GetValue() + series.GetGauge().GetValue()
			}
		}
	}
	return 0
}
