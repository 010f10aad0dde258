package simulator

import (
	"fmt"
	"maps"
	"testing"
)

var ines = stableUUID(orgA, userRoute, "Ines Duarte")

// Covers: 8.3, 5.1, 5.4, 6.1, 4.3, 3.1
func TestUsers(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	base := "/organization/" + orgA + "/user"
	item := base + "/" + ines
	team := s.target(&field{target: "team"})
	site := s.a("GET", "/organization/"+orgA+"/team/"+team, nil).at("siteId")
	s.a("POST", base, map[string]any{}).want(405)
	s.a("DELETE", item, nil).want(405)
	read := s.a("GET", item, nil).want(200).has("siteName", "Site-1").has("userProfileType", "PREMIUM_AGENT").lacks("queuesCount")
	s.a("GET", item+"?includeCount=true", nil).has("queuesCount", `{"agentBased":0,"skillBased":0,"teamBased":1}`)
	body := objectOf(t, read)
	for name, text := range map[string]string{"firstName": "Ines", "email": "ines.duarte@nordlys.example", "ciUserId": stableUUID(orgA, "people", "Ines Duarte")} {
		s.a("PUT", item, with(maps.Clone(body), name, "other")).want(400).has(message, name+": This configuration cannot be changed. Original value is "+text)
	}
	capacity := s.put("team", map[string]any{"teamType": "CAPACITY", "capacity": 5, "dialedNumber": "1", "siteId": site})
	s.a("PUT", item, with(maps.Clone(body), "teamIds", []any{team})).want(400).has(message, "teamIds: not found for given site")
	s.a("PUT", item, with(maps.Clone(body), "teamIds", []any{capacity}, "siteId", site)).want(400).has(message, "teamIds: Capacity based teams are not allowed")
	s.a("PUT", item, with(maps.Clone(body), "userProfileId", stableUUID(orgA, "user-profile", "Supervisor Profile"))).want(403)
	s.a("PUT", item, with(maps.Clone(body), "userProfileId", stableUUID(orgA, "user-profile", "Senior Agent"))).want(200)
	// Without the license the switches stay as they are.
	s.a("PUT", item, with(maps.Clone(body), "userLevelSummariesInclusion", "INCLUDED", "userLevelBurnoutInclusion", "INCLUDED")).want(200).
		has("userLevelSummariesInclusion", "EXCLUDED").has("userLevelBurnoutInclusion", "INCLUDED")
	s.a("PUT", item, without(body, "userLevelBurnoutInclusion")).want(200).has("userLevelBurnoutInclusion", "INCLUDED")
	s.a("GET", "/organization/"+orgA+"/v2/user", nil).has("meta.actualBurnoutInclusionCount", "1").has("meta.actualSummariesCount", "0")
	profile := s.put("skill-profile", nil)
	s.a("PATCH", item, map[string]any{"skillProfileId": profile}).want(200).has("skillProfileId", profile).has("firstName", "Ines")
	s.a("PATCH", item, map[string]any{"skillProfileId": nil}).want(200).lacks("skillProfileId")
	s.a("PATCH", item, `[{"op":"add"}]`).want(500)
	s.a("PATCH", base+"/bulk", items(save(1, map[string]any{"id": ines, "mobile": "12345"}), save(2, map[string]any{"id": ines, "email": "x"}))).want(207).
		has("items.0.status", "200").has("items.1.status", "400")
	s.a("POST", base+"/bulk", items(save(1, map[string]any{"firstName": "New"}))).want(207).has("items.0.status", "400")
	// Membership is kept with the users; the team shows it.
	s.a("PATCH", item, map[string]any{"teamIds": []any{team}, "siteId": site}).want(200)
	s.a("GET", "/organization/"+orgA+"/team/"+team, nil).has("userIds", `["`+ines+`"]`)
	s.a("GET", "/organization/"+orgA+"/v2/team?filter=userId=="+ines, nil).has("data.0.id", team).lacks("data.1").lacks("data.0.userIds")
	s.a("DELETE", "/organization/"+orgA+"/team/"+team, nil).want(412).has("error.referencedEntities", `["user"]`)
	s.a("GET", base+"?filter=email==ines.duarte@nordlys.example", nil).want(200).has("0.id", ines)
}

// Covers: 8.3
func TestUserLookUps(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	base := "/organization/" + orgA + "/user"
	ci := stableUUID(orgA, "people", "Ines Duarte")
	s.a("GET", base+"/by-ci-user-id/"+ci, nil).want(200).has("id", ines).lacks("userProfileData")
	s.a("GET", base+"/by-ci-user-id/"+ci+"?includeUserProfile=true", nil).has("userProfileData.accessAllModules", "ALL")
	s.a("GET", "/organization/"+orgA+"/v2/user/by-ci-user-id/"+ci+"?includeUserProfile=true", nil).
		has("userProfileGranularAccessData.permissionAccessLevel", "ALL")
	s.a("GET", base+"/by-ci-user-id/nobody", nil).want(404)
	s.a("GET", base+"/with-user-profile", nil).want(200).has("2.userProfileData.active", "true").lacks("3")
	s.a("GET", base+"/with-user-profile/"+ines, nil).want(200).has("userProfileData.profileType", "PREMIUM_AGENT")
	s.a("POST", base+"/fetch-user-details-by-ids", map[string]any{"userIds": []any{ines}}).want(200).
		has("data", `[{"email":"ines.duarte@nordlys.example","firstName":"Ines","id":"`+ines+`","lastName":"Duarte"}]`).has("meta.pageSize", "10")
	s.a("POST", base+"/fetch-user-details-by-ids", map[string]any{"search": "WEBER"}).want(200).has("data.0.firstName", "Jonas").lacks("data.1")
	s.a("PATCH", base+"/"+ines+"/reskill", map[string]any{}).want(403)

	skill := s.put("skill", map[string]any{"dynamicSkill": true, "skillType": "TEXT"})
	route := base + "/bulk/update-dynamic-skill/"
	s.a("PATCH", route+s.put("skill", nil), items()).want(400)
	s.a("PATCH", route+workType("none"), items()).want(404)
	s.a("PATCH", route+skill, items(save(1, map[string]any{"userId": ines, "textValue": "gold"}), save(2, map[string]any{"userId": "nobody"}))).want(207).
		has("items.0.status", "200").has("items.1.status", "404")
	s.a("GET", base+"/"+ines, nil).has("dynamicSkills.0.textValue", "gold").has("dynamicSkills.0.skillId", skill)
	s.a("GET", base+"/by-dynamic-skill-id/"+skill, nil).has("data.0.dynamicSkill.textValue", "gold").has("meta.totalRecords", "1")
	s.a("DELETE", "/organization/"+orgA+"/skill/"+skill, nil).want(412)
	s.a("PATCH", route+skill, items(remove(1, map[string]any{"userId": ines}))).want(207)
	s.a("GET", base+"/"+ines, nil).has("dynamicSkills", "[]")
}

// Covers: 8.7, 8.3
func TestQueueLookUps(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	skill := s.put("skill", map[string]any{"skillType": "PROFICIENCY"})
	profile := s.put("skill-profile", map[string]any{"activeSkills": []any{map[string]any{"skillId": skill, "proficiencyValue": 7}}})
	s.a("PATCH", "/organization/"+orgA+"/user/"+ines, map[string]any{"skillProfileId": profile}).want(200)
	needs := func(level int) map[string]any {
		return map[string]any{"queueRoutingType": "SKILL_BASED", "callDistributionGroups": nil, "queueSkillRequirements": []any{
			map[string]any{"skillId": skill, "condition": "GTE", "skillValue": fmt.Sprint(level)},
		}}
	}
	easy := s.put(queueRoute, needs(5))
	s.put(queueRoute, needs(9))
	agents := s.put(queueRoute, map[string]any{"queueRoutingType": "AGENT_BASED", "agents": []any{map[string]any{"id": ines}}})
	base, second := "/organization/"+orgA+"/"+queueRoute, "/organization/"+orgA+"/v2/"+queueRoute
	ci := stableUUID(orgA, "people", "Ines Duarte")
	for path, id := range map[string]string{
		second + "/by-user-id/" + ines + "/skill-based-queues":                   easy,
		second + "/by-user-id/" + ines + "/agent-based-queues":                   agents,
		second + "/by-user-id/" + ines + "/team-based-queues":                    stableUUID(orgA, queueRoute, "Queue-1"),
		base + "/skill-based-queues/by-ci-user-id/" + ci + "/internal":           easy,
		base + "/by-skill-profile-id/" + profile:                                 easy,
		base + "/by-skill-profile-id/" + profile + "/internal":                   easy,
		base + "/by-team-id/" + stableUUID(orgA, "team", "Team-1") + "/internal": stableUUID(orgA, queueRoute, "Queue-1"),
	} {
		s.a("GET", path, nil).want(200).has("data.0.id", id).lacks("data.1")
	}
	s.a("GET", base+"/by-user-ci-id/"+ci+"/internal", nil).has("meta.totalRecords", "3")
	s.a("GET", base+"/by-user-ci-id/nobody/internal", nil).want(404)
	s.a("GET", base+"/by-skill-profile-id/"+easy, nil).want(404)
	s.a("GET", base+"/by-team-id/"+easy+"/internal", nil).want(404)
	s.a("POST", base+"/fetch-by-userId-skillProfileId", map[string]any{"userId": ines}).want(200).has("data.0.id", easy)
	s.a("POST", base+"/fetch-by-dynamic-skills-and-skillProfile", map[string]any{"skillProfileId": profile}).want(200).has("data.0.id", easy)
	s.a("POST", base+"/fetch-by-dynamic-skills-and-skillProfile", map[string]any{}).want(400)
	s.a("POST", base+"/fetch-manually-assignable-queues", map[string]any{}).want(404)
	s.a("POST", second+"/fetch-by-grouped-assistant-skill", map[string]any{}).want(412)
	s.a("POST", base+"/delete-reference", map[string]any{"references": map[string]any{}}).want(200)
	jonas := stableUUID(orgA, userRoute, "Jonas Weber")
	s.a("POST", second+"/"+agents+"/reassign-agents", map[string]any{"add": []any{jonas}, "remove": []any{ines}}).want(200)
	s.a("GET", base+"/"+agents, nil).has("agents", `[{"id":"`+jonas+`"}]`)
	s.a("POST", second+"/"+easy+"/reassign-agents", map[string]any{}).want(400)
	s.a("POST", "/organization/"+orgA+"/user/fetch-by-skill-requirements", map[string]any{"skillRequirements": []any{
		map[string]any{"skillId": skill, "condition": "LTE", "skillValue": "7"},
	}}).want(200).has("data.0.id", ines).lacks("data.1")
	s.a("POST", "/organization/"+orgA+"/user/fetch-by-skill-requirements", map[string]any{}).want(400)
}
