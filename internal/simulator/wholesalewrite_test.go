package simulator

import "testing"

// Covers: P2.5
func TestWholesalePackagesAreReplaced(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.sim.AddOrganization(OrganizationSeed{ID: partner, AccessToken: "partner", Wholesale: &WholesaleSeed{Customers: []WholesaleCustomer{
		{ExternalID: "nordlys", Packages: []string{"webex_calling", "webex_meetings"}, Address: &WholesaleAddress{City: "Kiel", Country: "DE"}},
	}}})
	path := "/v1/wholesale/customers/" + encodeID("ENTERPRISE", partner)
	put := func(body map[string]any) result {
		t.Helper()
		return h.call("PUT", path, bearerOf("partner"), body)
	}
	get := func() result {
		t.Helper()
		return h.call("GET", path, bearerOf("partner"), nil).want(200)
	}
	put(map[string]any{}).want(400)
	put(map[string]any{"packages": []string{"nonsense"}}).want(400)
	put(map[string]any{"packages": []string{"attendant_console"}}).want(400)
	put(map[string]any{"packages": []string{"webex_calling"}, "address": map[string]any{"city": "Kiel"}}).want(400)
	h.call("PUT", "/v1/wholesale/customers/nobody", bearerOf("partner"), map[string]any{"packages": []string{"webex_calling"}}).want(404)
	accepted := put(map[string]any{"packages": []string{"webex_calling", "attendant_console"}}).want(202)
	if accepted.header.Get("Location") == "" {
		t.Error("no Location")
	}
	get().has("status", "updating").has("packages", `["webex_calling","webex_meetings"]`).
		has("resourceDetails.packages.1.status", "provisioning").has("resourceDetails.packages.2.status", "deleting")
	put(map[string]any{"packages": []string{"webex_calling"}}).want(409)
	h.clock.add(wholesaleDelay)
	get().has("status", "provisioned").has("packages", `["webex_calling","attendant_console"]`).has("externalId", "nordlys").
		has("address", `{"city":"Kiel","country":"DE"}`).lacks("resourceDetails.packages.2")
}
