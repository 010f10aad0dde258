package simulator

import (
	"strings"
	"testing"
	"time"
)

// What real tenants were seen to do although the published documentation says otherwise.

// TestRowsOfSchedulesCarryTheirArrays: business hours, holiday lists and overrides are listed as their items are.
//
// Covers: 3.4, 8.20, 8.21, 8.22
func TestRowsOfSchedulesCarryTheirArrays(t *testing.T) {
	t.Parallel()
	for route, array := range map[string]string{"business-hours": "workingHours", "holiday-list": "holidays", "overrides": "overrides"} {
		s := newSampler(t)
		e := entities[route]
		id := s.post(e, s.body(e, true)).want(201).at("id")
		item := objectOf(t, s.a("GET", s.path(e)+"/"+id, nil).want(200))
		for _, list := range []string{"", "v2/"} {
			rows := s.a("GET", "/organization/"+orgA+"/"+list+route+"?filter=id=="+id, nil).want(200)
			at := "data.0."
			if list == "" {
				at = "0."
			}
			if got := rows.at(at + array); got == "" || !same(item[array], mustDecode(t, got)) {
				t.Errorf("%s%s: the row has %s, the item %v", list, route, got, item[array])
			}
		}
	}
}

func mustDecode(t *testing.T, text string) any {
	t.Helper()
	value, err := decodeJSON([]byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return value
}

// TestWhatPeopleMakeLacksSystemDefault: only the service's own objects have the field, whatever was sent.
//
// Covers: 5.5
func TestWhatPeopleMakeLacksSystemDefault(t *testing.T) {
	t.Parallel()
	for _, e := range entityOrder {
		if len(e.paths) == 0 || !e.paths[0].create || !e.systemDefault {
			continue
		}
		s := newSampler(t)
		made := s.post(e, with(s.body(e, false), "systemDefault", false)).want(e.created).lacks("systemDefault")
		item := s.path(e) + "/" + made.at("id")
		s.a("GET", item, nil).want(200).lacks("systemDefault")
		for id := range s.sim.orgs[orgA].collections[e.route].byID {
			if got := s.a("GET", s.path(e)+"/"+id, nil).at("systemDefault"); got != "" && got != "true" {
				t.Errorf("%s %s: systemDefault %s", e.route, id, got)
			}
		}
	}
}

// TestCodesOfAFreshTenantAreProtected: Meeting and Sale are system objects as RONA is.
//
// Covers: 5.5, 8.13
func TestCodesOfAFreshTenantAreProtected(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	for _, name := range []string{"RONA", "Meeting", "Sale"} {
		path := codePath + "/" + stableUUID(orgA, "auxiliary-code", name)
		code := h.a("GET", path, nil).want(200).has("systemDefault", "true").has("isSystemCode", "true")
		body := objectOf(t, code)
		body["description"] = "ours"
		h.a("PUT", path, body).want(400).has(message, textSystemGenerated)
		h.a("PATCH", codePath+"/bulk", items(save(1, body))).want(207).has("items.0.status", "400")
		h.a("DELETE", path, nil).want(400).has(message, textSystemGenerated)
		h.a("POST", codePath+"/bulk", items(remove(1, body))).want(207).has("items.0.status", "400")
	}
}

// TestRowsOfWorkTypes: always a description, neither organizationId nor version, and times in whole seconds.
//
// Covers: 8.14, 5.2
func TestRowsOfWorkTypes(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	h.clock.add(345 * time.Millisecond)
	item := h.a("POST", typePath, map[string]any{"name": "Breaks", "workTypeCode": "IDLE_CODE", "active": true}).want(200)
	item.has("organizationId", orgA).has("version", "0").lacks("description")
	rows := h.a("GET", "/organization/"+orgA+"/v2/work-type?filter=name==Breaks", nil).want(200)
	rows.has("meta.totalRecords", "1").lacks("data.0.organizationId").lacks("data.0.version").has("data.0.links", "[]")
	if !strings.Contains(rows.raw, `"description":""`) {
		t.Errorf("no description in %s", rows.raw)
	}
	for _, name := range []string{"createdTime", "lastUpdatedTime"} {
		stored := item.at(name)
		if !strings.HasSuffix(stored, "345") {
			t.Fatalf("%s of the item is %s", name, stored)
		}
		rows.has("data.0."+name, strings.TrimSuffix(stored, "345")+"000")
	}
	h.a("GET", "/organization/"+orgA+"/v2/work-type?attributes=name,version,createdTime&filter=name==Breaks", nil).want(200).
		has("data.0.createdTime", rows.at("data.0.createdTime")).lacks("data.0.version")
}

// TestTheDefaultOfAFamilyMoves: one code of a family is the default; making another one so takes the mark away, also from
// a protected code, and only in its own family.
//
// Covers: 8.13, 9
func TestTheDefaultOfAFamilyMoves(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	defaults := func(family string) string {
		return strings.Join(h.a("GET", codeList+"?filter=workTypeCode=="+family+";defaultCode==true", nil).want(200).names(), ",")
	}
	first := h.create(with(idle("First"), "defaultCode", true))
	if got := defaults("IDLE_CODE"); got != "First" {
		t.Errorf("after a create: %s", got)
	}
	second := h.create(idle("Second"))
	h.a("PATCH", codePath+"/bulk", items(save(1, map[string]any{"id": second, "defaultCode": true}))).want(207).has("items.0.status", "200")
	if got := defaults("IDLE_CODE"); got != "Second" {
		t.Errorf("after a partial update: %s", got)
	}
	h.a("PUT", codePath+"/"+first, with(idle("First"), "id", first, "defaultCode", true)).want(200)
	if got := defaults("IDLE_CODE") + "," + defaults("WRAP_UP_CODE"); got != "First,Sale" {
		t.Errorf("after a full update: %s", got)
	}
}
