package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Nested ids (contact-center reference 5.1): the server gives them. A full replace keeps an element that brings its id
// and deletes the others; an element that stands for a kept one without its id, or brings an id of elsewhere, is a 409.

const textInternal = "Internal error. Please contact Cisco Support Team"

// identify gives ids to the elements of a checked record.
func (e *entity) identify(next, previous map[string]any, now int64) *refusal {
	for i := range e.fields {
		described := &e.fields[i]
		if !described.nested.identified || described.readOnly {
			continue // what the server keeps has its ids
		}
		var wrong *refusal
		switch value := next[described.name].(type) {
		case []any:
			wrong = described.identifyElements(value, asList(previous[described.name]), asText(next["id"]), now)
		case map[string]any:
			wrong = described.identifyObject(value, asObject(previous[described.name]), now)
		}
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

// reorder puts the lists whose order the server does not keep into its own: that of the ids.
func (e *entity) reorder(next map[string]any) {
	for i := range e.fields {
		list, isList := next[e.fields[i].name].([]any)
		if !e.fields[i].reordered || !isList {
			continue
		}
		list = slices.Clone(list)
		slices.SortFunc(list, func(a, b any) int { return strings.Compare(idOf(a), idOf(b)) })
		next[e.fields[i].name] = list
	}
}

func idOf(element any) string {
	if fields, isObject := element.(map[string]any); isObject {
		return asText(fields["id"])
	}
	return asText(element)
}

func (f *field) identifyElements(next, previous []any, owner string, now int64) *refusal {
	old, keys := map[string]map[string]any{}, map[any]bool{}
	for _, element := range previous {
		fields := asObject(element)
		old[asText(fields["id"])] = fields
		keys[fields[f.nested.key]] = true
	}
	seen := map[any]bool{}
	for _, element := range next {
		fields := asObject(element)
		id, key := asText(fields["id"]), fields[f.nested.key]
		switch {
		case id != "" && old[id] == nil:
			return refuse(http.StatusConflict, fmt.Sprintf("Duplicate entry '%s' for key '%s.id'", id, f.name))
		case seen[key] || id == "" && keys[key]:
			return refuse(http.StatusConflict, fmt.Sprintf("Duplicate entry '%v' for key '%s.%s'", key, f.name, f.nested.key))
		}
		seen[key] = true
		f.stamp(fields, old[id], now)
		if f.nested.owner != "" {
			fields[f.nested.owner] = owner
		}
	}
	return nil
}

// identifyObject is for objects with an id of their own: one from elsewhere gets the answer without a name.
func (f *field) identifyObject(next, previous map[string]any, now int64) *refusal {
	if id := asText(next["id"]); id != "" && id != asText(previous["id"]) {
		return refuse(http.StatusConflict, textInternal)
	}
	f.stamp(next, previous, now)
	return nil
}

// stamp completes an element with what the server knows of it; old is nil for a new one.
func (f *field) stamp(fields, old map[string]any, now int64) {
	if old == nil {
		old = map[string]any{}
	}
	fields["id"] = orDefault(asText(old["id"]), newUUID())
	for i := range f.fields {
		if inner := &f.fields[i]; inner.readOnly && old[inner.name] != nil {
			fields[inner.name] = old[inner.name]
		}
	}
	if f.nested.versioned {
		version, known := asInteger(old["version"])
		if known && !f.sameElement(fields, old) {
			version++
		}
		fields["version"] = version
	}
	if !f.nested.stamped {
		return
	}
	fields["links"] = []any{}
	fields["createdTime"], fields["lastUpdatedTime"] = now, now
	if created, known := asInteger(old["createdTime"]); known {
		fields["createdTime"] = created
	}
	if updated, known := asInteger(old["lastUpdatedTime"]); known && f.sameElement(fields, old) {
		fields["lastUpdatedTime"] = updated
	}
}

// sameElement compares what a client can write.
func (f *field) sameElement(a, b map[string]any) bool {
	for i := range f.fields {
		if name := f.fields[i].name; !f.fields[i].readOnly && fmt.Sprint(a[name]) != fmt.Sprint(b[name]) {
			return false
		}
	}
	return true
}

// completeElements does for objects from outside what identify does for requests: nothing is refused.
func (e *entity) completeElements(fields map[string]any, now int64) {
	for i := range e.fields {
		described := &e.fields[i]
		if !described.nested.identified {
			continue
		}
		switch value := fields[described.name].(type) {
		case []any:
			for at, element := range value {
				value[at] = described.completeElement(asObject(element), asText(fields["id"]), now)
			}
		case map[string]any:
			fields[described.name] = described.completeElement(value, "", now)
		}
	}
}

func (f *field) completeElement(given map[string]any, owner string, now int64) map[string]any {
	fields := maps.Clone(given)
	if fields == nil {
		fields = map[string]any{}
	}
	f.stamp(fields, given, now)
	if f.nested.owner != "" && owner != "" {
		fields[f.nested.owner] = owner
	}
	return fields
}
