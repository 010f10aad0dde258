package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"wxcc.dev/operator/api/v1alpha1"
)

// Events of both resources when one goes on managing the object of the other.
const handedOver = "HandedOver"

// newPatientWorld has an operator that keeps what is deleted for longer than this machine takes to apply something.
func newPatientWorld(t *testing.T, k *kind) *world {
	t.Helper()
	w := newWorld(t, k, ownManager)
	w.runManager(managerOptions{deletionGrace: 30 * time.Second})
	w.waitConnected()
	return w
}

// wantHandedOver waits until the new resource manages the object with the id and the origin that it had, and the old one
// is gone; nothing was created or deleted.
func (w *world) wantHandedOver(old, heir *resource, id string, origin v1alpha1.Origin) {
	w.t.Helper()
	old.waitGone()
	if status := heir.waitReadyWithin(later); status.ID != id || status.Origin != origin {
		w.t.Errorf("id %q origin %q, want %q %s handed over", status.ID, status.Origin, id, origin)
	}
	for _, request := range w.requestsOf(http.MethodDelete, http.MethodPost) {
		w.t.Errorf("%s %s: an object that is handed over is neither deleted nor created", request.Method, request.Path)
	}
	old.waitEvent(handedOver, heir.name, id)
	heir.waitEvent(handedOver, old.name, id)
}

// A resource that is renamed in Git: a new one comes, the old one goes, in any order, and the object stays.
func TestObjectOfARenamedResourceIsHandedOver(t *testing.T) {
	for order, rename := range map[string]func(w *world, old *resource, content spec) *resource{
		"new one first": func(w *world, old *resource, content spec) *resource {
			heir := w.create(content)
			heir.waitStalled(v1alpha1.ReasonDuplicate)
			old.delete()
			return heir
		},
		"new one first, at once": func(w *world, old *resource, content spec) *resource {
			heir := w.create(content)
			old.delete()
			return heir
		},
		"old one first": func(w *world, old *resource, content spec) *resource {
			old.delete()
			return w.create(content)
		},
		"old one first, a second between": func(w *world, old *resource, content spec) *resource {
			old.delete()
			throughout(w.t, time.Second, func() error { old.read(); return nil })
			return w.create(content)
		},
	} {
		t.Run(order, func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) {
				w := newPatientWorld(t, k)
				old := w.create(k.full("Renamed in Git"))
				id := old.waitReady().ID
				w.sim.Reset()
				heir := rename(w, old, k.full("Renamed in Git").with("adoptionPolicy", "Never"))
				w.wantHandedOver(old, heir, id, v1alpha1.OriginCreated)
				w.wantNoWrites()
			})
		})
	}
}

func TestHandoverBringsTheNewSpec(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newPatientWorld(t, k)
		old := w.create(k.full("Changed too"))
		id := old.waitReady().ID
		w.sim.Reset()
		f := k.fields[0]
		old.delete()
		heir := w.create(k.full("Changed too").with(f.spec, f.to))
		w.wantHandedOver(old, heir, id, v1alpha1.OriginCreated)
		w.wantRemote(id, map[string]any{f.wirePath(): f.inWire(w, f.to)})
		if writes := w.sim.Stats().Mutating; writes != 1 {
			t.Errorf("%d writes, want the change\n%s", writes, w.writeLog())
		}
	})
}

// What was adopted stays adopted, whatever the policy of the resource that takes it over.
func TestHandoverKeepsTheOrigin(t *testing.T) {
	for _, policy := range []string{"", "Delete", "Retain"} {
		t.Run(policy, func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) {
				w := newPatientWorld(t, k)
				id := w.addRemote(k.remoteFull(w, "Adopted"))
				content := k.full("Adopted")
				if policy != "" {
					content = content.with("deletionPolicy", policy)
				}
				old := w.create(content)
				old.waitReady()
				w.sim.Reset()
				heir := w.create(content.with("adoptionPolicy", "Never"))
				heir.waitStalled(v1alpha1.ReasonDuplicate)
				old.delete()
				w.wantHandedOver(old, heir, id, v1alpha1.OriginAdopted)
				w.wantNoWrites()
			})
		})
	}
}

// The process may end when the new resource has the object and the old one has not gone yet.
func TestHandoverSurvivesTheEndOfTheProcess(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		var refused atomic.Int32
		first := w.runManager(managerOptions{deletionGrace: 30 * time.Second, intercept: interceptor.Funcs{
			Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
				if object.GetDeletionTimestamp() != nil && !controllerutil.ContainsFinalizer(object, v1alpha1.Finalizer) {
					refused.Add(1)
					return errRefused
				}
				return c.Patch(ctx, object, patch, options...)
			},
		}})
		w.waitConnected()
		old := w.create(k.full("Half way"))
		id := old.waitReady().ID
		w.sim.Reset()
		old.delete()
		heir := w.create(k.full("Half way"))
		eventually(t, soon, func() error {
			if heir.status().ID == "" || refused.Load() == 0 {
				return errors.New("the process is not half way yet")
			}
			return nil
		})
		heir.waitEvent(handedOver, old.name, id) // events are sent in the background
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		w.runManager(managerOptions{deletionGrace: 30 * time.Second})
		w.wantHandedOver(old, heir, id, v1alpha1.OriginCreated)
		w.wantNoWrites()
	})
}

// A resource that means the object and cannot take it over keeps it from being deleted, and the old one says what to do.
func TestHandoverWaitsForAResourceThatCannotTakeOver(t *testing.T) {
	for name, row := range map[string]struct {
		blocked, mended spec
		says            string
	}{
		"suspended": {spec{"suspend": true}, spec{"suspend": false}, "spec.suspend"},
		"Observe":   {spec{"managementPolicy": "Observe"}, spec{"managementPolicy": "Enforce"}, "managementPolicy"},
	} {
		for _, mend := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, mended %t", name, mend), func(t *testing.T) {
				forEachKind(t, func(t *testing.T, k *kind) {
					w := newWorld(t, k)
					old := w.create(k.full("Kept for another"))
					id := old.waitReady().ID
					w.sim.Reset()
					content := k.full("Kept for another")
					for path, value := range row.blocked {
						content = content.with(path, value)
					}
					heir := w.create(content)
					old.delete()
					_, message := old.waitReason(soon, v1alpha1.ReasonHandingOver)
					for _, part := range []string{heir.name, row.says, "deletionPolicy: Retain"} {
						if !strings.Contains(message, part) {
							t.Errorf("the message does not hold %q: %s", part, message)
						}
					}
					throughout(t, deletionGrace+2*time.Second, func() error {
						if writes := w.sim.Stats().Mutating; writes != 0 {
							return fmt.Errorf("%d writes\n%s", writes, w.writeLog())
						}
						return nil
					})
					if mend {
						heir.change(row.mended)
						w.wantHandedOver(old, heir, id, v1alpha1.OriginCreated)
						w.wantNoWrites()
						return
					}
					heir.delete()
					heir.waitGone()
					old.waitGone()
					w.wantNone("Kept for another")
				})
			})
		}
	}
}

// After the grace the object goes, and what comes then makes its own.
func TestDeletionWaitsForTheGraceAndNoLonger(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		old := w.create(k.minimal("Too late"))
		id := old.waitReady().ID
		before := old.read()
		old.delete()
		deleted := time.Now()
		versions := map[string]bool{}
		eventually(t, soon, func() error {
			object := old.empty()
			if cluster.client.Get(t.Context(), keyOf(object), object) == nil {
				versions[object.GetResourceVersion()] = true
			}
			if len(w.requestsOf(http.MethodDelete)) == 0 && len(w.remotesNamed("Too late")) == 1 {
				return errors.New("the object is there yet")
			}
			return nil
		})
		if waited := time.Since(deleted); waited < deletionGrace-time.Second {
			t.Errorf("the object was deleted after %s, want %s", waited, deletionGrace)
		}
		delete(versions, before.GetResourceVersion())
		if len(versions) > 1 {
			t.Errorf("%d writes while the deletion waited, want none but the deletion itself", len(versions)-1)
		}
		old.waitGone()
		heir := w.create(k.minimal("Too late"))
		if status := heir.waitReady(); status.Origin != v1alpha1.OriginCreated || k.entity != "" && status.ID == id {
			t.Errorf("id %q origin %q, want a new object", status.ID, status.Origin)
		}
		w.onlyRemote("Too late")
	})
}

// A work type and the codes that refer to it get new resource names in one commit.
func TestWorkTypeRenamedTogetherWithItsCodes(t *testing.T) {
	t.Parallel()
	const codes = 5
	for _, order := range []string{"apply first", "prune first", "codes first"} {
		t.Run(order, func(t *testing.T) {
			t.Parallel()
			w := newPatientWorld(t, auxiliaryCode())
			types := *w
			types.kind = workType()
			code := func(i int, target string) spec {
				return w.kind.minimal(fmt.Sprintf("Code %d", i)).with("workTypeRef", map[string]any{"name": target})
			}
			all := map[*resource]string{}
			oldType := types.createNamed("breaks", types.kind.minimal("Breaks"))
			typeID := oldType.waitReady().ID
			var old, heirs []*resource
			for i := range codes {
				r := w.createNamed(fmt.Sprintf("code-%d", i), code(i, "breaks"))
				all[r] = r.waitReady().ID
				old = append(old, r)
			}
			w.sim.Reset()
			var newType *resource
			steps := map[string]func(){
				"type": func() { newType = types.createNamed("team-breaks", types.kind.minimal("Breaks")) },
				"codes": func() {
					for i := range codes {
						heirs = append(heirs, w.createNamed(fmt.Sprintf("team-code-%d", i), code(i, "team-breaks")))
					}
				},
				"prune": func() {
					oldType.delete()
					for _, r := range old {
						r.delete()
					}
				},
			}
			for _, step := range map[string][]string{
				"apply first": {"type", "codes", "prune"}, "prune first": {"prune", "type", "codes"}, "codes first": {"codes", "prune", "type"},
			}[order] {
				steps[step]()
			}
			if status := newType.waitReadyWithin(later); status.ID != typeID {
				t.Errorf("the work type has id %q, had %q", status.ID, typeID)
			}
			for i, r := range heirs {
				if status := r.waitReadyWithin(later); status.ID != all[old[i]] {
					t.Errorf("code %d has id %q, had %q", i, status.ID, all[old[i]])
				}
				old[i].waitGone()
			}
			oldType.waitGone()
			w.wantNoWrites()
		})
	}
}
