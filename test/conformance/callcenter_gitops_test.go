package conformance_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// gitops stands for Argo CD or Flux: it applies the same manifest again and again.
const gitops = "gitops"

func (r *resource) applied(t *testing.T, content spec) *unstructured.Unstructured {
	t.Helper()
	object := r.empty()
	object.SetLabels(r.w.labels)
	full := map[string]any{}
	roundTrip(content.with("organizationRef.name", organization), &full)
	object.Object["spec"] = full
	if err := cluster.client.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(gitops), client.ForceOwnership); err != nil {
		t.Fatalf("apply: %v", err)
	}
	return object
}

// What a GitOps tool applies stays as it was applied: neither the server nor the operator fills anything in, so a
// comparison of the manifest with the cluster shows no difference, and a second apply changes nothing.
// Proves: S3.36
func TestApplyingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	for _, k := range []*kind{callCenter("CallCenterCore", v1alpha1.GatewayCore), generatedCallCenter()} {
		for name, content := range map[string]func(string) spec{"minimal": k.minimal, "full": k.full} {
			t.Run(k.name+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, k)
				manifest := content("Applied")
				r := &resource{w: w, kind: k, name: "applied"}
				r.generation = r.applied(t, manifest).GetGeneration()
				r.waitReady()
				before := r.read()
				if have, want := before.Object["spec"], manifest.with("organizationRef.name", organization); !same(have, want) {
					t.Errorf("the cluster has\n%s\nthe manifest\n%s", text(have), text(want))
				}
				w.sim.Reset()
				for range 2 {
					if after := r.applied(t, manifest); after.GetResourceVersion() != before.GetResourceVersion() || after.GetGeneration() != before.GetGeneration() {
						t.Errorf("applying the manifest again made version %s of %s", after.GetResourceVersion(), before.GetResourceVersion())
					}
				}
				r.check()
				r.waitReady() // and kstatus agrees, see statusProblems
				w.wantNoWrites()
				if after := r.read(); after.GetGeneration() != before.GetGeneration() {
					t.Errorf("generation %d became %d", before.GetGeneration(), after.GetGeneration())
				}
			})
		}
	}
}
