package simulator

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestRulesOfOneEntity goes through the rules that belong to one entity only, with the texts of the live service.
//
// Covers: 4.2, 4.3, 8.2, 8.4, 8.5, 8.6, 8.7, 8.8, 8.9, 8.10, 8.11, 8.12, 8.13, 8.18, 8.20, 8.21, 8.22, 8.23, 8.24
func TestRulesOfOneEntity(t *testing.T) {
	t.Parallel()
	list := func(elements ...any) []any { return append([]any{}, elements...) }
	object := func(pairs ...any) map[string]any { return with(map[string]any{}, pairs...) }
	for _, one := range []struct {
		entity   string
		complete bool
		changes  []any
		status   int
		text     string
	}{
		{"site", false, []any{"name", "A/B"}, 400, `name: must match`},
		{"team", false, []any{"teamStatus", nil}, 409, "teamStatus: should not be null or blank."},
		{"team", false, []any{"teamType", "CAPACITY"}, 400, "dialedNumber: should not be null or blank."},
		{"team", false, []any{"multimediaProfileId", "nonsense", "userIds", list("nobody")}, 201, ""},
		{"team", true, []any{"queueRankings", list(object("queueId", "x", "rank", 51))}, 400, "rank: must be between 0 and 50"},
		{"user-profile", false, []any{"profileType", "STANDARD_AGENT", "permissionAccessLevel", "ALL"}, 400, "permissionAccessLevel: should be SPECIFIC for STANDARD_AGENT"},
		{"user-profile", false, []any{"permissionAccessLevel", "SPECIFIC", "permissions", nil, "userProfilePermissions", list(object("name", "queue"))}, 400, "userProfilePermissions: should not be null or blank."},
		{"user-profile", false, []any{"resourceAccessLevel", "SPECIFIC", "resourceCollections", nil}, 400, "resourceCollections: should not be null or blank."},
		{"skill", false, []any{"skillType", "ENUM"}, 400, "Enum skill should have atleast one value"},
		{"skill", false, []any{"skillType", "1"}, 201, ""},
		{"skill", false, []any{"skillType", "Boolean"}, 201, ""},
		{"skill-profile", false, []any{"activeSkills", nil}, 400, "Atleast one skill is mandatory."},
		{"skill-profile", false, []any{"activeSkills", list(), "activeEnumSkills", list()}, 400, "Atleast one skill is mandatory."},
		{"skill-profile", false, []any{"activeEnumSkills", list(object("enumSkillValueId", "x", "skillId", "y"))}, 500, "Internal error. Please contact Cisco Support Team"},
		{queueRoute, false, []any{"monitoringPermitted", nil}, 400, "monitoringPermitted: should not be null or blank."},
		{queueRoute, false, []any{"defaultMusicInQueueMediaFileId", nil}, 400, "defaultMusicInQueueMediaFileId: should not be null or blank."},
		{queueRoute, false, []any{"channelType", "EMAIL", "monitoringPermitted", nil, "defaultMusicInQueueMediaFileId", nil}, 201, ""},
		{queueRoute, false, []any{"routingType", "SKILLS_BASED"}, 400, "skillBasedRoutingType: should not be null or blank."},
		{queueRoute, false, []any{"callDistributionGroups", nil}, 400, "callDistributionGroups: at least one group with at least one team is needed"},
		{queueRoute, false, []any{"callDistributionGroups", list(object("order", 1, "agentGroups", list()))}, 400, "callDistributionGroups: at least one group with at least one team is needed"},
		{queueRoute, false, []any{"queueType", "OUTBOUND", "callDistributionGroups", list()}, 201, ""},
		{queueRoute, false, []any{"queueRoutingType", "SKILL_BASED"}, 400, "queueSkillRequirements: should not be null or blank."},
		{queueRoute, false, []any{"queueRoutingType", "AGENT_BASED"}, 400, "agents: should not be null or blank."},
		{queueRoute, false, []any{"personalizedAIRouting", object("aiRoutingMode", "ACTIVE")}, 400, "aiRoutingMode: cannot change from NONE to ACTIVE"},
		{queueRoute, false, []any{"serviceLevelThreshold", "30", "ccOneQueue", true}, 201, ""},
		{"entry-point", false, []any{"serviceLevelThreshold", 0}, 400, "serviceLevelThreshold: must be between 1 and"},
		{"entry-point", false, []any{"maximumActiveContacts", -1}, 400, "maximumActiveContacts: must be between 0 and"},
		{"entry-point", false, []any{"channelType", "SOCIAL_CHANNEL"}, 400, "socialChannelType: should not be null or blank."},
		{"entry-point", false, []any{"entryPointType", "OUTBOUND"}, 400, "outdialQueueId: should not be null or blank."},
		{"entry-point", true, []any{"channelType", "EMAIL"}, 400, "channelType: should be TELEPHONY for entryPointType OUTBOUND"},
		{"entry-point", true, []any{"outdialQueueId", stableUUID(orgA, queueRoute, "Queue-1")}, 400, "outdialQueueId: queueType of the queue should be OUTBOUND"},
		{"dial-number", false, []any{"location", nil, "regionId", nil}, 400, "location: should not be null or blank."},
		{"dial-number", false, []any{"regionId", nil, "dialledNumber", "+999"}, 400, "regionId: should not be null or blank."},
		{"dial-number", false, []any{"dialledNumber", "+999"}, 404, "Dialed number does not exist"},
		{"multimedia-profile", false, []any{"workItem", 0}, 400, "workItem is not allowed when feature flag is disabled"},
		{"multimedia-profile", false, []any{"blendingMode", "BLENDED_REALTIME", "chat", 0}, 400, "chat: must be between 1 and 5"},
		{"multimedia-profile", false, []any{"blendingMode", "BLENDED_REALTIME", "telephony", 0}, 400, "telephony: must be 1 for blendingMode BLENDED_REALTIME"},
		{"multimedia-profile", false, []any{"manuallyAssignable", object("telephony", 0, "chat", 0, "email", 0)}, 400, "social: should not be null or blank."},
		{"agent-profile", false, []any{"autoWrapUp", true}, 400, "autoWrapAfterSeconds should be specified when autoWrapUp is true"},
		{"agent-profile", false, []any{"parentType", "SITE"}, 400, "siteId: should not be null or blank."},
		{"agent-profile", false, []any{"agentDNValidation", "SPECIFIC", "agentDNValidationCriteria", nil}, 400, "agentDNValidationCriteria: should not be null or blank."},
		{"agent-profile", false, []any{"idleCodes", list(stableUUID(orgA, "auxiliary-code", "Sale"))}, 400, "idleCodes: work type code should be IDLE_CODE"},
		{"agent-profile", false, []any{"dialPlans", list("US", "any format")}, 201, ""},
		{"agent-profile", false, []any{"timeoutDesktopInactivityCustomEnabled", true}, 400, "timeoutDesktopInactivityMins: should not be null or blank."},
		{"agent-profile", false, []any{"viewableStatistics", object("accessQueueStats", "SPECIFIC", "accessTeamStats", "ALL")}, 400, "contactServiceQueues: should not be null or blank."},
		{"contact-number", false, []any{"number", "1234567890"}, 400, "number: should not be more than 9 characters"},
		{"business-hours", false, []any{"workingHours", list()}, 400, "Working hours cannot be empty"},
		{"business-hours", false, []any{"name", "Day & night"}, 400, "name: should only contain alphanumeric characters"},
		{"business-hours", false, []any{"workingHours", list(object("name", "Office", "days", "MON,TUE"))}, 400, "Bad payload: Cannot deserialize value of type `ArrayList` for days"},
		{"holiday-list", false, []any{"holidays", list()}, 400, "Holiday list cannot be empty"},
		{"holiday-list", false, []any{"holidays", list(object("name", "One", "frequency", "None"))}, 400, `Bad payload: Cannot deserialize value of frequency from String "None"`},
		{"holiday-list", false, []any{"holidays", list(object("name", "One", "frequency", "Yearly", "recurrence", object("interval", 1)))}, 400, "specificMonth: should not be null or blank."},
		{"holiday-list", false, []any{"holidays", list(object("name", "One", "frequency", "Monthly", "recurrence", object("interval", 1)))}, 400, "specificDayOfMonth or occurrenceInTheMonth"},
		{"holiday-list", false, []any{"holidays", list(object("name", "One", "frequency", "Weekly", "recurrence", object("interval", 1, "daysOfWeek", list("MON"))))}, 201, ""},
		{"overrides", false, []any{"overrides", list()}, 400, "Overrides cannot be empty"},
		{"overrides", false, []any{"overrides", list(object("name", "One", "workingHours", true, "description", "unknown")), "active", true}, 201, ""},
		{"cad-variable", false, []any{"agentViewable", true, "desktopLabel", nil}, 400, "desktopLabel: should not be null or blank."},
		{"cad-variable", false, []any{"variableType", "Integer", "defaultValue", "x"}, 400, "validDefaultValueForVariabelType"},
		{"cad-variable", false, []any{"variableType", "Boolean", "defaultValue", "x"}, 400, "validDefaultValueForVariabelType"},
		{"cad-variable", false, []any{"variableType", "Decimal", "defaultValue", "1.5"}, 200, ""},
		{"cad-variable", false, []any{"variableType", "DateTime", "defaultValue", "soon"}, 400, "validDefaultValueForVariabelType"},
		{"resource-collection", false, []any{"resources", nil}, 500, "Internal error"},
		{"resource-collection", false, []any{"resources", list(object("name", "site", "accessLevel", "ALL"))}, 400, "resources: missing resource types audio-prompt, working-hour, queue"},
		{"audio-file", false, []any{"name", "tone.mp3"}, 400, "name should have valid extension"},
		{"address-book", false, []any{"parentType", "SITE"}, 400, "siteId: should not be null or blank."},
		{"address-book", false, []any{"addressBookEntries", list(object("name", "A", "number", "abc"))}, 400, "number: must match"},
		{"outdial-ani", false, []any{"outdialANIEntries", nil}, 400, "outdialANIEntries: should not be null or blank."},
	} {
		t.Run(one.entity+" "+one.text, func(t *testing.T) {
			t.Parallel()
			s := newSampler(t)
			e := entities[one.entity]
			body := s.body(e, one.complete)
			for i := 0; i < len(one.changes); i += 2 {
				body[asText(one.changes[i])] = one.changes[i+1]
			}
			got := s.post(e, body).want(one.status)
			if one.text != "" && !strings.Contains(got.at(message), one.text) {
				t.Errorf("%s", got.raw)
			}
		})
	}
}

// Covers: 8.12, 8.24, 8.7, 8.9, 8.23
func TestRulesBetweenObjects(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	layouts := entities["desktop-layout"]
	body := s.body(layouts, true)
	s.post(layouts, body).want(201)
	s.post(layouts, with(maps.Clone(body), "name", "Another")).want(400).has(message, "Teams assigned "+s.sim.orgs[orgA].nameOf("team", asList(body["teamIds"])[0])+" already assigned to another desktop layout")
	collection := s.body(entities["resource-collection"], false)
	for i, name := range resourceNames {
		if name == "queue" {
			asList(collection["resources"])[i] = map[string]any{"name": name, "accessLevel": "NONE"}
		}
	}
	s.post(entities["resource-collection"], collection).want(400).has(message, "resources: access level of queue should not be NONE")
	// The mode of personalized routing goes round.
	queues := entities[queueRoute]
	queue := objectOf(t, s.post(queues, s.body(queues, false)).want(201))
	item := s.path(queues) + "/" + asText(queue["id"])
	for _, step := range []struct {
		mode   string
		status int
	}{{"EVALUATION", 200}, {"NONE", 400}, {"ACTIVE", 200}, {"EVALUATION", 400}, {"NONE", 200}} {
		queue["personalizedAIRouting"] = map[string]any{"aiRoutingMode": step.mode}
		s.a("PUT", item, queue).want(step.status)
	}
	s.a("PUT", strings.Replace(item, orgA+"/", orgA+"/v2/", 1), queue).want(200)
	s.a("POST", strings.Replace(s.path(queues), orgA+"/", orgA+"/v2/", 1), s.body(queues, false)).want(201).has("version", "1")
	s.a("POST", s.path(queues)+"/v2/bulk", items(save(1, s.body(queues, false)))).want(207).has("items.0.status", "201")
	// The first mapping is the tenant's default caller id.
	numbers := entities["dial-number"]
	first := s.post(numbers, s.body(numbers, false)).want(200).has("defaultAni", "true")
	if digits(first.at("dialledNumber")) != first.at("dialledNumberDigits") || first.at("entryPointName") == "" {
		t.Errorf("%s", first.raw)
	}
	s.post(numbers, s.body(numbers, false)).want(200).lacks("defaultAni")
	list := "/organization/" + orgA + "/v3/dial-number"
	s.a("GET", list, nil).want(200).lacks("data.0.entryPointName").has("meta.totalRecords", "2")
	if s.a("GET", list+"?includeEntryPointName=true&search=3512", nil).want(200).at("data.0.entryPointName") == "" {
		t.Error("the name of the entry point is missing")
	}
	s.a("GET", s.path(numbers)+"/numbers-only", nil).want(200)
	// An outdial ANI that shows a number keeps it from being removed.
	anis := entities["outdial-ani"]
	ani := s.post(anis, map[string]any{"name": "Main", "outdialANIEntries": []any{map[string]any{"name": "n", "number": first.at("dialledNumber")}}}).want(201)
	s.a("DELETE", s.path(numbers)+"/"+first.at("id"), nil).want(412).has("error.referencedEntities", `["outdial-ani"]`)
	s.a("DELETE", s.path(numbers), nil).want(412)
	s.a("DELETE", s.path(anis)+"/"+ani.at("id"), nil).want(204)
	s.a("DELETE", s.path(numbers), nil).want(200)
	s.a("GET", list, nil).has("meta.totalRecords", "0")
	variable := objectOf(t, s.post(entities["cad-variable"], s.body(entities["cad-variable"], false)).want(200))
	s.a("GET", "/organization/"+orgA+"/cad-variable/reportable-count", nil).want(200).has("reportableCount", "1")
	variable["name"] = "Renamed"
	s.a("PUT", s.path(entities["cad-variable"])+"/"+asText(variable["id"]), variable).want(400).has(message, "name: should not be modified")
}

// Covers: 5.1
func TestTheServerReordersSomeLists(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	teams := []any{s.put("team", nil), s.put("team", nil), s.put("team", nil), s.put("team", nil)}
	want := slices.Clone(teams)
	slices.SortFunc(want, func(a, b any) int { return strings.Compare(asText(a), asText(b)) })
	for range 2 {
		slices.Reverse(teams)
		layout := s.post(entities["desktop-layout"], with(s.body(entities["desktop-layout"], false), "teamIds", teams)).want(201)
		if got := objectOf(t, layout)["teamIds"]; !same(want, got) {
			t.Errorf("%v, want %v", got, want)
		}
		s.a("DELETE", s.path(entities["desktop-layout"])+"/"+layout.at("id"), nil).want(204)
	}
	ani := s.put("outdial-ani", map[string]any{"outdialANIEntries": []any{
		map[string]any{"name": "a", "number": "1"}, map[string]any{"name": "b", "number": "2"}, map[string]any{"name": "c", "number": "3"},
	}})
	ids := idsAt(objectOf(t, s.a("GET", "/organization/"+orgA+"/outdial-ani/"+ani, nil))["outdialANIEntries"], []string{"id"})
	if !slices.IsSorted(ids) || len(ids) != 3 {
		t.Errorf("entries %v", ids)
	}
}

// Covers: 8.19, 4.2, 5.4
func TestAudioFiles(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	e := entities["audio-file"]
	info := map[string]any{"name": "welcome.wav", "contentType": "AUDIO_WAV"}
	s.a("POST", s.path(e), info).want(500)
	form := func(infoType string, audio []byte, body any) result {
		content, contentType := audioForm(t, body, infoType, audio)
		return s.call("POST", s.path(e), headers{"Authorization": "Bearer " + tokenA, "Content-Type": contentType}, content)
	}
	form("", []byte("RIFF"), info).want(415)
	form("text/plain", []byte("RIFF"), info).want(415)
	form("application/json", nil, info).want(400).has(message, "Required part 'audioFile' is not present.")
	form("application/json", []byte("RIFF"), "{").want(400)
	created := form("application/json", []byte("RIFFdata"), info).want(200)
	blob := "/organization/" + orgA + "/blob/" + created.at("blobId")
	got := s.a("GET", blob, nil).want(200)
	if got.raw != "RIFFdata" || got.header.Get("Content-Type") != "" || !strings.HasPrefix(created.at("blobId"), "audio-file_") {
		t.Errorf("%q, %v", got.raw, got.header)
	}
	item := s.path(e) + "/" + created.at("id")
	s.a("PATCH", item, map[string]any{"description": "hello"}).want(200).has("description", "hello").has("name", "welcome.wav")
	s.a("PATCH", item, `[{"op":"replace"}]`).want(500)
	s.send("PUT", item, e, with(maps.Clone(info), "id", created.at("id"))).want(400).has(message, "blobId: invalid value")
	s.send("PUT", item, e, with(maps.Clone(info), "id", created.at("id"), "blobId", created.at("blobId"))).want(200).has("blobId", created.at("blobId"))
	if replaced := s.a("GET", blob, nil).want(200); replaced.raw != "RIFF" {
		t.Errorf("%q", replaced.raw)
	}
	saved := s.control("GET", "state", nil)
	s.a("DELETE", item, nil).want(200)
	s.a("GET", blob, nil).want(404)
	s.control("PUT", "state", saved.raw)
	if restored := s.a("GET", blob, nil).want(200); restored.raw != "RIFF" {
		t.Errorf("%q", restored.raw)
	}
}

// Covers: 8.20, 8.21, 8.22, 3.4
func TestCountsAndOrderOfSchedules(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	for _, name := range []string{"Bravo", "alpha", "Charlie"} {
		s.put("holiday-list", map[string]any{"name": name})
	}
	id := s.put("overrides", map[string]any{"overrides": []any{
		map[string]any{"name": "Late", "startDateTime": "2026-06-01T18:00", "workingHours": true},
		map[string]any{"name": "Early", "startDateTime": "2026-05-01T18:00", "workingHours": true},
	}})
	lists := "/organization/" + orgA + "/v2/holiday-list"
	if got := s.a("GET", lists+"?sort=name,asc", nil).want(200).names(); strings.Join(got, " ") != "alpha Bravo Charlie" {
		t.Errorf("%v", got)
	}
	if got := s.a("GET", lists+"?sort=name,desc", nil).want(200).names(); strings.Join(got, " ") != "Charlie Bravo alpha" {
		t.Errorf("%v", got)
	}
	s.a("GET", lists+"?sort=timezone,desc", nil).want(400)
	s.a("GET", lists, nil).lacks("data.0.holidaysCount")
	s.a("GET", lists+"?includeCount=true", nil).has("data.0.holidaysCount", "1")
	s.a("GET", codeList+"?sort=nonsense,desc", nil).want(200)
	s.a("GET", "/organization/"+orgA+"/v2/overrides?includeCount=true&includeLatestOverride=true", nil).want(200).
		has("data.0.id", id).has("data.0.overridesCount", "2").has("data.0.latestOverride.name", "Late")
	hours := s.put("business-hours", nil)
	s.a("GET", "/organization/"+orgA+"/business-hours/"+hours+"?includeCount=true", nil).has("workingHoursCount", "1")
}
