package webex

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"wxcc.dev/operator/internal/httpcall"
)

// WholesaleCustomer is a partner's record of a customer. Of most of it any part may be missing.
type WholesaleCustomer struct {
	ID string `json:"id"`
	// OrganizationID is the encoded id of the customer's organization, once there is one.
	OrganizationID string           `json:"orgId"`
	ExternalID     string           `json:"externalId"`
	Address        WholesaleAddress `json:"address"`
	// Status is for instance "provisioned"; new values are to be expected.
	Status          string   `json:"status"`
	Packages        []string `json:"packages"`
	ResourceDetails struct {
		Packages []WholesalePackage `json:"packages"`
	} `json:"resourceDetails"`
	// Errors of the customer as a whole.
	Errors []WholesaleNotice `json:"errors"`
}

// WholesaleAddress of a customer.
type WholesaleAddress struct {
	AddressLine1    string `json:"addressLine1,omitempty"`
	AddressLine2    string `json:"addressLine2,omitempty"`
	City            string `json:"city,omitempty"`
	StateOrProvince string `json:"stateOrProvince,omitempty"`
	ZipOrPostalCode string `json:"zipOrPostalCode,omitempty"`
	Country         string `json:"country,omitempty"`
}

// WholesalePackage is what became of one of a customer's packages.
type WholesalePackage struct {
	Name     string            `json:"name"`
	Status   string            `json:"status"`
	Warnings []WholesaleNotice `json:"warnings"`
	Errors   []WholesaleNotice `json:"errors"`
}

// WholesaleNotice is a warning or an error.
type WholesaleNotice struct {
	ErrorCode   units  `json:"errorCode"`
	Description string `json:"description"`
}

// WholesaleCustomers lists the wholesale records of the organization: none or one, if all is well.
func (c *Client) WholesaleCustomers(ctx context.Context) ([]WholesaleCustomer, error) {
	return listed[WholesaleCustomer](ctx, c, call{
		path: "/wholesale/customers", query: c.ofOrganization(), route: "/v1/wholesale/customers", scope: ScopeWholesaleCustomers,
	})
}

// wholesaleUpdate is the body of PUT /wholesale/customers/{id}. packages is the complete list: Webex removes every package
// that is not in it.
type wholesaleUpdate struct {
	ExternalID string            `json:"externalId,omitempty"`
	Packages   []string          `json:"packages"`
	Address    *WholesaleAddress `json:"address,omitempty"`
}

// SetWholesalePackages asks for the complete list of a customer's packages; the rest of the record goes back as it came. A
// nil error means that Webex has accepted the request and works on it: later reads tell what became of it.
func (c *Client) SetWholesalePackages(ctx context.Context, customer WholesaleCustomer, packages []string) error {
	body := wholesaleUpdate{ExternalID: customer.ExternalID, Packages: packages}
	if a := customer.Address; a.AddressLine1 != "" && a.City != "" && a.Country != "" { // which an address must have
		body.Address = &a
	}
	response, req, err := c.do(ctx, call{
		method: http.MethodPut, base: c.options.PlatformURL, path: "/wholesale/customers/" + url.PathEscape(customer.ID),
		route: "/v1/wholesale/customers/{id}", body: body, scope: ScopeWholesaleWrite,
	})
	if err == nil && response.Status != http.StatusAccepted {
		return httpcall.Invalid(req, response, errors.New("202 is documented"))
	}
	return err
}
