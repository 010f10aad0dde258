package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
)

// Covers: 3.4
func TestSingleObjectResponseWantsOne(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	list := "/organization/" + orgA + "/v2/agent-profile?singleObjectResponse=true"
	h.a("GET", list, nil).want(400)
	h.a("GET", list+"&filter=name==Agent-Profile", nil).want(200).has("data.0.viewableStatistics.agentStats", "true")
}

// Covers: 3.4
func TestSchedulesHaveADefaultOrder(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	for _, one := range []struct{ name, zone string }{
		{"Bravo", "Europe/Lisbon"}, {"Alpha", "America/New_York"}, {"Delta", "Asia/Tokyo"}, {"Charlie", "Africa/Cairo"},
	} {
		s.put("holiday-list", map[string]any{"name": one.name})
		s.put("business-hours", map[string]any{"name": one.name, "timezone": one.zone})
	}
	for query, want := range map[string]string{
		"v2/business-hours":                    "Charlie Alpha Delta Bravo",
		"business-hours":                       "Charlie Alpha Delta Bravo",
		"v2/business-hours?sort=timeZone,desc": "Bravo Delta Alpha Charlie",
		"v2/business-hours?sort=name":          "Alpha Bravo Charlie Delta",
		"v2/business-hours?pageSize=1&page=3":  "Bravo",
	} {
		names := s.a("GET", "/organization/"+orgA+"/"+query, nil).want(200).names()
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	hours := "/organization/" + orgA + "/v2/business-hours"
	first := s.a("GET", hours+"?pageSize=1", nil).at("data.0.id")
	s.put("business-hours", map[string]any{"name": "Echo", "timezone": "Africa/Accra"})
	if got := strings.Join(s.a("GET", hours, nil).names(), " "); got != "Echo Charlie Alpha Delta Bravo" {
		t.Errorf("after a create: %s", got)
	}
	s.a("DELETE", "/organization/"+orgA+"/business-hours/"+first, nil).want(204)
	if got := strings.Join(s.a("GET", hours, nil).names(), " "); got != "Echo Alpha Delta Bravo" {
		t.Errorf("after a delete: %s", got)
	}
	lists := s.a("GET", "/organization/"+orgA+"/v2/holiday-list?filter=name==*a*", nil).want(200).names()
	if got := strings.Join(lists, " "); got != "Alpha Bravo Charlie Delta" {
		t.Errorf("holiday lists: %s", got)
	}
}

// An outdial ANI means a number by its text: which of the two is there first makes no difference.
//
// Covers: 7, 6.3
func TestOutdialANIBeforeItsNumber(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	numbers, anis := entities["dial-number"], entities["outdial-ani"]
	number := s.body(numbers, false)
	ani := s.post(anis, map[string]any{"name": "Main", "outdialANIEntries": []any{map[string]any{"name": "n", "number": number["dialledNumber"]}}}).want(201)
	mapped := s.post(numbers, number).want(200)
	item := s.path(numbers) + "/" + mapped.at("id")
	s.a("GET", item+"/incoming-references", nil).want(200).has("data.0.id", ani.at("id")).has("meta.currentEntity", "outdial-ani")
	s.a("DELETE", item, nil).want(412).has("error.referencedEntities", `["outdial-ani"]`)
	// Another number in its place is not the one that is shown.
	other := with(objectOf(t, mapped), "dialledNumber", s.body(numbers, false)["dialledNumber"])
	s.a("PUT", item, other).want(200)
	s.a("GET", item+"/incoming-references", nil).want(200).has("data", "[]")
	s.a("DELETE", item, nil).want(200)
}

// Covers: 8.9
func TestExtensionsNeedNoNumber(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	e := entities["dial-number"]
	body := s.body(e, false)
	delete(body, "dialledNumber")
	s.post(e, body).want(400).has(message, "dialledNumber: should not be null or blank.")
	for _, extension := range []string{"4001", "4002"} {
		s.post(e, with(maps.Clone(body), "extension", extension)).want(200).has("extension", extension).lacks("dialledNumberDigits")
	}
}

// Ids are compared without regard to case, and rules that compare them too.
//
// Covers: 8.2, 8.3
func TestIDsInUpperCase(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	teams := entities["team"]
	site := s.put("site", nil)
	body := with(s.body(teams, false), "siteId", strings.ToUpper(site))
	team := s.post(teams, body).want(201).has("siteId", site)
	s.post(teams, with(maps.Clone(body), "siteId", site)).want(409)
	user := "/organization/" + orgA + "/user/" + stableUUID(orgA, userRoute, "Ines Duarte")
	s.a("PATCH", user, map[string]any{"siteId": site, "teamIds": []any{strings.ToUpper(team.at("id"))}}).want(200).
		has("teamIds", `["`+team.at("id")+`"]`)
	s.a("DELETE", s.path(teams)+"/"+team.at("id"), nil).want(412)
}

// Covers: 8.4, 8.24, 3.4
func TestListsThatMustHaveElements(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	profiles, collections := entities["user-profile"], entities["resource-collection"]
	s.post(profiles, with(s.body(profiles, false), "resourceAccessLevel", specific, "resourceCollections", []any{})).
		want(400).has(message, "resourceCollections: should not be null or blank.")
	body := s.body(collections, false)
	body["resources"] = append(asList(body["resources"]), map[string]any{"name": "site", "accessLevel": "ALL"})
	s.post(collections, body).want(400).has(message, "resources: resource type site is there twice")
}

// A list of users leaves nothing out.
//
// Covers: 3.4
func TestUserRowsAreWhole(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	skill := s.put("skill", map[string]any{"skillType": skillText, "dynamicSkill": true})
	ines := stableUUID(orgA, userRoute, "Ines Duarte")
	base := "/organization/" + orgA
	s.a("PATCH", base+"/user/bulk/update-dynamic-skill/"+skill, items(save(1, map[string]any{"userId": ines, "textValue": "gold"}))).want(http.StatusMultiStatus)
	s.a("GET", base+"/v2/user?filter=id=="+ines, nil).want(200).has("data.0.dynamicSkills.0.textValue", "gold")
}

// Covers: 8.15
func TestDescriptionsOfAddressBooks(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	e := entities["address-book"]
	body := with(s.body(e, false), "description", "Büro & Lager")
	s.post(e, body).want(400).has(message, `description: must match "^[a-zA-Z0-9._\\-\\s]*$"`)
	s.a("POST", "/organization/"+orgA+"/v3/address-book", body).want(201).has("description", "Büro & Lager")
}

// The location is looked at first, then the region, and nothing else before them.
//
// Covers: 8.9
func TestOrderOfChecksOnDialNumbers(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	e := entities["dial-number"]
	body := with(s.body(e, false), "dialledNumber", "none", "entryPointId", nil, "location", nil, "regionId", nil)
	for _, name := range []string{"location", "regionId"} {
		s.post(e, body).want(400).has("error.reason", name+": should not be null or blank.").lacks("error.message.1")
		body[name] = "somewhere"
	}
	s.post(e, body).want(400).has("error.message.1.description", "entryPointId: should not be null or blank.")
}

// An answer shows the holders of one type, and names all types.
//
// Covers: 6.3
func TestReferencesOfSeveralTypes(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	profile := s.put("multimedia-profile", nil)
	site := s.put("site", map[string]any{"multimediaProfileId": profile})
	team := s.put("team", map[string]any{"multiMediaProfileId": profile})
	path := "/organization/" + orgA + "/multimedia-profile/" + profile + "/incoming-references"
	for query, want := range map[string]string{"": site, "?type=site": site, "?type=team": team, "?currentEntity=team": site} {
		s.a("GET", path+query, nil).want(200).has("meta.totalRecords", "1").has("data.0.id", want).lacks("data.1").
			has("meta.referencedEntities", `["site","team"]`)
	}
}

// A skill in a profile has the value of its type; enum skills are named by their values.
//
// Covers: 8.6
func TestSkillsOfAProfile(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	profiles := entities["skill-profile"]
	values := map[string]any{"proficiencyValue": 3, "booleanValue": true, "textValue": "gold"}
	for kind, needs := range map[string]string{skillProficiency: "proficiencyValue", skillBoolean: "booleanValue", skillText: "textValue"} {
		skill := s.put("skill", map[string]any{"skillType": kind})
		profile := func(element map[string]any) map[string]any {
			return with(s.body(profiles, false), "activeSkills", []any{with(element, "skillId", skill)})
		}
		s.post(profiles, profile(without(values, needs))).want(400).has(message, needs+": should not be null or blank.")
		s.post(profiles, profile(map[string]any{needs: values[needs], "booleanValue": true})).want(201) // the filler of other types
	}
	enum := s.a("GET", "/organization/"+orgA+"/skill/"+s.put("skill", map[string]any{
		"name": "Product", "skillType": skillEnum, "enumSkillValues": []any{map[string]any{"name": "Fibre"}},
	}), nil).want(200)
	s.post(profiles, with(s.body(profiles, false), "activeSkills", []any{map[string]any{"skillId": enum.at("id"), "textValue": "Fibre"}})).
		want(400).has(message, "skillId: enum skills belong to activeEnumSkills")
	plain := s.put("skill", map[string]any{"name": "Wine", "skillType": skillText})
	id := s.put("skill-profile", map[string]any{
		"activeSkills":     []any{map[string]any{"skillId": plain, "textValue": "red"}},
		"activeEnumSkills": []any{map[string]any{"enumSkillValueId": enum.at("enumSkillValues.0.id")}},
	})
	item := s.path(profiles) + "/" + id
	for _, query := range []string{"", "?includeSkillDetails=", "?includeSkillDetails=false"} {
		s.a("GET", item+query, nil).want(200).lacks("activeSkills.0.skillName").lacks("activeEnumSkills.0.enumSkillName")
	}
	s.a("GET", item+"?includeSkillDetails=true", nil).want(200).has("activeSkills.0.skillName", "Wine").
		has("activeEnumSkills.0.enumSkillName", "Product").has("activeEnumSkills.0.enumSkillValue", "Fibre").has("activeEnumSkills.0.enumSkillId", enum.at("id"))
}

// What overrides a variable of a flow, and what a collection holds, is in use.
//
// Covers: 7, 8.8, 8.24
func TestReferencesOutsideOfFields(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	base := "/organization/" + orgA
	hours := s.put("business-hours", nil)
	s.put("entry-point", map[string]any{"flowOverrideSettings": []any{
		map[string]any{"name": "Hours", "type": "String", "entityType": "business-hours", "entityId": strings.ToUpper(hours), "value": "x"},
	}})
	s.a("DELETE", base+"/business-hours/"+hours, nil).want(412).has("error.referencedEntities", `["entry-point"]`)
	collections := entities["resource-collection"]
	holidays := s.put("holiday-list", nil)
	holding := func(id string) map[string]any {
		body := s.body(collections, false)
		for i, name := range resourceNames {
			if name == "holiday-list" {
				asList(body["resources"])[i] = map[string]any{"name": name, "accessLevel": specific, "ids": []any{id}}
			}
		}
		return body
	}
	s.post(collections, holding(workType("none"))).want(400).has(message, "ids: not found for given orgId.")
	s.post(collections, holding(strings.ToUpper(holidays))).want(201)
	s.a("DELETE", base+"/holiday-list/"+holidays, nil).want(412).has("error.referencedEntities", `["resource-collection"]`)
}

// Covers: 8.8, 3.4
func TestEntryPointsTakeTheTimezoneOfTheTenant(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	e := entities["entry-point"]
	body := s.body(e, false)
	made := s.post(e, body).want(201).has("timezone", "Europe/Berlin").has("callbackEnabled", "false")
	s.post(e, with(s.body(e, false), "timezone", "Europe/Lisbon")).want(201).has("timezone", "Europe/Lisbon")
	list := "/organization/" + orgA + "/v2/entry-point"
	s.a("GET", list, nil).has("meta.totalRecords", "2")
	s.a("GET", list+"?channelTypes=TELEPHONY", nil).has("meta.totalRecords", "3") // the internal one too
	s.a("GET", list+"?channelTypes=EMAIL", nil).has("meta.totalRecords", "0")
	s.a("GET", "/organization/"+orgA+"/v2/contact-service-queue?channelTypes=EMAIL,CHAT", nil).has("meta.totalRecords", "0")
	s.a("GET", list+"?includeCount=true&filter=id=="+made.at("id"), nil).has("data.0.dnEpMappingCount", "0")
	s.put("dial-number", map[string]any{"entryPointId": made.at("id")})
	s.a("GET", list+"?includeCount=true&filter=id=="+made.at("id"), nil).has("data.0.dnEpMappingCount", "1")
}

// Covers: 8.7
func TestRequirementsAreCompleted(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	skill := s.put("skill", map[string]any{"name": "Wine", "skillType": skillText})
	queue := s.put(queueRoute, map[string]any{"queueSkillRequirements": []any{
		map[string]any{"skillId": skill, "condition": "IS", "skillValue": "red", "skillName": "ignored"},
	}})
	s.a("GET", "/organization/"+orgA+"/"+queueRoute+"/"+queue, nil).want(200).has("queueSkillRequirements.0.skillName", "Wine").
		has("queueSkillRequirements.0.skillType", skillText).has("queueSkillRequirements.0.dynamicSkill", "false")
}

// Covers: 5.2, 3.4
func TestProjectionsShowNoMoreThanRows(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	s.put("skill", map[string]any{"name": "Wine"})
	list := "/organization/" + orgA + "/v2/skill"
	s.a("GET", list, nil).want(200).lacks("data.0.version").lacks("data.0.organizationId")
	s.a("GET", list+"?attributes=name,version,organizationId", nil).want(200).has("data", `[{"name":"Wine"}]`)
}

// Clients send an empty text for an id or a word that they do not use.
//
// Covers: 5.1
func TestEmptyTextsStandForNothing(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	s.post(entities["address-book"], with(s.body(entities["address-book"], false), "parentType", "ORGANIZATION", "siteId", "")).want(201).lacks("siteId")
	s.post(entities[queueRoute], with(s.body(entities[queueRoute], false), "socialChannelType", "", "skillBasedRoutingType", "")).want(201).lacks("socialChannelType")
	s.post(entities["site"], with(s.body(entities["site"], false), "multimediaProfileId", "")).want(400).
		has(message, "multimediaProfileId: should not be null or blank.")
}

// Covers: 3.3
func TestComputedFieldsAreNoFilters(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	for _, filter := range []string{"resource-collection?filter=resourceCount==1", "overrides?filter=overridesCount==1", "team?filter=siteName==x"} {
		s.a("GET", "/organization/"+orgA+"/v2/"+filter, nil).want(400)
	}
}

// Covers: 2.2, 8.24
func TestAttachingMakesAResourceSpecific(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	base := "/organization/" + orgA + "/resource-collection"
	collection, team := s.put("resource-collection", nil), s.put("team", nil)
	s.a("GET", base+"/"+collection, nil).has("resources.7.name", "team").has("resources.7.accessLevel", "ALL")
	s.a("POST", base+"/update-resource", map[string]any{
		"resourceType": "team", "resourceId": team, "resourceCollections": []any{map[string]any{"id": collection}},
	}).want(201)
	s.a("GET", base+"/"+collection, nil).has("resources.7.accessLevel", specific).has("resources.7.ids", `["`+team+`"]`)
	s.a("DELETE", "/organization/"+orgA+"/team/"+team, nil).want(412).has("error.referencedEntities", `["resource-collection"]`)
}

// Covers: 5.2
func TestElementsHaveTimesOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	skills := entities["skill"]
	skill := objectOf(t, s.post(skills, with(s.body(skills, false), "skillType", skillEnum, "enumSkillValues", []any{
		map[string]any{"name": "Fibre"}, map[string]any{"name": "Mobile"},
	})).want(201))
	made := fmt.Sprint(int64(asObject(asList(skill["enumSkillValues"])[0])["createdTime"].(float64)))
	s.control("PUT", "clock", `{"offsetSeconds":60}`)
	asObject(asList(skill["enumSkillValues"])[0])["description"] = "changed"
	got := s.a("PUT", s.path(skills)+"/"+asText(skill["id"]), skill).want(200)
	got.has("enumSkillValues.0.createdTime", made).has("enumSkillValues.1.createdTime", made).has("enumSkillValues.1.lastUpdatedTime", made).
		has("enumSkillValues.0.lastUpdatedTime", got.at("lastUpdatedTime")).has("enumSkillValues.0.links", "[]")
	if got.at("lastUpdatedTime") == made {
		t.Error("the clock stands still")
	}
}

// A value that a full replace left out is gone: nothing can refer to it any more.
//
// Covers: 5.1, 8.5
func TestDeletedValuesOfASkillAreUnknown(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	skills, profiles := entities["skill"], entities["skill-profile"]
	skill := objectOf(t, s.post(skills, with(s.body(skills, false), "skillType", skillEnum, "enumSkillValues", []any{
		map[string]any{"name": "Fibre"}, map[string]any{"name": "Mobile"},
	})).want(201))
	values := asList(skill["enumSkillValues"])
	skill["enumSkillValues"] = values[:1]
	s.a("PUT", s.path(skills)+"/"+asText(skill["id"]), skill).want(200).lacks("enumSkillValues.1")
	for i, status := range []int{201, 400} {
		element := map[string]any{"enumSkillValueId": asObject(values[i])["id"]}
		s.post(profiles, with(s.body(profiles, false), "activeEnumSkills", []any{element})).want(status)
	}
}
