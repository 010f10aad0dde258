package crd_test

import (
	"fmt"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Proves: PR7
func TestEveryTextOfAnOrganizationHasALimit(t *testing.T) {
	t.Parallel()
	stored := &unstructured.Unstructured{}
	stored.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))
	if err := server.client.Get(t.Context(), client.ObjectKey{Name: "webexorganizations.wxcc.dev"}, stored); err != nil {
		t.Fatal(err)
	}
	var definition apiextensionsv1.CustomResourceDefinition
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(stored.Object, &definition); err != nil {
		t.Fatal(err)
	}
	schema := definition.Spec.Versions[0].Schema.OpenAPIV3Schema
	limits := map[string]int64{}
	walk("spec", schema.Properties["spec"], limits)
	if len(limits) < 20 {
		t.Fatalf("only %d texts found: %v", len(limits), limits)
	}
	for path, limit := range limits {
		if limit == 0 || limit > 1024 {
			t.Errorf("%s may have %d characters, want a limit of at most 1024", path, limit)
		}
	}
	link := schema.Properties["status"].Properties["connectURL"]
	if link.MaxLength == nil || *link.MaxLength != 32768 {
		t.Errorf("status.connectURL has the limit %v, want 32768", link.MaxLength)
	}
}

// walk notes the limit of every text below a schema that is not one of a few words; 0 where there is none.
func walk(path string, schema apiextensionsv1.JSONSchemaProps, limits map[string]int64) {
	if path == "spec.allowedNamespaces.selector" {
		return // Kubernetes' own type
	}
	if schema.Type == "string" && len(schema.Enum) == 0 {
		limits[path] = 0
		if schema.MaxLength != nil {
			limits[path] = *schema.MaxLength
		}
	}
	for name, property := range schema.Properties {
		walk(path+"."+name, property, limits)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		walk(fmt.Sprintf("%s[]", path), *schema.Items.Schema, limits)
	}
}
