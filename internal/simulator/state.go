package simulator

import (
	"encoding/json"
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
	// than what its entity needs; id, version and times are completed, and so are the ids of nested elements.
	Objects map[string][]map[string]any `json:"objects,omitempty"`
	// Blobs are the contents of audio files by blobId, in base64.
	Blobs map[string][]byte `json:"blobs,omitempty"`
}

// buildTenant makes a tenant of a document.
func (s *Simulator) buildTenant(from OrganizationState) *tenant {
	t := newTenant(from.withDefaults())
	for _, e := range entityOrder {
		in := t.collection(e.route)
		all := make([]*record, 0, len(from.Objects[e.route]))
		for _, fields := range from.Objects[e.route] {
			// What cannot be encoded is left out; JSON input cannot bring it.
			if stored, err := newRecord(e, s.completed(t, e, fields)); err == nil {
				all = append(all, stored)
			}
		}
		t.storeAll(in, all)
	}
	maps.Copy(t.blobs, from.Blobs)
	return t
}

// completed is a record from outside with the kinds of its description and what the server always knows.
// Nothing is checked: the control routes may put anything into a tenant.
func (s *Simulator) completed(t *tenant, e *entity, fields map[string]any) map[string]any {
	now := s.now().UnixMilli()
	out := map[string]any{
		"organizationId": t.info.ID, "version": e.firstVersion, "createdTime": now, "lastUpdatedTime": now,
	}
	for name, value := range fields {
		if described := e.fieldsByName[name]; value != nil && (described == nil || !described.computed) {
			out[name] = plainValue(value)
		}
	}
	delete(out, "links")
	for _, described := range e.fields {
		if number, ok := asInteger(out[described.name]); ok && described.kind == integer {
			out[described.name] = number
		}
	}
	id := strings.ToLower(asText(out["id"]))
	switch {
	case id != "":
	case e.route == flowRoute || e.route == functionRoute:
		id = newFlowID()
	default:
		id = newUUID()
	}
	out["id"] = id
	e.completeElements(out, now)
	return out
}

// plainValue is a copy of decoded JSON whose whole numbers are int64, as requests bring them.
func plainValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			out[name] = plainValue(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = plainValue(inner)
		}
		return out
	case []string:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = inner
		}
		return out
	case json.Number, float64, int:
		if number, whole := asInteger(v); whole {
			return number
		}
	}
	return value
}

// State returns the present state as a document, secrets included.
func (s *Simulator) State() State {
	state := State{Organizations: []OrganizationState{}, Tokens: s.tokens().export(), Gateway: s.gateway().export()}
	for _, t := range s.allOrganizations() {
		one := OrganizationState{OrganizationSeed: t.info, Objects: map[string][]map[string]any{}}
		t.mu.RLock()
		one.Blobs = maps.Clone(t.blobs)
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
		state.Organizations[i] = OrganizationState{OrganizationSeed: seed, Objects: one.Objects, Blobs: one.Blobs}
	}
	tokens := newTokenServer()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth = tokens
	s.orgs = map[string]*tenant{}
	s.seed = startState{Gateway: state.Gateway}
	for _, one := range state.Organizations {
		s.orgs[one.ID] = s.buildTenant(one)
		s.seed.tenants = append(s.seed.tenants, s.orgs[one.ID].start())
	}
	s.register()
	if state.Tokens != nil {
		tokens.adopt(state.Tokens)
	}
	return nil
}

// startState is the content that the simulator began with.
type startState struct {
	tenants []tenantStart
	Gateway *GatewayState
}

// tenantStart is a tenant as it began. Records never change, so it costs no more than its lists.
type tenantStart struct {
	info    OrganizationSeed
	records map[string][]*record
	blobs   map[string][]byte
}

func (t *tenant) start() tenantStart {
	out := tenantStart{info: t.info, records: map[string][]*record{}, blobs: maps.Clone(t.blobs)}
	for route, in := range t.collections {
		out.records[route] = slices.Clone(in.order)
	}
	return out
}

func (s tenantStart) tenant() *tenant {
	t := newTenant(s.info)
	for _, e := range entityOrder {
		all := make([]*record, 0, len(s.records[e.route]))
		for _, r := range s.records[e.route] {
			again := *r // its references belong to the tenant that it is in
			all = append(all, &again)
		}
		t.storeAll(t.collection(e.route), all)
	}
	maps.Copy(t.blobs, s.blobs)
	return t
}

// register makes the gateway of the start, and the clients of the organizations. The simulator is locked.
func (s *Simulator) register() {
	for _, one := range s.seed.tenants {
		s.registerSeed(s.oauth, one.info)
	}
	s.gate = newGateway()
	if s.seed.Gateway != nil {
		s.gate = buildGateway(*s.seed.Gateway)
	}
}

// restoreSeeds returns to the seeds. Tokens that were issued since then stay valid, so that clients go on.
func (s *Simulator) restoreSeeds() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orgs = map[string]*tenant{}
	for _, one := range s.seed.tenants {
		s.orgs[one.info.ID] = one.tenant()
	}
	s.register()
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
