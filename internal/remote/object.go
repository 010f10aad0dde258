package remote

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Object is one remote object as decoded from JSON; numbers are json.Number. Nested fields are named by dotted paths
// such as "serviceInstanceProfile.language".
type Object map[string]any

// Decode reads one JSON object. Anything else, or anything after it, is an error.
func Decode(data []byte) (Object, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var object Object
	if err := decoder.Decode(&object); err != nil {
		return nil, fmt.Errorf("decode object: %w", err)
	}
	if object == nil {
		return nil, fmt.Errorf("decode object: null instead of an object")
	}
	if decoder.More() {
		return nil, fmt.Errorf("decode object: text after the object")
	}
	return object, nil
}

// ValidID tells whether a text can be the id of a remote object: it goes into paths, status and messages as it is.
func ValidID(id string) bool {
	const longest = 256
	return id != "" && id == Printable(id, longest)
}

// Get returns the value at a dotted path and whether the path exists.
func (o Object) Get(path string) (any, bool) {
	head, rest, nested := strings.Cut(path, ".")
	value, ok := o[head]
	if !ok || !nested {
		return value, ok
	}
	child, ok := asObject(value)
	if !ok {
		return nil, false
	}
	return child.Get(rest)
}

// Set stores a value at a dotted path, making the objects on the way.
func (o Object) Set(path string, value any) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		o[head] = value
		return
	}
	child, ok := asObject(o[head])
	if !ok {
		child = Object{}
	}
	child.Set(rest, value)
	o[head] = child
}

// Delete removes the value at a dotted path; a missing path is no error.
func (o Object) Delete(path string) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		delete(o, head)
		return
	}
	if child, ok := asObject(o[head]); ok {
		child.Delete(rest)
	}
}

// Text returns the value at a path as text; "" where it is missing or null.
func (o Object) Text(path string) string {
	value, _ := o.Get(path)
	return Text(value)
}

// Bool returns the value at a path as a boolean; the texts "true" and "false" count, anything else is false.
func (o Object) Bool(path string) bool {
	value, _ := o.Get(path)
	return Text(value) == "true"
}

// Int returns the value at a path as an integer and whether it is one; digits in a text count.
func (o Object) Int(path string) (int64, bool) {
	value, _ := o.Get(path)
	number, err := strconv.ParseInt(Text(value), 10, 64)
	return number, err == nil
}

// Time returns the value at a path as a time, from epoch milliseconds (number or text) or RFC 3339; zero where it is
// neither.
func (o Object) Time(path string) time.Time {
	if millis, ok := o.Int(path); ok {
		return time.UnixMilli(millis).UTC()
	}
	parsed, err := time.Parse(time.RFC3339Nano, o.Text(path))
	if err != nil {
		return time.Time{}
	}
	return parsed.UTC()
}

// Leaves lists the paths of all values that are not objects, sorted.
func (o Object) Leaves() []string {
	var paths []string
	for key, value := range o {
		child, ok := asObject(value)
		if !ok {
			paths = append(paths, key)
			continue
		}
		for _, path := range child.Leaves() {
			paths = append(paths, key+"."+path)
		}
	}
	slices.Sort(paths)
	return paths
}

// Clone copies the object and the objects in it; lists and scalars are shared and must not be changed in place.
func (o Object) Clone() Object {
	clone := maps.Clone(o)
	for key, value := range clone {
		if child, ok := asObject(value); ok {
			clone[key] = child.Clone()
		}
	}
	return clone
}

// Merge sets every leaf of other in o.
func (o Object) Merge(other Object) {
	for _, path := range other.Leaves() {
		value, _ := other.Get(path)
		o.Set(path, value)
	}
}

// Text spells a JSON value for people: texts bare, numbers and booleans as they are, null as "", lists and objects as
// JSON with sorted keys.
func Text(value any) string {
	switch typed := value.(type) {
	case nil:
		return ""
	case string:
		return typed
	case bool:
		return strconv.FormatBool(typed)
	case json.Number:
		return typed.String()
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%v", value)
	}
	return string(encoded)
}

func asObject(value any) (Object, bool) {
	switch typed := value.(type) {
	case Object:
		return typed, typed != nil
	case map[string]any:
		return typed, typed != nil
	}
	return nil, false
}
