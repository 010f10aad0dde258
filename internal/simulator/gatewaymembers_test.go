package simulator

import (
	"strings"
	"testing"
)

// staffed is a gateway with users in its group.
func staffed(t *testing.T) *harness {
	t.Helper()
	h := start(t, Options{})
	h.sim.SetGateway(GatewaySeed{
		Username: "u", Password: "p", Token: gatewayToken, EnterpriseDepartments: map[string][]string{"acme-be": {"Operations/Care", "Board"}},
		Templates: map[string]map[string]any{"gold": {
			"serviceUserId": "templated@voice.example.net", "queueLength": 30, "escapeDigit": "9",
			"serviceInstanceProfile": map[string]any{"language": "Dutch", "cliLastName": "Template"},
		}},
		Tenants: map[string]map[string]GroupSeed{"acme-be": {"brussels-hq": {
			Domain: "voice.example.net", Departments: []string{"Care"}, HolidaySchedules: []string{"Feasts"},
			Users: []GroupUser{
				{ID: "ann@x", FirstName: "Ann", CallCenterType: "Premium"}, {ID: "bob@x", CallCenterType: "Basic"}, {ID: "cid@x"},
			},
		}}},
	})
	return h
}

func TestAgentsOfACallCenter(t *testing.T) {
	t.Parallel()
	h := staffed(t)
	h.gatewayB("POST", "", with(center("desk"), "type", "Premium", "routingType", "Skill Based")).want(201)
	h.gatewayB("POST", "", center("plain")).want(201)
	h.gatewayB("GET", "agents/available/", nil).want(200).has("available_agents.0.userId", "ann@x").has("available_agents.1.userId", "bob@x").lacks("available_agents.2")
	h.gatewayB("GET", "agents/available/?type=Premium", nil).want(200).has("available_agents.0.userId", "ann@x").lacks("available_agents.1")
	h.gatewayB("GET", "agents/available/?type=Gold", nil).want(400)
	h.gatewayB("GET", "supervisors/available/", nil).want(200).has("available_supervisors.2.userId", "cid@x")
	desk := "desk@voice.example.net/"
	if got := h.gatewayB("GET", desk+"agents/", nil).want(200); got.raw != `{"agents":[]}` {
		t.Errorf("agents %s", got.raw)
	}
	h.gatewayB("PUT", desk+"agents/", `{"agents":[{"userId":"ANN@x","weight":40}]}`).want(200)
	h.gatewayB("GET", desk+"agents/", nil).has("agents.0.userId", "ann@x").has("agents.0.skillLevel", "1").has("agents.0.weight", "40").has("agents.0.firstName", "Ann")
	h.gatewayB("PUT", desk+"agents/", `{"agents":[{"userId":"ann@x","skillLevel":"20"}]}`).want(200)
	for body, text := range map[string]string{
		`{"agents":[{"userId":"bob@x"}]}`:                   "agents: bob@x lacks the service Call Center - Premium",
		`{"agents":[{"userId":"ann@x","weight":101}]}`:      "weight: a number from 0 to 100 is expected",
		`{"agents":[{"userId":"ann@x","skillLevel":"21"}]}`: "skillLevel: a text from 1 to 20 is expected",
		`{"users":[]}`: "agents: a list is expected",
	} {
		h.gatewayB("PUT", desk+"agents/", body).want(400).has("errors.0.message", text)
	}
	h.gatewayB("PUT", desk+"agents/", `{"agents":[{"userId":"eve@x"}]}`).want(400).has("errors.0.details.errors.0.error_code", "4008")
	h.gatewayB("PUT", desk+"agents/", nil).want(416)
	h.gatewayB("GET", desk+"agents/", nil).has("agents.0.skillLevel", "20")
	h.gatewayB("PUT", "nobody@x/agents/", `{"agents":[]}`).want(404)
	h.gatewayB("GET", "nobody@x/agents/", nil).want(404)
	h.gatewayB("PUT", "plain@voice.example.net/agents/", `{"agents":[{"userId":"bob@x"}]}`).want(200)
	h.gatewayB("GET", "plain@voice.example.net/agents/", nil).has("agents.0.userId", "bob@x").lacks("agents.0.skillLevel")
	h.gatewayB("PUT", desk+"supervisors/", `{"supervisors":[{"userId":"cid@x"}]}`).want(200)

	// What an update of the call center, and a restart from the state, leave alone.
	h.gatewayB("PUT", desk, `{"queueLength":3}`).want(200)
	kept := h.control("GET", "callcenters/acme-be/brussels-hq/"+strings.TrimSuffix(desk, "/"), nil)
	kept.has("agents.0.userId", "ann@x").has("supervisors.0.userId", "cid@x")
	h.control("PATCH", "callcenters/acme-be/brussels-hq/"+strings.TrimSuffix(desk, "/"), `{"agents":[]}`)
	h.gatewayB("GET", desk+"agents/", nil).lacks("agents.0")
	h.gatewayB("GET", desk+"supervisors/", nil).has("supervisors.0.userId", "cid@x")
	h.fault(FaultRule{DropFields: []string{"agents"}})
	h.gatewayB("PUT", desk+"agents/", `{"agents":[{"userId":"ann@x"}]}`).want(200)
	h.gatewayB("GET", desk+"agents/", nil).lacks("agents.0")
}

func TestHolidayService(t *testing.T) {
	t.Parallel()
	h := staffed(t)
	h.gatewayB("POST", "", with(center("desk"), "type", "Premium")).want(201)
	h.gatewayB("POST", "", center("plain")).want(201)
	const policy = "desk@voice.example.net/routing_policies/?type=Holiday+Service"
	h.gatewayB("GET", policy, nil).want(200).has("action", "None").has("audioFileList.3", "")
	h.gatewayB("GET", "desk@voice.example.net/routing_policies/", nil).want(400)
	h.gatewayB("GET", "plain@voice.example.net/routing_policies/?type=Holiday+Service", nil).want(400)
	h.gatewayB("GET", "nobody@x/routing_policies/?type=Holiday+Service", nil).want(404)
	h.gatewayB("PUT", policy, `{"action":"Transfer","transferPhoneNumber":"+3225550199","holidaySchedule":{"level":"Group","name":"Feasts"}}`).want(200)
	h.gatewayB("PUT", "desk@voice.example.net/", `{"queueLength":1}`).want(200)
	h.gatewayB("GET", policy, nil).has("action", "Transfer").has("transferPhoneNumber", "+3225550199").has("holidaySchedule.name", "Feasts")
	for _, body := range []string{
		`{"action":"Sing"}`, `{"transferPhoneNumber":""}`, `{"holidaySchedule":{"name":"Fasts"}}`, `{"playAnnouncementBeforeAction":"yes"}`,
	} {
		h.gatewayB("PUT", policy, body).want(400)
	}
	h.gatewayB("PUT", policy, nil).want(416)
	h.control("GET", "callcenters/acme-be/brussels-hq/desk@voice.example.net", nil).has("holidayService.action", "Transfer")
}

func TestDepartmentsOfGroupAndEnterprise(t *testing.T) {
	t.Parallel()
	h := staffed(t)
	h.gatewayB("POST", "", center("desk")).want(201)
	put := func(department string) result {
		return h.gatewayB("PUT", "desk@voice.example.net/", `{"serviceInstanceProfile":{"department":`+department+`}}`)
	}
	const at = "callCenterInstance.serviceInstanceProfile.department"
	put(`{"tenantId":"acme-be","departmentName":"Care"}`).want(200).has(at+".departmentName", "Care").lacks(at + ".groupId")
	h.gatewayB("GET", "", nil).has("call_centers.0.department.fullPathName", `Operations \ Care`)
	put(`{"tenantId":"acme-be","groupId":"brussels-hq","departmentName":"Care"}`).want(200).has(at+".groupId", "brussels-hq")
	h.gatewayB("GET", "", nil).has("call_centers.0.department.fullPathName", "Care")
	put(`{"departmentName":"Board","groupId":"brussels-hq"}`).want(400)
	put(`{"departmentName":"Board","tenantId":"other"}`).want(400)
	put(`{"departmentName":"Board","groupId":null}`).want(400)
}

func TestTemplatesFillWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	h := staffed(t)
	body := with(center("desk"), "serviceUserId", nil, "templateName", "gold", "escapeDigit", "#")
	delete(body, "serviceUserId")
	h.gatewayB("POST", "", body).want(201).has("callCenterInstance.serviceUserId", "templated@voice.example.net").
		has("callCenterInstance.queueLength", "30").has("callCenterInstance.escapeDigit", "#").lacks("callCenterInstance.templateName").
		has("callCenterInstance.serviceInstanceProfile.language", "Dutch").has("callCenterInstance.serviceInstanceProfile.cliLastName", "Center")
	h.gatewayB("POST", "", with(center("other"), "templateName", "lead")).want(400).has("errors.0.message", "templateName: not found: lead")
}

func TestDialects(t *testing.T) {
	t.Parallel()
	h := staffed(t)
	h.sim.SetGateway(GatewaySeed{
		Username: "u", Password: "p", Token: gatewayToken,
		Dialect: GatewayDialect{DoubledField: true, ShortRoutingWords: true, TextScalars: true, NoDepartment: "null", QuotesPassword: true},
		Tenants: map[string]map[string]GroupSeed{"acme-be": {"brussels-hq": {Domain: "voice.example.net"}}},
	})
	h.gatewayB("POST", "", with(center("desk"), "type", "Premium", "routingType", "Skill Based", "forceDeliveryWaitTimeSeconds", 4)).want(201)
	got := h.gatewayB("GET", "desk@voice.example.net/", nil).want(200).has("callCenterInstance.routingType", "Skill").
		has("callCenterInstance.forceDeliveryWaitTimeSecondsSeconds", "4").lacks("callCenterInstance.forceDeliveryWaitTimeSeconds")
	for _, part := range []string{`"queueLength":"0"`, `"allowAgentLogoff":"false"`, `"department":null`} {
		if !strings.Contains(got.raw, part) {
			t.Errorf("%s is not in %s", part, got.raw)
		}
	}
	h.gatewayB("PUT", "desk@voice.example.net/", `{"serviceInstanceProfile":{"password":"abc"}}`).want(400).has("errors.0.message", "password: not accepted: abc")
}

func TestAnAccountThatMustChangeItsPassword(t *testing.T) {
	t.Parallel()
	h := staffed(t)
	h.sim.SetGateway(GatewaySeed{Username: "u", Password: "p", PasswordFirst: true})
	h.call("POST", "/api/v01/auth/login", nil, map[string]any{"username": "u", "password": "p"}).want(403).has("error_code", "1")
}
