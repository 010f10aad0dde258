package simulator

import (
	"maps"
	"slices"
)

// referringTypes are the names of the entities that refer to an object, sorted.
func (t *tenant) referringTypes(e *entity, id string) []string {
	types := map[string]bool{}
	for holder := range t.incoming[objectKey{e.route, id}] {
		types[holder.entity] = true
	}
	return slices.Sorted(maps.Keys(types))
}

// referrers are the objects of one entity that refer to an object, by id.
func (t *tenant) referrers(e *entity, id, holder string) []*record {
	var out []*record
	for key := range t.incoming[objectKey{e.route, id}] {
		if key.entity == holder {
			out = append(out, t.collection(holder).get(key.id))
		}
	}
	slices.SortFunc(out, byID)
	return out
}

// incomingReferences answers GET <entity>/{id}/incoming-references: one type per answer, the others by name.
func (s *Simulator) incomingReferences(e *entity) configHandler {
	return func(c *call, t *tenant) answer {
		wanted := c.query.get("type")
		if wanted != "" && entities[wanted] == nil {
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
		types := t.referringTypes(e, target.id)
		if wanted == "" && len(types) > 0 {
			wanted = types[0]
		}
		var holders []*record
		if wanted != "" {
			holders = t.referrers(e, target.id, wanted)
		}
		rows := []any{}
		for _, holder := range window.cut(holders, false) {
			rows = append(rows, map[string]any{"id": holder.id, "name": holder.name, "additionalAttributes": map[string]any{}})
		}
		meta := window.meta(c, t.info.ID, len(holders))
		meta["referencedEntities"] = append([]string{}, types...)
		if wanted != "" {
			meta["currentEntity"] = wanted
		}
		return reply(200, map[string]any{"description": "list of referenced entities", "meta": meta, "data": rows})
	}
}
