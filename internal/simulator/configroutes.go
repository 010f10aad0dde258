package simulator

import (
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

// registerConfiguration adds the routes of every described entity.
func (s *Simulator) registerConfiguration() {
	s.router.add("GET /organization/{orgid}", s.configuration(s.showTenant))
	for _, e := range entityOrder {
		base := "/organization/{orgid}/" + e.route
		if e.lists.v1 {
			s.router.add("GET "+base, s.configuration(s.listV1(e)))
		}
		if e.lists.v2 {
			s.router.add("GET "+"/organization/{orgid}/v2/"+e.route, s.configuration(s.list(e)))
		}
		s.router.add("POST "+base, s.configuration(s.createItem(e)))
		s.router.add("GET "+base+"/{id}", s.configuration(s.readItem(e)))
		s.router.add("PUT "+base+"/{id}", s.configuration(s.updateItem(e)))
		s.router.add("DELETE "+base+"/{id}", s.configuration(s.deleteItem(e)))
		s.router.add("GET "+base+"/{id}/incoming-references", s.configuration(s.incomingReferences(e)))
		s.router.add("POST "+base+"/purge-inactive-entities", s.configuration(s.purge(e)))
		if e.bulk.post {
			s.router.add("POST "+base+"/bulk", s.configuration(s.bulkSave(e)))
		}
		if e.bulk.patch {
			s.router.add("PATCH "+base+"/bulk", s.configuration(s.bulkPatch(e)))
		}
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

func (s *Simulator) showTenant(_ *call, t *tenant) answer {
	return reply(http.StatusOK, map[string]any{
		"id": t.info.ID, "name": t.info.Name, "tenantId": t.info.ID, "timezone": t.info.TimeZone,
		"environment": "production", "subscriptionType": "PREMIUM",
	})
}

func (s *Simulator) readItem(e *entity) configHandler {
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
		return answer{status: http.StatusOK, raw: found.json}
	}
}

func (s *Simulator) createItem(e *entity) configHandler {
	return s.writeItem(e, func(w *writer, _ string, body map[string]any) (int, *record, *refusal) {
		stored, wrong := w.create(body)
		return e.created, stored, wrong
	})
}

func (s *Simulator) updateItem(e *entity) configHandler {
	return s.writeItem(e, func(w *writer, id string, body map[string]any) (int, *record, *refusal) {
		stored, wrong := w.update(id, body)
		return http.StatusOK, stored, wrong
	})
}

type itemWrite func(w *writer, id string, body map[string]any) (int, *record, *refusal)

func (s *Simulator) writeItem(e *entity, write itemWrite) configHandler {
	return func(c *call, t *tenant) answer {
		body, wrong := decodeObject(c.body)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		status, stored, wrong := write(s.writer(c, t, e), c.params["id"], body)
		if wrong != nil {
			return configError(c, e, wrong)
		}
		return answer{status: status, raw: stored.json}
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
	return &writer{sim: s, tenant: t, in: in, dropped: c.lies.dropFields}
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
