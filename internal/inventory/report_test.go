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
	if at := measured(t, "wxcc_sweep_last_success_timestamp_seconds", "call_centers"); at != 0 {
		t.Errorf("a success at %f", at)
	}
	collection.fail(nil)
	await("wxcc_sweep_last_success_timestamp_seconds")
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
