package simulator

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
)

// tenant is one organization with its configuration. mu guards the collections; records never change once stored.
type tenant struct {
	info OrganizationSeed

	mu          sync.RWMutex
	collections map[string]*collection
	incoming    map[objectKey]map[objectKey]bool // who refers to an object
}

type objectKey struct{ entity, id string }

// record is one stored object: the decoded fields for the rules, and the encoded answer for reads.
type record struct {
	id, name string
	fields   map[string]any
	json     json.RawMessage // full item
	row      json.RawMessage // list row
}

// collection is all objects of one entity in one organization.
type collection struct {
	entity *entity
	byID   map[string]*record
	byName map[string]map[string]*record // lower case name -> id -> record
	order  []*record                     // by id: stable, and unlike the order of creation
	before map[string]*record            // objects as they were before the last write; nil = did not exist
	fresh  bool                          // the next change starts a new before
}

func newTenant(info OrganizationSeed) *tenant {
	t := &tenant{info: info, collections: map[string]*collection{}, incoming: map[objectKey]map[objectKey]bool{}}
	for _, described := range entityOrder {
		t.collections[described.route] = &collection{
			entity: described, byID: map[string]*record{}, byName: map[string]map[string]*record{},
		}
	}
	return t
}

func (t *tenant) collection(name string) *collection { return t.collections[name] }

func (c *collection) get(id string) *record { return c.byID[strings.ToLower(id)] }

// getStale is get before the last write.
func (c *collection) getStale(id string) *record {
	id = strings.ToLower(id)
	if old, changed := c.before[id]; changed {
		return old
	}
	return c.byID[id]
}

// staleOrder is order before the last write.
func (c *collection) staleOrder() []*record {
	if len(c.before) == 0 {
		return c.order
	}
	out := make([]*record, 0, len(c.order))
	for _, current := range c.order {
		if _, changed := c.before[current.id]; !changed {
			out = append(out, current)
		}
	}
	for _, old := range c.before {
		if old != nil {
			out = append(out, old)
		}
	}
	slices.SortFunc(out, byID)
	return out
}

// beginWrite starts what a stale answer does not show yet, if the write changes anything.
func (c *collection) beginWrite() { c.fresh = true }

func (c *collection) remember(id string) {
	if c.fresh || c.before == nil {
		c.before, c.fresh = map[string]*record{}, false
	}
	if _, known := c.before[id]; !known {
		c.before[id] = c.byID[id]
	}
}

func newRecord(e *entity, fields map[string]any) (*record, error) {
	fields["links"] = []any{}
	full, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	r := &record{id: asText(fields["id"]), name: asText(fields["name"]), fields: fields, json: full, row: full}
	if len(e.listOmits) > 0 {
		short := maps.Clone(fields)
		maps.DeleteFunc(short, func(name string, _ any) bool { return e.omittedFromLists(name) })
		if r.row, err = json.Marshal(short); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func byID(a, b *record) int { return cmp.Compare(a.id, b.id) }

// store puts a record in, over an older one of the same id.
func (t *tenant) store(c *collection, r *record) {
	c.remember(r.id)
	at, found := slices.BinarySearchFunc(c.order, r, byID)
	if found {
		t.unlink(c, c.order[at])
		c.order[at] = r
	} else {
		c.order = slices.Insert(c.order, at, r)
	}
	c.byID[r.id] = r
	key := strings.ToLower(r.name)
	if c.byName[key] == nil {
		c.byName[key] = map[string]*record{}
	}
	c.byName[key][r.id] = r
	from := objectKey{c.entity.route, r.id}
	for to := range references(c.entity, r.fields) {
		if t.incoming[to] == nil {
			t.incoming[to] = map[objectKey]bool{}
		}
		t.incoming[to][from] = true
	}
}

func (t *tenant) remove(c *collection, r *record) {
	c.remember(r.id)
	if at, found := slices.BinarySearchFunc(c.order, r, byID); found {
		c.order = slices.Delete(c.order, at, at+1)
	}
	delete(c.byID, r.id)
	t.unlink(c, r)
}

// unlink takes a record out of the name and reference indexes.
func (t *tenant) unlink(c *collection, r *record) {
	key := strings.ToLower(r.name)
	delete(c.byName[key], r.id)
	if len(c.byName[key]) == 0 {
		delete(c.byName, key)
	}
	from := objectKey{c.entity.route, r.id}
	for to := range references(c.entity, r.fields) {
		delete(t.incoming[to], from)
		if len(t.incoming[to]) == 0 {
			delete(t.incoming, to)
		}
	}
}

// references are the objects that a record points to.
func references(e *entity, fields map[string]any) map[objectKey]bool {
	var out map[objectKey]bool
	for _, described := range e.referenceField {
		for _, id := range idsIn(fields[described.name]) {
			if out == nil {
				out = map[objectKey]bool{}
			}
			out[objectKey{described.target, strings.ToLower(id)}] = true
		}
	}
	return out
}

func idsIn(value any) []string {
	switch v := value.(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case []any:
		var ids []string
		for _, element := range v {
			ids = append(ids, idsIn(element)...)
		}
		return ids
	}
	return nil
}

func asText(value any) string {
	text, _ := value.(string)
	return text
}
