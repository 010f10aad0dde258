package engine

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// sentWrite is the last write of an object that the service has confirmed, until a read shows it.
type sentWrite struct {
	uid types.UID
	// answered is when the service confirmed it.
	answered time.Time
	// values holds a hash of what was sent, by wire path.
	values map[string]uint64
	// requested is the value of the annotation that asks for a check, at that time.
	requested string
}

var sentSeed = maphash.MakeSeed()

func hashValue(value any) uint64 { return maphash.String(sentSeed, remote.Text(value)) }

// noteSent remembers what the service has just confirmed. Only this process knows exactly; see ignoredBefore.
func (v *visit[T]) noteSent(values map[string]uint64) {
	v.r.sent.store(v.key, sentWrite{uid: v.obj.GetUID(), answered: time.Now(), values: values, requested: v.requested()})
}

func sentDifferences(differences []difference) map[string]uint64 {
	values := make(map[string]uint64, len(differences))
	for _, d := range differences {
		values[d.path] = hashValue(d.desired)
	}
	return values
}

func sentObject(object remote.Object) map[string]uint64 {
	values := map[string]uint64{}
	for _, path := range object.Leaves() {
		value, _ := object.Get(path)
		values[path] = hashValue(value)
	}
	return values
}

// covers tells whether every difference is about a value that was sent just so.
func (s sentWrite) covers(differences []difference) bool {
	for _, d := range differences {
		if value, sent := s.values[d.path]; !sent || value != hashValue(d.desired) {
			return false
		}
	}
	return true
}

// ignored looks at differences that a confirmed write of these very values should have removed. Within the settle window
// reads may still show the state before it; after that the service has ignored the fields, which is said once and tried
// again slowly, or at once when somebody asks.
func (v *visit[T]) ignored(differences []difference) *outcome {
	if len(differences) == 0 {
		return nil
	}
	sent, ok := v.r.sent.load(v.key)
	if !ok || sent.uid != v.obj.GetUID() {
		if v.ignoredBefore(differences) {
			return v.fieldsIgnored(differences)
		}
		return nil
	}
	if !sent.covers(differences) {
		return nil
	}
	switch age := time.Since(sent.answered); {
	case age < v.r.env.settleWindow():
		v.status().Drift = driftList(differences)
		return v.notSettled("the write is not visible yet")
	case age < slowRetry && sent.requested == v.requested():
		return v.fieldsIgnored(differences)
	}
	return nil
}

// ignoredBefore tells whether a former process has found just these values ignored lately: a restart is no reason to send
// them again.
func (v *visit[T]) ignoredBefore(differences []difference) bool {
	change := v.status().LastChange
	if v.readyReason() != v1alpha1.ReasonFieldIgnored || !v.unchangedSince() || change == nil || time.Since(change.Time.Time) >= slowRetry {
		return false
	}
	known := v.before.GetConfigStatus().Drift
	for _, row := range driftList(differences) {
		if !slices.ContainsFunc(known, func(other v1alpha1.FieldDrift) bool { return other.Field == row.Field && other.Desired == row.Desired }) {
			return false
		}
	}
	return true
}

func (v *visit[T]) fieldsIgnored(differences []difference) *outcome {
	v.status().Drift = driftList(differences)
	kept := make([]string, 0, len(differences))
	for _, d := range differences {
		kept = append(kept, fmt.Sprintf("%s (it has %q)", d.spec, remote.Printable(remote.Text(d.actual), 80)))
	}
	return stalled(v1alpha1.ReasonFieldIgnored, "the service confirmed the write but kept its own value of: "+strings.Join(kept, ", ")+
		"; a licence or feature that the organization lacks may be the cause").in(slowRetry)
}

// unchangedSpec: the spec is still the one that the conditions speak of.
func (v *visit[T]) unchangedSpec() bool {
	return v.settled || v.status().ObservedGeneration == v.obj.GetGeneration()
}

// unchangedSince: nor has anybody asked for a check.
func (v *visit[T]) unchangedSince() bool {
	return v.status().ObservedGeneration == v.obj.GetGeneration() && v.requested() == v.status().LastHandledReconcileAt
}
