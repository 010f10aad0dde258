package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// The routes of this file change objects behind the backs of the clients: nothing is checked but that the id exists.

type objectHandler func(r *http.Request, t *tenant, in *collection) (any, error)

func (s *Simulator) objectRoute(next objectHandler) controlHandler {
	return func(r *http.Request) (any, error) {
		t, found := s.organization(r.PathValue("org"))
		if !found {
			return nil, fmt.Errorf("organization %s: %w", r.PathValue("org"), errNoObject)
		}
		in := t.collection(r.PathValue("entity"))
		if in == nil {
			return nil, fmt.Errorf("entity %s: %w", r.PathValue("entity"), errNoObject)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		return next(r, t, in)
	}
}

func listObjects(_ *http.Request, _ *tenant, in *collection) (any, error) {
	rows := make([]any, 0, len(in.order))
	for _, one := range in.order {
		rows = append(rows, one.json)
	}
	return rows, nil
}

func existing(r *http.Request, in *collection) (*record, error) {
	found := in.get(r.PathValue("id"))
	if found == nil {
		return nil, fmt.Errorf("%s %s: %w", in.entity.route, r.PathValue("id"), errNoObject)
	}
	return found, nil
}

func getObject(r *http.Request, _ *tenant, in *collection) (any, error) {
	found, err := existing(r, in)
	if err != nil {
		return nil, err
	}
	return found.json, nil
}

// putObject creates or replaces an object.
func (s *Simulator) putObject(r *http.Request, t *tenant, in *collection) (any, error) {
	fields := map[string]any{}
	if err := decodeBody(r, &fields); err != nil {
		return nil, err
	}
	if id := r.PathValue("id"); id != "" {
		fields["id"] = id
	}
	if old := in.get(asText(fields["id"])); old != nil {
		return s.changeObject(t, in, old, fields)
	}
	return s.storeObject(t, in, fields)
}

// patchObject merges the body into an object; null removes a field.
func (s *Simulator) patchObject(r *http.Request, t *tenant, in *collection) (any, error) {
	old, err := existing(r, in)
	if err != nil {
		return nil, err
	}
	partial := map[string]any{}
	if err := decodeBody(r, &partial); err != nil {
		return nil, err
	}
	return s.changeObject(t, in, old, merge(old.fields, partial))
}

// changeObject stores a change as a user interface would: a higher version, a new time.
func (s *Simulator) changeObject(t *tenant, in *collection, old *record, fields map[string]any) (any, error) {
	version, _ := asInteger(old.fields["version"])
	fields["id"], fields["version"], fields["createdTime"] = old.id, version+1, old.fields["createdTime"]
	fields["lastUpdatedTime"] = s.now().UnixMilli()
	return s.storeObject(t, in, fields)
}

func (s *Simulator) storeObject(t *tenant, in *collection, fields map[string]any) (any, error) {
	stored, err := newRecord(in.entity, s.completed(t, in.entity, fields))
	if err != nil {
		return nil, fmt.Errorf("encode the object: %w", err)
	}
	in.beginWrite()
	t.store(in, stored)
	return stored.json, nil
}

func deleteObject(r *http.Request, t *tenant, in *collection) (any, error) {
	old, err := existing(r, in)
	if err != nil {
		return nil, err
	}
	in.beginWrite()
	t.remove(in, old)
	return nil, nil
}

type centerHandler func(r *http.Request, g *gateway, in *group) (any, error)

func (s *Simulator) centerRoute(next centerHandler) controlHandler {
	return func(r *http.Request) (any, error) {
		g := s.gateway()
		g.mu.Lock()
		defer g.mu.Unlock()
		in := g.groups[groupKey{r.PathValue("tenant"), r.PathValue("group")}]
		if in == nil {
			return nil, fmt.Errorf("group %s of tenant %s: %w", r.PathValue("group"), r.PathValue("tenant"), errNoObject)
		}
		return next(r, g, in)
	}
}

func listCenters(_ *http.Request, _ *gateway, in *group) (any, error) {
	rows := []any{}
	for _, center := range in.sorted(false) {
		rows = append(rows, center.export())
	}
	return rows, nil
}

func existingCenter(r *http.Request, in *group) (*callCenter, error) {
	found := in.get(r.PathValue("id"), false)
	if found == nil {
		return nil, fmt.Errorf("call center %s: %w", r.PathValue("id"), errNoObject)
	}
	return found, nil
}

func getCenter(r *http.Request, _ *gateway, in *group) (any, error) {
	found, err := existingCenter(r, in)
	if err != nil {
		return nil, err
	}
	return found.export(), nil
}

// putCenter creates or replaces a call center.
func putCenter(r *http.Request, g *gateway, in *group) (any, error) {
	content := map[string]any{}
	if err := decodeBody(r, &content); err != nil {
		return nil, err
	}
	if id := r.PathValue("id"); id != "" {
		content["serviceUserId"] = id
	}
	return storeCenter(g, in, content)
}

// patchCenter merges the body, and its profile, into a call center.
func patchCenter(r *http.Request, g *gateway, in *group) (any, error) {
	old, err := existingCenter(r, in)
	if err != nil {
		return nil, err
	}
	partial := map[string]any{}
	if err := decodeBody(r, &partial); err != nil {
		return nil, err
	}
	content := old.export()
	profile, _ := content["serviceInstanceProfile"].(map[string]any)
	changes, _ := partial["serviceInstanceProfile"].(map[string]any)
	maps.Copy(content, partial)
	content["serviceInstanceProfile"] = merge(profile, changes)
	content["serviceUserId"] = old.id
	return storeCenter(g, in, content)
}

func storeCenter(g *gateway, in *group, content map[string]any) (any, error) {
	center := loadCallCenter(in, content)
	owner, taken := g.owner[strings.ToLower(center.id)]
	switch {
	case center.id == "":
		return nil, fmt.Errorf("serviceUserId is expected")
	case taken && owner != in.key:
		return nil, fmt.Errorf("call center %s belongs to group %s", center.id, owner.group)
	}
	in.beginWrite()
	g.put(in, center)
	return center.export(), nil
}

func deleteCenter(r *http.Request, g *gateway, in *group) (any, error) {
	old, err := existingCenter(r, in)
	if err != nil {
		return nil, err
	}
	in.beginWrite()
	g.drop(in, old.id)
	return nil, nil
}
