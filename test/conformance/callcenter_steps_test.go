package conformance_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// An agent who has left stands in the spec still: the line is closed all the same, and first.
func TestAnAgentWhoHasLeftKeepsNoLineOpen(t *testing.T) {
	t.Parallel()
	for _, authentication := range []v1alpha1.GatewayAuthentication{v1alpha1.GatewaySession, v1alpha1.GatewayCore} {
		t.Run(string(authentication), func(t *testing.T) {
			t.Parallel()
			w := staffedWorld(t, authentication)
			r := w.create(w.kind.minimal("Line").with("agents", []any{agent(ann)}).with("active", true))
			id := r.waitReady().ID
			w.wantRemote(id, map[string]any{"active": true})
			w.sim.Reset()

			r.change(spec{"agents": []any{agent(ann), agent(dan)}, "active": false, "queueLength": 17, "supervisors": []any{bob}})
			status, message := r.waitStalled(v1alpha1.ReasonRejected)
			if !strings.Contains(message, "agents: ") || !strings.Contains(message, dan) {
				t.Errorf("the message does not name the field and the agent: %s", message)
			}
			w.wantRemote(id, map[string]any{"active": false, "queueLength": 17, "supervisors": []any{record{"userId": bob}}})
			if puts := w.requestsOf(http.MethodPut); len(puts) != 3 || !strings.HasSuffix(puts[0].Path, "/active_instance/") {
				t.Errorf("the line was not closed first, or something was tried twice:\n%s", w.writeLog())
			}
			wantDrift(t, status, "agents")
			if len(status.Drift) != 1 || status.LastChange == nil || slices.Contains(status.LastChange.Fields, "agents") {
				t.Errorf("drift %+v, last change %+v; want the agents only, and all but the agents", status.Drift, status.LastChange)
			}

			// What is refused waits; another edit does not.
			r.change(spec{"queueLength": 18})
			r.waitStalled(v1alpha1.ReasonRejected)
			w.wantRemote(id, map[string]any{"queueLength": 18, "active": false})
			if puts := w.requestsOf(http.MethodPut); len(puts) != 4 {
				t.Errorf("more was sent than one field:\n%s", w.writeLog())
			}
			r.change(spec{"agents": []any{}, "active": true})
			r.waitReady()
			w.wantRemote(id, map[string]any{"active": true, "agents": nil})
		})
	}
}

func TestANewCallCenterIsSwitchedOnWithoutTheAgentWhoHasLeft(t *testing.T) {
	t.Parallel()
	w := staffedWorld(t, v1alpha1.GatewaySession)
	r := w.create(w.kind.minimal("New line").with("agents", []any{agent(dan)}).with("supervisors", []any{bob}).with("active", true))
	status, message := r.waitStalled(v1alpha1.ReasonRejected)
	if !strings.Contains(message, "agents: ") || !strings.Contains(message, dan) {
		t.Errorf("the message does not name the field and the agent: %s", message)
	}
	w.wantRemote(status.ID, map[string]any{"active": true, "supervisors": []any{record{"userId": bob}}})
	r.change(spec{"agents": []any{agent(ann)}})
	if again := r.waitReady(); again.ID != status.ID || w.posts() != 1 {
		t.Errorf("id %q became %q with %d creates", status.ID, again.ID, w.posts())
	}
}

// A gateway that refuses the old password refuses it again where only its answer was lost. That holds nothing else back,
// and what is refused does not count as sent.
func TestARefusedPasswordHoldsNothingElseBack(t *testing.T) {
	t.Parallel()
	w := guardedWorld(t)
	w.createSecret("password", map[string]string{"value": w.secretValue("First-Password-4711")})
	r := w.create(w.kind.minimal("Guarded").with(w.kind.secret.spec, map[string]any{"name": "password", "key": "value"}).with("queueLength", 7))
	id := r.waitReady().ID
	second := w.secretValue("Second-Password-4711")
	w.faults(simulator.FaultRule{Method: http.MethodPut, Path: `/call_centers/[^/]+@[^/]+/$`, Times: 1, LoseAnswer: true})
	w.changeSecret("password", map[string]string{"value": second})
	eventually(t, soon, func() error { return w.remoteHas(id, inProfile+"password", second) })
	_, message := r.waitStalled(v1alpha1.ReasonRejected)
	if !strings.Contains(message, "password: ") || strings.Contains(message, second) {
		t.Errorf("the message does not name the password, or shows it: %s", message)
	}
	w.sim.Reset()
	r.change(spec{"queueLength": 9})
	r.waitStalled(v1alpha1.ReasonRejected)
	w.wantRemote(id, map[string]any{"queueLength": 9})
	w.wantPuts(2) // the field, and the password that is refused still
	for _, body := range w.sentFields() {
		if _, both := body["queueLength"]; both && len(body) != 1 {
			t.Errorf("sent together:\n%s", w.writeLog())
		}
	}
	third := w.secretValue("Third-Password-4711")
	w.changeSecret("password", map[string]string{"value": third})
	eventually(t, soon, func() error { return w.remoteHas(id, inProfile+"password", third) })
	r.waitReady()
}
