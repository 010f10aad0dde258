package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// tenant is one organization with its configuration. mu guards the collections; records never change once stored.
type tenant struct {
	info OrganizationSeed

	mu          sync.RWMutex
	collections map[string]*collection
	incoming    map[objectKey]map[objectKey]bool // who refers to an object
	parts       map[string]objectKey             // whose element has an id
	blobs       map[string][]byte                // content of audio files
}

type objectKey struct{ entity, id string }

// record is one stored object: the decoded fields for the rules, and the encoded answer for reads.
type record struct {
	id, name string
	fields   map[string]any
	json     json.RawMessage // full item
	row      json.RawMessage // list row
	refs     []objectKey     // as they were when the object was stored
}

// collection is all objects of one entity in one organization.
type collection struct {
	entity *entity
	byID   map[string]*record
	byName map[string][]*record // by lower case name
	order  []*record            // by id: stable, and unlike the order of creation
	before map[string]*record   // objects as they were before the last write; nil = did not exist
	fresh  bool                 // the next change starts a new before
	counts map[string]int       // of entity.counted

	byDefault atomic.Pointer[[]*record] // see defaultOrder; nil = not made since the last write
}

func newTenant(info OrganizationSeed) *tenant {
	t := &tenant{
		info: info, collections: map[string]*collection{}, incoming: map[objectKey]map[objectKey]bool{},
		parts: map[string]objectKey{}, blobs: map[string][]byte{},
	}
	for _, described := range entityOrder {
		t.collections[described.route] = &collection{
			entity: described, byID: map[string]*record{}, byName: map[string][]*record{}, counts: map[string]int{},
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
	r := &record{id: asText(fields["id"]), name: e.nameOf(fields), fields: fields}
	full, err := e.encode(fields, nil)
	if err != nil {
		return nil, err
	}
	r.json, r.row = full, full
	if e.slimRows {
		r.row, err = e.encode(e.rowFields(fields), e.omittedFromLists)
	}
	return r, err
}

// nameOf is what references call an object.
func (e *entity) nameOf(fields map[string]any) string {
	if len(e.key) == 1 {
		return asText(fields[e.key[0]])
	}
	var parts []string
	for _, name := range e.key {
		parts = append(parts, asText(fields[name]))
	}
	return strings.Join(parts, " ")
}

// unseen fields are known to the service only.
func (e *entity) unseen(name string) bool {
	return e.bare && (name == "organizationId" || name == "version")
}

// encode is the answer for an object, without the fields to leave out.
func (e *entity) encode(fields map[string]any, without func(string) bool) (json.RawMessage, error) {
	shown := make(map[string]any, len(fields)+1)
	for name, value := range fields {
		if !e.unseen(name) && (without == nil || !without(name)) {
			shown[name] = value
		}
	}
	shown["links"] = []any{}
	return encodeJSON(shown)
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
	t.link(c, r)
}

// storeAll fills an empty collection; the last of several records with the same id stays.
func (t *tenant) storeAll(c *collection, all []*record) {
	slices.SortStableFunc(all, byID)
	for _, r := range all {
		if last := len(c.order) - 1; last >= 0 && c.order[last].id == r.id {
			t.unlink(c, c.order[last])
			c.order[last] = r
		} else {
			c.order = append(c.order, r)
		}
		t.link(c, r)
	}
}

// link puts a record into the indexes.
func (t *tenant) link(c *collection, r *record) {
	c.byDefault.Store(nil)
	c.byID[r.id] = r
	key := strings.ToLower(r.name)
	c.byName[key] = append(c.byName[key], r)
	c.count(r, 1)
	from := objectKey{c.entity.route, r.id}
	for id := range c.entity.partIDs(r.fields) {
		t.parts[id] = from
	}
	r.refs = t.referencesOf(c.entity, r.fields)
	for _, to := range r.refs {
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
	delete(t.blobs, asText(r.fields["blobId"]))
	t.unlink(c, r)
}

// unlink takes a record out of the name, element and reference indexes.
func (t *tenant) unlink(c *collection, r *record) {
	c.byDefault.Store(nil)
	key := strings.ToLower(r.name)
	c.byName[key] = slices.DeleteFunc(c.byName[key], func(one *record) bool { return one.id == r.id })
	if len(c.byName[key]) == 0 {
		delete(c.byName, key)
	}
	c.count(r, -1)
	for id := range c.entity.partIDs(r.fields) {
		delete(t.parts, id)
	}
	from := objectKey{c.entity.route, r.id}
	for _, to := range r.refs {
		delete(t.incoming[to], from)
		if len(t.incoming[to]) == 0 {
			delete(t.incoming, to)
		}
	}
}

func (c *collection) count(r *record, by int) {
	for name, value := range c.entity.counted {
		if r.fields[name] == value {
			c.counts[name] += by
		}
	}
}

// partIDs are the ids of the elements that other objects can refer to.
func (e *entity) partIDs(fields map[string]any) map[string]bool {
	var out map[string]bool
	for i := range e.fields {
		if !e.fields[i].nested.referable {
			continue
		}
		if out == nil {
			out = map[string]bool{}
		}
		for _, id := range idsAt(fields[e.fields[i].name], []string{"id"}) {
			out[strings.ToLower(id)] = true
		}
	}
	return out
}

// nameTaken tells that another object has the name, in the same place where the entity has places.
func (c *collection) nameTaken(next map[string]any, self string, caseSensitive bool) bool {
	name := c.entity.nameOf(next)
	if name == "" {
		return false // such as a mapping of an extension only: it has no number to share
	}
	for _, other := range c.byName[strings.ToLower(name)] {
		switch {
		case other.id == self || caseSensitive && other.name != name:
		case c.entity.uniqueWithin != "" && other.fields[c.entity.uniqueWithin] != next[c.entity.uniqueWithin]:
		default:
			return true
		}
	}
	return false
}

func asText(value any) string {
	text, _ := value.(string)
	return text
}

func asList(value any) []any {
	list, _ := value.([]any)
	return list
}

func asObject(value any) map[string]any {
	fields, _ := value.(map[string]any)
	return fields
}

// deepCopy is a copy of decoded JSON that shares no map or list with it.
func deepCopy(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for name, inner := range out {
			out[name] = deepCopy(inner)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i, inner := range out {
			out[i] = deepCopy(inner)
		}
		return out
	default:
		return value
	}
}

// encodeJSON is json.Marshal that leaves <, > and & as they are, as the live service does.
func encodeJSON(value any) (json.RawMessage, error) {
	content, err := answer{body: value}.encode()
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.Clone(content), nil // without the room that the encoder left
}
