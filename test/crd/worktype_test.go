package crd_test

import (
	"strings"
	"testing"
)

const workType = `
apiVersion: wxcc.dev/v1alpha1
kind: WorkType
metadata: {name: idle}
spec:
  organizationRef: {name: nordlys}
  workTypeCode: IDLE_CODE
`

func TestWorkTypeFields(t *testing.T) {
	t.Parallel()
	testCreate(t, workType, rows(
		[]admission{
			unchanged(),
			{"every field", edits(set("name", "Idle work. 2_b-c"), set("description", "x"), set("active", false),
				set("workTypeCode", "WRAP_UP_CODE")), ""},
			{"read only", edits(set("managementPolicy", "Observe")), ""},
			{"no workTypeCode", edits(without("workTypeCode")), "spec.workTypeCode: Required value"},
			{"metadata.name of 81", edits(named(strings.Repeat("a", 81))), "metadata.name is longer than the 80 characters that a work type's name may have: set spec.name"},
		},
		each("name", "", strings.Repeat("n", 80)),
		each("name", "spec.name: Too long: may not be more than 80", strings.Repeat("n", 81)),
		each("name", "name may hold only letters, digits, spaces and . _ -", "Idle (a)", "a/b", "a\\b"),
		each("name", "name must hold something else than spaces", "  "),
		each("description", "", "", strings.Repeat("d", 255)),
		each("description", "spec.description: Too long: may not be more than 255", strings.Repeat("d", 256)),
		each("workTypeCode", `supported values: "IDLE_CODE", "WRAP_UP_CODE"`, "OTHER"),
	))
}

func TestWorkTypeUpdates(t *testing.T) {
	t.Parallel()
	testUpdate(t, workType, []admission{
		{"family", edits(set("workTypeCode", "WRAP_UP_CODE")), "workTypeCode cannot be changed: delete this resource and create another one"},
		{"organization", edits(set("organizationRef.name", "other")), ""},
		{"everything else", edits(set("name", "Pause"), set("active", false), set("description", "")), ""},
	})
}
