package simulator

import "maps"

// followTemplate fills what the body of a create leaves out from the template that it names.
func (w *centerWrite) followTemplate() *answer {
	name := asText(w.body["templateName"])
	if name == "" {
		return nil
	}
	template, known := w.g.seed.Templates[name]
	if !known {
		return badRequest("templateName: not found: " + name)
	}
	w.body = completedBy(w.body, template)
	return nil
}

// completedBy is the body with what only the template has, at every depth.
func completedBy(body, template map[string]any) map[string]any {
	full := maps.Clone(template)
	for key, value := range body {
		own, isObject := value.(map[string]any)
		other, both := full[key].(map[string]any)
		if isObject && both {
			value = completedBy(own, other)
		}
		full[key] = value
	}
	return full
}
