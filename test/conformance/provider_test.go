package conformance_test

import (
	"fmt"
	"net/http"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// customer is one of a service provider's organizations.
type customer struct {
	name, id string
	object   *resource
}

// addCustomers makes organizations, each with an OAuth client of its own, and an object in each.
func (w *world) addCustomers(count int) []customer {
	w.t.Helper()
	customers := make([]customer, 0, count)
	for i := range count {
		one := customer{name: fmt.Sprintf("customer-%d", i)}
		one.id = w.addOrganization(one.name)
		w.mustCreate(w.newOrganization(func(o *v1alpha1.WebexOrganization) {
			o.Name, o.Spec.OrganizationID, o.Spec.CredentialsSecretRef.Name = one.name, one.id, one.name
		}))
		customers = append(customers, one)
	}
	return customers
}

func (w *world) reasonOf(organization string) string {
	w.t.Helper()
	var object v1alpha1.WebexOrganization
	if err := cluster.client.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: organization}, &object); err != nil {
		w.t.Fatal(err)
	}
	condition := meta.FindStatusCondition(object.Status.Conditions, v1alpha1.ConditionReady)
	if condition == nil {
		return ""
	}
	return condition.Reason
}

// One organization hangs, one is throttled, one has a dead token: the other 47 are served as if there were none of them,
// and the three come back by themselves.
//
// Proves: PR30, PR51
func TestThreeOfFiftyOrganizationsInTrouble(t *testing.T) {
	t.Parallel()
	const all = 50
	w := emptyWorld(t, workType(), ownManager)
	customers := w.addCustomers(all)
	hanging, throttled, dead, healthy := &customers[0], &customers[1], &customers[2], customers[3:]
	w.faults(
		simulator.FaultRule{Organization: hanging.id, LatencyMillis: 60_000},
		simulator.FaultRule{Organization: throttled.id, Status: http.StatusTooManyRequests, RetryAfterSeconds: 3},
		simulator.FaultRule{Organization: dead.id, Route: "/v1/access_token", Status: http.StatusBadRequest, Body: `{"error":"invalid_grant"}`},
		simulator.FaultRule{Organization: dead.id, ExpireToken: true},
	)
	w.runManager(managerOptions{})
	for i := range customers {
		customers[i].object = w.create(w.kind.minimal("Breaks").with("organizationRef", map[string]any{"name": customers[i].name}))
	}
	for _, one := range healthy {
		one.object.waitReady()
	}
	for organization, want := range map[string]v1alpha1.Reason{throttled.name: v1alpha1.ReasonRateLimited, dead.name: v1alpha1.ReasonReconnectRequired} {
		if have := w.reasonOf(organization); have != string(want) {
			t.Errorf("%s says %q, want %s", organization, have, want)
		}
	}
	for _, one := range healthy {
		if have := w.reasonOf(one.name); have != string(v1alpha1.ReasonConnected) {
			t.Errorf("%s says %q", one.name, have)
		}
	}
	w.faults()
	w.cutConnections()
	for _, one := range []*customer{hanging, throttled} {
		one.object.waitReadyWithin(later)
	}
	if have := w.reasonOf(dead.name); have != string(v1alpha1.ReasonReconnectRequired) {
		t.Errorf("%s says %q: a dead token is tried again without anybody's word", dead.name, have)
	}
}
