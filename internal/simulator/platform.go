package simulator

import (
	"net/http"
	"slices"
	"strings"
)

const (
	scopeOrganizations = "spark-admin:organizations_read"
	scopeLicenses      = "spark-admin:licenses_read"
	scopeRoles         = "spark-admin:roles_read"
	scopePeople        = "spark:people_read"
)

func (s *Simulator) registerPlatform() {
	s.router.add("GET /v1/organizations", s.platform(scopeOrganizations, s.listOrganizations))
	s.router.add("GET /v1/organizations/{id}", s.platform(scopeOrganizations, s.showOrganization))
	s.router.add("GET /v1/people/me", s.platform(scopePeople, s.showMe))
	s.router.add("GET /v1/licenses", s.platform(scopeLicenses, s.listLicenses))
	s.router.add("GET /v1/licenses/{id}", s.platform(scopeLicenses, s.showLicense))
	s.router.add("GET /v1/roles", s.platform(scopeRoles, s.listRoles))
	s.router.add("GET /v1/roles/{id}", s.platform(scopeRoles, s.showRole))
	s.router.add("GET /v1/authorizations/tokenExpiry", s.platform("", s.showExpiry))
}

// platformError is the error body of webexapis.com.
func platformError(c *call, status int, message string) answer {
	return reply(status, map[string]any{
		"message": message, "errors": []any{map[string]any{"description": message}}, "trackingId": c.tracking,
	})
}

// platform lets only calls with a live token and the scope through, and finds the organization of the token. Without a
// scope every token will do.
func (s *Simulator) platform(scope string, next configHandler) handler {
	return func(c *call) answer {
		if c.grant == nil || c.lies.expireToken {
			return platformError(c, http.StatusUnauthorized, "The request requires a valid access token set in the Authorization request header.")
		}
		if scope != "" && !c.grant.allows(scope) {
			return platformError(c, http.StatusForbidden, "The access token lacks a needed scope: "+scope)
		}
		t, found := s.organization(c.grant.organization)
		if c.lies.wrongOrganization != "" {
			t, found = s.otherOrganization(c.lies.wrongOrganization), true
		}
		if !found {
			return platformError(c, http.StatusNotFound, "The organization of the token is gone.")
		}
		return next(c, t)
	}
}

// otherOrganization is the one that a lie names, made up if it does not exist.
func (s *Simulator) otherOrganization(id string) *tenant {
	if t, found := s.organization(id); found {
		return t
	}
	return newTenant(OrganizationSeed{ID: strings.ToLower(id), Name: "Other Organization"}.withDefaults())
}

func (s *Simulator) visibleOrganizations(t *tenant) []*tenant {
	visible := []*tenant{t}
	for _, id := range t.info.Managed {
		if managed, found := s.organization(id); found {
			visible = append(visible, managed)
		}
	}
	return visible
}

func (s *Simulator) listOrganizations(_ *call, t *tenant) answer {
	items := []any{}
	for _, one := range s.visibleOrganizations(t) {
		items = append(items, one.info.shown())
	}
	return reply(http.StatusOK, map[string]any{"items": items})
}

// showOrganization takes a bare UUID or an encoded id and answers with the encoded id.
func (s *Simulator) showOrganization(c *call, t *tenant) answer {
	wanted := decodeID(c.params["id"])
	for _, one := range s.visibleOrganizations(t) {
		if strings.EqualFold(one.info.ID, wanted) {
			return reply(http.StatusOK, one.info.shown())
		}
	}
	return platformError(c, http.StatusNotFound, "The requested resource could not be found.")
}

func (o OrganizationSeed) shown() map[string]any {
	return map[string]any{"id": encodeID("ORGANIZATION", o.ID), "displayName": o.Name, "created": o.Created}
}

func (s *Simulator) showMe(_ *call, t *tenant) answer {
	roles, licenses := []string{}, []string{}
	for _, role := range t.info.Roles {
		roles = append(roles, role.ID)
	}
	for _, license := range t.info.Licenses {
		licenses = append(licenses, license.ID)
	}
	return reply(http.StatusOK, map[string]any{
		"id": encodeID("PEOPLE", stableUUID(t.info.ID, "people", t.info.Admin)), "emails": []string{t.info.Admin},
		"displayName": "Administrator of " + t.info.Name, "orgId": encodeID("ORGANIZATION", t.info.ID),
		"roles": slices.Compact(roles), "licenses": licenses, "status": "active", "type": "person", "created": t.info.Created,
	})
}

func (s *Simulator) listLicenses(c *call, t *tenant) answer {
	if wanted := c.query.get("orgId"); wanted != "" {
		id := decodeID(wanted)
		visible := s.visibleOrganizations(t)
		at := slices.IndexFunc(visible, func(one *tenant) bool { return strings.EqualFold(one.info.ID, id) })
		if at < 0 {
			return platformError(c, http.StatusNotFound, "The requested resource could not be found.")
		}
		t = visible[at]
	}
	return reply(http.StatusOK, map[string]any{"items": append([]License{}, t.info.Licenses...)})
}

func (s *Simulator) listRoles(_ *call, t *tenant) answer {
	return reply(http.StatusOK, map[string]any{"items": append([]Role{}, t.info.Roles...)})
}

// showLicense adds the people who have the license, of whom the simulator knows none, where includeAssignedTo asks for them.
func (s *Simulator) showLicense(c *call, t *tenant) answer {
	for _, one := range t.info.Licenses {
		if one.ID != c.params["id"] {
			continue
		}
		if c.query.get("includeAssignedTo") != "user" {
			return reply(http.StatusOK, one)
		}
		return reply(http.StatusOK, struct {
			License
			Users []any `json:"users"`
		}{one, []any{}})
	}
	return platformError(c, http.StatusNotFound, "The requested resource could not be found.")
}

func (s *Simulator) showRole(c *call, t *tenant) answer {
	for _, one := range t.info.Roles {
		if one.ID == c.params["id"] {
			return reply(http.StatusOK, one)
		}
	}
	return platformError(c, http.StatusNotFound, "The requested resource could not be found.")
}

// showExpiry tells how long the token of the call lives on.
func (s *Simulator) showExpiry(c *call, _ *tenant) answer {
	return reply(http.StatusOK, map[string]any{"exp": c.grant.expires.UnixMilli()})
}
