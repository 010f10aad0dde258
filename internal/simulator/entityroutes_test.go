package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// The parts of TestEveryEntity that are about routes of their own.

func exportEntity(t *testing.T, e *entity) {
	s := newSampler(t)
	path := strings.Replace(configPrefix, "{orgid}", orgA, 1) + e.route + "/bulk-export"
	if e.export == nil {
		if got := s.a("GET", path, nil).status; got != 404 {
			t.Errorf("status %d", got)
		}
		return
	}
	s.post(e, s.body(e, true)).want(e.created)
	query := ""
	if e.export.byType != "" {
		s.a("GET", path, nil).want(400)
		query = "?type=outbound"
		if e.route == queueRoute {
			query = "?type=inbound"
		}
	}
	got := s.a("GET", path+query, nil).want(200).has("pageSize", fmt.Sprint(e.export.pageSize)).has("rel", "last")
	if got.at("resources.0."+e.export.columns[0].name) == "" {
		t.Errorf("no rows: %s", got.raw)
	}
	for _, one := range e.export.columns {
		if described := e.fieldsByName[one.from]; described != nil && described.target != "" && strings.Contains(got.raw, `"`+one.from+`"`) && one.from != one.name {
			t.Errorf("%s is there as an id: %s", one.from, got.raw)
		}
	}
}

func entriesOfEntity(t *testing.T, e *entity) {
	if e.child == nil {
		return
	}
	s := newSampler(t)
	parent := s.post(e, s.body(e, false)).want(e.created)
	base := s.path(e) + "/" + parent.at("id") + "/entry"
	list := strings.Replace(base, orgA+"/", orgA+"/v2/", 1)
	entry := s.fields(e.fieldsByName[e.child.field].fields, false)
	existing := len(asList(objectOf(t, s.a("GET", s.path(e)+"/"+parent.at("id"), nil))[e.child.field]))
	created := s.a("POST", base, entry).want(e.child.created).has("name", asText(entry["name"])).has("links", "[]")
	id := created.at("id")
	s.a("POST", base, entry).want(409)
	s.a("POST", base, with(maps.Clone(entry), "id", id)).want(400).has(message, textIDOnCreate)
	s.a("POST", base, with(maps.Clone(entry), "number", nil)).want(400).has(message, "number: should not be null or blank.")
	s.a("GET", base+"/"+id, nil).want(200).has("number", asText(entry["number"]))
	s.a("GET", base, nil).want(405)
	s.a("GET", list, nil).want(200).has("meta.totalRecords", fmt.Sprint(existing+1))
	s.a("GET", list+"?attributes=id&filter=id=="+id, nil).want(200).has("data", `[{"id":"`+id+`"}]`)
	s.a("GET", list+"?search="+strings.ReplaceAll(strings.ToUpper(asText(entry["name"])), " ", "+"), nil).want(200).has("data.0.id", id)
	s.a("PUT", base+"/"+id, entry).want(400).has(message, textIDMismatch)
	s.a("PUT", base+"/"+id, with(maps.Clone(entry), "id", id, "number", "911")).want(200).has("number", "911").has("id", id)
	s.a("GET", s.path(e)+"/"+parent.at("id"), nil).has(fmt.Sprintf("%s.%d.number", e.child.field, existing), "911")
	other := with(maps.Clone(entry), "name", "Other", "id", nil)
	got := s.a("POST", base+"/bulk", items(save(1, other), save(2, with(maps.Clone(entry), "id", id, "number", "912")), remove(3, map[string]any{"id": workType("none")}), save(4, other))).want(207)
	got.has("items.0.status", fmt.Sprint(e.child.created)).has("items.1.status", "200").has("items.2.status", "404").has("items.3.status", "409")
	s.a("DELETE", base+"/"+id, nil).want(e.child.deleted)
	s.a("GET", base+"/"+id, nil).want(404)
	s.a("GET", list, nil).has("meta.totalRecords", fmt.Sprint(existing+1))
	s.a("GET", strings.Replace(list, parent.at("id"), workType("none"), 1), nil).want(404)
	if e.child.everyParent {
		s.a("GET", s.path(e)+"/entry", nil).want(200).has("meta.totalRecords", fmt.Sprint(existing+1))
	}
	// Without entries in the body a full replace deletes them, but for the routes that do not know them.
	for _, p := range e.paths {
		if p.slim {
			slim := strings.Replace(p.base(e), "{orgid}", orgA, 1) + "/" + parent.at("id")
			body := objectOf(t, s.a("GET", slim, nil).want(200).lacks(e.child.field))
			s.a("PUT", slim, body).want(200).lacks(e.child.field)
			s.a("GET", list, nil).has("meta.totalRecords", fmt.Sprint(existing+1))
		}
	}
	s.a("DELETE", s.path(e)+"/"+parent.at("id"), nil).want(e.deleted)
	s.a("GET", list, nil).want(404)
}

func wrongRoutes(t *testing.T, e *entity) {
	s := newSampler(t)
	has := func(version string, able func(path) bool) bool {
		return slices.ContainsFunc(e.paths, func(p path) bool { return p.version == version && able(p) })
	}
	for _, version := range []string{"v2", "v3"} {
		base := "/organization/" + orgA + "/" + version + "/" + e.route
		hasList := has(version, func(p path) bool { return p.list != noList })
		if hasList && !has(version, func(p path) bool { return p.create }) {
			s.a("POST", base, map[string]any{}).want(405).has("error", "Method Not Allowed").has("status", "405").has("path", base)
		}
		if hasList && !has(version, func(p path) bool { return p.read }) {
			s.a("GET", base+"/"+workType("idle"), nil).want(404)
		}
	}
	if !has("", func(p path) bool { return p.list != noList }) && has("", func(p path) bool { return p.create }) {
		s.a("GET", "/organization/"+orgA+"/"+e.route, nil).want(405)
	}
	if e.bulk.post {
		s.a("GET", s.path(e)+"/bulk", nil).want(404).has("error.key", "404")
	}
	if e.purge {
		s.a("POST", "/organization/"+orgA+"/"+e.route+"/purge-inactive-entities", nil).want(403).has(message, textPurge)
	}
}
