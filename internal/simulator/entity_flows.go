package simulator

import (
	"regexp"
	"strings"
)

// Flows, sub-flows and functions (contact-center reference 8.25) live in a store of their own. Here they are collections
// like the others, so that state documents and references know them.

const (
	flowRoute     = "flow"
	functionRoute = "function"
)

func flows() entity {
	return entity{
		route: flowRoute,
		fields: []field{
			{name: "name", kind: text, required: true},
			{name: "description", kind: text},
			{name: "flowType", kind: text, defaultValue: mainFlow},
			{name: "status", kind: text},
			{name: "document", kind: object, itemOnly: true},
		},
		more: usedByFlow,
	}
}

func functions() entity {
	return entity{
		route: functionRoute,
		fields: []field{
			{name: "name", kind: text, required: true},
			{name: "description", kind: text},
			{name: "document", kind: object, itemOnly: true},
		},
	}
}

var (
	anyUUID = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)
	anyFlow = regexp.MustCompile(`\b[0-9a-f]{24}\b`)
	// flowTargets are what a flow can use.
	flowTargets = []string{queueRoute, "business-hours", "cad-variable", "audio-file", "skill"}
)

// usedByFlow are the objects whose ids stand anywhere in the document of a flow.
func usedByFlow(t *tenant, fields map[string]any) []objectKey {
	var out []objectKey
	eachText(fields["document"], func(content string) {
		for _, id := range anyUUID.FindAllString(content, -1) {
			for _, target := range flowTargets {
				if t.collection(target).get(id) != nil {
					out = append(out, objectKey{target, strings.ToLower(id)})
				}
			}
		}
		for _, id := range anyFlow.FindAllString(content, -1) {
			if id != fields["id"] && t.collection(flowRoute).get(id) != nil {
				out = append(out, objectKey{flowRoute, id})
			}
		}
	})
	return out
}

func eachText(value any, visit func(string)) {
	switch v := value.(type) {
	case string:
		visit(v)
	case []any:
		for _, element := range v {
			eachText(element, visit)
		}
	case map[string]any:
		for _, element := range v {
			eachText(element, visit)
		}
	}
}
