package simulator

import "net/http"

const (
	idleCode           = "IDLE_CODE"
	burnoutIncluded    = "INCLUDED"
	burnoutNotApplying = "NOT_APPLICABLE"
)

// workTypeOfSameFamily: a code belongs to a work type of its own family.
func workTypeOfSameFamily(t *tenant, next, _ map[string]any) *refusal {
	workType := t.collection("work-type").get(asText(next["workTypeId"]))
	if workType != nil && workType.fields["workTypeCode"] != next["workTypeCode"] {
		return invalid("workTypeId: work type code of the work type should be " + asText(next["workTypeCode"]))
	}
	return nil
}

// burnoutOfFamily: wrap-up codes take no part in burnout; the default depends on the family.
func burnoutOfFamily(_ *tenant, next, _ map[string]any) *refusal {
	idle := next["workTypeCode"] == idleCode
	switch next["burnoutInclusion"] {
	case nil:
		next["burnoutInclusion"] = burnoutNotApplying
		if idle {
			next["burnoutInclusion"] = burnoutIncluded
		}
	case burnoutNotApplying:
	default:
		if !idle {
			return invalid("validBurnoutForWrapUpCode: burnoutInclusion should be NOT_APPLICABLE for wrap up codes")
		}
	}
	return nil
}

// firstCodeIsDefault: the first code of a family must be its default.
func firstCodeIsDefault(t *tenant, next, previous map[string]any) *refusal {
	if previous != nil || next["defaultCode"] == true {
		return nil
	}
	for _, code := range t.collection("auxiliary-code").order {
		if code.fields["workTypeCode"] == next["workTypeCode"] {
			return nil
		}
	}
	return invalid("defaultCode: the first code of a work type code should be the default")
}

// autoWrapUpNeedsSeconds: automatic wrap-up travels with its time.
func autoWrapUpNeedsSeconds(_ *tenant, next, _ map[string]any) *refusal {
	if next["autoWrapUp"] == true && next["autoWrapAfterSeconds"] == nil {
		return invalid("autoWrapAfterSeconds should be specified when autoWrapUp is true")
	}
	return nil
}

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
)
