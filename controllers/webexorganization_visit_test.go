package controllers

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

// Time alone writes no status, whatever the state: hundreds of organizations are visited often.
func TestTimeAloneWritesNothing(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]func(*testing.T) *organizationFixture{
		"no Secret": func(t *testing.T) *organizationFixture {
			t.Helper()
			return hourly(t, createSynced)
		},
		"asked for without a Secret": func(t *testing.T) *organizationFixture {
			t.Helper()
			return hourly(t, func(o *v1alpha1.WebexOrganization) {
				o.Annotations = map[string]string{v1alpha1.ReconcileRequestAnnotation: "now"}
			})
		},
		"connected": func(t *testing.T) *organizationFixture {
			t.Helper()
			f := hourly(t, createSynced)
			f.credentials("nordlys")
			return f
		},
		"wholesale": func(t *testing.T) *organizationFixture {
			t.Helper()
			return wholesale(t, simulator.WholesaleCustomer{})
		},
		"near the end": func(t *testing.T) *organizationFixture {
			t.Helper()
			return endsIn(t, 5*day, nil)
		},
		"ended": func(t *testing.T) *organizationFixture {
			t.Helper()
			return endsIn(t, -time.Hour, nil)
		},
		"wrong organization": func(t *testing.T) *organizationFixture {
			t.Helper()
			f := hourly(t, createSynced)
			f.credentials("sirocco")
			return f
		},
		"scope missing": func(t *testing.T) *organizationFixture {
			t.Helper()
			return granting(t, webex.ScopePeople)
		},
		"refused": func(t *testing.T) *organizationFixture {
			t.Helper()
			f := hourly(t, nil)
			f.credentials("nordlys")
			if err := f.simulator.SetFaults(simulator.FaultRule{Path: "^/organization/", Status: http.StatusForbidden}); err != nil {
				t.Fatal(err)
			}
			for range 6 { // until the rest is as long as it gets
				f.reconcile()
				f.clock.Step(longestRest)
			}
			return f
		},
		"a failed sync": func(t *testing.T) *organizationFixture {
			t.Helper()
			f := hourly(t, createSynced)
			f.credentials("nordlys")
			if err := f.simulator.SetFaults(simulator.FaultRule{Path: "/v1/licenses", Status: http.StatusServiceUnavailable}); err != nil {
				t.Fatal(err)
			}
			return f
		},
		"suspended": func(t *testing.T) *organizationFixture {
			t.Helper()
			return hourly(t, func(o *v1alpha1.WebexOrganization) { o.Spec.Suspend = true })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := build(t)
			f.reconcile()
			f.reconcile() // what the first visit put off
			before, requests := f.get().ResourceVersion, f.simulator.Stats().Requests
			for range 5 {
				f.clock.Step(time.Minute)
				f.reconcile()
			}
			if now := f.get(); now.ResourceVersion != before {
				t.Errorf("a status was written: %+v", now.Status)
			}
			f.wantRequests(requests)
		})
	}
}

// A status that the API server does not take would never be written again.
func TestAHugeAnnotationFitsTheStatus(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) {
		o.Spec.MaxDeletesPerHour = new(int32(1))
		o.Annotations = map[string]string{v1alpha1.DeletesConfirmedAnnotation: strings.Repeat("yes", 1000)}
	})
	f.reconcile()
	if deletes := f.get().Status.Deletes; deletes == nil || len(deletes.ConfirmedAt) > 1024 || deletes.ConfirmedAt == "" {
		t.Errorf("status.deletes = %+v", deletes)
	}
}

// A visit that follows another at once, as the one for the Secret that the first has written does, may find the status in
// the cache as it was before.
func TestAVisitWaitsForTheCache(t *testing.T) {
	t.Parallel()
	f := hourly(t, nil)
	f.credentials("nordlys")
	f.reconcile()
	stale := f.get()
	f.clock.Step(7 * day)
	f.reconcile()
	if told := f.seen(); strings.Count(told, eventTokenRefreshed) != 1 {
		t.Fatalf("events: %s", told)
	}
	written := f.get().ResourceVersion
	f.r.Client = interceptor.NewClient(f.client, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			if organization, ok := object.(*v1alpha1.WebexOrganization); ok {
				stale.DeepCopyInto(organization)
				return nil
			}
			return c.Get(ctx, key, object, options...)
		},
	})
	result := f.reconcile()
	if told := f.seen(); told != "" {
		t.Errorf("told twice: %s", told)
	}
	if result.RequeueAfter != cacheLag || f.get().ResourceVersion != written {
		t.Errorf("next visit in %s, want in %s and nothing written", result.RequeueAfter, cacheLag)
	}
	f.r.Client = f.client
	if result := f.reconcile(); result.RequeueAfter <= cacheLag {
		t.Errorf("next visit in %s", result.RequeueAfter)
	}
}
