package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// centerWrite is one create or update of a call center on its way. The gateway is locked.
type centerWrite struct {
	sim  *Simulator
	g    *gateway
	in   *group
	old  *callCenter // nil on create
	next *callCenter
	body map[string]any
}

// createCallCenter answers E1.
func (s *Simulator) createCallCenter(c *call, g *gateway, in *group) answer {
	next := &callCenter{instance: map[string]any{}, profile: map[string]any{}, active: s.options.CallCenters.ActiveOnCreate}
	w := &centerWrite{sim: s, g: g, in: in, next: next}
	if refused := w.read(c); refused != nil {
		return *refused
	}
	if refused := w.followTemplate(); refused != nil {
		return *refused
	}
	if refused := w.apply(); refused != nil {
		return *refused
	}
	if refused := w.chooseID(); refused != nil {
		return *refused
	}
	if refused := w.setPassword(); refused != nil {
		return *refused
	}
	g.put(in, next)
	a := s.shown(next.shown(in.dialect))
	a.status = s.options.CallCenters.CreateStatus
	return a
}

// updateCallCenter answers E4: only the keys of the body change.
func (s *Simulator) updateCallCenter(c *call, g *gateway, in *group) answer {
	old := in.get(c.params["id"], false)
	if old == nil {
		return s.unknownCallCenter(c.params["id"])
	}
	next := &callCenter{
		id: old.id, instance: maps.Clone(old.instance), profile: maps.Clone(old.profile),
		password: old.password, active: old.active, agents: old.agents, supervisors: old.supervisors, holiday: old.holiday,
	}
	w := &centerWrite{sim: s, g: g, in: in, old: old, next: next}
	if refused := w.read(c); refused != nil {
		return *refused
	}
	if refused := w.apply(); refused != nil {
		return *refused
	}
	if refused := w.setPassword(); refused != nil {
		return *refused
	}
	if refused := w.renameByPhone(); refused != nil {
		return *refused
	}
	if next.id != old.id {
		g.drop(in, old.id)
	}
	g.put(in, next)
	return s.shown(next.shown(in.dialect))
}

// read decodes the body and takes out what a lying gateway ignores.
func (w *centerWrite) read(c *call) *answer {
	body, wrong := decodeObject(c.body)
	if wrong != nil {
		return pointer(gatewayError(http.StatusRequestedRangeNotSatisfiable, gatewayBadBody, "The body is not a JSON object"))
	}
	profile, _ := body["serviceInstanceProfile"].(map[string]any)
	for _, name := range c.lies.dropFields {
		delete(body, name)
		delete(profile, name)
	}
	w.body = body
	return nil
}

func badRequest(text string) *answer {
	return pointer(gatewayError(http.StatusBadRequest, gatewayInvalidOperation, text))
}

// apply brings the fields of the body into the object and checks it as a whole.
func (w *centerWrite) apply() *answer {
	creating := w.old == nil
	kind := orDefault(asText(w.body["type"]), orDefault(asText(w.next.instance["type"]), typeBasic))
	profile, isObject := w.body["serviceInstanceProfile"].(map[string]any)
	if given := w.body["serviceInstanceProfile"]; !isObject && (creating || given != nil) {
		return badRequest("serviceInstanceProfile: an object is expected")
	}
	if err := applyFields(centerFields, w.next.instance, w.body, kind, creating); err != nil {
		return badRequest(err.Error())
	}
	if err := applyFields(profileFields, w.next.profile, profile, kind, creating); err != nil {
		return badRequest(err.Error())
	}
	if creating {
		w.next.profile["language"] = orDefault(w.next.profile["language"], any(w.in.seed.Language))
		w.next.profile["timeZone"] = orDefault(w.next.profile["timeZone"], any(w.in.seed.TimeZone))
	}
	for _, check := range []func(map[string]any) error{w.setDepartment, w.checkNumbers, w.checkUnavailableCode} {
		if err := check(profile); err != nil {
			return badRequest(err.Error())
		}
	}
	return nil
}

// checkNumbers: a phone number is assigned to the group and free, an extension has the group's length and is free.
func (w *centerWrite) checkNumbers(map[string]any) error {
	phone, extension := asText(w.next.profile["phoneNumber"]), asText(w.next.profile["extension"])
	if phone != "" && !slices.Contains(w.in.seed.PhoneNumbers, phone) {
		return fmt.Errorf("phoneNumber: %s is not assigned to the group", phone)
	}
	if extension != "" && (len(extension) < w.in.seed.MinExtension || len(extension) > w.in.seed.MaxExtension) {
		return fmt.Errorf("extension: %d to %d digits are expected", w.in.seed.MinExtension, w.in.seed.MaxExtension)
	}
	for _, other := range w.in.centers {
		if other == w.old {
			continue
		}
		if phone != "" && other.profile["phoneNumber"] == phone {
			return fmt.Errorf("phoneNumber: %s is in use", phone)
		}
		if extension != "" && other.profile["extension"] == extension {
			return fmt.Errorf("extension: %s is in use", extension)
		}
	}
	return nil
}

// checkUnavailableCode: the code is only for agents that a call leaves unavailable.
func (w *centerWrite) checkUnavailableCode(map[string]any) error {
	code := asText(w.body["agentUnavailableCode"])
	instance := w.next.instance
	if code != "" && (instance["enableAutomaticStateChangeForAgents"] != true || instance["agentStateAfterCall"] != "Unavailable") {
		return fmt.Errorf("agentUnavailableCode: needs the automatic state change to Unavailable")
	}
	return nil
}

// setPassword takes the given password, or makes one for a new call center.
func (w *centerWrite) setPassword() *answer {
	profile, _ := w.body["serviceInstanceProfile"].(map[string]any)
	rules := w.sim.passwordRules(w.in)
	given, present := profile["password"]
	if !present || given == nil {
		if w.old == nil {
			w.next.password = rules.generate()
		}
		return nil
	}
	password, isText := given.(string)
	if !isText {
		return badRequest("password: a text is expected")
	}
	if problem := rules.problem(password, w.next.id, w.next.password); problem != "" {
		if w.in.dialect.QuotesPassword {
			problem = "not accepted: " + password
		}
		return badRequest("password: " + problem)
	}
	w.next.password = password
	return nil
}

// deleteCallCenter answers E5.
func (s *Simulator) deleteCallCenter(c *call, g *gateway, in *group) answer {
	id := c.params["id"]
	if in.get(id, false) == nil {
		return s.unknownCallCenter(id)
	}
	g.drop(in, id)
	return empty(http.StatusOK)
}

// activateCallCenters answers E6: all services of the list, or none of them.
func (s *Simulator) activateCallCenters(c *call, g *gateway, in *group) answer {
	body, wrong := decodeObject(c.body)
	if wrong != nil {
		return gatewayError(http.StatusRequestedRangeNotSatisfiable, gatewayBadBody, "The body is not a JSON object")
	}
	services, isList := body["services"].([]any)
	if !isList {
		return *badRequest("services: a list is expected")
	}
	var changed []*callCenter
	for _, element := range services {
		service, _ := element.(map[string]any)
		active, isBoolean := service["active"].(bool)
		center := in.get(asText(service["serviceUserId"]), false)
		switch {
		case center == nil:
			return s.unknownCallCenter(asText(service["serviceUserId"]))
		case !isBoolean:
			return *badRequest("active: a boolean is expected")
		}
		next := *center
		next.active = active
		changed = append(changed, &next)
	}
	if !slices.Contains(c.lies.dropFields, "active") {
		for _, next := range changed {
			g.put(in, next)
		}
	}
	return s.shown(map[string]any{})
}

func (s *Simulator) unknownCallCenter(id string) answer {
	status := http.StatusNotFound
	if s.options.CallCenters.NotFoundAs400 {
		status = http.StatusBadRequest
	}
	return ociError(status, ociUserNotFound, "User not found: "+id)
}

// loadCallCenter makes an object of the state document; missing fields get their defaults, nothing is checked.
func loadCallCenter(in *group, content map[string]any) *callCenter {
	profile, _ := content["serviceInstanceProfile"].(map[string]any)
	center := &callCenter{
		id: asText(content["serviceUserId"]), password: asText(profile["password"]), active: content["active"] == true,
		instance: defaultsOf(centerFields, content), profile: defaultsOf(profileFields, profile),
		agents: membersOf(content["agents"]), supervisors: membersOf(content["supervisors"]),
	}
	if department, ok := profile["department"].(map[string]any); ok {
		center.profile["department"] = department
	}
	center.profile["language"] = orDefault(center.profile["language"], any(in.seed.Language))
	center.profile["timeZone"] = orDefault(center.profile["timeZone"], any(in.seed.TimeZone))
	center.instance["serviceUserId"] = center.id
	center.holiday, _ = content["holidayService"].(map[string]any)
	return center
}

func defaultsOf(fields []centerField, content map[string]any) map[string]any {
	out := map[string]any{}
	for i := range fields {
		f := &fields[i]
		value, given := content[f.name]
		if !given {
			value = f.defaultValue
			if _, isNull := value.(noValue); isNull {
				out[f.name] = nil
				continue
			}
		}
		if number, ok := asInteger(value); ok && f.kind == integer {
			value = number
		}
		if value != nil || given {
			out[f.name] = value
		}
	}
	return out
}

// nationalNumber is a number of the group's country as it is called from inside the country; others stay as they are.
func nationalNumber(phone, countryCode string) string {
	rest, own := strings.CutPrefix(phone, "+"+countryCode)
	if !own || countryCode == "" {
		return phone
	}
	return "0" + rest
}
