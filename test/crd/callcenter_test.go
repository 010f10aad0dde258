package crd_test

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

const callCenter = `
apiVersion: wxcc.dev/v1alpha1
kind: CallCenter
metadata: {name: support}
spec:
  organizationRef: {name: nordlys}
  tenantID: acme-be
  groupID: brussels-hq
  serviceUserID: support@sip.example.com
  type: Premium
  policy: Regular
  templateName: gold
  profile: {cliFirstName: Acme, cliLastName: Support}
`

func typed(callCenterType string) edit { return set("type", callCenterType) }

// Proves: S3.8, S3.9, S3.12, S3.13, S3.14, S3.15, S3.16, S3.17, S3.19
func TestCallCenterIdentityAndProfile(t *testing.T) {
	t.Parallel()
	testCreate(t, callCenter, rows(
		[]admission{
			unchanged(),
			{"no serviceUserID", edits(without("serviceUserID")), ""},
			{"no tenantID", edits(without("tenantID")), "spec.tenantID: Required value"},
			{"no groupID", edits(without("groupID")), "spec.groupID: Required value"},
			{"no type", edits(without("type")), "spec.type: Required value"},
			{"no policy", edits(without("policy")), "spec.policy: Required value"},
			{"no profile", edits(without("profile")), "spec.profile: Required value"},
			{"no cliFirstName", edits(without("profile.cliFirstName")), "spec.profile.cliFirstName: Required value"},
			{"no cliLastName", edits(without("profile.cliLastName")), "spec.profile.cliLastName: Required value"},
			{"metadata.name of 30", edits(named(strings.Repeat("a", 30))), ""},
			{"metadata.name of 31", edits(named(strings.Repeat("a", 31))), "metadata.name is longer than the 30 characters that a call center's name may have: set spec.name"},
			{"metadata.name of 31 beside spec.name", edits(named(strings.Repeat("a", 31)), set("name", "Support")), ""},
			{"password", edits(set("profile.passwordSecretRef.name", "passwords"), set("profile.passwordSecretRef.key", "support")), ""},
			{"password without key", edits(set("profile.passwordSecretRef.name", "passwords")), "spec.profile.passwordSecretRef.key: Required value"},
			{"password in the spec", edits(set("profile.password", "x")), `unknown field "spec.profile.password"`},
			{"department", edits(set("profile.department.departmentName", "Sales")), ""},
			{"department elsewhere", edits(set("profile.department.departmentName", "Sales"), set("profile.department.tenantID", "acme"), set("profile.department.groupID", "hq")), ""},
			{"department cleared", edits(set("profile.department.departmentName", "")), ""},
			{"department without name", edits(set("profile.department.tenantID", "acme")), "departmentName: Required value"},
			{"department of the enterprise", edits(set("profile.department.departmentName", "Sales"), set("profile.department.enterprise", true)), ""},
			{"department of the enterprise in a group", edits(set("profile.department.departmentName", "Sales"), set("profile.department.enterprise", true), set("profile.department.groupID", "hq")), "a department of the enterprise has no groupID"},
			{"generated password", edits(set("profile.passwordSecretRef.name", "passwords"), set("profile.passwordSecretRef.key", "support"), set("profile.generatePassword", true)), ""},
			{"generated password without a place", edits(set("profile.generatePassword", true)), "generatePassword needs passwordSecretRef"},
			{"no password to be generated", edits(set("profile.generatePassword", false)), ""},
			{"department name of 51", edits(set("profile.department.departmentName", strings.Repeat("d", 51))), "Too long: may not be more than 50"},
		},
		each("tenantID", "Too long: may not be more than 30", strings.Repeat("t", 31)),
		each("tenantID", "", "acme.be", "ACME & Co", "a@b", "..a"),
		each("tenantID", "tenantID must not have slashes", "..", ".", "a/b", `a\b`, "a?b", "a#b", "a%2e", "a;b", "a\nb", " a", "a "),
		each("groupID", "groupID must not have slashes", "..", "../hq", "hq%2F"),
		each("groupID", "Too long: may not be more than 30", strings.Repeat("g", 31)),
		each("name", "Too long: may not be more than 30", strings.Repeat("n", 31)),
		each("name", "", "Käyttötuki & myynti"),
		each("serviceUserID", "", "a@b", strings.Repeat("u", 80)+"@"+strings.Repeat("d", 80)),
		each("serviceUserID", "serviceUserID must be user@domain", "support", "@example.com", "support@", "a@b@c", "a b@c", "../x@y", "a%2f@b", "a?@b", `a\@b`, "a@b#"),
		each("serviceUserID", "Too long: may not be more than 161", strings.Repeat("u", 81)+"@"+strings.Repeat("d", 80)),
		each("type", `supported values: "Basic", "Standard", "Premium"`, "Gold", "basic"),
		each("policy", "", "Circular", "Regular", "Simultaneous", "Uniform", "Weighted"),
		each("policy", `supported values: "Circular", "Regular", "Simultaneous", "Uniform", "Weighted"`, "Random"),
		each("profile.cliFirstName", "at least 1 chars long", ""),
		each("profile.cliLastName", "Too long: may not be more than 30", strings.Repeat("n", 31)),
		each("profile.language", "", "English"),
		each("profile.language", "at least 1 chars long", ""),
		each("profile.timeZone", "", "Europe/Brussels", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+3"),
		each("profile.timeZone", "timeZone must be an IANA name such as Europe/Brussels", "Europe/", "Central European Time"),
		each("profile.phoneNumber", "", "+3225551234", "025551234", ""),
		each("profile.phoneNumber", "phoneNumber must be E.164 such as +3225551234", "+0225551234", "+32 2 555", "tel:+322", "+1234567890123456"),
		each("profile.phoneNumber", "Too long: may not be more than 23", strings.Repeat("1", 24)),
		each("profile.cliPhoneNumber", "", "+3225551234", ""),
		each("profile.cliPhoneNumber", "cliPhoneNumber must be E.164", "anonymous"),
		each("profile.extension", "", "12", strings.Repeat("1", 20), ""),
		each("profile.extension", "extension must be 2 to 20 digits", "1", "12a"),
		each("profile.publicUserIdentity", "", "support@ims.example.com", ""),
		each("profile.publicUserIdentity", "publicUserIdentity must be user@domain without sip:", "sip:a@b", "SIP:a@b", "sips:a@b", "ab", "a@b@c"),
	))
}

// Proves: S3.22, S3.24, S3.25, S3.32, S3.33, S3.35
func TestCallCenterFieldsOfEveryType(t *testing.T) {
	t.Parallel()
	for _, callCenterType := range []string{"Basic", "Standard", "Premium"} {
		t.Run(callCenterType, func(t *testing.T) {
			t.Parallel()
			testCreate(t, callCenter, []admission{{"all", edits(typed(callCenterType), set("active", true), set("queueLength", int64(525)),
				set("allowCallerToDialEscapeDigit", false), set("escapeDigit", "#"), set("resetCallStatisticsUponEntryInQueue", true),
				set("allowAgentLogoff", true), set("allowCallWaitingForAgents", true), set("externalPreferredAudioCodec", "AMR-WB"),
				set("internalPreferredAudioCodec", "None"), set("playRingingWhenOfferingCall", false), set("networkClassOfService", "gold")), ""}})
		})
	}
	testCreate(t, callCenter, rows(
		each("queueLength", "", int64(0)),
		each("queueLength", "should be greater than or equal to 0", int64(-1)),
		each("queueLength", "should be less than or equal to 525", int64(526)),
		each("escapeDigit", "", "0", "9", "*"),
		each("escapeDigit", "escapeDigit must be one of 0 to 9, * and #", "", "A"),
		each("escapeDigit", "Too long: may not be more than 1", "10"),
		each("externalPreferredAudioCodec", "Unsupported value", "EVRC"),
		each("internalPreferredAudioCodec", "Unsupported value", "g711"),
		each("networkClassOfService", "at least 1 chars long", ""),
		each("networkClassOfService", "Too long: may not be more than 40", strings.Repeat("n", 41)),
	))
}

// Proves: S3.21, S3.23, S3.29, S3.30, S3.31
func TestCallCenterFieldsFitTheType(t *testing.T) {
	t.Parallel()
	fields := []struct {
		field   string
		value   any
		premium bool
	}{
		{"routingType", "Priority Based", true},
		{"forceDeliveryOfCalls", false, true},
		{"forceDeliveryWaitTimeSeconds", int64(1), true},
		{"enableReporting", false, false},
		{"allowCallsToAgentsInWrapUp", false, false},
		{"overrideAgentWrapUpTime", false, false},
		{"wrapUpSeconds", int64(1), false},
		{"enableAutomaticStateChangeForAgents", false, false},
		{"agentStateAfterCall", "Available", false},
		{"agentUnavailableCode", "", false},
	}
	needs := edits(set("overrideAgentWrapUpTime", true), set("forceDeliveryOfCalls", true))
	for _, f := range fields {
		basic, standard := f.field+" is for the types Standard and Premium: leave it out on Basic", ""
		if f.premium {
			basic = f.field + " is for the type Premium: leave it out on Basic and Standard"
			standard = basic
		}
		field := set(f.field, f.value)
		testCreate(t, callCenter, []admission{
			{f.field + " on Basic", edits(typed("Basic"), field), basic},
			{f.field + " on Standard", edits(typed("Standard"), needs[0], field), standard},
			{f.field + " on Premium", edits(needs[0], needs[1], field), ""},
		})
	}
}

// Proves: S3.29, S3.31
func TestCallCenterFieldsThatNeedAnother(t *testing.T) {
	t.Parallel()
	override, force := set("overrideAgentWrapUpTime", true), set("forceDeliveryOfCalls", true)
	automatic, state := set("enableAutomaticStateChangeForAgents", true), set("agentStateAfterCall", "Unavailable")
	code := set("agentUnavailableCode", "12")
	testCreate(t, callCenter, rows([]admission{
		{"wrap-up of 3600", edits(override, set("wrapUpSeconds", int64(3600))), ""},
		{"wrap-up of 0", edits(override, set("wrapUpSeconds", int64(0))), "should be greater than or equal to 1"},
		{"wrap-up of 3601", edits(override, set("wrapUpSeconds", int64(3601))), "should be less than or equal to 3600"},
		{"wrap-up without override", edits(set("wrapUpSeconds", int64(9))), "wrapUpSeconds needs overrideAgentWrapUpTime: true"},
		{"wrap-up with override off", edits(set("overrideAgentWrapUpTime", false), set("wrapUpSeconds", int64(9))), "wrapUpSeconds needs overrideAgentWrapUpTime: true"},
		{"forced after 10", edits(force, set("forceDeliveryWaitTimeSeconds", int64(10))), ""},
		{"forced after 0", edits(force, set("forceDeliveryWaitTimeSeconds", int64(0))), "should be greater than or equal to 1"},
		{"forced after 11", edits(force, set("forceDeliveryWaitTimeSeconds", int64(11))), "should be less than or equal to 10"},
		{"wait without force", edits(set("forceDeliveryWaitTimeSeconds", int64(9))), "forceDeliveryWaitTimeSeconds needs forceDeliveryOfCalls: true"},
		{"wait with force off", edits(set("forceDeliveryOfCalls", false), set("forceDeliveryWaitTimeSeconds", int64(9))), "forceDeliveryWaitTimeSeconds needs forceDeliveryOfCalls: true"},
		{"unavailable code", edits(automatic, state, code), ""},
		{"unavailable code without automatic change", edits(state, code), "agentUnavailableCode needs enableAutomaticStateChangeForAgents: true and agentStateAfterCall: Unavailable"},
		{"unavailable code without state", edits(automatic, code), "agentUnavailableCode needs"},
		{"unavailable code with another state", edits(automatic, set("agentStateAfterCall", "Wrap-Up"), code), "agentUnavailableCode needs"},
		{"unavailable code cleared", edits(set("agentUnavailableCode", "")), ""},
		{"unavailable code of 11", edits(automatic, state, set("agentUnavailableCode", "12345678901")), "Too long: may not be more than 10"},
		{"unknown state", edits(set("agentStateAfterCall", "Sleeping")), "Unsupported value"},
	},
		each("routingType", "", "Priority Based", "Skill Based"),
		each("routingType", `supported values: "Priority Based", "Skill Based"`, "Skill"),
	))
}

func TestCallCenterAgentsAndSupervisors(t *testing.T) {
	t.Parallel()
	agent := func(field string, value any) map[string]any {
		fields := map[string]any{"userID": "ann@example.com"}
		if field != "" {
			fields[field] = value
		}
		return fields
	}
	agents := func(all ...any) edit { return set("agents", all) }
	supervisors := func(all ...any) edit { return set("supervisors", all) }
	weighted, skilled := set("policy", "Weighted"), set("routingType", "Skill Based")
	testCreate(t, callCenter, []admission{
		{"none", edits(agents(), supervisors()), ""},
		{"plain", edits(agents(agent("", nil)), supervisors("bob@example.com")), ""},
		{"same agent twice", edits(agents(agent("", nil), agent("", nil))), "Duplicate value"},
		{"same supervisor twice", edits(supervisors("b@c", "b@c")), "Duplicate value"},
		{"agent without id", edits(agents(map[string]any{})), "userID: Required value"},
		{"weight", edits(weighted, agents(agent("weight", int64(100)))), ""},
		{"weight of 101", edits(weighted, agents(agent("weight", int64(101)))), "should be less than or equal to 100"},
		{"weight under another policy", edits(agents(agent("weight", int64(1)))), "agents[].weight needs policy: Weighted"},
		{"skill level", edits(skilled, agents(agent("skillLevel", int64(20)))), ""},
		{"skill level of 21", edits(skilled, agents(agent("skillLevel", int64(21)))), "should be less than or equal to 20"},
		{"skill level without skills", edits(agents(agent("skillLevel", int64(1)))), "agents[].skillLevel needs routingType: Skill Based"},
	})
}

func TestCallCenterHolidayService(t *testing.T) {
	t.Parallel()
	transfer := edits(set("holidayService.action", "Transfer"), set("holidayService.transferPhoneNumber", "+3225551234"))
	testCreate(t, callCenter, []admission{
		{"busy", edits(set("holidayService.action", "Busy")), ""},
		{"transfer", transfer, ""},
		{"transfer nowhere", transfer[:1], "action: Transfer needs transferPhoneNumber"},
		{"transfer to no number", edits(transfer[0], set("holidayService.transferPhoneNumber", "reception")), "transferPhoneNumber must be E.164"},
		{"no action", edits(set("holidayService.playAnnouncementBeforeAction", true)), "holidayService.action: Required value"},
		{"unknown action", edits(set("holidayService.action", "Sing")), "Unsupported value"},
		{"schedule", edits(transfer[0], transfer[1], set("holidayService.holidaySchedule.level", "Group"), set("holidayService.holidaySchedule.name", "Feasts")), ""},
		{"schedule without a level", edits(transfer[0], transfer[1], set("holidayService.holidaySchedule.name", "Feasts")), "level: Required value"},
		{"on Standard", edits(typed("Standard"), set("holidayService.action", "Busy")), "holidayService is for the type Premium: leave it out on Basic and Standard"},
	})
}

// Proves: S3.18
func TestCallCenterUpdates(t *testing.T) {
	t.Parallel()
	testUpdate(t, callCenter, []admission{
		{"type", edits(typed("Standard")), "type cannot be changed: delete this resource and create another one"},
		{"tenant", edits(set("tenantID", "other")), "tenantID cannot be changed"},
		{"group", edits(set("groupID", "other")), "groupID cannot be changed"},
		{"organization", edits(set("organizationRef.name", "other")), ""},
		{"id", edits(set("serviceUserID", "other@example.com")), "serviceUserID cannot be changed once set"},
		{"id removed", edits(without("serviceUserID")), "serviceUserID cannot be changed once set"},
		{"template", edits(set("templateName", "silver")), "templateName is used at creation only"},
		{"template removed", edits(without("templateName")), "templateName is used at creation only"},
		{"everything else", edits(set("name", "Help"), set("policy", "Uniform"), set("active", false),
			set("profile.language", "French"), set("queueLength", int64(10))), ""},
	})
	t.Run("later", func(t *testing.T) {
		t.Parallel()
		bare := strings.NewReplacer("name: support", "name: bare", "  templateName: gold\n", "", "  serviceUserID: support@sip.example.com\n", "").Replace(callCenter)
		testUpdate(t, bare, []admission{
			{"id given", edits(set("serviceUserID", "support@sip.example.com")), ""},
			{"template given", edits(set("templateName", "gold")), "templateName is used at creation only"},
		})
	})
}

// unready is the status of a resource that has made nothing yet.
func unready(reason string) map[string]any {
	return map[string]any{"conditions": []any{map[string]any{
		"type": "Ready", "status": "Unknown", "reason": reason, "message": "", "lastTransitionTime": "2026-03-01T09:30:00Z",
	}}}
}

// Once there is a call center, or may be one, an id that is added cannot name another one.
// Proves: S3.8
func TestCallCenterIDAddedLater(t *testing.T) {
	t.Parallel()
	const refused = "serviceUserID can be added only as what status.id says"
	for name, test := range map[string]struct {
		status          map[string]any
		same, different string
	}{
		"nothing made":       {map[string]any{"observedGeneration": int64(1)}, "", ""},
		"a create under way": {unready("AmbiguousWrite"), refused, refused},
		"looking for it":     {unready("Verifying"), refused, refused},
		"waiting":            {unready("WaitingForOrganization"), "", ""},
		"managed":            {map[string]any{"id": "support@sip.example.com", "origin": "Created"}, "", refused},
		"observed":           {map[string]any{"id": "support@sip.example.com"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := strings.NewReplacer("name: support", "name: late-"+strings.ReplaceAll(name, " ", "-"), "  serviceUserID: support@sip.example.com\n", "").Replace(callCenter)
			stored := create(t, base)
			stored.Object["status"] = test.status
			if err := server.client.Status().Update(t.Context(), stored); err != nil {
				t.Fatal(err)
			}
			for id, refusal := range map[string]string{"support@sip.example.com": test.same, "other@sip.example.com": test.different} {
				object := stored.DeepCopy()
				apply(t, object, edits(set("serviceUserID", id)))
				check(t, server.client.Update(t.Context(), object, client.DryRunAll), refusal)
			}
		})
	}
}
