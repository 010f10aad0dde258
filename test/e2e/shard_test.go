package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

const otherCodeManifest = `
apiVersion: wxcc.dev/v1alpha1
kind: AuxiliaryCode
metadata: {name: dinner, labels: {shard: b}}
spec:
  organizationRef: {name: org}
  name: Dinner
  workTypeCode: IDLE_CODE
  workTypeRef: {remoteName: Default Idle Work Type}
`

// Two shards lead at the same time, each over its own part, and neither touches what is the other's.
func TestTwoShardsShareNothing(t *testing.T) {
	s := newSite(t)
	shard := func(name string) *process {
		return s.startManager("--leader-elect", "--leader-election-namespace", operatorNamespace, "--shard", name, "--watch-label-selector", "shard="+name)
	}
	s.apply(codeManifest + "---" + otherCodeManifest)
	s.kubectl("--namespace", s.namespace, "label", "wxorg/org", "auxcode/lunch", "shard=a")

	shard("a")
	s.waitReady("wxorg/org", "auxcode/lunch")
	if other := s.objects()["auxiliarycode/dinner"]; len(other.Status.Conditions) != 0 {
		t.Errorf("shard a wrote to an object of shard b: %+v", other.Status)
	}

	before := s.objects()["auxiliarycode/lunch"].Metadata.ResourceVersion
	requests := s.sim.Stats().Requests
	shard("b")
	eventually(t, soon, func() error {
		for _, condition := range s.objects()["auxiliarycode/dinner"].Status.Conditions {
			if condition.Reason == string(v1alpha1.ReasonWaitingForOrganization) {
				return nil
			}
		}
		return fmt.Errorf("shard b has not come to its object, whose organization is not of its part")
	})
	if after := s.objects()["auxiliarycode/lunch"].Metadata.ResourceVersion; after != before {
		t.Error("shard b wrote to an object of shard a")
	}
	if made := s.sim.Stats().Requests - requests; made != 0 {
		t.Errorf("shard b made %d requests for an organization of shard a", made)
	}
	leases := s.kubectl("--namespace", operatorNamespace, "get", "leases", "-o", "name")
	for _, name := range []string{"a", "b"} {
		if !strings.Contains(leases, "/"+name+".wxcc-operator.wxcc.dev") {
			t.Errorf("no lease of shard %s among:\n%s", name, leases)
		}
	}
}
