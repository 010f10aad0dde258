package simulator

import (
	"maps"
	"net/http"
	"strings"
)

// The functions of this file need the write lock of the tenant.

// writer does the writes of one request.
type writer struct {
	sim     *Simulator
	tenant  *tenant
	in      *collection
	dropped []string // fields that a fault makes the service ignore
	slim    bool     // the route does not know the fields that only items have
	now     int64
}

func (w *writer) create(body map[string]any) (*record, *refusal) { return w.insert(body, false) }

func (w *writer) insert(body map[string]any, bulk bool) (*record, *refusal) {
	e := w.in.entity
	if id, given := body["id"]; given && id != nil && id != "" {
		return nil, invalid(textIDOnCreate)
	}
	if e.systemDefault && body["systemDefault"] == true {
		return nil, refuse(http.StatusForbidden, textSystemCreate)
	}
	if most := w.sim.options.Unknowns.MaxObjects; most > 0 && len(w.in.order) >= most {
		return nil, invalid(textTooMany)
	}
	next, wrong := w.next(body, nil, bulk)
	if wrong != nil {
		return nil, wrong
	}
	next["version"] = e.firstVersion
	next["createdTime"], next["lastUpdatedTime"] = w.now, w.now
	return w.store(next)
}

// update replaces an object by a full body.
func (w *writer) update(id string, body map[string]any) (*record, *refusal) {
	return w.replace(id, body, false)
}

func (w *writer) replace(id string, body map[string]any, bulk bool) (*record, *refusal) {
	old, wrong := w.changeable(id)
	if wrong != nil {
		return nil, wrong
	}
	if !strings.EqualFold(asText(body["id"]), old.id) {
		return nil, invalid(textIDMismatch)
	}
	if w.sim.options.StrictVersion && isStale(body["version"], old) {
		return nil, refuse(http.StatusConflict, textStaleVersion)
	}
	next, wrong := w.next(body, old.fields, bulk)
	if wrong != nil {
		return nil, wrong
	}
	if wrong := w.refuseDeactivation(old, next); wrong != nil {
		return nil, wrong
	}
	version, _ := asInteger(old.fields["version"])
	next["version"], next["lastUpdatedTime"] = version+1, w.now
	return w.store(next)
}

// refuseDeactivation keeps an object active that others refer to, where the service is told to (Unknowns).
func (w *writer) refuseDeactivation(old *record, next map[string]any) *refusal {
	if !w.sim.options.Unknowns.DeactivationBlocked || old.fields["active"] != true || next["active"] != false {
		return nil
	}
	if types := w.tenant.referringTypes(objectKey{w.in.entity.route, old.id}); len(types) > 0 {
		return &refusal{status: http.StatusPreconditionFailed, messages: []string{textReferenced}, referenced: types}
	}
	return nil
}

// patch changes the given fields of an object.
func (w *writer) patch(partial map[string]any) (*record, *refusal) {
	id := asText(partial["id"])
	if id == "" {
		return nil, invalid("id: should not be null or blank.")
	}
	old, wrong := w.changeable(id)
	if wrong != nil {
		return nil, wrong
	}
	full := merge(old.fields, partial)
	full["id"] = old.id
	return w.update(id, full)
}

func (w *writer) delete(id string) *refusal {
	old, wrong := w.changeable(id)
	if wrong != nil {
		return wrong
	}
	if types := w.tenant.referringTypes(objectKey{w.in.entity.route, old.id}); len(types) > 0 {
		return &refusal{status: http.StatusPreconditionFailed, messages: []string{textReferenced}, referenced: types}
	}
	w.tenant.remove(w.in, old)
	return nil
}

// changeable finds an object that may be written: it exists and is not protected.
func (w *writer) changeable(id string) (*record, *refusal) {
	old := w.in.get(id)
	if old == nil {
		return nil, refuse(http.StatusNotFound, textNotFound)
	}
	if old.fields["systemDefault"] == true || old.fields["isSystemCode"] == true {
		return nil, invalid(textSystemGenerated)
	}
	return old, nil
}

// next is the checked record that a body leads to.
func (w *writer) next(body, previous map[string]any, bulk bool) (map[string]any, *refusal) {
	e := w.in.entity
	body = e.hide(w.within(body, previous), w.dropped)
	writing := &change{writer: w, body: body, previous: previous, bulk: bulk}
	if wrong := writing.apply(e.first); wrong != nil {
		return nil, wrong
	}
	next, wrong := e.compose(body, previous)
	if wrong != nil {
		return nil, wrong
	}
	if wrong := e.check(w.tenant, next, previous); wrong != nil {
		return nil, wrong
	}
	next["id"] = orDefault(asText(previous["id"]), newUUID())
	writing.next = next
	if wrong := writing.apply(e.rules); wrong != nil {
		return nil, wrong
	}
	if e.unique && w.in.nameTaken(next, asText(previous["id"]), w.sim.options.Unknowns.CaseSensitiveNames) {
		return nil, refuse(http.StatusConflict, textDuplicate)
	}
	if wrong := e.identify(next, previous, w.now); wrong != nil {
		return nil, wrong
	}
	e.reorder(next)
	e.restore(next, previous, w.dropped)
	next["organizationId"] = w.tenant.info.ID
	return next, nil
}

func (c *change) apply(rules []rule) *refusal {
	for _, one := range rules {
		if wrong := one(c); wrong != nil {
			return wrong
		}
	}
	return nil
}

// within is the body as a route without the item-only fields understands it: they stay what they are.
func (w *writer) within(body, previous map[string]any) map[string]any {
	if !w.slim {
		return body
	}
	out := maps.Clone(body)
	for i := range w.in.entity.fields {
		described := &w.in.entity.fields[i]
		if !described.itemOnly {
			continue
		}
		delete(out, described.name)
		if old, had := previous[described.name]; had {
			out[described.name] = deepCopy(old)
		}
	}
	return out
}

func (w *writer) store(next map[string]any) (*record, *refusal) {
	stored, err := newRecord(w.in.entity, next)
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, err.Error())
	}
	w.tenant.store(w.in, stored)
	return stored, nil
}

func isStale(version any, old *record) bool {
	if version == nil {
		return false
	}
	given, ok := asInteger(version)
	current, _ := asInteger(old.fields["version"])
	return !ok || given != current
}
