package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Look-ups of users (contact-center reference 8.3).

const userRoute = "user"

func (s *Simulator) registerUsers() {
	base := configPrefix + userRoute
	for route, handle := range map[string]configHandler{
		"GET " + base + "/by-ci-user-id/{id}":                  s.userByCI(oldProfileOfUser),
		"GET " + configPrefix + "v2/user/by-ci-user-id/{id}":   s.userByCI(newProfileOfUser),
		"GET " + base + "/with-user-profile":                   s.usersWithProfile,
		"GET " + base + "/with-user-profile/{id}":              s.userWithProfile,
		"GET " + base + "/by-dynamic-skill-id/{skill}":         s.usersByDynamicSkill,
		"POST " + base + "/fetch-user-details-by-ids":          s.userDetails,
		"POST " + base + "/fetch-by-skill-requirements":        s.usersBySkills,
		"PATCH " + base + "/bulk/update-dynamic-skill/{skill}": s.updateDynamicSkill,
		"PATCH " + base + "/{id}/reskill": func(c *call, _ *tenant) answer {
			return configError(c, entities[userRoute], refuse(http.StatusForbidden, "Only supervisors can change the skills of an agent"))
		},
	} {
		s.router.add(route, s.configuration(handle))
	}
}

// profileOfUser adds the user profile to a user, in one of its two schemas.
type profileOfUser func(out map[string]any, profile *record)

func oldProfileOfUser(out map[string]any, profile *record) {
	out["userProfileData"] = oldUserProfile(profile)
}

func newProfileOfUser(out map[string]any, profile *record) {
	out["userProfileGranularAccessData"] = profile.json
}

func (t *tenant) shownUser(c *call, r *record, add profileOfUser) map[string]any {
	out := merge(r.fields, map[string]any{"links": []any{}})
	for name, value := range entities[userRoute].computed(view{tenant: t, record: r, query: c.query, item: true}) {
		out[name] = value
	}
	delete(out, "userProfileData")
	if profile := t.collection("user-profile").get(asText(r.fields["userProfileId"])); profile != nil && add != nil {
		add(out, profile)
	}
	return out
}

func (s *Simulator) userByCI(add profileOfUser) configHandler {
	return func(c *call, t *tenant) answer {
		t.mu.RLock()
		defer t.mu.RUnlock()
		found := t.userByCI(c.params["id"])
		if found == nil {
			return configError(c, entities[userRoute], refuse(http.StatusNotFound, textNotFound))
		}
		if c.query.get("includeUserProfile") != "true" {
			return reply(http.StatusOK, t.shownUser(c, found, nil))
		}
		return reply(http.StatusOK, t.shownUser(c, found, add))
	}
}

func (t *tenant) userByCI(id string) *record {
	all := t.collection(userRoute).order
	at := slices.IndexFunc(all, func(one *record) bool { return strings.EqualFold(asText(one.fields["ciUserId"]), id) })
	if at < 0 {
		return nil
	}
	return all[at]
}

// usersWithProfile is a bare list without pages.
func (s *Simulator) usersWithProfile(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	rows := []any{}
	for _, one := range t.collection(userRoute).order {
		rows = append(rows, t.shownUser(c, one, oldProfileOfUser))
	}
	return reply(http.StatusOK, rows)
}

func (s *Simulator) userWithProfile(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	found := t.collection(userRoute).get(c.params["id"])
	if found == nil {
		return configError(c, entities[userRoute], refuse(http.StatusNotFound, textNotFound))
	}
	return reply(http.StatusOK, t.shownUser(c, found, oldProfileOfUser))
}

// made is a list of rows that are made for the answer.
func (s *Simulator) made(c *call, t *tenant, e *entity, size int, rows []any) answer {
	w, wrong := s.windowOf(c, size)
	if wrong != nil {
		return configError(c, e, wrong)
	}
	start := min(w.page*w.size, len(rows))
	shown := append([]any{}, rows[start:min(start+w.size, len(rows))]...)
	return reply(http.StatusOK, map[string]any{"meta": s.meta(c, w, t.info.ID, len(rows)), "data": shown})
}

func (r *record) contains(word string, columns ...string) bool {
	return containing{columns: columns, word: strings.ToLower(word)}.holds(r.fields)
}

func slim(r *record, names ...string) map[string]any {
	out := map[string]any{"id": r.id}
	for _, name := range names {
		if value, has := r.fields[name]; has {
			out[name] = value
		}
	}
	return out
}

func (s *Simulator) usersByDynamicSkill(c *call, t *tenant) answer {
	t.mu.RLock()
	defer t.mu.RUnlock()
	rows := []any{}
	for _, one := range t.collection(userRoute).order {
		for _, element := range asList(one.fields["dynamicSkills"]) {
			fields := asObject(element)
			if strings.EqualFold(asText(fields["skillId"]), c.params["skill"]) && one.contains(c.query.get("search"), "firstName", "lastName", "email") {
				row := slim(one, "firstName", "lastName", "email")
				row["dynamicSkill"] = fields
				rows = append(rows, row)
			}
		}
	}
	return s.made(c, t, entities[userRoute], s.options.DefaultPageSize, rows)
}

func (s *Simulator) userDetails(c *call, t *tenant) answer {
	var wanted struct {
		UserIDs []string `json:"userIds"`
		Search  string   `json:"search"`
		QueueID string   `json:"queueId"`
	}
	if wrong := decodeInto(c.body, &wanted); wrong != nil {
		return configError(c, entities[userRoute], wrong)
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	rows := []any{}
	for _, one := range t.collection(userRoute).order {
		if (len(wanted.UserIDs) == 0 || slices.Contains(wanted.UserIDs, one.id)) && one.contains(wanted.Search, "firstName", "lastName", "email") {
			rows = append(rows, slim(one, "firstName", "lastName", "email"))
		}
	}
	return s.made(c, t, entities[userRoute], 10, rows)
}

const mostRequirements = 50

// usersBySkills finds the users whose skill profile fulfills every requirement.
func (s *Simulator) usersBySkills(c *call, t *tenant) answer {
	var wanted struct {
		SkillRequirements []map[string]any `json:"skillRequirements"`
	}
	e := entities[userRoute]
	if wrong := decodeInto(c.body, &wanted); wrong != nil {
		return configError(c, e, wrong)
	}
	switch {
	case len(wanted.SkillRequirements) == 0:
		return configError(c, e, invalid("skillRequirements: should not be null or blank."))
	case len(wanted.SkillRequirements) > mostRequirements:
		return configError(c, e, invalid("skillRequirements: should not be more than "+strconv.Itoa(mostRequirements)))
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	rows := []any{}
	for _, one := range t.collection(userRoute).order {
		profile := t.collection("skill-profile").get(asText(one.fields["skillProfileId"]))
		unmet := func(requirement map[string]any) bool { return profile == nil || !t.fulfills(profile, requirement) }
		if !slices.ContainsFunc(wanted.SkillRequirements, unmet) && one.contains(c.query.get("search"), "firstName", "lastName", "email") {
			row := slim(one, "firstName", "lastName", "email")
			row["skillProfileName"] = profile.name
			rows = append(rows, row)
		}
	}
	return s.made(c, t, e, s.options.DefaultPageSize, rows)
}

// updateDynamicSkill gives a dynamic skill to users, or takes it from them.
func (s *Simulator) updateDynamicSkill(c *call, t *tenant) answer {
	e := entities[userRoute]
	request, wrong := s.decodeBulk(c)
	if wrong != nil {
		return configError(c, e, wrong)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	skill := t.collection("skill").get(c.params["skill"])
	switch {
	case skill == nil:
		return configError(c, e, refuse(http.StatusNotFound, textNotFound))
	case skill.fields["dynamicSkill"] != true:
		return configError(c, e, invalid("skillId: should be a dynamic skill"))
	}
	w := s.writer(c, t, e)
	results := []any{}
	for _, item := range request.Items {
		body := asObject(item.Item)
		result := bulkResult{operation: "UPDATE", status: http.StatusOK, id: asText(body["userId"])}
		result.wrong = w.assign(skill, result.id, body, item.Action == actionDelete)
		results = append(results, s.bulkRow(c, e, e.route, item.Identifier, result))
	}
	return reply(http.StatusMultiStatus, map[string]any{"items": results})
}

// assign puts the skill with its value into the list of a user, in place of an older value.
func (w *writer) assign(skill *record, user string, body map[string]any, remove bool) *refusal {
	old := w.in.get(user)
	if old == nil {
		return refuse(http.StatusNotFound, textNotFound)
	}
	list := w.in.entity.fieldsByName["dynamicSkills"]
	value, err := list.acceptObject(merge(body, map[string]any{"id": nil, "skillId": skill.id}))
	if err != nil {
		return invalid("Bad payload: Cannot deserialize " + err.Error())
	}
	next := asObject(value)
	if wrong := list.checkFields(next); len(wrong) > 0 {
		return invalid(wrong...)
	}
	rows := slices.DeleteFunc(slices.Clone(asList(old.fields[list.name])), func(element any) bool {
		return asObject(element)["skillId"] == skill.id
	})
	if !remove {
		list.stamp(next, nil, w.now)
		rows = append(rows, next)
	}
	version, _ := asInteger(old.fields["version"])
	_, wrong := w.store(merge(old.fields, map[string]any{
		list.name: rows, "version": version + 1, "lastUpdatedTime": w.now,
		"dynamicSkillsUpdatedBy": w.tenant.info.Admin, "dynamicSkillsUpdatedTime": w.now,
	}))
	return wrong
}
