package simulator

// Ways to treat a second default code of a family (Unknowns.DefaultCodes).
const (
	// DefaultCodesMove takes the mark from the code that had it: one family has one default, as a tool that was run
	// against real tenants reports. It is the default.
	DefaultCodesMove = "move"
	// DefaultCodesRefuse answers 400 to a second one.
	DefaultCodesRefuse = "refuse"
	// DefaultCodesFree lets several codes be the default.
	DefaultCodesFree = "free"
)

// Unknowns settles what neither the documentation nor an observation of a real tenant tells (contact-center reference
// section 9). The zero value is that section's own reading.
type Unknowns struct {
	// DefaultCodes is one of the DefaultCodes constants.
	DefaultCodes string
	// CaseSensitiveNames lets two objects differ in nothing but the case of their names.
	CaseSensitiveNames bool
	// BulkSuccessStatus is the status of every item that succeeded. 0: that of the single call, such as 201 or 204.
	BulkSuccessStatus int
	// DeactivationBlocked answers 412 to switching off an object that others refer to.
	DeactivationBlocked bool
	// EmptyListHasPage makes totalPages of an empty list 1 instead of 0.
	EmptyListHasPage bool
	// EntriesTouchParent gives an address book or outdial ANI a new version and time when one of its entries is written.
	EntriesTouchParent bool
	// SortEverywhere makes every list obey sort, not only the three that document it.
	SortEverywhere bool
	// AcceptQueryDTO takes the payload from teamDTO and its like when there is no body.
	AcceptQueryDTO bool
	// AllowVariableRename lets global variables be renamed.
	AllowVariableRename bool
	// RefuseFlowOnCreate answers 500 to the create of an entry point that names a flow.
	RefuseFlowOnCreate bool
	// MaxReportableVariables limits the reportable global variables. 0: no limit.
	MaxReportableVariables int
	// MaxObjects limits the objects of each entity in an organization. 0: no limit.
	MaxObjects int
}
