package simulator

import (
	"maps"
	"slices"
	"strings"
)

// referencePath leads to a field that holds ids of other objects.
type referencePath struct {
	steps []string
	*field
}

func (f *field) referencePaths(above []string) []referencePath {
	steps := append(slices.Clone(above), f.name)
	if f.target != "" {
		return []referencePath{{steps, f}}
	}
	var out []referencePath
	for i := range f.fields {
		out = append(out, f.fields[i].referencePaths(steps)...)
	}
	return out
}

// values are the ids that an object holds there.
func (p referencePath) values(fields map[string]any) []string {
	return idsAt(fields[p.steps[0]], p.steps[1:])
}

func idsAt(value any, steps []string) []string {
	switch v := value.(type) {
	case string:
		if v != "" && len(steps) == 0 {
			return []string{v}
		}
	case []any:
		var ids []string
		for _, element := range v {
			ids = append(ids, idsAt(element, steps)...)
		}
		return ids
	case map[string]any:
		if len(steps) > 0 {
			return idsAt(v[steps[0]], steps[1:])
		}
	}
	return nil
}

// resolve finds the object that a value of a reference means. The tenant is locked.
func (t *tenant) resolve(f *field, value string) (objectKey, bool) {
	id := strings.ToLower(value)
	if f.part != "" {
		owner, found := t.parts[id]
		return owner, found && owner.entity == f.target
	}
	in := t.collection(f.target)
	if found := in.get(id); found != nil {
		return objectKey{f.target, found.id}, true
	}
	if f.orName {
		for _, found := range in.byName[strings.ToLower(value)] {
			return objectKey{f.target, found.id}, true
		}
	}
	return objectKey{}, false
}

// referencesOf are the objects that a record points to, each once. An id that nothing has counts too: the control
// routes may put objects in any order.
func (t *tenant) referencesOf(e *entity, fields map[string]any) []objectKey {
	var out []objectKey
	add := func(key objectKey) {
		if !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	for _, path := range e.references {
		for _, value := range path.values(fields) {
			if key, found := t.resolve(path.field, value); found {
				add(key)
			} else if path.part == "" {
				add(objectKey{path.target, strings.ToLower(value)})
			}
		}
	}
	if e.more != nil {
		for _, key := range e.more(t, fields) {
			add(key)
		}
	}
	return out
}

func (t *tenant) unknownReferences(e *entity, next map[string]any) []string {
	var wrong []string
	for _, path := range e.references {
		for _, value := range path.values(next) {
			if _, found := t.resolve(path.field, value); !found {
				wrong = append(wrong, path.name+": not found for given orgId.")
			}
		}
	}
	return slices.Compact(wrong)
}

// namedKey stands for whatever object of an entity has the name. No id begins like it.
func namedKey(entity, name string) objectKey { return objectKey{entity, "=" + strings.ToLower(name)} }

// holders are the objects that refer to an object, by its id or by its name.
func (t *tenant) holders(target objectKey) map[objectKey]bool {
	byID := t.incoming[target]
	found := t.collection(target.entity).get(target.id)
	if found == nil {
		return byID
	}
	byName := t.incoming[namedKey(target.entity, found.name)]
	if len(byName) == 0 {
		return byID
	}
	out := maps.Clone(byName)
	maps.Copy(out, byID)
	return out
}

// referringTypes are the names of the entities that refer to an object, sorted.
func (t *tenant) referringTypes(target objectKey) []string {
	types := map[string]bool{}
	for holder := range t.holders(target) {
		types[holder.entity] = true
	}
	return slices.Sorted(maps.Keys(types))
}

// referrers are the objects of one entity that refer to an object, by id.
func (t *tenant) referrers(target objectKey, holder string) []*record {
	var out []*record
	for key := range t.holders(target) {
		if key.entity == holder {
			out = append(out, t.collection(holder).get(key.id))
		}
	}
	slices.SortFunc(out, byID)
	return out
}

// typeAliases are other spellings of type names that answers of the live service had.
var typeAliases = map[string]string{"entrypoint": "entry-point"}

// incomingReferences answers GET <entity>/{id}/incoming-references: one type per answer, the others by name.
func (s *Simulator) incomingReferences(e *entity) configHandler {
	return func(c *call, t *tenant) answer {
		wanted := c.query.get("type")
		wanted = orDefault(typeAliases[wanted], wanted)
		if e.noReferences || wanted != "" && entities[wanted] == nil {
			return configError(c, e, invalid(textReferenceType))
		}
		window, wrong := s.window(c)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		t.mu.RLock()
		defer t.mu.RUnlock()
		target := t.collection(e.route).get(c.params["id"])
		if target == nil {
			return configError(c, e, refuse(404, textNotFound))
		}
		types := t.referringTypes(objectKey{e.route, target.id})
		if wanted == "" && len(types) > 0 {
			wanted = types[0]
		}
		var holders []*record
		if wanted != "" {
			holders = t.referrers(objectKey{e.route, target.id}, wanted)
		}
		rows := []any{}
		for _, holder := range window.cut(holders, false) {
			rows = append(rows, map[string]any{"id": holder.id, "name": holder.name, "additionalAttributes": map[string]any{}})
		}
		meta := s.meta(c, window, t.info.ID, len(holders))
		meta["referencedEntities"] = append([]string{}, types...)
		if wanted != "" {
			meta["currentEntity"] = wanted
		}
		return reply(200, map[string]any{"description": "list of referenced entities", "meta": meta, "data": rows})
	}
}
