package simulator

import (
	"fmt"
	"slices"
)

// Contact-center users (contact-center reference 8.3). Control Hub makes and removes them, so there is no create and no
// delete here; a test or a state document brings them.

func users() entity {
	fixed := func(name string) field {
		return field{name: name, kind: text, required: true, minimum: 1, immutable: true}
	}
	return entity{
		route: "user",
		paths: []path{
			{list: bareList, read: true, update: true, patch: true},
			{version: "v2", list: envelope},
		},
		bulk: bulkAbilities{post: true, patch: true},
		key:  []string{"firstName", "lastName"}, systemDefault: true, searchColumns: []string{"firstName", "lastName", "email"},
		fields: joinFields([]field{
			fixed("firstName"), fixed("lastName"), fixed("email"),
			{name: "workPhone", kind: text, maximum: 20},
			{name: "mobile", kind: text, maximum: 20},
			fixed("ciUserId"),
			{name: "broadCloudUserId", kind: text, immutable: true},
			{name: "userProfileId", kind: text, required: true, minimum: 1, target: "user-profile"},
			{name: "userProfileType", kind: text, computed: true},
			{name: "contactCenterEnabled", kind: boolean, required: true},
			{name: "timezone", kind: text},
			{name: "xspVersion", kind: text, maximum: 80, immutable: true, notFilterable: true},
			{name: "subscriptionId", kind: text, maximum: 80, immutable: true},
			{name: "siteId", kind: text, target: "site"},
			{name: "siteName", kind: text, computed: true},
			{name: "teamIds", kind: textList, target: "team", reordered: true},
			{name: "skillProfileId", kind: text, target: "skill-profile"},
			{name: "agentProfileId", kind: text, target: "agent-profile"},
			{name: "multimediaProfileId", kind: text, target: "multimedia-profile"},
			{name: "deafultDialledNumber", kind: text},
			{name: "externalIdentifier", kind: text},
			{name: "active", kind: boolean, required: true},
			{name: "imiUserCreated", kind: boolean, immutable: true},
			{name: "preferredSupervisorTeamId", kind: text, target: "team"},
			{name: "userLevelWellnessBreakReminders", kind: text, enum: []string{"DISABLED", "ENABLED"}, sticky: true},
			{name: "dbId", kind: text, readOnly: true},
			{
				name: "dynamicSkills", kind: objectList, readOnly: true, notFilterable: true,
				nested: nested{identified: true, versioned: true, key: "skillId"},
				fields: []field{
					{name: "skillId", kind: text, required: true, target: "skill"},
					{name: "textValue", kind: text, maximum: 100},
					{name: "booleanValue", kind: boolean},
					{name: "proficiencyValue", kind: integer, maximum: 10},
					{name: "enumSkillValues", kind: textList},
				},
			},
			{name: "skillProfileUpdatedBy", kind: text, readOnly: true},
			{name: "skillProfileUpdatedTime", kind: integer, readOnly: true, notFilterable: true},
			{name: "dynamicSkillsUpdatedBy", kind: text, readOnly: true},
			{name: "dynamicSkillsUpdatedTime", kind: integer, readOnly: true, notFilterable: true},
		}, inclusions("userLevelBurnoutInclusion", "userLevelAutoCSATInclusion", "userLevelSummariesInclusion")),
		rules:    []rule{teamsOfSite, sameProfileType, unlicensedSwitches},
		computed: userComputed,
		counted: map[string]any{
			"userLevelBurnoutInclusion": "INCLUDED", "userLevelAutoCSATInclusion": "INCLUDED", "userLevelSummariesInclusion": "INCLUDED",
		},
		metaCounts: map[string]string{
			"actualBurnoutInclusionCount": "userLevelBurnoutInclusion", "actualAutoCSATCount": "userLevelAutoCSATInclusion",
			"actualSummariesCount": "userLevelSummariesInclusion",
		},
	}
}

// teamsOfSite: an agent works in agent teams of one site.
func teamsOfSite(c *change) *refusal {
	for _, id := range idsAt(c.next["teamIds"], nil) {
		team := c.tenant.collection("team").get(id)
		switch {
		case team == nil:
		case team.fields["teamType"] == capacityTeam:
			return invalid("teamIds: Capacity based teams are not allowed")
		case team.fields["siteId"] != c.next["siteId"]:
			return invalid("teamIds: not found for given site")
		}
	}
	return nil
}

// sameProfileType: only Control Hub may change what type of user somebody is.
func sameProfileType(c *change) *refusal {
	profiles := c.tenant.collection("user-profile")
	old, next := profiles.get(asText(c.previous["userProfileId"])), profiles.get(asText(c.next["userProfileId"]))
	if old != nil && next != nil && old.fields["profileType"] != next.fields["profileType"] {
		return refuse(403, fmt.Sprintf("userProfileId: profile type cannot be changed from %v", old.fields["profileType"]))
	}
	return nil
}

// unlicensedSwitches: without the license the service answers 200 and keeps what it has.
func unlicensedSwitches(c *change) *refusal {
	for name, feature := range map[string]string{
		"userLevelSummariesInclusion": FeatureSummaries, "userLevelAutoCSATInclusion": FeatureAutoCSAT,
	} {
		if old := c.previous[name]; old != nil && !slices.Contains(c.tenant.info.Features, feature) {
			c.next[name] = old
		}
	}
	return nil
}

func userComputed(v view) map[string]any {
	fields := v.record.fields
	out := map[string]any{}
	if site := v.tenant.nameOf("site", fields["siteId"]); site != "" {
		out["siteName"] = site
	}
	profile := v.tenant.collection("user-profile").get(asText(fields["userProfileId"]))
	if profile != nil {
		out["userProfileType"] = profile.fields["profileType"]
	}
	if v.query.get("includeDynamicSkillsLimitReached") == "true" {
		out["dynamicSkillsLimitReached"] = false
	}
	if !v.item {
		return out
	}
	if v.query.get("includeCount") == "true" {
		out["queuesCount"] = map[string]any{
			"teamBased": len(v.queuesOf(teamBased)), "skillBased": len(v.queuesOf(skillBased)), "agentBased": len(v.queuesOf(agentBased)),
		}
	}
	if profile != nil && v.query.get("includeUserProfile") == "true" {
		out["userProfileData"] = oldUserProfile(profile)
	}
	return out
}
