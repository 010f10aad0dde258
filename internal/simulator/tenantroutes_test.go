package simulator

import (
	"strings"
	"testing"
)

// Covers: 2.3, 5.5
func TestRoutesBesideTheConfiguration(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	base := "/organization/" + orgA
	s.a("GET", base+"/v2/organization-setting?agentView=true", nil).want(200).has("data.0.webRtcEnabled", "true")
	s.a("GET", base+"/v2/tenant-configuration?agentView=true", nil).want(200).has("data.0.endCallEnabled", "true")
	s.a("GET", base+"/v2/org-url-mapping?sort=name,ASC", nil).want(200).has("data.0.name", "ACQUEON_API_URL")
	s.a("GET", base+"/v2/ai-feature?page=0&pageSize=100", nil).want(200).has("data.0.autoCSAT.enable", "false")
	s.a("GET", base+"/v2/greeting-purpose", nil).want(200).has("data", "[]")
	s.a("GET", base+"/dial-plan?agentView=true", nil).want(200).has("1.systemDefault", "true")
	s.a("GET", "/api/global/telephony-region", nil).want(200).has("data.0.name", "Default US Region")
	s.call("GET", "/api/global/telephony-region", nil, nil).want(400)
	s.put("contact-number", map[string]any{"number": "5550199"})
	s.a("GET", base+"/contact-number/all-numbers", nil).want(200).has("0", "5550199")
}

// Covers: 5.5, 2.2
func TestFreshTenant(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	for entity, want := range map[string]int{
		"site": 1, "team": 1, queueRoute: 2, "auxiliary-code": 3, "work-type": 2, "dial-plan": 2, "multimedia-profile": 3, "agent-profile": 5,
		"desktop-layout": 1, "user": 0,
	} {
		got := h.call("GET", "/organization/"+orgB+"/v2/"+entity, bearerOf(tokenB), nil).want(200)
		got.has("meta.totalRecords", string(rune('0'+want)))
	}
	h.call("GET", "/organization/"+orgB+"/v3/user-profile", bearerOf(tokenB), nil).want(200).has("meta.totalRecords", "8")
	h.a("GET", "/organization/"+orgA+"/v2/entry-point", nil).want(200).has("data", "[]")
	h.a("GET", "/organization/"+orgA+"/v2/entry-point?channelTypes=TELEPHONY", nil).want(200).has("data.0.systemInternal", "true")
	h.a("GET", "/organization/"+orgA+"/v2/entry-point?channelTypes=EMAIL", nil).want(200).has("data", "[]")
}

// Covers: 2.1, 8.4
func TestUserProfilesHaveTwoSchemas(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	id := s.put("user-profile", map[string]any{"resourceAccessLevel": "SPECIFIC", "resourceCollections": []any{
		map[string]any{"id": s.put("resource-collection", map[string]any{"name": "Iberia"})},
	}})
	base := "/organization/" + orgA
	s.a("GET", base+"/v3/user-profile/"+id, nil).want(200).has("resourceCollections.0.name", "Iberia")
	s.a("GET", base+"/user-profile/"+id, nil).want(200).has("accessAllSites", "SPECIFIC").lacks("permissions")
	s.a("GET", base+"/user-profile/nobody", nil).want(404)
	s.a("GET", base+"/v3/user-profile/"+id+"/acl", nil).want(200).has("resources.12.accessLevel", "SPECIFIC").has("resourceAccessLevel", "SPECIFIC")
	s.a("GET", base+"/v3/user-profile/nobody/acl", nil).want(404)
	for _, path := range []string{"/user-profile", "/v2/user-profile"} {
		s.a("POST", base+path, map[string]any{}).want(400).has(message, "v2 user profile is decommissioned for this organization")
		s.a("PUT", base+path+"/"+id, map[string]any{}).want(400)
	}
	s.a("GET", base+"/user-profile/"+id+"/incoming-references", nil).want(200)
	// One object is attached to collections by a route of its own.
	collection := s.put("resource-collection", nil)
	site := s.put("site", nil)
	s.a("POST", base+"/resource-collection/update-resource", map[string]any{
		"resourceType": "site", "resourceId": site, "resourceCollections": []any{map[string]any{"id": collection}, map[string]any{"id": "nobody"}},
	}).want(201).has("response.0.status", "200").has("response.1.status", "404")
	s.a("GET", base+"/resource-collection/"+collection, nil).has("resources.12.ids.1", site).has("resourceCount", "2")
	s.a("GET", base+"/v2/resource-collection?filter=id=="+collection, nil).has("data.0.resourceCount", "2").lacks("data.0.resources")
	s.a("POST", base+"/resource-collection/update-resource", map[string]any{"resourceType": "spoon"}).want(400)
}

// Covers: 8.25, 7
func TestFlows(t *testing.T) {
	t.Parallel()
	s := newSampler(t)
	queue := s.put(queueRoute, nil)
	document := map[string]any{"name": "MainLine", "description": "calls", "nodes": []any{map[string]any{"queue": queue}}}
	store := "/flow-store/" + orgA + "/project/" + flowProject
	created := s.a("POST", store+"/flows:import?overwrite=no&flowType=FLOW", document).want(201).has("status", "Draft").has("version", "1")
	id := created.at("id")
	if len(id) != 24 {
		t.Errorf("id %s", id)
	}
	s.a("POST", store+"/flows:import", document).want(409)
	content := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"flow.json\"\r\nContent-Type: application/octet-stream\r\n\r\n" +
		`{"name":"MainLine","description":"more","nodes":[{"queue":"` + queue + `"}]}` + "\r\n--x--\r\n"
	form := headers{"Authorization": "Bearer " + tokenA, "Content-Type": "multipart/form-data; boundary=x"}
	s.call("POST", store+"/flows:import?overwrite=yes", form, content).want(201).has("id", id).has("version", "2")
	s.call("POST", store+"/flows:import", form, "--x--\r\n").want(400)
	s.a("POST", store+"/flows:import", `{"nodes":[]}`).want(400)
	s.a("POST", store+"/flows/"+id+":publish", map[string]any{"comment": "first", "tagIds": []any{"Live"}}).want(200).
		has("status", "Published").has("tags.0.id", "Live").has("tags.0.versionNumber", "2")
	s.a("POST", store+"/flows/nobody:publish", map[string]any{}).want(404)
	bare := "/" + orgA + "/project/" + flowProject
	for _, base := range []string{store, bare} {
		s.a("GET", base+"/flows?partialNameSearch=line&size=1", nil).want(200).has("0.id", id).has("0.description", "more").lacks("1")
		s.a("GET", base+"/flows?flowType=SUBFLOW", nil).want(200).lacks("0")
		s.a("GET", base+"/flows?ids="+id+"&includePagination=true", nil).want(200).has("data.0.id", id).has("pageInfo.totalRecords", "1")
		s.a("GET", base+"/flows/"+id+":export", nil).want(200).has("nodes.0.queue", queue).has("projectId", flowProject).has("edges", "[]")
		s.a("GET", base+"/v2/flows/"+id+":export?version=latest", nil).want(200)
		s.a("GET", base+"/flows/"+id+":export?version=99", nil).want(404)
	}
	s.a("GET", strings.Replace(store, flowProject, "5e5c9ad6d61f870d6d778c1c", 1)+"/flows", nil).want(200).lacks("0")
	s.call("GET", store+"/flows", bearerOf(tokenB), nil).want(403)
	// What a flow uses cannot be deleted.
	s.a("DELETE", "/organization/"+orgA+"/"+queueRoute+"/"+queue, nil).want(412).has("error.referencedEntities", `["flow"]`)
	s.a("GET", "/organization/"+orgA+"/"+queueRoute+"/"+queue+"/incoming-references", nil).has("data.0.id", id).has("meta.currentEntity", "flow")
	functions := "/v1/" + orgA + "/functions"
	made := s.a("POST", functions+":import", map[string]any{"name": "rate"}).want(201).at("id")
	s.a("GET", functions, nil).want(200).has("data.0.name", "rate").has("pageInfo.totalRecords", "1")
	s.a("POST", functions+"/"+made+":export", nil).want(200).has("name", "rate")
	s.a("POST", functions+"/nobody:export", nil).want(404)
}

const defaultIdleCodes = "?filter=workTypeCode==IDLE_CODE;defaultCode==true"

// Covers: 9
func TestUnknownsCanBeSettled(t *testing.T) {
	t.Parallel()
	settled := func(u Unknowns) *sampler { return startSampler(t, Options{Unknowns: u}) }
	another := func(s *sampler) result {
		return s.a("POST", codePath, with(idle("Second default"), "defaultCode", true))
	}
	free := settled(Unknowns{DefaultCodes: DefaultCodesFree})
	another(free).want(201)
	free.a("GET", codeList+defaultIdleCodes, nil).has("meta.totalRecords", "2")
	another(settled(Unknowns{DefaultCodes: DefaultCodesRefuse})).want(400).has(message, "defaultCode: a default code exists already")
	moved := settled(Unknowns{})
	another(moved).want(201)
	moved.a("GET", codeList+defaultIdleCodes, nil).has("meta.totalRecords", "1").has("data.0.name", "Second default")
	settled(Unknowns{BulkSuccessStatus: 200}).a("POST", codePath+"/bulk", items(save(1, idle("Tea")))).has("items.0.status", "200")
	settled(Unknowns{EmptyListHasPage: true}).a("GET", codeList+"?filter=name==nobody", nil).has("meta.totalPages", "1")
	settled(Unknowns{MaxObjects: 1}).a("POST", codePath, idle("Tea")).want(400).has(message, textTooMany)
	blocked := settled(Unknowns{DeactivationBlocked: true})
	skill := objectOf(t, blocked.a("GET", "/organization/"+orgA+"/skill/"+blocked.put("skill", map[string]any{"skillType": "TEXT"}), nil))
	blocked.put("skill-profile", map[string]any{"activeSkills": []any{map[string]any{"skillId": skill["id"], "textValue": "x"}}})
	blocked.a("PUT", "/organization/"+orgA+"/skill/"+asText(skill["id"]), with(skill, "active", false)).want(412).has("error.referencedEntities", `["skill-profile"]`)
	touched := settled(Unknowns{EntriesTouchParent: true})
	book := "/organization/" + orgA + "/address-book/" + touched.put("address-book", nil)
	touched.a("POST", book+"/entry", map[string]any{"name": "A", "number": "1"}).want(201)
	touched.a("GET", book, nil).has("version", "1")
	sorted := settled(Unknowns{SortEverywhere: true}).a("GET", codeList+"?sort=name,desc", nil).names()
	if strings.Join(sorted, ",") != "Sale,RONA,Meeting,Coffee Break" {
		t.Errorf("%v", sorted)
	}
	dto := settled(Unknowns{AcceptQueryDTO: true})
	dto.a("POST", "/organization/"+orgA+"/skill?payloadDTO=%7B%22name%22%3A%22A%22%2C%22active%22%3Atrue%2C%22skillType%22%3A%22TEXT%22%2C%22serviceLevelThreshold%22%3A1%7D", nil).want(201)
	settled(Unknowns{}).a("POST", "/organization/"+orgA+"/skill?payloadDTO=%7B%7D", nil).want(400)
	variables := settled(Unknowns{AllowVariableRename: true, MaxReportableVariables: 1})
	variable := objectOf(t, variables.a("GET", "/organization/"+orgA+"/cad-variable/"+variables.put("cad-variable", nil), nil))
	variables.a("PUT", "/organization/"+orgA+"/cad-variable/"+asText(variable["id"]), with(variable, "name", "Renamed")).want(200)
	variables.post(entities["cad-variable"], variables.body(entities["cad-variable"], false)).want(400).has(message, "reportable: maximum number of reportable variables is reached")
	late := settled(Unknowns{RefuseFlowOnCreate: true})
	late.post(entities["entry-point"], late.body(entities["entry-point"], true)).want(500)
}
