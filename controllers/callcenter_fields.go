package controllers

import (
	"slices"
	"strings"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/remote"
)

// A call center shows the fields of every type, and has those of its own.
func notBasic(object remote.Object) bool {
	return object.Text("type") != string(v1alpha1.CallCenterBasic)
}

func premium(object remote.Object) bool {
	return object.Text("type") == string(v1alpha1.CallCenterPremium)
}

// is tells whether a switch is on; a field that depends on it means nothing without.
func is(name string) func(remote.Object) bool {
	return func(object remote.Object) bool { return object.Bool(name) }
}

// codeMatters: a code is only for agents whom a call leaves unavailable; none can be said of all.
func codeMatters(object remote.Object) bool {
	return object.Text("agentUnavailableCode") == "" ||
		object.Bool("enableAutomaticStateChangeForAgents") && object.Text("agentStateAfterCall") == string(v1alpha1.AgentUnavailable)
}

func and(a, b func(remote.Object) bool) func(remote.Object) bool {
	return func(object remote.Object) bool { return a(object) && b(object) }
}

// sameName makes fields that are spelled alike in spec and wire, for the call centers that have them.
func sameName[T v1alpha1.Object](applies func(remote.Object) bool, names ...string) []engine.Field[T] {
	fields := make([]engine.Field[T], 0, len(names))
	for _, name := range names {
		fields = append(fields, engine.Field[T]{Spec: name, Applies: applies})
	}
	return fields
}

// unlessUnset: 0 and "" are read where nothing is set, and cannot be written.
func unlessUnset(value any) any {
	if text := remote.Text(value); text == "" || text == "0" {
		return nil
	}
	return value
}

// departmentToWire names the department's tenant and group, by default the call center's own; one of the enterprise has
// no group. An empty name takes the call center out of its department.
func departmentToWire(of engine.Owner[*v1alpha1.CallCenter], _ any) any {
	spec := &of.Object.Spec
	department := spec.Profile.Department
	if department.DepartmentName == "" {
		return nil
	}
	wire := map[string]any{
		"tenantId": orElse(department.TenantID, spec.TenantID), "groupId": nil, "departmentName": department.DepartmentName,
	}
	if !department.Enterprise {
		wire["groupId"] = orElse(department.GroupID, spec.GroupID)
	}
	return wire
}

func departmentFromWire(value any) any {
	fields, _ := value.(map[string]any)
	department := remote.Object(fields)
	spec := map[string]any{"tenantID": department.Text("tenantId"), "departmentName": department.Text("departmentName")}
	if group := department.Text("groupId"); group != "" {
		spec["groupID"] = group
	} else {
		spec["enterprise"] = true
	}
	return spec
}

func orElse(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

func agentsToWire(of engine.Owner[*v1alpha1.CallCenter], _ any) any {
	agents := []any{}
	for _, agent := range of.Object.Spec.Agents {
		wire := map[string]any{"userId": agent.UserID}
		if agent.Weight != nil {
			wire["weight"] = *agent.Weight
		}
		if agent.SkillLevel != nil {
			wire["skillLevel"] = *agent.SkillLevel
		}
		agents = append(agents, wire)
	}
	return agents
}

// agentsFromWire leaves out weight and skill level, which are shown of agents who cannot be given them.
func agentsFromWire(value any) any {
	agents := []any{}
	for _, user := range users(value) {
		agents = append(agents, map[string]any{"userID": user.Text("userId")})
	}
	return agents
}

// agentsAlike spells agents without regard to their order, each with what the spec says of him and no more.
func agentsAlike(of engine.Owner[*v1alpha1.CallCenter], value any) any {
	owned := map[string]v1alpha1.CallCenterAgent{}
	for _, agent := range of.Object.Spec.Agents {
		owned[strings.ToLower(agent.UserID)] = agent
	}
	var texts []string
	for _, user := range users(value) {
		id := strings.ToLower(user.Text("userId"))
		text := id
		if owned[id].Weight != nil {
			text += " weight " + user.Text("weight")
		}
		if owned[id].SkillLevel != nil {
			text += " skill " + user.Text("skillLevel")
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}

// supervisorsAlike spells user ids without regard to order and case.
func supervisorsAlike(_ engine.Owner[*v1alpha1.CallCenter], value any) any {
	var texts []string
	for _, user := range users(value) {
		texts = append(texts, strings.ToLower(user.Text("userId")))
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}

func userIDs(value any) any {
	ids := []any{}
	for _, user := range users(value) {
		ids = append(ids, user.Text("userId"))
	}
	return ids
}

// users reads a list of users, who may come as their ids alone.
func users(value any) []remote.Object {
	list, _ := value.([]any)
	found := make([]remote.Object, 0, len(list))
	for _, one := range list {
		switch user := one.(type) {
		case map[string]any:
			found = append(found, user)
		case string:
			found = append(found, remote.Object{"userId": user})
		}
	}
	return found
}

// policyFromWire leaves out what is not owned, and what is not set.
func policyFromWire(value any) any {
	fields, _ := value.(map[string]any)
	policy := map[string]any{}
	for _, name := range []string{"action", "transferPhoneNumber", "playAnnouncementBeforeAction"} {
		if value := unlessUnset(fields[name]); value != nil {
			policy[name] = value
		}
	}
	if schedule, ok := fields["holidaySchedule"].(map[string]any); ok {
		policy["holidaySchedule"] = map[string]any{"level": schedule["level"], "name": schedule["name"]}
	}
	return policy
}
