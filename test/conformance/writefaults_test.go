package conformance_test

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// writeFaults are the ways in which one write may fail.
func writeFaults() map[string]simulator.FaultRule {
	return map[string]simulator.FaultRule{
		"answer lost":      {LoseAnswer: true},
		"500":              {Status: http.StatusInternalServerError},
		"503":              {Status: http.StatusServiceUnavailable, RetryAfterSeconds: 1},
		"429":              {Status: http.StatusTooManyRequests, RetryAfterSeconds: 1},
		"reset":            {Reset: true},
		"truncated answer": {Truncate: true},
		"late answer":      {LatencyMillis: 3000, Late: true},
	}
}

func TestFailingWritesNeverDoubleAndNeverLose(t *testing.T) {
	t.Parallel()
	for name, effect := range writeFaults() {
		t.Run(name, func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) { failingWrites(t, k, effect) })
		})
	}
}

// failingWrites lets the first write of each phase of a life fail.
func failingWrites(t *testing.T, k *kind, effect simulator.FaultRule) {
	w := newWorld(t, k)
	effect.Times = 1
	w.faults(with(k.writes(), effect))
	r := w.create(k.full("Enduring"))
	created := r.waitReadyWithin(later)
	if one := w.onlyRemote("Enduring"); w.remoteID(one) != created.ID || created.Origin != v1alpha1.OriginCreated {
		t.Errorf("status has id %q origin %q, the object id %q", created.ID, created.Origin, w.remoteID(one))
	}
	w.wantRemote(created.ID, k.wantFull(w))

	w.faults(with(k.writes(), effect))
	r.change(patchOf(k.fields[0].spec, k.fields[0].to))
	if updated := r.waitReadyWithin(later); updated.ID != created.ID {
		t.Errorf("the id changed from %q to %q", created.ID, updated.ID)
	}
	w.onlyRemote("Enduring")
	w.wantRemote(created.ID, map[string]any{k.fields[0].wirePath(): k.fields[0].inWire(w, k.fields[0].to)})

	w.faults(with(k.writes(), effect))
	r.delete()
	r.waitGoneWithin(later)
	if left := w.remotesNamed("Enduring"); len(left) != 0 {
		t.Errorf("%d objects are left", len(left))
	}
}

// A create whose answer is lost may be followed by the deletion of the resource: nothing may be left behind.
func TestDeletionAfterALostCreate(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		lose, fail := with(k.writes(), simulator.FaultRule{LoseAnswer: true, Times: 1}), with(k.reads(), simulator.FaultRule{Status: http.StatusServiceUnavailable})
		fail.Skip = 1
		w.faults(lose, fail)
		r := w.create(k.minimal("Ghost"))
		r.waitReason(soon, v1alpha1.ReasonAmbiguousWrite, v1alpha1.ReasonUnavailable)
		r.delete()
		w.faults()
		r.waitGoneWithin(later)
		if left := w.remotesNamed("Ghost"); len(left) != 0 {
			t.Errorf("the object that the lost answer spoke of is left behind")
		}
	})
}

// A write names the version that it changes. One that is stale is refused, and made again from what is there by then.
//
// Proves: S0.14
func TestStaleVersionIsARetry(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.entity == "" {
			return // call centers have no version
		}
		k.simulator.StrictVersion = true
		w := newWorld(t, k)
		r := w.create(k.full("Versioned"))
		id := r.waitReady().ID
		if version := r.fact("version"); !same(version, 0) {
			t.Errorf("the version of a new object is %v", version)
		}
		w.changeRemote(id, record{}) // a version that the reads below do not show
		w.faults(with(k.reads(), simulator.FaultRule{Stale: true}))
		w.sim.Reset()
		r.change(patchOf(k.fields[0].spec, k.fields[0].to))
		eventually(t, soon, func() error {
			if len(w.sentVersions()) == 0 {
				return errors.New("nothing is written yet")
			}
			return nil
		})
		w.faults()
		r.waitReadyWithin(later)
		w.wantRemote(id, map[string]any{k.fields[0].wirePath(): k.fields[0].to, "version": 2})
		if sent := w.sentVersions(); sent[0] != "0" || sent[len(sent)-1] != "1" {
			t.Errorf("the writes name the versions %v, want the stale one first and 1 at the end\n%s", sent, w.writeLog())
		}
		if slices.ContainsFunc(r.events(), isNameConflict) {
			t.Error("a stale version passes for a taken name")
		}
	})
}

var anyVersion = regexp.MustCompile(`"version":(\d+)`)

// sentVersions are the versions in the updates since the last reset, oldest first; "" where one has none.
func (w *world) sentVersions() []string {
	var versions []string
	for _, request := range w.requestsOf(http.MethodPut, http.MethodPatch) {
		version := ""
		if found := anyVersion.FindStringSubmatch(text(request.Body)); found != nil {
			version = found[1]
		}
		versions = append(versions, version)
	}
	return versions
}

func TestIgnoredFieldIsNamedAndNotHammered(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		f := k.fields[0]
		parts := strings.Split(f.wirePath(), ".")
		w.faults(with(k.writes(), simulator.FaultRule{DropFields: []string{parts[len(parts)-1]}}))
		r := w.create(k.full("Ignored"))
		_, message := r.waitReason(later, v1alpha1.ReasonFieldIgnored)
		if !strings.Contains(message, f.spec) {
			t.Errorf("the message does not name %s: %s", f.spec, message)
		}
		w.sim.Reset()
		throughout(t, 4*time.Second, func() error {
			if writes := w.sim.Stats().Mutating; writes > 1 {
				return fmt.Errorf("%d writes of a field that is ignored", writes)
			}
			return nil
		})
		w.faults()
		r.change(patchOf(f.spec, f.to))
		r.waitReady()
		w.onlyRemote("Ignored")
	})
}

func TestStaleListMakesNoSecondObject(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		w.runManager(managerOptions{settleWindow: 5 * time.Second})
		w.waitConnected()
		w.faults(with(k.reads(), simulator.FaultRule{Stale: true}))
		r := w.create(k.full("Slow to show"))
		eventually(t, soon, func() error {
			if len(w.remotesNamed("Slow to show")) == 0 {
				return fmt.Errorf("not created yet")
			}
			return nil
		})
		r.ask()
		throughout(t, 2*time.Second, func() error {
			if count := len(w.remotesNamed("Slow to show")); count != 1 {
				return fmt.Errorf("%d objects", count)
			}
			return nil
		})
		w.faults()
		r.waitReadyWithin(later)
		w.onlyRemote("Slow to show")

		// Stale after an update: no second write. The write behind the back makes what is there now the stale state.
		w.changeRemote(r.status().ID, record{})
		w.faults(with(k.reads(), simulator.FaultRule{Stale: true}))
		w.sim.Reset()
		r.change(patchOf(k.fields[0].spec, k.fields[0].to))
		throughout(t, 2*time.Second, func() error {
			if writes := w.sim.Stats().Mutating; writes > 2 {
				return fmt.Errorf("%d writes for one change", writes)
			}
			return nil
		})
		w.faults()
		r.waitReadyWithin(later)
	})
}

// Proves: S0.6, S3.41
func TestRejectedWriteQuotesTheService(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		content, quote := k.rejected(w)
		r := w.create(content)
		_, message := r.waitStalled(v1alpha1.ReasonRejected)
		if !strings.Contains(message, quote) {
			t.Errorf("the message does not quote %q: %s", quote, message)
		}
		w.sim.Reset()
		throughout(t, 3*time.Second, func() error {
			if writes := w.sim.Stats().Mutating; writes > 1 {
				return fmt.Errorf("%d writes of what was refused", writes)
			}
			return nil
		})
	})
}
