package conformance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// The list of call centers shows few fields, and the queue length is not among them. These tests make a drift of it
// known and then make the operator look at the list row alone.

// rowOnlyLooks are what makes a new process, or a new connection, look at rows.
func rowOnlyLooks() map[string]func(w *world, running *manager) {
	return map[string]func(w *world, running *manager){
		"restart": func(w *world, running *manager) {
			if err := running.stop(); err != nil {
				w.t.Fatal(err)
			}
			w.runManager(managerOptions{})
		},
		"reconnect": func(w *world, _ *manager) {
			w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) {
				o.CallCenterGateway.Authentication = v1alpha1.GatewayCore
			})
			w.waitConnected()
		},
	}
}

// lookAtRows makes every settled object compare itself with its row.
func (w *world) lookAtRows() {
	w.t.Helper()
	w.create(w.kind.minimal("Witness")).waitReady() // the listing is known
	w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.Defaults.DeletionPolicy = v1alpha1.DeletionDelete })
}

// stays makes sure that a resource keeps to what holds of it, and that nothing is written.
func (r *resource) stays(span time.Duration, holds func(v1alpha1.ConfigStatus) error) {
	r.w.t.Helper()
	writes := r.w.sim.Stats().Mutating
	throughout(r.w.t, span, func() error {
		if now := r.w.sim.Stats().Mutating; now != writes {
			return fmt.Errorf("%d writes\n%s", now-writes, r.w.writeLog())
		}
		status := r.status()
		if err := holds(status); err != nil {
			return fmt.Errorf("%w: %s", err, describe(status))
		}
		return nil
	})
}

func driftsIn(wire string) func(v1alpha1.ConfigStatus) error {
	return func(status v1alpha1.ConfigStatus) error {
		for _, row := range status.Drift {
			if row.Field == wire {
				return nil
			}
		}
		return fmt.Errorf("the drift of %s is forgotten", wire)
	}
}

func TestRowsDoNotClearObservedDrift(t *testing.T) {
	t.Parallel()
	for name, renew := range rowOnlyLooks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
			w := newWorld(t, k, ownManager)
			running := w.runManager(managerOptions{})
			w.waitConnected()
			id := w.addRemote(k.remoteFull(w, "Watched"))
			r := w.create(observing(k.full("Watched")))
			r.waitReason(soon, v1alpha1.ReasonObserved)
			w.changeRemote(id, record{"queueLength": 99})
			r.check()
			wantDrift(t, r.status(), "queueLength")
			renew(w, running)
			w.lookAtRows()
			r.stays(3*time.Second, driftsIn("queueLength"))

			// A full read does clear it.
			w.changeRemote(id, record{"queueLength": 20})
			r.check()
			if drift := r.status().Drift; len(drift) != 0 {
				t.Errorf("drift is left: %v", drift)
			}
		})
	}
}

func TestRowsDoNotClearAnIgnoredField(t *testing.T) {
	t.Parallel()
	for name, renew := range rowOnlyLooks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
			w := newWorld(t, k, ownManager)
			running := w.runManager(managerOptions{})
			w.waitConnected()
			w.faults(with(k.writes(), simulator.FaultRule{DropFields: []string{"queueLength"}}))
			r := w.create(k.full("Ignored"))
			_, message := r.waitReason(later, v1alpha1.ReasonFieldIgnored)
			if !strings.Contains(message, "queueLength") {
				t.Errorf("the message does not name queueLength: %s", message)
			}
			renew(w, running)
			w.lookAtRows()
			r.stays(3*time.Second, func(status v1alpha1.ConfigStatus) error {
				if reason := readyReason(status); reason != v1alpha1.ReasonFieldIgnored {
					return fmt.Errorf("the reason is %s", reason)
				}
				return driftsIn("queueLength")(status)
			})
		})
	}
}

func readyReason(status v1alpha1.ConfigStatus) v1alpha1.Reason {
	for _, condition := range status.Conditions {
		if condition.Type == v1alpha1.ConditionReady {
			return v1alpha1.Reason(condition.Reason)
		}
	}
	return ""
}

// Proves: S0.25
func TestRequestedCheckReadsWhatRowsDoNotShow(t *testing.T) {
	t.Parallel()
	k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
	w := newWorld(t, k, ownManager)
	running := w.runManager(managerOptions{})
	w.waitConnected()
	r := w.create(k.full("Deep"))
	id := r.waitReady().ID
	repaired := func() {
		w.changeRemote(id, record{"queueLength": 99})
		r.check()
		r.waitReady()
		w.wantRemote(id, map[string]any{"queueLength": 20})
	}
	repaired()
	rowOnlyLooks()["restart"](w, running)
	repaired()
	r.waitEvent("DriftCorrected", "queueLength", "99", "20")
}
