package controllers

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/metrics"
	"wxcc.dev/operator/internal/token"
)

// eventTokenRefreshed tells that the tokens were renewed.
const eventTokenRefreshed = "TokenRefreshed"

const day = 24 * time.Hour

// defaultExpiryWarnings are the times before the end of a connection at which somebody is warned.
var defaultExpiryWarnings = []time.Duration{30 * day, 14 * day, 7 * day, day}

// showTokens puts the state of the tokens into status and metrics. A token that works is no failure, whatever came of
// its renewal.
func (v *organizationVisit) showTokens(err error) *failure {
	known := v.session.webex.source.Status()
	if known.Loaded || (known.Problem != nil && known.Problem.Permanent) {
		v.showGrant(known)
	}
	v.dueAt(known.Next)
	for _, end := range []time.Time{known.AccessEnds, known.RefreshEnds} {
		if end.After(v.now) {
			v.dueAt(end)
		}
	}
	problem := known.Problem
	if known.Usable {
		v.showUsable(problem)
		return nil
	}
	failed := waits(v1alpha1.ReasonUnauthorized, "the access token cannot be used")
	switch {
	case problem != nil:
		failed = tokenFailure(problem)
	case err != nil:
		failed = failureOf(err)
	}
	v.set(v1alpha1.ConditionTokenValid, failed.status, failed.reason, failed.message)
	return failed
}

// showGrant puts what is known of the tokens into status and metrics; without tokens it is nothing.
func (v *organizationVisit) showGrant(known token.Status) {
	status := &v.organization.Status
	status.AccessTokenExpiresAt = timeOrNil(known.AccessEnds)
	status.RefreshTokenExpiresAt = timeOrNil(known.RefreshEnds)
	metrics.TokenExpiry(v.key, metrics.AccessToken, known.AccessEnds)
	metrics.TokenExpiry(v.key, metrics.RefreshToken, known.RefreshEnds)
	v.showScopes(known.Scopes)
	v.scheduleRefresh(known)
	v.warnOfEnd(known)
}

// showUsable says that the token works, and what is to be expected of it.
func (v *organizationVisit) showUsable(problem *token.Error) {
	const works = "the access token works"
	switch {
	case problem == nil:
		v.set(v1alpha1.ConditionTokenValid, metav1.ConditionTrue, v1alpha1.ReasonConnected, works)
	case problem.Permanent:
		was := v.was(v1alpha1.ConditionTokenValid)
		message := works + " until it expires, but cannot be renewed: " + problem.Error()
		v.set(v1alpha1.ConditionTokenValid, metav1.ConditionTrue, problem.Reason, message)
		if was == nil || was.Reason != string(problem.Reason) {
			v.event(corev1.EventTypeWarning, string(problem.Reason), "Refresh", message)
		}
	default:
		v.set(v1alpha1.ConditionTokenValid, metav1.ConditionTrue, v1alpha1.ReasonConnected,
			works+"; its renewal is tried again: "+problem.Error())
	}
}

// tellRefresh tells of a renewal: one that this visit made, or one that was made since the last visit because a call
// needed it.
func (v *organizationVisit) tellRefresh(here bool) {
	session := &v.session.webex
	known := session.source.Status()
	same := session.origin == known.Origin
	session.origin = known.Origin
	var told time.Time
	if last := lastSync(&v.organization.Status, v1alpha1.SyncTokens); last != nil {
		told = last.Time
	}
	if here || (same && known.RefreshedAt.After(told)) {
		v.event(corev1.EventTypeNormal, eventTokenRefreshed, "Refresh",
			"the access token was renewed and stored; it works until "+moment(known.AccessEnds))
	}
}

// scheduleRefresh shows when the tokens were last renewed and will be next. Tokens that cannot be renewed have no such
// schedule.
func (v *organizationVisit) scheduleRefresh(known token.Status) {
	if !known.Renewable {
		v.endSyncs(v1alpha1.SyncTokens)
		return
	}
	entry := v.sync(v1alpha1.SyncTokens)
	entry.LastTime, entry.NextTime = timeOrNil(known.RefreshedAt), timeOrNil(known.Next)
	entry.Result, entry.Message = "", ""
	switch {
	case known.Problem != nil:
		entry.Result, entry.Message = v1alpha1.SyncFailed, shorten(known.Problem.Error())
	case entry.LastTime != nil:
		entry.Result = v1alpha1.SyncSucceeded
	}
}

// warnOfEnd says that the connection ends soon: with its refresh token, or with the access token where that cannot be
// renewed. Between two of the times at which somebody is to be warned nothing changes.
func (v *organizationVisit) warnOfEnd(known token.Status) {
	ends, what := known.RefreshEnds, "the refresh token"
	if known.Loaded && !known.Renewable {
		ends, what = known.AccessEnds, "the access token, which cannot be renewed,"
	}
	metrics.ConnectionEnd(v.key, ends)
	warnings := expiryWarnings(&v.organization.Spec.TokenRefresh)
	left := ends.Sub(v.now)
	passed := slices.IndexFunc(warnings, func(warning time.Duration) bool { return left <= warning })
	for _, warning := range warnings {
		if at := ends.Add(-warning); at.After(v.now) {
			v.dueAt(at)
		}
	}
	if ends.IsZero() || left <= 0 || passed < 0 {
		v.unset(v1alpha1.ConditionTokenExpiring)
		return
	}
	message := fmt.Sprintf("%s %s ends on %s and every write stops then: give consent again or put new tokens into the Secret",
		lead(warnings[passed]), what, moment(ends))
	told := v.toldOfEnd(warnings)
	v.set(v1alpha1.ConditionTokenExpiring, metav1.ConditionTrue, v1alpha1.ReasonExpiresSoon, message)
	if told < 0 || passed < told {
		v.event(corev1.EventTypeWarning, string(v1alpha1.ReasonExpiresSoon), "Expire", message)
	}
}

// toldOfEnd is the index of the warning that was given last, -1 if none was: the condition itself remembers it.
func (v *organizationVisit) toldOfEnd(warnings []time.Duration) int {
	was := v.was(v1alpha1.ConditionTokenExpiring)
	if was == nil {
		return -1
	}
	return slices.IndexFunc(warnings, func(warning time.Duration) bool { return strings.HasPrefix(was.Message, lead(warning)) })
}

// expiryWarnings are the times to warn at, the shortest first.
func expiryWarnings(spec *v1alpha1.TokenRefresh) []time.Duration {
	if spec.ExpiryWarnings == nil {
		return slices.Sorted(slices.Values(defaultExpiryWarnings))
	}
	warnings := make([]time.Duration, 0, len(spec.ExpiryWarnings))
	for _, warning := range spec.ExpiryWarnings {
		warnings = append(warnings, warning.Duration)
	}
	slices.Sort(warnings)
	return warnings
}

// lead begins the message of a warning and tells the warnings apart.
func lead(warning time.Duration) string {
	span := warning.String()
	switch {
	case warning == day:
		span = "1 day"
	case warning%day == 0:
		span = fmt.Sprintf("%d days", warning/day)
	case warning%time.Hour == 0:
		span = fmt.Sprintf("%d hours", warning/time.Hour)
	}
	return "no more than " + span + " left:"
}

// moment is a time as people read it in a message.
func moment(at time.Time) string {
	if at.IsZero() {
		return "an unknown time"
	}
	return at.UTC().Format("2006-01-02 15:04 MST")
}
