package controllers

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/simulator"
)

const (
	scaleTenant   = "acme-be"
	scaleGroups   = 10
	scalePerGroup = 50
	scaleSweeps   = 20 * time.Minute // no full check is due yet

	scaleURL = "http://127.0.0.1"
)

// callCenterFixture runs the loop of call centers, with the manager's defaults, between a fake cluster and a simulated
// gateway. Nothing wakes it: a test says who is visited. It lives in a bubble of synctest, in whose time those who are
// visited at once come at once, and a sweep comes when it is due.
type callCenterFixture struct {
	t         *testing.T
	simulator *simulator.Simulator
	client    client.Client
	registry  *inventory.Registry
	loop      *engine.Reconciler[*v1alpha1.CallCenter]
	keys      []types.NamespacedName
}

func newCallCenterFixture(t *testing.T) *callCenterFixture {
	t.Helper()
	f := &callCenterFixture{t: t, simulator: simulator.New(simulator.Options{})}
	groups := map[string]simulator.GroupSeed{}
	for i := range scaleGroups {
		groups[scaleGroup(i)] = simulator.GroupSeed{Domain: "voice.example.net"}
	}
	f.simulator.SetGateway(simulator.GatewaySeed{Username: "apio", Password: "p", Tenants: map[string]map[string]simulator.GroupSeed{scaleTenant: groups}})
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	organization := &v1alpha1.WebexOrganization{
		ObjectMeta: metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: nordlys.Name},
		Spec:       v1alpha1.WebexOrganizationSpec{CallCenterGateway: &v1alpha1.CallCenterGateway{URL: scaleURL, Authentication: v1alpha1.GatewaySession}},
	}
	f.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(organization).WithStatusSubresource(&v1alpha1.CallCenter{}).
		WithInterceptorFuncs(interceptor.Funcs{List: withoutIndexes}).Build()
	f.registry = inventory.NewRegistry(t.Context())
	f.registry.Connect(nordlys, inventory.Connection{SyncInterval: scaleSweeps, Gateway: apio.NewClient(apio.Options{
		BaseURL: scaleURL, Session: true, Transport: f,
		Credentials: func(context.Context) (apio.Credentials, error) {
			return apio.Credentials{Username: "apio", Password: "p"}, nil
		},
	})})
	f.loop = engine.NewReconciler(&engine.Environment{
		Client: f.client, Secrets: f.client, Registry: f.registry, Recorder: events.NewFakeRecorder(10 * scaleGroups * scalePerGroup),
		Brakes: engine.NewBrakes(clock.RealClock{}, func(types.NamespacedName) {}),
	}, callCenters())
	return f
}

// withoutIndexes finds nothing by an index, as is right where no two resources stand for one call center: the fake would
// read all for each.
func withoutIndexes(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
	if len(options) > 0 {
		return nil
	}
	return c.List(ctx, list, options...)
}

func scaleGroup(i int) string { return fmt.Sprintf("group-%d", i) }

// RoundTrip calls the simulator without a network, whose time nobody could turn.
func (f *callCenterFixture) RoundTrip(request *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	served := request.Clone(request.Context())
	served.RequestURI = request.URL.RequestURI()
	if served.Body == nil {
		served.Body = http.NoBody
	}
	f.simulator.ServeHTTP(answer, served)
	return answer.Result(), nil
}

// create makes the custom resource of one call center.
func (f *callCenterFixture) create(i int) {
	f.t.Helper()
	name := fmt.Sprintf("center-%d", i)
	f.keys = append(f.keys, types.NamespacedName{Namespace: nordlys.Namespace, Name: name})
	err := f.client.Create(f.t.Context(), &v1alpha1.CallCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: name, Generation: 1, UID: types.UID(name)},
		Spec: v1alpha1.CallCenterSpec{
			ConfigSpec: v1alpha1.ConfigSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: nordlys.Name}},
			TenantID:   scaleTenant, GroupID: scaleGroup(i % scaleGroups), ServiceUserID: name + "@voice.example.net",
			Type: v1alpha1.CallCenterStandard, Policy: v1alpha1.DistributionCircular, Active: new(true), QueueLength: new(int32(i % 500)),
			Profile: v1alpha1.CallCenterProfile{CLIFirstName: "Call", CLILastName: "Center"},
		},
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// visit visits all at once, again and again until nobody asks to come back.
func (f *callCenterFixture) visit() {
	f.t.Helper()
	again := f.keys
	err := wait.PollUntilContextTimeout(f.t.Context(), 10*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		var visits sync.WaitGroup
		var mu sync.Mutex
		var unfinished []types.NamespacedName
		for _, key := range again {
			visits.Go(func() {
				if result, err := f.loop.Reconcile(ctx, reconcile.Request{NamespacedName: key}); err != nil || result != (ctrl.Result{}) {
					mu.Lock()
					defer mu.Unlock()
					unfinished = append(unfinished, key)
				}
			})
		}
		visits.Wait()
		again = unfinished
		return len(again) == 0, nil
	})
	if err != nil {
		f.t.Fatalf("%d are not finished: %v", len(again), err)
	}
}

func (f *callCenterFixture) each(do func(*v1alpha1.CallCenter)) {
	f.t.Helper()
	var list v1alpha1.CallCenterList
	if err := f.client.List(f.t.Context(), &list); err != nil {
		f.t.Fatal(err)
	}
	for i := range list.Items {
		do(&list.Items[i])
	}
}

func (f *callCenterFixture) wantReady() {
	f.t.Helper()
	f.each(func(center *v1alpha1.CallCenter) {
		if !meta.IsStatusConditionTrue(center.Status.Conditions, v1alpha1.ConditionReady) || center.Status.ObservedGeneration != center.Generation {
			f.t.Fatalf("%s: %+v", center.Name, center.Status.Conditions)
		}
	})
}

// requests counts those of the call centers' routes since the last reset, by method and what follows call_centers/.
func (f *callCenterFixture) requests() map[string]int {
	counts := map[string]int{}
	for route, counted := range f.simulator.Stats().Routes {
		method, pattern, _ := strings.Cut(route, " ")
		if _, rest, ours := strings.Cut(pattern, "/services/call_centers/"); ours {
			counts[method+" "+rest] += counted.Count
		}
	}
	return counts
}

// Five hundred call centers in ten groups: what is shared costs as many requests as there are groups.
// Proves: S3.6, CR11, CR14, CR19
func TestFiveHundredCallCentersShareListingsAndSwitches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { newCallCenterFixture(t).live() })
}

func (f *callCenterFixture) live() {
	t := f.t
	const all = scaleGroups * scalePerGroup
	for i := range all {
		f.create(i)
	}
	want := func(phase string, exactly map[string]int) {
		t.Helper()
		if made := f.requests(); fmt.Sprint(made) != fmt.Sprint(exactly) {
			t.Errorf("%s: %v, want %v", phase, made, exactly)
		}
		f.simulator.Reset()
	}
	f.visit()
	f.wantReady()
	// A listing for the look, and one that proves what the answers leave open.
	want("first create", map[string]int{"GET ": 2 * scaleGroups, "POST ": all, "PUT active_instance/": scaleGroups})

	f.each(func(center *v1alpha1.CallCenter) {
		if center.Status.Active == nil || !*center.Status.Active || center.Status.ID != center.Name+"@voice.example.net" {
			t.Fatalf("%s: %+v", center.Name, center.Status)
		}
	})
	f.visit()
	want("nothing changed", map[string]int{})
	time.Sleep(scaleSweeps) // in the bubble's time
	synctest.Wait()
	want("a sweep without a change", map[string]int{"GET ": scaleGroups})
	f.visit()
	want("visits after it", map[string]int{})

	f.each(func(center *v1alpha1.CallCenter) {
		center.Generation++
		center.Spec.Active = new(false)
		if err := f.client.Update(t.Context(), center); err != nil {
			t.Fatal(err)
		}
	})
	f.visit()
	f.wantReady()
	want("all switched off", map[string]int{"GET ": 2 * scaleGroups, "GET {id}/": all, "PUT active_instance/": scaleGroups})

	f.each(func(center *v1alpha1.CallCenter) {
		if err := f.client.Delete(t.Context(), center); err != nil {
			t.Fatal(err)
		}
	})
	f.visit()
	f.each(func(center *v1alpha1.CallCenter) { t.Errorf("%s is left", center.Name) })
	want("all deleted", map[string]int{"DELETE {id}/": all})
}
