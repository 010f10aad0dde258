package crd_test

import (
	"strings"
	"testing"
)

const organization = `
apiVersion: wxcc.dev/v1alpha1
kind: WebexOrganization
metadata: {name: nordlys}
spec:
  name: Nordlys Care GmbH
  organizationID: 5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10
  contactCenter: true
  region: eu2
  credentialsSecretRef: {name: nordlys}
`

const gatewayOnly = `
apiVersion: wxcc.dev/v1alpha1
kind: WebexOrganization
metadata: {name: gateway}
spec:
  name: Gateway only
  callCenterGateway:
    url: https://apio.example.com
    authentication: Session
    credentialsSecretRef: {name: apio}
`

const (
	encodedOrganization = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi81ZDFmMmM4ZS03YTQ0LTRiMGItOWMwZS0zZjZhMmI5ZDhlMTA"
	encodedPerson       = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8wYjhlNGY1NS0yMWQzLTRjNmEtOGYwYS02ZjNkMWYwYzdhMjE"
	regionNeeded        = "region is required with contactCenter: true unless endpoints.contactCenter is given"
)

// Proves: S1.1, S1.5, S1.6, S1.8, S1.9, S1.11, S1.42, PR1, PR2, PR3, PR12, PR13
func TestWebexOrganizationFields(t *testing.T) {
	t.Parallel()
	testCreate(t, organization, rows(
		[]admission{
			unchanged(),
			{"every informational field", edits(set("name", "Nordlys Energie A/S"), set("accountEmail", "admin@nordlys.example"),
				set("wholesale", true), set("directorySync", true), set("notes", "Call Kari first"), set("syncOnCreate", true),
				set("emailDomain", "nordlys.example"), set("suspend", true)), ""},
			{"packages", edits(set("wholesale", true), set("wholesalePackages", []any{"webex_calling", "attendant_console"})), ""},
			{"no packages at all", edits(set("wholesale", true), set("wholesalePackages", []any{})), "should have at least 1 items"},
			{"an odd package", edits(set("wholesale", true), set("wholesalePackages", []any{"Webex Calling"})), "wholesalePackages must be names such as webex_calling"},
			{"no name at all", edits(named("")), "name or generateName is required"},
			{"no name of the customer", edits(without("name")), "spec.name: Required value"},
			{"tokens in the spec", edits(set("accessToken", "x")), `unknown field "spec.accessToken"`},
			{"internal id in the spec", edits(set("internalID", "x")), `unknown field "spec.internalID"`},
			{"a device container", edits(set("networkDeviceList", "x")), `unknown field "spec.networkDeviceList"`},
			{"a calling site", edits(set("callingSite", "x")), `unknown field "spec.callingSite"`},
			{"directory synchronization that is no boolean", edits(set("directorySync", "yes")), "must be of type boolean"},
		},
		each("name", "", strings.Repeat("n", 1024)),
		each("name", "Too long: may not be more than 1024", strings.Repeat("n", 1025)),
		each("name", "at least 1 chars long", ""),
		each("organizationID", "", "5D1F2C8E-7A44-4B0B-9C0E-3F6A2B9D8E10", encodedOrganization, encodedOrganization+"="),
		each("organizationID", "organizationID must be a UUID", "nordlys", "5d1f2c8e7a444b0b9c0e3f6a2b9d8e10", "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e1g", encodedPerson, encodedOrganization+"!"),
		each("accountEmail", "accountEmail must be an e-mail address", "admin", "a@b@c", "a b@c"),
		each("defaultCallingBehavior", "", "Calling in Webex App", "Calling in Webex App (Unified CM)", "Cisco Jabber app", "Third-Party app"),
		each("defaultCallingBehavior", "Unsupported value", "Skype", "calling in webex app"),
		each("emailDomain", "", "example.com", "A-b.example.co.uk"),
		each("emailDomain", "emailDomain must be a DNS domain such as example.com", "example", "-a.example", "user@example.com", "exa mple.com"),
		each("notes", "", "", strings.Repeat("n", 1024)),
		each("notes", "Too long: may not be more than 1024", strings.Repeat("n", 1025)),
	))
}

// Proves: S1.4, PR10
func TestWebexOrganizationRegionAndEndpoints(t *testing.T) {
	t.Parallel()
	simulator := set("endpoints.contactCenter", "http://127.0.0.1:8090")
	testCreate(t, organization, rows(
		[]admission{
			{"no region", edits(without("region")), regionNeeded},
			{"no region, endpoint", edits(without("region"), simulator), ""},
			{"no region, other endpoint", edits(without("region"), set("endpoints.webex", "https://webex.example")), regionNeeded},
			{"no region, no contact center", edits(without("region"), without("contactCenter")), ""},
			{"region and endpoint", edits(simulator), ""},
		},
		each("region", "", "us1", "us2", "eu1", "eu2", "anz1", "jp1", "ca1", "in1", "sg1"),
		each("region", `supported values: "us1", "us2", "eu1", "eu2", "anz1", "jp1", "ca1", "in1", "sg1"`, "eu3", ""),
		each("endpoints.webex", "", "https://webexapis.com", "https://webex.example:8443/base/", "http://localhost:8090", "http://[::1]:8090/x"),
		each("endpoints.webex", "endpoints.webex must be an https URL (http for a loopback host only)",
			"http://webex.example", "http://127.0.0.1.evil.example", "http://localhost.evil.example", "ftp://a", "https://user:pw@webex.example",
			"https://a?x=1", "https://a#x", "https://", "webexapis.com", "http://localhost@evil.example"),
		each("endpoints.contactCenter", "endpoints.contactCenter must be an https URL", "http://contact.example"),
	))
}

func TestWebexOrganizationNeedsWhatItIsFor(t *testing.T) {
	t.Parallel()
	testCreate(t, organization, []admission{
		{"no credentials", edits(without("credentialsSecretRef")), "credentialsSecretRef is required with organizationID"},
		{"no id", edits(without("organizationID")), "organizationID is required unless callCenterGateway is configured"},
	})
	testCreate(t, gatewayOnly, []admission{
		unchanged(),
		{"contact center without id", edits(set("contactCenter", true), set("region", "eu1")), "contactCenter: true needs organizationID"},
		{"wholesale without id", edits(set("wholesale", true)), "wholesale: true needs organizationID"},
		{"packages", edits(set("wholesalePackages", []any{"webex_calling"})), "wholesalePackages needs wholesale: true"},
		{"switched off without id", edits(set("contactCenter", false), set("wholesale", false)), ""},
	})
}

func TestCallCenterGatewayFields(t *testing.T) {
	t.Parallel()
	const gateway = "callCenterGateway."
	testCreate(t, gatewayOnly, rows(
		[]admission{
			{"no url", edits(without(gateway + "url")), "url: Required value"},
			{"no authentication", edits(without(gateway + "authentication")), "authentication: Required value"},
			{"no credentials", edits(without(gateway + "credentialsSecretRef")), "credentialsSecretRef: Required value"},
			{"core", edits(set(gateway+"authentication", "Core"), set(gateway+"pathPrefix", "/api/v01/p1"), set(gateway+"identityProvider", "broadworks")), ""},
			{"certificates", edits(set(gateway+"caRef", map[string]any{"kind": "ConfigMap", "name": "ca", "key": "bundle.pem"})), ""},
			{"tenants", edits(set(gateway+"allowedTenants", []any{
				map[string]any{"tenantID": "acme", "groupIDs": []any{"hq"}}, map[string]any{"tenantID": "beta"}, map[string]any{"tenantID": "none", "groupIDs": []any{}},
			})), ""},
			{"no tenants", edits(set(gateway+"allowedTenants", []any{})), ""},
			{"a tenant twice", edits(set(gateway+"allowedTenants", []any{map[string]any{"tenantID": "a"}, map[string]any{"tenantID": "a"}})), "Duplicate value"},
			{"a tenant without id", edits(set(gateway+"allowedTenants", []any{map[string]any{"groupIDs": []any{"a"}}})), "tenantID: Required value"},
			{"certificates from elsewhere", edits(set(gateway+"caRef", map[string]any{"kind": "Pod", "name": "ca"})), `supported values: "ConfigMap", "Secret"`},
		},
		each(gateway+"authentication", `supported values: "Session", "Core"`, "Basic"),
		each(gateway+"url", "", "https://apio.example.com:8443/", "http://127.0.0.1:8090"),
		each(gateway+"url", "callCenterGateway.url must be an https URL (http for a loopback host only)", "http://apio.example.com", "https://apio.example.com/api/v1", "https://u:p@apio.example.com"),
		each(gateway+"pathPrefix", "", "/api/v1", "/api/v01/p1/"),
		each(gateway+"pathPrefix", "callCenterGateway.pathPrefix must be a path such as /api/v1", "api/v1", "/", "/a//b", "/a?b"),
		each(gateway+"defaultCountryCode", "", "1", "32", "358"),
		each(gateway+"defaultCountryCode", "must be a calling code of 1 to 3 digits without +", "+32", "BE", "032"),
	))
}

func TestWebexOrganizationConnectionFields(t *testing.T) {
	t.Parallel()
	testCreate(t, organization, rows(
		[]admission{
			{"proxies", edits(set("proxy.httpProxySecretRef", map[string]any{"name": "proxy", "key": "http"}),
				set("proxy.httpsProxySecretRef", map[string]any{"name": "proxy", "key": "https"})), ""},
			{"only one proxy", edits(set("proxy.httpsProxySecretRef", map[string]any{"name": "proxy", "key": "https"})), ""},
			{"proxy in the spec", edits(set("proxy.httpsProxy", "http://u:p@proxy:3128")), `unknown field "spec.proxy.httpsProxy"`},
			{"warnings", edits(set("tokenRefresh.expiryWarnings", []any{"720h", "24h"})), ""},
			{"no warnings", edits(set("tokenRefresh.expiryWarnings", []any{})), ""},
			{"warning of a day", edits(set("tokenRefresh.expiryWarnings", []any{"1d"})), "tokenRefresh.expiryWarnings must be durations from 1h to 2160h"},
			{"warning after the end", edits(set("tokenRefresh.expiryWarnings", []any{"2161h"})), "tokenRefresh.expiryWarnings must be durations from 1h to 2160h"},
			{"warning twice", edits(set("tokenRefresh.expiryWarnings", []any{"24h", "24h"})), "Duplicate value"},
		},
		each("syncInterval", "", "30s", "5m", "1h30m", "24h"),
		each("syncInterval", "syncInterval must be a duration from 30s to 24h", "29s", "24h1s", "5", "5 m", "1d", "-5m", "999999999999h"),
		each("tokenRefresh.interval", "", "1h", "168h", "312h"),
		each("tokenRefresh.interval", "tokenRefresh.interval must be a duration from 1h to 312h", "59m", "313h", "7d"),
		each("inventoryInterval", "", "10m", "24h", "720h"),
		each("inventoryInterval", "inventoryInterval must be a duration from 10m to 720h", "9m", "721h", "1d"),
		each("licenseWarningPercent", "", int64(0), int64(100)),
		each("licenseWarningPercent", "should be less than or equal to 100", int64(101)),
		each("licenseWarningPercent", "should be greater than or equal to 0", int64(-1)),
		each("requestsPerMinute", "", int64(1), int64(3000)),
		each("requestsPerMinute", "should be greater than or equal to 1", int64(0)),
		each("requestsPerMinute", "should be less than or equal to 3000", int64(3001)),
		each("maxDeletesPerHour", "", int64(0), int64(100000)),
		each("maxDeletesPerHour", "should be greater than or equal to 0", int64(-1)),
		each("defaults.managementPolicy", "", "Enforce", "Observe"),
		each("defaults.managementPolicy", "Unsupported value", "Watch"),
		each("defaults.deletionPolicy", "Unsupported value", "Orphan"),
		each("defaults.adoptionPolicy", "Unsupported value", "Sometimes"),
	))
}

func TestAllowedNamespaces(t *testing.T) {
	t.Parallel()
	from := func(value string) edit { return set("allowedNamespaces.from", value) }
	selector := set("allowedNamespaces.selector.matchLabels", map[string]any{"region": "north"})
	const unfit = "selector is needed with from: Selector and not allowed otherwise"
	testCreate(t, organization, []admission{
		{"same", edits(from("Same")), ""},
		{"all", edits(from("All")), ""},
		{"selector", edits(from("Selector"), selector), ""},
		{"selector missing", edits(from("Selector")), unfit},
		{"selector too many", edits(from("All"), selector), unfit},
		{"nothing said", edits(selector), "allowedNamespaces.from: Required value"},
		{"unknown", edits(from("Some")), "Unsupported value"},
	})
}

// Proves: S1.40
func TestWebexOrganizationUpdates(t *testing.T) {
	t.Parallel()
	testUpdate(t, organization, []admission{
		{"id", edits(set("organizationID", "6d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10")), "organizationID cannot be changed once set: create another WebexOrganization"},
		{"region", edits(set("region", "eu1")), "region cannot be changed once set: create another WebexOrganization"},
		{"region removed", edits(without("region"), set("contactCenter", false)), "region cannot be changed once set"},
		{"contact center off", edits(set("contactCenter", false)), ""},
		{"everything else", edits(set("name", "Other"), set("credentialsSecretRef.name", "other"), set("syncInterval", "1h")), ""},
	})
	t.Run("later", func(t *testing.T) {
		t.Parallel()
		testUpdate(t, gatewayOnly, []admission{
			{"id given", edits(set("organizationID", encodedOrganization), set("credentialsSecretRef.name", "nordlys")), ""},
			{"region given", edits(set("region", "ca1")), ""},
		})
	})
}
