package webex

import (
	"net/http"

	"wxcc.dev/operator/internal/remote"
)

// Entity describes one object type of the configuration API: its routes and what they can do (reference sections 2
// and 6.1). The oddities of a type are values here, never branches elsewhere.
type Entity struct {
	// Route is the path segment, for instance "auxiliary-code".
	Route string
	// ListVersion is the version prefix of the list route; default "v2".
	ListVersion string
	// ItemVersion is the version prefix of all other routes; default none.
	ItemVersion string
	// Deleted is the documented status of a successful DELETE; default 204. Live, all types answer 204.
	Deleted int
	// CompleteRows: list rows leave no field out (reference section 3.4).
	CompleteRows bool
	// Bulk lists the writes that the bulk route takes, by operation.
	Bulk map[remote.Operation]BulkRoute
}

// BulkRoute is how one operation goes through a bulk route.
type BulkRoute struct {
	// Method is POST or PATCH. PATCH takes only the fields that change.
	Method string
	// Path after the entity's own, default "bulk".
	Path string
}

// bulkItems bounds a bulk call. The service's limit is not published; Control Hub's own pages use 100.
const bulkItems = 100

func (e Entity) abilities() remote.Abilities {
	abilities := remote.Abilities{
		CompleteRows: e.CompleteRows, Dated: true, Filter: true,
		Batch: map[remote.Operation]int{}, NeedsBase: map[remote.Operation]bool{remote.Update: true},
	}
	for operation, route := range e.Bulk {
		abilities.Batch[operation] = bulkItems
		switch {
		case operation == remote.Delete:
			// A bulk delete wants the complete record; one with the id alone is refused with a misleading text.
			abilities.NeedsBase[remote.Delete] = true
		case operation == remote.Update && route.Method == http.MethodPatch:
			abilities.PartialUpdate = true
			abilities.NeedsBase[remote.Update] = false
		}
	}
	return abilities
}
