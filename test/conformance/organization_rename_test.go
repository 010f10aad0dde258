package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

const renamedOrganization = "renamed"

// A WebexOrganization gets another resource name in Git, and its objects refer to it by that, in any order.
func TestOrganizationRenamedInGit(t *testing.T) {
	for _, order := range [][]string{
		{"delete", "create", "point"}, {"create", "delete", "point"}, {"point", "create", "delete"},
		{"point", "delete", "create"}, {"create", "point", "delete"}, {"delete", "point", "create"},
	} {
		t.Run(strings.Join(order, " "), func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) {
				w := newWorld(t, k)
				var all []*resource
				ids := map[*resource]string{}
				for i := range 3 {
					r := w.create(k.minimal(fmt.Sprintf("Stays %d", i)))
					all = append(all, r)
				}
				for _, r := range all {
					ids[r] = r.waitReady().ID
				}
				w.sim.Reset()
				steps := map[string]func(){
					"delete": w.deleteOrganization,
					"create": func() {
						w.mustCreate(w.newOrganization(func(o *v1alpha1.WebexOrganization) { o.Name = renamedOrganization }))
					},
					"point": func() {
						for _, r := range all {
							r.change(spec{"organizationRef": map[string]any{"name": renamedOrganization}})
						}
					},
				}
				for _, step := range order {
					steps[step]()
				}
				for _, r := range all {
					if status := r.waitReadyWithin(later); status.ID != ids[r] || status.Origin != v1alpha1.OriginCreated {
						t.Errorf("id %q origin %q, was %q Created", status.ID, status.Origin, ids[r])
					}
				}
				w.waitOrganizationGone()
				w.wantNoWrites()
			})
		})
	}
}

// Objects that still refer to a deleted organization are told where they can go, and so is the organization.
func TestDeletedOrganizationNamesItsReplacement(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.minimal("Left behind"))
		r.waitReady()
		w.deleteOrganization()
		w.mustCreate(w.newOrganization(func(o *v1alpha1.WebexOrganization) { o.Name = renamedOrganization }))
		eventually(t, soon, func() error {
			message := w.waitOrganization(soon, v1alpha1.ReasonHasDependents)
			if !strings.Contains(message, renamedOrganization) || !strings.Contains(message, "organizationRef") {
				return fmt.Errorf("the message does not name the way out: %s", message)
			}
			return nil
		})
		r.ask()
		if _, message := r.waitReason(soon, v1alpha1.ReasonOrganizationNotReady); !strings.Contains(message, "organizationRef") {
			t.Errorf("the message does not name the way out: %s", message)
		}
		r.change(spec{"organizationRef": map[string]any{"name": renamedOrganization}})
		r.waitReady()
		w.waitOrganizationGone()
	})
}
