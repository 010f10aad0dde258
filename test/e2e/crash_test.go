package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// The simulator does the work of the create and holds the answer back; the manager dies before it comes.
func TestKilledBetweenCreateAndStatusWrite(t *testing.T) {
	for _, row := range []struct{ kind, manifest, object, remoteName, entity string }{
		{"WorkType", workTypeManifest, "worktype/breaks", "Breaks", "work-type"},
		{"AuxiliaryCode", codeManifest, "auxiliarycode/lunch", "Lunch", "auxiliary-code"},
		{"CallCenter", centerManifest, "callcenter/desk", "Desk", ""},
	} {
		t.Run(row.kind, func(t *testing.T) {
			s := newSite(t)
			path, pattern := centers, "/call_centers/$"
			if row.entity != "" {
				path, pattern = s.entity(row.entity), "/"+row.entity+"(/bulk)?$"
			}
			if err := s.sim.SetFaults(simulator.FaultRule{
				Method: http.MethodPost, Path: pattern, LatencyMillis: 120_000, Late: true, Times: 1,
			}); err != nil {
				t.Fatal(err)
			}
			first := s.startManager()
			s.waitReady("wxorg/org")
			s.apply(row.manifest)
			eventually(t, soon, func() error {
				if len(s.remotes(path)[row.remoteName]) == 0 {
					return fmt.Errorf("%s is not created yet", row.remoteName)
				}
				return nil
			})
			first.kill()
			if id := s.objects()[row.object].Status.ID; id != "" {
				t.Fatalf("status knows the id %s already", id)
			}
			s.startManager()
			s.waitReady(row.object)
			if count := len(s.remotes(path)[row.remoteName]); count != 1 {
				t.Errorf("%d remote objects, want one", count)
			}
			if origin := s.objects()[row.object].Status.Origin; origin != v1alpha1.OriginCreated {
				t.Errorf("origin is %q, want Created", origin)
			}
			s.wantNoLeaks()
		})
	}
}

func TestRestartWithSettledObjectsWritesNothing(t *testing.T) {
	for name, stop := range map[string]func(*process){
		"killed": func(p *process) { p.kill() },
		"stopped": func(p *process) {
			if err := p.terminate(soon); err != nil {
				p.t.Errorf("SIGTERM: %v", err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			first := s.startManager()
			s.apply(everything)
			s.waitReady(slices.Concat(everyObject, []string{"wxorg/org"})...)
			s.waitCounted(len(everyObject))
			stop(first)
			before := s.objects()
			s.sim.Reset()
			s.startManager()
			// A new object shows that the manager is at work.
			s.apply(witnessManifest)
			s.waitReady("worktype/witness")
			after := s.objects()
			for key, old := range before {
				counted := old.Status.Objects != after[key].Status.Objects // the witness, in the organization
				if after[key].Metadata.ResourceVersion != old.Metadata.ResourceVersion && !counted {
					t.Errorf("%s was written after the restart", key)
				}
			}
			if mutating := s.sim.Stats().Mutating; mutating != 1 {
				t.Errorf("%d mutating requests after the restart, want one for the new object", mutating)
			}
			s.wantNoLeaks()
		})
	}
}

const witnessManifest = `
apiVersion: wxcc.dev/v1alpha1
kind: WorkType
metadata: {name: witness}
spec: {organizationRef: {name: org}, name: Witness, workTypeCode: IDLE_CODE}
`

func TestLeaderHandsOverOnSIGTERM(t *testing.T) {
	s := newSite(t)
	flags := []string{"--leader-elect", "--leader-election-namespace", operatorNamespace}
	first := s.startManager(flags...)
	s.apply(workTypeManifest)
	s.waitReady("worktype/breaks")
	second := s.startManager(flags...)
	holder := func() string {
		return s.kubectl("--namespace", operatorNamespace, "get", "lease", "wxcc-operator.wxcc.dev", "-o", "jsonpath={.spec.holderIdentity}")
	}
	before := holder()
	if err := first.terminate(soon); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
	if after := holder(); before == "" || after == before {
		t.Errorf("the lease is still held by %q after it ended", after)
	}
	s.apply(witnessManifest)
	s.waitReady("worktype/witness")
	if err := second.terminate(soon); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
}
