// Package crd_test says, on a real API server, what admission accepts and refuses of every kind, and with what words.
package crd_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/controlplane"
)

const (
	// namespace of the objects that are sent as a trial and never stored.
	namespace = "default"
	// storedNamespace is the namespace of the others, so that the two never meet.
	storedNamespace = "stored"
)

// server is the API server that all tests of the package share.
var server struct {
	config *rest.Config
	client client.Client
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	plane, err := controlplane.Start(context.Background(), controlplane.Options{
		Progress: func(line string) { fmt.Fprintln(os.Stderr, line) },
	})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()

	scheme := runtime.NewScheme()
	if err := errors.Join(v1alpha1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		return 1, err
	}
	server.config = plane.Admin.Config
	direct, err := client.New(plane.Admin.Config, client.Options{Scheme: scheme})
	if err != nil {
		return 1, err
	}
	// Like kubectl, have unknown fields refused.
	server.client = client.WithFieldValidation(direct, metav1.FieldValidationStrict)
	stored := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: storedNamespace}}
	if err := server.client.Create(context.Background(), stored); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// edit changes an object before it is sent.
type edit func(t *testing.T, object *unstructured.Unstructured)

// set puts a value at a dotted path below spec.
func set(path string, value any) edit {
	return func(t *testing.T, object *unstructured.Unstructured) {
		t.Helper()
		if err := unstructured.SetNestedField(object.Object, value, specPath(path)...); err != nil {
			t.Fatalf("set %s: %v", path, err)
		}
	}
}

// without removes what is at a dotted path below spec.
func without(path string) edit {
	return func(_ *testing.T, object *unstructured.Unstructured) {
		unstructured.RemoveNestedField(object.Object, specPath(path)...)
	}
}

// named changes metadata.name.
func named(name string) edit {
	return func(_ *testing.T, object *unstructured.Unstructured) { object.SetName(name) }
}

func specPath(path string) []string {
	return append([]string{"spec"}, strings.Split(path, ".")...)
}

func edits(all ...edit) []edit { return all }

// admission is one row of a table: an object, edited, is accepted (refused is empty) or refused with this text.
type admission struct {
	name    string
	edits   []edit
	refused string
}

// testCreate sends every row as a new object; nothing is stored.
func testCreate(t *testing.T, base string, rows []admission) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			object := build(t, base, row.edits...)
			check(t, server.client.Create(t.Context(), object, client.DryRunAll), row.refused)
		})
	}
}

// testUpdate stores the base object and sends every row as a change of it; no change is stored.
func testUpdate(t *testing.T, base string, rows []admission) {
	t.Helper()
	stored := create(t, base)
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			object := stored.DeepCopy()
			apply(t, object, row.edits)
			check(t, server.client.Update(t.Context(), object, client.DryRunAll), row.refused)
		})
	}
}

// create stores an object until the end of the test.
func create(t *testing.T, base string, changes ...edit) *unstructured.Unstructured {
	t.Helper()
	object := build(t, base, changes...)
	object.SetNamespace(storedNamespace)
	if err := server.client.Create(t.Context(), object); err != nil {
		t.Fatalf("create: %v", err)
	}
	t.Cleanup(func() {
		if err := server.client.Delete(context.Background(), object); err != nil {
			t.Errorf("delete: %v", err)
		}
	})
	return object
}

func build(t *testing.T, base string, changes ...edit) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.UnmarshalStrict([]byte(base), &object.Object); err != nil {
		t.Fatalf("base object: %v", err)
	}
	object.SetNamespace(namespace)
	apply(t, object, changes)
	return object
}

func apply(t *testing.T, object *unstructured.Unstructured, changes []edit) {
	t.Helper()
	for _, change := range changes {
		change(t, object)
	}
}

func check(t *testing.T, err error, refused string) {
	t.Helper()
	switch {
	case refused == "" && err != nil:
		t.Errorf("refused: %v", err)
	case refused != "" && err == nil:
		t.Errorf("accepted, want a refusal that says %q", refused)
	case refused != "" && !strings.Contains(err.Error(), refused):
		t.Errorf("refused with %q, want %q in it", err, refused)
	}
}

// unchanged is a row that sends the object as it is, to show that the base itself is good.
func unchanged() admission { return admission{name: "as it is"} }

// each makes one row per value of a field.
func each(path, refused string, values ...any) []admission {
	rows := make([]admission, 0, len(values))
	for _, value := range values {
		rows = append(rows, admission{fmt.Sprintf("%s %.40q", path, fmt.Sprint(value)), edits(set(path, value)), refused})
	}
	return rows
}

func rows(groups ...[]admission) []admission { return slices.Concat(groups...) }
