package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// What the service sets of its own: ids, times, marks, defaults.

// The id stays what the service made it, through a restart and a rename behind it; the next process makes no second object.
//
// Proves: S0.2
func TestIDSurvivesARestart(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		first := w.runManager(managerOptions{})
		w.waitConnected()
		r := w.create(k.full("Before"))
		id := r.waitReady().ID
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		r.change(patchOf("name", "After"))
		w.runManager(managerOptions{})
		if status := r.waitReadyWithin(later); status.ID != id || status.Origin != v1alpha1.OriginCreated {
			t.Errorf("id %q origin %q, was %q", status.ID, status.Origin, id)
		}
		if one := w.onlyRemote("After"); w.remoteID(one) != id {
			t.Errorf("the remote object has the id %q, want %q", w.remoteID(one), id)
		}
		if left := len(w.remotesNamed("Before")); left != 0 || w.posts() != 1 {
			t.Errorf("%d objects of the old name, %d creates", left, w.posts())
		}
	})
}

// The times of the service are shown, follow a change by somebody else, and are in no request.
//
// Proves: S0.13
func TestTimesAreReadAndNeverSent(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.entity == "" {
			return // call centers have none
		}
		w := newWorld(t, k, swept)
		r := w.create(k.minimal("Dated"))
		id := r.waitReady().ID
		created := r.fact("createdTime")
		eventually(t, soon, func() error { return w.secondPassed(r) })
		foreign := record{}
		foreign.put(k.unowned.wirePath(), k.unowned.to) // the spec has no say in it: only the time tells
		w.changeRemote(id, foreign)
		want, _ := w.onlyRemote("Dated")["lastUpdatedTime"].(float64)
		eventually(t, later, func() error { return r.showsTime("lastUpdatedTime", int64(want)) }) // a sweep finds it
		w.wantRemote(id, map[string]any{k.unowned.wirePath(): k.unowned.to})

		r.change(patchOf(k.fields[0].spec, k.fields[0].from))
		r.waitReady()
		if now := r.fact("createdTime"); created == nil || !same(now, created) {
			t.Errorf("createdTime is %v, was %v", now, created)
		}
		for _, request := range w.requestsOf(http.MethodPost, http.MethodPut, http.MethodPatch) {
			if body := text(request.Body); strings.Contains(body, "createdTime") || strings.Contains(body, "lastUpdatedTime") {
				t.Errorf("%s %s sends a time of the service: %s", request.Method, request.Path, body)
			}
		}
	})
}

// secondPassed says that the clock still shows the second in which the object was written last.
func (w *world) secondPassed(r *resource) error {
	if change := r.status().LastChange; change != nil && time.Now().Unix() <= change.Time.Unix() {
		return fmt.Errorf("it is still %s", change.Time)
	}
	return nil
}

// showsTime compares a time in status with one of the wire, by the second.
func (r *resource) showsTime(path string, milliseconds int64) error {
	r.w.t.Helper()
	if shown, _ := r.fact(path).(string); shown != timeText(milliseconds) {
		return fmt.Errorf("status.%s is %q, the wire has %s", path, shown, timeText(milliseconds))
	}
	return nil
}

// Each of the marks of a system object protects it by itself, also where the others are absent.
//
// Proves: S0.5, S0.7
func TestEachMarkProtectsAlone(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		for _, mark := range k.marks {
			t.Run(mark, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, k)
				object := k.remote(w, "Theirs")
				for _, other := range k.marks {
					delete(object, other)
				}
				object[mark] = true
				object.put(k.unowned.wirePath(), "as it came")
				id := w.addRemote(object)
				before := text(w.onlyRemote("Theirs"))
				r := w.create(k.minimal("Theirs").with(k.unowned.spec, "ours").with("adoptionPolicy", "Always").with("deletionPolicy", "Delete"))
				status, _ := r.waitStalled(v1alpha1.ReasonProtected)
				wantDrift(t, status, k.unowned.wirePath())
				r.change(patchOf(k.unowned.spec, "as it came"))
				if status := r.waitReady(); status.ID != id {
					t.Errorf("id %q, want %q", status.ID, id)
				}
				r.delete()
				r.waitGone()
				w.wantNoWrites()
				if after := text(w.onlyRemote("Theirs")); after != before {
					t.Errorf("the system object changed to %s", after)
				}
			})
		}
	})
}

// The service fills in the burnout inclusion that a spec leaves out, by the family of the code. It is nobody's then.
//
// Proves: S0.11
func TestBurnoutInclusionDefaultsByFamily(t *testing.T) {
	t.Parallel()
	for family, row := range map[string]struct{ workType, inclusion string }{
		"IDLE_CODE": {idleWorkType, "INCLUDED"}, "WRAP_UP_CODE": {wrapUpWorkType, "NOT_APPLICABLE"},
	} {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, auxiliaryCode())
			w.sim.Reset()
			r := w.create(spec{"name": "Plain", "workTypeCode": family, "workTypeRef": map[string]any{"remoteName": row.workType}})
			id := r.waitReady().ID
			w.wantRemote(id, map[string]any{"burnoutInclusion": row.inclusion})
			for _, request := range w.requestsOf(http.MethodPost) {
				if strings.Contains(text(request.Body), "burnoutInclusion") {
					t.Errorf("sent %s", text(request.Body))
				}
			}
			w.sim.Reset()
			r.check()
			w.wantNoWrites()
			if drift := r.status().Drift; len(drift) != 0 {
				t.Errorf("drift %v", drift)
			}
		})
	}
}

// documentedDefaults are what a call center of type Basic has where its creation says nothing, by the vendor's page.
func documentedDefaults() map[string]any {
	return map[string]any{
		inProfile + "phoneNumber": "", inProfile + "extension": "", inProfile + "cliPhoneNumber": nil, inProfile + "publicUserIdentity": "",
		"routingType": "Priority Based", "queueLength": 0, "enableReporting": false, "allowCallerToDialEscapeDigit": true,
		"escapeDigit": "0", "resetCallStatisticsUponEntryInQueue": false, "allowAgentLogoff": false, "allowCallWaitingForAgents": false,
		"allowCallsToAgentsInWrapUp": false, "overrideAgentWrapUpTime": false, "wrapUpSeconds": 0, "forceDeliveryOfCalls": false,
		"forceDeliveryWaitTimeSeconds": 1, "enableAutomaticStateChangeForAgents": false, "agentStateAfterCall": "Available",
		"agentUnavailableCode": "", "externalPreferredAudioCodec": "None", "internalPreferredAudioCodec": "None",
		"playRingingWhenOfferingCall": true, "callCenterQueueThresholdsIsActive": false, "networkClassOfService": "",
	}
}

// What a spec leaves out is not sent, has the platform's documented default, and stays as anybody else leaves it.
//
// Proves: S3.36
func TestWhatACallCenterLeavesOutHasTheDocumentedDefaults(t *testing.T) {
	t.Parallel()
	k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
	w := newWorld(t, k)
	w.sim.Reset()
	r := w.create(k.minimal("Plain").with("type", "Basic"))
	id := r.waitReady().ID
	w.wantRemote(id, documentedDefaults())
	posted := record{}
	if bodies := w.requestsOf(http.MethodPost); len(bodies) == 1 {
		roundTrip(bodies[0].Body, &posted)
	}
	theirs := record{}
	for path, value := range documentedDefaults() {
		if posted.at(path) != nil {
			t.Errorf("%s is sent although the spec leaves it out", path)
		}
		switch value := value.(type) {
		case bool:
			theirs.put(path, !value)
		case int:
			theirs.put(path, value+2)
		}
	}
	w.changeRemote(id, theirs)
	w.sim.Reset()
	r.check()
	w.wantNoWrites()
	for path := range documentedDefaults() {
		if want := theirs.at(path); want != nil && !same(w.onlyRemote("Plain").at(path), want) {
			t.Errorf("%s, which nobody owns, is %v, want %v", path, w.onlyRemote("Plain").at(path), want)
		}
	}
}

// Without a number the gateway shows null. An empty one in the spec means the same, and clears it.
//
// Proves: S3.16
func TestCLIPhoneNumberIsNullable(t *testing.T) {
	t.Parallel()
	const path = "profile.cliPhoneNumber"
	k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
	w := newWorld(t, k)
	shown := func() string { return rawText(w.onlyRemote("Numbered").at(inProfile + "cliPhoneNumber")) }
	r := w.create(k.minimal("Numbered").with(path, ""))
	id := r.waitReady().ID
	if shown() != "null" {
		t.Errorf("created with the number %s", shown())
	}
	w.sim.Reset()
	r.check()
	w.wantNoWrites() // null and "" are the same

	r.change(patchOf(path, "+3225550101"))
	r.waitReady()
	w.wantRemote(id, map[string]any{inProfile + "cliPhoneNumber": "+3225550101"})
	r.change(patchOf(path, ""))
	r.waitReady()
	if shown() != "null" {
		t.Errorf("cleared, it is %s", shown())
	}
	foreign := record{}
	foreign.put(inProfile+"cliPhoneNumber", "+3225550102")
	w.changeRemote(id, foreign)
	r.check()
	r.waitReady()
	if shown() != "null" {
		t.Errorf("set by somebody else, it is %s", shown())
	}
}

// An id that the gateway makes up may be taken already. Its refusal is no word about the name: the next attempt gets
// another id, at once, and that stays.
//
// Proves: S3.37
func TestTakenGeneratedIDIsTriedAgain(t *testing.T) {
	t.Parallel()
	k := generatedCallCenter()
	w := newWorld(t, k)
	w.faults(simulator.FaultRule{
		Method: http.MethodPost, Path: k.pathPattern(), Times: 2, Status: http.StatusBadRequest,
		Body: `{"errors":[{"details":{"errors":{"0":{"error_code":4200,"summary":"[Error 4200] User already exists: main_cc1234@voice.example.net"}}}}]}`,
	})
	r := w.create(k.minimal("Night desk"))
	status := r.waitReady()
	one := w.onlyRemote("Night desk")
	if status.ID != w.remoteID(one) || status.Origin != v1alpha1.OriginCreated || w.posts() != 3 {
		t.Errorf("id %q origin %q after %d creates, the call center has the id %q", status.ID, status.Origin, w.posts(), w.remoteID(one))
	}
	r.check()
	if again := r.waitReady(); again.ID != status.ID {
		t.Errorf("the id changed from %q to %q", status.ID, again.ID)
	}
	if slices.ContainsFunc(r.events(), isNameConflict) {
		t.Error("a taken id passes for a taken name")
	}
}

func isNameConflict(event eventsv1.Event) bool {
	return event.Reason == string(v1alpha1.ReasonNameConflict)
}

// timeText is how status spells a time of the wire.
func timeText(milliseconds int64) string {
	return time.UnixMilli(milliseconds).UTC().Format(time.RFC3339)
}

func rawText(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}
