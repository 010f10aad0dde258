package conformance_test

import (
	"errors"
	"net/http"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// silent makes the remote services answer nothing useful any more.
func (w *world) silent() {
	w.t.Helper()
	w.faults(simulator.FaultRule{Status: http.StatusServiceUnavailable})
}

// What was never created needs no look at the service to be deleted, and no connection.
func TestWhatWasRefusedIsLetGoAtOnce(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		content, _ := k.rejected(w)
		r := w.create(content)
		r.waitStalled(v1alpha1.ReasonRejected)
		// An attempt that is under way when the services fall silent would have no clear answer.
		eventually(t, soon, func() error {
			if _, intended := r.read().GetAnnotations()[v1alpha1.CreateIntentAnnotation]; intended {
				return errors.New("the intent is not withdrawn yet")
			}
			return nil
		})
		w.silent()
		r.delete()
		r.waitGone()
	})
}

// Nor does the next process need one.
func TestWhatWasRefusedIsLetGoAfterARestart(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k, ownManager)
		first := w.runManager(managerOptions{})
		w.waitConnected()
		content, _ := k.rejected(w)
		r := w.create(content)
		r.waitStalled(v1alpha1.ReasonRejected)
		if err := first.stop(); err != nil {
			t.Fatal(err)
		}
		if _, intended := r.read().GetAnnotations()[v1alpha1.CreateIntentAnnotation]; !intended {
			w.silent() // else another attempt was cut off by the end of the process, and somebody has to look
		}
		r.delete()
		w.runManager(managerOptions{})
		r.waitGoneWithin(later)
	})
}

// Where it lives cannot be changed, so a mistyped group can only be deleted.
func TestACallCenterInAGroupThatDoesNotExistIsLetGoAtOnce(t *testing.T) {
	t.Parallel()
	for _, authentication := range []v1alpha1.GatewayAuthentication{v1alpha1.GatewaySession, v1alpha1.GatewayCore} {
		t.Run(string(authentication), func(t *testing.T) {
			t.Parallel()
			k := callCenter("", authentication)
			w := newWorld(t, k)
			r := w.create(k.minimal("Mistyped").with("groupID", "mian"))
			r.waitStalled(v1alpha1.ReasonRejected)
			r.delete()
			r.waitGone()
		})
	}
}
