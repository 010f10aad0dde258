package simulator

import (
	"fmt"
	"net/http"
	"strings"
)

// export describes bulk-export: rows flattened for a table, with names instead of ids (contact-center reference 6.2).
type export struct {
	pageSize int
	byType   string // the field that the required parameter type selects
	columns  []column
}

// column is one property of a row.
type column struct {
	name  string
	from  string // the field; one that refers to others shows their names. Default: name, as it is stored
	words bool   // numbers and booleans become text
	make  func(view) any
}

func columns(names ...string) []column {
	out := make([]column, 0, len(names))
	for _, name := range names {
		out = append(out, column{name: name})
	}
	return out
}

func (s *Simulator) bulkExport(e *entity) configHandler {
	return func(c *call, t *tenant) answer {
		w, wrong := s.windowOf(c, e.export.pageSize)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		wanted := strings.ToUpper(c.query.get("type"))
		if e.export.byType != "" && wanted != inbound && wanted != outbound {
			return configError(c, e, invalid("type: should be INBOUND or OUTBOUND"))
		}
		t.mu.RLock()
		defer t.mu.RUnlock()
		rows := t.collection(e.route).order
		if e.export.byType != "" {
			rows = nil
			for _, row := range t.collection(e.route).order {
				if row.fields[e.export.byType] == wanted {
					rows = append(rows, row)
				}
			}
		}
		resources := []any{}
		for _, row := range w.cut(rows, c.lies.shuffle) {
			resources = append(resources, e.exported(view{tenant: t, record: row, item: true}))
		}
		rel := "last"
		if w.page+1 < w.pages(len(rows)) {
			rel = "next"
		}
		return reply(http.StatusOK, map[string]any{
			"totalResources": len(rows), "pageNumber": w.page, "pageSize": w.size, "rel": rel, "resources": resources,
		})
	}
}

func (e *entity) exported(v view) map[string]any {
	out := map[string]any{}
	for _, one := range e.export.columns {
		if value := one.value(e, v); value != nil {
			out[one.name] = value
		}
	}
	return out
}

func (c column) value(e *entity, v view) any {
	if c.make != nil {
		return c.make(v)
	}
	value := v.record.fields[orDefault(c.from, c.name)]
	described := e.fieldsByName[c.from]
	switch {
	case value == nil:
		return nil
	case c.words:
		return fmt.Sprint(value)
	case described == nil || described.target == "":
		return value
	case described.kind == text:
		return v.tenant.nameOf(described.target, value)
	}
	names := []string{}
	for _, id := range idsAt(value, nil) {
		if key, found := v.tenant.resolve(described, id); found {
			names = append(names, v.tenant.nameOf(key.entity, key.id))
		}
	}
	return names
}

// teamPairs names teams together with their sites.
func (v view) teamPairs(ids []string) []any {
	out := []any{}
	for _, id := range ids {
		if team := v.tenant.collection("team").get(id); team != nil {
			out = append(out, map[string]any{"teamName": team.name, "siteName": v.tenant.nameOf("site", team.fields["siteId"])})
		}
	}
	return out
}
