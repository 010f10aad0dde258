package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// deleteAnswers are answers to a DELETE that prove nothing: those of proxies, queues and error pages.
func deleteAnswers(k *kind) map[string]simulator.FaultRule {
	answers := map[string]simulator.FaultRule{
		"a page":           {Status: http.StatusOK, Body: "<html><body>Welcome</body></html>"},
		"an empty object":  {Status: http.StatusOK, Body: "{}"},
		"accepted":         {Status: http.StatusAccepted},
		"a page not found": {Status: http.StatusNotFound, Body: "<html><body>Not here</body></html>"},
	}
	if k.entity == "" {
		answers["no content"] = simulator.FaultRule{Status: http.StatusNoContent} // documented for Webex, not for the gateway
	}
	return answers
}

// leaving are several objects, so that those which can are deleted in bulk.
func leaving(w *world) []*resource {
	var all []*resource
	for i := range 3 {
		all = append(all, w.create(w.kind.minimal(fmt.Sprintf("Leaving %d", i))))
	}
	for _, r := range all {
		r.waitReady()
	}
	return all
}

// A 2xx is no proof that anything was deleted: the resource stays until something proves it.
func TestDeleteThatWasNotDoneKeepsTheResource(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		for name, answer := range deleteAnswers(k) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, k)
				all := leaving(w)
				w.faults(with(k.writes(), answer))
				for _, r := range all {
					r.delete()
				}
				for _, r := range all {
					r.waitReason(soon, v1alpha1.ReasonAmbiguousWrite, v1alpha1.ReasonInvalidResponse)
				}
				throughout(t, time.Second, func() error {
					if left := w.remotesLeft("Leaving", len(all)); left != len(all) {
						return fmt.Errorf("%d remote objects are left of %d", left, len(all))
					}
					for _, r := range all {
						if len(r.read().GetFinalizers()) == 0 {
							return fmt.Errorf("%s was let go, and its remote object is there", r.name)
						}
					}
					return nil
				})
				w.faults()
				for _, r := range all {
					r.waitGoneWithin(later)
				}
				if left := w.remotesLeft("Leaving", len(all)); left != 0 {
					t.Errorf("%d remote objects are left", left)
				}
			})
		}
	})
}

// What was done without being said is found out by a listing that began later.
func TestDeleteThatWasDoneWithoutSayingSoEnds(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		for name, answer := range deleteAnswers(k) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, k)
				all := leaving(w)
				answer.Work = true
				w.faults(with(k.writes(), answer))
				for _, r := range all {
					r.delete()
				}
				for _, r := range all {
					r.waitGoneWithin(later)
				}
				if left := w.remotesLeft("Leaving", len(all)); left != 0 {
					t.Errorf("%d remote objects are left", left)
				}
			})
		}
	})
}

// A service that refuses a deletion for good strands nobody: the message names the way out.
func TestDeletionThatIsRefusedNamesTheWayOut(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.minimal("Refused"))
		r.waitReady()
		w.faults(with(k.writes(), simulator.FaultRule{Status: http.StatusBadRequest}))
		r.delete()
		if _, message := r.waitStalled(v1alpha1.ReasonRejected); !strings.Contains(message, "deletionPolicy: Retain") {
			t.Errorf("the message names no way out: %s", message)
		}
		r.change(patchOf("deletionPolicy", "Retain"))
		r.waitGone()
		w.onlyRemote("Refused")
	})
}
