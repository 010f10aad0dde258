package simulator

import (
	"encoding/json"
	"maps"
)

// view is one object on its way to a client.
type view struct {
	tenant *tenant
	record *record
	query  query
	item   bool // the item route asks, or a list that shows complete items
	slim   bool // the route leaves out what only items have
}

// computation makes the fields of an answer that are not stored; nil = none this time.
type computation func(view) map[string]any

// json is the answer. The tenant is locked for reading.
func (v view) json(e *entity) (json.RawMessage, error) {
	content := v.record.row
	if v.item && !v.slim {
		content = v.record.json
	}
	if e.computed == nil {
		return content, nil
	}
	more := e.computed(v)
	if len(more) == 0 {
		return content, nil
	}
	for name := range more {
		if _, stored := v.record.fields[name]; stored {
			return v.merged(e, more)
		}
	}
	extra, err := encodeJSON(more)
	if err != nil {
		return nil, err
	}
	// Both are objects with at least one key: { a } and { b } become { a , b }.
	out := make([]byte, 0, len(content)+len(extra))
	out = append(append(out, content[:len(content)-1]...), ',')
	return append(out, extra[1:]...), nil
}

// merged is for computed fields that stand for stored ones.
func (v view) merged(e *entity, more map[string]any) (json.RawMessage, error) {
	fields := maps.Clone(v.record.fields)
	maps.Copy(fields, more)
	if v.item {
		return e.encode(fields, nil)
	}
	return e.encode(e.rowFields(fields), e.omittedFromLists)
}

// project is the part of an object that the attributes parameter names.
func (v view) project(e *entity, columns []string) (json.RawMessage, error) {
	var computed map[string]any
	if e.computed != nil {
		computed = e.computed(v)
	}
	fields := v.record.fields
	if !v.item {
		fields = e.rowFields(fields)
	}
	short := map[string]any{}
	for _, name := range columns {
		if value, has := computed[name]; has {
			short[name] = value
		} else if value, has := fields[name]; has && !e.unseen(name) {
			short[name] = value
		}
	}
	return encodeJSON(short)
}

// nameOf is the name of an object that a reference means; "" = it does not exist.
func (t *tenant) nameOf(entity string, id any) string {
	if found := t.collection(entity).get(asText(id)); found != nil {
		return found.name
	}
	return ""
}
