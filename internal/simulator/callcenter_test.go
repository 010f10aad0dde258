package simulator

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestLifeOfACallCenter(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	created := h.gatewayB("POST", "", center("desk")).want(201)
	var shape struct {
		CallCenterInstance map[string]any `json:"callCenterInstance"`
	}
	if err := json.Unmarshal([]byte(created.raw), &shape); err != nil || len(shape.CallCenterInstance) != 25 {
		t.Errorf("%d fields: %v", len(shape.CallCenterInstance), err)
	}
	for path, want := range map[string]string{
		"queueLength": "0", "wrapUpSeconds": "0", "forceDeliveryWaitTimeSeconds": "1", "escapeDigit": "0", "enableReporting": "false",
		"routingType": "Priority Based", "agentStateAfterCall": "Available", "externalPreferredAudioCodec": "None",
		"playRingingWhenOfferingCall": "true", "allowCallerToDialEscapeDigit": "true", "active": "",
		"serviceInstanceProfile.language": "English", "serviceInstanceProfile.timeZone": "Europe/Brussels",
		"serviceInstanceProfile.password": "", "serviceInstanceProfile.department": "",
	} {
		created.has("callCenterInstance."+path, want)
	}
	if !strings.Contains(created.raw, `"cliPhoneNumber":null`) || !strings.Contains(created.raw, `"phoneNumber":""`) {
		t.Errorf("empty numbers in %s", created.raw)
	}
	item := "desk@voice.example.net/"
	if got := h.gatewayB("GET", item, nil).want(200); got.raw != created.raw {
		t.Errorf("item %s", got.raw)
	}
	updated := h.gatewayB("PUT", item, `{"queueLength":5,"serviceInstanceProfile":{"language":"French","department":{"departmentName":"Care"}}}`).want(200)
	updated.has("callCenterInstance.queueLength", "5").has("callCenterInstance.serviceInstanceProfile.language", "French").
		has("callCenterInstance.serviceInstanceProfile.name", "desk").has("callCenterInstance.policy", "Circular").
		has("callCenterInstance.serviceInstanceProfile.department.groupId", "brussels-hq")
	h.gatewayB("GET", "", nil).want(200).has("call_centers.0.department.fullPathName", "Care").has("call_centers.0.name", "desk").
		has("call_centers.0.active", "false").has("call_centers.0.type", "Basic").has("call_centers.0.policy", "Circular")
	h.gatewayB("PUT", item, `{"serviceInstanceProfile":{"department":null}}`).want(200).lacks("callCenterInstance.serviceInstanceProfile.department")
	if got := h.gatewayB("GET", "", nil); !strings.Contains(got.raw, `"department":""`) {
		t.Errorf("list %s", got.raw)
	}
	if gone := h.gatewayB("DELETE", item, nil).want(200); gone.raw != "" {
		t.Errorf("body %q", gone.raw)
	}
	for _, method := range []string{"GET", "DELETE"} {
		h.gatewayB(method, item, nil).want(404).has("errors.0.details.errors.0.error_code", "4008").
			has("errors.0.details.errors.0.summary", "[Error 4008] User not found: desk@voice.example.net").has("errors.0.details.errors.0.level", "Error")
	}
	start(t, Options{CallCenters: CallCenterSettings{NotFoundAs400: true}}).gatewayB("GET", item, nil).want(400)
}

func TestRefusedCallCenters(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.gatewayB("POST", "", with(center("taken"), "serviceInstanceProfile", with(profile("taken"), "phoneNumber", "+3225550140", "extension", "4140"))).want(201)
	h.gatewayB("POST", "", center("TAKEN")).want(400).has("errors.0.details.errors.0.error_code", "4200")
	for _, one := range []struct{ change, text string }{
		{`{"serviceUserId":null}`, "serviceUserId: is required"},
		{`{"serviceUserId":"nodomain"}`, "serviceUserId: user@domain of at most 161 characters is expected"},
		{`{"policy":null}`, "policy: a text is expected"},
		{`{"policy":"Random"}`, "policy: one of Circular, Regular, Simultaneous, Uniform, Weighted is expected"},
		{`{"type":"Luxury"}`, "type: one of Basic, Standard, Premium is expected"},
		{`{"queueLength":526}`, "queueLength: a number from 0 to 525 is expected"},
		{`{"queueLength":"many"}`, "queueLength: a number from 0 to 525 is expected"},
		{`{"escapeDigit":"12"}`, "escapeDigit: the format is wrong"},
		{`{"allowAgentLogoff":"yes"}`, "allowAgentLogoff: a boolean is expected"},
		{`{"networkClassOfService":""}`, "networkClassOfService: 1 to 40 characters are expected"},
		{`{"routingType":"Priority Based"}`, "routingType: not supported by a call center of type Basic"},
		{`{"wrapUpSeconds":20}`, "wrapUpSeconds: not supported by a call center of type Basic"},
		{`{"type":"Standard","wrapUpSeconds":0}`, "wrapUpSeconds: a number from 1 to 3600 is expected"},
		{`{"type":"Standard","forceDeliveryOfCalls":true}`, "forceDeliveryOfCalls: not supported by a call center of type Standard"},
		{`{"type":"Premium","forceDeliveryWaitTimeSeconds":11}`, "forceDeliveryWaitTimeSeconds: a number from 1 to 10 is expected"},
		{`{"type":"Premium","agentUnavailableCode":"7"}`, "agentUnavailableCode: needs the automatic state change to Unavailable"},
		{`{"serviceInstanceProfile":null}`, "serviceInstanceProfile: an object is expected"},
		{`{"serviceInstanceProfile":{"name":"x"}}`, "cliFirstName: is required"},
		{`{"profile":{"name":"` + strings.Repeat("n", 31) + `"}}`, "name: 1 to 30 characters are expected"},
		{`{"profile":{"cliLastName":"50%"}}`, "cliLastName: the format is wrong"},
		{`{"profile":{"phoneNumber":"025550141"}}`, "phoneNumber: the format is wrong"},
		{`{"profile":{"phoneNumber":"+3225559999"}}`, "phoneNumber: +3225559999 is not assigned to the group"},
		{`{"profile":{"phoneNumber":"+3225550140"}}`, "phoneNumber: +3225550140 is in use"},
		{`{"profile":{"extension":"4140"}}`, "extension: 4140 is in use"},
		{`{"profile":{"extension":"1"}}`, "extension: 2 to 20 characters are expected"},
		{`{"profile":{"department":{"departmentName":"Nowhere"}}}`, "department: not found: Nowhere"},
		{`{"profile":{"department":{"departmentName":"Care","groupId":"other"}}}`, "department: not found: Care"},
		{`{"profile":{"publicUserIdentity":"sip:a@b"}}`, "publicUserIdentity: the format is wrong"},
		{`{"profile":{"password":"short"}}`, "password: the password is too short"},
	} {
		body := center("new")
		change, _ := decoded(t, one.change).(map[string]any)
		for name, value := range change {
			if inner, ok := value.(map[string]any); ok && name == "profile" {
				for key, field := range inner {
					body["serviceInstanceProfile"].(map[string]any)[key] = field
				}
				continue
			}
			body[name] = value
		}
		if got := h.gatewayB("POST", "", body); got.status != 400 || got.at("errors.0.message") != one.text {
			t.Errorf("%s: %d %s", one.change, got.status, got.raw)
		}
	}
	for _, body := range []any{nil, "", "[]", `{"a"`, `"text"`} {
		h.gatewayB("POST", "", body).want(416)
		h.gatewayB("PUT", "taken@voice.example.net/", body).want(416)
		h.gatewayB("PUT", "active_instance/", body).want(416)
	}
	h.gatewayB("GET", "", nil).lacks("call_centers.1")
}

func TestPremiumFieldsAndClearing(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.gatewayB("POST", "", with(center("desk"), "type", "Premium", "routingType", "Skill Based", "wrapUpSeconds", 25, "unknownKey", 1,
		"enableAutomaticStateChangeForAgents", true, "agentStateAfterCall", "Unavailable", "agentUnavailableCode", "7",
		"callCenterQueueThresholdsIsActive", true, "serviceInstanceProfile", with(profile("desk"), "extension", "4142", "cliPhoneNumber", "+3225550100"))).
		want(201).has("callCenterInstance.callCenterQueueThresholdsIsActive", "false").has("callCenterInstance.wrapUpSeconds", "25")
	h.gatewayB("PUT", "desk@voice.example.net/", `{"wrapUpSeconds":null,"forceDeliveryWaitTimeSeconds":null,"agentUnavailableCode":"","serviceInstanceProfile":{"extension":null,"cliPhoneNumber":""}}`).
		want(200).has("callCenterInstance.wrapUpSeconds", "0").has("callCenterInstance.forceDeliveryWaitTimeSeconds", "0").
		has("callCenterInstance.routingType", "Skill Based").lacks("callCenterInstance.agentUnavailableCode").
		lacks("callCenterInstance.serviceInstanceProfile.extension").lacks("callCenterInstance.serviceInstanceProfile.cliPhoneNumber")
	h.gatewayB("PUT", "desk@voice.example.net/", `{"queueLength":null}`).want(400)
}

func TestActivation(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.gatewayB("POST", "", center("a")).want(201)
	h.gatewayB("POST", "", with(center("b"), "active", true)).want(201)
	service := func(id string, active any) map[string]any {
		return map[string]any{"serviceUserId": id + "@voice.example.net", "active": active}
	}
	activate := func(services ...any) result {
		return h.gatewayB("PUT", "active_instance/", map[string]any{"services": append([]any{}, services...)})
	}
	h.gatewayB("GET", "", nil).has("call_centers.1.active", "false")
	if got := activate(service("a", true), service("b", true)).want(200); got.raw != "{}" {
		t.Errorf("body %s", got.raw)
	}
	h.gatewayB("GET", "", nil).has("call_centers.0.active", "true").has("call_centers.1.active", "true")
	activate(service("a", false), service("nobody", true)).want(404).has("errors.0.details.errors.0.error_code", "4008")
	activate(service("a", "no")).want(400)
	h.gatewayB("PUT", "active_instance/", `{}`).want(400)
	activate().want(200)
	h.gatewayB("GET", "", nil).has("call_centers.0.active", "true")
	h.fault(FaultRule{DropFields: []string{"active"}, Times: 1})
	activate(service("a", false)).want(200)
	h.gatewayB("GET", "", nil).has("call_centers.0.active", "true")
}

func TestGeneratedIDs(t *testing.T) {
	t.Parallel()
	h := start(t, Options{CallCenters: CallCenterSettings{AutoGenerateID: true}})
	id := h.gatewayB("POST", "", with(center("desk"), "serviceUserId", nil)).want(201).at("callCenterInstance.serviceUserId")
	local, domain, _ := strings.Cut(id, "@")
	if domain != "voice.example.net" || !strings.HasPrefix(local, "brussels-hq_cc") || len(local) != len("brussels-hq_cc")+4 {
		t.Errorf("id %q", id)
	}
	h.gatewayB("GET", id+"/", nil).want(200)
	h.gatewayB("POST", "", center("own")).want(201).has("callCenterInstance.serviceUserId", "own@voice.example.net")
	h.gatewayB("PUT", id+"/", `{"serviceInstanceProfile":{"phoneNumber":"+3225550140"}}`).want(200).has("callCenterInstance.serviceUserId", id)
}

func TestIDFollowsThePhoneNumber(t *testing.T) {
	t.Parallel()
	h := start(t, Options{CallCenters: CallCenterSettings{
		AutoGenerateID: true, UpdateIDOnPhoneChange: true, IDRule: "{{tenant_id}}_{{country_code}}_{{national_no_0}}@{{domain}}", CreateStatus: 200,
	}})
	body := with(center("desk"), "serviceUserId", nil)
	h.gatewayB("POST", "", body).want(400).has("errors.0.message", "serviceUserId: the rule needs a phone number")
	body["serviceInstanceProfile"] = with(profile("desk"), "phoneNumber", "+3225550140")
	old := "acme-be_32_25550140@voice.example.net"
	h.gatewayB("POST", "", body).want(200).has("callCenterInstance.serviceUserId", old)
	next := "acme-be_32_25550141@voice.example.net"
	h.gatewayB("PUT", old+"/", `{"serviceInstanceProfile":{"phoneNumber":"+3225550141"}}`).want(200).has("callCenterInstance.serviceUserId", next)
	h.gatewayB("GET", old+"/", nil).want(404)
	h.gatewayB("GET", "", nil).has("call_centers.0.serviceUserId", next).lacks("call_centers.1")
	h.gatewayB("PUT", next+"/", `{"serviceInstanceProfile":{"phoneNumber":""}}`).want(200).has("callCenterInstance.serviceUserId", next)
	off := start(t, Options{CallCenters: CallCenterSettings{AutoGenerateID: true, IDRule: "{{phone_number_e164}}@{{domain}}"}})
	off.gatewayB("POST", "", body).want(201).has("callCenterInstance.serviceUserId", "+3225550140@voice.example.net")
	off.gatewayB("PUT", "+3225550140@voice.example.net/", `{"serviceInstanceProfile":{"phoneNumber":"+3225550141"}}`).want(200).
		has("callCenterInstance.serviceUserId", "+3225550140@voice.example.net")
}

func TestNumbersOfTheList(t *testing.T) {
	t.Parallel()
	for national, want := range map[bool]string{false: "+3225550140", true: "025550140"} {
		h := start(t, Options{CallCenters: CallCenterSettings{NumbersUseCLI: national}})
		h.gatewayB("POST", "", with(center("desk"), "serviceInstanceProfile", with(profile("desk"), "phoneNumber", "+3225550140"))).want(201)
		h.gatewayB("GET", "", nil).has("call_centers.0.phoneNumber", want)
		h.gatewayB("GET", "desk@voice.example.net/", nil).has("callCenterInstance.serviceInstanceProfile.phoneNumber", "+3225550140")
	}
}

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	rules := PasswordRules{
		MinLength: 8, RestrictMinDigits: true, MinDigits: 2, RestrictMinUpperCaseLetters: true, RestrictMinLowerCaseLetters: true,
		RestrictMinNonAlphanumericCharacter: true, DisallowUserID: true, DisallowOldPassword: true, DisallowReversedOldPassword: true,
	}
	h := start(t, Options{CallCenters: CallCenterSettings{PasswordRules: rules}})
	create := func(password any) result {
		return h.gatewayB("POST", "", with(center("desk"), "serviceInstanceProfile", with(profile("desk"), "password", password)))
	}
	for password, text := range map[string]string{
		"Ab1-2": "the password is too short", "Abcdefg-1": "the password has too few digits",
		"abcdef-12": "the password has too few upper case letters", "ABCDEF-12": "the password has too few lower case letters",
		"Abcdefg12": "the password has too few special characters", "Desk-1234": "the password contains the user id",
		strings.Repeat("Ab-12", 13): "the password is too long",
	} {
		create(password).want(400).has("errors.0.message", "password: "+text)
	}
	create("Kestrel-48").want(201)
	change := func(password string) result {
		return h.gatewayB("PUT", "desk@voice.example.net/", `{"serviceInstanceProfile":{"password":"`+password+`"}}`)
	}
	change("Kestrel-48").want(400).has("errors.0.message", "password: the password is the old one")
	change("84-lertseK").want(400).has("errors.0.message", "password: the password is the old one reversed")
	change("Quarter-15").want(200).lacks("callCenterInstance.serviceInstanceProfile.password")
	kept := "callcenters/acme-be/brussels-hq/"
	h.control("GET", kept+"desk@voice.example.net", nil).has("serviceInstanceProfile.password", "Quarter-15")
	h.gatewayB("POST", "", center("made")).want(201)
	made := h.control("GET", kept+"made@voice.example.net", nil).at("serviceInstanceProfile.password")
	if problem := rules.withDefaults().problem(made, "made@voice.example.net", ""); problem != "" {
		t.Errorf("generated password: %s", problem)
	}
}

func TestInternalRecordIDs(t *testing.T) {
	t.Parallel()
	h := start(t, Options{CallCenters: CallCenterSettings{InternalRecordIDs: true}})
	h.gatewayB("POST", "", center("desk")).want(201).has("_internal_record_id", "1")
	h.gatewayB("GET", "", nil).has("_internal_record_id", "2")
}

func TestCallCentersBehindTheBack(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.gatewayB("POST", "", center("desk")).want(201)
	base := "callcenters/acme-be/brussels-hq"
	h.control("PATCH", base+"/desk@voice.example.net", `{"queueLength":9,"active":true,"serviceInstanceProfile":{"language":"Dutch"}}`)
	h.gatewayB("GET", "desk@voice.example.net/", nil).has("callCenterInstance.queueLength", "9").
		has("callCenterInstance.serviceInstanceProfile.language", "Dutch").has("callCenterInstance.serviceInstanceProfile.name", "desk")
	h.gatewayB("GET", "", nil).has("call_centers.0.active", "true")
	h.control("PUT", base+"/made@voice.example.net", center("made"))
	h.control("POST", base, center("posted"))
	h.gatewayB("GET", "made@voice.example.net/", nil).want(200).has("callCenterInstance.escapeDigit", "0")
	h.control("DELETE", base+"/desk@voice.example.net", nil)
	h.gatewayB("GET", "desk@voice.example.net/", nil).want(404)
	h.call("PATCH", "/__sim/"+base+"/desk@voice.example.net", nil, `{}`).want(404)
	h.call("GET", "/__sim/callcenters/acme-be/nobody", nil, nil).want(404)
	h.call("POST", "/__sim/"+base, nil, `{}`).want(400)
	h.control("GET", base, nil).has("1.serviceUserId", "posted@voice.example.net")
}

func TestLiesOfTheGateway(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.gatewayB("POST", "", center("desk")).want(201)
	h.fault(FaultRule{Method: "PUT", DropFields: []string{"language"}, Times: 1}, FaultRule{Method: "GET", Stale: true})
	h.gatewayB("PUT", "desk@voice.example.net/", `{"queueLength":9,"serviceInstanceProfile":{"language":"Dutch"}}`).want(200).
		has("callCenterInstance.serviceInstanceProfile.language", "English").has("callCenterInstance.queueLength", "9")
	h.gatewayB("GET", "desk@voice.example.net/", nil).want(200).has("callCenterInstance.queueLength", "0")
	h.gatewayB("DELETE", "desk@voice.example.net/", nil).want(200)
	h.gatewayB("GET", "", nil).has("call_centers.0.name", "desk")
}
