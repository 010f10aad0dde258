package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
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
		if described.readOnly {
			value = previous[described.name]
		}
		if value == nil {
			value = described.defaultValue
		}
		if value != nil {
			next[described.name] = value
		}
	}
	return next, nil
}

// accept converts a JSON value to the kind of the field. Numbers and booleans may be sent as text.
func (f *field) accept(value any) (any, error) {
	if value == nil || f.readOnly {
		return nil, nil
	}
	switch f.kind {
	case boolean:
		return acceptBoolean(f.name, value)
	case integer:
		return acceptInteger(f.name, value)
	case textList:
		return f.acceptList(value)
	case object:
		return f.acceptObject(value)
	default:
		return f.acceptText(value)
	}
}

func (f *field) acceptText(value any) (any, error) {
	var given string
	switch v := value.(type) {
	case string:
		given = v
	case json.Number:
		given = v.String()
	case bool:
		given = strconv.FormatBool(v)
	default:
		return nil, cannotDeserialize(f.name, "String", value)
	}
	if len(f.enum) > 0 && given != "" && !slices.Contains(f.enum, given) {
		return nil, fmt.Errorf("value of %s from String %q: not one of the values accepted: [%s]",
			f.name, given, strings.Join(f.enum, ", "))
	}
	return given, nil
}

func acceptBoolean(name string, value any) (any, error) {
	switch v := value.(type) {
	case bool:
		return v, nil
	case string:
		if v == "true" || v == "false" {
			return v == "true", nil
		}
	}
	return nil, cannotDeserialize(name, "boolean", value)
}

func acceptInteger(name string, value any) (any, error) {
	number, ok := asInteger(value)
	if !ok {
		return nil, cannotDeserialize(name, "int", value)
	}
	return number, nil
}

// asInteger reads a whole number from JSON, also one in quotes.
func asInteger(value any) (int64, bool) {
	switch v := value.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case float64:
		return int64(v), v == float64(int64(v))
	case json.Number:
		number, err := v.Int64()
		return number, err == nil
	case string:
		number, err := strconv.ParseInt(v, 10, 64)
		return number, err == nil
	default:
		return 0, false
	}
}

func (f *field) acceptList(value any) (any, error) {
	given, ok := value.([]any)
	if !ok {
		return nil, cannotDeserialize(f.name, "ArrayList", value)
	}
	for _, element := range given {
		if _, isText := element.(string); !isText {
			return nil, cannotDeserialize(f.name, "String", element)
		}
	}
	return given, nil
}

func (f *field) acceptObject(value any) (any, error) {
	given, ok := value.(map[string]any)
	if !ok {
		return nil, cannotDeserialize(f.name, "Object", value)
	}
	out := map[string]any{}
	for i := range f.fields {
		inner := &f.fields[i]
		accepted, err := inner.accept(given[inner.name])
		if err != nil {
			return nil, err
		}
		if accepted != nil {
			out[inner.name] = accepted
		}
	}
	return out, nil
}

func cannotDeserialize(name, want string, value any) error {
	return fmt.Errorf("value of type `%s` for %s from %T value", want, name, value)
}

// check applies the limits of the description, the immutable fields and then the references.
func (e *entity) check(t *tenant, next, previous map[string]any) *refusal {
	var wrong []string
	for i := range e.fields {
		described := &e.fields[i]
		wrong = append(wrong, described.check(next[described.name])...)
		if previous != nil && described.immutable && previous[described.name] != next[described.name] {
			wrong = append(wrong, fmt.Sprintf("%s: This configuration cannot be changed. Original value is %v",
				described.name, previous[described.name]))
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

func (f *field) check(value any) []string {
	if f.readOnly {
		return nil
	}
	if content, isText := value.(string); value == nil || isText && f.required && strings.TrimSpace(content) == "" {
		if f.required {
			return []string{f.name + ": should not be null or blank."}
		}
		return nil
	}
	switch v := value.(type) {
	case string:
		return f.checkText(v)
	case int64:
		if f.maximum > 0 && (v < int64(f.minimum) || v > int64(f.maximum)) {
			return []string{fmt.Sprintf("%s: must be between %d and %d", f.name, f.minimum, f.maximum)}
		}
	case map[string]any:
		var wrong []string
		for i := range f.fields {
			wrong = append(wrong, f.fields[i].check(v[f.fields[i].name])...)
		}
		return wrong
	}
	return nil
}

func (f *field) checkText(value string) []string {
	length := utf8.RuneCountInString(value)
	if f.maximum > 0 && (length < f.minimum || length > f.maximum) {
		return []string{fmt.Sprintf("%s: size must be between %d and %d", f.name, f.minimum, f.maximum)}
	}
	if f.pattern != nil && !f.pattern.MatchString(value) {
		return []string{fmt.Sprintf("%s: must match %q", f.name, f.pattern)}
	}
	return nil
}

func (t *tenant) unknownReferences(e *entity, next map[string]any) []string {
	var wrong []string
	for _, described := range e.referenceField {
		for _, id := range idsIn(next[described.name]) {
			if t.collection(described.target).get(id) == nil {
				wrong = append(wrong, described.name+": not found for given orgId.")
			}
		}
	}
	return wrong
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
