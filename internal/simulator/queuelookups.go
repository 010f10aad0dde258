package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Look-ups of queues (contact-center reference 8.7).

func (s *Simulator) registerQueues() {
	base, second := configPrefix+queueRoute, configPrefix+"v2/"+queueRoute
	for route, handle := range map[string]configHandler{
		"GET " + second + "/by-user-id/{id}/agent-based-queues":           s.queuesOfUser(agentBased, userByID),
		"GET " + second + "/by-user-id/{id}/skill-based-queues":           s.queuesOfUser(skillBased, userByID),
		"GET " + second + "/by-user-id/{id}/team-based-queues":            s.queuesOfUser(teamBased, userByID),
		"GET " + base + "/by-user-ci-id/{id}/internal":                    s.queuesOfUser("", (*tenant).userByCI),
		"GET " + base + "/skill-based-queues/by-ci-user-id/{id}/internal": s.queuesOfUser(skillBased, (*tenant).userByCI),
		"GET " + base + "/by-skill-profile-id/{id}":                       s.queuesOfProfile,
		"GET " + base + "/by-skill-profile-id/{id}/internal":              s.queuesOfProfile,
		"GET " + base + "/by-team-id/{id}/internal":                       s.queuesOfTeam,
		"POST " + base + "/fetch-by-dynamic-skills-and-skillProfile":      s.queuesBySkills,
		"POST " + base + "/fetch-by-userId-skillProfileId":                s.queuesBySkills,
		"POST " + base + "/fetch-manually-assignable-queues":              s.refuseAlways(http.StatusNotFound, textNotFound),
		"POST " + second + "/fetch-by-grouped-assistant-skill":            s.refuseAlways(http.StatusPreconditionFailed, "License is not available"),
		"POST " + second + "/{id}/reassign-agents":                        s.reassignAgents,
		"POST " + base + "/delete-reference":                              s.deleteReference,
	} {
		s.router.add(route, s.configuration(handle))
	}
}

func (s *Simulator) refuseAlways(status int, text string) configHandler {
	return func(c *call, _ *tenant) answer { return configError(c, entities[queueRoute], refuse(status, text)) }
}

func userByID(t *tenant, id string) *record { return t.collection(userRoute).get(id) }

// queuesOf are the queues of one routing type from which the user of the view gets contacts; "" = of every type.
func (v view) queuesOf(routing string) []*record {
	teams := idsAt(v.record.fields["teamIds"], nil)
	profile := v.tenant.collection("skill-profile").get(asText(v.record.fields["skillProfileId"]))
	var out []*record
	for _, queue := range v.tenant.collection(queueRoute).order {
		kind := asText(queue.fields["queueRoutingType"])
		if routing != "" && routing != kind {
			continue
		}
		var takes bool
		switch kind {
		case agentBased:
			takes = slices.Contains(idsAt(queue.fields["agents"], []string{"id"}), v.record.id)
		case skillBased:
			takes = profile != nil && v.tenant.fulfillsAll(profile, queue)
		default:
			served := idsAt(queue.fields["callDistributionGroups"], []string{"agentGroups", "teamId"})
			takes = slices.ContainsFunc(teams, func(team string) bool { return slices.Contains(served, team) })
		}
		if takes {
			out = append(out, queue)
		}
	}
	return out
}

func (t *tenant) fulfillsAll(profile, queue *record) bool {
	requirements := asList(queue.fields["queueSkillRequirements"])
	return len(requirements) > 0 && !slices.ContainsFunc(requirements, func(one any) bool { return !t.fulfills(profile, asObject(one)) })
}

// fulfills compares the value of a skill in a profile with what is required.
func (t *tenant) fulfills(profile *record, requirement map[string]any) bool {
	skill, condition, wanted := asText(requirement["skillId"]), asText(requirement["condition"]), fmt.Sprint(requirement["skillValue"])
	for _, element := range asList(profile.fields["activeSkills"]) {
		fields := asObject(element)
		if !strings.EqualFold(asText(fields["skillId"]), skill) {
			continue
		}
		for _, name := range []string{"proficiencyValue", "textValue", "booleanValue"} {
			if value, has := fields[name]; has {
				return meets(value, condition, wanted)
			}
		}
	}
	for _, id := range idsAt(profile.fields["activeEnumSkills"], []string{"enumSkillValueId"}) {
		if t.parts[id].id == strings.ToLower(skill) && meets(id, condition, wanted) {
			return true
		}
	}
	return false
}

func meets(value any, condition, wanted string) bool {
	same := strings.EqualFold(fmt.Sprint(value), wanted)
	number, isNumber := asInteger(value)
	limit, isLimit := asInteger(wanted)
	switch condition {
	case "", "IS":
		return same
	case "IS_NOT":
		return !same
	case "GTE":
		return isNumber && isLimit && number >= limit
	case "LTE":
		return isNumber && isLimit && number <= limit
	default:
		return false
	}
}

func (s *Simulator) queueRows(c *call, t *tenant, queues []*record, names ...string) answer {
	rows := []any{}
	for _, queue := range queues {
		if queue.contains(c.query.get("search"), "name") {
			row := slim(queue, append(names, "name")...)
			row["routingPattern"] = queue.fields["routingType"]
			rows = append(rows, row)
		}
	}
	return s.made(c, t, entities[queueRoute], s.options.DefaultPageSize, rows)
}

func (s *Simulator) queuesOfUser(routing string, find func(*tenant, string) *record) configHandler {
	return func(c *call, t *tenant) answer {
		t.mu.RLock()
		defer t.mu.RUnlock()
		user := find(t, c.params["id"])
		if user == nil {
			return configError(c, entities[queueRoute], refuse(http.StatusNotFound, textNotFound))
		}
		return s.queueRows(c, t, view{tenant: t, record: user}.queuesOf(routing))
	}
}

func (s *Simulator) queuesOfProfile(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	profile := t.collection("skill-profile").get(c.params["id"])
	if profile == nil {
		return configError(c, entities[queueRoute], refuse(http.StatusNotFound, textNotFound))
	}
	return s.queueRows(c, t, t.queuesFor(profile), "channelType")
}

func (t *tenant) queuesFor(profile *record) []*record {
	var out []*record
	for _, queue := range t.collection(queueRoute).order {
		if queue.fields["queueRoutingType"] == skillBased && t.fulfillsAll(profile, queue) {
			out = append(out, queue)
		}
	}
	return out
}

func (s *Simulator) queuesOfTeam(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.collection("team").get(c.params["id"]) == nil {
		return configError(c, entities[queueRoute], refuse(http.StatusNotFound, textNotFound))
	}
	team := objectKey{"team", strings.ToLower(c.params["id"])}
	return s.queueRows(c, t, t.referrers(team, queueRoute), "channelType")
}

func (s *Simulator) queuesBySkills(c *call, t *tenant) answer {
	var wanted struct {
		SkillProfileID string `json:"skillProfileId"`
		UserID         string `json:"userId"`
	}
	if wrong := decodeInto(c.body, &wanted); wrong != nil {
		return configError(c, entities[queueRoute], wrong)
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	if user := t.collection(userRoute).get(wanted.UserID); user != nil && wanted.SkillProfileID == "" {
		wanted.SkillProfileID = asText(user.fields["skillProfileId"])
	}
	profile := t.collection("skill-profile").get(wanted.SkillProfileID)
	if profile == nil {
		return configError(c, entities[queueRoute], invalid("skillProfileId: not found for given orgId."))
	}
	return s.queueRows(c, t, t.queuesFor(profile), "channelType")
}

// reassignAgents changes the agents of an agent-based queue.
func (s *Simulator) reassignAgents(c *call, t *tenant) answer {
	var wanted struct {
		Add    []string `json:"add"`
		Remove []string `json:"remove"`
	}
	e := entities[queueRoute]
	if wrong := decodeInto(c.body, &wanted); wrong != nil {
		return configError(c, e, wrong)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	w := s.writer(c, t, e)
	old, wrong := w.changeable(c.params["id"])
	switch {
	case wrong != nil:
		return configError(c, e, wrong)
	case old.fields["queueRoutingType"] != agentBased:
		return configError(c, e, invalid("queueRoutingType: should be AGENT_BASED"))
	}
	agents := []any{}
	for _, element := range asList(old.fields["agents"]) {
		if id := asText(asObject(element)["id"]); !slices.Contains(wanted.Remove, id) && !slices.Contains(wanted.Add, id) {
			agents = append(agents, element)
		}
	}
	for _, id := range wanted.Add {
		agents = append(agents, map[string]any{"id": id})
	}
	body := merge(old.fields, map[string]any{"agents": agents})
	if _, wrong := w.update(old.id, body); wrong != nil {
		return configError(c, e, wrong)
	}
	return reply(http.StatusOK, map[string]any{})
}

// deleteReference forgets nothing here: references end with the objects that hold them.
func (s *Simulator) deleteReference(*call, *tenant) answer {
	return reply(http.StatusOK, map[string]any{"code": 200, "details": map[string]any{}, "links": []any{}})
}
