package conformance_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// hideCreate makes the next create succeed without an answer, after a while, and reads not show it.
func (w *world) hideCreate(after time.Duration) {
	w.t.Helper()
	lost := simulator.FaultRule{Method: http.MethodPost, Path: w.kind.pathPattern(), Times: 1, LoseAnswer: true, LatencyMillis: int(after.Milliseconds())}
	w.faults(lost, with(w.kind.reads(), simulator.FaultRule{Stale: true}))
}

// waitMade waits until the remote service holds an object of this name, whatever its reads show.
func (w *world) waitMade(name string) {
	w.t.Helper()
	eventually(w.t, soon, func() error {
		if len(w.remotesNamed(name)) == 0 {
			return fmt.Errorf("no remote object named %q yet", name)
		}
		return nil
	})
}

// posts counts the creates of the kind since the last reset of the request log.
func (w *world) posts() int { return len(w.requestsOf(http.MethodPost)) }

// The create may take longer than the settle window, which counts from its end: the object still shows too late.
func TestUnansweredCreateThatShowsLateMakesOneObject(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		w.runManager(managerOptions{settleWindow: 3 * time.Second})
		w.waitConnected()
		w.hideCreate(4 * time.Second)
		r := w.create(k.full("Slow to show"))
		w.waitMade("Slow to show")
		throughout(t, 1500*time.Millisecond, func() error {
			if made := len(w.remotesNamed("Slow to show")); made != 1 {
				return fmt.Errorf("%d objects", made)
			}
			return nil
		})
		w.faults()
		status := r.waitReadyWithin(later)
		if one := w.onlyRemote("Slow to show"); status.ID != w.remoteID(one) || status.Origin != v1alpha1.OriginCreated {
			t.Errorf("status has id %q origin %q, the object id %q", status.ID, status.Origin, w.remoteID(one))
		}
		if posts := w.posts(); posts != 1 {
			t.Errorf("%d creates\n%s", posts, w.writeLog())
		}
	})
}

// The resource is deleted while the object does not show yet: the deletion waits for it.
func TestDeletionWaitsForWhatAnUnansweredCreateMade(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		// After the window the object would count as never made: none of the steps below may take that long, on a busy
		// machine either.
		w.runManager(managerOptions{settleWindow: 20 * time.Second})
		w.waitConnected()
		w.hideCreate(0)
		r := w.create(k.minimal("Never told"))
		w.waitMade("Never told")
		r.waitReason(soon, v1alpha1.ReasonAmbiguousWrite, v1alpha1.ReasonVerifying)
		r.delete()
		throughout(t, time.Second, func() error {
			if object := r.read(); len(object.GetFinalizers()) == 0 {
				return fmt.Errorf("the finalizer is off")
			}
			return nil
		})
		w.faults()
		r.waitGoneWithin(later)
		w.wantNone("Never told")
	})
}

// Nor is it left behind when the process that made it ended before it could note the id.
func TestDeletionAfterARestartFindsWhatAnUntoldCreateMade(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		var f refusal
		f.armed.Store(1)
		first := w.runManager(managerOptions{intercept: f.funcs()})
		w.waitConnected()
		r := w.create(k.minimal("Untold"))
		f.waitUsed(w)
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		if status := r.status(); status.ID != "" {
			t.Fatalf("the status knows the id already: %s", describe(status))
		}
		w.onlyRemote("Untold")
		r.delete()
		w.runManager(managerOptions{})
		r.waitGoneWithin(later)
		w.wantNone("Untold")
	})
}

// wantNone fails if an object of this name is left.
func (w *world) wantNone(name string) {
	w.t.Helper()
	if left := w.remotesNamed(name); len(left) != 0 {
		w.t.Errorf("%d remote objects named %q are left\n%s", len(left), name, w.writeLog())
	}
}

// deletionPolicy Delete is for what is managed: what was only observed, or refused, stays.
func TestDeletionOfWhatWasNeverManagedDeletesNothing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reason  v1alpha1.Reason
		content func(k *kind) spec
	}{
		"observed":              {v1alpha1.ReasonObserved, func(k *kind) spec { return observing(k.full("Foreign")) }},
		"observed, differing":   {v1alpha1.ReasonObserved, func(k *kind) spec { return observing(differing(k, "Foreign")) }},
		"adoption Never":        {v1alpha1.ReasonNameConflict, func(k *kind) spec { return k.full("Foreign").with("adoptionPolicy", "Never") }},
		"adoption if identical": {v1alpha1.ReasonNameConflict, func(k *kind) spec { return differing(k, "Foreign") }},
	} {
		t.Run(name, func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) {
				w := newWorld(t, k)
				w.addRemote(k.remoteFull(w, "Foreign"))
				r := w.create(row.content(k).with("deletionPolicy", "Delete"))
				r.waitReason(soon, row.reason)
				r.delete()
				r.waitGone()
				w.onlyRemote("Foreign")
				w.wantNoWrites()
			})
		})
	}
}

// An object that somebody makes after the resource looks as if it were ours by its date. Observing it claims nothing.
func TestDeletionOfAnObservedObjectThatIsYoungerThanTheResource(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(observing(k.full("Young")).with("deletionPolicy", "Delete"))
		r.waitReason(soon, v1alpha1.ReasonNotFound)
		young := k.remoteFull(w, "Young")
		delete(young, "createdTime")
		w.addRemote(young)
		r.check()
		r.waitReason(soon, v1alpha1.ReasonObserved)
		r.delete()
		r.waitGone()
		w.onlyRemote("Young")
		w.wantNoWrites()
	})
}

// A resource that managed its object once and only observes it now deletes nothing, whatever deletionPolicy says.
func TestDeletionUnderObserveDeletesNothing(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Handed over").with("deletionPolicy", "Delete"))
		r.waitReady()
		r.change(patchOf("managementPolicy", "Observe"))
		r.waitReason(soon, v1alpha1.ReasonObserved)
		w.sim.Reset()
		r.delete()
		r.waitGone()
		w.onlyRemote("Handed over")
		w.wantNoWrites()
	})
}
