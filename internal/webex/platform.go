package webex

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
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
	err := c.platform(ctx, call{
		path: "/organizations/" + url.PathEscape(c.options.OrganizationID), route: "/v1/organizations/{id}", scope: ScopeOrganizations,
	}, &organization)
	return organization, err
}

// Me reads the person that the token belongs to.
func (c *Client) Me(ctx context.Context) (Person, error) {
	var person Person
	err := c.platform(ctx, call{path: "/people/me", route: "/v1/people/me", scope: ScopePeople}, &person)
	return person, err
}

// Licenses lists the organization's licences.
func (c *Client) Licenses(ctx context.Context) ([]License, error) {
	return listed[License](ctx, c, call{path: "/licenses", query: c.ofOrganization(), route: "/v1/licenses", scope: ScopeLicenses})
}

// Roles lists the roles.
func (c *Client) Roles(ctx context.Context) ([]Role, error) {
	return listed[Role](ctx, c, call{path: "/roles", route: "/v1/roles", scope: ScopeRoles})
}

// Probe makes the cheapest read of the contact-center API: it proves region, token and scope together. It is made in spite
// of a Refusal, and a 401 to it does not count against the token: a region that does not know the organization answers so.
func (c *Client) Probe(ctx context.Context) error {
	response, req, err := c.do(ctx, call{
		method: http.MethodGet, base: c.options.ContactCenterURL,
		path:  "/organization/" + url.PathEscape(c.options.OrganizationID) + "/v2/site",
		query: url.Values{"page": {"0"}, "pageSize": {"1"}},
		route: "/organization/{orgid}/v2/site", probe: true,
	})
	if err != nil {
		return err
	}
	_, err = response.Object(req)
	return err
}

// ofOrganization is the query that names the pinned organization.
func (c *Client) ofOrganization() url.Values {
	return url.Values{"orgId": {EncodeOrganizationID(c.options.OrganizationID)}}
}

// platform makes a read of the platform API and decodes the answer.
func (c *Client) platform(ctx context.Context, read call, into any) error {
	read.method, read.base = http.MethodGet, c.options.PlatformURL
	response, req, err := c.do(ctx, read)
	if err != nil {
		return err
	}
	return decodeShown(req, response, into)
}

// decodeShown decodes an answer of the platform API with all texts in it made printable: nothing of it is written back,
// and most of it is shown.
func decodeShown(req httpcall.Request, response *httpcall.Response, into any) error {
	var decoded any
	if err := response.Decode(req, &decoded); err != nil {
		return err
	}
	encoded, err := json.Marshal(printable(decoded))
	if err == nil {
		err = json.Unmarshal(encoded, into)
	}
	if err != nil {
		return httpcall.Invalid(req, response, err)
	}
	return nil
}

func printable(value any) any {
	const longest = 1024
	switch typed := value.(type) {
	case string:
		return remote.Printable(typed, longest)
	case []any:
		for i := range typed {
			typed[i] = printable(typed[i])
		}
	case map[string]any:
		for key := range typed {
			typed[key] = printable(typed[key])
		}
	}
	return value
}

// SyncTimeout bounds a set of platform reads made in one reconcile.
const SyncTimeout = 2 * time.Minute
