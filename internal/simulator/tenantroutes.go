package simulator

import (
	"net/http"
	"strings"
)

// Routes beside the configuration objects that clients touch (contact-center reference 2.2 and 2.3).

// tenantRoute says which tenant this is.
const tenantRoute = "/organization/{orgid}"

func (s *Simulator) registerTenant() {
	for route, handle := range map[string]configHandler{
		"GET " + tenantRoute:                                           s.showTenant,
		"GET " + configPrefix + "v2/organization-setting":              s.rows(organizationSettings),
		"GET " + configPrefix + "v2/tenant-configuration":              s.rows(tenantConfiguration),
		"GET " + configPrefix + "v2/org-url-mapping":                   s.rows(urlMappings),
		"GET " + configPrefix + "v2/ai-feature":                        s.rows(aiFeatures),
		"GET " + configPrefix + "v2/greeting-purpose":                  s.rows(func(*tenant) []map[string]any { return nil }),
		"GET " + configPrefix + "blob/{blob}":                          s.showBlob,
		"GET " + configPrefix + "dial-number/numbers-only":             s.texts("dial-number", "dialledNumber"),
		"DELETE " + configPrefix + "dial-number":                       s.unmapNumbers,
		"GET " + configPrefix + "contact-number/all-numbers":           s.texts("contact-number", "number"),
		"GET " + configPrefix + "cad-variable/reportable-count":        s.countReportable,
		"GET " + configPrefix + "v3/user-profile/{id}/acl":             s.showAccess,
		"GET " + configPrefix + "user-profile/{id}":                    s.showOldProfile,
		"POST " + configPrefix + "resource-collection/update-resource": s.updateResource,
	} {
		s.router.add(route, s.configuration(handle))
	}
	for _, base := range []string{configPrefix + "user-profile", configPrefix + "v2/user-profile"} {
		s.router.add("POST "+base, s.configuration(decommissioned))
		s.router.add("PUT "+base+"/{id}", s.configuration(decommissioned))
		s.router.add("DELETE "+base+"/{id}", s.configuration(decommissioned))
	}
	s.router.add("GET /api/global/telephony-region", s.telephonyRegions)
}

func (s *Simulator) showTenant(_ *call, t *tenant) answer {
	return reply(http.StatusOK, map[string]any{
		"id": t.info.ID, "name": t.info.Name, "tenantId": t.info.ID, "timezone": t.info.TimeZone,
		"environment": "production", "subscriptionType": "PREMIUM",
	})
}

// rows answers with an envelope around a few rows that no client can change.
func (s *Simulator) rows(of func(*tenant) []map[string]any) configHandler {
	return func(c *call, t *tenant) answer {
		w, wrong := s.window(c)
		if wrong != nil {
			return configError(c, nil, wrong)
		}
		rows := of(t)
		for _, row := range rows {
			row["organizationId"], row["links"] = t.info.ID, []any{}
		}
		data := append([]map[string]any{}, rows...)
		return reply(http.StatusOK, map[string]any{"meta": s.meta(c, w, t.info.ID, len(rows)), "data": data})
	}
}

func organizationSettings(t *tenant) []map[string]any {
	return []map[string]any{{
		"id": stableUUID(t.info.ID, "organization-setting"), "campaignManagerEnabled": false, "webRtcEnabled": true,
		"maskSensitiveData": false,
	}}
}

func tenantConfiguration(t *tenant) []map[string]any {
	return []map[string]any{{
		"id": stableUUID(t.info.ID, "tenant-configuration"), "timeoutDesktopInactivityEnabled": false, "timeoutDesktopInactivityMins": 15,
		"forceDefaultDn": false, "dnDefaultRegex": "([0-9a-zA-Z]+[-._])*[0-9a-zA-Z]+", "dnOtherRegex": "([0-9a-zA-Z]+[-._])*[0-9a-zA-Z]+",
		"privacyShieldVisible": true, "outdialEnabled": true, "endCallEnabled": true, "endConsultEnabled": true,
		"callVariablesSuppressed": false, "lostConnectionRecoveryTimeout": 120000,
	}}
}

func urlMappings(t *tenant) []map[string]any {
	return []map[string]any{
		{"id": stableUUID(t.info.ID, "url", "api"), "name": "ACQUEON_API_URL", "url": "https://campaigns.example.com/api"},
		{"id": stableUUID(t.info.ID, "url", "console"), "name": "ACQUEON_CONSOLE_URL", "url": "https://campaigns.example.com/console"},
	}
}

func aiFeatures(t *tenant) []map[string]any {
	off := func() map[string]any { return map[string]any{"enable": false} }
	wellbeing := map[string]any{"enable": false, "agentInclusionType": "ALL", "wellnessBreakReminders": "DISABLED"}
	return []map[string]any{{
		"id": stableUUID(t.info.ID, "ai-feature"), "realtimeTranscripts": off(), "suggestedResponses": off(), "agentWellbeing": wellbeing,
		"autoCSAT": off(), "coachingInsights": off(), "evaluationsAndAnalytics": off(), "sentimentAnalysis": off(), "predictedWaitTime": off(),
	}}
}

// telephonyRegions belong to no organization.
func (s *Simulator) telephonyRegions(c *call) answer {
	if refused := s.refuseContactCenter(c); refused != nil {
		return *refused
	}
	rows := []any{}
	for _, name := range []string{"Default US Region", "Default EU Region", "Default APAC Region"} {
		rows = append(rows, map[string]any{"id": stableUUID("telephony-region", name), "name": name})
	}
	return reply(http.StatusOK, map[string]any{"data": rows})
}

// texts answers with one field of all objects as a bare array.
func (s *Simulator) texts(route, field string) configHandler {
	return func(_ *call, t *tenant) answer {
		t.mu.RLock()
		defer t.mu.RUnlock()
		out := []string{}
		for _, one := range t.collection(route).order {
			if value := asText(one.fields[field]); value != "" {
				out = append(out, value)
			}
		}
		return reply(http.StatusOK, out)
	}
}

// unmapNumbers removes every mapping of a dial number that nothing refers to.
func (s *Simulator) unmapNumbers(c *call, t *tenant) answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := entities["dial-number"]
	w := s.writer(c, t, e)
	for _, one := range append([]*record{}, w.in.order...) {
		if types := t.referringTypes(objectKey{e.route, one.id}); len(types) > 0 {
			return configError(c, e, &refusal{status: http.StatusPreconditionFailed, messages: []string{textReferenced}, referenced: types})
		}
	}
	for len(w.in.order) > 0 {
		t.remove(w.in, w.in.order[len(w.in.order)-1])
	}
	return empty(http.StatusOK)
}

func (s *Simulator) countReportable(_ *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return reply(http.StatusOK, map[string]any{"reportableCount": t.collection("cad-variable").counts["reportable"]})
}

func decommissioned(c *call, _ *tenant) answer {
	return configError(c, entities["user-profile"], invalid("v2 user profile is decommissioned for this organization"))
}

// showOldProfile answers in the schema that user profiles had before.
func (s *Simulator) showOldProfile(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	found := t.collection("user-profile").get(c.params["id"])
	if found == nil {
		return configError(c, entities["user-profile"], refuse(http.StatusNotFound, textNotFound))
	}
	return reply(http.StatusOK, oldUserProfile(found))
}

func oldUserProfile(r *record) map[string]any {
	out := map[string]any{"links": []any{}}
	for _, name := range []string{
		"organizationId", "id", "version", "name", "description", "profileType", "active", "editableFolderIds", "viewableFolderIds",
		"nonViewableFolderIds", "systemDefault", "createdTime", "lastUpdatedTime",
	} {
		if value, has := r.fields[name]; has {
			out[name] = value
		}
	}
	out["accessAllModules"] = r.fields["permissionAccessLevel"]
	for _, name := range []string{"accessAllEntryPoints", "accessAllSites", "accessAllQueues", "accessAllTeams"} {
		out[name] = r.fields["resourceAccessLevel"]
	}
	for _, name := range []string{"userProfileAppModules", "entryPoints", "sites", "queues", "teams"} {
		out[name] = []any{}
	}
	return out
}

// showAccess answers with the profile and the resources of its collections.
func (s *Simulator) showAccess(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	e := entities["user-profile"]
	found := t.collection(e.route).get(c.params["id"])
	if found == nil {
		return configError(c, e, refuse(http.StatusNotFound, textNotFound))
	}
	out := merge(found.fields, map[string]any{"links": []any{}, "systemDefault": nil})
	resources := []any{}
	for _, id := range idsAt(found.fields["resourceCollections"], []string{"id"}) {
		if collection := t.collection("resource-collection").get(id); collection != nil {
			resources = append(resources, asList(collection.fields["resources"])...)
		}
	}
	out["resources"] = resources
	return reply(http.StatusOK, out)
}

// updateResource attaches one object to resource collections.
func (s *Simulator) updateResource(c *call, t *tenant) answer {
	var wanted struct {
		Type        string `json:"resourceType"`
		ID          string `json:"resourceId"`
		Collections []struct {
			ID string `json:"id"`
		} `json:"resourceCollections"`
	}
	e := entities["resource-collection"]
	if wrong := decodeInto(c.body, &wanted); wrong != nil {
		return configError(c, e, wrong)
	}
	if resourceRoutes[wanted.Type] == "" {
		return configError(c, e, invalid("resourceType: invalid value"))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	w := s.writer(c, t, e)
	out := []any{}
	for _, one := range wanted.Collections {
		status, wrong := http.StatusOK, w.attach(one.ID, wanted.Type, wanted.ID)
		row := map[string]any{"id": one.ID, "resourceType": wanted.Type}
		if wrong != nil {
			status = wrong.status
			row["apiError"] = apiError("ccconfig_"+newUUID(), e.label, wrong)
		}
		row["status"] = status
		out = append(out, row)
	}
	return reply(http.StatusCreated, map[string]any{"response": out})
}

func (w *writer) attach(collection, resourceType, id string) *refusal {
	found := w.in.get(collection)
	if found == nil {
		return refuse(http.StatusNotFound, textNotFound)
	}
	body, _ := deepCopy(found.fields).(map[string]any)
	for _, element := range asList(body["resources"]) {
		if fields := asObject(element); fields["name"] == resourceType {
			fields["accessLevel"] = specific
			fields["ids"] = append(asList(fields["ids"]), strings.ToLower(id))
		}
	}
	_, wrong := w.update(found.id, body)
	return wrong
}
