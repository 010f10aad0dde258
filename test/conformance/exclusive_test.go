package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// forEachRule runs a behaviour for every kind with an exclusive field, under each way in which the service may treat a
// second object that asks for it.
func forEachRule(t *testing.T, behaviour func(t *testing.T, w *world)) {
	t.Helper()
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.exclusive == "" {
			return
		}
		for _, how := range []string{simulator.DefaultCodesMove, simulator.DefaultCodesRefuse, simulator.DefaultCodesFree} {
			t.Run(how, func(t *testing.T) {
				t.Parallel()
				ruled := *k
				ruled.simulator = k.ruled(how)
				w := newWorld(t, &ruled)
				for _, one := range w.remotes() { // nobody has it
					w.changeRemote(w.remoteID(one), record{k.exclusive: false})
				}
				behaviour(t, w)
			})
		}
	})
}

// wantHolder waits until a resource has the exclusive field at the service and the other one does not.
func (w *world) wantHolder(holder, other *resource) {
	w.t.Helper()
	eventually(w.t, soon, func() error {
		for r, want := range map[*resource]bool{holder: true, other: false} {
			if err := w.remoteHas(r.status().ID, w.kind.exclusive, want); err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
		}
		return nil
	})
}

// waitLoses waits until a resource says that it does not own the exclusive field, and who does.
func (r *resource) waitLoses(owner *resource) {
	r.w.t.Helper()
	_, message := r.waitStalled(v1alpha1.ReasonExclusiveField)
	if !strings.Contains(message, r.w.namespace+"/"+owner.name) || !strings.Contains(message, r.kind.exclusive) {
		r.w.t.Errorf("the message does not name the field and its owner %s: %s", owner.name, message)
	}
}

// Of two resources that ask for what one object can have, the older one owns it for as long as it asks; where both are
// equally old, the name decides. The other one says so, has everything else kept equal, and does not fight for it.
//
// Proves: S0.6
func TestOneOwnerOfAnExclusiveField(t *testing.T) {
	forEachRule(t, func(t *testing.T, w *world) {
		k := w.kind
		asking := func(name string) *resource { return w.createNamed(name, k.minimal("").with(k.exclusive, true)) }
		first := asking("first")
		first.waitReady()
		second := asking("second")
		second.waitLoses(first)
		w.wantHolder(first, second)

		writes := len(w.requestsOf(http.MethodPost, http.MethodPut, http.MethodPatch))
		for range 3 {
			second.check()
			first.check()
		}
		if now := len(w.requestsOf(http.MethodPost, http.MethodPut, http.MethodPatch)); now != writes {
			t.Errorf("%d writes while both were checked\n%s", now-writes, w.writeLog())
		}
		second.change(spec{k.unowned.spec: "ours"})
		second.waitLoses(first)
		w.wantRemote(second.status().ID, map[string]any{k.unowned.wirePath(): "ours"})

		// The owner gives it up, without a check of anybody.
		first.change(spec{k.exclusive: false})
		second.waitReady()
		w.wantHolder(second, first)
	})
}

// The older resource gets the field although a younger one has it already, as far as the service lets it.
//
// Proves: S0.6
func TestAnOlderResourceTakesAnExclusiveField(t *testing.T) {
	forEachRule(t, func(t *testing.T, w *world) {
		k := w.kind
		first := w.createNamed("first", k.minimal("").with(k.exclusive, false))
		first.waitReady()
		second := w.createNamed("second", k.minimal("").with(k.exclusive, true))
		second.waitReady()
		first.change(spec{k.exclusive: true})
		second.waitLoses(first)
		second.change(spec{k.exclusive: false})
		second.waitReady()
		first.waitReady() // at once, also where the service has refused it until now
		w.wantHolder(first, second)

		second.change(spec{k.exclusive: true})
		second.waitLoses(first)
		first.delete()
		first.waitGone()
		second.waitReady()
		if err := w.remoteHas(second.status().ID, k.exclusive, true); err != nil {
			t.Error(err)
		}
	})
}

// Who only observes owns nothing.
func TestAnObserverOwnsNoExclusiveField(t *testing.T) {
	forEachRule(t, func(t *testing.T, w *world) {
		k := w.kind
		w.addRemote(k.remote(w, "first"))
		w.createNamed("first", observing(k.minimal("").with(k.exclusive, true))).waitReason(soon, v1alpha1.ReasonObserved)
		second := w.createNamed("second", k.minimal("").with(k.exclusive, true))
		second.waitReady()
		if err := w.remoteHas(second.status().ID, k.exclusive, true); err != nil {
			t.Error(err)
		}
	})
}
