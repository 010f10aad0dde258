package simulator

import (
	"net/http"
	"slices"
	"strings"
)

const (
	scopeWholesaleCustomers   = "spark-admin:wholesale_customers_read"
	scopeWholesaleSubscribers = "spark-admin:wholesale_subscribers_read"
)

// WholesaleSeed is the wholesale side of an organization (platform reference 2.5).
type WholesaleSeed struct {
	// Customers that the organization's token sees. None is possible: nothing has been provisioned.
	Customers []WholesaleCustomer `json:"customers,omitempty"`
	// Subscribers of these customers.
	Subscribers []WholesaleSubscriber `json:"subscribers,omitempty"`
}

// WholesaleCustomer is a row of GET /v1/wholesale/customers. All of it has defaults.
type WholesaleCustomer struct {
	// ID is encoded. Default: the id of kind ENTERPRISE for the organization.
	ID string `json:"id"`
	// OrgID is encoded. Default: the organization's id, but only where Status says that the customer was provisioned.
	OrgID string `json:"orgId,omitempty"`
	// ExternalID is the partner's own name for the customer. Default "customer-" and the first part of the organization's id.
	ExternalID string            `json:"externalId"`
	Address    *WholesaleAddress `json:"address,omitempty"`
	// Status is one of provisioned (default), provisioned_with_errors, provisioning, updating, deleting, error and
	// pending_rpl_review; others are shown as they are.
	Status string `json:"status"`
	// Packages default to webex_calling.
	Packages []string `json:"packages"`
	// ResourceDetails default to one provisioned entry for each of Packages.
	ResourceDetails *WholesaleResources `json:"resourceDetails,omitempty"`
	Errors          []WholesaleProblem  `json:"errors,omitempty"`
}

// WholesaleAddress is the billing address of a customer.
type WholesaleAddress struct {
	AddressLine1    string `json:"addressLine1,omitempty"`
	AddressLine2    string `json:"addressLine2,omitempty"`
	City            string `json:"city,omitempty"`
	StateOrProvince string `json:"stateOrProvince,omitempty"`
	ZipOrPostalCode string `json:"zipOrPostalCode,omitempty"`
	Country         string `json:"country,omitempty"`
}

// WholesaleResources is what became of the packages of a customer.
type WholesaleResources struct {
	Packages []WholesalePackage `json:"packages"`
}

// WholesalePackage is one package of a customer. LicenseIDs are shown only with includePackageLicenseInfo=true.
type WholesalePackage struct {
	Name       string             `json:"name"`
	Status     string             `json:"status"`
	Warnings   []WholesaleProblem `json:"warnings,omitempty"`
	Errors     []WholesaleProblem `json:"errors,omitempty"`
	LicenseIDs []string           `json:"licenseIds,omitempty"`
}

// WholesaleProblem is a warning or an error.
type WholesaleProblem struct {
	ErrorCode   int    `json:"errorCode"`
	Description string `json:"description"`
}

// WholesaleSubscriber is a row of GET /v1/wholesale/subscribers. CustomerID and ExternalCustomerID default to those of
// the first customer, Status to provisioned, the times to fixed ones.
type WholesaleSubscriber struct {
	ID                 string             `json:"id"`
	PersonID           string             `json:"personId,omitempty"`
	Email              string             `json:"email"`
	CustomerID         string             `json:"customerId"`
	ExternalCustomerID string             `json:"externalCustomerId"`
	Package            string             `json:"package,omitempty"`
	Packages           []string           `json:"packages,omitempty"`
	Status             string             `json:"status"`
	Errors             []WholesaleProblem `json:"errors,omitempty"`
	Created            string             `json:"created"`
	LastStatusChange   string             `json:"lastStatusChange"`
}

func (s WholesaleSeed) withDefaults(organization string) *WholesaleSeed {
	short, _, _ := strings.Cut(organization, "-")
	s.Customers, s.Subscribers = slices.Clone(s.Customers), slices.Clone(s.Subscribers)
	for i := range s.Customers {
		one := &s.Customers[i]
		if i == 0 {
			one.ID = orDefault(one.ID, encodeID("ENTERPRISE", organization))
		}
		one.ID = orDefault(one.ID, encodeID("ENTERPRISE", stableUUID(organization, "wholesale", one.ExternalID)))
		one.Status = orDefault(one.Status, "provisioned")
		one.ExternalID = orDefault(one.ExternalID, "customer-"+short)
		if one.OrgID == "" && slices.Contains([]string{"provisioned", "provisioned_with_errors", "updating"}, one.Status) {
			one.OrgID = encodeID("ORGANIZATION", organization)
		}
		one.complete()
	}
	for i := range s.Subscribers {
		one := &s.Subscribers[i]
		one.ID = orDefault(one.ID, encodeID("SUBSCRIBER", stableUUID(organization, "subscriber", one.Email)))
		one.Status = orDefault(one.Status, "provisioned")
		one.Created = orDefault(one.Created, "2021-08-06T02:03:00.062Z")
		one.LastStatusChange = orDefault(one.LastStatusChange, "2021-08-06T02:05:41.791232Z")
		if len(s.Customers) > 0 {
			one.CustomerID = orDefault(one.CustomerID, s.Customers[0].ID)
			one.ExternalCustomerID = orDefault(one.ExternalCustomerID, s.Customers[0].ExternalID)
		}
	}
	return &s
}

// complete gives a customer its packages and what became of them.
func (w *WholesaleCustomer) complete() {
	if w.Packages == nil {
		w.Packages = []string{"webex_calling"}
	}
	if w.ResourceDetails != nil {
		return
	}
	w.ResourceDetails = &WholesaleResources{Packages: []WholesalePackage{}}
	for _, name := range w.Packages {
		w.ResourceDetails.Packages = append(w.ResourceDetails.Packages, WholesalePackage{Name: name, Status: "provisioned"})
	}
}

// withoutLicenses is the customer as it is shown without includePackageLicenseInfo.
func (w WholesaleCustomer) withoutLicenses() WholesaleCustomer {
	packages := slices.Clone(w.ResourceDetails.Packages)
	for i := range packages {
		packages[i].LicenseIDs = nil
	}
	w.ResourceDetails = &WholesaleResources{Packages: packages}
	return w
}

func (s *Simulator) registerWholesale() {
	s.router.add("GET /v1/wholesale/customers", s.platform(scopeWholesaleCustomers, s.listWholesaleCustomers))
	s.router.add("GET /v1/wholesale/customers/{id}", s.platform(scopeWholesaleCustomers, s.showWholesaleCustomer))
	s.router.add("PUT /v1/wholesale/customers/{id}", s.platform(scopeWholesaleCustomersWrite, s.changeWholesaleCustomer))
	s.router.add("GET /v1/wholesale/subscribers", s.platform(scopeWholesaleSubscribers, s.listWholesaleSubscribers))
	s.router.add("GET /v1/wholesale/subPartners", s.platform(scopeWholesaleCustomers, func(*call, *tenant) answer {
		return reply(http.StatusOK, map[string]any{"subPartners": []any{}})
	}))
}

// wholesaleCustomers are those of the token's organization and of the organizations that it manages.
func (s *Simulator) wholesaleCustomers(t *tenant) []WholesaleCustomer {
	var all []WholesaleCustomer
	for _, one := range s.visibleOrganizations(t) {
		if one.info.Wholesale != nil {
			for _, customer := range one.info.Wholesale.Customers {
				all = append(all, s.wholesale.shown(customer, s.now()))
			}
		}
	}
	return all
}

func (s *Simulator) listWholesaleCustomers(c *call, t *tenant) answer {
	orgID, externalID := decodeID(c.query.get("orgId")), c.query.get("externalId")
	status := c.query.list("status")
	rows := []WholesaleCustomer{}
	for _, one := range s.wholesaleCustomers(t) {
		switch {
		case orgID != "" && !strings.EqualFold(decodeID(one.OrgID), orgID):
		case externalID != "" && one.ExternalID != externalID:
		case len(status) > 0 && !slices.Contains(status, one.Status):
		default:
			rows = append(rows, one.withoutLicenses())
		}
	}
	return platformPage(c, rows)
}

func (s *Simulator) showWholesaleCustomer(c *call, t *tenant) answer {
	wanted := decodeID(c.params["id"])
	for _, one := range s.wholesaleCustomers(t) {
		if !strings.EqualFold(decodeID(one.ID), wanted) {
			continue
		}
		if c.query.get("includePackageLicenseInfo") != "true" {
			one = one.withoutLicenses()
		}
		return reply(http.StatusOK, one)
	}
	return platformError(c, http.StatusNotFound, "The requested resource could not be found.")
}

func (s *Simulator) listWholesaleSubscribers(c *call, t *tenant) answer {
	rows := []WholesaleSubscriber{}
	for _, visible := range s.visibleOrganizations(t) {
		if visible.info.Wholesale == nil {
			continue
		}
		for _, one := range visible.info.Wholesale.Subscribers {
			if one.matches(c.query) {
				rows = append(rows, one)
			}
		}
	}
	if strings.EqualFold(c.query.get("sortOrder"), "DESC") {
		slices.Reverse(rows)
	}
	return platformPage(c, rows)
}

func (w WholesaleSubscriber) matches(q query) bool {
	for parameter, value := range map[string]string{
		"customerId": w.CustomerID, "personId": w.PersonID, "externalCustomerId": w.ExternalCustomerID,
		"email": w.Email, "status": w.Status,
	} {
		if wanted := q.get(parameter); wanted != "" && !strings.EqualFold(decodeID(wanted), decodeID(value)) {
			return false
		}
	}
	return true
}
