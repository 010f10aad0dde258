package simulator

import (
	"fmt"
	"strings"
	"testing"
)

const partner = "9f2d7c1e-1111-4222-8333-444455556666"

func wholesalePartner(t *testing.T, seed *WholesaleSeed) *harness {
	t.Helper()
	h := start(t, Options{})
	h.sim.AddOrganization(OrganizationSeed{ID: partner, AccessToken: "partner", Wholesale: seed})
	return h
}

// Covers: P2.5, P2.2
func TestWholesaleCustomers(t *testing.T) {
	t.Parallel()
	h := wholesalePartner(t, &WholesaleSeed{Customers: []WholesaleCustomer{
		{
			ExternalID: "nordlys-0417", Status: "provisioned_with_errors", Packages: []string{"webex_calling"},
			Address: &WholesaleAddress{City: "Kiel", Country: "DE"},
			ResourceDetails: &WholesaleResources{Packages: []WholesalePackage{{
				Name: "webex_calling", Status: "error", LicenseIDs: []string{"L1"},
				Warnings: []WholesaleProblem{{2560, "Calling is under maintenance"}},
			}}},
		},
		{ExternalID: "second", Status: "provisioning"},
	}})
	get := func(path string) result {
		t.Helper()
		return h.call("GET", "/v1/wholesale/customers"+path, bearerOf("partner"), nil)
	}
	enterprise := encodeID("ENTERPRISE", partner)
	get("").want(200).has("items.0.id", enterprise).has("items.0.orgId", encodeID("ORGANIZATION", partner)).
		has("items.0.address", `{"city":"Kiel","country":"DE"}`).has("items.0.resourceDetails.packages.0.warnings.0.errorCode", "2560").
		lacks("items.0.resourceDetails.packages.0.licenseIds").has("items.1.externalId", "second").lacks("items.1.orgId")
	for _, orgID := range []string{partner, strings.ToUpper(partner), encodeID("ORGANIZATION", partner), encodeID("Organization", partner) + "%3D"} {
		get("?orgId="+orgID).want(200).has("items.0.id", enterprise).lacks("items.1")
	}
	get("?orgId="+orgA).want(200).has("items", "[]")
	get("?externalId=second").want(200).has("items.0.status", "provisioning").lacks("items.1")
	get("?status=error,provisioning").want(200).has("items.0.externalId", "second").lacks("items.1")
	get("?status=error&status=provisioned_with_errors").want(200).has("items.0.externalId", "nordlys-0417").lacks("items.1")
	get("/"+enterprise).want(200).has("externalId", "nordlys-0417").lacks("resourceDetails.packages.0.licenseIds")
	get("/"+enterprise+"?includePackageLicenseInfo=true").want(200).has("resourceDetails.packages.0.licenseIds", `["L1"]`)
	get("/nobody").want(404)
	h.call("GET", "/v1/wholesale/subPartners", bearerOf("partner"), nil).want(200).has("subPartners", "[]")
}

// Covers: P1.8
func TestWholesaleScopesAreForPartners(t *testing.T) {
	t.Parallel()
	h := wholesalePartner(t, &WholesaleSeed{})
	h.a("GET", "/v1/wholesale/customers", nil).want(403).has("message", "The access token lacks a needed scope: "+scopeWholesaleCustomers)
	h.call("GET", "/v1/wholesale/customers", bearerOf("partner"), nil).want(200).has("items", "[]")
	h.call("GET", "/v1/wholesale/subscribers", bearerOf("partner"), nil).want(200).has("items", "[]")
	saved := h.control("GET", "state", nil)
	h.control("PUT", "state", saved.raw)
	h.call("GET", "/v1/wholesale/customers", bearerOf("partner"), nil).want(200)
}

// Covers: P2.1, P2.5
func TestWholesalePages(t *testing.T) {
	t.Parallel()
	seed := &WholesaleSeed{Customers: []WholesaleCustomer{{ExternalID: "only"}}}
	for i := range 120 {
		seed.Subscribers = append(seed.Subscribers, WholesaleSubscriber{Email: fmt.Sprintf("u%03d@example.com", i)})
	}
	h := wholesalePartner(t, seed)
	path := "/v1/wholesale/subscribers"
	first := h.call("GET", path, bearerOf("partner"), nil).want(200).has("items.49.email", "u049@example.com").lacks("items.50").
		has("items.0.externalCustomerId", "only").has("items.0.status", "provisioned")
	if link := first.header.Get("Link"); link != "<"+h.url+path+`?max=50&offset=50>; rel="next"` {
		t.Errorf("Link %q", link)
	}
	last := h.call("GET", path+"?max=1000&offset=100", bearerOf("partner"), nil).want(200).has("items.19.email", "u119@example.com")
	if last.header.Get("Link") != "" {
		t.Errorf("Link %q", last.header.Get("Link"))
	}
	h.call("GET", path+"?email=U007@example.com", bearerOf("partner"), nil).want(200).has("items.0.email", "u007@example.com").lacks("items.1")
	h.call("GET", path+"?max=0", bearerOf("partner"), nil).want(400)
	// An empty page in the middle still leads on.
	h.fault(FaultRule{Route: path, Skip: 1, Times: 1, EmptyPage: true})
	h.call("GET", path, bearerOf("partner"), nil).want(200)
	empty := h.call("GET", path+"?offset=50&max=50", bearerOf("partner"), nil).want(200).has("items", "[]")
	if link := empty.header.Get("Link"); link != "<"+h.url+path+`?max=50&offset=50>; rel="next"` {
		t.Errorf("Link %q", link)
	}
}
