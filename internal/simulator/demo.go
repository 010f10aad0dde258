package simulator

import "fmt"

// The demonstration tenant. Everything in it is made up.
const (
	DemoOrganization       = "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10"
	DemoSecondOrganization = "e1c3a6b2-5a04-4f7e-9d3b-2f8a7c6d5e41"
	DemoGatewayTenant      = "acme-be"
	DemoGatewayGroup       = "brussels-hq"
)

// DemoState is the document that cmd/simulator starts with: two organizations, one of them with an idle code
// "Coffee Break" that a client can adopt, and a gateway with one group.
func DemoState() State {
	first := OrganizationSeed{ //nolint:gosec // made up, for a service in memory
		ID: DemoOrganization, Name: "Nordlys Care GmbH", Admin: "admin@nordlys.example",
		ClientID: "demo-client", ClientSecret: "demo-client-secret-canary",
		RefreshToken: "demo-refresh-token-canary", AccessToken: "demo-access-token-canary",
	}
	second := OrganizationSeed{ //nolint:gosec // made up, for a service in memory
		ID: DemoSecondOrganization, Name: "Sirocco Retail SL", Admin: "admin@sirocco.example", TimeZone: "Europe/Madrid",
		ClientID: "demo-client-2", ClientSecret: "demo-client-2-secret-canary",
		RefreshToken: "demo-refresh-2-canary", AccessToken: "demo-access-2-canary",
	}
	objects := tenantSeeds(DemoOrganization)
	objects[userRoute] = demoUsers(DemoOrganization)
	objects["auxiliary-code"] = append(objects["auxiliary-code"], map[string]any{
		"id":   stableUUID(DemoOrganization, "auxiliary-code", "Coffee Break"),
		"name": "Coffee Break", "description": "Short pause", "active": true, "defaultCode": false, "isSystemCode": false,
		"workTypeId": objects["work-type"][0]["id"], "workTypeCode": idleCode, "burnoutInclusion": burnoutIncluded,
	})
	group := GroupSeed{
		Domain: "voice.example.net", CountryCode: "32", CLI: "+3225550100", Departments: []string{"Care", "Sales"},
	}
	for number := range 60 {
		group.PhoneNumbers = append(group.PhoneNumbers, fmt.Sprintf("+32255501%02d", 40+number))
	}
	return State{
		Organizations: []OrganizationState{{OrganizationSeed: first, Objects: objects}, {OrganizationSeed: second}},
		Gateway: &GatewayState{GatewaySeed: GatewaySeed{
			Username: "apio-operator", Password: "demo-gateway-password-canary", Token: "demo-gateway-token-canary",
			Tenants: map[string]map[string]GroupSeed{DemoGatewayTenant: {DemoGatewayGroup: group}},
		}},
	}
}
