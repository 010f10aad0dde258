package apio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// The gateway has no creation time, no filter and no paging: one list call shows a group's call centers, each with a
// few of its fields (reference section 3, E3).
const (
	listRoute     = "/tenants/{tenant}/groups/{group}/services/call_centers/"
	itemRoute     = listRoute + "{id}/"
	activateRoute = listRoute + "active_instance/"
	// activationBatch bounds a call of active_instance; no limit is documented.
	activationBatch = 50
)

// CallCenters are the call centers of one group. It implements remote.Collection. Objects have the form of
// callCenterInstance, with the list's "active" beside it.
type CallCenters struct {
	client        *Client
	tenant, group string

	mu    sync.Mutex
	code  *string // the group's calling code, once it has been asked for
	rules knownRules
}

var (
	_ remote.Collection  = (*CallCenters)(nil)
	_ remote.PartReader  = (*CallCenters)(nil)
	_ remote.SecretMaker = (*CallCenters)(nil)
)

// CallCenters returns the call centers of a group.
func (c *Client) CallCenters(tenant, group string) *CallCenters {
	return &CallCenters{client: c, tenant: tenant, group: group}
}

// Abilities tells what the routes can do.
func (c *CallCenters) Abilities() remote.Abilities {
	return remote.Abilities{
		PartialUpdate: true,
		Namesakes:     requestTimeout,
		Batch:         map[remote.Operation]int{remote.Create: activationBatch, remote.Update: activationBatch},
	}
}

// List reads the group.
func (c *CallCenters) List(ctx context.Context) (remote.Listing, error) {
	response, req, err := c.client.do(ctx, http.MethodGet, c.path(), listRoute, nil)
	if remote.IsNotFound(err) {
		return remote.Listing{}, c.unknownGroup(err)
	}
	if err != nil {
		return remote.Listing{}, err
	}
	var body struct {
		CallCenters *[]json.RawMessage `json:"call_centers"`
	}
	if err := response.Decode(req, &body); err != nil {
		return remote.Listing{}, err
	}
	if body.CallCenters == nil {
		return remote.Listing{}, httpcall.Invalid(req, response, errors.New("no call_centers in the list"))
	}
	listing := remote.Listing{Began: response.Sent, Skew: response.Skew(), Pages: 1}
	rows, err := listRows(*body.CallCenters)
	if err != nil {
		return remote.Listing{}, httpcall.Invalid(req, response, err)
	}
	if err := c.internationalise(ctx, rows...); err != nil {
		return remote.Listing{}, fmt.Errorf("country code of group %s: %w", c.group, err)
	}
	for _, row := range rows {
		record, err := rowRecord(row)
		if err != nil {
			return remote.Listing{}, err
		}
		listing.Rows = append(listing.Rows, record)
	}
	return listing, nil
}

// unknownGroup says what a 404 on the list means: the tenant, the group or the gateway's path, never an empty group.
func (c *CallCenters) unknownGroup(err error) error {
	failure, _ := errors.AsType[*remote.Error](err)
	return &remote.Error{
		Class: remote.Rejected, Op: "GET " + listRoute, Status: http.StatusNotFound, TrackingID: failure.TrackingID,
		Message: fmt.Sprintf("the gateway knows no group %q in tenant %q (or its path prefix is wrong)", c.group, c.tenant), Err: err,
	}
}

// Find is not offered by the gateway.
func (c *CallCenters) Find(ctx context.Context, _ []remote.Key) (remote.Listing, error) {
	return c.List(ctx)
}

// Read reads one call center, all but its "active", which only the list knows.
func (c *CallCenters) Read(ctx context.Context, id string) (remote.Object, error) {
	response, req, err := c.client.do(ctx, http.MethodGet, c.path(id), itemRoute, nil)
	if err != nil {
		return nil, c.believe(ctx, err, response, id)
	}
	instance, err := instanceOf(req, response)
	if err != nil {
		return nil, err
	}
	return instance, c.internationalise(ctx, instance)
}

// Apply carries out writes step by step: see attempt. Those that want to be switched on or off share one call.
func (c *CallCenters) Apply(ctx context.Context, operation remote.Operation, writes []remote.Write) []remote.Result {
	results := make([]remote.Result, len(writes))
	if operation == remote.Delete {
		for i, write := range writes {
			results[i] = c.delete(ctx, write.ID)
		}
		return results
	}
	attempts := make([]*attempt, len(writes))
	for i, write := range writes {
		attempts[i] = newAttempt(write)
		if operation == remote.Create {
			c.create(ctx, attempts[i])
		}
	}
	c.activate(ctx, attempts, false)
	for _, a := range attempts {
		if operation == remote.Update {
			c.update(ctx, a)
		}
		c.writeParts(ctx, a)
		if operation == remote.Update {
			c.changePassword(ctx, a)
		}
	}
	c.activate(ctx, attempts, true)
	for i, a := range attempts {
		results[i] = a.outcome()
	}
	return results
}

// create is one POST, with the password. Without an object there are no further steps.
func (c *CallCenters) create(ctx context.Context, a *attempt) {
	body, err := c.instanceBody(ctx, a.wanted)
	if err == nil {
		err = c.checkPassword(ctx, body, "")
	}
	if err != nil {
		a.refused(err)
		return
	}
	response, req, err := c.client.do(ctx, http.MethodPost, c.path(), listRoute, body)
	result := c.written(ctx, req, response, c.explain(ctx, err, body, ""), "")
	if result.Err != nil {
		a.refused(result.Err)
		return
	}
	a.answered(result, instanceFields(a.wanted)...)
}

// update sends the fields of the instance but the password.
func (c *CallCenters) update(ctx context.Context, a *attempt) {
	wanted := withoutPassword(a.wanted)
	fields := instanceFields(wanted)
	if len(fields) == 0 || a.over {
		return
	}
	body, err := c.instanceBody(ctx, wanted)
	if err != nil {
		a.failed(err, fields...)
		return
	}
	a.put(ctx, c, body, fields)
}

// changePassword sends a new password alone: a gateway may refuse it for being the old one, for instance when an answer
// was lost, and nothing else may wait for that.
func (c *CallCenters) changePassword(ctx context.Context, a *attempt) {
	password := a.wanted.Text(fieldPassword)
	if password == "" || a.over {
		return
	}
	body := remote.Object{}
	body.Set(fieldPassword, password)
	if err := c.checkPassword(ctx, body, a.result.ID); err != nil {
		a.failed(err, fieldPassword)
		return
	}
	a.put(ctx, c, body, []string{fieldPassword})
}

func (c *CallCenters) delete(ctx context.Context, id string) remote.Result {
	response, req, err := c.client.do(ctx, http.MethodDelete, c.path(id), itemRoute, nil)
	if err == nil && !response.Bare(http.StatusOK) {
		// Documented is 200 without a body (reference section 3, E5). Core may also queue a request, or a proxy answer.
		err = httpcall.Invalid(req, response, errors.New("this answer does not say that the call center is deleted"))
	}
	return remote.Result{ID: id, Err: c.believe(ctx, err, response, id)}
}

// written reads the answer of create and update. The id in it counts from now on: a change of the phone number may
// have changed it.
func (c *CallCenters) written(ctx context.Context, req httpcall.Request, response *httpcall.Response, err error, id string) remote.Result {
	if err != nil {
		return remote.Result{ID: id, TrackingID: remote.TrackingID(err), Err: err}
	}
	object, err := instanceOf(req, response)
	if err != nil {
		return remote.Result{ID: id, Err: err}
	}
	result := remote.Result{ID: object.Text(FieldID)}
	if c.internationalise(ctx, object) == nil {
		result.Object = object // otherwise it was written all the same, and the next look proves it
	}
	return result
}

// Users is not known for call centers: nothing blocks their deletion.
func (c *CallCenters) Users(context.Context, string) (remote.Users, error) {
	return remote.Users{}, nil
}

// believe lets a 404 stand only when BroadWorks itself says that there is no such user, or when the group's list is
// there and does not have it: a wrong tenant, group or prefix answers 404 too, and BroadWorks may mean an agent.
func (c *CallCenters) believe(ctx context.Context, err error, response *httpcall.Response, id string) error {
	if !remote.IsNotFound(err) || deniedByBroadWorks(response, id) {
		return err
	}
	listing, listErr := c.List(ctx)
	if listErr != nil {
		return fmt.Errorf("confirm that call center %s is gone: %w", id, listErr)
	}
	if slices.ContainsFunc(listing.Rows, func(row remote.Record) bool { return row.ID == id }) {
		failure, _ := errors.AsType[*remote.Error](err)
		doubted := *failure
		doubted.Class, doubted.Message = remote.InvalidResponse, "404 for a call center that the group's list has"
		return &doubted
	}
	return err
}

func (c *CallCenters) path(more ...string) []string {
	return append([]string{"tenants", c.tenant, "groups", c.group, "services", "call_centers"}, more...)
}

// undated is the creation time of every call center: the gateway does not tell.
var undated time.Time
