package simulator

import (
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
