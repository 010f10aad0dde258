package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// Proves: S3.10
func TestSecretIsWaitedForAndRotationSendsOnce(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.secret == nil {
			t.Skip("the kind refers to no Secret")
		}
		w := newWorld(t, k)
		r := w.create(k.minimal("Guarded").with(k.secret.spec, map[string]any{"name": "password", "key": "value"}))
		_, message := r.waitReason(soon, v1alpha1.ReasonSecretNotFound)
		if !strings.Contains(message, "password") {
			t.Errorf("the message does not name the Secret: %s", message)
		}
		w.wantNoWrites()
		first, second := w.secretValue("first-password"), w.secretValue("other-password")
		w.createSecret("password", map[string]string{"value": first})
		id := r.waitReady().ID
		w.wantRemote(id, map[string]any{k.secret.wirePath(): first})

		w.sim.Reset()
		w.changeSecret("password", map[string]string{"another": "key"})
		r.check()
		w.wantNoWrites()

		w.changeSecret("password", map[string]string{"value": second})
		eventually(t, soon, func() error { return w.remoteHas(id, k.secret.wirePath(), second) })
		r.waitReady()
		r.check()
		r.check()
		if sent := len(w.requestsOf(http.MethodPut, http.MethodPost)); sent != 1 {
			t.Errorf("the new value was sent %d times\n%s", sent, w.writeLog())
		}
	})
}

func TestSecretOfAnAdoptedObjectIsNotSent(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.secret == nil {
			t.Skip("the kind refers to no Secret")
		}
		w := newWorld(t, k)
		w.addRemote(k.remoteFull(w, "Guarded"))
		w.createSecret("password", map[string]string{"value": w.secretValue("first-password")})
		r := w.create(k.full("Guarded").with(k.secret.spec, map[string]any{"name": "password", "key": "value"}))
		if status := r.waitReady(); status.Origin != v1alpha1.OriginAdopted {
			t.Errorf("origin is %q", status.Origin)
		}
		w.wantNoWrites()
	})
}

// remoteHas says what is wrong with a field of a remote object; nil if nothing.
func (w *world) remoteHas(id, path string, want any) error {
	w.t.Helper()
	for _, one := range w.remotes() {
		if w.remoteID(one) == id && same(one.at(path), want) {
			return nil
		}
	}
	return fmt.Errorf("remote %s of %s has another value", path, id)
}
