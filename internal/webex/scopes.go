package webex

// Scope is an OAuth scope that an organization's connection asks for.
type Scope struct {
	// Name as Webex spells it.
	Name string
	// Gives says in plain words what the operator may do with it. It completes the sentence "The operator may ...".
	Gives string
	// Required: nothing works without it. Without one of the others only what it gives is missing.
	Required bool
}

// The scopes of a connection.
const (
	ScopeOrganizations        = "spark-admin:organizations_read"
	ScopePeople               = "spark:people_read"
	ScopeLicenses             = "spark-admin:licenses_read"
	ScopeRoles                = "spark-admin:roles_read"
	ScopeConfigRead           = "cjp:config_read"
	ScopeConfigWrite          = "cjp:config_write"
	ScopeWholesaleCustomers   = "spark-admin:wholesale_customers_read"
	ScopeWholesaleWrite       = "spark-admin:wholesale_customers_write"
	ScopeWholesaleSubscribers = "spark-admin:wholesale_subscribers_read"
)

// WholesaleWrite is asked for beside Scopes where the packages of the wholesale customer are managed.
var WholesaleWrite = Scope{ScopeWholesaleWrite, "change the packages of your organization's wholesale record", false}

// Scopes lists what consent is asked for, in the order in which it is shown to the person who gives it. An organization
// with contact center needs the two configuration scopes; a wholesale customer adds exactly the two wholesale scopes.
func Scopes(contactCenter, wholesale bool) []Scope {
	scopes := []Scope{
		{ScopeOrganizations, "read the name and id of your organization, to make sure that it is the right one", true},
		{ScopePeople, "read the profile of the account that gives consent, to see which organization it belongs to", false},
	}
	if contactCenter {
		scopes = append(scopes,
			Scope{ScopeConfigRead, "read the configuration of Webex Contact Center", true},
			Scope{ScopeConfigWrite, "create, change and delete configuration of Webex Contact Center", true})
	}
	scopes = append(scopes,
		Scope{ScopeLicenses, "read the licences of your organization and how many are in use", false},
		Scope{ScopeRoles, "read the names of the administrator roles", false})
	if wholesale {
		scopes = append(scopes,
			Scope{ScopeWholesaleCustomers, "read the wholesale record of your organization", false},
			Scope{ScopeWholesaleSubscribers, "read the wholesale subscribers of your organization", false})
	}
	return scopes
}
