package controllers

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// maxInventory is how many licences or roles a status holds.
const maxInventory = 200

// identify makes sure that the tokens belong to the organization: once per process and origin of the tokens, because
// renewed ones belong to the same account.
func (v *organizationVisit) identify(ctx context.Context) *failure {
	session := &v.session.webex
	known := session.source.Status()
	if session.identified == known.Origin && session.identified != 0 {
		session.pinned.Approve(known.Origin)
		return nil
	}
	if failed := v.held(); failed != nil {
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

// held steps aside while the OAuth client's budget is held, so that no worker waits in it.
func (v *organizationVisit) held() *failure {
	const bearable = 2 * time.Second
	wait := v.session.webex.work.HeldFor()
	if wait <= bearable {
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
	person, err := replay(func() (webex.Person, error) { return v.session.webex.check.Me(ctx) })
	switch {
	case err == nil:
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
	case v1alpha1.ReasonUnauthorized, v1alpha1.ReasonForbidden, v1alpha1.ReasonReconnectRequired, v1alpha1.ReasonInvalidClient:
		v.set(v1alpha1.ConditionTokenValid, failed.status, failed.reason, failed.message)
	}
	return failed
}

// reach makes sure that the region serves the organization: once per process and origin of the tokens.
func (v *organizationVisit) reach(ctx context.Context) *failure {
	session := &v.session.webex
	if !v.organization.Spec.ContactCenter {
		v.unset(v1alpha1.ConditionContactCenterReachable)
		return nil
	}
	if session.probed != session.source.Status().Origin {
		if failed := v.held(); failed != nil {
			v.set(v1alpha1.ConditionContactCenterReachable, failed.status, failed.reason, failed.message)
			return failed
		}
		_, err := replay(func() (struct{}, error) { return struct{}{}, session.work.Probe(ctx) })
		if err != nil {
			failed := failureOf(err).about("contact center at " + session.built.contactCenter)
			if failed.status == metav1.ConditionFalse {
				failed.message += " (is spec.region the organization's own?)"
			}
			v.set(v1alpha1.ConditionContactCenterReachable, failed.status, failed.reason, failed.message)
			return failed
		}
		session.probed = session.source.Status().Origin
	}
	v.set(v1alpha1.ConditionContactCenterReachable, metav1.ConditionTrue, v1alpha1.ReasonConnected, "the contact center answers")
	return nil
}

// oweInventory decides whether licences and roles are to be read: when somebody asked, or once if the spec says so.
func (v *organizationVisit) oweInventory() bool {
	status, session := &v.organization.Status, &v.session.webex
	never := lastSync(status, v1alpha1.SyncLicenses) == nil || lastSync(status, v1alpha1.SyncRoles) == nil
	session.syncOwed = session.syncOwed || v.full || (v.organization.Spec.SyncOnCreate && never)
	return session.syncOwed
}

// syncInventory reads licences and roles of a connected organization. It may take minutes, so it comes when the
// connection is in use and its status is written. Its failure leaves both as they are and is tried again later.
func (v *organizationVisit) syncInventory(ctx context.Context) {
	session := &v.session.webex
	if v.now.Before(session.syncAgain) {
		v.dueAt(session.syncAgain)
		return
	}
	if failed := v.held(); failed != nil {
		session.syncAgain = v.now.Add(failed.after)
		v.dueAt(session.syncAgain)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, webex.SyncTimeout)
	defer cancel()
	if err := v.readInventory(ctx); err != nil {
		session.syncAgain = v.now.Add(max(remote.RetryAfter(err), slowOrganizationRetry))
		v.dueAt(session.syncAgain)
		if !session.syncFailed {
			v.event(corev1.EventTypeWarning, "InventorySyncFailed", "Sync", "licences and roles could not be read: "+err.Error())
		}
		session.syncFailed = true
		return
	}
	session.syncOwed, session.syncFailed = false, false
}

func (v *organizationVisit) readInventory(ctx context.Context) error {
	status, now := &v.organization.Status, metav1.NewTime(v.now)
	licenses, err := v.session.webex.work.Licenses(ctx)
	if err != nil {
		return err
	}
	status.Licenses = bounded(licenses, func(l webex.License) (string, v1alpha1.License) {
		return l.ID, v1alpha1.License{
			ID: l.ID, Name: l.Name, TotalUnits: clamp(int64(l.TotalUnits)), ConsumedUnits: clamp(int64(l.ConsumedUnits)),
			SubscriptionID: l.SubscriptionID, SiteURL: l.SiteURL,
		}
	})
	noteSync(status, v1alpha1.SyncLicenses, now)
	roles, err := v.session.webex.work.Roles(ctx)
	if err != nil {
		return err
	}
	status.Roles = bounded(roles, func(r webex.Role) (string, v1alpha1.Role) { return r.ID, v1alpha1.Role{ID: r.ID, Name: r.Name} })
	noteSync(status, v1alpha1.SyncRoles, now)
	return nil
}

// bounded converts a list to what a status may hold: unique ids and a maximum.
func bounded[From, To any](list []From, convert func(From) (string, To)) []To {
	seen := map[string]bool{"": true}
	var kept []To
	for _, item := range list {
		id, converted := convert(item)
		if seen[id] || len(kept) == maxInventory {
			continue
		}
		seen[id] = true
		kept = append(kept, converted)
	}
	return kept
}

func clamp(count int64) int32 { return int32(min(max(count, math.MinInt32), math.MaxInt32)) }

func timeOrNil(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t.Truncate(time.Second)}
}

// lastSync is when a sync last ran; nil if it never did.
func lastSync(status *v1alpha1.WebexOrganizationStatus, name v1alpha1.SyncName) *metav1.Time {
	for i := range status.Syncs {
		if status.Syncs[i].Name == name {
			return status.Syncs[i].LastTime
		}
	}
	return nil
}

func noteSync(status *v1alpha1.WebexOrganizationStatus, name v1alpha1.SyncName, at metav1.Time) {
	status.Syncs = slices.DeleteFunc(status.Syncs, func(s v1alpha1.SyncStatus) bool { return s.Name == name })
	status.Syncs = append(status.Syncs, v1alpha1.SyncStatus{Name: name, LastTime: &at, Result: v1alpha1.SyncSucceeded})
}
