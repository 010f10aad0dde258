package simulator

import (
	"strings"
	"testing"
)

func save(identifier int, item map[string]any) map[string]any {
	return map[string]any{"itemIdentifier": identifier, "requestAction": "SAVE", "item": item}
}

func remove(identifier int, item map[string]any) map[string]any {
	return map[string]any{"itemIdentifier": identifier, "requestAction": "DELETE", "item": item}
}

func items(list ...map[string]any) map[string]any {
	return map[string]any{"items": append([]map[string]any{}, list...)}
}

func TestBulkOfAuxiliaryCodes(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	old := h.create(idle("Old"))
	kept := h.create(idle("Kept"))
	rona := stableUUID(orgA, "auxiliary-code", "RONA")
	got := h.a("POST", codePath+"/bulk", items(
		save(7, idle("New")),
		save(8, idle("NEW")),
		save(9, with(idle("Kept"), "id", kept)),
		remove(10, with(idle("Old"), "id", old)),
		remove(11, map[string]any{"id": kept}),
		remove(12, map[string]any{"id": kept, "organizationId": orgA, "name": "Kept"}),
		remove(13, with(idle("RONA"), "id", rona)),
		remove(14, with(idle("None"), "id", workType("none"))),
		save(15, map[string]any{"name": "Half"}),
	)).want(207)
	for i, want := range []struct{ identifier, status, operation, text string }{
		{"7", "201", "CREATE", ""},
		{"8", "409", "CREATE", textDuplicate},
		{"9", "400", "UPDATE", textIDOnCreate},
		{"10", "204", "DELETE", ""},
		{"11", "400", "DELETE", textSystemGenerated},
		{"12", "400", "DELETE", "defaultCode: should not be null or blank."},
		{"13", "400", "DELETE", textSystemGenerated},
		{"14", "404", "DELETE", textNotFound},
		{"15", "400", "CREATE", "defaultCode: should not be null or blank."},
	} {
		at := "items." + string(rune('0'+i)) + "."
		got.has(at+"itemIdentifier", want.identifier).has(at+"status", want.status).has(at+"operationType", want.operation)
		got.has(at+"apiError.error.message.0.description", want.text)
		if want.text == "" {
			if href := got.at(at + "href"); !strings.HasPrefix(href, "/api"+codePath+"/") {
				t.Errorf("href %q", href)
			}
			continue
		}
		got.has(at+"apiError.error.key", want.status)
		if !strings.HasPrefix(got.at(at+"apiError.trackingId"), "ccconfig_") {
			t.Errorf("item %d has no tracking id", i)
		}
	}
	id := strings.TrimPrefix(got.at("items.0.href"), "/api"+codePath+"/")
	h.a("GET", codePath+"/"+id, nil).want(200).has("name", "New")
	h.a("GET", codePath+"/"+old, nil).want(404)
	h.a("GET", codePath+"/"+kept, nil).want(200).has("version", "0")
	stats := h.sim.Stats()
	if route := stats.Routes["POST /organization/{orgid}/auxiliary-code/bulk"]; route.Count != 1 || route.Status["207"] != 1 || stats.Mutating != 3 {
		t.Errorf("stats %+v", stats)
	}
}

// Covers: 6.1, 5.4
func TestBulkPatch(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	id := h.create(with(idle("Tea"), "description", "hot"))
	other := h.create(with(idle("Milk"), "description", "cold"))
	got := h.a("PATCH", codePath+"/bulk", items(
		save(1, map[string]any{"id": id, "active": false}),
		map[string]any{"itemIdentifier": 2, "item": map[string]any{"id": other, "description": nil}},
		remove(3, map[string]any{"id": other}),
		save(4, map[string]any{"active": false}),
		save(5, map[string]any{"id": workType("none"), "active": false}),
		save(6, map[string]any{"id": id, "workTypeCode": "WRAP_UP_CODE"}),
		save(7, map[string]any{"id": stableUUID(orgA, "auxiliary-code", "RONA"), "active": false}),
	)).want(207)
	for i, status := range []string{"200", "200", "400", "400", "404", "400", "400"} {
		got.has("items."+string(rune('0'+i))+".status", status)
	}
	got.has("items.0.operationType", "UPDATE").has("items.2.apiError.error.message.0.description", textPatchAction)
	h.a("GET", codePath+"/"+id, nil).has("active", "false").has("description", "hot").has("version", "1").has("name", "Tea")
	h.a("GET", codePath+"/"+other, nil).lacks("description").has("active", "true")
}

// Covers: 6.1, 5.6
func TestBulkBlockedByReference(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	custom := h.a("POST", typePath, map[string]any{"name": "Breaks", "workTypeCode": "IDLE_CODE", "active": true}).want(200).at("id")
	h.create(with(idle("Tea"), "workTypeId", custom))
	record := map[string]any{"id": custom, "name": "Breaks", "workTypeCode": "IDLE_CODE", "active": true}
	h.a("POST", typePath+"/bulk", items(remove(1, record))).want(207).has("items.0.status", "412").
		has("items.0.apiError.error.referencedEntities", `["auxiliary-code"]`)
}

// Covers: 6.1
func TestBulkMatrix(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	// Work types take a full update by POST, sites take none.
	custom := h.a("POST", typePath, map[string]any{"name": "Breaks", "workTypeCode": "IDLE_CODE", "active": true}).want(200).at("id")
	record := map[string]any{"id": custom, "name": "Pauses", "workTypeCode": "IDLE_CODE", "active": true}
	h.a("POST", typePath+"/bulk", items(save(1, record), save(2, map[string]any{"id": custom, "name": "Half"}))).want(207).
		has("items.0.status", "200").has("items.0.operationType", "UPDATE").has("items.1.status", "400")
	sites := "/organization/" + orgA + "/site"
	site := map[string]any{"name": "Lisbon", "active": true, "multimediaProfileId": stableUUID(orgA, "multimedia-profile", "Default Telephony Profile")}
	id := h.a("POST", sites, site).want(201).at("id")
	h.a("POST", sites+"/bulk", items(save(1, with(site, "id", id)), remove(2, site))).want(207).
		has("items.0.status", "400").has("items.1.status", "204")
	h.a("PATCH", sites+"/bulk", items()).want(405)
}

// Covers: 6.1, 9
func TestBulkAsAWhole(t *testing.T) {
	t.Parallel()
	h := start(t, Options{MaxBulkItems: 2})
	h.a("POST", codePath+"/bulk", items()).want(207).has("items", "[]")
	h.a("POST", codePath+"/bulk", map[string]any{"items": []any{idle("Unwrapped")}}).want(400)
	h.a("POST", codePath+"/bulk", map[string]any{}).want(400)
	h.a("POST", codePath+"/bulk", "{").want(400)
	h.a("POST", codePath+"/bulk", items(map[string]any{"requestAction": "MOVE", "item": idle("A")})).want(400)
	h.a("POST", codePath+"/bulk", items(save(1, idle("A")), save(2, idle("B")), save(3, idle("C")))).want(400)
	h.a("GET", codeList, nil).has("meta.totalRecords", "4")
}
