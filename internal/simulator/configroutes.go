package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
)

// configHandler answers a call that is allowed to see the organization.
type configHandler func(*call, *tenant) answer

const (
	scopeConfig      = "cjp:config"
	scopeConfigRead  = "cjp:config_read"
	scopeConfigWrite = "cjp:config_write"
)

const configPrefix = "/organization/{orgid}/"

// registerConfiguration adds the routes of every described entity.
func (s *Simulator) registerConfiguration() {
	s.registerTenant()
	s.registerUsers()
	s.registerQueues()
	s.registerFlows()
	for _, e := range entityOrder {
		if len(e.paths) == 0 {
			continue
		}
		for _, p := range e.paths {
			s.registerPath(e, p)
		}
		s.registerBulk(e)
		s.registerEntries(e)
		base := configPrefix + e.route
		s.router.add("GET "+base+"/{id}/incoming-references", s.configuration(s.incomingReferences(e)))
		if e.purge {
			s.router.add("POST "+base+"/purge-inactive-entities", s.configuration(s.purge(e)))
		}
		if e.export != nil {
			s.router.add("GET "+base+"/bulk-export", s.configuration(s.bulkExport(e)))
		}
	}
}

func (s *Simulator) registerPath(e *entity, p path) {
	base := p.base(e)
	if p.list != noList {
		s.router.add("GET "+base, s.configuration(s.list(e, p)))
	}
	for route, offered := range map[string]struct {
		yes    bool
		handle configHandler
	}{
		"POST " + base:             {p.create, s.createItem(e, p)},
		"GET " + base + "/{id}":    {p.read, s.readItem(e, p)},
		"PUT " + base + "/{id}":    {p.update, s.updateItem(e, p)},
		"PATCH " + base + "/{id}":  {p.patch, s.patchItem(e, p)},
		"DELETE " + base + "/{id}": {p.delete, s.deleteItem(e)},
	} {
		if offered.yes {
			s.router.add(route, s.configuration(offered.handle))
		}
	}
}

func (s *Simulator) registerBulk(e *entity) {
	routes := e.bulk.routes
	if routes == nil {
		routes = []string{e.route + "/bulk"}
	}
	for _, route := range routes {
		if e.bulk.post {
			s.router.add("POST "+configPrefix+route, s.configuration(s.bulkSave(e)))
		}
	}
	if e.bulk.patch {
		s.router.add("PATCH "+configPrefix+routes[0], s.configuration(s.bulkPatch(e)))
	}
}

// configuration lets only calls with the right token, organization and scope through.
func (s *Simulator) configuration(next configHandler) handler {
	return func(c *call) answer {
		if refused := s.refuseContactCenter(c); refused != nil {
			return *refused
		}
		t, found := s.organization(c.orgID)
		if !found {
			return configError(c, nil, refuse(http.StatusNotFound, textNotFound))
		}
		return next(c, t)
	}
}

// refuseContactCenter checks the token as the contact center does; nil = welcome.
func (s *Simulator) refuseContactCenter(c *call) *answer {
	var refused answer
	switch {
	case bearer(c.request) == "":
		refused = frontError(c, http.StatusBadRequest, "Authorization header is missing or malformed")
	case c.grant == nil || c.lies.expireToken:
		refused = frontError(c, http.StatusUnauthorized, "The access token is invalid or expired")
	case c.params["orgid"] != "" && !strings.EqualFold(c.params["orgid"], c.grant.organization):
		refused = configError(c, nil, refuse(http.StatusForbidden, "Caller has no access to this organization"))
	case !c.grant.allows(scopeConfig) && !c.grant.allows(neededScope(c.method)):
		refused = configError(c, nil, refuse(http.StatusForbidden, "Caller lacks the needed scope"))
	case c.query.hasRawQuote():
		refused = frontError(c, http.StatusBadRequest, "Illegal character in query")
	default:
		return nil
	}
	return &refused
}

func neededScope(method string) string {
	if method == http.MethodGet || method == http.MethodHead {
		return scopeConfigRead
	}
	return scopeConfigWrite
}

func (s *Simulator) readItem(e *entity, p path) configHandler {
	return func(c *call, t *tenant) answer {
		t.mu.RLock()
		defer t.mu.RUnlock()
		found := t.collection(e.route).get(c.params["id"])
		if c.lies.stale {
			found = t.collection(e.route).getStale(c.params["id"])
		}
		if found == nil {
			return configError(c, e, refuse(http.StatusNotFound, textNotFound))
		}
		return showItem(c, t, e, found, http.StatusOK, p.slim)
	}
}

// showItem answers with one object. The tenant is locked.
func showItem(c *call, t *tenant, e *entity, r *record, status int, slim bool) answer {
	content, err := view{tenant: t, record: r, query: c.query, item: true, slim: slim}.json(e)
	if err != nil {
		return configError(c, e, refuse(http.StatusInternalServerError, err.Error()))
	}
	return answer{status: status, raw: content}
}

func (s *Simulator) createItem(e *entity, p path) configHandler {
	return s.writeItem(e, p, func(w *writer, _ string, body map[string]any) (int, *record, *refusal) {
		stored, wrong := w.create(body)
		return e.created, stored, wrong
	})
}

func (s *Simulator) updateItem(e *entity, p path) configHandler {
	return s.writeItem(e, p, func(w *writer, id string, body map[string]any) (int, *record, *refusal) {
		stored, wrong := w.update(id, body)
		return http.StatusOK, stored, wrong
	})
}

// patchItem merges an object into the stored one. A list of operations makes the live service fail.
func (s *Simulator) patchItem(e *entity, p path) configHandler {
	write := s.writeBody(e, p, func(w *writer, id string, body map[string]any) (int, *record, *refusal) {
		if given := asText(body["id"]); given != "" && !strings.EqualFold(given, id) {
			return 0, nil, invalid(textIDMismatch)
		}
		body["id"] = id
		stored, wrong := w.patch(body)
		return http.StatusOK, stored, wrong
	})
	return func(c *call, t *tenant) answer {
		value, err := decodeJSON(c.body)
		if err != nil {
			return configError(c, e, invalid("Bad payload: Cannot deserialize: "+err.Error()))
		}
		body, isObject := value.(map[string]any)
		if !isObject {
			return configError(c, e, refuse(http.StatusInternalServerError, textInternal))
		}
		return write(c, t, body, nil)
	}
}

type itemWrite func(w *writer, id string, body map[string]any) (int, *record, *refusal)

// bodyDecoder reads a body, and the content of a file with it.
type bodyDecoder func(*call) (body map[string]any, content []byte, wrong *refusal)

func (s *Simulator) writeItem(e *entity, p path, write itemWrite) configHandler {
	finish := s.writeBody(e, p, write)
	return func(c *call, t *tenant) answer {
		decode := e.decode
		if decode == nil {
			decode = func(c *call) (map[string]any, []byte, *refusal) {
				body, wrong := decodeObject(s.payload(c, e))
				return body, nil, wrong
			}
		}
		body, content, wrong := decode(c)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		return finish(c, t, body, content)
	}
}

// payload is the body, or the query parameter that the specification has instead of it (section 9).
func (s *Simulator) payload(c *call, e *entity) []byte {
	if s.options.Unknowns.AcceptQueryDTO && len(c.body) == 0 && e.queryDTO != "" {
		return []byte(c.query.get(e.queryDTO))
	}
	return c.body
}

func (s *Simulator) writeBody(e *entity, p path, write itemWrite) func(*call, *tenant, map[string]any, []byte) answer {
	return func(c *call, t *tenant, body map[string]any, content []byte) answer {
		t.mu.Lock()
		defer t.mu.Unlock()
		w := s.writer(c, t, e)
		w.slim = p.slim
		status, stored, wrong := write(w, c.params["id"], body)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		if content != nil {
			t.blobs[asText(stored.fields["blobId"])] = content
		}
		return showItem(c, t, e, stored, status, p.slim)
	}
}

func (s *Simulator) deleteItem(e *entity) configHandler {
	return func(c *call, t *tenant) answer {
		t.mu.Lock()
		defer t.mu.Unlock()
		if wrong := s.writer(c, t, e).delete(c.params["id"]); wrong != nil {
			return configError(c, e, wrong)
		}
		return empty(e.deleted)
	}
}

// purge is closed to everybody on real tenants.
func (s *Simulator) purge(e *entity) configHandler {
	return func(c *call, _ *tenant) answer {
		return configError(c, e, refuse(http.StatusForbidden, textPurge))
	}
}

// writer starts the writes of one request. The tenant is locked.
func (s *Simulator) writer(c *call, t *tenant, e *entity) *writer {
	in := t.collection(e.route)
	in.beginWrite()
	return &writer{sim: s, tenant: t, in: in, dropped: c.lies.dropFields, now: s.now().UnixMilli()}
}

// decodeInto reads a body that is no configuration object. Unknown keys are ignored.
func decodeInto(content []byte, into any) *refusal {
	if err := json.Unmarshal(content, into); err != nil {
		return invalid("Bad payload: Cannot deserialize: " + err.Error())
	}
	return nil
}

func decodeObject(content []byte) (map[string]any, *refusal) {
	value, err := decodeJSON(content)
	if err != nil {
		return nil, invalid("Bad payload: Cannot deserialize: " + err.Error())
	}
	body, ok := value.(map[string]any)
	if !ok {
		return nil, invalid("Bad payload: Cannot deserialize value: a JSON object is expected")
	}
	return body, nil
}
