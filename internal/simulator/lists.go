package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// window is the part of a list that a request asks for.
type window struct{ page, size int }

// window reads page and pageSize; a page size over the maximum is silently lowered.
func (s *Simulator) window(c *call) (window, *refusal) {
	w := window{size: s.options.DefaultPageSize}
	for name, value := range map[string]*int{"page": &w.page, "pageSize": &w.size} {
		given := c.query.get(name)
		if given == "" {
			continue
		}
		number, err := strconv.Atoi(given)
		if err != nil || number < 0 || name == "pageSize" && number == 0 {
			return w, invalid(fmt.Sprintf("%s: invalid value %q", name, given))
		}
		*value = number
	}
	w.size = min(w.size, s.options.MaxPageSize)
	return w, nil
}

// cut takes the page out of all rows. A shuffled page starts some rows too late and ends with rows of the beginning:
// between the pages, rows are missing and others come twice.
func (w window) cut(rows []*record, shuffled bool) []*record {
	start := min(w.page*w.size, len(rows))
	end := min(start+w.size, len(rows))
	if !shuffled || start == end {
		return rows[start:end]
	}
	out := make([]*record, 0, end-start)
	for i := range end - start {
		out = append(out, rows[(start+1+w.page+i)%len(rows)])
	}
	return out
}

func (w window) pages(total int) int { return (total + w.size - 1) / w.size }

func (w window) meta(c *call, orgID string, total int) map[string]any {
	path := c.request.URL.EscapedPath()
	link := func(page int) string { return path + "?" + c.query.forPage(page, w.size) }
	pages := w.pages(total)
	links := map[string]any{"self": link(w.page), "first": link(0), "last": link(max(0, pages-1))}
	if w.page+1 < pages {
		links["next"] = link(w.page + 1)
	}
	if w.page > 0 {
		links["prev"] = link(w.page - 1)
	}
	return map[string]any{
		"orgid": orgID, "page": w.page, "pageSize": w.size, "totalPages": pages, "totalRecords": total, "links": links,
	}
}

// list answers the v2 and v3 lists: an envelope of meta and data.
func (s *Simulator) list(e *entity) configHandler {
	return func(c *call, t *tenant) answer {
		found, wrong := s.search(c, t, e)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		meta, err := json.Marshal(found.window.meta(c, t.info.ID, found.total))
		if err != nil {
			return configError(c, e, refuse(http.StatusInternalServerError, err.Error()))
		}
		return answer{status: http.StatusOK, raw: fmt.Appendf(nil, `{"meta":%s,"data":%s}`, meta, joined(found.rows))}
	}
}

// listV1 answers the old list: a bare array, and a Link header for the next page.
func (s *Simulator) listV1(e *entity) configHandler {
	return func(c *call, t *tenant) answer {
		found, wrong := s.search(c, t, e)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		a := answer{status: http.StatusOK, raw: joined(found.rows)}
		if found.window.page+1 < found.window.pages(found.total) {
			next := c.request.URL.EscapedPath() + "?" + c.query.forPage(found.window.page+1, found.window.size)
			a = a.withHeader("Link", "<"+next+`>; rel="next"`)
		}
		return a
	}
}

// page is the result of a list request.
type page struct {
	window window
	total  int
	rows   [][]byte
}

// joined is the JSON array of encoded rows. encoding/json would check every row again.
func joined(rows [][]byte) []byte {
	out := append([]byte{'['}, bytes.Join(rows, []byte{','})...)
	return append(out, ']')
}

func (s *Simulator) search(c *call, t *tenant, e *entity) (page, *refusal) {
	w, wrong := s.window(c)
	if wrong != nil {
		return page{}, wrong
	}
	condition, wrong := e.condition(c)
	if wrong != nil {
		return page{}, wrong
	}
	columns, wrong := e.columns(c.query.get("attributes"))
	if wrong != nil {
		return page{}, wrong
	}
	t.mu.RLock()
	matching := t.collection(e.route).matching(condition, c.lies.stale)
	selected := slices.Clone(w.cut(matching, c.lies.shuffle))
	t.mu.RUnlock()
	out := page{window: w, total: len(matching)}
	for _, one := range selected {
		row := one.row
		if columns != nil {
			projected, err := one.project(columns)
			if err != nil {
				return page{}, refuse(http.StatusInternalServerError, err.Error())
			}
			row = projected
		}
		out.rows = append(out.rows, row)
	}
	return out, nil
}

// matching is every record that fulfills the condition, in list order. The tenant is locked.
func (c *collection) matching(condition condition, stale bool) []*record {
	rows := c.order
	if stale {
		rows = c.staleOrder()
	}
	if condition == nil {
		return rows
	}
	if candidates, known := condition.candidates(c); known && !stale {
		slices.SortFunc(candidates, byID)
		rows = slices.Compact(candidates)
	}
	var out []*record
	for _, row := range rows {
		if condition.holds(row.fields) {
			out = append(out, row)
		}
	}
	return out
}

// columns reads the attributes parameter; nil = all. Columns that lists leave out cannot be asked for.
func (e *entity) columns(attributes string) ([]string, *refusal) {
	if attributes == "" {
		return nil, nil
	}
	var out []string
	for name := range strings.SplitSeq(attributes, ",") {
		name = strings.TrimSpace(name)
		if e.fieldsByName[name] == nil && name != "links" || e.omittedFromLists(name) {
			return nil, invalid("attributes: unknown or unsupported attribute " + name)
		}
		out = append(out, name)
	}
	return out, nil
}

func (r *record) project(columns []string) ([]byte, error) {
	short := map[string]any{}
	for _, name := range columns {
		if value, has := r.fields[name]; has {
			short[name] = value
		}
	}
	row, err := json.Marshal(short)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", r.id, err)
	}
	return row, nil
}
