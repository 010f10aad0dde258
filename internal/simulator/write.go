package simulator

import (
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
}

func (w *writer) create(body map[string]any) (*record, *refusal) {
	e := w.in.entity
	if id, given := body["id"]; given && id != nil && id != "" {
		return nil, invalid(textIDOnCreate)
	}
	if e.systemDefault && body["systemDefault"] == true {
		return nil, refuse(http.StatusForbidden, textSystemCreate)
	}
	next, wrong := w.next(body, nil)
	if wrong != nil {
		return nil, wrong
	}
	now := w.sim.now().UnixMilli()
	next["id"], next["version"] = newUUID(), int64(0)
	next["createdTime"], next["lastUpdatedTime"] = now, now
	if e.systemDefault {
		next["systemDefault"] = false
	}
	return w.store(next)
}

// update replaces an object by a full body.
func (w *writer) update(id string, body map[string]any) (*record, *refusal) {
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
	next, wrong := w.next(body, old.fields)
	if wrong != nil {
		return nil, wrong
	}
	version, _ := asInteger(old.fields["version"])
	next["version"], next["lastUpdatedTime"] = version+1, w.sim.now().UnixMilli()
	return w.store(next)
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
	if types := w.tenant.referringTypes(w.in.entity, old.id); len(types) > 0 {
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
	if old.fields["systemDefault"] == true {
		return nil, invalid(textSystemGenerated)
	}
	return old, nil
}

// next is the checked record that a body leads to.
func (w *writer) next(body, previous map[string]any) (map[string]any, *refusal) {
	e := w.in.entity
	next, wrong := e.compose(e.hide(body, w.dropped), previous)
	if wrong != nil {
		return nil, wrong
	}
	if wrong := e.check(w.tenant, next, previous); wrong != nil {
		return nil, wrong
	}
	for _, apply := range e.rules {
		if wrong := apply(w.tenant, next, previous); wrong != nil {
			return nil, wrong
		}
	}
	if e.uniqueName && w.in.nameTaken(asText(next["name"]), asText(previous["id"])) {
		return nil, refuse(http.StatusConflict, textDuplicate)
	}
	e.restore(next, previous, w.dropped)
	next["organizationId"] = w.tenant.info.ID
	return next, nil
}

func (w *writer) store(next map[string]any) (*record, *refusal) {
	stored, err := newRecord(w.in.entity, next)
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, err.Error())
	}
	w.tenant.store(w.in, stored)
	return stored, nil
}

// nameTaken compares without regard to case; the object itself does not count.
func (c *collection) nameTaken(name, self string) bool {
	for id := range c.byName[strings.ToLower(name)] {
		if id != self {
			return true
		}
	}
	return false
}

func isStale(version any, old *record) bool {
	if version == nil {
		return false
	}
	given, ok := asInteger(version)
	current, _ := asInteger(old.fields["version"])
	return !ok || given != current
}
