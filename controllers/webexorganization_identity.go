package controllers

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// identify makes sure that the tokens belong to the organization: once per process and origin of the tokens, because
// renewed ones belong to the same account.
func (v *organizationVisit) identify(ctx context.Context, is clientOf) *failure {
	session := &v.session.webex
	known := session.source.Status()
	if session.identified == known.Origin && session.identified != 0 {
		session.pinned.Approve(known.Origin)
		return nil
	}
	session.check = v.newClient(is, v.budget(), session.source)
	if failed := v.held(session.check); failed != nil {
		return failed
	}
	ctx, cancel := context.WithTimeout(ctx, webex.SyncTimeout)
	defer cancel()
	if failed := v.checkAccount(ctx); failed != nil {
		return failed
	}
	if failed := v.checkOrganization(ctx); failed != nil {
		return failed
	}
	now := session.source.Status()
	if now.Origin != known.Origin {
		return waits(v1alpha1.ReasonProgressing, "the credentials were replaced during the check of the organization").in(time.Second)
	}
	session.identified, session.wrong = now.Origin, 0
	session.pinned.Approve(now.Origin)
	return nil
}

// held steps aside while the budget of a client is held, so that no worker waits in it.
func (v *organizationVisit) held(by *webex.Client) *failure {
	wait := by.HeldFor()
	if wait <= webex.BearableHold {
		return nil
	}
	return &failure{
		status: metav1.ConditionUnknown, reason: v1alpha1.ReasonRateLimited, after: wait,
		message: "Webex asked this OAuth client to wait; the request budget is held",
	}
}

// checkAccount compares the organization of the token's account with the pinned one. An account that may not be read
// tells nothing; the organization itself then has to do.
func (v *organizationVisit) checkAccount(ctx context.Context) *failure {
	v.organization.Status.AccountEmails = nil
	if len(v.lackedScope(webex.ScopePeople)) > 0 {
		return nil
	}
	person, err := replay(func() (webex.Person, error) { return v.session.webex.check.Me(ctx) })
	switch {
	case err == nil:
		v.organization.Status.AccountEmails = emailsOf(person)
		return v.compare(person.OrganizationID)
	case remote.ClassOf(err) == remote.Forbidden:
		return nil
	}
	return v.tokenFailed(failureOf(err))
}

func (v *organizationVisit) checkOrganization(ctx context.Context) *failure {
	organization, err := replay(func() (webex.Organization, error) { return v.session.webex.check.Organization(ctx) })
	if err != nil {
		return v.tokenFailed(failureOf(err))
	}
	if failed := v.compare(organization.ID); failed != nil {
		return failed
	}
	v.organization.Status.InternalID = organization.ID
	v.organization.Status.DisplayName = organization.DisplayName
	return nil
}

// replay makes a read once more after a 401: the token has been renewed in between, or the second call fails without
// a request.
func replay[T any](read func() (T, error)) (T, error) {
	answer, err := read()
	if err != nil && remote.ClassOf(err) == remote.Unauthorized {
		return read()
	}
	return answer, err
}

// compare refuses tokens of another organization; ids are compared as UUIDs.
func (v *organizationVisit) compare(id string) *failure {
	uuid, err := webex.OrganizationUUID(id)
	if err != nil {
		return unknown(v1alpha1.ReasonInvalidResponse, fmt.Errorf("organization of the token: %w", err))
	}
	pinned := v.organization.Status.OrganizationID
	if uuid == pinned {
		return nil
	}
	session := &v.session.webex
	session.wrong = session.source.Status().Origin
	session.wrongFailure = stalled(v1alpha1.ReasonWrongOrganization, fmt.Sprintf(
		"the token belongs to organization %s, not to %s: connect with an account of the right organization", uuid, pinned))
	return v.wrongOrganization()
}

// wrongOrganization repeats the verdict on the tokens at hand; it needs no call.
func (v *organizationVisit) wrongOrganization() *failure {
	failed := v.session.webex.wrongFailure
	v.session.webex.pinned.Approve(0)
	v.set(v1alpha1.ConditionTokenValid, failed.status, failed.reason, failed.message)
	return failed
}

// tokenFailed shows a refused token in its own condition too.
func (v *organizationVisit) tokenFailed(failed *failure) *failure {
	switch failed.reason {
	case v1alpha1.ReasonUnauthorized, v1alpha1.ReasonForbidden, v1alpha1.ReasonScopeMissing,
		v1alpha1.ReasonReconnectRequired, v1alpha1.ReasonInvalidClient:
		v.set(v1alpha1.ConditionTokenValid, failed.status, failed.reason, failed.message)
	}
	return failed
}
