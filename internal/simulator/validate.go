package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// compose builds the record that a full body asks for: writable fields from the body, the rest from the server.
// Optional fields that the body leaves out are dropped: PUT is a full replace.
func (e *entity) compose(body, previous map[string]any) (map[string]any, *refusal) {
	next := map[string]any{}
	for i := range e.fields {
		described := &e.fields[i]
		value, err := described.accept(body[described.name])
		if err != nil {
			return nil, invalid("Bad payload: Cannot deserialize " + err.Error())
		}
		if value == nil && described.keeps() {
			value = previous[described.name]
		}
		if value == nil {
			value = described.defaultValue
		}
		if value != nil && !described.computed {
			next[described.name] = value
		}
	}
	return next, nil
}

// keeps tells that a field which the body leaves out stays as it is.
func (f *field) keeps() bool { return f.readOnly || f.sticky || f.immutable && !f.required }

// check applies the limits of the description, the immutable fields and then the references.
func (e *entity) check(t *tenant, next, previous map[string]any) *refusal {
	var wrong []string
	for i := range e.fields {
		described := &e.fields[i]
		wrong = append(wrong, described.check(next[described.name], next)...)
		if previous != nil && described.immutable && previous[described.name] != next[described.name] {
			wrong = append(wrong, described.changed(previous[described.name]))
		}
	}
	if len(wrong) == 0 {
		wrong = t.unknownReferences(e, next)
	}
	if len(wrong) > 0 {
		return invalid(wrong...)
	}
	return nil
}

func (f *field) changed(original any) string {
	if original == nil {
		original = ""
	}
	return fmt.Sprintf("%s: This configuration cannot be changed. Original value is %v", f.name, original)
}

// check says what is wrong with a value; siblings are the fields of the same object.
func (f *field) check(value any, siblings map[string]any) []string {
	if f.readOnly {
		return nil
	}
	required := f.required || f.needed.holds(siblings)
	if content, isText := value.(string); value == nil || isText && required && strings.TrimSpace(content) == "" {
		if required {
			return []string{f.name + ": should not be null or blank."}
		}
		return nil
	}
	switch v := value.(type) {
	case string:
		return f.checkText(v)
	case int64:
		return f.checkInteger(v)
	case []any:
		return f.checkList(v)
	case map[string]any:
		return f.checkFields(v)
	}
	return nil
}

func (f *field) checkText(value string) []string {
	length := utf8.RuneCountInString(value)
	switch {
	case f.maximum > 0 && length > f.maximum || length < f.minimum:
		return f.violated(fmt.Sprintf("size must be between %d and %s", f.minimum, f.upperLimit()))
	case f.pattern != nil && !f.pattern.MatchString(value):
		return f.violated(fmt.Sprintf("must match %q", f.pattern))
	}
	return nil
}

func (f *field) checkInteger(value int64) []string {
	bounded := f.minimum != 0 || f.maximum != 0
	if bounded && (value < int64(f.minimum) || f.maximum > 0 && value > int64(f.maximum)) {
		return f.violated(fmt.Sprintf("must be between %d and %s", f.minimum, f.upperLimit()))
	}
	return nil
}

func (f *field) checkList(value []any) []string {
	if len(value) < f.minimum || f.maximum > 0 && len(value) > f.maximum {
		return f.violated(fmt.Sprintf("size must be between %d and %s", f.minimum, f.upperLimit()))
	}
	var wrong []string
	for _, element := range value {
		if fields, ok := element.(map[string]any); ok {
			wrong = append(wrong, f.checkFields(fields)...)
		}
	}
	return slices.Compact(wrong)
}

func (f *field) checkFields(value map[string]any) []string {
	var wrong []string
	for i := range f.fields {
		inner := &f.fields[i]
		wrong = append(wrong, inner.check(value[inner.name], value)...)
	}
	return wrong
}

// violated is the text of a broken limit.
func (f *field) violated(plain string) []string {
	if f.wrong != "" {
		return []string{f.wrong}
	}
	return []string{f.name + ": " + plain}
}

func (f *field) upperLimit() string {
	if f.maximum == 0 {
		return "2147483647"
	}
	return fmt.Sprint(f.maximum)
}

// hide takes out of a body the optional fields that a lying server ignores, so that their defaults apply.
func (e *entity) hide(body map[string]any, dropped []string) map[string]any {
	if len(dropped) == 0 {
		return body
	}
	out := maps.Clone(body)
	for _, name := range dropped {
		if described := e.fieldsByName[name]; described != nil && !described.required {
			delete(out, name)
		}
	}
	return out
}

// restore takes back the ignored fields of a checked record: the old value stays; a required one is missing on create.
func (e *entity) restore(next, previous map[string]any, dropped []string) {
	for _, name := range dropped {
		described := e.fieldsByName[name]
		if old, had := previous[name]; had {
			next[name] = old
		} else if previous == nil && described != nil && described.required {
			delete(next, name)
		}
	}
}

// merge is the full body of a partial update: null removes a field.
func merge(previous, partial map[string]any) map[string]any {
	out := maps.Clone(previous)
	for name, value := range partial {
		if value == nil {
			delete(out, name)
		} else {
			out[name] = value
		}
	}
	return out
}
