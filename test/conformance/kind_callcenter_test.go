package conformance_test

import (
	"maps"
	"strings"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

const inProfile = "serviceInstanceProfile."

// callCenter is a call center with an id of the user's choice.
func callCenter(name string, authentication v1alpha1.GatewayAuthentication) *kind {
	k := anyCallCenter(name, authentication)
	withID := k.minimal
	k.minimal = func(name string) spec { return withID(name).with("serviceUserID", serviceUserID(name)) }
	return k
}

// generatedCallCenter leaves its id to the gateway, which writes phone numbers in national form.
func generatedCallCenter() *kind {
	k := anyCallCenter("CallCenterGeneratedID", v1alpha1.GatewaySession)
	k.simulator.CallCenters = simulator.CallCenterSettings{AutoGenerateID: true, NumbersUseCLI: true, InternalRecordIDs: true, CreateStatus: 200, NotFoundAs400: true}
	k.namesakes = true
	return k
}

// serviceUserID is an id made of a name; ids are unique in the gateway, so an empty name stands for the only one.
func serviceUserID(name string) string {
	if name == "" {
		name = "only"
	}
	return strings.ToLower(strings.ReplaceAll(name, " ", "-")) + "@" + domain
}

func anyCallCenter(name string, authentication v1alpha1.GatewayAuthentication) *kind {
	return &kind{
		name: name, resource: "CallCenter", gateway: authentication,
		minimal: func(name string) spec {
			return named(name, spec{
				"tenantID": tenant, "groupID": group, "type": "Premium", "policy": "Regular",
				"profile": map[string]any{"cliFirstName": "Front", "cliLastName": "Desk"},
			})
		},
		fields: callCenterFields(),
		remote: func(_ *world, name string) record {
			return record{
				"serviceUserId": serviceUserID(name), "type": "Premium", "policy": "Regular",
				"serviceInstanceProfile": map[string]any{"name": name, "cliFirstName": "Front", "cliLastName": "Desk"},
			}
		},
		unowned:   field{spec: "queueLength", to: 7},
		clearable: field{spec: "profile.extension", wire: inProfile + "extension", from: "4711"},
		immutable: map[string]any{"type": "Basic"},
		secret:    &field{spec: "profile.passwordSecretRef", wire: inProfile + "password"},
		rejected: func(*world) (spec, string) {
			refused := spec{
				"tenantID": tenant, "groupID": group, "serviceUserID": serviceUserID("refused"), "type": "Basic", "policy": "Regular",
				"profile": map[string]any{"cliFirstName": "Front", "cliLastName": "Desk", "phoneNumber": "+3299999999"},
			}
			return refused, "+3299999999 is not assigned to the group"
		},
	}
}

func callCenterFields() []field {
	department := func(_ *world, value any) any {
		fields := maps.Clone(value.(map[string]any)) //nolint:forcetypeassert // test data
		fields["tenantId"], fields["groupId"] = tenant, group
		return fields
	}
	profile := func(name string, from, to any) field {
		return field{spec: "profile." + name, wire: inProfile + name, from: from, to: to}
	}
	plain := func(name string, from, to any) field { return field{spec: name, from: from, to: to} }
	return []field{
		plain("queueLength", 20, 25),
		profile("cliFirstName", "Front", "Back"),
		profile("cliLastName", "Desk", "Office"),
		{
			spec: "profile.department", wire: inProfile + "department", wireValue: department,
			from: map[string]any{"departmentName": "Care"}, to: map[string]any{"departmentName": "Sales"},
		},
		profile("language", "English", "French"),
		profile("timeZone", "Europe/Brussels", "Europe/Paris"),
		profile("phoneNumber", "+3225550201", "+3225550202"),
		profile("extension", "4711", "4712"),
		profile("cliPhoneNumber", "+3225550100", "+3225550101"),
		profile("publicUserIdentity", "front@"+domain, "back@"+domain),
		plain("policy", "Regular", "Circular"),
		plain("routingType", "Priority Based", "Skill Based"),
		plain("active", true, false),
		plain("enableReporting", true, false),
		plain("allowCallerToDialEscapeDigit", false, true),
		plain("escapeDigit", "1", "#"),
		plain("resetCallStatisticsUponEntryInQueue", true, false),
		plain("allowAgentLogoff", true, false),
		plain("allowCallWaitingForAgents", true, false),
		plain("allowCallsToAgentsInWrapUp", true, false),
		plain("wrapUpSeconds", 30, 45),
		{spec: "overrideAgentWrapUpTime", from: true, to: false, also: spec{"wrapUpSeconds": nil}},
		plain("forceDeliveryWaitTimeSeconds", 3, 5),
		{spec: "forceDeliveryOfCalls", from: true, to: false, also: spec{"forceDeliveryWaitTimeSeconds": nil}},
		plain("agentUnavailableCode", "101", "102"),
		{spec: "agentStateAfterCall", from: "Unavailable", to: "Wrap-Up", also: spec{"agentUnavailableCode": nil}},
		plain("enableAutomaticStateChangeForAgents", true, false),
		plain("externalPreferredAudioCodec", "G711", "G722"),
		plain("internalPreferredAudioCodec", "G729", "OPUS"),
		plain("playRingingWhenOfferingCall", false, true),
		plain("networkClassOfService", "Default", "Restricted"),
	}
}
