package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const scopeWholesaleCustomersWrite = "spark-admin:wholesale_customers_write"

// wholesaleDelay is how long Webex works on a change of a customer's packages, which it accepts at once.
const wholesaleDelay = 2 * time.Second

// customerPackages are the names that are documented.
var customerPackages = []string{
	"common_area_calling", "webex_calling", "webex_meetings", "webex_suite", "webex_voice", "cx_essentials", "webex_calling_standard",
	"cisco_calling_plan", "attendant_console", "cx_premium_agent", "cx_standard_agent", "cx_voice_ports", "cx_ai_assistant", "webex_ai_agent",
}

// packageNeeds says which packages need one of others beside them.
var packageNeeds = map[string][]string{
	"cisco_calling_plan": {"common_area_calling", "webex_calling", "webex_suite", "webex_voice", "cx_essentials", "webex_calling_standard"},
	"attendant_console":  {"webex_calling", "webex_suite", "cx_essentials"},
}

// wholesaleChanges are the changes of customers since the start, by encoded id. The zero value is empty.
type wholesaleChanges struct {
	mu  sync.Mutex
	all map[string]wholesaleChange
}

// wholesaleChange is the body of the last PUT of a customer; from done on the record shows it.
type wholesaleChange struct {
	ExternalID string            `json:"externalId"`
	Packages   []string          `json:"packages"`
	Address    *WholesaleAddress `json:"address"`
	done       time.Time
}

// shown is a customer as it is now.
func (w *wholesaleChanges) shown(customer WholesaleCustomer, now time.Time) WholesaleCustomer {
	w.mu.Lock()
	change, changed := w.all[customer.ID]
	w.mu.Unlock()
	if !changed {
		return customer
	}
	resources := &WholesaleResources{Packages: []WholesalePackage{}}
	working := now.Before(change.done)
	for _, name := range union(slices.Clone(change.Packages), customer.Packages...) {
		status, has, wanted := "provisioned", slices.Contains(customer.Packages, name), slices.Contains(change.Packages, name)
		switch {
		case working && !has:
			status = "provisioning"
		case working && !wanted:
			status = "deleting"
		case !wanted:
			continue
		}
		resources.Packages = append(resources.Packages, WholesalePackage{Name: name, Status: status})
	}
	customer.ResourceDetails = resources
	if working {
		customer.Status = "updating"
		return customer
	}
	customer.Status, customer.Errors, customer.Packages = "provisioned", nil, change.Packages
	customer.ExternalID = orDefault(change.ExternalID, customer.ExternalID)
	if change.Address != nil {
		customer.Address = change.Address
	}
	return customer
}

func (w *wholesaleChanges) set(id string, change wholesaleChange) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = map[string]wholesaleChange{}
	}
	w.all[id] = change
}

// complaint says what is wrong with the body of a PUT; "" if nothing is.
func (w wholesaleChange) complaint() string {
	if len(w.Packages) == 0 {
		return "packages must not be empty"
	}
	for _, name := range w.Packages {
		if !slices.Contains(customerPackages, name) {
			return "unknown package " + name
		}
		if needs := packageNeeds[name]; needs != nil && !slices.ContainsFunc(needs, func(other string) bool { return slices.Contains(w.Packages, other) }) {
			return name + " needs one of " + strings.Join(needs, ", ")
		}
	}
	if a := w.Address; a != nil && (a.AddressLine1 == "" || a.City == "" || a.Country == "") {
		return "address needs addressLine1, city and country"
	}
	return ""
}

// changeWholesaleCustomer accepts the complete list of a customer's packages and works on it for a while.
func (s *Simulator) changeWholesaleCustomer(c *call, t *tenant) answer {
	var change wholesaleChange
	if json.Unmarshal(c.body, &change) != nil {
		return platformError(c, http.StatusBadRequest, "The request body is not JSON.")
	}
	if complaint := change.complaint(); complaint != "" {
		return platformError(c, http.StatusBadRequest, complaint)
	}
	wanted := decodeID(c.params["id"])
	for _, one := range s.wholesaleCustomers(t) {
		if !strings.EqualFold(decodeID(one.ID), wanted) {
			continue
		}
		if slices.Contains([]string{"provisioning", "updating", "deleting", "pending_rpl_review"}, one.Status) {
			return platformError(c, http.StatusConflict, "The customer is being worked on: "+one.Status)
		}
		change.done = s.now().Add(wholesaleDelay)
		s.wholesale.set(one.ID, change)
		here := "https://" + c.request.Host + "/v1/wholesale/customers/" + one.ID
		return reply(http.StatusAccepted, map[string]any{"url": here}).withHeader("Location", here)
	}
	return platformError(c, http.StatusNotFound, "The requested resource could not be found.")
}
