package simulator

import (
	"fmt"
	"net/http"
	"time"
)

// Numbers of the gateway's own errors. Only 18 was seen in its documentation; the others are ours.
const (
	gatewayInvalidOperation = 18
	gatewayInvalidURL       = 1
	gatewayUnauthorized     = 2
	gatewayUnknownScope     = 3
	gatewayBadBody          = 4
	gatewayRefused          = 99
)

// OCI errors of the network element behind the gateway.
const (
	ociUserNotFound = 4008
	ociUserExists   = 4200
)

const (
	directPrefix = "/api/v1"
	corePrefix   = "/api/v01/p1"
	coreAuth     = "/api/v01/auth"
	// loadBalancerCookie names the node of the session; without it a call meets a node that does not know the session.
	loadBalancerCookie = "SERVERID"
	sessionCookieName  = "sessionid"
	coreTokenTTL       = 15 * time.Minute
	coreRefreshTTL     = 48 * time.Hour
)

// groupHandler answers a call about one group. The gateway is locked.
type groupHandler func(c *call, g *gateway, in *group) answer

func (s *Simulator) registerGateway() {
	s.router.addLogin("POST "+directPrefix+"/login/", s.directLogin)
	s.router.addLogin("POST "+coreAuth+"/login", s.coreLogin)
	s.router.addLogin("GET "+coreAuth+"/access_token", s.coreRenew)
	s.router.addLogin("GET "+coreAuth+"/logout", s.coreLogout)
	for prefix, allowed := range map[string]func(*call) bool{directPrefix: s.hasDirectSession, corePrefix: s.hasCoreToken} {
		groupBase := prefix + "/tenants/{tenant}/groups/{group}/"
		centers := groupBase + "services/call_centers/"
		read := func(route string, next groupHandler) { s.router.add("GET "+route, s.inGroup(allowed, false, next)) }
		write := func(route string, next groupHandler) { s.router.add(route, s.inGroup(allowed, true, next)) }
		read(groupBase, s.groupDetails)
		read(groupBase+"password_rules/", s.groupPasswordRules)
		read(groupBase+"departments/", s.groupDepartments)
		read(centers, s.listCallCenters)
		read(centers+"{id}/", s.readCallCenter)
		write("POST "+centers, s.createCallCenter)
		write("PUT "+centers+"{id}/", s.updateCallCenter)
		write("DELETE "+centers+"{id}/", s.deleteCallCenter)
		write("PUT "+centers+"active_instance/", s.activateCallCenters)
		read(centers+"{id}/routing_policies/", s.readRoutingPolicy)
		write("PUT "+centers+"{id}/routing_policies/", s.changeRoutingPolicy)
		for _, list := range []memberList{agentList, supervisorList} {
			read(centers+list.name+"/available/", s.availableMembers(list))
			read(centers+"{id}/"+list.name+"/", s.readMembers(list))
			write("PUT "+centers+"{id}/"+list.name+"/", s.replaceMembers(list))
		}
	}
}

// inGroup checks the session and finds the group.
func (s *Simulator) inGroup(allowed func(*call) bool, write bool, next groupHandler) handler {
	return func(c *call) answer {
		if c.lies.expireToken || !allowed(c) {
			return gatewayError(http.StatusUnauthorized, gatewayUnauthorized, "Authentication is required")
		}
		g := s.gateway()
		if write {
			g.mu.Lock()
			defer g.mu.Unlock()
		} else {
			g.mu.RLock()
			defer g.mu.RUnlock()
		}
		tenantID, groupID := c.params["tenant"], c.params["group"]
		in := g.groups[groupKey{tenantID, groupID}]
		switch {
		case g.seed.Tenants[tenantID] == nil:
			return gatewayError(http.StatusNotFound, gatewayUnknownScope, "Tenant not found: "+tenantID)
		case in == nil:
			return gatewayError(http.StatusNotFound, gatewayUnknownScope, "Group not found: "+groupID)
		}
		if write {
			in.beginWrite()
		}
		return next(c, g, in)
	}
}

func gatewayError(status, code int, message string) answer {
	return reply(status, map[string]any{"errors": []any{map[string]any{"code": code, "message": message}}})
}

// ociError is a refusal of the network element: the fields of its error under the key "0".
func ociError(status, code int, summary string) answer {
	inner := map[string]any{
		"error_code": code, "level": "Error", "summary": fmt.Sprintf("[Error %d] %s", code, summary), "detail": "",
	}
	return reply(status, map[string]any{"errors": []any{map[string]any{
		"code": gatewayRefused, "message": "Refused by the network element",
		"details": map[string]any{"errors": map[string]any{"0": inner}},
	}}})
}

type credentials struct{ Username, Password string }

// readCredentials reads a login body; false = it is not a JSON object.
func readCredentials(c *call) (credentials, bool) {
	var given credentials
	body, wrong := decodeObject(c.body)
	given.Username, given.Password = asText(body["username"]), asText(body["password"])
	return given, wrong == nil
}

func (g *gateway) knows(given credentials) bool {
	return g.seed.Username != "" && given.Username == g.seed.Username && given.Password == g.seed.Password
}

// directLogin is the login of deployment A: a session cookie and a load-balancer cookie.
func (s *Simulator) directLogin(c *call) answer {
	given, ok := readCredentials(c)
	g := s.gateway()
	switch {
	case !ok:
		return gatewayError(http.StatusRequestedRangeNotSatisfiable, gatewayBadBody, "The body is not a JSON object")
	case !g.knows(given):
		return gatewayError(http.StatusUnauthorized, gatewayUnauthorized, "Invalid username or password")
	}
	token := s.logins.open(sessionCookie, given.Username, s.now().Add(s.options.CallCenters.SessionTTL))
	return reply(http.StatusOK, map[string]any{
		"ids": map[string]any{"user_id": given.Username}, "profile": map[string]any{"user_level": g.seed.Level},
	}).withCookie(sessionCookieName, token).withCookie(loadBalancerCookie, "node1")
}

func (a answer) withCookie(name, value string) answer {
	return a.withHeader("Set-Cookie", name+"="+value+"; Path=/; HttpOnly")
}

func (s *Simulator) hasDirectSession(c *call) bool {
	session, err := c.request.Cookie(sessionCookieName)
	if err != nil {
		return false
	}
	if node, err := c.request.Cookie(loadBalancerCookie); err != nil || node.Value != "node1" {
		return false
	}
	return s.logins.valid(sessionCookie, session.Value, s.gateway().seed.Username, s.now())
}

// coreLogin is the login of deployment B.
func (s *Simulator) coreLogin(c *call) answer {
	given, ok := readCredentials(c)
	g := s.gateway()
	switch {
	case !ok || !g.knows(given):
		return coreError("Invalid username or password")
	case g.seed.PasswordFirst:
		return passwordFirst()
	case g.seed.TwoFactor:
		return reply(http.StatusOK, map[string]any{"2fa_payload": randomText(24), "option": "totp"})
	}
	body := s.coreTokens(given.Username, true)
	if g.seed.Token != "" {
		body["token"] = g.seed.Token
	}
	return reply(http.StatusOK, body)
}

func passwordFirst() answer {
	return reply(http.StatusForbidden, map[string]any{"error": "The password has to be changed", "error_code": 1})
}

func (s *Simulator) coreTokens(user string, refresh bool) map[string]any {
	body := map[string]any{"access_token": s.logins.open(sessionAccess, user, s.now().Add(coreTokenTTL))}
	if refresh {
		body["refresh_token"] = s.logins.open(sessionRefresh, user, s.now().Add(coreRefreshTTL))
	}
	return body
}

func coreError(text string) answer {
	return reply(http.StatusUnauthorized, map[string]any{"error": text})
}

// coreRenew gives a new access token for a refresh token.
func (s *Simulator) coreRenew(c *call) answer {
	user := s.gateway().seed.Username
	if !s.logins.valid(sessionRefresh, bearer(c.request), user, s.now()) {
		return coreError("The refresh token is not valid")
	}
	return reply(http.StatusOK, s.coreTokens(user, false))
}

func (s *Simulator) coreLogout(c *call) answer {
	s.logins.close(bearer(c.request))
	return reply(http.StatusOK, map[string]any{})
}

func (s *Simulator) hasCoreToken(c *call) bool {
	token, g := bearer(c.request), s.gateway()
	if token == "" {
		return false
	}
	return token == g.seed.Token || s.logins.valid(sessionAccess, token, g.seed.Username, s.now())
}

func (s *Simulator) groupDetails(_ *call, _ *gateway, in *group) answer {
	return s.shown(map[string]any{
		"groupId": in.key.group, "tenantId": in.key.tenant, "defaultDomain": in.seed.Domain,
		"timeZone": in.seed.TimeZone, "cliPhoneNumber": in.seed.CLI,
	})
}

// shown is an answer of the gateway, with its audit key if that is on.
func (s *Simulator) shown(body map[string]any) answer {
	if s.options.CallCenters.InternalRecordIDs {
		body["_internal_record_id"] = s.records.Add(1)
	}
	return reply(http.StatusOK, body)
}
