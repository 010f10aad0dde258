package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/textproto"
	"slices"
	"strings"
	"testing"
)

// audioForm is a multipart body with the two parts of an audio file.
func audioForm(t *testing.T, info any, infoType string, audio []byte) (content, contentType string) {
	t.Helper()
	encoded, isText := info.(string)
	if !isText {
		raw, err := json.Marshal(info)
		if err != nil {
			t.Fatal(err)
		}
		encoded = string(raw)
	}
	var buffer bytes.Buffer
	form := multipart.NewWriter(&buffer)
	part := func(name, file, kind string, body []byte) {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", name) + file}}
		if kind != "" {
			header.Set("Content-Type", kind)
		}
		writer, err := form.CreatePart(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := writer.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	part(infoPart, "", infoType, []byte(encoded))
	if audio != nil {
		part(audioPart, `; filename="tone.wav"`, "audio/wav", audio)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.String(), form.FormDataContentType()
}

// TestEveryEntity leads each entity through its life, by nothing but its description.
//
// Covers: 1.2, 2.1, 2.2, 3.1, 3.2, 3.4, 4.1, 4.2, 4.3, 5.1, 5.2, 5.3, 5.6, 6.1, 6.2, 6.3, 6.4, 7, 8
func TestEveryEntity(t *testing.T) {
	t.Parallel()
	for _, e := range entityOrder {
		if len(e.paths) == 0 || !e.paths[0].create {
			continue
		}
		for name, check := range map[string]func(*testing.T, *entity){
			"create minimal": createMinimal, "create full": createFull, "list": listEntity, "replace": replaceEntity,
			"nested ids": nestedIDs, "refused values": refusedValues, "unknown references": unknownReferencesRefused,
			"immutable fields": immutableFields, "references block": referencesBlock, "bulk": bulkOfEntity, "delete": deleteEntity,
			"names": duplicateNames, "export": exportEntity, "entries": entriesOfEntity, "wrong routes": wrongRoutes,
		} {
			t.Run(e.route+"/"+name, func(t *testing.T) {
				t.Parallel()
				check(t, e)
			})
		}
	}
}

func newSampler(t *testing.T) *sampler { return startSampler(t, Options{}) }

// same compares JSON values without regard to what the server adds to objects.
func same(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for name, value := range w {
			ok = ok && same(value, g[name])
		}
		return ok
	case []any:
		g, ok := got.([]any)
		ok = ok && len(g) == len(w)
		for i := range w {
			ok = ok && same(w[i], g[i])
		}
		return ok
	default:
		return fmt.Sprint(want) == fmt.Sprint(got)
	}
}

func objectOf(t *testing.T, r result) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(r.raw), &out); err != nil {
		t.Fatalf("%v in %s", err, r.raw)
	}
	return out
}

func createMinimal(t *testing.T, e *entity) {
	s := newSampler(t)
	body := s.body(e, false)
	created := s.post(e, body).want(e.created)
	got := objectOf(t, created)
	if !same(body, got) {
		t.Errorf("sent %v, got %s", body, created.raw)
	}
	for _, f := range writable(e.fields) {
		if _, given := body[f.name]; !given && f.defaultValue == nil && got[f.name] != nil && f.name != "burnoutInclusion" && f.name != "timezone" && f.name != "defaultAni" {
			t.Errorf("%s = %v appears from nowhere", f.name, got[f.name])
		}
	}
	created.has("links", "[]").has("createdTime", created.at("lastUpdatedTime"))
	if _, shown := got["version"]; shown == e.bare {
		t.Errorf("version is shown: %v", shown)
	}
	item := s.a("GET", s.path(e)+"/"+created.at("id"), nil).want(200)
	if !same(got, objectOf(t, item)) {
		t.Errorf("created %s, read %s", created.raw, item.raw)
	}
	if strings.Contains(item.raw, ":null") {
		t.Errorf("null in %s", item.raw)
	}
	s.post(e, with(maps.Clone(body), "id", created.at("id"))).want(400).has(message, textIDOnCreate)
	if e.systemDefault {
		s.post(e, with(maps.Clone(body), "systemDefault", true)).want(403).has(message, textSystemCreate)
	}
	s.a("GET", s.path(e)+"/"+workType("none"), nil).want(404).has("error.key", "404").has("error.message.0.entity", e.label)
}

func createFull(t *testing.T, e *entity) {
	s := newSampler(t)
	body := s.body(e, true)
	body["shade"], body["organizationId"], body["systemDefault"] = "green", "", false
	created := s.post(e, body).want(e.created).lacks("shade")
	got := objectOf(t, created)
	for _, f := range writable(e.fields) {
		if want, given := body[f.name]; given && !same(want, got[f.name]) {
			t.Errorf("%s: sent %v, got %v", f.name, want, got[f.name])
		}
	}
	// Numbers and booleans may come as text.
	texts := s.body(e, false)
	for _, f := range writable(e.fields) {
		switch texts[f.name].(type) {
		case float64, bool:
			texts[f.name] = fmt.Sprint(texts[f.name])
		}
	}
	s.post(e, texts).want(e.created)
}

func listEntity(t *testing.T, e *entity) {
	s := newSampler(t)
	id := s.post(e, s.body(e, true)).want(e.created).at("id")
	for _, p := range e.paths {
		if p.list == noList {
			continue
		}
		path := strings.Replace(p.base(e), "{orgid}", orgA, 1)
		got := s.a("GET", path+"?channelTypes=&filter=id=="+id, nil).want(200)
		row := "data.0."
		if p.list == bareList {
			row = "0."
		} else {
			got.has("meta.totalRecords", "1").has("meta.orgid", orgA).has("meta.links.self", path+"?page=0&pageSize=100&channelTypes=&filter=id%3D%3D"+id)
		}
		got.has(row+"id", id).has(row+"links", "[]")
		for i := range e.fields {
			f := &e.fields[i]
			if f.itemOnly && !p.whole {
				got.lacks(row + f.name)
				s.a("GET", path+"?attributes="+f.name, nil).want(400)
			}
			if f.notFilterable && !f.computed {
				s.a("GET", path+"?filter="+f.name+"==1", nil).want(400)
			}
		}
		s.a("GET", path+"?attributes=id&pageSize=1", nil).want(200).lacks(row + e.key[0])
		for _, parameter := range []string{"desktopProfileFilter=true", "provisioningView=true", "sortBy=name", e.queryDTO + "="} {
			s.a("GET", path+"?"+parameter, nil).want(200)
		}
		whole := s.a("GET", path+"?singleObjectResponse=true&filter=id=="+id, nil).want(200)
		item := objectOf(t, s.a("GET", s.path(e)+"/"+id, nil))
		for i := range e.fields {
			if name := e.fields[i].name; e.fields[i].itemOnly && item[name] != nil && whole.at(row+name) == "" {
				t.Errorf("a single object lacks %s: %s", name, whole.raw)
			}
		}
	}
}

func replaceEntity(t *testing.T, e *entity) {
	s := newSampler(t)
	created := s.post(e, s.body(e, true)).want(e.created)
	item := s.path(e) + "/" + created.at("id")
	full := objectOf(t, s.a("GET", item, nil))
	delete(full, "workItem")
	delete(asObject(full["manuallyAssignable"]), "workItem")
	s.send("PUT", item, e, without(full, "id")).want(400).has(message, textIDMismatch)
	s.send("PUT", item, e, full).want(200)
	// What can be left out and is left out is gone.
	minimal := maps.Clone(full)
	var dropped []string
	for _, f := range writable(e.fields) {
		required := f.required || f.needed.holds(full) || slices.Contains([]string{"activeSkills", "callDistributionGroups", "queueSkillRequirements", "resources", "permissions", "dialledNumber", "outdialQueueId", "enumSkillValues", "autoWrapAfterSeconds"}, f.name)
		if !required && !f.sticky && !f.immutable && f.defaultValue == nil && full[f.name] != nil {
			delete(minimal, f.name)
			dropped = append(dropped, f.name)
		}
	}
	got := s.send("PUT", item, e, minimal).want(200)
	for _, name := range dropped {
		if !slices.Contains([]string{"burnoutInclusion", "timezone"}, name) {
			got.lacks(name)
		}
	}
	for _, f := range writable(e.fields) {
		if f.sticky && full[f.name] != nil && !same(full[f.name], objectOf(t, got)[f.name]) {
			t.Errorf("%s is not kept", f.name)
		}
	}
	if !e.bare {
		got.has("version", fmt.Sprint(e.firstVersion+2))
	}
	got.has("createdTime", created.at("createdTime"))
	s.send("PUT", s.path(e)+"/"+workType("none"), e, minimal).want(404)
}

func nestedIDs(t *testing.T, e *entity) {
	for i := range e.fields {
		f := &e.fields[i]
		if !f.nested.identified || f.readOnly {
			continue
		}
		s := newSampler(t)
		created := s.post(e, s.body(e, true)).want(e.created)
		item := s.path(e) + "/" + created.at("id")
		read := func() map[string]any {
			full := objectOf(t, s.a("GET", item, nil).want(200))
			delete(full, "workItem")
			delete(asObject(full["manuallyAssignable"]), "workItem")
			return full
		}
		body := read()
		if f.kind == object {
			id := asText(asObject(body[f.name])["id"])
			s.send("PUT", item, e, body).want(200).has(f.name+".id", id)
			asObject(body[f.name])["id"] = workType("none")
			s.send("PUT", item, e, body).want(409).has(message, textInternal)
			s.post(e, with(s.body(e, true), f.name, body[f.name])).want(409)
			continue
		}
		element := asObject(asList(body[f.name])[0])
		id := asText(element["id"])
		s.send("PUT", item, e, body).want(200).has(f.name+".0.id", id)
		if f.nested.stamped {
			s.a("GET", item, nil).has(f.name+".0.links", "[]").has(f.name+".0.createdTime", created.at("createdTime"))
		}
		delete(element, "id")
		if got := s.send("PUT", item, e, body).want(409).at(message); !strings.Contains(got, "Duplicate entry") {
			t.Errorf("a kept element without its id: %s", got)
		}
		element["id"] = workType("none")
		s.send("PUT", item, e, body).want(409)
		clone := s.body(e, true)
		asObject(asList(clone[f.name])[0])["id"] = id
		s.post(e, clone).want(409)
	}
}

// wrongStatus are the refusals that the live service answers with another status than 400.
var wrongStatus = map[string]int{"team teamStatus": 409, "resource-collection resources": 500}

func refusedValues(t *testing.T, e *entity) {
	s := newSampler(t)
	body := s.body(e, true)
	for _, f := range writable(e.fields) {
		if body[f.name] == nil {
			continue
		}
		status := orDefault(wrongStatus[e.route+" "+f.name], 400)
		if f.required || f.needed.holds(body) {
			for _, absent := range []any{nil, ""} {
				if f.kind != text && absent != nil {
					continue
				}
				refused := with(maps.Clone(body), f.name, absent)
				if absent != nil {
					refused[f.name] = absent
				}
				s.post(e, refused).want(status).has("error.key", fmt.Sprint(status))
			}
		}
		for _, wrong := range wrongValues(f) {
			s.post(e, with(maps.Clone(body), f.name, wrong)).want(400)
		}
	}
	if e.decode == nil {
		s.a("POST", s.path(e), `{"name"`).want(400)
		s.a("POST", s.path(e), `[]`).want(400)
	}
}

// wrongValues are values just beyond the limits of a field.
func wrongValues(f *field) []any {
	var out []any
	switch f.kind {
	case text:
		if f.maximum > 0 {
			out = append(out, strings.Repeat("1", f.maximum+1))
		}
		if f.pattern != nil {
			out = append(out, "§")
		}
		if len(f.enum) > 0 {
			out = append(out, "SOMETHING_ELSE")
		}
		out = append(out, map[string]any{"no": "text"})
	case integer:
		if f.minimum > 0 {
			out = append(out, f.minimum-1)
		}
		if f.maximum > 0 && f.maximum < mostNumber {
			out = append(out, f.maximum+1)
		}
		if f.maximum > 0 {
			out = append(out, -1)
		}
		out = append(out, "many", 1.5)
	case boolean:
		out = append(out, "perhaps", 7)
	case textList:
		out = append(out, "one, two", []any{7})
		if len(f.enum) > 0 {
			out = append(out, []any{"SOMETHING_ELSE"})
		}
	case objectList:
		out = append(out, map[string]any{}, []any{"text"})
		if f.minimum > 0 {
			out = append(out, []any{})
		}
	default:
		out = append(out, "text")
	}
	return out
}

func unknownReferencesRefused(t *testing.T, e *entity) {
	s := newSampler(t)
	body := s.body(e, true)
	for _, reference := range e.references {
		if reference.readOnly || e.fieldsByName[reference.steps[0]].readOnly || body[reference.steps[0]] == nil {
			continue
		}
		wrong := deepCopy(body)
		poison(wrong, reference.steps)
		got := s.post(e, wrong).want(400)
		if !strings.Contains(got.raw, reference.name+": not found for given orgId.") {
			t.Errorf("%v: %s", reference.steps, got.raw)
		}
	}
}

// poison replaces the ids at a path by one that nothing has.
func poison(value any, steps []string) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			poison(element, steps)
		}
	case map[string]any:
		if len(steps) > 1 {
			poison(v[steps[0]], steps[1:])
			return
		}
		if list, isList := v[steps[0]].([]any); isList {
			list[0] = workType("none")
			return
		}
		v[steps[0]] = workType("none")
	}
}

func immutableFields(t *testing.T, e *entity) {
	s := newSampler(t)
	created := s.post(e, s.body(e, false)).want(e.created)
	item := s.path(e) + "/" + created.at("id")
	for _, f := range writable(e.fields) {
		if !f.immutable {
			continue
		}
		other := s.value(f, false)
		if len(f.enum) > 1 {
			other = f.enum[1]
		}
		body := objectOf(t, s.a("GET", item, nil))
		original := body[f.name]
		body[f.name] = other
		for _, sibling := range []string{"siteId", "capacity", "dialedNumber"} { // what the other value may need
			if described := e.fieldsByName[sibling]; described != nil && body[sibling] == nil {
				body[sibling] = s.value(described, false)
			}
		}
		got := s.send("PUT", item, e, body).want(400)
		if want := fmt.Sprintf("%s: This configuration cannot be changed. Original value is %v", f.name, original); !strings.Contains(got.raw, want) {
			t.Errorf("%s lacks %q", got.raw, want)
		}
	}
}

// referencesBlock: what an object refers to stays until the object is gone.
func referencesBlock(t *testing.T, e *entity) {
	s := newSampler(t)
	body := s.body(e, true)
	id := s.post(e, body).want(e.created).at("id")
	for _, reference := range e.references {
		target := entities[reference.target]
		if target.paths == nil || e.fieldsByName[reference.steps[0]].readOnly {
			continue
		}
		for _, value := range reference.values(body) {
			if reference.part != "" {
				owner := s.sim.orgs[orgA].parts[value]
				value = owner.id
			}
			path := strings.Replace(configPrefix, "{orgid}", orgA, 1) + target.route + "/" + value
			got := s.a("GET", path+"/incoming-references?type="+e.route, nil).want(200)
			if !strings.Contains(got.at("meta.referencedEntities"), `"`+e.route+`"`) || !strings.Contains(got.raw, id) {
				t.Errorf("%v: %s", reference.steps, got.raw)
			}
			if target.paths[0].delete {
				blocked := s.a("DELETE", strings.Replace(path, target.route, strings.TrimPrefix(target.paths[0].version+"/"+target.route, "/"), 1), nil).want(412)
				if !strings.Contains(blocked.at("error.referencedEntities"), `"`+e.route+`"`) {
					t.Errorf("%v: %s", reference.steps, blocked.raw)
				}
			}
		}
	}
	if e.noReferences {
		s.a("GET", s.path(e)+"/"+id+"/incoming-references", nil).want(400).has(message, textReferenceType)
		return
	}
	plain := strings.Replace(configPrefix, "{orgid}", orgA, 1) + e.route
	s.a("GET", plain+"/"+id+"/incoming-references", nil).want(200).has("data", "[]")
	s.a("GET", plain+"/"+workType("none")+"/incoming-references", nil).want(404)
}

func bulkOfEntity(t *testing.T, e *entity) {
	s := newSampler(t)
	routes := e.bulk.routes
	if routes == nil {
		routes = []string{e.route + "/bulk"}
	}
	path := strings.Replace(configPrefix, "{orgid}", orgA, 1) + routes[0]
	if !e.bulk.post {
		s.a("POST", path, items()).want(405)
	}
	if !e.bulk.patch && e.bulk.post {
		s.a("PATCH", path, items()).want(405)
	}
	created := objectOf(t, s.post(e, s.body(e, false)).want(e.created))
	delete(created, "workItem")
	delete(asObject(created["manuallyAssignable"]), "workItem")
	if e.bulk.patch {
		got := s.a("PATCH", path, items(save(1, created), remove(2, created), save(3, map[string]any{"id": created["id"]}))).want(207)
		got.has("items.0.status", "200").has("items.0.operationType", "UPDATE").has("items.1.status", "400")
		if e.bulk.patchFull {
			got.has("items.2.status", "500")
			s.a("PATCH", path, items(save(1, s.body(e, false)))).want(207).has("items.0.status", "500")
		} else {
			got.has("items.2.status", "200")
		}
	}
	if !e.bulk.post {
		return
	}
	body := s.body(e, false)
	got := s.a("POST", path, items(save(1, body), save(2, created), remove(3, map[string]any{"id": created["id"]}), remove(4, created), save(5, map[string]any{"shade": 1}))).want(207)
	got.has("items.0.status", fmt.Sprint(e.created)).has("items.0.operationType", "CREATE").has("items.4.status", fmt.Sprint(orDefault(wrongStatus[e.route+" teamStatus"], 400)))
	if e.bulk.update {
		got.has("items.1.status", "200").has("items.1.operationType", "UPDATE")
	} else {
		got.has("items.1.status", "400").has("items.1.apiError.error.message.0.description", textIDOnCreate)
	}
	got.has("items.2.status", "400").has("items.2.apiError.error.message.0.description", textSystemGenerated)
	got.has("items.3.status", fmt.Sprint(e.deleted)).has("items.3.operationType", "DELETE")
	href := got.at("items.0.href")
	if !strings.HasPrefix(href, "/api/organization/"+orgA+"/"+e.route+"/") {
		t.Errorf("href %s", href)
	}
}

func deleteEntity(t *testing.T, e *entity) {
	s := newSampler(t)
	item := s.path(e) + "/" + s.post(e, s.body(e, false)).want(e.created).at("id")
	if gone := s.a("DELETE", item, nil).want(e.deleted); gone.raw != "" {
		t.Errorf("body %q", gone.raw)
	}
	s.a("GET", item, nil).want(404)
	s.a("DELETE", item, nil).want(404)
	if !e.systemDefault {
		return
	}
	for _, one := range s.sim.orgs[orgA].collections[e.route].order {
		if one.fields["systemDefault"] == true {
			s.a("DELETE", s.path(e)+"/"+one.id, nil).want(400).has(message, textSystemGenerated)
			s.send("PUT", s.path(e)+"/"+one.id, e, with(s.body(e, false), "id", one.id)).want(400).has(message, textSystemGenerated)
			return
		}
	}
}

func duplicateNames(t *testing.T, e *entity) {
	if !e.unique {
		return
	}
	s := newSampler(t)
	body := s.body(e, false)
	if body[e.key[0]] == nil {
		body[e.key[0]] = s.value(e.fieldsByName[e.key[0]], false)
	}
	s.post(e, body).want(e.created)
	again := maps.Clone(body)
	again[e.key[0]] = strings.ToUpper(asText(body[e.key[0]]))
	s.post(e, again).want(409).has(message, textDuplicate).has("error.key", "409")
	if e.uniqueWithin != "" {
		s.post(e, with(maps.Clone(body), e.uniqueWithin, s.value(e.fieldsByName[e.uniqueWithin], false))).want(e.created)
	}
	strict := startSampler(t, Options{Unknowns: Unknowns{CaseSensitiveNames: true, MaxObjects: 1000}})
	other := strict.body(e, false)
	if name := asText(other[e.key[0]]); e.key[0] == "name" && e.route != "audio-file" && name != strings.ToUpper(name) {
		strict.post(e, other).want(e.created)
		strict.post(e, with(maps.Clone(other), "name", strings.ToUpper(name))).want(e.created)
		strict.post(e, with(maps.Clone(other), "name", name)).want(409)
	}
}
