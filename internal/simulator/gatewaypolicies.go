package simulator

import (
	"maps"
	"net/http"
	"slices"
)

// holidayPolicy is the one routing policy that is there: what happens to calls on holidays.
const holidayPolicy = "Holiday Service"

// policyOf finds the policy that a call is about; only Premium call centers have it.
func (s *Simulator) policyOf(c *call, in *group, stale bool) (*callCenter, map[string]any, *answer) {
	center := in.get(c.params["id"], stale)
	switch {
	case center == nil:
		return nil, nil, pointer(s.unknownCallCenter(c.params["id"]))
	case c.request.URL.Query().Get("type") != holidayPolicy:
		return nil, nil, badRequest("type: " + holidayPolicy + " is expected")
	case center.instance["type"] != typePremium:
		return nil, nil, badRequest("type: not supported by a call center of type " + asText(center.instance["type"]))
	}
	policy := map[string]any{
		"action": "None", "transferPhoneNumber": "", "holidaySchedule": nil, "playAnnouncementBeforeAction": false,
		"audioMessageSelection": "Default", "audioFileList": []any{nil, nil, nil, nil},
	}
	maps.Copy(policy, center.holiday)
	return center, policy, nil
}

// readRoutingPolicy answers the reading half of E11.
func (s *Simulator) readRoutingPolicy(c *call, _ *gateway, in *group) answer {
	_, policy, refused := s.policyOf(c, in, c.lies.stale)
	if refused != nil {
		return *refused
	}
	return s.shown(policy)
}

// changeRoutingPolicy answers the writing half.
func (s *Simulator) changeRoutingPolicy(c *call, g *gateway, in *group) answer {
	center, policy, refused := s.policyOf(c, in, false)
	if refused != nil {
		return *refused
	}
	body, wrong := decodeObject(c.body)
	if wrong != nil {
		return gatewayError(http.StatusRequestedRangeNotSatisfiable, gatewayBadBody, "The body is not a JSON object")
	}
	for name := range policy {
		if value, given := body[name]; given {
			policy[name] = value
		}
	}
	schedule, _ := policy["holidaySchedule"].(map[string]any)
	_, isSwitch := policy["playAnnouncementBeforeAction"].(bool)
	switch {
	case !slices.Contains([]any{"None", "Busy", "Transfer"}, policy["action"]):
		return *badRequest("action: one of None, Busy, Transfer is expected")
	case policy["action"] == "Transfer" && asText(policy["transferPhoneNumber"]) == "":
		return *badRequest("transferPhoneNumber: is required")
	case schedule != nil && !slices.Contains(in.seed.HolidaySchedules, asText(schedule["name"])):
		return *badRequest("holidaySchedule: not found: " + asText(schedule["name"]))
	case !isSwitch:
		return *badRequest("playAnnouncementBeforeAction: a boolean is expected")
	}
	next := *center
	next.holiday = policy
	g.put(in, &next)
	return s.shown(map[string]any{})
}
