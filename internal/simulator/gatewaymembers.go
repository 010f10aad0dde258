package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// GroupUser is a user of a group.
type GroupUser struct {
	// ID is the user id, user@domain.
	ID        string `json:"id"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	// CallCenterType of the user's call-center service: Basic, Standard or Premium, each of which includes those before
	// it; empty = the user has none and cannot be an agent.
	CallCenterType string `json:"callCenterType,omitempty"`
}

// memberList is one of the two lists of users of a call center.
type memberList struct {
	name string
	of   func(*callCenter) *[]map[string]any
	// licensed: a member needs a call-center service.
	licensed bool
}

var (
	agentList      = memberList{"agents", func(c *callCenter) *[]map[string]any { return &c.agents }, true}
	supervisorList = memberList{"supervisors", func(c *callCenter) *[]map[string]any { return &c.supervisors }, false}
)

func (in *group) user(id string) *GroupUser {
	for i := range in.seed.Users {
		if strings.EqualFold(in.seed.Users[i].ID, id) {
			return &in.seed.Users[i]
		}
	}
	return nil
}

func (u *GroupUser) serves(centerType string) bool {
	return slices.Index(allTypes, u.CallCenterType) >= slices.Index(allTypes, centerType)
}

func (u *GroupUser) shown() map[string]any {
	return map[string]any{
		"userId": u.ID, "firstName": u.FirstName, "lastName": u.LastName, "phoneNumber": "", "extension": "", "department": "", "emailAddress": "",
	}
}

// availableMembers answers E7 and E10: who may become a member of a call center of the type asked for.
func (s *Simulator) availableMembers(list memberList) groupHandler {
	return func(c *call, _ *gateway, in *group) answer {
		centerType := orDefault(c.request.URL.Query().Get("type"), typeBasic)
		if !slices.Contains(allTypes, centerType) {
			return *badRequest("type: one of Basic, Standard, Premium is expected")
		}
		rows := []any{}
		for i := range in.seed.Users {
			if user := &in.seed.Users[i]; !list.licensed || user.serves(centerType) {
				rows = append(rows, user.shown())
			}
		}
		return s.shown(map[string]any{"available_" + list.name: rows})
	}
}

// readMembers answers E8 and its like for supervisors.
func (s *Simulator) readMembers(list memberList) groupHandler {
	return func(c *call, _ *gateway, in *group) answer {
		center := in.get(c.params["id"], c.lies.stale)
		if center == nil {
			return s.unknownCallCenter(c.params["id"])
		}
		rows := []any{}
		for _, member := range *list.of(center) {
			row := member
			if user := in.user(asText(member["userId"])); user != nil {
				row = user.shown()
				maps.Copy(row, member)
			}
			rows = append(rows, row)
		}
		return s.shown(map[string]any{list.name: rows})
	}
}

// replaceMembers answers E9 and its like for supervisors: the body has the whole list.
func (s *Simulator) replaceMembers(list memberList) groupHandler {
	return func(c *call, g *gateway, in *group) answer {
		old := in.get(c.params["id"], false)
		if old == nil {
			return s.unknownCallCenter(c.params["id"])
		}
		body, wrong := decodeObject(c.body)
		if wrong != nil {
			return gatewayError(http.StatusRequestedRangeNotSatisfiable, gatewayBadBody, "The body is not a JSON object")
		}
		given, isList := body[list.name].([]any)
		if !isList {
			return *badRequest(list.name + ": a list is expected")
		}
		members := make([]map[string]any, 0, len(given))
		for _, element := range given {
			fields, _ := element.(map[string]any)
			member, refused := s.member(in, old, list, fields)
			if refused != nil {
				return *refused
			}
			members = append(members, member)
		}
		next := *old
		if !slices.Contains(c.lies.dropFields, list.name) {
			*list.of(&next) = members
		}
		g.put(in, &next)
		return s.shown(map[string]any{})
	}
}

// member checks one element of a list.
func (s *Simulator) member(in *group, center *callCenter, list memberList, fields map[string]any) (map[string]any, *answer) {
	id := asText(fields["userId"])
	user := in.user(id)
	centerType := asText(center.instance["type"])
	switch {
	case user == nil:
		return nil, pointer(ociError(http.StatusBadRequest, ociUserNotFound, "User not found: "+id))
	case !list.licensed:
		return map[string]any{"userId": user.ID}, nil
	case !user.serves(centerType):
		return nil, badRequest(fmt.Sprintf("agents: %s lacks the service Call Center - %s", id, centerType))
	}
	member := map[string]any{"userId": user.ID, "weight": int64(0)}
	if weight, given := fields["weight"]; given {
		number, ok := asInteger(weight)
		if !ok || number < 0 || number > 100 {
			return nil, badRequest("weight: a number from 0 to 100 is expected")
		}
		member["weight"] = number
	}
	if center.instance["routingType"] != "Skill Based" {
		return member, nil
	}
	level, err := strconv.Atoi(orDefault(asText(fields["skillLevel"]), "1"))
	if err != nil || level < 1 || level > 20 {
		return nil, badRequest("skillLevel: a text from 1 to 20 is expected")
	}
	member["skillLevel"] = strconv.Itoa(level)
	return member, nil
}

// membersOf reads a list of the state document.
func membersOf(value any) []map[string]any {
	list, _ := value.([]any)
	members := make([]map[string]any, 0, len(list))
	for _, element := range list {
		if member, ok := element.(map[string]any); ok {
			members = append(members, member)
		}
	}
	return members
}

func memberRows(members []map[string]any) []any {
	list := make([]any, 0, len(members))
	for _, member := range members {
		list = append(list, member)
	}
	return list
}
