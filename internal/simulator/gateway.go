package simulator

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// GatewaySeed is the call-center gateway: one user and the tenants that it may manage.
type GatewaySeed struct {
	Username string `json:"username"`
	Password string `json:"password"`
	// Token is the machine-to-machine bearer token of deployment B; it does not expire. Empty = the account has none.
	Token string `json:"token,omitempty"`
	// Level is the user_level of the login answer. Default 16.
	Level int `json:"level,omitempty"`
	// TwoFactor makes Core answer a login with a second-factor question and without tokens.
	TwoFactor bool `json:"twoFactor,omitempty"`
	// PasswordFirst makes Core refuse everything until the account has changed its password.
	PasswordFirst bool `json:"passwordFirst,omitempty"`
	// Tenants are the groups by tenant id and group id.
	Tenants map[string]map[string]GroupSeed `json:"tenants"`
	// EnterpriseDepartments by tenant id, spelled like GroupSeed.Departments; the groups of the tenant share them.
	EnterpriseDepartments map[string][]string `json:"enterpriseDepartments,omitempty"`
	// Templates by name: what a call center gets that is created by one and does not say otherwise.
	Templates map[string]map[string]any `json:"templates,omitempty"`
	// Dialect is how this gateway spells what others spell in another way.
	Dialect GatewayDialect `json:"dialect,omitzero"`
}

// GroupSeed is a group of a gateway tenant.
type GroupSeed struct {
	// Domain is the default domain, which generated ids get.
	Domain string `json:"domain"`
	// CountryCode without plus sign, such as "32".
	CountryCode string `json:"countryCode,omitempty"`
	// CLI is the calling line number of the group in E.164.
	CLI string `json:"cli,omitempty"`
	// TimeZone and Language are what a call center gets that brings none. Defaults Europe/Brussels and English.
	TimeZone string `json:"timeZone,omitempty"`
	Language string `json:"language,omitempty"`
	// Departments by name; "Operations/Care" is the department Care below Operations.
	Departments []string `json:"departments,omitempty"`
	// Users who may become agents and supervisors.
	Users []GroupUser `json:"users,omitempty"`
	// HolidaySchedules by name; all are kept at the level Group.
	HolidaySchedules []string `json:"holidaySchedules,omitempty"`
	// PhoneNumbers are assigned to the group, in E.164; a call center takes one of them.
	PhoneNumbers []string `json:"phoneNumbers,omitempty"`
	// MinExtension and MaxExtension bound the length of extensions. Defaults 2 and 20.
	MinExtension int `json:"minExtension,omitempty"`
	MaxExtension int `json:"maxExtension,omitempty"`
	// PasswordRules of the group; nil = CallCenterSettings.PasswordRules.
	PasswordRules *PasswordRules `json:"passwordRules,omitempty"`
}

func (g GroupSeed) withDefaults() GroupSeed {
	g.TimeZone = orDefault(g.TimeZone, "Europe/Brussels")
	g.Language = orDefault(g.Language, "English")
	g.MinExtension = orDefault(g.MinExtension, 2)
	g.MaxExtension = orDefault(g.MaxExtension, 20)
	return g
}

// GatewayState is the gateway with its call centers, as the state document has it.
type GatewayState struct {
	GatewaySeed
	// CallCenters are full objects by tenant and group: the instance, with its password in the profile, and active.
	CallCenters map[string]map[string][]map[string]any `json:"callCenters,omitempty"`
}

// gateway holds the groups and their call centers. mu guards all of it; stored objects never change.
type gateway struct {
	seed GatewaySeed

	mu     sync.RWMutex
	groups map[groupKey]*group
	owner  map[string]groupKey // lower case service user id -> group: ids are unique in the whole gateway
}

type groupKey struct{ tenant, group string }

type group struct {
	key  groupKey
	seed GroupSeed
	// enterprise are the departments of the tenant.
	enterprise []string
	dialect    GatewayDialect
	centers    map[string]*callCenter // by lower case id
	before     map[string]*callCenter // before the last write
	fresh      bool                   // the next change starts a new before
}

// callCenter is one stored object. instance is what GET shows, password and active are kept beside it.
type callCenter struct {
	id       string
	instance map[string]any
	profile  map[string]any
	password string
	active   bool
	// agents and supervisors by their user ids, in the order given.
	agents      []map[string]any
	supervisors []map[string]any
	// holiday is the policy for holidays, where it is not the default one.
	holiday map[string]any
}

func newGateway() *gateway {
	return &gateway{groups: map[groupKey]*group{}, owner: map[string]groupKey{}}
}

// SetGateway replaces the call-center gateway. POST /__sim/reset?state=1 returns to it.
func (s *Simulator) SetGateway(seed GatewaySeed) {
	state := GatewayState{GatewaySeed: seed}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed.Gateway = &state
	s.gate = buildGateway(state)
}

func buildGateway(state GatewayState) *gateway {
	g := newGateway()
	g.seed = state.GatewaySeed
	g.seed.Level = orDefault(g.seed.Level, 16)
	for tenantID, groups := range state.Tenants {
		for groupID, seed := range groups {
			key := groupKey{tenantID, groupID}
			in := &group{
				key: key, seed: seed.withDefaults(), centers: map[string]*callCenter{},
				enterprise: state.EnterpriseDepartments[tenantID], dialect: state.Dialect,
			}
			g.groups[key] = in
			for _, content := range state.CallCenters[tenantID][groupID] {
				g.put(in, loadCallCenter(in, content))
			}
			in.before = nil
		}
	}
	return g
}

func (g *gateway) export() *GatewayState {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.seed.Username == "" {
		return nil
	}
	state := &GatewayState{GatewaySeed: g.seed, CallCenters: map[string]map[string][]map[string]any{}}
	for key, in := range g.groups {
		if state.CallCenters[key.tenant] == nil {
			state.CallCenters[key.tenant] = map[string][]map[string]any{}
		}
		rows := []map[string]any{}
		for _, center := range in.sorted(false) {
			rows = append(rows, center.export())
		}
		state.CallCenters[key.tenant][key.group] = rows
	}
	return state
}

// export is the object with what the gateway never shows: password, and active outside the list.
func (c *callCenter) export() map[string]any {
	out := maps.Clone(c.instance)
	profile := maps.Clone(c.profile)
	if c.password != "" {
		profile["password"] = c.password
	}
	out["serviceInstanceProfile"], out["active"] = profile, c.active
	for name, users := range map[string][]map[string]any{"agents": c.agents, "supervisors": c.supervisors} {
		if len(users) > 0 {
			out[name] = memberRows(users)
		}
	}
	if c.holiday != nil {
		out["holidayService"] = c.holiday
	}
	return out
}

// put stores an object, over one with the same id. The gateway is locked.
func (g *gateway) put(in *group, center *callCenter) {
	key := strings.ToLower(center.id)
	in.remember(key)
	in.centers[key] = center
	g.owner[key] = in.key
}

func (g *gateway) drop(in *group, id string) {
	key := strings.ToLower(id)
	in.remember(key)
	delete(in.centers, key)
	delete(g.owner, key)
}

// beginWrite starts what a stale answer does not show yet, if the write changes anything.
func (in *group) beginWrite() { in.fresh = true }

func (in *group) remember(key string) {
	if in.fresh || in.before == nil {
		in.before, in.fresh = map[string]*callCenter{}, false
	}
	if _, known := in.before[key]; !known {
		in.before[key] = in.centers[key]
	}
}

func (in *group) get(id string, stale bool) *callCenter {
	key := strings.ToLower(id)
	if old, changed := in.before[key]; stale && changed {
		return old
	}
	return in.centers[key]
}

// sorted are the call centers by id: stable, and unlike the order of creation.
func (in *group) sorted(stale bool) []*callCenter {
	all := in.centers
	if stale {
		all = maps.Clone(in.centers)
		for key, old := range in.before {
			delete(all, key)
			if old != nil {
				all[key] = old
			}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b *callCenter) int { return cmp.Compare(a.id, b.id) })
}

// sessions are the logins of the gateway. They outlive a change of its content.
type sessions struct {
	mu   sync.Mutex
	live map[string]session
}

type session struct {
	kind    string // cookie, access or refresh
	user    string
	expires time.Time
}

const (
	sessionCookie  = "cookie"
	sessionAccess  = "access"
	sessionRefresh = "refresh"
)

func (s *sessions) open(kind, user string, expires time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == nil {
		s.live = map[string]session{}
	}
	token := "sim" + kind + randomText(32)
	s.live[token] = session{kind, user, expires}
	return token
}

func (s *sessions) valid(kind, token, user string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.live[token]
	return ok && found.kind == kind && found.user == user && now.Before(found.expires)
}

func (s *sessions) close(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, token)
}
