package apio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// The users of a call center. Reading the agents, and who may become agent or supervisor, is documented; the other bodies
// are inferred from those (reference section 3, E7 to E10).
const (
	FieldAgents      = "agents"
	FieldSupervisors = "supervisors"
)

const (
	fieldUserID = "userId"
	fieldWeight = "weight"
	fieldSkill  = "skillLevel"
	// maxNamed bounds how many user ids a message names.
	maxNamed = 10
)

// memberList is one list of users of a call center.
type memberList struct {
	// field is the name in objects, in the route and around the list.
	field string
	// kept are the fields of a user that stay as they are where nothing else is asked for.
	kept []string
	// typed: who is available depends on the call center's type.
	typed bool
}

func (p memberList) route() string          { return itemRoute + p.field + "/" }
func (p memberList) availableRoute() string { return listRoute + p.field + "/available/" }

// part is the list as a part: each user with his userId and what the call center decides of him, without what belongs to
// the user himself.
func (p memberList) part() part {
	read := func(ctx context.Context, c *CallCenters, id string) (any, error) {
		users, err := c.members(ctx, id, p)
		if err != nil {
			return nil, err
		}
		list := make([]any, 0, len(users))
		for _, user := range users {
			member := map[string]any{fieldUserID: user[fieldUserID]}
			for _, field := range p.kept {
				if value, has := user[field]; has {
					member[field] = value
				}
			}
			list = append(list, member)
		}
		return list, nil
	}
	write := func(ctx context.Context, c *CallCenters, id, centerType string, wanted any) error {
		list, ok := wanted.([]any)
		if !ok {
			return fmt.Errorf("%s are no list but %T", p.field, wanted) // which would take out everybody
		}
		return c.replaceMembers(ctx, id, p, list, centerType)
	}
	return part{field: p.field, read: read, write: write}
}

func (c *CallCenters) members(ctx context.Context, id string, p memberList) ([]remote.Object, error) {
	response, req, err := c.client.do(ctx, http.MethodGet, c.path(id, p.field), p.route(), nil)
	if err != nil {
		return nil, c.believe(ctx, err, response, id)
	}
	answer, err := response.Object(req)
	if err != nil {
		return nil, err
	}
	list, ok := answer[p.field].([]any)
	if !ok {
		return nil, httpcall.Invalid(req, response, fmt.Errorf("no list %s in the answer", p.field))
	}
	users := make([]remote.Object, 0, len(list))
	for _, value := range list {
		user := userOf(value)
		if user.Text(fieldUserID) == "" {
			return nil, httpcall.Invalid(req, response, errors.New("a user without userId"))
		}
		users = append(users, user)
	}
	return users, nil
}

// userOf reads a user, who may come as his id alone.
func userOf(value any) remote.Object {
	switch typed := value.(type) {
	case map[string]any:
		return typed
	case string:
		return remote.Object{fieldUserID: typed}
	}
	return nil
}

// replaceMembers replaces a list of users, after making sure that the new ones may be in it.
func (c *CallCenters) replaceMembers(ctx context.Context, id string, p memberList, wanted []any, centerType string) error {
	present, err := c.members(ctx, id, p)
	if err != nil {
		return err
	}
	users := make([]remote.Object, 0, len(wanted))
	var added []string
	for _, value := range wanted {
		user := userOf(value).Clone()
		old := find(present, user.Text(fieldUserID))
		if old == nil {
			added = append(added, user.Text(fieldUserID))
		}
		for _, field := range p.kept {
			if kept, has := old[field]; has && user[field] == nil {
				user[field] = kept
			}
		}
		if skill := user.Text(fieldSkill); skill != "" {
			user[fieldSkill] = skill // a text, as the gateway shows it
		}
		users = append(users, user)
	}
	if err := c.checkAvailable(ctx, id, p, added, centerType); err != nil {
		return err
	}
	_, _, err = c.client.do(ctx, http.MethodPut, c.path(id, p.field), p.route(), map[string]any{p.field: users})
	if failure, ok := errors.AsType[*remote.Error](err); ok && failure.Class == remote.NotFound {
		failure.Class = remote.Rejected // one of the users is not there; the call center was, a moment ago
	}
	return err
}

func find(users []remote.Object, id string) remote.Object {
	for _, user := range users {
		if strings.EqualFold(user.Text(fieldUserID), id) {
			return user
		}
	}
	return nil
}

// checkAvailable names those whom the group does not offer for a part.
func (c *CallCenters) checkAvailable(ctx context.Context, id string, p memberList, added []string, centerType string) error {
	if len(added) == 0 {
		return nil
	}
	query := url.Values{}
	if p.typed {
		if centerType == "" {
			instance, err := c.Read(ctx, id)
			if err != nil {
				return err
			}
			centerType = instance.Text("type")
		}
		query.Set("type", centerType)
	}
	available, err := c.available(ctx, p, query)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(added), func(user string) bool { return find(available, user) != nil })
	if len(missing) == 0 {
		return nil
	}
	why := "the group has no such user"
	if p.typed {
		why = fmt.Sprintf("the group has no such user, or he lacks the service Call Center - %s", centerType)
	}
	more := ""
	if len(missing) > maxNamed {
		missing, more = missing[:maxNamed], fmt.Sprintf(" and %d more", len(missing)-maxNamed)
	}
	return &remote.Error{
		Class: remote.Rejected, Op: "GET " + p.availableRoute(), Status: http.StatusOK,
		Message: fmt.Sprintf("not available as %s: %s%s (%s)", p.field, strings.Join(missing, ", "), more, why),
	}
}

// available lists who may become a member. The list stands under another name with each part.
func (c *CallCenters) available(ctx context.Context, p memberList, query url.Values) ([]remote.Object, error) {
	response, req, err := c.client.ask(ctx, http.MethodGet, c.path(p.field, "available"), query, p.availableRoute(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := response.Object(req)
	if err != nil {
		return nil, err
	}
	list, ok := answer["available_"+p.field].([]any)
	if !ok {
		return nil, httpcall.Invalid(req, response, fmt.Errorf("no list available_%s in the answer", p.field))
	}
	users := make([]remote.Object, 0, len(list))
	for _, value := range list {
		users = append(users, userOf(value))
	}
	return users, nil
}
