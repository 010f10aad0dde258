package controllers

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
)

const (
	// failingFrom is how many sweeps in a row fail before that is worth telling.
	failingFrom = 3
	// comparisonsShown is how old the time of a comparison in a status may get before it alone is worth a write.
	comparisonsShown = time.Hour
)

// The events by which it is told that a kind is not compared any more, and that it is again.
const (
	eventComparisonFails = "ComparisonFails"
	eventComparisonWorks = "ComparisonWorks"
)

// compared is when the collections were last compared, by the status.
func (v *organizationVisit) compared() map[string]time.Time {
	known := map[string]time.Time{}
	for _, kind := range v.r.Kinds {
		if entry := comparisonOf(&v.organization.Status, kind.Name); entry != nil && entry.LastTime != nil {
			known[kind.Collection] = entry.LastTime.Time
		}
	}
	return known
}

// showComparisons shows when the objects of each kind were last compared with the service. What differs by a time only is
// left out unless exact is set, or the time is much older. What this process knows nothing of stays, so a restart writes
// nothing; a kind without objects has no entry.
func (v *organizationVisit) showComparisons(exact bool) {
	status := &v.organization.Status
	connected, ok := v.r.Registry.Get(v.key)
	if !ok {
		return
	}
	known := connected.Compared()
	for _, kind := range v.r.Kinds {
		found, ok := known[kind.Collection]
		now := comparisonFrom(kind.Name, found)
		switch {
		case v.r.tally.complete() && !v.r.tally.has(v.key, kind.New()):
			status.Comparisons = slices.DeleteFunc(status.Comparisons, func(c v1alpha1.Comparison) bool { return c.Kind == kind.Name })
		case ok && now != (v1alpha1.Comparison{Kind: kind.Name}):
			v.showComparison(now, exact)
		}
	}
}

func (v *organizationVisit) showComparison(now v1alpha1.Comparison, exact bool) {
	status := &v.organization.Status
	entry := comparisonOf(status, now.Kind)
	if entry != nil && !exact && !worthShowing(*entry, now) {
		return
	}
	if entry == nil {
		status.Comparisons = append(status.Comparisons, v1alpha1.Comparison{Kind: now.Kind})
		entry = &status.Comparisons[len(status.Comparisons)-1]
	}
	switch was, is := entry.FailingSince != nil, now.FailingSince != nil; {
	case is && !was:
		v.event(corev1.EventTypeWarning, eventComparisonFails, "Compare", fmt.Sprintf("%s: %s", now.Kind, now.Message))
	case was && !is:
		v.event(corev1.EventTypeNormal, eventComparisonWorks, "Compare", now.Kind+" objects are compared again")
	}
	*entry = now
}

// worthShowing tells whether an entry of a status is worth a write of its own.
func worthShowing(shown, now v1alpha1.Comparison) bool {
	if (shown.FailingSince == nil) != (now.FailingSince == nil) {
		return true
	}
	return now.LastTime != nil && (shown.LastTime == nil || now.LastTime.Sub(shown.LastTime.Time) >= comparisonsShown)
}

// comparisonFrom is what a status says of a collection.
func comparisonFrom(kind string, found inventory.Compared) v1alpha1.Comparison {
	entry := v1alpha1.Comparison{Kind: kind, LastTime: timeOrNil(found.Last)}
	if found.Failures >= failingFrom {
		entry.FailingSince = timeOrNil(found.FailingSince)
		entry.Message = shorten(found.Cause.Error())
	}
	return entry
}

func comparisonOf(status *v1alpha1.WebexOrganizationStatus, kind string) *v1alpha1.Comparison {
	for i := range status.Comparisons {
		if status.Comparisons[i].Kind == kind {
			return &status.Comparisons[i]
		}
	}
	return nil
}

// outdatedComparisons tells whether a status lacks something of a comparison that is worth a write.
func (r *OrganizationReconciler) outdatedComparisons(connected *inventory.Organization, status *v1alpha1.WebexOrganizationStatus) bool {
	known := connected.Compared()
	return slices.ContainsFunc(r.Kinds, func(kind ObjectKind) bool {
		found, ok := known[kind.Collection]
		now := comparisonFrom(kind.Name, found)
		if !ok || now == (v1alpha1.Comparison{Kind: kind.Name}) {
			return false
		}
		shown := comparisonOf(status, kind.Name)
		return shown == nil || worthShowing(*shown, now)
	})
}
