package simulator

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// OrganizationSeed is an organization with the OAuth client that manages it. Only ID is needed.
type OrganizationSeed struct {
	// ID is the bare UUID.
	ID string `json:"id"`
	// Name is shown as displayName. Default: "Organization " and the first part of the ID.
	Name string `json:"name,omitempty"`
	// ClientID and ClientSecret are of the OAuth client; several organizations may share one. Default of ClientID:
	// "client-" and the first part of the ID.
	ClientID     string `json:"clientId,omitempty"`
	ClientSecret string `json:"clientSecret,omitempty"`
	// AccessToken and RefreshToken are valid from the start; an empty one does not exist.
	AccessToken  string `json:"accessToken,omitempty"`
	RefreshToken string `json:"refreshToken,omitempty"`
	// RedirectURIs of the client; none means that any absolute address is accepted.
	RedirectURIs []string `json:"redirectUris,omitempty"`
	// Scopes of the tokens and of the client. Default: every scope that a route of the simulator asks for, those for
	// wholesale only where Wholesale is set.
	Scopes []string `json:"scopes,omitempty"`
	// Admin is the e-mail address of the token's user. Default admin@example.com.
	Admin string `json:"admin,omitempty"`
	// Created is shown as it is. Default 2021-03-09T08:41:07+00:00.
	Created string `json:"created,omitempty"`
	// TimeZone of the contact center. Default Europe/Berlin.
	TimeZone string `json:"timeZone,omitempty"`
	// Features that the tenant is licensed for; see the Feature constants.
	Features []string `json:"features,omitempty"`
	// CallingNumbers are the numbers of Webex Calling that a dial number can be mapped to.
	CallingNumbers []CallingNumber `json:"callingNumbers,omitempty"`
	// Managed are the UUIDs of other organizations that the token sees, as a partner does.
	Managed []string `json:"managed,omitempty"`
	// Licenses and Roles have defaults of three and four rows.
	Licenses []License `json:"licenses,omitempty"`
	Roles    []Role    `json:"roles,omitempty"`
	// Wholesale makes the organization's token one of a wholesale partner; nil = it is none.
	Wholesale *WholesaleSeed `json:"wholesale,omitempty"`
}

// Features of a tenant (OrganizationSeed.Features).
const (
	FeatureWorkItem  = "work-item"
	FeatureSummaries = "generated-summaries"
	FeatureAutoCSAT  = "auto-csat"
)

// CallingNumber is a number of a location of Webex Calling. An empty location fits every one that a client names.
type CallingNumber struct {
	Number   string `json:"number"`
	Location string `json:"location,omitempty"`
}

// License is a row of GET /v1/licenses.
type License struct {
	ID                   string `json:"id"`
	Name                 string `json:"name"`
	TotalUnits           int    `json:"totalUnits"`
	ConsumedUnits        int    `json:"consumedUnits"`
	ConsumedByUsers      int    `json:"consumedByUsers"`
	ConsumedByWorkspaces int    `json:"consumedByWorkspaces"`
	SubscriptionID       string `json:"subscriptionId,omitempty"`
	SiteURL              string `json:"siteUrl,omitempty"`
	SiteType             string `json:"siteType,omitempty"`
}

// Role is a row of GET /v1/roles.
type Role struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (o OrganizationSeed) withDefaults() OrganizationSeed {
	o.ID = strings.ToLower(o.ID)
	short, _, _ := strings.Cut(o.ID, "-")
	o.Name = orDefault(o.Name, "Organization "+short)
	o.ClientID = orDefault(o.ClientID, "client-"+short)
	o.Admin = orDefault(o.Admin, "admin@example.com")
	o.Created = orDefault(o.Created, "2021-03-09T08:41:07+00:00")
	o.TimeZone = orDefault(o.TimeZone, "Europe/Berlin")
	if o.Wholesale != nil {
		o.Wholesale = o.Wholesale.withDefaults(o.ID)
	}
	if o.Scopes == nil {
		o.Scopes = []string{scopeConfigRead, scopeConfigWrite, scopeOrganizations, scopeLicenses, scopeRoles, scopePeople}
		if o.Wholesale != nil {
			o.Scopes = append(o.Scopes, scopeWholesaleCustomers, scopeWholesaleCustomersWrite, scopeWholesaleSubscribers)
		}
	}
	if o.Licenses == nil {
		o.Licenses = defaultLicenses(o.ID)
	}
	if o.Roles == nil {
		for _, name := range []string{"Full Administrator", "Read-only Administrator", "User and Device Administrator", "Contact Center Service Administrator"} {
			o.Roles = append(o.Roles, Role{ID: encodeID("ROLE", stableUUID("role", name)), Name: name})
		}
	}
	return o
}

func defaultLicenses(organization string) []License {
	id := func(kind string) string {
		return encodeID("LICENSE", organization+":"+kind+"_"+stableUUID(organization, "license", kind))
	}
	return []License{
		{ID: id("CJPPRM"), Name: "Contact Center Premium Agent", TotalUnits: 120, ConsumedUnits: 87, ConsumedByUsers: 87, SubscriptionID: "Sub204417"},
		{ID: id("CJPSTD"), Name: "Contact Center Standard Agent", TotalUnits: 40, ConsumedUnits: 12, ConsumedByUsers: 12, SubscriptionID: "Sub204417"},
		{ID: id("MS"), Name: "Messaging", TotalUnits: 500, ConsumedUnits: 311, ConsumedByUsers: 311},
	}
}

// AddOrganization adds an organization with the objects of a fresh tenant, or replaces the one with the same id.
// POST /__sim/reset?state=1 returns to it.
func (s *Simulator) AddOrganization(seed OrganizationSeed) {
	seed = seed.withDefaults()
	one := OrganizationState{OrganizationSeed: seed, Objects: tenantSeeds(seed.ID)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed.tenants = slices.DeleteFunc(s.seed.tenants, func(o tenantStart) bool { return o.info.ID == seed.ID })
	s.orgs[seed.ID] = s.buildTenant(one)
	s.seed.tenants = append(s.seed.tenants, s.orgs[seed.ID].start())
	s.registerSeed(s.oauth, seed)
}

func (s *Simulator) registerSeed(tokens *tokenServer, seed OrganizationSeed) {
	now := s.now()
	tokens.register(seed, now.Add(s.options.AccessTokenTTL), now.Add(s.options.RefreshTokenTTL))
}

// allOrganizations are the organizations by name.
func (s *Simulator) allOrganizations() []*tenant {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.orgs), func(a, b *tenant) int {
		return cmp.Or(cmp.Compare(a.info.Name, b.info.Name), cmp.Compare(a.info.ID, b.info.ID))
	})
}
