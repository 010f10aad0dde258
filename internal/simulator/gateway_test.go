package simulator

import (
	"strings"
	"testing"
	"time"
)

const (
	gatewayToken = "demo-gateway-token-canary"
	groupPath    = "/tenants/acme-be/groups/brussels-hq/"
	centersPath  = groupPath + "services/call_centers/"
)

// gatewayB calls deployment B; path follows the collection of call centers.
func (h *harness) gatewayB(method, path string, body any) result {
	h.t.Helper()
	return h.call(method, corePrefix+centersPath+path, bearerOf(gatewayToken), body)
}

func profile(name string) map[string]any {
	return map[string]any{"name": name, "cliFirstName": "Call", "cliLastName": "Center"}
}

func center(name string) map[string]any {
	return map[string]any{
		"serviceUserId": name + "@voice.example.net", "type": "Basic", "policy": "Circular", "serviceInstanceProfile": profile(name),
	}
}

var gatewayLogin = map[string]any{"username": "apio-operator", "password": "demo-gateway-password-canary"}

func TestDirectDeployment(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	list := directPrefix + centersPath
	h.call("GET", list, nil, nil).want(401)
	h.call("GET", list, bearerOf(gatewayToken), nil).want(401)
	h.call("POST", "/api/v1/login/", nil, map[string]any{"username": "apio-operator", "password": "wrong"}).want(401).has("errors.0.code", "2")
	h.call("POST", "/api/v1/login/", nil, nil).want(416)
	h.call("POST", "/api/v1/login", nil, gatewayLogin).want(404)
	login := h.call("POST", "/api/v1/login/", nil, gatewayLogin).want(200).has("profile.user_level", "16").has("ids.user_id", "apio-operator")
	var pairs []string
	for _, cookie := range login.header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(cookie, ";")
		pairs = append(pairs, pair)
	}
	if len(pairs) != 2 || !strings.HasPrefix(pairs[0], "sessionid=") {
		t.Fatalf("cookies %v", pairs)
	}
	both := headers{"Cookie": strings.Join(pairs, "; ")}
	h.call("GET", list, both, nil).want(200).has("call_centers", "[]")
	h.call("GET", list, headers{"Cookie": pairs[0]}, nil).want(401)
	h.call("POST", list, both, center("desk")).want(201)
	// Both deployments have the same content.
	h.gatewayB("GET", "desk@voice.example.net/", nil).want(200)
	h.fault(FaultRule{ExpireToken: true, Times: 1})
	h.call("GET", list, both, nil).want(401)
	h.call("GET", list, both, nil).want(200)
	h.control("POST", "reset?state=1", nil)
	h.call("GET", list, both, nil).want(200)
	h.clock.add(time.Hour)
	h.call("GET", list, both, nil).want(401)
}

func TestCoreDeployment(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	list := corePrefix + centersPath
	h.call("GET", list, nil, nil).want(401)
	h.call("POST", "/api/v01/auth/login", nil, map[string]any{"username": "x", "password": "y"}).want(401).has("error", "Invalid username or password")
	login := h.call("POST", "/api/v01/auth/login", nil, gatewayLogin).want(200).has("token", gatewayToken)
	access, refresh := login.at("access_token"), login.at("refresh_token")
	h.call("GET", list, bearerOf(access), nil).want(200)
	h.call("GET", list, bearerOf(refresh), nil).want(401)
	h.clock.add(coreTokenTTL)
	h.call("GET", list, bearerOf(access), nil).want(401)
	h.call("GET", "/api/v01/auth/access_token", bearerOf(access), nil).want(401)
	renewed := h.call("GET", "/api/v01/auth/access_token", bearerOf(refresh), nil).want(200).lacks("refresh_token").at("access_token")
	h.call("GET", list, bearerOf(renewed), nil).want(200)
	h.call("GET", "/api/v01/auth/logout", bearerOf(renewed), nil).want(200)
	h.call("GET", list, bearerOf(renewed), nil).want(401)
	if stats := h.sim.Stats(); stats.Mutating != 0 || stats.Services["gateway"] != stats.Requests {
		t.Errorf("stats %+v", stats)
	}
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.sim.SetGateway(GatewaySeed{Username: "u", Password: "p", TwoFactor: true})
	h.call("POST", "/api/v01/auth/login", nil, map[string]any{"username": "u", "password": "p"}).want(200).
		has("option", "totp").lacks("access_token")
}

func TestGatewayPaths(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.gatewayB("POST", "", center("desk")).want(201)
	at := func(path string) result { return h.call("GET", corePrefix+path, bearerOf(gatewayToken), nil) }
	at(strings.TrimSuffix(centersPath, "/")).want(404)
	at(centersPath + "desk@voice.example.net").want(404)
	at(centersPath + "desk%40voice.example.net/").want(200)
	at("/tenants/nobody/groups/brussels-hq/services/call_centers/").want(404).has("errors.0.message", "Tenant not found: nobody")
	at("/tenants/acme-be/groups/nobody/services/call_centers/").want(404).has("errors.0.message", "Group not found: nobody")
	at(groupPath).want(200).has("defaultDomain", "voice.example.net").has("cliPhoneNumber", "+3225550100").has("timeZone", "Europe/Brussels")
	at(groupPath+"departments/").want(200).has("departments.0.departmentName", "Care").has("departments.1.isEnterpriseDepartment", "false")
	at(groupPath+"password_rules/").want(200).has("minLength", "6").has("restrictMinDigits", "false").has("minDigits", "1")
	h.gatewayB("PUT", "call_centers/active_instance/", map[string]any{"services": []any{}}).want(404)
}
