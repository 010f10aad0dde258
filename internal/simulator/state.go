package simulator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// State is the whole content of the simulator as one document: GET and PUT /__sim/state.
type State struct {
	Organizations []OrganizationState `json:"organizations"`
	// Tokens are all live tokens. Left out on input: the tokens of the organizations, fresh.
	Tokens []TokenState `json:"tokens,omitempty"`
	// Gateway is left out where there is no call-center gateway.
	Gateway *GatewayState `json:"gateway,omitempty"`
}

// OrganizationState is an organization and its configuration objects by entity.
type OrganizationState struct {
	OrganizationSeed
	// Objects are complete records by entity. Left out on input: the objects of a fresh tenant. A record needs no more
	// than what its entity needs; id, version and times are completed.
	Objects map[string][]map[string]any `json:"objects,omitempty"`
}

// buildTenant makes a tenant of a document; records that cannot be encoded are left out, which JSON input cannot cause.
func (s *Simulator) buildTenant(from OrganizationState) *tenant {
	t := newTenant(from.withDefaults())
	for route, objects := range from.Objects {
		in := t.collection(route)
		if in == nil {
			continue
		}
		for _, fields := range objects {
			if stored, err := newRecord(in.entity, s.completed(t, in.entity, fields)); err == nil {
				t.store(in, stored)
			}
		}
		in.before = nil
	}
	return t
}

// completed is a record from outside with the kinds of its description and what the server always knows.
// Nothing is checked: the control routes may put anything into a tenant.
func (s *Simulator) completed(t *tenant, e *entity, fields map[string]any) map[string]any {
	now := s.now().UnixMilli()
	out := map[string]any{
		"organizationId": t.info.ID, "version": int64(0), "createdTime": now, "lastUpdatedTime": now,
	}
	if e.systemDefault {
		out["systemDefault"] = false
	}
	for name, value := range fields {
		if value != nil {
			out[name] = value
		}
	}
	for _, described := range e.fields {
		if number, ok := asInteger(out[described.name]); ok && described.kind == integer {
			out[described.name] = number
		}
	}
	id := strings.ToLower(asText(out["id"]))
	if id == "" {
		id = newUUID()
	}
	out["id"] = id
	return out
}

// State returns the present state as a document, secrets included.
func (s *Simulator) State() State {
	state := State{Organizations: []OrganizationState{}, Tokens: s.tokens().export(), Gateway: s.gateway().export()}
	for _, t := range s.allOrganizations() {
		one := OrganizationState{OrganizationSeed: t.info, Objects: map[string][]map[string]any{}}
		t.mu.RLock()
		for route, in := range t.collections {
			rows := make([]map[string]any, 0, len(in.order))
			for _, stored := range in.order {
				rows = append(rows, stored.fields)
			}
			one.Objects[route] = rows
		}
		t.mu.RUnlock()
		state.Organizations = append(state.Organizations, one)
	}
	return state
}

// SetState replaces everything by a document; POST /__sim/reset?state=1 returns to it. Sessions of the gateway stay.
func (s *Simulator) SetState(state State) error {
	if err := state.check(); err != nil {
		return err
	}
	for i, one := range state.Organizations {
		seed := one.withDefaults()
		if one.Objects == nil {
			one.Objects = tenantSeeds(seed.ID)
		}
		state.Organizations[i] = OrganizationState{OrganizationSeed: seed, Objects: one.Objects}
	}
	tokens := newTokenServer()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth = tokens
	s.load(state)
	if state.Tokens != nil {
		tokens.adopt(state.Tokens)
	}
	s.seed = state
	s.seed.Tokens = nil
	return nil
}

// load builds the tenants and the gateway of a document, and registers its clients. The simulator is locked.
func (s *Simulator) load(state State) {
	s.orgs = map[string]*tenant{}
	for _, one := range state.Organizations {
		s.orgs[one.ID] = s.buildTenant(one)
		s.registerSeed(s.oauth, one.OrganizationSeed)
	}
	s.gate = newGateway()
	if state.Gateway != nil {
		s.gate = buildGateway(*state.Gateway)
	}
}

// restoreSeeds returns to the seeds. Tokens that were issued since then stay valid, so that clients go on.
func (s *Simulator) restoreSeeds() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.load(s.seed)
}

func (s State) check() error {
	var problems []error
	seen := map[string]bool{}
	for _, one := range s.Organizations {
		id := strings.ToLower(one.ID)
		if !uuidPattern.MatchString(id) || seen[id] {
			problems = append(problems, fmt.Errorf("organization id %q is no UUID or is there twice", one.ID))
		}
		seen[id] = true
		for _, route := range slices.Sorted(maps.Keys(one.Objects)) {
			if entities[route] == nil {
				problems = append(problems, fmt.Errorf("organization %s: unknown entity %q", one.ID, route))
			}
		}
	}
	return errors.Join(problems...)
}
