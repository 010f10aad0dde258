package apio

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

const (
	// FieldHolidayService is the part of a Premium call center that says what happens on holidays.
	FieldHolidayService = "holidayService"

	fieldAction   = "action"
	fieldTransfer = "transferPhoneNumber"
	policiesRoute = itemRoute + "routing_policies/"
	// holidayPolicy selects the policy. That it does so in the query is inferred from the gateway's other routes.
	holidayPolicy = "Holiday Service"
)

// holidayFields are documented; how the last two are filled is not, so they go back as they came.
var holidayFields = []string{
	fieldAction, fieldTransfer, "holidaySchedule", "playAnnouncementBeforeAction", "audioMessageSelection", "audioFileList",
}

func (c *CallCenters) holidayPolicy(ctx context.Context, method, id string, body any) (*httpcall.Response, httpcall.Request, error) {
	return c.client.ask(ctx, method, c.path(id, "routing_policies"), url.Values{"type": {holidayPolicy}}, policiesRoute, body)
}

// readHolidayService reads the policy, which may stand alone in the answer or inside of one object.
func readHolidayService(ctx context.Context, c *CallCenters, id string) (any, error) {
	response, req, err := c.holidayPolicy(ctx, http.MethodGet, id, nil)
	if err != nil {
		return nil, c.believe(ctx, err, response, id)
	}
	answer, err := response.Object(req)
	if err != nil {
		return nil, err
	}
	for _, candidate := range append([]remote.Object{answer}, entries(map[string]any(answer))...) {
		if _, has := candidate[fieldAction]; !has {
			continue
		}
		policy := map[string]any{}
		for _, field := range holidayFields {
			if value, has := candidate[field]; has {
				policy[field] = value
			}
		}
		return policy, nil
	}
	return nil, httpcall.Invalid(req, response, errors.New("no action in the routing policy"))
}

// writeHolidayService changes what is wanted and sends the rest back as it came: nobody says what a part of it would do.
func writeHolidayService(ctx context.Context, c *CallCenters, id, _ string, wanted any) error {
	present, err := readHolidayService(ctx, c, id)
	if err != nil {
		return err
	}
	merged := remote.Object{FieldHolidayService: present}
	merged.Merge(remote.Object{FieldHolidayService: wanted})
	fields, _ := present.(map[string]any)
	policy := remote.Object(fields)
	if number := policy.Text(fieldTransfer); national(number) {
		code, err := c.countryCode(ctx)
		if err != nil {
			return err
		}
		policy[fieldTransfer] = E164(number, code)
	}
	policy["type"] = holidayPolicy
	_, _, err = c.holidayPolicy(ctx, http.MethodPut, id, policy)
	if failure, ok := errors.AsType[*remote.Error](err); ok && failure.Class == remote.NotFound {
		failure.Class = remote.Rejected // the call center was there a moment ago; the schedule may not be
	}
	return err
}
