package conformance_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	kstatus "sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// Reads may lag behind writes. The second of two edits is sent all the same, and what was never sent is not called
// ignored.
func TestSecondOfTwoEditsIsSentBehindStaleReads(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		w.runManager(managerOptions{settleWindow: 5 * time.Second})
		w.waitConnected()
		f := k.fields[0]
		r := w.create(k.full("Twice"))
		id := r.waitReady().ID
		w.changeRemote(id, record{}) // what is there now is what stale reads show
		w.faults(with(k.reads(), simulator.FaultRule{Stale: true}))
		r.change(patchOf(f.spec, f.to))
		eventually(t, soon, func() error { return w.remoteHas(id, f.wirePath(), f.inWire(w, f.to)) })
		third := "Third value"
		if _, number := f.to.(int); number {
			third = "33"
		}
		r.change(patchOf(f.spec, numberOr(third)))
		eventually(t, soon, func() error { return w.remoteHas(id, f.wirePath(), numberOr(third)) })
		if reason := readyReason(r.status()); reason == v1alpha1.ReasonFieldIgnored {
			t.Errorf("a write that no read shows yet is called ignored: %s", describe(r.status()))
		}
		w.faults()
		r.waitReadyWithin(later)
	})
}

func numberOr(text string) any {
	var number int
	if _, err := fmt.Sscanf(text, "%d", &number); err == nil {
		return number
	}
	return text
}

// An edit that must wait for the end of a hold is shown as waiting, with the time at which it goes on.
func TestEditDuringAHoldIsShown(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		edited, quiet := w.create(k.full("Edited")), w.create(k.minimal("Quiet"))
		edited.waitReady()
		quiet.waitReady()
		w.faults(with(k.reads(), simulator.FaultRule{Times: 1, Status: http.StatusTooManyRequests, RetryAfterSeconds: 15}))
		w.create(k.minimal("Told")).waitReason(soon, v1alpha1.ReasonRateLimited)
		version := quiet.read().GetResourceVersion()
		edited.change(patchOf(k.fields[0].spec, k.fields[0].to))
		_, message := edited.waitReason(10*time.Second, v1alpha1.ReasonRateLimited)
		if !strings.Contains(message, "no request is sent before "+time.Now().UTC().Format("2006-")) {
			t.Errorf("the message does not say until when: %s", message)
		}
		if now := quiet.read().GetResourceVersion(); now != version {
			t.Errorf("an object that waits for nothing was written during the hold")
		}
		edited.waitReadyWithin(later)
	})
}

// Whoever waits is told by an event too.
func TestWaitsRaiseEvents(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		w.create(k.minimal("Alone").with("organizationRef", map[string]any{"name": "nobody"})).
			waitEvent(string(v1alpha1.ReasonWaitingForOrganization), "nobody")
		for _, reference := range k.references {
			w.create(k.minimal("Referring").with(reference.spec, map[string]any{"name": "missing"})).
				waitEvent(string(v1alpha1.ReasonReferenceNotFound), "missing")
		}
		if k.secret != nil {
			w.create(k.minimal("Secretive").with(k.secret.spec, map[string]any{"name": "missing", "key": "password"})).
				waitEvent(string(v1alpha1.ReasonSecretNotFound), "missing")
		}
	})
}

// A service that refuses to list says nothing about the object: its spec is not blamed, and it goes on soon.
func TestRefusedListingBlamesNoSpec(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		w.faults(with(k.reads(), simulator.FaultRule{Status: http.StatusBadRequest, Body: `{"message":"bad request, says a proxy"}`}))
		r := w.create(k.minimal("Blameless"))
		status, _ := r.waitReason(soon, v1alpha1.ReasonReadRefused)
		if meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled) {
			t.Errorf("the object is stalled by a refused read: %s", describe(status))
		}
		w.faults()
		r.waitReadyWithin(later)
	})
}

// emptyListing is the kind's list route, answering with a complete list that lacks everything.
func emptyListing(k *kind) simulator.FaultRule {
	rule := k.reads()
	rule.Status, rule.Path = http.StatusOK, "/call_centers/$"
	rule.Body = `{"call_centers":[]}`
	if k.entity != "" {
		rule.Path = "^/organization/[^/]+/(v[0-9]/)?" + k.entity + "$"
		rule.Body = `{"meta":{"page":0,"pageSize":100,"totalPages":1,"totalRecords":0,"links":{}},"data":[]}`
	}
	return rule
}

// A listing that omits an object that can be read proves nothing, costs few requests and hardly a write.
func TestOmittedObjectIsAskedForLessAndLess(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Omitted"))
		id := r.waitReady().ID
		w.faults(emptyListing(k))
		r.ask()
		r.waitReason(soon, v1alpha1.ReasonVerifying)
		w.sim.Reset()
		before := r.writesSeen()
		throughout(t, 8*time.Second, func() error {
			if requests := w.sim.Stats().Requests; requests > 20 {
				return fmt.Errorf("%d requests for one object that a listing omits", requests)
			}
			return nil
		})
		if writes := r.writesSeen() - before; writes > 1 {
			t.Errorf("%d status writes for one omission", writes)
		}
		w.wantNoWrites()
		w.faults()
		if status := r.waitReadyWithin(later); status.ID != id {
			t.Errorf("the id changed from %q to %q", id, status.ID)
		}
	})
}

// An answer that cannot be decoded is one condition, not one for every tracking id.
func TestUndecodableAnswersAreWrittenOnce(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Garbled"))
		r.waitReady()
		w.faults(with(k.reads(), simulator.FaultRule{Truncate: true}))
		r.ask()
		r.waitReason(soon, v1alpha1.ReasonInvalidResponse)
		before := r.writesSeen()
		w.sim.Reset()
		eventually(t, soon, func() error {
			if requests := w.sim.Stats().Requests; requests < 3 {
				return fmt.Errorf("%d requests so far", requests)
			}
			return nil
		})
		if writes := r.writesSeen() - before; writes > 0 {
			t.Errorf("%d status writes for the same failure", writes)
		}
		w.faults()
		r.waitReadyWithin(later)
	})
}

// writesSeen is the version of the resource as a number: nothing but the operator's status writes moves it here.
func (r *resource) writesSeen() int {
	r.w.t.Helper()
	object := r.read()
	if r.seen == nil {
		r.seen = map[string]int{}
	}
	if _, known := r.seen[object.GetResourceVersion()]; !known {
		r.seen[object.GetResourceVersion()] = len(r.seen)
	}
	return len(r.seen)
}

// A reference that leads nowhere any more does not stop the comparison of the other fields.
func TestLostReferenceDoesNotStopTheOtherFields(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if len(k.references) == 0 {
			t.Skip("the kind refers to nothing")
		}
		w := newWorld(t, k, swept)
		reference, f := k.references[0], k.fields[0]
		reference.remote(w, "Soon renamed")
		r := w.create(k.full("Comparing").with(reference.spec, map[string]any{"remoteName": "Soon renamed"}))
		id := r.waitReady().ID
		w.renameReferenced("Soon renamed", "Renamed")
		foreign := record{}
		foreign.put(f.wirePath(), f.inWire(w, f.to))
		w.changeRemote(id, foreign)
		r.waitReason(later, v1alpha1.ReasonReferenceNotFound)
		eventually(t, later, func() error { return w.remoteHas(id, f.wirePath(), f.inWire(w, f.from)) })
		r.waitReason(soon, v1alpha1.ReasonReferenceNotFound)
		w.renameReferenced("Renamed", "Soon renamed")
		r.waitReadyWithin(later)
	})
}

// renameReferenced renames a work type behind the operator's back.
func (w *world) renameReferenced(from, to string) {
	w.t.Helper()
	path := w.entityPath("work-type")
	w.behind(http.MethodPatch, path+"/"+w.entityID("work-type", from), record{"name": to}, nil)
}

// Two writers that fight over a field are named by a condition and an event; the remote object is still kept equal.
func TestContestedFieldIsReported(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		f := k.fields[0]
		r := w.create(k.full("Contested"))
		id := r.waitReady().ID
		foreign := record{}
		foreign.put(f.wirePath(), f.inWire(w, f.to))
		for range 5 {
			w.changeRemote(id, foreign)
			r.check()
			r.waitReady()
		}
		contested := meta.FindStatusCondition(r.status().Conditions, v1alpha1.ConditionContested)
		if contested == nil || !strings.Contains(contested.Message, f.spec) {
			t.Errorf("no condition names the contested field: %s", describe(r.status()))
		}
		r.waitEvent(string(v1alpha1.ReasonContested), f.spec)
	})
}

// A new object must look unfinished to every tool before the operator has seen it.
func TestNewbornIsInProgress(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager) // and none runs
		object := w.create(k.minimal("Newborn")).read()
		result, err := kstatus.Compute(object)
		if err != nil || result.Status != kstatus.InProgressStatus {
			t.Errorf("kstatus takes a new object for %v (%v)", result, err)
		}
		organization := w.organizationObject()
		if result, err := kstatus.Compute(organization); err != nil || result.Status != kstatus.InProgressStatus {
			t.Errorf("kstatus takes a new organization for %v (%v)", result, err)
		}
	})
}

// What is born suspended is settled, and says why.
func TestBornSuspendedIsSettled(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		w.sim.Reset()
		r := w.create(k.minimal("Asleep").with("suspend", true))
		r.waitReason(soon, v1alpha1.ReasonSuspended)
		result, err := kstatus.Compute(r.read())
		if err != nil || result.Status != kstatus.CurrentStatus {
			t.Errorf("kstatus takes a suspended object for %v (%v)", result, err)
		}
		w.wantQuiet(r)
		r.change(patchOf("suspend", false))
		r.waitReady()
	})
}

// Every remote write is one line in the log.
func TestRemoteWritesAreLogged(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Logged"))
		id := r.waitReady().ID
		r.change(patchOf(k.fields[0].spec, k.fields[0].to))
		r.waitReady()
		r.delete()
		r.waitGone()
		for _, want := range []string{"Create", "Update", "Delete"} {
			if err := loggedWrite(w.namespace, r.name, want, id); err != nil {
				t.Error(err)
			}
		}
	})
}

func loggedWrite(namespace, name, operation, id string) error {
	for line := range strings.SplitSeq(cluster.logs.String(), "\n") {
		if strings.Contains(line, `"msg":"remote write"`) && strings.Contains(line, `"namespace":"`+namespace+`"`) &&
			strings.Contains(line, `"name":"`+name+`"`) && strings.Contains(line, `"operation":"`+operation+`"`) && strings.Contains(line, id) {
			return nil
		}
	}
	return errors.New("the log has no line of the " + operation + " of " + namespace + "/" + name)
}
