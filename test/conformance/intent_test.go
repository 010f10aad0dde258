package conformance_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// madeNow is an object that somebody else makes now, and that equals the full spec but for one field.
func (w *world) madeNow(name string) (id string) {
	w.t.Helper()
	made := w.kind.remoteFull(w, name)
	delete(made, "createdTime")
	f := w.kind.fields[0]
	made.put(f.wirePath(), f.inWire(w, f.to))
	return w.addRemote(made)
}

// Somebody makes an object while a resource of that name waits or is suspended. The resource is older, and yet the object
// is somebody else's: it is not taken over, not changed and not deleted, not by the next process either.
// Proves: S0.3
func TestWhatSomebodyMakesWhileAResourceWaitsIsNotOurs(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		start  func(w *world) *resource
		resume func(w *world, r *resource)
	}{
		"suspended": {
			start: func(w *world) *resource {
				r := w.create(w.kind.full("Contested").with("adoptionPolicy", "Never").with("deletionPolicy", "Delete").with("suspend", true))
				r.waitReason(soon, v1alpha1.ReasonSuspended)
				return r
			},
			resume: func(_ *world, r *resource) { r.change(patchOf("suspend", false)) },
		},
		"without organization": {
			start: func(w *world) *resource {
				r := w.create(w.kind.full("Contested").with("adoptionPolicy", "Never").with("deletionPolicy", "Delete"))
				r.waitReason(soon, v1alpha1.ReasonWaitingForOrganization)
				return r
			},
			resume: func(w *world, _ *resource) { w.mustCreate(w.newOrganization()) },
		},
		"observing": {
			start: func(w *world) *resource {
				r := w.create(observing(w.kind.full("Contested")).with("adoptionPolicy", "Never").with("deletionPolicy", "Delete"))
				r.waitReason(soon, v1alpha1.ReasonNotFound)
				return r
			},
			resume: func(_ *world, r *resource) { r.change(patchOf("managementPolicy", "Enforce")) },
		},
		"create refused": {
			start: func(w *world) *resource {
				rule := w.kind.writes()
				rule.Status, rule.Body = http.StatusBadRequest, `{"trackingId":"t-1","error":{"key":"400","message":[{"description":"no licence"}]}}`
				w.faults(rule)
				r := w.create(w.kind.full("Contested").with("adoptionPolicy", "Never").with("deletionPolicy", "Delete"))
				r.waitStalled(v1alpha1.ReasonRejected)
				w.faults()
				w.sim.Reset()
				return r
			},
			resume: func(_ *world, r *resource) { r.ask() },
		},
	} {
		t.Run(name, func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) {
				w := emptyWorld(t, k, ownManager)
				first := w.runManager(managerOptions{})
				if name == "without organization" {
					w.createCredentials()
				} else {
					w.createOrganization()
					w.waitConnected()
				}
				r := row.start(w)
				id := w.madeNow("Contested")
				before := text(w.onlyRemote("Contested"))
				if err := first.stop(); err != nil {
					t.Fatal(err)
				}
				w.runManager(managerOptions{})
				row.resume(w, r)
				status, _ := r.waitReason(later, v1alpha1.ReasonNameConflict, v1alpha1.ReasonSynced)
				if status.Origin != "" {
					t.Errorf("object %s was taken over as %s", id, status.Origin)
				}
				r.delete()
				r.waitGone()
				if after := text(w.onlyRemote("Contested")); after != before {
					t.Errorf("the object became %s, was %s", after, before)
				}
				w.wantNoWrites()
			})
		})
	}
}

// The annotation of another resource, copied with its manifest, proves nothing.
func TestACopiedIntentProvesNothing(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		first := w.create(k.full("Original"))
		running := w.runManager(managerOptions{})
		w.waitConnected()
		first.waitReady()
		if err := running.stop(); err != nil {
			t.Fatal(err)
		}
		intent := first.read().GetAnnotations()[v1alpha1.CreateIntentAnnotation]
		if intent == "" {
			t.Fatal("the create left no intent")
		}
		copied := w.create(k.full("Original").with("adoptionPolicy", "Never"))
		copied.patch(map[string]any{"metadata": map[string]any{"annotations": map[string]any{v1alpha1.CreateIntentAnnotation: intent}}})
		first.patch(map[string]any{"metadata": map[string]any{"finalizers": nil}})
		first.delete()
		first.waitGone()
		w.sim.Reset()
		w.runManager(managerOptions{})
		copied.waitReason(later, v1alpha1.ReasonNameConflict)
		w.wantNoWrites()
	})
}

// creating starts a manager and ends it while the create of a resource is under way, unanswered.
func (w *world) creating(content spec, name string) *resource {
	w.t.Helper()
	running := w.runManager(managerOptions{})
	w.waitConnected()
	w.faults(simulator.FaultRule{Method: http.MethodPost, Path: w.kind.pathPattern(), Times: 1, LatencyMillis: 60_000, Late: true})
	r := w.create(content)
	w.waitMade(name)
	if err := running.stop(); err != nil {
		w.t.Fatal(err)
	}
	w.faults()
	if status := r.status(); status.ID != "" {
		w.t.Fatalf("the status knows the id already: %s", describe(status))
	}
	return r
}

// The manager is killed during the create and the spec gets another name before it is back: one object, renamed, ours.
// Proves: S3.8
func TestRenamedAfterAKillDuringTheCreate(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		content := k.full("Before")
		r := w.creating(content, "Before")
		made := w.remoteID(w.onlyRemote("Before"))
		r.change(patchOf("name", "After"))
		w.runManager(managerOptions{})
		status := r.waitReadyWithin(later)
		w.wantNone("Before")
		if one := w.onlyRemote("After"); w.remoteID(one) != made || status.ID != made || status.Origin != v1alpha1.OriginCreated {
			t.Errorf("status has id %q origin %q, made was %q\n%s", status.ID, status.Origin, made, w.writeLog())
		}
	})
}

// The same, and then the resource is deleted: nothing is left.
func TestRenamedAndDeletedAfterAKillDuringTheCreate(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		r := w.creating(k.full("Before"), "Before")
		r.change(patchOf("name", "After"))
		r.delete()
		w.runManager(managerOptions{})
		r.waitGoneWithin(later)
		w.wantNone("Before")
		w.wantNone("After")
	})
}

// An object that was deleted at the service is made again, and the manager is killed during that create: the new object is
// ours like the first.
func TestKilledWhileCreatingAgain(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		running := w.runManager(managerOptions{})
		w.waitConnected()
		r := w.create(k.full("Phoenix"))
		old := r.waitReady()
		// Status keeps times in whole seconds: the second create is later by its clock, too.
		eventually(t, soon, func() error {
			if time.Since(old.LastChange.Time.Time) < 2*time.Second {
				return fmt.Errorf("too soon")
			}
			return nil
		})
		w.deleteRemote(old.ID)
		w.faults(simulator.FaultRule{Method: http.MethodPost, Path: k.pathPattern(), Times: 1, LatencyMillis: 60_000, Late: true})
		r.ask()
		w.waitMade("Phoenix")
		if err := running.stop(); err != nil {
			t.Fatal(err)
		}
		w.faults()
		w.runManager(managerOptions{})
		status := r.wait(later, func(_ *unstructured.Unstructured, status v1alpha1.ConfigStatus) error {
			if one := w.onlyRemote("Phoenix"); status.ID != w.remoteID(one) {
				return fmt.Errorf("not found yet")
			}
			return nil
		})
		if status.Origin != v1alpha1.OriginCreated {
			t.Errorf("origin is %q", status.Origin)
		}
		if k.idField() == "id" && status.ID == old.ID {
			t.Errorf("the id is still %q", old.ID)
		}
	})
}

// The service's clock is hours off, or is set while we create: our own object stays our own, for this process and the next.
func TestClockOfTheServiceIsOff(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"ahead": 2 * time.Hour, "behind": -2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) {
				w := newWorld(t, k, ownManager)
				running := w.runManager(managerOptions{})
				w.waitConnected()
				w.create(k.minimal("First listed")).waitReady()
				w.sim.MoveClock(ahead) // after the first listing
				w.faults(simulator.FaultRule{Method: http.MethodPost, Path: k.pathPattern(), Times: 1, LoseAnswer: true})
				same := w.create(k.full("Same process"))
				if status := same.waitReadyWithin(later); status.Origin != v1alpha1.OriginCreated {
					t.Errorf("origin is %q in the same process", status.Origin)
				}
				w.faults(simulator.FaultRule{Method: http.MethodPost, Path: k.pathPattern(), Times: 1, LatencyMillis: 60_000, Late: true})
				next := w.create(k.minimal("Next process"))
				w.waitMade("Next process")
				if err := running.stop(); err != nil {
					t.Fatal(err)
				}
				w.faults()
				w.runManager(managerOptions{})
				if status := next.waitReadyWithin(later); status.Origin != v1alpha1.OriginCreated {
					t.Errorf("origin is %q in the next process", status.Origin)
				}
				w.onlyRemote("Same process")
				w.onlyRemote("Next process")
			})
		})
	}
}

// A former process has said that it is about to create and has perhaps sent it: the service may still be at work on it. Where
// it would take a second object of the name, nothing is created before that can be over.
func TestCreateOfAFormerProcessIsWaitedFor(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if !k.namesakes {
			t.Skip("the service refuses a second object of one name")
		}
		w := newWorld(t, k, ownManager)
		r := w.create(k.full("On its way"))
		intent := fmt.Sprintf(`{"name":"On its way","time":%q,"uid":%q}`, time.Now().UTC().Format(time.RFC3339Nano), r.read().GetUID())
		r.patch(map[string]any{"metadata": map[string]any{
			"finalizers":  []string{v1alpha1.Finalizer},
			"annotations": map[string]any{v1alpha1.CreateIntentAnnotation: intent},
		}})
		w.runManager(managerOptions{})
		r.waitReason(soon, v1alpha1.ReasonVerifying)
		throughout(t, 3*settleWindow, func() error {
			if w.posts() != 0 {
				return fmt.Errorf("created while the other create may be under way")
			}
			return nil
		})
		id := w.addRemote(k.remoteFull(w, "On its way"))
		if status := r.waitReadyWithin(later); status.ID != id || status.Origin != v1alpha1.OriginCreated || w.posts() != 0 {
			t.Errorf("id %q origin %q after %d creates, want %q", status.ID, status.Origin, w.posts(), id)
		}
	})
}
