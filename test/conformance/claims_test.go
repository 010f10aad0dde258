package conformance_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

const secondGroup = "branch"

// addGroup gives the tenant a second group with departments and numbers of its own.
func (w *world) addGroup() {
	seed := w.gatewaySeed()
	other := seed.Tenants[tenant][group]
	other.PhoneNumbers = nil
	seed.Tenants[tenant][secondGroup] = other
	w.sim.SetGateway(seed)
}

// centersIn are the call centers of a group.
func (w *world) centersIn(groupID string) []record {
	w.t.Helper()
	var all []record
	w.behind(http.MethodGet, "callcenters/"+tenant+"/"+groupID, nil, &all)
	return all
}

// Proves: S3.1
func TestOneNameInTwoGroupsIsTwoCallCenters(t *testing.T) {
	t.Parallel()
	for _, k := range []*kind{callCenter("CallCenterSession", v1alpha1.GatewaySession), generatedCallCenter()} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			w := emptyWorld(t, k)
			w.addGroup()
			w.createOrganization()
			w.waitConnected()
			contents := map[string]spec{group: k.minimal("Reception"), secondGroup: k.minimal("Reception").with("groupID", secondGroup)}
			if !k.namesakes {
				contents[secondGroup] = contents[secondGroup].with("serviceUserID", serviceUserID("Reception of the branch"))
			}
			all := map[string]*resource{}
			for groupID, content := range contents {
				all[groupID] = w.create(content)
			}
			for groupID, r := range all {
				status := r.waitReady()
				made := w.centersIn(groupID)
				if len(made) != 1 || w.remoteID(made[0]) != status.ID || status.Origin != v1alpha1.OriginCreated {
					t.Errorf("group %s holds %v, status has id %q origin %q", groupID, made, status.ID, status.Origin)
				}
			}
			all[group].delete()
			all[group].waitGone()
			if here, there := len(w.centersIn(group)), len(w.centersIn(secondGroup)); here != 0 || there != 1 {
				t.Errorf("%d and %d call centers are left, want none and the other group's", here, there)
			}
		})
	}
}

// A duplicate is Ready soon after the other resource was deleted, with the object and the origin that one had.
func TestDuplicateResolvesWhenTheHolderGoes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		policy string
		asked  bool
		origin v1alpha1.Origin
	}{
		{"Retain", true, v1alpha1.OriginAdopted},
		{"Retain", false, v1alpha1.OriginAdopted},
		{"Delete", true, v1alpha1.OriginAdopted},
		{"Delete", false, v1alpha1.OriginAdopted},
	} {
		t.Run(fmt.Sprintf("%s, asked %t", row.policy, row.asked), func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) {
				w := newWorld(t, k)
				id := w.addRemote(k.remote(w, "Contested"))
				holder := w.create(k.minimal("Contested").with("deletionPolicy", row.policy))
				holder.waitReady()
				second := w.create(k.minimal("Contested"))
				second.waitStalled(v1alpha1.ReasonDuplicate)
				holder.delete()
				holder.waitGone()
				if row.asked {
					second.check()
				}
				status := second.waitReadyWithin(later)
				if status.Origin != row.origin || status.ID != id {
					t.Errorf("id %q origin %q, want %s; the object had id %q", status.ID, status.Origin, row.origin, id)
				}
				w.onlyRemote("Contested")
			})
		})
	}
}

// conflictOverASpelling makes a resource whose name somebody else's object has in other letters.
func (w *world) conflictOverASpelling() (id string, r *resource) {
	w.t.Helper()
	for i := range 120 { // more than a page: look-ups go by filter
		w.addRemote(w.kind.remote(w, fmt.Sprintf("Filler %d", i)))
	}
	w.create(w.kind.minimal("Witness")).waitReady() // the listing is known
	id = w.addRemote(w.kind.remoteFull(w, "lunch"))
	w.sim.Reset()
	r = w.create(differing(w.kind, "Lunch"))
	r.waitStalled(v1alpha1.ReasonNameConflict)
	return id, r
}

// A look-up by name may be exact where the service's own rule is not: the refused create leads to the other spelling,
// and to a state that needs a person, not to the same create again.
func TestNameThatDiffersInCaseIsAConflictAndNotHammered(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if !k.paged {
			t.Skip("names are not unique, or every look reads all")
		}
		w := newWorld(t, k)
		id, _ := w.conflictOverASpelling()
		if posts := w.posts(); posts != 1 {
			t.Errorf("%d creates, want the one that is refused\n%s", posts, w.writeLog())
		}
		w.sim.Reset()
		throughout(t, 5*time.Second, func() error {
			if requests := w.sim.Stats().Requests; requests != 0 {
				return fmt.Errorf("%d requests of an object that waits for a person\n%s", requests, w.writeLog())
			}
			return nil
		})
		w.wantRemote(id, map[string]any{k.nameField(): "lunch"})
	})
}

func TestConflictOverASpellingEndsWithTheOtherObject(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if !k.paged {
			t.Skip("names are not unique, or every look reads all")
		}
		w := newWorld(t, k)
		id, r := w.conflictOverASpelling()
		w.deleteRemote(id)
		r.check()
		r.waitReady()
		w.onlyRemote("Lunch")
	})
}

// withholdLists makes listings come empty, while single objects can be read.
func (k *kind) withholdLists() simulator.FaultRule {
	if k.entity == "" {
		return simulator.FaultRule{Method: http.MethodGet, Path: `/call_centers/$`, Status: http.StatusOK, Body: `{"call_centers":[]}`}
	}
	return simulator.FaultRule{
		Method: http.MethodGet, Path: `^/organization/[^/]+/v[0-9]/` + k.entity + `$`, Status: http.StatusOK,
		Body: `{"meta":{"page":0,"pageSize":100,"totalPages":1,"totalRecords":0},"data":[]}`,
	}
}

func TestObjectThatAListingSkipsIsNotCreatedAgain(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		w.addRemote(k.remoteFull(w, "Skipped"))
		r := w.create(k.full("Skipped"))
		before := r.waitReady()
		w.sim.Reset()
		w.faults(k.withholdLists())
		r.ask()
		eventually(t, soon, func() error {
			if len(w.requestsOf(http.MethodGet)) < 3 {
				return fmt.Errorf("no look yet that found the object missing")
			}
			return nil
		})
		throughout(t, 3*time.Second, func() error {
			if writes := w.sim.Stats().Mutating; writes != 0 {
				return fmt.Errorf("%d writes for an object that is there\n%s", writes, w.writeLog())
			}
			return nil
		})
		w.faults()
		r.check()
		if status := r.waitReady(); status.ID != before.ID || status.Origin != v1alpha1.OriginAdopted {
			t.Errorf("id %q origin %q, want %q still adopted", status.ID, status.Origin, before.ID)
		}
		w.onlyRemote("Skipped")
		w.wantNoWrites()
	})
}
