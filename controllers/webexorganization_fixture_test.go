package controllers

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/webex"
)

const (
	nordlysID = "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10"
	siroccoID = "e1c3a6b2-5a04-4f7e-9d3b-2f8a7c6d5e41"

	// canary is in every secret of the fixture.
	canary = "canary"
)

var nordlys = types.NamespacedName{Namespace: "tenants", Name: "nordlys"}

// organizationFixture is a reconciler between a fake cluster and a simulated Webex.
type organizationFixture struct {
	t         *testing.T
	simulator *simulator.Simulator
	url       string
	clock     *clocktesting.FakeClock
	client    client.WithWatch
	events    *events.FakeRecorder
	r         *OrganizationReconciler
}

func newOrganizationFixture(t *testing.T, objects ...client.Object) *organizationFixture {
	t.Helper()
	return setting{}.fixture(t, objects...)
}

// setting is what a fixture may have otherwise.
type setting struct {
	// begin is the time at the start; the zero value is now.
	begin   time.Time
	options simulator.Options
	// seed changes the organization nordlys.
	seed func(*simulator.OrganizationSeed)
}

func (s setting) fixture(t *testing.T, objects ...client.Object) *organizationFixture {
	t.Helper()
	if s.begin.IsZero() {
		s.begin = time.Now()
	}
	clock := clocktesting.NewFakeClock(s.begin)
	s.options.Now = clock.Now
	sim := simulator.New(s.options)
	for _, seed := range []simulator.OrganizationSeed{
		{ID: nordlysID, Name: "Nordlys Care GmbH"}, {ID: siroccoID, Name: "Sirocco Retail SL"},
	} {
		first := strings.ToLower(strings.Fields(seed.Name)[0])
		seed.ClientID, seed.ClientSecret = first+"-client", first+"-secret-canary"
		seed.AccessToken, seed.RefreshToken = first+"-access-canary", first+"-refresh-canary"
		if s.seed != nil && seed.ID == nordlysID {
			s.seed(&seed)
		}
		sim.AddOrganization(seed)
	}
	sim.SetGateway(simulator.GatewaySeed{Username: "apio", Password: "password-canary"})
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	f := &organizationFixture{t: t, simulator: sim, url: server.URL, clock: clock, events: events.NewFakeRecorder(100)}
	f.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.WebexOrganization{}).
		WithIndex(&v1alpha1.WebexOrganization{}, indexOrganizationUUID, func(o client.Object) []string {
			organization, _ := o.(*v1alpha1.WebexOrganization)
			uuid, err := webex.OrganizationUUID(organization.Spec.OrganizationID)
			if err != nil {
				return nil
			}
			return []string{uuid}
		}).
		WithIndex(&v1alpha1.WorkType{}, engine.IndexOrganization, func(o client.Object) []string {
			workType, _ := o.(*v1alpha1.WorkType)
			return []string{engine.OrganizationOf(workType).String()}
		}).Build()
	f.r = f.newReconciler()
	return f
}

// newReconciler makes another process.
func (f *organizationFixture) newReconciler() *OrganizationReconciler {
	r := &OrganizationReconciler{
		Client: f.client, APIReader: f.client, Metadata: f.client, Recorder: f.events, Registry: inventory.NewRegistry(f.t.Context()), Clock: f.clock,
	}
	r.Brakes = engine.NewBrakes(f.clock, r.wakeups.wake)
	return r
}

// organization makes the resource nordlys, connected to the simulator.
func (f *organizationFixture) organization(edit func(*v1alpha1.WebexOrganization)) {
	f.t.Helper()
	organization := &v1alpha1.WebexOrganization{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: nordlys.Namespace, Name: nordlys.Name, Generation: 1, CreationTimestamp: metav1.NewTime(f.clock.Now()),
		},
		Spec: v1alpha1.WebexOrganizationSpec{
			OrganizationID: strings.ToUpper(nordlysID), ContactCenter: true,
			Endpoints:            v1alpha1.Endpoints{Webex: f.url, ContactCenter: f.url},
			CredentialsSecretRef: &v1alpha1.LocalSecretReference{Name: "credentials"},
		},
	}
	if edit != nil {
		edit(organization)
	}
	if err := f.client.Create(f.t.Context(), organization); err != nil {
		f.t.Fatal(err)
	}
}

// credentials stores the tokens of a simulated organization, by the first word of its name.
func (f *organizationFixture) credentials(owner string) {
	f.t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: "credentials", CreationTimestamp: metav1.NewTime(f.clock.Now())}}
	secret.StringData = nil
	secret.Data = map[string][]byte{
		"clientID": []byte(owner + "-client"), "clientSecret": []byte(owner + "-secret-canary"),
		"accessToken": []byte(owner + "-access-canary"), "refreshToken": []byte(owner + "-refresh-canary"),
		"accessTokenExpiresAt": []byte(f.clock.Now().Add(14 * 24 * time.Hour).Format(time.RFC3339)),
	}
	err := f.client.Create(f.t.Context(), secret)
	if err != nil {
		err = f.client.Update(f.t.Context(), secret)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// loseCredentials deletes the Secret though the organization needs it, as somebody does who takes its finalizer off.
func (f *organizationFixture) loseCredentials() {
	f.t.Helper()
	var secret corev1.Secret
	if err := f.client.Get(f.t.Context(), types.NamespacedName{Namespace: nordlys.Namespace, Name: "credentials"}, &secret); err != nil {
		f.t.Fatal(err)
	}
	secret.Finalizers = nil
	if err := f.client.Update(f.t.Context(), &secret); err != nil {
		f.t.Fatal(err)
	}
	if err := f.client.Delete(f.t.Context(), &secret); err != nil {
		f.t.Fatal(err)
	}
}

func (f *organizationFixture) reconcile() ctrl.Result {
	f.t.Helper()
	result, err := f.r.Reconcile(f.t.Context(), ctrl.Request{NamespacedName: nordlys})
	if err != nil {
		f.t.Logf("reconcile: %v", err)
	}
	return result
}

func (f *organizationFixture) get() *v1alpha1.WebexOrganization {
	f.t.Helper()
	var organization v1alpha1.WebexOrganization
	if err := f.client.Get(f.t.Context(), nordlys, &organization); err != nil {
		f.t.Fatal(err)
	}
	return &organization
}

func (f *organizationFixture) edit(change func(*v1alpha1.WebexOrganization)) {
	f.t.Helper()
	organization := f.get()
	change(organization)
	if err := f.client.Update(f.t.Context(), organization); err != nil {
		f.t.Fatal(err)
	}
}

// want checks a condition and that no secret is in status or events.
func (f *organizationFixture) want(condition string, status metav1.ConditionStatus, reason v1alpha1.Reason) *metav1.Condition {
	f.t.Helper()
	found := meta.FindStatusCondition(f.get().Status.Conditions, condition)
	if found == nil || found.Status != status || found.Reason != string(reason) {
		f.t.Fatalf("condition %s = %+v, want %s %s", condition, found, status, reason)
	}
	if strings.Contains(found.Message, canary) {
		f.t.Errorf("condition %s shows a secret: %s", condition, found.Message)
	}
	return found
}

func (f *organizationFixture) wantRequests(want int) {
	f.t.Helper()
	if stats := f.simulator.Stats(); stats.Requests != want {
		f.t.Fatalf("requests = %d (%v), want %d", stats.Requests, stats.Routes, want)
	}
}

// connected returns what the registry holds of nordlys.
func (f *organizationFixture) connected() *inventory.Organization {
	f.t.Helper()
	organization, _ := f.r.Registry.Get(nordlys)
	return organization
}

// seen drains the events.
func (f *organizationFixture) seen() string {
	var all []string
	for {
		select {
		case event := <-f.events.Events:
			all = append(all, event)
		default:
			return strings.Join(all, "\n")
		}
	}
}
