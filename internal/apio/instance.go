package apio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// Names of fields that the code itself must know.
const (
	FieldID         = "serviceUserId"
	FieldActive     = "active"
	fieldProfile    = "serviceInstanceProfile"
	fieldDepartment = fieldProfile + ".department"
	fieldRouting    = "routingType"
	fieldForceWait  = "forceDeliveryWaitTimeSeconds"
	// fieldForceWaitDoubled is how several tables of the gateway's documentation spell it; accepted, never sent.
	fieldForceWaitDoubled = "forceDeliveryWaitTimeSecondsSeconds"
)

// routingWords turns the short words of one documentation table into BroadWorks' own.
var routingWords = map[string]string{"Priority": "Priority Based", "Skill": "Skill Based"}

// instanceOf reads {"callCenterInstance":{…}} and irons out the gateway's spellings.
func instanceOf(req httpcall.Request, response *httpcall.Response) (remote.Object, error) {
	wrapper, err := response.Object(req)
	if err != nil {
		return nil, err
	}
	inner, _ := wrapper.Get("callCenterInstance")
	fields, ok := inner.(map[string]any)
	if !ok {
		return nil, httpcall.Invalid(req, response, errors.New("no callCenterInstance in the answer"))
	}
	instance := remote.Object(fields)
	if !remote.ValidID(instance.Text(FieldID)) {
		return nil, httpcall.Invalid(req, response, errors.New("a call center without a serviceUserId that can be one"))
	}
	tidy(instance)
	return instance, nil
}

func tidy(instance remote.Object) {
	if value, ok := instance[fieldForceWaitDoubled]; ok {
		if _, known := instance[fieldForceWait]; !known {
			instance[fieldForceWait] = value
		}
		delete(instance, fieldForceWaitDoubled)
	}
	if long, ok := routingWords[instance.Text(fieldRouting)]; ok {
		instance[fieldRouting] = long
	}
	// No department comes as an object, "", null or not at all.
	if instance.Text(fieldDepartment) == "" {
		instance.Delete(fieldDepartment)
	}
}

// listRows turns flat rows into the form of instances, with the few fields that rows have.
func listRows(raw []json.RawMessage) ([]remote.Object, error) {
	rows := make([]remote.Object, 0, len(raw))
	seen := map[string]bool{}
	for _, one := range raw {
		row, err := remote.Decode(one)
		if err != nil {
			return nil, err
		}
		id := row.Text(FieldID)
		switch {
		case !remote.ValidID(id):
			return nil, errors.New("a row without a serviceUserId that can be one")
		case seen[id]:
			return nil, fmt.Errorf("call center %s came twice", id)
		}
		seen[id] = true
		rows = append(rows, inInstanceForm(row))
	}
	return rows, nil
}

func inInstanceForm(row remote.Object) remote.Object {
	instance := remote.Object{FieldID: row[FieldID]}
	for _, field := range []string{"type", "policy", FieldActive} {
		if value, ok := row[field]; ok {
			instance[field] = value
		}
	}
	for _, field := range []string{"name", "phoneNumber", "extension", "department"} {
		if value, ok := row[field]; ok {
			instance.Set(fieldProfile+"."+field, value)
		}
	}
	tidy(instance)
	return instance
}

func rowRecord(row remote.Object) (remote.Record, error) {
	id := row.Text(FieldID)
	compact, err := json.Marshal(row)
	if err != nil {
		return remote.Record{}, fmt.Errorf("encode row %s: %w", id, err)
	}
	return remote.NewRecord(id, row.Text(fieldProfile+".name"), undated, compact), nil
}

// instanceBody is what goes into POST and PUT: everything but what has a route of its own, in the gateway's spelling.
func (c *CallCenters) instanceBody(ctx context.Context, object remote.Object) (remote.Object, error) {
	body := object.Clone()
	delete(body, FieldActive)
	for _, part := range parts {
		delete(body, part.field)
	}
	// A department of the enterprise has no group.
	if group, given := body.Get(fieldDepartment + ".groupId"); given && group == nil {
		body.Delete(fieldDepartment + ".groupId")
	}
	return body, c.internationalise(ctx, body)
}
