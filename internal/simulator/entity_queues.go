package simulator

import "slices"

// Queues, inbound and outdial (contact-center reference 8.7).

const (
	queueRoute = "contact-service-queue"
	inbound    = "INBOUND"
	outbound   = "OUTBOUND"
	teamBased  = "TEAM_BASED"
	skillBased = "SKILL_BASED"
	agentBased = "AGENT_BASED"
)

var channels = []string{telephony, "EMAIL", "FAX", "CHAT", "VIDEO", "OTHERS", "SOCIAL_CHANNEL", "WORK_ITEM"}

func queues() entity {
	onlyTelephony := needed("channelType", telephony)
	permitted := flags("monitoringPermitted", "parkingPermitted", "recordingPermitted", "recordingAllCallsPermitted", "pauseRecordingPermitted")
	for i := range permitted {
		permitted[i].needed = onlyTelephony
	}
	return entity{
		route: queueRoute, created: 201, deleted: 204, firstVersion: 1,
		paths: []path{
			crud("", bareList),
			{version: "v2", list: envelope, create: true, read: true, update: true},
			{version: "v3", list: envelope},
		},
		bulk: bulkAbilities{
			post: true, create: true, delete: true, patch: true,
			routes: []string{queueRoute + "/bulk", queueRoute + "/v2/bulk"},
		},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name", "description"},
		fields: joinFields([]field{
			{name: "name", kind: text, required: true},
			{name: "description", kind: text},
			{name: "queueType", kind: text, required: true, enum: []string{inbound, outbound}},
			{name: "checkAgentAvailability", kind: boolean, defaultValue: false},
			{name: "channelType", kind: text, required: true, enum: channels},
			{name: "socialChannelType", kind: text, enum: social, needed: needed("channelType", "SOCIAL_CHANNEL")},
			{name: "serviceLevelThreshold", kind: integer, required: true, maximum: mostNumber},
			{name: "maxActiveContacts", kind: integer, required: true, maximum: mostNumber},
			{name: "maxTimeInQueue", kind: integer, required: true, maximum: mostNumber},
			{name: "defaultMusicInQueueMediaFileId", kind: text, needed: onlyTelephony, target: "audio-file"},
			{name: "timezone", kind: text},
			{name: "active", kind: boolean, required: true},
			{name: "outdialCampaignEnabled", kind: boolean},
		}, permitted, []field{
			{name: "recordingPauseDuration", kind: integer},
			{name: "controlFlowScriptUrl", kind: text},
			{name: "ivrRequeueUrl", kind: text},
			{name: "overflowNumber", kind: text},
			{name: "vendorId", kind: text},
			{name: "routingType", kind: text, required: true, enum: []string{"LONGEST_AVAILABLE_AGENT", "SKILLS_BASED", "CIRCULAR", "LINEAR"}},
			{
				name: "skillBasedRoutingType", kind: text, enum: []string{"LONGEST_AVAILABLE_AGENT", "BEST_AVAILABLE_AGENT"},
				needed: needed("routingType", "SKILLS_BASED"),
			},
			{name: "queueRoutingType", kind: text, enum: []string{teamBased, skillBased, agentBased}, defaultValue: teamBased},
			skillRequirements(),
			{
				name: "agents", kind: objectList, itemOnly: true, notFilterable: true,
				fields: []field{{name: "id", kind: text, required: true, target: "user"}, {name: "ciUserId", kind: text}},
			},
			distributionGroups(),
			{name: "xspVersion", kind: text, maximum: 80, notFilterable: true},
			{name: "subscriptionId", kind: text, maximum: 80},
			{name: "assistantSkill", kind: object, notFilterable: true, fields: []field{
				{name: "assistantSkillId", kind: text}, {name: "assistantSkillUpdatedTime", kind: integer},
			}},
			{name: "manuallyAssignable", kind: boolean},
			{name: "agentsLastUpdatedByUserName", kind: text, readOnly: true},
			{name: "agentsLastUpdatedByUserEmailPrefix", kind: text, readOnly: true},
			{name: "agentsLastUpdatedTime", kind: integer, readOnly: true},
			{name: "personalizedAIRouting", kind: object, sticky: true, notFilterable: true, fields: []field{
				{name: "aiRoutingMode", kind: text, enum: []string{"NONE", "EVALUATION", "ACTIVE"}, defaultValue: "NONE"},
				{name: "aiRoutingKPIId", kind: text},
			}},
		}, inclusions(
			"queueLevelSummariesInclusion", "queueLevelSentimentAnalysisInclusion", "queueLevelPredictedWaitTimeInclusion",
			"queueLevelAutoCsatInclusion", "queueLevelRealTimeTranscriptionsInclusion",
		)),
		rules:      []rule{queueHasAgents, routingModeGoesOn, completeRequirements},
		counted:    map[string]any{"queueLevelSummariesInclusion": "INCLUDED"},
		metaCounts: map[string]string{"actualSummariesInclusionCount": "queueLevelSummariesInclusion"},
		hidden:     otherChannel,
		export:     queueExport(),
	}
}

func skillRequirements() field {
	return field{
		name: "queueSkillRequirements", kind: objectList, itemOnly: true, notFilterable: true,
		nested: nested{identified: true, versioned: true, key: "skillId"},
		fields: []field{
			{name: "skillId", kind: text, required: true, target: "skill"},
			{name: "condition", kind: text, required: true},
			{name: "skillValue", kind: text, required: true},
			{name: "weight", kind: integer, maximum: 1000},
			{name: "skillName", kind: text, readOnly: true},
			{name: "skillType", kind: text, readOnly: true},
			{name: "dynamicSkill", kind: boolean, readOnly: true},
		},
	}
}

func distributionGroups() field {
	return field{
		name: "callDistributionGroups", kind: objectList, itemOnly: true, notFilterable: true,
		fields: []field{
			{name: "agentGroups", kind: objectList, fields: []field{{name: "teamId", kind: text, required: true, target: "team"}}},
			{name: "order", kind: integer, minimum: 1, maximum: mostNumber},
			{name: "duration", kind: integer, maximum: mostNumber, defaultValue: int64(0)},
		},
	}
}

// queueHasAgents: somebody must be able to take a contact, and how is what queueRoutingType says.
func queueHasAgents(c *change) *refusal {
	name := map[any]string{
		teamBased: "callDistributionGroups", skillBased: "queueSkillRequirements", agentBased: "agents",
	}[c.next["queueRoutingType"]]
	list := asList(c.next[name])
	if name == "callDistributionGroups" {
		if c.next["queueType"] == outbound {
			return nil
		}
		empty := func(group any) bool { return len(asList(asObject(group)["agentGroups"])) == 0 }
		if len(list) == 0 || slices.ContainsFunc(list, empty) {
			return invalid("callDistributionGroups: at least one group with at least one team is needed")
		}
		return nil
	}
	if len(list) == 0 {
		return invalid(name + ": should not be null or blank.")
	}
	return nil
}

// routingModeGoesOn: the mode of personalized routing goes from NONE to EVALUATION to ACTIVE and back to NONE.
func routingModeGoesOn(c *change) *refusal {
	mode := func(fields map[string]any) string {
		return orDefault(asText(asObject(fields["personalizedAIRouting"])["aiRoutingMode"]), "NONE")
	}
	from, to := mode(c.previous), mode(c.next)
	next := map[string]string{"NONE": "EVALUATION", "EVALUATION": "ACTIVE", "ACTIVE": "NONE"}
	if from != to && next[from] != to {
		return invalid("aiRoutingMode: cannot change from " + from + " to " + to)
	}
	return nil
}

// completeRequirements fills in what the service knows of the skills.
func completeRequirements(c *change) *refusal {
	for _, element := range asList(c.next["queueSkillRequirements"]) {
		fields := asObject(element)
		if skill := c.tenant.collection("skill").get(asText(fields["skillId"])); skill != nil {
			fields["skillName"], fields["skillType"] = skill.name, skill.fields["skillType"]
			fields["dynamicSkill"] = skill.fields["dynamicSkill"] == true
		}
	}
	return nil
}

// otherChannel leaves out of a list what the deprecated channelTypes does not name.
func otherChannel(_ *collection, q query) func(*record) bool {
	wanted := q.list("channelTypes")
	if len(wanted) == 0 {
		return nil
	}
	return func(row *record) bool { return !slices.Contains(wanted, asText(row.fields["channelType"])) }
}

func queueExport() *export {
	plain := columns(
		"name", "description", "channelType", "routingType", "monitoringPermitted", "parkingPermitted", "recordingPermitted",
		"recordingAllCallsPermitted", "pauseRecordingPermitted", "recordingPauseDuration", "maxTimeInQueue", "timezone",
		"skillBasedRoutingType", "outdialCampaignEnabled", "queueRoutingType", "queueSkillRequirements", "manuallyAssignable",
		"queueLevelSummariesInclusion", "queueLevelSentimentAnalysisInclusion", "queueLevelPredictedWaitTimeInclusion",
		"queueLevelAutoCsatInclusion", "queueLevelRealTimeTranscriptionsInclusion", "assistantSkill",
	)
	return &export{pageSize: 100, byType: "queueType", columns: append(
		plain,
		column{name: "type", from: "queueType"},
		column{name: "defaultMusicInQueueMediaFile", from: "defaultMusicInQueueMediaFileId"},
		column{name: "serviceLevelThreshold", words: true},
		column{name: "agents", make: func(v view) any {
			names := []string{}
			for _, id := range idsAt(v.record.fields["agents"], []string{"id"}) {
				names = append(names, v.tenant.nameOf("user", id))
			}
			return names
		}},
		column{name: "callDistributionGroups", make: func(v view) any {
			out := []any{}
			for _, element := range asList(v.record.fields["callDistributionGroups"]) {
				group := asObject(element)
				out = append(out, map[string]any{
					"order": group["order"], "duration": group["duration"],
					"agentGroups": v.teamPairs(idsAt(group["agentGroups"], []string{"teamId"})),
				})
			}
			return out
		}},
	)}
}
