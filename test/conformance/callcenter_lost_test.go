package conformance_test

import (
	"net/http"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// The answer that would have told the generated id is lost: the call center is found by its name, and no second one made.
// Proves: S3.8, S3.37, CR5
func TestLostAnswerToACreateWithAGeneratedIDMakesOneCallCenter(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"same process": false, "another process": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := generatedCallCenter()
			w := newWorld(t, k, ownManager)
			running := w.runManager(managerOptions{})
			w.waitConnected()
			lost := simulator.FaultRule{Method: http.MethodPost, Path: k.pathPattern(), Times: 1, LoseAnswer: true}
			blind := with(k.reads(), simulator.FaultRule{Status: http.StatusServiceUnavailable})
			blind.Skip = 1 // the look before the create
			w.faults(lost, blind)
			r := w.create(k.minimal("Night desk").with("active", true))
			w.waitMade("Night desk")
			r.waitReason(soon, v1alpha1.ReasonAmbiguousWrite, v1alpha1.ReasonUnavailable)
			if restart {
				if err := running.stop(); err != nil {
					t.Fatal(err)
				}
				w.runManager(managerOptions{})
			}
			w.faults()
			status := r.waitReadyWithin(later)
			one := w.onlyRemote("Night desk")
			if status.ID != w.remoteID(one) || status.Origin != v1alpha1.OriginCreated || w.posts() != 1 {
				t.Errorf("id %q origin %q after %d creates, the call center has the id %q", status.ID, status.Origin, w.posts(), w.remoteID(one))
			}
			w.wantRemote(status.ID, map[string]any{"active": true})
		})
	}
}

// The answer to a PUT that renamed the call center is lost, and so is the process: it is found under its new id.
// Proves: S3.38, CR25
func TestLostAnswerToARenameIsFollowedByTheNextProcess(t *testing.T) {
	t.Parallel()
	k := numberedCallCenter()
	w := newWorld(t, k, ownManager)
	first := w.runManager(managerOptions{})
	w.waitConnected()
	r := w.create(k.full("Mobile"))
	old := r.waitReady().ID
	w.sim.Reset()
	blind := with(k.reads(), simulator.FaultRule{Status: http.StatusServiceUnavailable})
	blind.Skip = 2 // the look before the change: the list and the call center
	w.faults(simulator.FaultRule{Method: http.MethodPut, Path: "@", Times: 1, LoseAnswer: true}, blind)
	r.change(patchOf("profile.phoneNumber", "+3225550207"))
	r.waitReason(soon, v1alpha1.ReasonAmbiguousWrite, v1alpha1.ReasonUnavailable)
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	if id := r.status().ID; id != old {
		t.Fatalf("the id %q is known already", id)
	}
	w.runManager(managerOptions{})
	w.faults()
	if status := r.waitReadyWithin(later); status.ID != "+3225550207@"+domain || status.Origin != v1alpha1.OriginCreated {
		t.Errorf("id %q origin %q", status.ID, status.Origin)
	}
	w.onlyRemote("Mobile")
	if w.posts() != 0 {
		t.Errorf("a second one was made:\n%s", w.writeLog())
	}
}

// Several call centers may have one name. What else is known of ours tells which it is; without that a person must.
// Proves: CR31
func TestNamesakesAreToldApartByTheirNumbers(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]map[string]string{
		"phone number": {"profile.phoneNumber": "+3225550202"},
		"extension":    {"profile.extension": "4712"},
		"nothing":      {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := generatedCallCenter()
			w := newWorld(t, k)
			ids := map[string]string{}
			for i, digit := range []string{"1", "2"} {
				one := k.remote(w, "Twin")
				one["serviceUserId"] = "twin-" + digit + "@" + domain
				one.put(inProfile+"phoneNumber", "+322555020"+digit)
				one.put(inProfile+"extension", "471"+digit)
				ids[[]string{"first", "second"}[i]] = w.addRemote(one)
			}
			whole := k.minimal("Twin")
			for path, value := range known {
				whole = whole.with(path, value)
			}
			r := w.create(whole)
			if name == "nothing" {
				_, message := r.waitStalled(v1alpha1.ReasonMultipleMatches)
				if !strings.Contains(message, ids["first"]) || !strings.Contains(message, ids["second"]) {
					t.Errorf("the message does not name both: %s", message)
				}
			} else if status := r.waitReady(); status.ID != ids["second"] || status.Origin != v1alpha1.OriginAdopted {
				t.Errorf("took over %q as %q, want %q", status.ID, status.Origin, ids["second"])
			}
			w.wantNoWrites()
		})
	}
}

// The name changes before the call center of an unanswered create is found, and to one that somebody else's has: ours is
// looked for under the name that it was given, and the other one is nobody's but its owner's.
func TestANameChangedAfterALostAnswerTakesNobodyElses(t *testing.T) {
	t.Parallel()
	k := generatedCallCenter()
	w := newWorld(t, k, ownManager)
	foreign := k.remote(w, "Hotline")
	foreign["queueLength"] = 99
	hotline := w.addRemote(foreign)
	w.runManager(managerOptions{})
	w.waitConnected()
	before := text(w.onlyRemote("Hotline"))
	lost := simulator.FaultRule{Method: http.MethodPost, Path: k.pathPattern(), Times: 1, LoseAnswer: true}
	blind := with(k.reads(), simulator.FaultRule{Status: http.StatusServiceUnavailable})
	blind.Skip = 1 // the look before the create
	w.faults(lost, blind)
	r := w.create(k.minimal("Night desk").with("queueLength", 20))
	w.waitMade("Night desk")
	made := w.remoteID(w.onlyRemote("Night desk"))
	r.waitReason(soon, v1alpha1.ReasonAmbiguousWrite, v1alpha1.ReasonUnavailable)
	r.change(patchOf("name", "Hotline"))
	w.faults()
	status := r.waitReadyWithin(later)
	if status.ID != made || status.Origin != v1alpha1.OriginCreated || w.posts() != 1 {
		t.Errorf("id %q origin %q after %d creates, the call center has the id %q", status.ID, status.Origin, w.posts(), made)
	}
	w.wantNone("Night desk")
	for _, one := range w.remotesNamed("Hotline") {
		if w.remoteID(one) == hotline && text(one) != before {
			t.Errorf("somebody else's call center became %s, was %s", text(one), before)
		}
	}
	r.delete()
	r.waitGone()
	if left := w.onlyRemote("Hotline"); text(left) != before {
		t.Errorf("left is %s", text(left))
	}
}

// The create had no answer because it never happened. The name of somebody else's call center, given after it, does not
// make that one ours.
func TestANameChangedAfterAFailedCreateTakesNobodyElses(t *testing.T) {
	t.Parallel()
	k := generatedCallCenter()
	w := newWorld(t, k)
	foreign := k.remote(w, "Hotline")
	foreign["queueLength"] = 99
	w.addRemote(foreign)
	before := text(w.onlyRemote("Hotline"))
	w.faults(simulator.FaultRule{Method: http.MethodPost, Path: k.pathPattern(), Status: http.StatusServiceUnavailable})
	r := w.create(k.minimal("Night desk").with("queueLength", 20))
	r.waitReason(soon, v1alpha1.ReasonAmbiguousWrite)
	r.change(patchOf("name", "Hotline"))
	// The fault stays until the new name is observed: another attempt under the old one would be right, too.
	r.waitStalled(v1alpha1.ReasonNameConflict)
	w.faults()
	r.check()
	r.waitStalled(v1alpha1.ReasonNameConflict)
	if after := text(w.onlyRemote("Hotline")); after != before {
		t.Errorf("somebody else's call center became %s, was %s", after, before)
	}
	r.delete()
	r.waitGone()
	w.onlyRemote("Hotline")
	w.wantNone("Night desk")
}
