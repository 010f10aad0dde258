package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// readFault is a way for reads to fail and what the condition then says.
type readFault struct {
	name    string
	effect  simulator.FaultRule
	reasons []v1alpha1.Reason
	// says is in the message.
	says string
	// lasting: it looks like a mistake of the configuration, which is not tried again soon.
	lasting bool
}

func readFaults() []readFault {
	status := func(code int, body string, reasons ...v1alpha1.Reason) readFault {
		return readFault{name: fmt.Sprint(code), effect: simulator.FaultRule{Status: code, Body: body}, reasons: reasons, says: fmt.Sprint(code)}
	}
	limited := status(http.StatusTooManyRequests, "", v1alpha1.ReasonRateLimited)
	limited.effect.RetryAfterSeconds, limited.says = 2, ""
	refused := status(http.StatusUnauthorized, "", v1alpha1.ReasonUnauthorized, v1alpha1.ReasonOrganizationNotReady)
	refused.says = ""
	missing := status(http.StatusNotFound, "<html>not here</html>", v1alpha1.ReasonInvalidResponse, v1alpha1.ReasonRejected)
	missing.lasting = true
	return []readFault{
		refused,
		// A refusal of the token as a whole ends the calls of all objects; see the organization's conditions.
		status(http.StatusForbidden, `{"message":"no scope"}`, v1alpha1.ReasonForbidden, v1alpha1.ReasonOrganizationNotReady),
		missing,
		limited,
		status(http.StatusInternalServerError, "", v1alpha1.ReasonUnavailable),
		status(http.StatusServiceUnavailable, "", v1alpha1.ReasonUnavailable),
		{name: "reset", effect: simulator.FaultRule{Reset: true}, reasons: []v1alpha1.Reason{v1alpha1.ReasonUnavailable}, says: "reset"},
		{name: "truncated", effect: simulator.FaultRule{Truncate: true}, reasons: []v1alpha1.Reason{v1alpha1.ReasonInvalidResponse}},
		{name: "hanging", effect: simulator.FaultRule{LatencyMillis: 120_000}, reasons: []v1alpha1.Reason{v1alpha1.ReasonUnavailable}},
	}
}

// with puts the effect of a fault onto the routes of a rule.
func with(route, effect simulator.FaultRule) simulator.FaultRule {
	effect.Method, effect.Path = route.Method, route.Path
	return effect
}

func TestFailingReadsConcludeNothing(t *testing.T) {
	t.Parallel()
	for _, fault := range readFaults() {
		t.Run(fault.name, func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) { failingReads(t, k, fault) })
		})
	}
}

func failingReads(t *testing.T, k *kind, fault readFault) {
	w := newWorld(t, k)
	existing := w.create(k.full("Existing"))
	before := existing.waitReady()
	w.sim.Reset()
	w.faults(with(k.reads(), fault.effect))
	existing.ask()
	fresh := w.create(k.minimal("New"))
	for _, r := range []*resource{existing, fresh} {
		_, message := r.waitReason(later, fault.reasons...)
		if !strings.Contains(message, fault.says) {
			t.Errorf("%s: the message does not name the cause %q: %s", r.name, fault.says, message)
		}
	}
	status := existing.status()
	if status.ID != before.ID || status.Origin != before.Origin {
		t.Errorf("the id was %q %s and is %q %s", before.ID, before.Origin, status.ID, status.Origin)
	}
	w.wantNoWrites()

	w.faults()
	if fault.effect.LatencyMillis > 0 {
		w.cutConnections()
	}
	if fault.lasting {
		existing.ask()
		fresh.ask()
	}
	if status := existing.waitReadyWithin(later); status.ID != before.ID {
		t.Errorf("the id changed from %q to %q", before.ID, status.ID)
	}
	fresh.waitReadyWithin(later)
	w.onlyRemote("Existing")
	w.onlyRemote("New")
}

// A service that asks to wait is left alone by all objects, not only by the one that was told.
func TestRetryAfterHoldsEverybody(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		w.sim.Reset()
		w.faults(with(k.reads(), simulator.FaultRule{Times: 1, Status: http.StatusTooManyRequests, RetryAfterSeconds: 6}))
		all := []*resource{w.create(k.minimal("Told"))}
		eventually(t, soon, func() error {
			if len(w.requestsOf(http.MethodGet)) == 0 {
				return fmt.Errorf("no request yet")
			}
			return nil
		})
		for _, name := range []string{"Second", "Third"} {
			all = append(all, w.create(k.minimal(name)))
		}
		throughout(t, 3*time.Second, func() error {
			if requests := len(w.requestsOf(http.MethodGet, http.MethodPost)); requests > 1 {
				return fmt.Errorf("%d requests within the time that the service asked for", requests)
			}
			return nil
		})
		for _, r := range all {
			r.waitReadyWithin(later)
		}
	})
}

// A deletion under failing writes keeps the resource; see also the faults of single writes.
func TestFailingWritesKeepADeletion(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.minimal("Staying"))
		r.waitReady()
		w.faults(with(k.writes(), simulator.FaultRule{Status: http.StatusForbidden, Body: `{"message":"no scope"}`}))
		r.delete()
		r.waitReason(soon, v1alpha1.ReasonForbidden, v1alpha1.ReasonOrganizationNotReady)
		w.onlyRemote("Staying")
		w.faults()
		r.waitGoneWithin(later)
		if left := w.remotesNamed("Staying"); len(left) != 0 {
			t.Error("the object is left")
		}
	})
}

func TestInconsistentListingConcludesNothing(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if !k.paged {
			t.Skip("listings of this kind have one page")
		}
		w := newWorld(t, k)
		for i := range 230 {
			w.addRemote(k.remote(w, fmt.Sprintf("Filler %d", i)))
		}
		id := w.addRemote(k.remoteFull(w, "Hidden"))
		w.sim.Reset()
		w.faults(with(k.reads(), simulator.FaultRule{Shuffle: true}))
		r := w.create(k.full("Hidden"))
		r.waitReason(soon, v1alpha1.ReasonInvalidResponse)
		w.wantNoWrites()
		w.faults()
		if status := r.waitReadyWithin(later); status.ID != id || status.Origin != v1alpha1.OriginAdopted {
			t.Errorf("id %q origin %q, want %q Adopted", status.ID, status.Origin, id)
		}
		w.wantNoWrites()
	})
}

func TestReorderedAnswersAreNoDrift(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Shaken"))
		r.waitReady()
		w.sim.Reset()
		w.faults(with(k.reads(), simulator.FaultRule{Reorder: true}))
		r.check()
		r.waitReady()
		w.wantNoWrites()
	})
}
