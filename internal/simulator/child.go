package simulator

import (
	"net/http"
	"slices"
	"strings"
)

// child describes entries of an object that have routes of their own beside being part of it: entries of address books
// and of outdial ANIs. The fields of an entry are those of the elements of the list.
type child struct {
	field            string // the list of the parent
	created, deleted int
	bare             bool // entries show neither organizationId nor version
	everyParent      bool // the entries of all parents can be listed
	searchColumns    []string
}

const entrySegment = "/entry"

// entryEntity is the description by which entries are checked, listed and searched.
func (e *entity) entryEntity() *entity {
	list := e.fieldsByName[e.child.field]
	entry := entity{
		route: e.route + "-entry", created: e.child.created, deleted: e.child.deleted, fields: slices.Clone(list.fields),
		searchColumns: e.child.searchColumns, bare: e.child.bare,
		bulk: bulkAbilities{create: true, update: true, delete: true},
	}
	return entry.finish()
}

func (s *Simulator) registerEntries(e *entity) {
	if e.child == nil {
		return
	}
	routes := &entryRoutes{sim: s, parent: e, entry: e.entryEntity(), list: e.fieldsByName[e.child.field]}
	base := configPrefix + e.route + "/{id}" + entrySegment
	s.router.add("GET "+configPrefix+"v2/"+e.route+"/{id}"+entrySegment, s.configuration(routes.page))
	s.router.add("POST "+base, s.configuration(routes.create))
	s.router.add("POST "+base+"/bulk", s.configuration(routes.bulk))
	s.router.add("GET "+base+"/{entry}", s.configuration(routes.read))
	s.router.add("PUT "+base+"/{entry}", s.configuration(routes.update))
	s.router.add("DELETE "+base+"/{entry}", s.configuration(routes.delete))
	if e.child.everyParent {
		s.router.add("GET "+configPrefix+e.route+entrySegment, s.configuration(routes.pageOfAll))
	}
}

// entryRoutes answers the routes of the entries of one kind of parent.
type entryRoutes struct {
	sim    *Simulator
	parent *entity
	entry  *entity
	list   *field
}

// entries is the working copy of the entries of one parent.
type entries struct {
	*entryRoutes
	writer *writer
	owner  *record
	rows   []any
	wrote  bool
}

func (r *entryRoutes) record(fields map[string]any) (*record, error) {
	return newRecord(r.entry, fields)
}

// records are the entries of some parents, by id.
func (r *entryRoutes) records(parents []*record) ([]*record, error) {
	var out []*record
	for _, parent := range parents {
		for _, element := range asList(parent.fields[r.list.name]) {
			row, err := r.record(asObject(element))
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
	}
	slices.SortFunc(out, byID)
	return out, nil
}

func (r *entryRoutes) page(c *call, t *tenant) answer {
	return r.pageOf(c, t, func(in *collection) []*record {
		if parent := in.get(c.params["id"]); parent != nil {
			return []*record{parent}
		}
		return nil
	})
}

func (r *entryRoutes) pageOfAll(c *call, t *tenant) answer {
	return r.pageOf(c, t, func(in *collection) []*record { return in.order })
}

func (r *entryRoutes) pageOf(c *call, t *tenant, parents func(*collection) []*record) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	chosen := parents(t.collection(r.parent.route))
	if c.params["id"] != "" && len(chosen) == 0 {
		return configError(c, r.entry, refuse(http.StatusNotFound, textNotFound))
	}
	rows, err := r.records(chosen)
	if err != nil {
		return configError(c, r.entry, refuse(http.StatusInternalServerError, err.Error()))
	}
	return r.sim.listRows(c, t, r.entry, rows)
}

// open finds the parent and copies its entries.
func (r *entryRoutes) open(c *call, t *tenant) (*entries, *refusal) {
	owner := t.collection(r.parent.route).get(c.params["id"])
	if owner == nil {
		return nil, refuse(http.StatusNotFound, textNotFound)
	}
	rows := slices.Clone(asList(owner.fields[r.list.name]))
	return &entries{entryRoutes: r, writer: r.sim.writer(c, t, r.parent), owner: owner, rows: rows}, nil
}

func (e *entries) find(id string) int {
	return slices.IndexFunc(e.rows, func(row any) bool { return strings.EqualFold(asText(asObject(row)["id"]), id) })
}

// close stores the parent with its entries, if any changed.
func (e *entries) close() *refusal {
	if !e.wrote {
		return nil
	}
	more := map[string]any{e.list.name: e.rows}
	if e.sim.options.Unknowns.EntriesTouchParent {
		version, _ := asInteger(e.owner.fields["version"])
		more["version"], more["lastUpdatedTime"] = version+1, e.writer.now
	}
	_, wrong := e.writer.store(merge(e.owner.fields, more))
	return wrong
}

// save checks an entry and puts it in; previous is nil on create.
func (e *entries) save(body, previous map[string]any) (map[string]any, *refusal) {
	next, wrong := e.entry.compose(body, nil)
	if wrong != nil {
		return nil, wrong
	}
	for _, name := range []string{"organizationId", "id", "version", "createdTime", "lastUpdatedTime"} {
		delete(next, name)
	}
	if wrong := e.entry.check(e.writer.tenant, next, previous); wrong != nil {
		return nil, wrong
	}
	for _, row := range e.rows {
		other := asObject(row)
		if other[e.list.nested.key] == next[e.list.nested.key] && other["id"] != previous["id"] {
			return nil, refuse(http.StatusConflict, textDuplicate)
		}
	}
	e.list.stamp(next, previous, e.writer.now)
	e.wrote = true
	if at := e.find(asText(previous["id"])); previous != nil && at >= 0 {
		e.rows[at] = next
	} else {
		e.rows = append(e.rows, next)
	}
	return next, nil
}

func (e *entries) add(body map[string]any) (map[string]any, *refusal) {
	if id, given := body["id"]; given && id != nil && id != "" {
		return nil, invalid(textIDOnCreate)
	}
	return e.save(body, nil)
}

func (e *entries) replace(id string, body map[string]any) (map[string]any, *refusal) {
	at := e.find(id)
	switch {
	case at < 0:
		return nil, refuse(http.StatusNotFound, textNotFound)
	case !strings.EqualFold(asText(body["id"]), id):
		return nil, invalid(textIDMismatch)
	}
	return e.save(body, asObject(e.rows[at]))
}

func (e *entries) remove(id string) *refusal {
	at := e.find(id)
	if at < 0 {
		return refuse(http.StatusNotFound, textNotFound)
	}
	e.rows, e.wrote = slices.Delete(e.rows, at, at+1), true
	return nil
}

func (r *entryRoutes) read(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	parent := t.collection(r.parent.route).get(c.params["id"])
	if parent != nil {
		for _, element := range asList(parent.fields[r.list.name]) {
			if fields := asObject(element); strings.EqualFold(asText(fields["id"]), c.params["entry"]) {
				return r.shown(c, http.StatusOK, fields)
			}
		}
	}
	return configError(c, r.entry, refuse(http.StatusNotFound, textNotFound))
}

func (r *entryRoutes) shown(c *call, status int, fields map[string]any) answer {
	row, err := r.record(fields)
	if err != nil {
		return configError(c, r.entry, refuse(http.StatusInternalServerError, err.Error()))
	}
	return answer{status: status, raw: row.json}
}

// change does one write on the entries of a parent.
func (r *entryRoutes) change(c *call, t *tenant, status int, write func(*entries) (map[string]any, *refusal)) answer {
	t.mu.Lock()
	defer t.mu.Unlock()
	open, wrong := r.open(c, t)
	if wrong != nil {
		return configError(c, r.entry, wrong)
	}
	fields, wrong := write(open)
	if wrong == nil {
		wrong = open.close()
	}
	switch {
	case wrong != nil:
		return configError(c, r.entry, wrong)
	case fields == nil:
		return empty(status)
	}
	return r.shown(c, status, fields)
}

func (r *entryRoutes) create(c *call, t *tenant) answer {
	body, wrong := decodeObject(c.body)
	if wrong != nil {
		return configError(c, r.entry, wrong)
	}
	return r.change(c, t, r.entry.created, func(e *entries) (map[string]any, *refusal) { return e.add(body) })
}

func (r *entryRoutes) update(c *call, t *tenant) answer {
	body, wrong := decodeObject(c.body)
	if wrong != nil {
		return configError(c, r.entry, wrong)
	}
	return r.change(c, t, http.StatusOK, func(e *entries) (map[string]any, *refusal) { return e.replace(c.params["entry"], body) })
}

func (r *entryRoutes) delete(c *call, t *tenant) answer {
	return r.change(c, t, r.entry.deleted, func(e *entries) (map[string]any, *refusal) { return nil, e.remove(c.params["entry"]) })
}

// bulk writes many entries and stores their parent once.
func (r *entryRoutes) bulk(c *call, t *tenant) answer {
	request, wrong := r.sim.decodeBulk(c)
	if wrong != nil {
		return configError(c, r.entry, wrong)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	open, wrong := r.open(c, t)
	if wrong != nil {
		return configError(c, r.entry, wrong)
	}
	path := r.parent.route + "/" + open.owner.id + entrySegment
	results := make([]any, 0, len(request.Items))
	for _, item := range request.Items {
		result := open.bulkItem(item.Action, asObject(item.Item))
		results = append(results, r.sim.bulkRow(c, r.entry, path, item.Identifier, result))
	}
	if wrong := open.close(); wrong != nil {
		return configError(c, r.entry, wrong)
	}
	return reply(http.StatusMultiStatus, map[string]any{"items": results})
}

func (e *entries) bulkItem(action string, item map[string]any) bulkResult {
	id := asText(item["id"])
	switch {
	case action == actionDelete:
		return bulkResult{operation: actionDelete, status: e.entry.deleted, id: id, wrong: e.remove(id)}
	case id != "":
		fields, wrong := e.replace(id, item)
		return bulkResult{operation: "UPDATE", status: http.StatusOK, id: asText(fields["id"]), wrong: wrong}
	default:
		fields, wrong := e.add(item)
		return bulkResult{operation: "CREATE", status: e.entry.created, id: asText(fields["id"]), wrong: wrong}
	}
}
