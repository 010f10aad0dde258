package controllers

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/token"
)

// slowOrganizationRetry is for what somebody must change where the operator cannot watch.
const slowOrganizationRetry = 10 * time.Minute

// failure is why a part of a connection does not work.
type failure struct {
	// status of the part's condition: False, or Unknown where time may heal it.
	status  metav1.ConditionStatus
	reason  v1alpha1.Reason
	message string
	// stalled: nothing changes until somebody changes the resource, its Secret or something at the service.
	stalled bool
	// after is when to look again; 0 leaves it to a watch, or to the back-off of err.
	after time.Duration
	err   error
}

// waits is a failure that a watched object ends.
func waits(reason v1alpha1.Reason, message string) *failure {
	return &failure{status: metav1.ConditionFalse, reason: reason, message: message}
}

// stalled is a failure that only a person ends, here or, if it is looked at again in a while, at the service.
func stalled(reason v1alpha1.Reason, message string) *failure {
	return &failure{status: metav1.ConditionFalse, reason: reason, message: message, stalled: true}
}

// unknown is a failure that time may end; it is tried again with a growing back-off.
func unknown(reason v1alpha1.Reason, err error) *failure {
	return &failure{status: metav1.ConditionUnknown, reason: reason, message: err.Error(), err: err}
}

// in says when to look again.
func (f *failure) in(wait time.Duration) *failure {
	f.after = wait
	return f
}

// failureOf says what an error of a remote call means for the connection.
func failureOf(err error) *failure {
	if problem, ok := errors.AsType[*token.Error](err); ok {
		return tokenFailure(problem)
	}
	wait := remote.RetryAfter(err)
	switch remote.ClassOf(err) {
	case remote.Unauthorized:
		return waits(v1alpha1.ReasonUnauthorized, err.Error()).in(max(wait, 30*time.Second))
	case remote.Forbidden:
		return stalled(refusalReason(err), err.Error()).in(slowOrganizationRetry)
	case remote.NotFound:
		return stalled(v1alpha1.ReasonOrganizationNotFound, err.Error()).in(slowOrganizationRetry)
	case remote.RateLimited:
		return unknown(v1alpha1.ReasonRateLimited, err).in(max(wait, 5*time.Second))
	case remote.InvalidResponse:
		return unknown(v1alpha1.ReasonInvalidResponse, err).in(wait)
	case remote.Rejected:
		return stalled(v1alpha1.ReasonRejected, err.Error()).in(slowOrganizationRetry)
	}
	return unknown(v1alpha1.ReasonUnavailable, err).in(wait)
}

// refusalReason tells a 403 from the 401 by which Webex says outright that a scope is missing.
func refusalReason(err error) v1alpha1.Reason {
	if refused, ok := errors.AsType[*remote.Error](err); ok && refused.Status == http.StatusUnauthorized {
		return v1alpha1.ReasonScopeMissing
	}
	return v1alpha1.ReasonForbidden
}

// tokenFailure says what the want of a token means. The time of the next attempt comes from the token's own status.
func tokenFailure(problem *token.Error) *failure {
	switch {
	case problem.Reason == v1alpha1.ReasonCredentialsMissing, problem.Reason == v1alpha1.ReasonAuthorizationRequired:
		return waits(problem.Reason, problem.Error())
	case problem.Permanent:
		return stalled(problem.Reason, problem.Error())
	case problem.Reason == v1alpha1.ReasonUnauthorized:
		return waits(problem.Reason, problem.Error()).in(remote.RetryAfter(problem))
	}
	return unknown(problem.Reason, problem).in(remote.RetryAfter(problem))
}

// about puts what was attempted before the message.
func (f *failure) about(what string) *failure {
	f.message = what + ": " + f.message
	if f.err != nil {
		f.err = fmt.Errorf("%s: %w", what, f.err)
	}
	return f
}
