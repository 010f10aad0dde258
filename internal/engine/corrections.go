package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/metrics"
)

const (
	// contestedAfter is how many corrections of one field within contestedWithin show that somebody else keeps writing it.
	contestedAfter  = 5
	contestedWithin = time.Hour
)

// corrections are the times at which fields of one object were corrected, by path in the spec.
type corrections struct {
	uid    types.UID
	fields map[string][]time.Time
}

// recent returns the corrections that count still. The fields are those that come up in both.
func (c corrections) recent(now time.Time) corrections {
	kept := corrections{uid: c.uid, fields: map[string][]time.Time{}}
	for field, times := range c.fields {
		first := slices.IndexFunc(times, func(at time.Time) bool { return now.Sub(at) < contestedWithin })
		if first >= 0 {
			kept.fields[field] = slices.Clone(times[max(first, len(times)-contestedAfter):])
		}
	}
	return kept
}

// contested are the fields that were corrected too often.
func (c corrections) contested() []string {
	var fields []string
	for _, field := range slices.Sorted(maps.Keys(c.fields)) {
		if len(c.fields[field]) >= contestedAfter {
			fields = append(fields, field)
		}
	}
	return fields
}

func (v *visit[T]) corrections() corrections {
	known, ok := v.r.corrected.load(v.key)
	if !ok || known.uid != v.obj.GetUID() {
		return corrections{uid: v.obj.GetUID(), fields: map[string][]time.Time{}}
	}
	return known.recent(time.Now())
}

// noteCorrection counts what has just been corrected without any change of the spec.
func (v *visit[T]) noteCorrection(differences []difference) {
	metrics.Corrected(v.organizationKey, v.r.kind.Name)
	known := v.corrections()
	for _, d := range differences {
		known.fields[d.spec] = append(known.fields[d.spec], time.Now())
	}
	v.r.corrected.store(v.key, known)
}

// showContested keeps the condition Contested while fields are corrected again and again.
func (v *visit[T]) showContested() {
	fields := v.corrections().contested()
	was := meta.IsStatusConditionTrue(v.status().Conditions, v1alpha1.ConditionContested)
	if len(fields) == 0 {
		meta.RemoveStatusCondition(&v.status().Conditions, v1alpha1.ConditionContested)
		return
	}
	message := fmt.Sprintf("corrected at least %d times within an hour, somebody else keeps changing: %s", contestedAfter, strings.Join(fields, ", "))
	v.set(v1alpha1.ConditionContested, metav1.ConditionTrue, v1alpha1.ReasonContested, message)
	if !was {
		v.emit(corev1.EventTypeWarning, string(v1alpha1.ReasonContested), "Reconcile", message)
	}
}
