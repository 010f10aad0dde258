package apio

import (
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
	if instance.Text(FieldID) == "" {
		return nil, httpcall.Invalid(req, response, errors.New("a call center without serviceUserId"))
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

// listRecord turns a flat row into the form of an instance with the few fields that rows have.
func listRecord(raw []byte) (remote.Record, error) {
	row, err := remote.Decode(raw)
	if err != nil {
		return remote.Record{}, err
	}
	id := row.Text(FieldID)
	if id == "" {
		return remote.Record{}, errors.New("a row without serviceUserId")
	}
	instance := remote.Object{FieldID: id}
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
	compact, err := json.Marshal(instance)
	if err != nil {
		return remote.Record{}, fmt.Errorf("encode row %s: %w", id, err)
	}
	return remote.NewRecord(id, row.Text("name"), undated, compact), nil
}

// instanceBody is what goes into POST and PUT: everything but "active", which has a route of its own.
func instanceBody(object remote.Object) remote.Object {
	body := object.Clone()
	delete(body, FieldActive)
	return body
}
