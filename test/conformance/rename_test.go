package conformance_test

import (
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// numberedCallCenter gets its id from its phone number and a new one with a new number.
func numberedCallCenter() *kind {
	k := generatedCallCenter()
	k.simulator.CallCenters.IDRule, k.simulator.CallCenters.UpdateIDOnPhoneChange = "{{phone_number_e164}}@{{domain}}", true
	return k
}

// moveRemote gives an object another id, as a change outside the operator would.
func (w *world) moveRemote(name, id string) {
	w.t.Helper()
	one := w.onlyRemote(name)
	w.deleteRemote(w.remoteID(one))
	one["serviceUserId"] = id
	w.addRemote(one)
}

const movedID = "moved@" + domain

// Proves: S3.38
func TestCorrectionsFollowALostRename(t *testing.T) {
	t.Parallel()
	k := numberedCallCenter()
	w := newWorld(t, k)
	r := w.create(k.full("Mobile"))
	r.waitReady()
	w.sim.Reset()
	// The answer that would tell the new id is lost, and one field of the change is not taken over.
	w.faults(with(k.writes(), simulator.FaultRule{Times: 1, LoseAnswer: true, DropFields: []string{"queueLength"}}))
	r.change(spec{"queueLength": 25, "profile": map[string]any{"phoneNumber": "+3225550207"}})
	status := r.waitReadyWithin(later)
	if status.ID != "+3225550207@"+domain || status.Origin != v1alpha1.OriginCreated {
		t.Errorf("id %q origin %q after the number changed", status.ID, status.Origin)
	}
	w.wantRemote(status.ID, map[string]any{"queueLength": 25, inProfile + "phoneNumber": "+3225550207"})
	w.onlyRemote("Mobile")
	if posts := w.posts(); posts != 0 {
		t.Errorf("%d creates for a rename\n%s", posts, w.writeLog())
	}
}

// Proves: S3.38
func TestCorrectionsFollowAForeignRename(t *testing.T) {
	t.Parallel()
	k := numberedCallCenter()
	w := newWorld(t, k)
	r := w.create(k.full("Mobile"))
	r.waitReady()
	w.moveRemote("Mobile", movedID)
	w.sim.Reset()
	for _, length := range []int{99, 98} {
		w.changeRemote(movedID, record{"queueLength": length})
		r.check()
		if status := r.waitReady(); status.ID != movedID || status.Origin != v1alpha1.OriginCreated {
			t.Errorf("id %q origin %q after a rename by somebody else", status.ID, status.Origin)
		}
		w.wantRemote(movedID, map[string]any{"queueLength": 20})
	}
	w.onlyRemote("Mobile")
	if posts := w.posts(); posts != 0 {
		t.Errorf("%d creates for a rename\n%s", posts, w.writeLog())
	}
}

// Proves: S3.38
func TestSweepWatchesTheIDAfterARename(t *testing.T) {
	t.Parallel()
	k := numberedCallCenter()
	w := newWorld(t, k, swept)
	r := w.create(k.full("Mobile"))
	r.waitReady()
	w.moveRemote("Mobile", movedID)
	r.check()
	if status := r.waitReady(); status.ID != movedID {
		t.Fatalf("id is %q after a rename by somebody else", status.ID)
	}
	foreign := record{}
	foreign.put(inProfile+"extension", "77")
	w.changeRemote(movedID, foreign)
	eventually(t, later, func() error { return w.remoteHas(movedID, inProfile+"extension", "4711") })
	r.waitReady()
}

func TestDeletionFollowsARename(t *testing.T) {
	t.Parallel()
	k := numberedCallCenter()
	w := newWorld(t, k)
	r := w.create(k.full("Mobile"))
	r.waitReady()
	w.moveRemote("Mobile", movedID)
	r.delete()
	r.waitGone()
	w.wantNone("Mobile")
}

// Only its number proves that a namesake is the call center of before.
func TestDeletionLeavesANamesakeWithAnotherNumber(t *testing.T) {
	t.Parallel()
	k := numberedCallCenter()
	w := newWorld(t, k)
	r := w.create(k.full("Mobile"))
	r.waitReady()
	one := w.onlyRemote("Mobile")
	w.deleteRemote(w.remoteID(one))
	one["serviceUserId"] = movedID
	one.put(inProfile+"phoneNumber", "+3225550209")
	w.addRemote(one)
	r.delete()
	r.waitGone()
	w.onlyRemote("Mobile")
}

// An id that another call center had before belongs to whoever has it now.
func TestIDOfARenamedCallCenterCanBeUsedAgain(t *testing.T) {
	t.Parallel()
	k := numberedCallCenter()
	w := newWorld(t, k)
	first := w.create(k.full("First"))
	id := first.waitReady().ID
	first.change(patchOf("profile.phoneNumber", "+3225550207"))
	first.waitReady()
	second := w.create(k.full("Second").with("profile.extension", "4713"))
	if status := second.waitReady(); status.ID != id {
		t.Fatalf("id is %q, the free one is %q", status.ID, id)
	}
	second.check()
	second.waitReady()
	second.delete()
	second.waitGone()
	w.wantNone("Second")
	w.onlyRemote("First")
}

// A user's id names the call center for good: a namesake is somebody else's.
func TestForeignNamesakeOfADeletedCallCenterIsNotTaken(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(record){
		"identical": func(record) {},
		"differing": func(one record) { one["queueLength"] = 99 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
			w := newWorld(t, k)
			content := k.minimal("Front").with("queueLength", 20)
			r := w.create(content)
			id := r.waitReady().ID
			foreign := w.onlyRemote("Front")
			w.deleteRemote(id)
			foreign["serviceUserId"] = movedID
			edit(foreign)
			w.addRemote(foreign)
			before := text(w.onlyRemote("Front"))
			r.check()
			if status := r.waitReady(); status.ID != id || status.Origin != v1alpha1.OriginCreated {
				t.Errorf("id %q origin %q, want %q created again", status.ID, status.Origin, id)
			}
			w.wantRemote(id, map[string]any{"queueLength": 20})
			r.delete()
			r.waitGone()
			if after := text(w.onlyRemote("Front")); after != before {
				t.Errorf("the namesake changed from %s to %s", before, after)
			}
		})
	}
}
