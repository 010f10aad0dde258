package simulator

import (
	"regexp"
	"slices"
	"strings"
)

// What an agent's desktop is made of (contact-center reference 8.10 to 8.12).

func multimediaProfiles() entity {
	caps := func(most map[string]int, required bool) []field {
		var out []field
		for _, name := range []string{"telephony", "chat", "email", "social"} {
			out = append(out, field{name: name, kind: integer, required: required, maximum: most[name]})
		}
		return out
	}
	// The service shows channels that it takes from nobody.
	shown := []field{
		{name: "fax", kind: integer, readOnly: true, defaultValue: int64(0)},
		{name: "video", kind: integer, readOnly: true, defaultValue: int64(0)},
		{name: "others", kind: integer, readOnly: true, defaultValue: int64(0)},
		{name: "workItem", kind: integer, readOnly: true, defaultValue: int64(0)},
	}
	return entity{
		route: "multimedia-profile", paths: oldList, created: 201, deleted: 204,
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name", "description"},
		fields: joinFields([]field{named(plainName), description},
			caps(map[string]int{"telephony": 1, "chat": 5, "email": 5, "social": 5}, true), shown, []field{
				{name: "active", kind: boolean, required: true},
				{name: "blendingModeEnabled", kind: boolean, required: true},
				{name: "blendingMode", kind: text, required: true, enum: []string{"BLENDED", blendedRealtime, "EXCLUSIVE"}},
				{
					name: "manuallyAssignable", kind: object, required: true, notFilterable: true, nested: nested{identified: true},
					fields: joinFields(caps(map[string]int{"telephony": 1, "chat": 5, "email": 10, "social": 5}, true), shown),
				},
			}),
		first: []rule{noWorkItems},
		rules: []rule{realtimeHasBoth},
		export: &export{pageSize: 100, columns: columns(
			"name", "description", "chat", "email", "fax", "telephony", "video", "social", "others", "active", "blendingModeEnabled",
			"blendingMode", "manuallyAssignable",
		)},
	}
}

const blendedRealtime = "BLENDED_REALTIME"

// noWorkItems: what the service shows may not be sent back while the tenant lacks the feature.
func noWorkItems(c *change) *refusal {
	if slices.Contains(c.tenant.info.Features, FeatureWorkItem) {
		return nil
	}
	if c.body["workItem"] != nil || asObject(c.body["manuallyAssignable"])["workItem"] != nil {
		return invalid("workItem is not allowed when feature flag is disabled")
	}
	return nil
}

// realtimeHasBoth: a blend of calls and chats needs room for each.
func realtimeHasBoth(c *change) *refusal {
	if c.next["blendingMode"] != blendedRealtime {
		return nil
	}
	chat, _ := asInteger(c.next["chat"])
	calls, _ := asInteger(c.next["telephony"])
	switch {
	case chat < 1:
		return invalid("chat: must be between 1 and 5")
	case calls != 1:
		return invalid("telephony: must be 1 for blendingMode BLENDED_REALTIME")
	}
	return nil
}

func agentProfiles() entity {
	choice := func(name string) field { return field{name: name, kind: text, required: true, enum: access} }
	list := func(name, target string) field {
		return field{name: name, kind: textList, target: target, notFilterable: true, itemOnly: true}
	}
	dialPlanList := list("dialPlans", "dial-plan")
	dialPlanList.orName = true
	return entity{
		route: "agent-profile", paths: oldList, created: 201, deleted: 204, queryDTO: "agentProfileDTO",
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name", "description"},
		fields: joinFields([]field{
			{name: "name", kind: text, required: true, minimum: 1, maximum: 80, pattern: regexp.MustCompile(`^[a-zA-Z0-9._\s\-()]+$`)},
			description,
			{name: "parentType", kind: text, required: true, enum: []string{"ORGANIZATION", "SITE"}},
			{name: "siteId", kind: text, needed: needed("parentType", "SITE"), target: "site"},
			{name: "autoWrapAfterSeconds", kind: integer, notFilterable: true},
			choice("accessWrapUpCode"), list("wrapUpCodes", "auxiliary-code"),
			choice("accessIdleCode"), list("idleCodes", "auxiliary-code"),
			choice("accessQueue"), list("queues", queueRoute),
			choice("accessEntryPoint"), list("entryPoints", "entry-point"),
			choice("accessBuddyTeam"), list("buddyTeams", "team"),
			{name: "outdialEntryPointId", kind: text, target: "entry-point"},
			{name: "outdialANIId", kind: text, target: "outdial-ani"},
			{name: "addressBookId", kind: text, target: "address-book"},
			dialPlanList,
			choice("agentDNValidation"),
			{name: "agentDNValidationCriteria", kind: text, enum: access, needed: needed("agentDNValidation", specific), notFilterable: true},
			{name: "agentDNValidationCriterions", kind: textList, notFilterable: true, itemOnly: true},
			{name: "loginVoiceOptions", kind: textList, enum: []string{"AGENT_DN", "EXTENSION", "BROWSER"}, notFilterable: true, itemOnly: true},
			viewableStatistics(),
			{name: "thresholdRules", kind: textList, notFilterable: true, itemOnly: true},
			{name: "active", kind: boolean, required: true},
			{
				name: "timeoutDesktopInactivityMins", kind: integer, minimum: 3, maximum: 10000,
				needed: needed("timeoutDesktopInactivityCustomEnabled", true),
			},
		}, flags(
			"screenPopup", "lastAgentRouting", "autoWrapUp", "autoAnswer", "agentAvailableAfterOutdial", "allowAutoWrapUpExtension",
			"consultToQueue", "outdialEnabled", "dialPlanEnabled", "timeoutDesktopInactivityCustomEnabled", "showUserDetailsMS",
			"stateSynchronizationMS", "showUserDetailsWebex", "stateSynchronizationWebex",
		)),
		rules:  []rule{autoWrapUpNeedsSeconds, codesOfFamily, statisticsNeedLists},
		export: agentProfileExport(),
	}
}

func viewableStatistics() field {
	return field{
		name: "viewableStatistics", kind: object, required: true, notFilterable: true, itemOnly: true, nested: nested{identified: true},
		fields: []field{
			{name: "agentStats", kind: boolean},
			{name: "loggedInTeamStats", kind: boolean},
			{name: "accessQueueStats", kind: text, required: true, enum: access},
			{name: "contactServiceQueues", kind: textList, target: queueRoute},
			{name: "accessTeamStats", kind: text, required: true, enum: access},
			{name: "teams", kind: textList, target: "team"},
		},
	}
}

// autoWrapUpNeedsSeconds: automatic wrap-up travels with its time.
func autoWrapUpNeedsSeconds(c *change) *refusal {
	if c.next["autoWrapUp"] == true && c.next["autoWrapAfterSeconds"] == nil {
		return invalid("autoWrapAfterSeconds should be specified when autoWrapUp is true")
	}
	return nil
}

// codesOfFamily: each list of codes is for one family.
func codesOfFamily(c *change) *refusal {
	for _, list := range []struct{ name, family string }{{"wrapUpCodes", wrapUpCode}, {"idleCodes", idleCode}} {
		for _, id := range idsAt(c.next[list.name], nil) {
			code := c.tenant.collection("auxiliary-code").get(id)
			if code != nil && code.fields["workTypeCode"] != list.family {
				return invalid(list.name + ": work type code should be " + list.family)
			}
		}
	}
	return nil
}

// statisticsNeedLists: a list of ids counts only with SPECIFIC, and SPECIFIC only with a list.
func statisticsNeedLists(c *change) *refusal {
	statistics := asObject(c.next["viewableStatistics"])
	for _, one := range []struct{ choice, list string }{{"accessQueueStats", "contactServiceQueues"}, {"accessTeamStats", "teams"}} {
		if statistics[one.choice] == specific && len(asList(statistics[one.list])) == 0 {
			return invalid(one.list + ": should not be null or blank.")
		}
	}
	return nil
}

func agentProfileExport() *export {
	statistic := func(name string) column {
		return column{name: name, make: func(v view) any { return asObject(v.record.fields["viewableStatistics"])[name] }}
	}
	return &export{pageSize: 100, columns: append(
		columns(
			"name", "description", "parentType", "siteId", "screenPopup", "lastAgentRouting", "autoWrapUp", "autoAnswer", "autoWrapAfterSeconds",
			"agentAvailableAfterOutdial", "allowAutoWrapUpExtension", "accessWrapUpCode", "accessIdleCode", "accessQueue", "accessEntryPoint",
			"accessBuddyTeam", "consultToQueue", "outdialEnabled", "dialPlanEnabled", "agentDNValidation", "agentDNValidationCriteria",
			"agentDNValidationCriterions", "thresholdRules", "loginVoiceOptions", "showUserDetailsMS", "stateSynchronizationMS",
			"showUserDetailsWebex", "stateSynchronizationWebex",
		),
		column{name: "wrapUpCodes", from: "wrapUpCodes"}, column{name: "idleCodes", from: "idleCodes"},
		column{name: "queues", from: "queues"}, column{name: "entryPoints", from: "entryPoints"}, column{name: "dialPlans", from: "dialPlans"},
		column{name: "outdialEntryPoint", from: "outdialEntryPointId"}, column{name: "addressBook", from: "addressBookId"},
		column{name: "outdialANI", from: "outdialANIId"},
		column{name: "buddyTeamsList", make: func(v view) any { return v.teamPairs(idsAt(v.record.fields["buddyTeams"], nil)) }},
		statistic("agentStats"), statistic("accessQueueStats"), statistic("loggedInTeamStats"), statistic("accessTeamStats"),
		column{name: "viewableStatsTeam", make: func(v view) any {
			return v.teamPairs(idsAt(asObject(v.record.fields["viewableStatistics"])["teams"], nil))
		}},
	)}
}

func desktopLayouts() entity {
	line := func(name string) field { return field{name: name, kind: text, required: true, maximum: 255} }
	moment := func(name string) field { return field{name: name, kind: integer, notFilterable: true} }
	return entity{
		route: "desktop-layout", paths: newList, created: 201, deleted: 204,
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name"},
		fields: []field{
			line("name"), description, line("editedBy"), line("jsonFileName"),
			{name: "jsonFileContent", kind: text, required: true, minimum: 1, itemOnly: true, notFilterable: true},
			{name: "global", kind: boolean, defaultValue: false},
			{name: "status", kind: boolean, required: true},
			{name: "defaultJsonModified", kind: boolean, required: true},
			{name: "validated", kind: boolean, defaultValue: false},
			moment("validatedTime"), moment("defaultJsonModifiedTime"), moment("modifiedTime"),
			{name: "teamIds", kind: textList, target: "team", notFilterable: true, itemOnly: true, reordered: true},
		},
		rules: []rule{oneLayoutPerTeam},
		export: &export{pageSize: 10, columns: []column{
			{name: "id"}, {name: "name"}, {name: "description"}, {name: "jsonFileName"}, {name: "teamNames", from: "teamIds"},
		}},
	}
}

// oneLayoutPerTeam: a team is on one layout only.
func oneLayoutPerTeam(c *change) *refusal {
	var taken []string
	for _, id := range idsAt(c.next["teamIds"], nil) {
		for _, layout := range c.tenant.referrers(objectKey{"team", strings.ToLower(id)}, "desktop-layout") {
			if layout.id != c.next["id"] {
				taken = append(taken, c.tenant.nameOf("team", id))
			}
		}
	}
	if len(taken) > 0 {
		return invalid("Teams assigned " + strings.Join(taken, ", ") + " already assigned to another desktop layout")
	}
	return nil
}
