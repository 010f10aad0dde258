package simulator

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestLifeOfACode(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	created := h.a("POST", codePath, with(idle("Tea"), "description", "short", "shade", "green", "organizationId", "", "links", []any{}, "createdTime", 5)).want(201)
	id := created.at("id")
	created.has("version", "0").has("burnoutInclusion", "INCLUDED").has("isSystemCode", "false").lacks("systemDefault").
		has("links", "[]").has("organizationId", orgA).has("createdTime", strconv.FormatInt(h.clock.read().UnixMilli(), 10)).lacks("shade")
	if !uuidPattern.MatchString(id) {
		t.Errorf("id %q", id)
	}
	h.clock.add(time.Second)
	body := with(idle("Tea time"), "id", id, "active", false, "version", 99)
	updated := h.a("PUT", codePath+"/"+id, body).want(200).has("name", "Tea time").has("version", "1").has("active", "false")
	// PUT is a full replace: what the body leaves out is gone, and gone means absent.
	updated.lacks("description").has("createdTime", created.at("createdTime"))
	if strings.Contains(updated.raw, "null") || updated.at("lastUpdatedTime") == created.at("lastUpdatedTime") {
		t.Errorf("updated: %s", updated.raw)
	}
	if got := h.a("GET", codePath+"/"+id, nil).want(200); got.raw != updated.raw {
		t.Errorf("item %s, want %s", got.raw, updated.raw)
	}
	h.a("PUT", codePath+"/"+id, with(body, "description", "")).want(200)
	if got := h.a("GET", codePath+"/"+id, nil); !strings.Contains(got.raw, `"description":""`) {
		t.Errorf("an empty description is kept: %s", got.raw)
	}
	if gone := h.a("DELETE", codePath+"/"+id, nil).want(204); gone.raw != "" {
		t.Errorf("body %q", gone.raw)
	}
	h.a("GET", codePath+"/"+id, nil).want(404).has("error.key", "404").has(message, textNotFound)
	h.a("DELETE", codePath+"/"+id, nil).want(404)
	h.a("PUT", codePath+"/"+id, body).want(404)
}

func TestSuccessCodesOfWorkTypes(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	body := map[string]any{"name": "Breaks", "workTypeCode": "IDLE_CODE", "active": "true"}
	id := h.a("POST", typePath, body).want(200).has("active", "true").at("id")
	h.a("PUT", typePath+"/"+id, with(body, "id", id, "name", "Pauses")).want(200).has("name", "Pauses")
	h.a("DELETE", typePath+"/"+id, nil).want(200)
}

// Covers: 4.3, 4.1
func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	long := strings.Repeat("n", 81)
	for _, one := range []struct {
		name   string
		body   any
		status int
		text   string
	}{
		{"blank name", with(idle(" ")), 400, "name: should not be null or blank."},
		{"no name", with(idle(""), "name", nil), 400, "name: should not be null or blank."},
		{"long name", idle(long), 400, "name: size must be between 0 and 80"},
		{"characters of the name", idle("Tea & cake"), 400, `name: must match "^[a-zA-Z0-9._)\\/(\\-\\s]*$"`},
		{"long description", with(idle("Tea"), "description", strings.Repeat("d", 256)), 400, "description: size must be between 0 and 255"},
		{"no active", with(idle("Tea"), "active", nil), 400, "active: should not be null or blank."},
		{"wrong kind", with(idle("Tea"), "active", "perhaps"), 400, "Bad payload: Cannot deserialize value of type `boolean` for active from string value"},
		{"enum", with(idle("Tea"), "workTypeCode", "PAUSE"), 400, `Bad payload: Cannot deserialize value of workTypeCode from String "PAUSE": not one of the values accepted: [IDLE_CODE, WRAP_UP_CODE]`},
		{"unknown work type", with(idle("Tea"), "workTypeId", workType("none")), 400, "workTypeId: not found for given orgId."},
		{"other family", with(idle("Tea"), "workTypeId", workType("wrap-up")), 400, "workTypeId: work type code of the work type should be IDLE_CODE"},
		{"burnout of a wrap-up code", with(wrapUp("Tea"), "burnoutInclusion", "INCLUDED"), 400, "validBurnoutForWrapUpCode: burnoutInclusion should be NOT_APPLICABLE for wrap up codes"},
		{"id", with(idle("Tea"), "id", workType("none")), 400, "New configuration cannot have an id"},
		{"protected", with(idle("Tea"), "systemDefault", true), 403, "User not Allowed to create system default entity"},
		{"taken name", idle("cOFFEE bREAK"), 409, "Similar entity is already present"},
		{"no object", "[]", 400, "Bad payload: Cannot deserialize value: a JSON object is expected"},
		{"no JSON", `{"name"`, 400, "Bad payload: Cannot deserialize: unexpected EOF"},
	} {
		got := h.a("POST", codePath, one.body)
		if got.status != one.status || got.at(message) != one.text {
			t.Errorf("%s: %d %s", one.name, got.status, got.raw)
		}
		got.has("error.key", strconv.Itoa(one.status)).has("error.reason", one.text).has("error.message.0.entity", "cc_auxiliary_code")
	}
	several := h.a("POST", "/organization/"+orgA+"/site", map[string]any{"name": "Lisbon"}).want(400)
	several.has(message, "active: should not be null or blank.").has("error.message.1.description", "multimediaProfileId: should not be null or blank.")
	h.a("POST", codePath, with(wrapUp("Calm"), "burnoutInclusion", "NOT_APPLICABLE")).want(201)
	h.a("POST", codePath, with(wrapUp("Quiet"), "systemDefault", false, "id", "")).want(201).has("burnoutInclusion", "NOT_APPLICABLE")
}

// Covers: 4.3, 5.5
func TestRefusedUpdates(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	id := h.create(idle("Tea"))
	h.a("PUT", codePath+"/"+id, idle("Tea")).want(400).has(message, textIDMismatch)
	h.a("PUT", codePath+"/"+id, with(idle("Tea"), "id", workType("idle"))).want(400).has(message, textIDMismatch)
	h.a("PUT", codePath+"/"+id, with(wrapUp("Tea"), "id", id)).want(400).
		has(message, "workTypeCode: This configuration cannot be changed. Original value is IDLE_CODE")
	h.a("PUT", codePath+"/"+id, with(idle("Coffee break"), "id", id)).want(409)
	h.a("PUT", codePath+"/"+id, with(idle("TEA"), "id", id)).want(200)
	rona := stableUUID(orgA, "auxiliary-code", "RONA")
	h.a("PUT", codePath+"/"+rona, with(idle("Other"), "id", rona)).want(400).has(message, textSystemGenerated)
	h.a("DELETE", codePath+"/"+rona, nil).want(400).has(message, textSystemGenerated)
}

// Covers: 5.3
func TestStrictVersion(t *testing.T) {
	t.Parallel()
	h := start(t, Options{StrictVersion: true})
	id := h.create(idle("Tea"))
	h.a("PUT", codePath+"/"+id, with(idle("Tea"), "id", id, "version", "0")).want(200)
	h.a("PUT", codePath+"/"+id, with(idle("Tea"), "id", id, "version", 0)).want(409).has(message, textStaleVersion)
	h.a("PUT", codePath+"/"+id, with(idle("Tea"), "id", id)).want(200).has("version", "2")
}

// Covers: 8.13
func TestFirstCodeOfAFamilyIsDefault(t *testing.T) {
	t.Parallel()
	state := DemoState()
	state.Organizations[0].Objects["auxiliary-code"] = nil
	h := startWith(t, Options{}, state)
	h.a("POST", codePath, wrapUp("Done")).want(400).has(message, "defaultCode: the first code of a work type code should be the default")
	h.create(with(wrapUp("Done"), "defaultCode", true))
	h.create(wrapUp("Done again"))
}

// Covers: 5.1
func TestNumbersMayBeText(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	path := "/organization/" + orgA + "/agent-profile"
	h.a("POST", path, with(desk("Desk"), "autoWrapUp", true)).want(400).
		has(message, "autoWrapAfterSeconds should be specified when autoWrapUp is true")
	h.a("POST", path, with(desk("Desk"), "autoWrapUp", true, "autoWrapAfterSeconds", "30")).want(201).
		has("autoWrapAfterSeconds", "30")
	h.a("POST", path, with(desk("Other"), "autoWrapAfterSeconds", "soon")).want(400)
	h.a("POST", path, with(desk("Other"), "viewableStatistics", map[string]any{"agentStats": true, "accessQueueStats": "ALL"})).want(400).
		has(message, "accessTeamStats: should not be null or blank.")
}

// Covers: 6.3, 6.4, 7, 5.6
func TestReferences(t *testing.T) {
	t.Parallel()
	h := start(t, Options{})
	tea := h.create(idle("Tea"))
	path := codePath + "/" + tea
	h.a("GET", path+"/incoming-references", nil).want(200).has("data", "[]").has("meta.totalRecords", "0").has("meta.referencedEntities", "[]")
	profiles := "/organization/" + orgA + "/agent-profile"
	profile := h.a("POST", profiles, with(desk("Desk"), "accessIdleCode", "SPECIFIC", "idleCodes", []string{tea})).want(201).at("id")
	h.a("DELETE", path, nil).want(412).has("error.key", "412").has("error.referencedEntities", `["agent-profile"]`)
	h.a("GET", path+"/incoming-references", nil).want(200).has("description", "list of referenced entities").
		has("meta.currentEntity", "agent-profile").has("data.0.name", "Desk").has("data.0.id", profile).has("data.0.additionalAttributes", "{}")
	h.a("GET", path+"/incoming-references?type=site", nil).want(200).has("data", "[]").has("meta.referencedEntities", `["agent-profile"]`)
	h.a("GET", path+"/incoming-references?type=spoon", nil).want(400).has(message, textReferenceType)
	h.a("GET", codePath+"/"+profile+"/incoming-references", nil).want(404)
	// Nested lists are for the item only.
	h.a("GET", "/organization/"+orgA+"/v2/agent-profile?filter=name==Desk", nil).want(200).has("data.0.name", "Desk").lacks("data.0.idleCodes")
	h.a("GET", profiles+"/"+profile, nil).want(200).has("idleCodes.0", tea)
	h.a("PUT", profiles+"/"+profile, with(desk("Desk"), "id", profile)).want(200)
	h.a("DELETE", path, nil).want(204)
	h.a("POST", profiles, with(desk("Next"), "idleCodes", []string{tea})).want(400).has(message, "idleCodes: not found for given orgId.")
	h.a("POST", typePath+"/purge-inactive-entities", nil).want(403).has(message, textPurge)
}
