package simulator

import (
	"bytes"
	"cmp"
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
	return s.windowOf(c, s.options.DefaultPageSize)
}

func (s *Simulator) windowOf(c *call, size int) (window, *refusal) {
	w := window{size: size}
	for _, one := range []struct {
		name  string
		least int
		into  *int
	}{{"page", 0, &w.page}, {"pageSize", 1, &w.size}} {
		given := c.query.get(one.name)
		if given == "" {
			continue
		}
		number, ok := pageNumber(given)
		if !ok || number < one.least {
			return w, invalid(fmt.Sprintf("%s: invalid value %q", one.name, given))
		}
		*one.into = number
	}
	w.size = min(w.size, s.options.MaxPageSize)
	return w, nil
}

// pageNumber reads a number of 32 bits, as the live service does: the row that a page starts with fits an int.
func pageNumber(given string) (int, bool) {
	number, err := strconv.ParseInt(given, 10, 32)
	return int(number), err == nil && number >= 0
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

func (s *Simulator) meta(c *call, w window, orgID string, total int) map[string]any {
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
	if s.options.Unknowns.EmptyListHasPage {
		pages = max(1, pages)
	}
	return map[string]any{
		"orgid": orgID, "page": w.page, "pageSize": w.size, "totalPages": pages, "totalRecords": total, "links": links,
	}
}

// list answers the lists of one version of the routes.
func (s *Simulator) list(e *entity, p path) configHandler {
	return func(c *call, t *tenant) answer {
		t.mu.RLock()
		defer t.mu.RUnlock()
		in := t.collection(e.route)
		found, wrong := s.search(c, t, e, p, in.rows(c.lies.stale), in)
		switch {
		case wrong != nil:
			return configError(c, e, wrong)
		case p.list == bareList:
			return found.bare(c)
		}
		return s.enveloped(c, t, found, in)
	}
}

// listRows answers a list of objects that no collection holds.
func (s *Simulator) listRows(c *call, t *tenant, e *entity, rows []*record) answer {
	found, wrong := s.search(c, t, e, path{}, rows, nil)
	if wrong != nil {
		return configError(c, e, wrong)
	}
	return s.enveloped(c, t, found, nil)
}

// enveloped is the v2 and v3 form: meta and data.
func (s *Simulator) enveloped(c *call, t *tenant, found page, in *collection) answer {
	content := s.meta(c, found.window, t.info.ID, found.total)
	if in != nil {
		for name, field := range in.entity.metaCounts {
			content[name] = in.counts[field]
		}
	}
	meta, err := encodeJSON(content)
	if err != nil {
		return configError(c, nil, refuse(http.StatusInternalServerError, err.Error()))
	}
	return answer{status: http.StatusOK, raw: fmt.Appendf(nil, `{"meta":%s,"data":%s}`, meta, joined(found.rows))}
}

// bare is the old form: an array, and a Link header for the next page.
func (p page) bare(c *call) answer {
	a := answer{status: http.StatusOK, raw: joined(p.rows)}
	if p.window.page+1 < p.window.pages(p.total) {
		next := c.request.URL.EscapedPath() + "?" + c.query.forPage(p.window.page+1, p.window.size)
		a = a.withHeader("Link", "<"+next+`>; rel="next"`)
	}
	return a
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

// search finds the rows of a page. The tenant is locked. in is nil for rows of no collection.
func (s *Simulator) search(c *call, t *tenant, e *entity, p path, rows []*record, in *collection) (page, *refusal) {
	w, wrong := s.window(c)
	if wrong != nil {
		return page{}, wrong
	}
	condition, wrong := e.condition(c, t)
	if wrong != nil {
		return page{}, wrong
	}
	columns, wrong := e.columns(c.query.get("attributes"))
	if wrong != nil {
		return page{}, wrong
	}
	matching := e.matching(rows, condition, in, c)
	if matching, wrong = s.sorted(c, e, matching, in); wrong != nil {
		return page{}, wrong
	}
	item := p.whole
	if c.query.get("singleObjectResponse") == "true" {
		if len(matching) > 1 {
			return page{}, invalid("singleObjectResponse: more than one record is found")
		}
		item = true
	}
	out := page{window: w, total: len(matching)}
	for _, one := range w.cut(matching, c.lies.shuffle) {
		shown := view{tenant: t, record: one, query: c.query, item: item}
		row, err := shown.json(e)
		if columns != nil {
			row, err = shown.project(e, columns)
		}
		if err != nil {
			return page{}, refuse(http.StatusInternalServerError, err.Error())
		}
		out.rows = append(out.rows, row)
	}
	return out, nil
}

// matching are the rows that fulfill the condition and are not hidden, in their order.
func (e *entity) matching(rows []*record, condition condition, in *collection, c *call) []*record {
	var hidden func(*record) bool
	if e.hidden != nil && in != nil {
		hidden = e.hidden(in, c.query)
	}
	if condition == nil && hidden == nil {
		return rows
	}
	if condition != nil && in != nil && !c.lies.stale {
		if candidates, known := condition.candidates(in); known {
			slices.SortFunc(candidates, byID)
			rows = slices.Compact(candidates)
		}
	}
	var out []*record
	for _, row := range rows {
		if (condition == nil || condition.holds(row.fields)) && (hidden == nil || !hidden(row)) {
			out = append(out, row)
		}
	}
	return out
}

// rows is every record, in list order.
func (c *collection) rows(stale bool) []*record {
	if stale {
		return c.staleOrder()
	}
	return c.order
}

// sorted orders the rows of the lists that can be sorted, by their default without the parameter; the others ignore it.
func (s *Simulator) sorted(c *call, e *entity, rows []*record, in *collection) ([]*record, *refusal) {
	given := c.query.get("sort")
	switch {
	case given == "" && len(e.sortable) > 0:
		if in != nil && len(rows) == len(in.order) && !c.lies.stale {
			return in.defaultOrder(), nil
		}
		return sortedBy(rows, e.sortable[0]), nil
	case given == "" || len(e.sortable) == 0 && !s.options.Unknowns.SortEverywhere:
		return rows, nil
	}
	name, direction, _ := strings.Cut(given, ",")
	// The documented default of business hours is spelled timeZone, their field timezone.
	if at := slices.IndexFunc(e.sortable, func(one string) bool { return strings.EqualFold(one, name) }); at >= 0 {
		name = e.sortable[at]
	} else if len(e.sortable) > 0 || e.fieldsByName[name] == nil {
		return nil, invalid("sort: unsupported property " + name)
	}
	out := sortedBy(rows, name)
	if strings.EqualFold(direction, "desc") {
		slices.Reverse(out)
	}
	return out, nil
}

// sortedBy is a new list in the order of a field: numbers by value, texts without regard to case.
func sortedBy(rows []*record, name string) []*record {
	type keyed struct {
		number int64
		text   string
		row    *record
	}
	all := make([]keyed, 0, len(rows))
	for _, row := range rows {
		key := keyed{row: row}
		switch value := row.fields[name].(type) {
		case nil:
		case int64:
			key.number = value
		default:
			key.text = strings.ToLower(fmt.Sprint(value))
		}
		all = append(all, key)
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.text, b.text))
	})
	out := make([]*record, 0, len(all))
	for _, one := range all {
		out = append(out, one.row)
	}
	return out
}

// defaultOrder is every record in the default order of its list, which stays until the next write: pages are cheap. The
// tenant is locked, at least for reading.
func (c *collection) defaultOrder() []*record {
	if known := c.byDefault.Load(); known != nil {
		return *known
	}
	rows := sortedBy(c.order, c.entity.sortable[0])
	c.byDefault.Store(&rows)
	return rows
}

func compareValues(a, b any) int {
	left, isNumber := asInteger(a)
	right, areNumbers := asInteger(b)
	if isNumber && areNumbers {
		return cmp.Compare(left, right)
	}
	return cmp.Compare(strings.ToLower(fmt.Sprint(a)), strings.ToLower(fmt.Sprint(b)))
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
