package simulator

import "encoding/json"

// GatewayDialect are spellings in which gateways differ. The zero value is the documented one.
type GatewayDialect struct {
	// DoubledField spells forceDeliveryWaitTimeSeconds in answers with its last word twice, as some tables have it.
	DoubledField bool `json:"doubledField,omitempty"`
	// ShortRoutingWords answers Priority and Skill instead of Priority Based and Skill Based.
	ShortRoutingWords bool `json:"shortRoutingWords,omitempty"`
	// TextScalars answers numbers and booleans as texts.
	TextScalars bool `json:"textScalars,omitempty"`
	// NoDepartment is what an instance without department has there: "missing" (default), "empty" or "null".
	NoDepartment string `json:"noDepartment,omitempty"`
	// QuotesPassword repeats a password that is refused in the refusal.
	QuotesPassword bool `json:"quotesPassword,omitempty"`
}

// apply changes a copy of an instance and of its profile that is about to be shown.
func (d GatewayDialect) apply(instance, profile map[string]any) {
	if d.DoubledField {
		instance["forceDeliveryWaitTimeSecondsSeconds"] = instance["forceDeliveryWaitTimeSeconds"]
		delete(instance, "forceDeliveryWaitTimeSeconds")
	}
	if d.ShortRoutingWords {
		short := map[any]any{"Priority Based": "Priority", "Skill Based": "Skill"}
		instance["routingType"] = short[instance["routingType"]]
	}
	if d.TextScalars {
		for name, value := range instance {
			switch value.(type) {
			case bool, int64:
				encoded, _ := json.Marshal(value) //nolint:errcheck,errchkjson // scalars
				instance[name] = string(encoded)
			}
		}
	}
	if _, has := profile["department"]; has {
		return
	}
	switch d.NoDepartment {
	case "empty":
		profile["department"] = ""
	case "null":
		profile["department"] = nil
	}
}
