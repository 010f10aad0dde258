package engine

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// A deletion compares nothing: it asks no route of a part, which may be switched off by now or fail for ever.
func TestADeletionReadsNoParts(t *testing.T) {
	t.Parallel()
	center := &v1alpha1.CallCenter{}
	center.DeletionTimestamp = new(metav1.Now())
	kind := &Kind[*v1alpha1.CallCenter]{Fields: []Field[*v1alpha1.CallCenter]{{Spec: "agents", Part: true}}}
	v := &visit[*v1alpha1.CallCenter]{r: &Reconciler[*v1alpha1.CallCenter]{kind: kind}, obj: center, owned: remote.Object{"agents": []any{}}}
	seen := &sighting{row: remote.Record{ID: "care@x"}, actual: remote.Object{}}
	if err := v.readParts(t.Context(), seen); err != nil || len(seen.actual) != 0 {
		t.Errorf("readParts = %v, %v", err, seen.actual)
	}
}
