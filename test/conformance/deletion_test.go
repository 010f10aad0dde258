package conformance_test

import (
	"errors"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"wxcc.dev/operator/api/v1alpha1"
)

func TestDeletionPolicies(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name    string
		adopted bool
		policy  string
		stays   bool
	}{
		{"created, unset", false, "", false},
		{"created, Delete", false, "Delete", false},
		{"created, Retain", false, "Retain", true},
		{"adopted, unset", true, "", true},
		{"adopted, Delete", true, "Delete", false},
		{"adopted, Retain", true, "Retain", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			forEachKind(t, func(t *testing.T, k *kind) {
				w := newWorld(t, k)
				if row.adopted {
					w.addRemote(k.remoteFull(w, "Leaving"))
				}
				content := k.full("Leaving")
				if row.policy != "" {
					content = content.with("deletionPolicy", row.policy)
				}
				r := w.create(content)
				r.waitReady()
				w.sim.Reset()
				r.delete()
				r.waitGone()
				if left := len(w.remotesNamed("Leaving")); (left == 1) != row.stays {
					t.Errorf("%d remote objects are left\n%s", left, w.writeLog())
				}
				if row.stays {
					w.wantNoWrites()
				}
			})
		})
	}
}

// Proves: S3.5
func TestDeletionOfWhatIsGone(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.minimal("Gone already"))
		id := r.waitReady().ID
		w.deleteRemote(id)
		r.delete()
		r.waitGone()
	})
}

func TestDeletionOfWhatIsInUse(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.block == nil {
			t.Skip("nothing can refer to this kind")
		}
		w := newWorld(t, k)
		r := w.create(k.minimal("Needed"))
		id := r.waitReady().ID
		user, release := k.block(w, id)
		r.delete()
		_, message := r.waitReason(soon, v1alpha1.ReasonInUse)
		if !strings.Contains(message, user) {
			t.Errorf("the message does not name %q: %s", user, message)
		}
		w.onlyRemote("Needed")
		release()
		r.ask()
		r.waitGone()
		if left := w.remotesNamed("Needed"); len(left) != 0 {
			t.Errorf("the object is left")
		}
	})
}

// A reference may vanish before the object that holds it: deletion goes by id.
func TestDeletionNeedsNoReferences(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if len(k.references) == 0 {
			t.Skip("the kind refers to nothing")
		}
		reference := k.references[0]
		w := newWorld(t, k)
		target := reference.target(w, "target")
		target.waitReady()
		r := w.create(k.minimal("Pointing").with(reference.spec, map[string]any{"name": "target"}))
		r.waitReady()
		target.delete()
		target.waitReason(soon, v1alpha1.ReasonInUse)
		r.delete()
		r.waitGone()
		target.ask()
		target.waitGone()
	})
}

func TestDeletionWithoutAnOrganization(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		kept, gone := w.create(k.minimal("Kept").with("deletionPolicy", "Retain")), w.create(k.minimal("Gone"))
		kept.waitReady()
		gone.waitReady()
		w.tearOrganization()
		gone.waitReason(soon, v1alpha1.ReasonWaitingForOrganization)
		w.sim.Reset()
		kept.delete()
		kept.waitGone()
		gone.delete()
		gone.wait(soon, func(_ *unstructured.Unstructured, status v1alpha1.ConfigStatus) error {
			condition := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
			if condition.Reason != string(v1alpha1.ReasonWaitingForOrganization) || !strings.Contains(condition.Message, "Retain") {
				return errors.New("does not say how to let go without the organization")
			}
			return nil
		})
		w.wantNoWrites()
		w.mustCreate(w.newOrganization())
		gone.waitGoneWithin(later)
		w.onlyRemote("Kept")
		if left := w.remotesNamed("Gone"); len(left) != 0 {
			t.Error("the object is left")
		}
	})
}
