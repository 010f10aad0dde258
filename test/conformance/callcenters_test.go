package conformance_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
)

// Proves: S3.39
func TestNationalAndInternationalNumbersCompareEqual(t *testing.T) {
	t.Parallel()
	for _, spelling := range []string{"+3225550201", "025550201"} {
		t.Run(spelling, func(t *testing.T) {
			t.Parallel()
			k := generatedCallCenter() // its gateway lists numbers in national form
			w := newWorld(t, k)
			w.addRemote(k.remoteFull(w, "Numbered"))
			r := w.create(k.full("Numbered").with("profile.phoneNumber", spelling))
			if status := r.waitReady(); status.Origin != v1alpha1.OriginAdopted {
				t.Errorf("origin is %q", status.Origin)
			}
			r.check()
			w.wantNoWrites()
		})
	}
}

// Proves: S3.38
func TestIDFollowsThePhoneNumber(t *testing.T) {
	t.Parallel()
	k := generatedCallCenter()
	k.simulator.CallCenters.IDRule, k.simulator.CallCenters.UpdateIDOnPhoneChange = "{{phone_number_e164}}@{{domain}}", true
	w := newWorld(t, k)
	r := w.create(k.full("Mobile"))
	if status := r.waitReady(); status.ID != "+3225550201@"+domain {
		t.Fatalf("id is %q", status.ID)
	}
	r.change(patchOf("profile.phoneNumber", "+3225550207"))
	if status := r.waitReady(); status.ID != "+3225550207@"+domain || status.Origin != v1alpha1.OriginCreated {
		t.Errorf("id %q origin %q after the number changed", status.ID, status.Origin)
	}
	w.onlyRemote("Mobile")
	w.sim.Reset()
	r.check()
	w.wantNoWrites()

	// Renamed by somebody else, through a number that we do not own any more.
	r.change(patchOf("profile.phoneNumber", nil))
	r.waitReady()
	one := w.onlyRemote("Mobile")
	w.deleteRemote(w.remoteID(one))
	one["serviceUserId"] = "+3225550209@" + domain
	one.put("serviceInstanceProfile.phoneNumber", "+3225550209")
	w.addRemote(one)
	w.sim.Reset()
	r.check()
	status := r.waitReady()
	if status.ID != "+3225550209@"+domain {
		t.Errorf("id is %q after a rename by somebody else", status.ID)
	}
	w.onlyRemote("Mobile")
	w.wantNoWrites()
	r.delete()
	r.waitGone()
	// Nothing proves that this is the call center of before: it goes if it counts as created, and stays if as adopted.
	if left := len(w.remotesNamed("Mobile")); (left == 0) != (status.Origin == v1alpha1.OriginCreated) {
		t.Errorf("%d call centers are left of origin %q", left, status.Origin)
	}
}

// Proves: S3.41
func TestUnknownGroupIsNamed(t *testing.T) {
	t.Parallel()
	k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
	w := newWorld(t, k)
	r := w.create(k.minimal("Nowhere").with("groupID", "no-such-group"))
	_, message := r.waitStalled(v1alpha1.ReasonRejected)
	for _, word := range []string{tenant, "no-such-group"} {
		if !strings.Contains(message, word) {
			t.Errorf("the message does not name %s: %s", word, message)
		}
	}
	w.wantNoWrites()
}

// Proves: S3.6
func TestActivationTakesSeveralCallCentersInOneCall(t *testing.T) {
	t.Parallel()
	k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
	k.simulator.Latency = 100 * time.Millisecond // as far away as the real service
	w := emptyWorld(t, k)
	var all []*resource
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		all = append(all, w.create(k.minimal("Center "+name).with("active", true)))
	}
	for _, r := range all {
		r.waitReason(soon, v1alpha1.ReasonWaitingForOrganization)
	}
	w.createOrganization()
	for _, r := range all {
		w.wantRemote(r.waitReadyWithin(later).ID, map[string]any{"active": true})
	}
	most := 0
	for _, request := range w.requestsOf(http.MethodPut) {
		body, _ := request.Body.(map[string]any)
		services, _ := body["services"].([]any)
		most = max(most, len(services))
	}
	if most < 2 {
		t.Errorf("no call activates more than one of %d call centers\n%s", len(all), w.writeLog())
	}
}

// Proves: S3.37
func TestGeneratedIDSurvivesARestart(t *testing.T) {
	t.Parallel()
	k := generatedCallCenter()
	w := newWorld(t, k, ownManager)
	first := w.runManager(managerOptions{})
	w.waitConnected()
	r := w.create(k.full("Stable"))
	id := r.waitReady().ID
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	w.runManager(managerOptions{})
	r.check()
	if status := r.waitReady(); status.ID != id {
		t.Errorf("the id changed from %q to %q", id, status.ID)
	}
	w.onlyRemote("Stable")
}
