package crd_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

const idleCode = `
apiVersion: wxcc.dev/v1alpha1
kind: AuxiliaryCode
metadata: {name: lunch}
spec:
  organizationRef: {name: nordlys}
  workTypeCode: IDLE_CODE
  workTypeRef: {name: idle}
`

const wrapUpCode = `
apiVersion: wxcc.dev/v1alpha1
kind: AuxiliaryCode
metadata: {name: sale}
spec:
  organizationRef: {name: nordlys}
  workTypeCode: WRAP_UP_CODE
  workTypeRef: {remoteName: Default Wrapup Work Type}
`

// Proves: S0.1, S0.10
func TestAuxiliaryCodeFields(t *testing.T) {
	t.Parallel()
	testCreate(t, idleCode, rows(
		[]admission{
			unchanged(),
			{"every field", edits(set("name", "Lunch (long) _/-."), set("description", "Noon"), set("active", false),
				set("defaultCode", true), set("burnoutInclusion", "EXCLUDED"), set("managementPolicy", "Observe"),
				set("deletionPolicy", "Retain"), set("adoptionPolicy", "Always"), set("suspend", true)), ""},
			{"no workTypeCode", edits(without("workTypeCode")), "spec.workTypeCode: Required value"},
			{"no workTypeRef", edits(without("workTypeRef")), "spec.workTypeRef: Required value"},
			{"metadata.name of 80", edits(named(strings.Repeat("a", 80))), ""},
			{"metadata.name of 81", edits(named(strings.Repeat("a", 81))), "metadata.name is longer than the 80 characters that a code's name may have: set spec.name"},
			{"metadata.name of 81 beside spec.name", edits(named(strings.Repeat("a", 81)), set("name", "Lunch")), ""},
		},
		each("name", "", strings.Repeat("n", 80), "A.b_c)d/e(f-g 9"),
		each("name", "spec.name: Too long: may not be more than 80", strings.Repeat("n", 81), strings.Repeat("n", 1024)),
		each("name", "name may hold only letters, digits, spaces and . _ ) / ( -", "Lunch & dinner", "Déjeuner", "a\tb", "a\nb"),
		each("name", "name must hold something else than spaces", " ", "   "),
		each("name", "should be at least 1 chars long", ""),
		each("description", "", "", strings.Repeat("d", 255)),
		each("description", "spec.description: Too long: may not be more than 255", strings.Repeat("d", 256)),
		each("workTypeCode", `supported values: "IDLE_CODE", "WRAP_UP_CODE"`, "BREAK_CODE", "idle_code", ""),
	))
}

// Proves: S0.11
func TestAuxiliaryCodeBurnoutInclusionFitsItsFamily(t *testing.T) {
	t.Parallel()
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		testCreate(t, idleCode, rows(
			each("burnoutInclusion", "", "INCLUDED", "EXCLUDED", "NOT_APPLICABLE"),
			each("burnoutInclusion", `supported values: "INCLUDED", "EXCLUDED", "NOT_APPLICABLE"`, "MAYBE", ""),
		))
	})
	t.Run("wrap-up", func(t *testing.T) {
		t.Parallel()
		testCreate(t, wrapUpCode, rows(
			[]admission{unchanged()},
			each("burnoutInclusion", "", "NOT_APPLICABLE"),
			each("burnoutInclusion", "burnoutInclusion INCLUDED and EXCLUDED are for idle codes", "INCLUDED", "EXCLUDED"),
		))
	})
}

// Proves: S0.10
func TestAuxiliaryCodeUpdates(t *testing.T) {
	t.Parallel()
	testUpdate(t, idleCode, []admission{
		{"family", edits(set("workTypeCode", "WRAP_UP_CODE")), "workTypeCode cannot be changed: delete this resource and create another one"},
		{"organization", edits(set("organizationRef.name", "other")), ""},
		{"everything else", edits(set("name", "Dinner"), set("active", false), set("defaultCode", true),
			set("workTypeRef.name", "other"), set("burnoutInclusion", "EXCLUDED"), set("description", "")), ""},
	})
}

// Proves: S0.4
func TestActiveDefaultsToTrue(t *testing.T) {
	t.Parallel()
	for _, base := range []string{idleCode, workType} {
		object := build(t, base)
		if err := server.client.Create(t.Context(), object, client.DryRunAll); err != nil {
			t.Fatal(err)
		}
		if active, found, err := unstructured.NestedBool(object.Object, "spec", "active"); !active || !found || err != nil {
			t.Errorf("%s: spec.active = %v (found %v, %v), want the default true", object.GetKind(), active, found, err)
		}
	}
}

// Proves: S0.17
func TestAuxiliaryCodesAreSelectedByFamily(t *testing.T) {
	t.Parallel()
	create(t, idleCode, named("selected-idle"))
	create(t, wrapUpCode, named("selected-wrap-up"))
	for family, want := range map[v1alpha1.WorkTypeCode]string{v1alpha1.IdleCode: "selected-idle", v1alpha1.WrapUpCode: "selected-wrap-up"} {
		var list v1alpha1.AuxiliaryCodeList
		if err := server.client.List(t.Context(), &list, client.InNamespace(storedNamespace), client.MatchingFields{"spec.workTypeCode": string(family)}); err != nil {
			t.Fatal(err)
		}
		var found bool
		for _, code := range list.Items {
			found = found || code.Name == want
			if code.Spec.WorkTypeCode != family {
				t.Errorf("selector %s: got %s of the family %s", family, code.Name, code.Spec.WorkTypeCode)
			}
		}
		if !found {
			t.Errorf("selector %s: %s is missing", family, want)
		}
	}
}
