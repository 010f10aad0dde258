package simulator

import "net/http"

// refusal is why the configuration service does not do something.
type refusal struct {
	status     int
	messages   []string
	referenced []string // entity types that block a delete
}

func invalid(messages ...string) *refusal {
	return &refusal{status: http.StatusBadRequest, messages: messages}
}

func refuse(status int, message string) *refusal {
	return &refusal{status: status, messages: []string{message}}
}

// Texts of the live service (contact-center reference 4.3), where one was captured.
const (
	textIDOnCreate      = "New configuration cannot have an id"
	textIDMismatch      = "Invalid id: id in payload and URL should be same"
	textSystemGenerated = "Cannot Update/Delete system generated Entities"
	textSystemCreate    = "User not Allowed to create system default entity"
	textNotFound        = "Resource not found or URI is invalid"
	textDuplicate       = "Similar entity is already present"
	textReferenced      = "Entity is referred in other entities"
	textPatchAction     = "requestAction should be empty or specified as 'SAVE' for PATCH"
	textReferenceType   = "specify a valid external entity type"
	textPurge           = "Access denied - Client is forbidden access to the resource"
	textStaleVersion    = "Version of the entity is stale"
	textTooMany         = "Maximum number of entities is reached"
)
