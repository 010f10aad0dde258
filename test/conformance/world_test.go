package conformance_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// world is what one test has for itself: a namespace, the remote services, and an organization that connects them.
type world struct {
	t         *testing.T
	kind      *kind
	namespace string
	sim       *simulator.Simulator
	url       string
	// cutConnections ends the requests that are under way.
	cutConnections func()
	// organizationID is the UUID at the remote service.
	organizationID string
	labels         map[string]string
	syncInterval   time.Duration
	names          int
}

// Names that are the same in every world.
const (
	organization      = "org"
	credentialsSecret = "org-credentials" //nolint:gosec // a name
	gatewaySecret     = "org-gateway"     //nolint:gosec // a name
	tenant            = "acme"
	group             = "main"
	domain            = "voice.example.net"
)

type worldOption func(*world)

// ownManager keeps the shared manager away: the test starts its own.
func ownManager(w *world) { w.labels = nil }

// swept makes the organization sweep as often as it can.
func swept(w *world) { w.syncInterval = 30 * time.Second }

var worlds atomic.Int64

// emptyWorld has the remote services but no organization in the cluster.
func emptyWorld(t *testing.T, k *kind, options ...worldOption) *world {
	t.Helper()
	number := worlds.Add(1)
	w := &world{
		t: t, kind: k, namespace: fmt.Sprintf("test-%d", number), organizationID: uuid.NewString(),
		labels: map[string]string{managerLabel: sharedManager}, syncInterval: 24 * time.Hour,
	}
	for _, option := range options {
		option(w)
	}
	var seeded atomic.Bool
	settings := k.simulator
	settings.Now = func() time.Time {
		if seeded.Load() {
			return time.Now()
		}
		return time.Now().Add(-time.Hour) // what is there from the start is old
	}
	w.sim = simulator.New(settings)
	w.sim.AddOrganization(simulator.OrganizationSeed{
		ID: w.organizationID, Name: "Organization of " + w.namespace, ClientID: "client-" + w.namespace,
		ClientSecret: w.secretValue("client-secret"), AccessToken: w.secretValue("access-token"), RefreshToken: w.secretValue("refresh-token"),
	})
	w.sim.SetGateway(w.gatewaySeed())
	seeded.Store(true)
	server := httptest.NewServer(w.sim)
	w.cutConnections = server.CloseClientConnections
	t.Cleanup(func() { w.cutConnections(); server.Close() })
	w.url = server.URL
	w.mustCreate(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace, Labels: w.labels}})
	return w
}

// newWorld has a connected organization too.
func newWorld(t *testing.T, k *kind, options ...worldOption) *world {
	t.Helper()
	w := emptyWorld(t, k, options...)
	w.createOrganization()
	if w.labels != nil {
		w.waitConnected()
	}
	return w
}

// secretValue is a value that must show up nowhere; see findLeaks.
func (w *world) secretValue(what string) string {
	return fmt.Sprintf("%s-%s-%s-%s", canaryPrefix, what, w.namespace, w.organizationID[:8])
}

func (w *world) gatewaySeed() simulator.GatewaySeed {
	seed := simulator.GroupSeed{Domain: domain, CountryCode: "32", CLI: "+3225550100", Departments: []string{"Care", "Sales"}}
	for number := range 60 {
		seed.PhoneNumbers = append(seed.PhoneNumbers, fmt.Sprintf("+32255502%02d", number))
	}
	return simulator.GatewaySeed{
		Username: "gateway-user", Password: w.secretValue("gateway-password"),
		Tenants: map[string]map[string]simulator.GroupSeed{tenant: {group: seed}},
	}
}

// createOrganization makes the Secrets and the WebexOrganization.
func (w *world) createOrganization(edits ...func(*v1alpha1.WebexOrganization)) {
	w.t.Helper()
	w.createCredentials()
	w.mustCreate(w.newOrganization(edits...))
}

func (w *world) createCredentials() {
	w.t.Helper()
	w.createSecret(credentialsSecret, map[string]string{
		"clientID": "client-" + w.namespace, "clientSecret": w.secretValue("client-secret"),
		"accessToken": w.secretValue("access-token"), "refreshToken": w.secretValue("refresh-token"),
		"accessTokenExpiresAt":  time.Now().Add(14 * 24 * time.Hour).UTC().Format(time.RFC3339),
		"refreshTokenExpiresAt": time.Now().Add(90 * 24 * time.Hour).UTC().Format(time.RFC3339),
	})
	w.createSecret(gatewaySecret, map[string]string{"username": "gateway-user", "password": w.secretValue("gateway-password")})
}

func (w *world) newOrganization(edits ...func(*v1alpha1.WebexOrganization)) *v1alpha1.WebexOrganization {
	object := &v1alpha1.WebexOrganization{
		ObjectMeta: metav1.ObjectMeta{Name: organization, Namespace: w.namespace, Labels: w.labels},
		Spec: v1alpha1.WebexOrganizationSpec{
			Name: "Organization of " + w.namespace, OrganizationID: w.organizationID, ContactCenter: true,
			Endpoints:            v1alpha1.Endpoints{Webex: w.url, ContactCenter: w.url},
			CredentialsSecretRef: &v1alpha1.LocalSecretReference{Name: credentialsSecret},
			SyncInterval:         &metav1.Duration{Duration: w.syncInterval},
			RequestsPerMinute:    new(int32(3000)),
		},
	}
	if w.kind.gateway != "" {
		object.Spec.CallCenterGateway = &v1alpha1.CallCenterGateway{
			URL: w.url, Authentication: w.kind.gateway, DefaultCountryCode: "32",
			CredentialsSecretRef: v1alpha1.LocalSecretReference{Name: gatewaySecret},
		}
	}
	for _, edit := range edits {
		edit(object)
	}
	return object
}

func (w *world) organizationObject() *unstructured.Unstructured {
	w.t.Helper()
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("WebexOrganization"))
	w.mustGet(organization, object)
	return object
}

func (w *world) createSecret(name string, values map[string]string) {
	w.t.Helper()
	w.mustCreate(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: w.namespace, Labels: w.labels}, StringData: values})
}

// changeSecret replaces keys of a Secret.
func (w *world) changeSecret(name string, values map[string]string) {
	w.t.Helper()
	var secret corev1.Secret
	w.mustGet(name, &secret)
	secret.StringData = values
	if err := cluster.client.Update(w.t.Context(), &secret); err != nil {
		w.t.Fatalf("change Secret: %v", err)
	}
}

func (w *world) mustCreate(object client.Object) {
	w.t.Helper()
	if err := cluster.client.Create(w.t.Context(), object); err != nil {
		w.t.Fatalf("create %T %s: %v", object, object.GetName(), err)
	}
}

func (w *world) mustGet(name string, into client.Object) {
	w.t.Helper()
	if err := cluster.client.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, into); err != nil {
		w.t.Fatalf("get %T %s: %v", into, name, err)
	}
}

// changeOrganization changes the spec.
func (w *world) changeOrganization(edit func(*v1alpha1.WebexOrganizationSpec)) {
	w.t.Helper()
	var object v1alpha1.WebexOrganization
	w.mustGet(organization, &object)
	before := object.DeepCopy()
	edit(&object.Spec)
	if err := cluster.client.Patch(w.t.Context(), &object, client.MergeFrom(before)); err != nil {
		w.t.Fatalf("change organization: %v", err)
	}
}

func (w *world) waitConnected() {
	w.t.Helper()
	w.waitOrganization(soon, v1alpha1.ReasonConnected)
}

// waitOrganization waits for a reason of Ready and returns the message.
func (w *world) waitOrganization(limit time.Duration, reasons ...v1alpha1.Reason) string {
	w.t.Helper()
	var object v1alpha1.WebexOrganization
	eventually(w.t, limit, func() error {
		w.mustGet(organization, &object)
		condition := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady)
		if condition != nil && object.Status.ObservedGeneration == object.Generation {
			for _, reason := range reasons {
				if condition.Reason == string(reason) {
					return nil
				}
			}
		}
		return fmt.Errorf("organization: want %v, have %s", reasons, describeConditions(object.Status.Conditions))
	})
	for _, problem := range statusProblems(object.Generation, object.Status.ObservedGeneration, object.Status.Conditions) {
		w.t.Errorf("organization: %s", problem)
	}
	return meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady).Message
}

// faults replaces the rules of the simulator.
func (w *world) faults(rules ...simulator.FaultRule) {
	w.t.Helper()
	if err := w.sim.SetFaults(rules...); err != nil {
		w.t.Fatal(err)
	}
}

// requestsOf are the logged requests of the kind under test with one of the methods.
func (w *world) requestsOf(methods ...string) []simulator.LoggedRequest {
	var matching []simulator.LoggedRequest
	for _, request := range w.sim.Requests() {
		if !w.kind.owns(request.Path) {
			continue
		}
		for _, method := range methods {
			if request.Method == method {
				matching = append(matching, request)
			}
		}
	}
	return matching
}

// wantNoWrites fails if there was a mutating request since the last reset of the counters.
func (w *world) wantNoWrites() {
	w.t.Helper()
	if mutating := w.sim.Stats().Mutating; mutating != 0 {
		w.t.Errorf("%d mutating requests, want none:\n%s", mutating, w.writeLog())
	}
}

func (w *world) writeLog() string {
	var text strings.Builder
	for _, request := range w.sim.Requests() {
		if request.Method != "GET" {
			fmt.Fprintf(&text, "  %s %s -> %s %v\n", request.Method, request.Path, request.Status, request.Body)
		}
	}
	return text.String()
}

func (w *world) secretData(name string) map[string][]byte {
	w.t.Helper()
	var secret corev1.Secret
	w.mustGet(name, &secret)
	return secret.Data
}
