package webex

import "context"

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
	AddressLine1    string `json:"addressLine1"`
	AddressLine2    string `json:"addressLine2"`
	City            string `json:"city"`
	StateOrProvince string `json:"stateOrProvince"`
	ZipOrPostalCode string `json:"zipOrPostalCode"`
	Country         string `json:"country"`
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
