package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// accept converts a JSON value to the kind of the field; nil = there is none. Numbers and booleans may be sent as text,
// and an empty text stands for no reference and no word of a list of words.
func (f *field) accept(value any) (any, error) {
	if value == nil || f.readOnly || f.computed {
		return nil, nil
	}
	switch f.kind {
	case boolean:
		return acceptBoolean(f.name, value)
	case integer:
		return acceptInteger(f.name, value)
	case textList, integerList, objectList:
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
	case int64:
		given = strconv.FormatInt(v, 10)
	case bool:
		given = strconv.FormatBool(v)
	default:
		return nil, cannotDeserialize(f.name, "String", value)
	}
	if f.spell != nil {
		given = f.spell(given)
	}
	if given == "" && (len(f.enum) > 0 || f.target != "") {
		return nil, nil
	}
	if f.target != "" && uuidPattern.MatchString(given) {
		given = strings.ToLower(given) // rules compare ids
	}
	if len(f.enum) > 0 && !slices.Contains(f.enum, given) {
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
	out := make([]any, 0, len(given))
	for _, element := range given {
		accepted, err := f.acceptElement(element)
		if err != nil {
			return nil, err
		}
		if accepted != nil {
			out = append(out, accepted)
		}
	}
	return out, nil
}

func (f *field) acceptElement(element any) (any, error) {
	switch f.kind {
	case objectList:
		return f.acceptObject(element)
	case integerList:
		return acceptInteger(f.name, element)
	}
	if _, isText := element.(string); !isText {
		return nil, cannotDeserialize(f.name, "String", element)
	}
	return f.acceptText(element)
}

// acceptObject takes the described fields, and the id by which an element says which one it is.
func (f *field) acceptObject(value any) (any, error) {
	given, ok := value.(map[string]any)
	if !ok {
		return nil, cannotDeserialize(f.name, "Object", value)
	}
	out := map[string]any{}
	if id := asText(given["id"]); f.nested.identified && id != "" {
		out["id"] = strings.ToLower(id)
	}
	for i := range f.fields {
		inner := &f.fields[i]
		accepted, err := inner.accept(given[inner.name])
		if err != nil {
			return nil, err
		}
		if accepted == nil {
			accepted = inner.defaultValue
		}
		if accepted != nil {
			out[inner.name] = accepted
		}
	}
	return out, nil
}

func cannotDeserialize(name, want string, value any) error {
	return fmt.Errorf("value of type `%s` for %s from %s value", want, name, kindOf(value))
}

// kindOf is what JSON calls a value.
func kindOf(value any) string {
	switch value.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	default:
		return "number"
	}
}
