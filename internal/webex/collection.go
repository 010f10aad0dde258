package webex

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// Collection is one object type of one organization. It implements remote.Collection.
type Collection struct {
	client    *Client
	entity    Entity
	abilities remote.Abilities
}

var _ remote.Collection = (*Collection)(nil)

// Collection returns the organization's collection of an object type.
func (c *Client) Collection(entity Entity) *Collection {
	return &Collection{client: c, entity: entity, abilities: entity.abilities()}
}

// Abilities tells what the routes can do.
func (c *Collection) Abilities() remote.Abilities { return c.abilities }

// Read reads one object in full.
func (c *Collection) Read(ctx context.Context, id string) (remote.Object, error) {
	response, req, err := c.item(ctx, http.MethodGet, id, nil)
	if err != nil {
		return nil, err
	}
	object, err := response.Object(req)
	if err != nil {
		return nil, err
	}
	if got := object.Text("id"); got != id {
		return nil, httpcall.Invalid(req, response, fmt.Errorf("asked for object %s, got %q", id, got))
	}
	return object, nil
}

// Apply carries out writes: one by one through the item routes, several through the bulk route.
func (c *Collection) Apply(ctx context.Context, operation remote.Operation, writes []remote.Write) []remote.Result {
	route, bulk := c.entity.Bulk[operation]
	// A partial update exists only in bulk; anything else alone goes through its item route, which answers with the
	// object and so proves the write at once.
	if bulk && (len(writes) > 1 || (operation == remote.Update && route.Method == http.MethodPatch)) {
		return c.bulk(ctx, operation, route, writes)
	}
	results := make([]remote.Result, 0, len(writes))
	for _, write := range writes {
		results = append(results, c.single(ctx, operation, write))
	}
	return results
}

// serverTimes are fields that the service sets. It ignores what is sent, so nothing is.
var serverTimes = []string{"createdTime", "lastUpdatedTime"}

func (c *Collection) single(ctx context.Context, operation remote.Operation, write remote.Write) remote.Result {
	switch operation {
	case remote.Create:
		response, req, err := c.send(ctx, http.MethodPost, "", c.entity.Route, write.Object)
		return c.written(response, req, err, "")
	case remote.Update:
		body := write.Base.Clone()
		for _, field := range serverTimes {
			body.Delete(field)
		}
		body.Merge(write.Object)
		response, req, err := c.item(ctx, http.MethodPut, write.ID, body)
		return c.written(response, req, err, write.ID)
	}
	response, req, err := c.item(ctx, http.MethodDelete, write.ID, nil)
	if err == nil {
		err = c.deleted(req, response)
	}
	return remote.Result{ID: write.ID, TrackingID: trackingID(response, err), Err: err}
}

// deleted believes only the documented answer to a DELETE: any other 2xx may come from a proxy, or from a service that
// has not done it yet.
func (c *Collection) deleted(req httpcall.Request, response *httpcall.Response) error {
	if response.Bare(http.StatusNoContent) || response.Bare(c.entity.Deleted) {
		return nil
	}
	return httpcall.Invalid(req, response, errors.New("this answer does not say that the object is deleted"))
}

// written checks that the answer to a create or update is the object.
func (c *Collection) written(response *httpcall.Response, req httpcall.Request, err error, id string) remote.Result {
	result := remote.Result{ID: id, TrackingID: trackingID(response, err), Err: err}
	if err != nil {
		return result
	}
	result.Object, result.Err = response.Object(req)
	if result.Err != nil {
		return result
	}
	got := result.Object.Text("id")
	if !remote.ValidID(got) || (id != "" && got != id) {
		result.Err = httpcall.Invalid(req, response, fmt.Errorf("the answer names object %q", got))
		return result
	}
	result.ID = got
	return result
}

// maxUserTypes bounds the requests that the answers about referring objects lead to.
const maxUserTypes = 50

// maxUserText bounds what is kept of the texts about them.
const maxUserText = 256

// Users lists who refers to an object: a page of names of each referring type, and how many there are by the service's
// own count.
func (c *Collection) Users(ctx context.Context, id string) (remote.Users, error) {
	var users remote.Users
	queue, seen := []string{""}, map[string]bool{"": true}
	for len(queue) > 0 && len(seen) <= maxUserTypes {
		entityType := queue[0]
		queue = queue[1:]
		page, err := c.referencesPage(ctx, id, entityType)
		if err != nil {
			return users, err
		}
		seen[page.Meta.CurrentEntity] = true
		for _, row := range page.Data {
			users.Named = append(users.Named, remote.User{
				Type: remote.Printable(page.Meta.CurrentEntity, maxUserText), ID: remote.Printable(row.ID, maxUserText),
				Name: remote.Printable(row.Name, maxUserText),
			})
		}
		users.Total += max(page.Meta.TotalRecords, len(page.Data))
		for _, other := range page.Meta.ReferencedEntities {
			if !seen[other] {
				seen[other] = true
				queue = append(queue, other)
			}
		}
	}
	return users, nil
}

func (c *Collection) referencesPage(ctx context.Context, id, entityType string) (referencesPage, error) {
	var page referencesPage
	query := url.Values{}
	if entityType != "" {
		query.Set("type", entityType)
	}
	response, req, err := c.client.do(ctx, call{
		method: http.MethodGet, base: c.client.options.ContactCenterURL,
		path:  c.path(c.entity.ItemVersion, c.entity.Route, id, "incoming-references"),
		query: query, route: "/organization/{orgid}/" + c.entity.Route + "/{id}/incoming-references",
	})
	if err != nil {
		return page, err
	}
	return page, response.Decode(req, &page)
}

type referencesPage struct {
	Meta struct {
		ReferencedEntities []string `json:"referencedEntities"`
		CurrentEntity      string   `json:"currentEntity"`
		TotalRecords       int      `json:"totalRecords"`
	} `json:"meta"`
	Data []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"data"`
}

func (c *Collection) item(ctx context.Context, method, id string, body any) (*httpcall.Response, httpcall.Request, error) {
	return c.send(ctx, method, id, c.entity.Route+"/{id}", body)
}

// send calls a route of the entity. A 404 is believed only in the configuration service's own words: one from the web
// framework or a proxy speaks of the route, not of the object.
func (c *Collection) send(ctx context.Context, method, id, route string, body any) (*httpcall.Response, httpcall.Request, error) {
	response, req, err := c.client.do(ctx, call{
		method: method, base: c.client.options.ContactCenterURL,
		path: c.path(c.entity.ItemVersion, c.entity.Route, id), route: "/organization/{orgid}/" + versioned(c.entity.ItemVersion, route),
		body: body,
	})
	return response, req, believe(err, response)
}

func believe(err error, response *httpcall.Response) error {
	failure, ok := errors.AsType[*remote.Error](err)
	if !ok || failure.Class != remote.NotFound {
		return err
	}
	var body errorBody
	if json.Unmarshal(response.Body, &body) == nil {
		if _, config := body.config(); config {
			return err
		}
	}
	doubted := *failure
	doubted.Class = remote.InvalidResponse
	doubted.Message = "404 that does not come from the configuration service: " + failure.Message
	return &doubted
}

// path joins segments below the organization, leaving out empty ones and escaping each.
func (c *Collection) path(segments ...string) string {
	var path strings.Builder
	path.WriteString("/organization/" + url.PathEscape(c.client.options.OrganizationID))
	for _, segment := range segments {
		if segment != "" {
			path.WriteString("/" + url.PathEscape(segment))
		}
	}
	return path.String()
}

func versioned(version, route string) string {
	if version == "" {
		return route
	}
	return version + "/" + route
}

func trackingID(response *httpcall.Response, err error) string {
	if response != nil {
		return response.TrackingID
	}
	return remote.TrackingID(err)
}

// withoutNoise drops what every record carries and nobody owns.
func withoutNoise(object remote.Object) remote.Object {
	clean := maps.Clone(object)
	delete(clean, "links")
	return clean
}
