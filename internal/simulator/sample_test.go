package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// sampler makes bodies for an entity from its description, and the objects that they refer to.
type sampler struct {
	*harness
	made int
}

// startSampler begins with the demonstration tenant and what only a state document can bring.
func startSampler(t *testing.T, options Options) *sampler {
	t.Helper()
	state := DemoState()
	for i := range state.Organizations {
		if one := &state.Organizations[i]; one.ID == orgA {
			for number := range 50 {
				one.CallingNumbers = append(one.CallingNumbers, CallingNumber{Number: fmt.Sprintf("+3512100001%02d", number)})
			}
			one.Objects[flowRoute] = []map[string]any{{"id": "65f0a3c2d917b84e5c206af1", "name": "Main", "document": map[string]any{}}}
		}
	}
	return &sampler{harness: startWith(t, options, state)}
}

func (s *sampler) path(e *entity) string {
	return strings.Replace(e.paths[0].base(e), "{orgid}", orgA, 1)
}

// words are tried in turn where a pattern has to be met.
var words = []string{"Sample %d", "Sample_%d", "sample%d.wav", "+3512100001%02d", "55500%02d", "09:00", "2026-04-25", "2026-05-20T14:00", "ABC%d"}

func (s *sampler) word(f *field) string {
	if f.name == "dialledNumber" {
		s.made++
		return fmt.Sprintf("+3512100001%02d", s.made)
	}
	for _, pattern := range words {
		word := pattern
		if strings.Contains(pattern, "%") {
			s.made++
			word = fmt.Sprintf(pattern, s.made)
		}
		if len(f.checkText(word)) == 0 {
			return word
		}
	}
	s.t.Fatalf("no word for %s", f.name)
	return ""
}

// value is something that the field accepts. Objects and elements are complete, or have what they need only.
func (s *sampler) value(f *field, complete bool) any {
	s.t.Helper()
	switch f.kind {
	case boolean:
		return true
	case integer:
		return float64(max(f.minimum, 1))
	case integerList:
		return []any{float64(1)}
	case textList:
		return []any{s.single(f)}
	case object:
		return s.fields(f.fields, complete)
	case objectList:
		return []any{s.fields(f.fields, complete)}
	default:
		return s.single(f)
	}
}

func (s *sampler) single(f *field) string {
	s.t.Helper()
	switch {
	case f.target != "":
		return s.target(f)
	case len(f.enum) > 0:
		return f.enum[0]
	default:
		return s.word(f)
	}
}

// fields fills a group of fields: all of them, or those that are needed.
func (s *sampler) fields(all []field, complete bool) map[string]any {
	s.t.Helper()
	out := map[string]any{}
	for range 2 { // the second time for what the values of the first make necessary
		for i := range all {
			f := &all[i]
			wanted := complete || f.required || f.needed.holds(out)
			if f.readOnly || f.computed || !wanted || out[f.name] != nil {
				continue
			}
			out[f.name] = s.value(f, complete)
		}
	}
	return out
}

// body is what creates an object: minimal, or complete.
func (s *sampler) body(e *entity, complete bool) map[string]any {
	s.t.Helper()
	out := s.fields(e.fields, complete)
	delete(out, "id")
	if fix := fixes()[e.route]; fix != nil {
		fix(s, out, complete)
	}
	return out
}

// fixes are for the rules that no field description expresses.
func fixes() map[string]func(s *sampler, body map[string]any, complete bool) {
	return map[string]func(s *sampler, body map[string]any, complete bool){
		"audio-file": func(s *sampler, body map[string]any, _ bool) {
			s.made++
			body["name"] = fmt.Sprintf("tone%d.wav", s.made)
		},
		"dial-number": func(s *sampler, body map[string]any, _ bool) {
			body["dialledNumber"] = s.word(entities["dial-number"].fieldsByName["dialledNumber"])
		},
		"auxiliary-code": func(_ *sampler, body map[string]any, complete bool) {
			body["defaultCode"] = false
			if complete {
				body["burnoutInclusion"] = "EXCLUDED"
			}
		},
		"agent-profile": func(s *sampler, body map[string]any, complete bool) {
			if complete {
				body["wrapUpCodes"], body["idleCodes"] = []any{s.create(wrapUp(s.word(named(plainName).self())))}, []any{s.create(idle(s.word(named(plainName).self())))}
				body["timeoutDesktopInactivityMins"] = float64(30)
			}
			if !complete {
				body["viewableStatistics"] = map[string]any{"accessQueueStats": "ALL", "accessTeamStats": "ALL"}
			}
		},
		"skill": func(_ *sampler, body map[string]any, complete bool) {
			if complete {
				body["skillType"] = skillEnum
			}
		},
		"skill-profile": func(s *sampler, body map[string]any, complete bool) {
			skill := s.put("skill", map[string]any{"skillType": skillProficiency})
			body["activeSkills"] = []any{map[string]any{"skillId": skill, "proficiencyValue": float64(8)}}
			delete(body, "activeEnumSkills")
			if complete {
				enum := s.a("GET", "/organization/"+orgA+"/skill/"+s.put("skill", map[string]any{
					"skillType": skillEnum, "enumSkillValues": []any{map[string]any{"name": "Fibre"}},
				}), nil).want(200)
				body["activeEnumSkills"] = []any{map[string]any{"enumSkillValueId": enum.at("enumSkillValues.0.id")}}
			}
		},
		"team": func(_ *sampler, body map[string]any, complete bool) {
			if complete {
				body["teamType"] = capacityTeam
			}
		},
		queueRoute: func(s *sampler, body map[string]any, complete bool) {
			groups := entities[queueRoute].fieldsByName["callDistributionGroups"]
			body["callDistributionGroups"] = s.value(groups, true)
			if complete {
				body["personalizedAIRouting"] = map[string]any{"aiRoutingMode": "EVALUATION", "aiRoutingKPIId": "kpi"}
				body["queueSkillRequirements"] = []any{map[string]any{
					"skillId": s.put("skill", nil), "condition": "GTE", "skillValue": "5", "weight": float64(10),
				}}
			}
		},
		"entry-point": func(s *sampler, body map[string]any, complete bool) {
			if complete {
				body["entryPointType"] = outbound
				body["outdialQueueId"] = s.put(queueRoute, map[string]any{"queueType": outbound})
				body["flowOverrideSettings"] = []any{map[string]any{
					"name": "Welcome", "type": "String", "entityType": "audio-file", "entityId": body["musicOnHoldId"], "value": "a.wav",
				}}
			}
		},
		"resource-collection": func(s *sampler, body map[string]any, _ bool) {
			var resources []any
			for _, name := range resourceNames {
				resources = append(resources, map[string]any{"name": name, "accessLevel": "ALL", "ids": []any{}})
			}
			resources[12] = map[string]any{"name": "site", "accessLevel": "SPECIFIC", "ids": []any{s.put("site", nil)}}
			body["resources"] = resources
		},
		"user-profile": func(_ *sampler, body map[string]any, _ bool) {
			body["permissions"] = []any{map[string]any{"name": "queue", "access": "VIEW"}}
			if list := asList(body["resourceCollections"]); len(list) > 0 {
				delete(asObject(list[0]), "name")
			}
		},
		"multimedia-profile": func(_ *sampler, body map[string]any, complete bool) {
			if complete {
				body["blendingMode"] = blendedRealtime
			}
		},
		"overrides":    func(_ *sampler, body map[string]any, _ bool) { recur(body["overrides"]) },
		"holiday-list": func(_ *sampler, body map[string]any, _ bool) { recur(body["holidays"]) },
	}
}

// recur makes a repetition that fits its frequency.
func recur(list any) {
	for _, element := range asList(list) {
		if fields := asObject(element); fields["frequency"] != nil {
			fields["frequency"] = "Yearly"
		}
	}
}

func (f field) self() *field { return &f }

// target is the id of an object that a reference can mean: a new one where the entity can be created.
func (s *sampler) target(f *field) string {
	s.t.Helper()
	if f.target == flowRoute {
		return "65f0a3c2d917b84e5c206af1"
	}
	if f.target == userRoute {
		return stableUUID(orgA, userRoute, "Ines Duarte")
	}
	if f.part != "" {
		enum := s.put(f.target, map[string]any{"skillType": skillEnum, f.part: []any{map[string]any{"name": "Fibre"}}})
		return s.a("GET", "/organization/"+orgA+"/"+f.target+"/"+enum, nil).at(f.part + ".0.id")
	}
	return s.put(f.target, nil)
}

// put creates an object with the given fields beside those that it needs, and returns its id.
func (s *sampler) put(route string, more map[string]any) string {
	s.t.Helper()
	e := entities[route]
	body := s.body(e, false)
	maps.Copy(body, more)
	return s.post(e, body).want(e.created).at("id")
}

// post sends a create as the entity wants it.
func (s *sampler) post(e *entity, body any) result {
	s.t.Helper()
	return s.send("POST", s.path(e), e, body)
}

func (s *sampler) send(method, path string, e *entity, body any) result {
	s.t.Helper()
	if e.route != "audio-file" || method == "PATCH" {
		return s.a(method, path, body)
	}
	content, contentType := audioForm(s.t, body, "application/json", []byte("RIFF"))
	return s.call(method, path, headers{"Authorization": "Bearer " + tokenA, "Content-Type": contentType}, content)
}

// writable are the fields that a client can set.
func writable(fields []field) []*field {
	var out []*field
	for i := range fields {
		if f := &fields[i]; !f.readOnly && !f.computed {
			out = append(out, f)
		}
	}
	return out
}

// without is a body that lacks some fields.
func without(body map[string]any, names ...string) map[string]any {
	out := maps.Clone(body)
	maps.DeleteFunc(out, func(name string, _ any) bool { return slices.Contains(names, name) })
	return out
}
