package conformance_test

import (
	"net/http"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// Proves: S3.10
func TestPasswordAddedLaterIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, rule := range map[string]simulator.FaultRule{
		"answered":    {},
		"answer lost": {Times: 1, LoseAnswer: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
			w := newWorld(t, k)
			r := w.create(k.minimal("Guarded"))
			id := r.waitReady().ID
			first, second := w.secretValue("first-password"), w.secretValue("other-password")
			w.createSecret("password", map[string]string{"value": first})
			w.sim.Reset()
			if rule.Times > 0 {
				w.faults(with(k.writes(), rule))
			}
			r.change(patchOf(k.secret.spec, map[string]any{"name": "password", "key": "value"}))
			r.waitReadyWithin(later)
			w.wantRemote(id, map[string]any{k.secret.wirePath(): first})
			r.check()
			// Whether a write without an answer arrived cannot be read back: it is made again.
			w.wantPuts(1 + rule.Times)

			w.changeSecret("password", map[string]string{"value": second})
			eventually(t, soon, func() error { return w.remoteHas(id, k.secret.wirePath(), second) })
			r.waitReady()
			r.check()
			w.wantPuts(2 + rule.Times)
			r.change(patchOf("queueLength", 25))
			r.waitReady()
			w.wantPuts(3 + rule.Times)
			if sent := w.sentFields()[2+rule.Times]; sent["serviceInstanceProfile"] != nil {
				t.Errorf("an update of the queue length sends %v", sent)
			}
		})
	}
}

// sentFields are the bodies of the updates since the last reset, oldest first.
func (w *world) sentFields() []record {
	var bodies []record
	for _, request := range w.requestsOf(http.MethodPut) {
		body, _ := request.Body.(map[string]any)
		bodies = append(bodies, body)
	}
	return bodies
}

func (w *world) wantPuts(count int) {
	w.t.Helper()
	if sent := len(w.sentFields()); sent != count {
		w.t.Fatalf("%d updates were sent, want %d\n%s", sent, count, w.writeLog())
	}
}

// Proves: S3.11
func TestDepartmentIsSentWhole(t *testing.T) {
	t.Parallel()
	k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
	w := newWorld(t, k)
	r := w.create(k.full("Moving"))
	id := r.waitReady().ID
	w.sim.Reset()
	want := record{"tenantId": tenant, "groupId": group, "departmentName": "Sales"}
	r.change(patchOf("profile.department.departmentName", "Sales"))
	r.waitReady()
	w.wantPuts(1)
	// The three name a department together; a part of them names another one or none.
	if sent := w.sentFields()[0].at(inProfile + "department"); !same(sent, want) {
		t.Errorf("department is sent as %s, want %s", text(sent), text(want))
	}
	w.wantRemote(id, map[string]any{inProfile + "department.departmentName": "Sales"})

	foreign := record{}
	foreign.put(inProfile+"department", record{"tenantId": tenant, "groupId": group, "departmentName": "Care"})
	w.changeRemote(id, foreign)
	r.check()
	w.wantPuts(2)
	if sent := w.sentFields()[1].at(inProfile + "department"); !same(sent, want) {
		t.Errorf("department is corrected as %s, want %s", text(sent), text(want))
	}
}
