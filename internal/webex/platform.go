package webex

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"wxcc.dev/operator/internal/httpcall"
)

// Organization as the platform API describes it.
type Organization struct {
	// ID is the encoded ("internal") id.
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

// Person behind a token.
type Person struct {
	ID string `json:"id"`
	// OrganizationID is the encoded id of the person's organization.
	OrganizationID string   `json:"orgId"`
	Emails         []string `json:"emails"`
}

// License of an organization.
type License struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	TotalUnits     units  `json:"totalUnits"`
	ConsumedUnits  units  `json:"consumedUnits"`
	SubscriptionID string `json:"subscriptionId"`
	SiteURL        string `json:"siteUrl"`
}

// Role that can be given to a person.
type Role struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// units is a count that the specification calls a number: fractions are cut, anything unreadable is 0.
type units int64

// UnmarshalJSON accepts any JSON number.
func (u *units) UnmarshalJSON(data []byte) error {
	value, err := strconv.ParseFloat(string(data), 64)
	if err == nil {
		*u = units(value)
	}
	return nil //nolint:nilerr // an odd count must not hide the licence
}

// Organization reads the pinned organization by its UUID. NotFound means that the token does not see it.
func (c *Client) Organization(ctx context.Context) (Organization, error) {
	var organization Organization
	err := c.platform(ctx, "/organizations/"+url.PathEscape(c.options.OrganizationID), "/v1/organizations/{id}", nil, &organization)
	return organization, err
}

// Me reads the person that the token belongs to.
func (c *Client) Me(ctx context.Context) (Person, error) {
	var person Person
	err := c.platform(ctx, "/people/me", "/v1/people/me", nil, &person)
	return person, err
}

// Licenses lists the organization's licences.
func (c *Client) Licenses(ctx context.Context) ([]License, error) {
	var list struct {
		Items []License `json:"items"`
	}
	err := c.platform(ctx, "/licenses", "/v1/licenses", url.Values{"orgId": {EncodeOrganizationID(c.options.OrganizationID)}}, &list)
	return list.Items, err
}

// Roles lists the roles.
func (c *Client) Roles(ctx context.Context) ([]Role, error) {
	var list struct {
		Items []Role `json:"items"`
	}
	err := c.platform(ctx, "/roles", "/v1/roles", nil, &list)
	return list.Items, err
}

// Probe makes the cheapest read of the contact-center API: it proves region, token and scope together.
func (c *Client) Probe(ctx context.Context) error {
	response, req, err := c.do(ctx, call{
		method: http.MethodGet, base: c.options.ContactCenterURL,
		path:  "/organization/" + url.PathEscape(c.options.OrganizationID) + "/v2/site",
		query: url.Values{"page": {"0"}, "pageSize": {"1"}},
		route: "/organization/{orgid}/v2/site",
	})
	if err != nil {
		return err
	}
	_, err = response.Object(req)
	return err
}

func (c *Client) platform(ctx context.Context, path, route string, query url.Values, into any) error {
	response, req, err := c.do(ctx, call{method: http.MethodGet, base: c.options.PlatformURL, path: path, query: query, route: route})
	if err != nil {
		return err
	}
	if err := json.Unmarshal(response.Body, into); err != nil {
		return httpcall.Invalid(req, response, err)
	}
	return nil
}

// SyncTimeout bounds a set of platform reads made in one reconcile.
const SyncTimeout = 2 * time.Minute
