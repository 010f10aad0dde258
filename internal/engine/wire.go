package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// specOf returns the spec as the JSON that the user wrote: fields left out are not there.
func specOf(obj runtime.Object) (remote.Object, error) {
	encoded, err := json.Marshal(obj)
	if err != nil {
		return nil, fmt.Errorf("encode spec: %w", err)
	}
	whole, err := remote.Decode(encoded)
	if err != nil {
		return nil, err
	}
	spec, _ := whole.Get("spec")
	fields, ok := spec.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("no spec in the object")
	}
	return fields, nil
}

// Owned returns the wire fields that the spec owns. References hold the ids given; secrets are left out.
func (k *Kind[T]) Owned(of Owner[T], references Resolved) (remote.Object, error) {
	obj := of.Object
	spec, err := specOf(obj)
	if err != nil {
		return nil, err
	}
	owned := remote.Object{}
	owned.Set(k.nameField(), obj.GetRemoteName())
	for _, field := range k.Fields {
		value, set := spec.Get(field.Spec)
		switch {
		case !set || field.Secret || !field.applies(spec):
		case field.Reference != "":
			if target, ok := references[field.Spec]; ok {
				owned.Set(field.wire(), target.ID)
			}
		case field.ToWire != nil:
			owned.Set(field.wire(), field.ToWire(of, value))
		default:
			owned.Set(field.wire(), value)
		}
	}
	return owned, nil
}

// Export fills the spec from a remote object, the reverse of what the loop writes: applying the result changes
// nothing. References come as remote names through nameOf, which returns "" for an id it does not know; secrets and
// create-only fields cannot be read back.
func (k *Kind[T]) Export(actual remote.Object, obj T, nameOf func(kind, id string) string) error {
	spec, err := specOf(obj)
	if err != nil {
		return err
	}
	spec.Set("name", actual.Text(k.nameField()))
	for _, field := range k.Fields {
		value, ok := actual.Get(field.wire())
		switch {
		case !ok || value == nil || field.Secret || field.CreateOnly || !field.applies(actual):
		case field.Reference != "":
			name := nameOf(field.Reference, remote.Text(value))
			if name == "" {
				return fmt.Errorf("field %s: no name for %s %s", field.Spec, field.Reference, remote.Text(value))
			}
			spec.Set(field.Spec, map[string]any{"remoteName": name})
		case field.FromWire != nil:
			if value = field.FromWire(value); value != nil {
				spec.Set(field.Spec, value)
			}
		default:
			spec.Set(field.Spec, value)
		}
	}
	encoded, err := json.Marshal(map[string]any{"spec": spec})
	if err != nil {
		return fmt.Errorf("encode exported spec: %w", err)
	}
	if err := json.Unmarshal(encoded, obj); err != nil {
		return fmt.Errorf("decode exported spec: %w", err)
	}
	return nil
}

// RemoteForm returns an object's wire form as far as its spec says it, with its id: what another kind's Check sees.
func (k *Kind[T]) remoteForm(obj T) (remote.Object, error) {
	form, err := k.Owned(Owner[T]{Object: obj, Organization: &v1alpha1.WebexOrganization{}}, nil)
	if err != nil {
		return nil, err
	}
	form.Set(k.idField(), obj.GetConfigStatus().ID)
	return form, nil
}

// comparable is a value in the form in which the two sides are compared. What services leave out, send as null or send
// as "" is the same to them.
func (f Field[T]) comparable(of Owner[T], value any) string {
	if f.Normalise != nil {
		value = f.Normalise(of, value)
	}
	if list, ok := value.([]any); ok && f.SetLike {
		return sortedText(list)
	}
	return remote.Text(value)
}

func (f Field[T]) applies(object remote.Object) bool { return f.Applies == nil || f.Applies(object) }

// compare lists the owned fields whose remote value differs. Where the actual object is only a row of a listing that
// does not carry every field, fields it does not have are passed over.
func (k *Kind[T]) compare(of Owner[T], owned, actual remote.Object, partial bool) []difference {
	var found []difference
	for _, path := range owned.Leaves() {
		field := k.fieldAt(path)
		if field.CreateOnly || field.Secret {
			continue
		}
		desired, _ := owned.Get(path)
		value, known := actual.Get(path)
		if !known && partial {
			continue
		}
		if field.same(of, desired, value) {
			continue
		}
		found = append(found, difference{path: path, spec: k.specPath(path), desired: desired, actual: value, immutable: field.Immutable})
	}
	return found
}

// same also takes false, 0 and an empty list for equal to a field that is not there at all.
func (f Field[T]) same(of Owner[T], desired, actual any) bool {
	if f.Same != nil {
		return f.Same(of, desired, actual)
	}
	a, b := f.comparable(of, desired), f.comparable(of, actual)
	if a == b {
		return true
	}
	return actual == nil && (a == "false" || a == "0" || a == "[]")
}

// fieldAt returns the field of a wire path; one inside an object-valued field takes that field's rules.
func (k *Kind[T]) fieldAt(path string) Field[T] {
	for _, field := range k.Fields {
		if wire := field.wire(); path == wire || (len(path) > len(wire) && path[:len(wire)+1] == wire+".") {
			return field
		}
	}
	return Field[T]{Spec: path}
}

// difference is one owned field whose remote value is another.
type difference struct {
	// path in the remote object, and spec where the spec has it.
	path, spec      string
	desired, actual any
	immutable       bool
	secret          bool
}

// maxDriftEntries and maxDriftText bound status.drift, which the CRD bounds likewise.
const (
	maxDriftEntries = 32
	maxDriftText    = 256
)

func sortedText(list []any) string {
	texts := make([]string, 0, len(list))
	for _, value := range list {
		texts = append(texts, remote.Text(value))
	}
	slices.Sort(texts)
	return "[" + strings.Join(texts, ",") + "]"
}

func driftList(differences []difference) []v1alpha1.FieldDrift {
	var list []v1alpha1.FieldDrift
	for _, d := range differences[:min(len(differences), maxDriftEntries)] {
		list = append(list, v1alpha1.FieldDrift{
			Field:   d.spec,
			Desired: remote.Printable(remote.Text(d.desired), maxDriftText),
			Actual:  remote.Printable(remote.Text(d.actual), maxDriftText),
		})
	}
	return list
}

// fromJSON re-reads a value of the spec as its type.
func fromJSON[V any](value any) (V, error) {
	var typed V
	encoded, err := json.Marshal(value)
	if err != nil {
		return typed, fmt.Errorf("encode: %w", err)
	}
	if err := json.Unmarshal(encoded, &typed); err != nil {
		return typed, fmt.Errorf("decode: %w", err)
	}
	return typed, nil
}
