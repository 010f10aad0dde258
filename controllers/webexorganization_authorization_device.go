package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/consent"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/token"
)

// How long the device flow waits before it asks for another code: after a refusal, after a failure that time may heal,
// and between the codes that nobody uses, which come ever more rarely.
const (
	deviceRefusedRest = 10 * time.Minute
	deviceFailedRest  = time.Minute
	deviceUnusedFirst = 5 * time.Minute
	deviceUnusedMost  = time.Hour
)

// deviceSession is a device flow under way. It is in memory only: the code that polls carry must not be readable, and a
// leader that takes over asks for another one.
type deviceSession struct {
	// flow is the code that was published; nil between two.
	flow    *token.Device
	started time.Time
	// unused counts codes that ended unused since the last one that was used; next is when another one may be asked for.
	unused int
	next   time.Time
	// owner tells OAuth clients apart: a corrected one starts at once.
	owner string
	// asked: somebody wants a code now.
	asked bool
}

// pair works on the device flow, by one short request at a time. While the connection still works, a code is only
// published when somebody asks for it by annotation.
func (v *organizationVisit) pair(ctx context.Context, oauth *token.Client, needed need) {
	session := &v.session.webex.device
	key, err := oauth.Key("device flow")
	if err != nil {
		v.failAuthorization(v1alpha1.AuthorizationDevice, consent.Refused(err), v.now)
		return
	}
	if owner := digest(string(key)); session.owner != owner {
		*session = deviceSession{owner: owner}
	}
	session.asked = session.asked || v.full
	switch {
	case session.flow == nil:
		v.startPairing(ctx, oauth, needed)
	case !v.now.Before(session.flow.Expires):
		v.pairingUnused(needed)
		v.startPairing(ctx, oauth, needed)
	case !v.now.Before(session.flow.Next):
		v.pollPairing(ctx)
	}
	if flow := session.flow; flow != nil {
		session.asked = false
		v.dueAt(flow.Next)
		v.dueAt(flow.Expires)
	}
}

// startPairing publishes a code if it is time for one.
func (v *organizationVisit) startPairing(ctx context.Context, oauth *token.Client, needed need) {
	session := &v.session.webex.device
	switch {
	case session.asked:
	case needed == needSoon:
		v.endPairing()
		return
	case v.now.Before(session.next):
		v.dueAt(session.next)
		return
	}
	flow, err := oauth.StartDevice(ctx, consent.ScopeNames(v.organization), v.now)
	session.asked = false
	if err != nil {
		v.pairingFailed(err, v.now)
		return
	}
	session.flow, session.started = flow, v.now
	v.requestAuthorization(&v1alpha1.AuthorizationStatus{
		Flow: v1alpha1.AuthorizationDevice, ExpiresAt: timeOrNil(flow.Expires),
		UserCode: flow.UserCode, VerificationURI: flow.VerificationURI,
		Message: fmt.Sprintf("open %s, type in the code %s and sign in as an administrator of the organization", flow.VerificationURI, flow.UserCode),
	})
}

// endPairing hides a code that is not valid any more, where no other one follows by itself.
func (v *organizationVisit) endPairing() {
	status := &v.organization.Status
	if now := status.Authorization; now != nil && now.Phase == v1alpha1.AuthorizationRequested {
		status.Authorization = nil
	}
}

// pollPairing asks once whether the administrator has decided.
func (v *organizationVisit) pollPairing(ctx context.Context) {
	session := &v.session.webex.device
	grant, err := session.flow.Poll(ctx, v.now)
	problem, ours := errors.AsType[*token.Error](err)
	switch {
	case err == nil && grant == nil, ours && !problem.Permanent:
		return
	case err == nil:
		_, err = v.vault().Accept(ctx, v.organization, v.consentRoute(), grant, session.started, v.r.clock().Now())
	}
	started := session.started
	session.flow, session.unused = nil, 0
	if err != nil {
		v.pairingFailed(err, started)
		return
	}
	// The change of the Secret is watched: the next visit uses the tokens.
	obtained := consent.Obtained(v1alpha1.AuthorizationDevice, *timeOrNil(started), *timeOrNil(v.now))
	v.organization.Status.Authorization = obtained
	v.event(corev1.EventTypeNormal, consent.EventObtained, consent.EventAction, obtained.Message)
	session.next = v.now.Add(deviceFailedRest)
	v.dueAt(session.next)
}

// pairingUnused notes that nobody used a code.
func (v *organizationVisit) pairingUnused(needed need) {
	session := &v.session.webex.device
	session.flow = nil
	session.unused++
	rest := min(deviceUnusedFirst<<min(session.unused-1, 10), deviceUnusedMost)
	session.next = session.started.Add(rest)
	if needed == needNow && v.now.Before(session.next) {
		v.failAuthorization(v1alpha1.AuthorizationDevice, &consent.Refusal{Message: fmt.Sprintf(
			"nobody used the code in time; another one is published at %s, or at once when the annotation %s changes",
			session.next.UTC().Format(time.RFC3339), v1alpha1.ReconcileRequestAnnotation)}, session.started)
	}
}

// pairingFailed shows why an attempt ended without tokens, and rests.
func (v *organizationVisit) pairingFailed(err error, started time.Time) {
	session := &v.session.webex.device
	rest := deviceRefusedRest
	if problem, ok := errors.AsType[*token.Error](err); ok && !problem.Permanent {
		rest = max(deviceFailedRest, remote.RetryAfter(err))
	}
	session.next = v.now.Add(rest)
	v.dueAt(session.next)
	v.failAuthorization(v1alpha1.AuthorizationDevice, consent.Refused(err), started)
}
