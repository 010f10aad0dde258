package controllers

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/metrics"
	"wxcc.dev/operator/internal/token"
	"wxcc.dev/operator/internal/webex"
)

// defaultRequestsPerMinute is what Webex allows an OAuth client by default.
const defaultRequestsPerMinute = 300

// secretRetry is when to read a Secret again that could not be read or used; a change of it comes sooner.
const secretRetry = 30 * time.Second

// webexPart connects the Webex organization. What worked stays usable while only time has to pass.
func (v *organizationVisit) webexPart(ctx context.Context) *failure {
	if v.organization.Spec.OrganizationID == "" {
		v.dropWebex(ctx)
		return nil
	}
	failed := v.connectWebex(ctx)
	v.identified = failed == nil
	if v.identified {
		failed = v.reach(ctx)
	} else if failed.status == metav1.ConditionFalse {
		v.unset(v1alpha1.ConditionContactCenterReachable) // nobody asks it any more
	}
	v.judgeAccount()
	v.settleWebex(ctx, failed)
	return failed
}

// settleWebex says what is usable of the Webex part from now on.
func (v *organizationVisit) settleWebex(ctx context.Context, failed *failure) {
	session := &v.session.webex
	switch {
	case failed == nil:
		if v.organization.Spec.ContactCenter {
			v.session.setWebex(session.work, true)
		} else {
			v.session.setWebex(nil, true)
		}
	case failed.status == metav1.ConditionFalse:
		v.session.setWebex(nil, false)
		if session.pinned != nil && !v.identified {
			session.pinned.Approve(0)
			session.identified = 0
		}
		if !v.identified {
			v.doubt(ctx)
		}
	case v.session.replaced(session.work):
		// What worked was made of something else than the spec now asks for.
		v.session.setWebex(nil, false)
	}
}

// connectWebex does all but ask the contact center.
func (v *organizationVisit) connectWebex(ctx context.Context) *failure {
	spec, status := &v.organization.Spec, &v.organization.Status
	uuid, err := webex.OrganizationUUID(spec.OrganizationID)
	if err != nil {
		return stalled(v1alpha1.ReasonOrganizationNotFound, "spec.organizationID: "+err.Error())
	}
	status.OrganizationID, status.InternalID = uuid, webex.EncodeOrganizationID(uuid)
	if failed := v.onlyOne(ctx, uuid); failed != nil {
		v.dropWebex(ctx)
		return failed
	}
	contactCenter, err := contactCenterURL(spec)
	if err != nil {
		return stalled(v1alpha1.ReasonRejected, err.Error())
	}
	if failed := v.openRoute(ctx); failed != nil {
		return failed
	}
	if failed := v.tokens(ctx); failed != nil {
		return failed
	}
	if failed := v.scopes(); failed != nil {
		return failed
	}
	is := clientOf{uuid: uuid, platform: platformURL(spec), contactCenter: contactCenter, route: v.session.webex.routeDigest, pinned: v.session.webex.pinned}
	v.outdate(is)
	if failed := v.identify(ctx, is); failed != nil {
		return failed
	}
	if failed := v.prove(uuid); failed != nil {
		v.dropWebex(ctx)
		return failed
	}
	v.buildWork(is)
	return nil
}

// dropWebex ends the Webex part in this process and says nothing of it any more.
func (v *organizationVisit) dropWebex(ctx context.Context) {
	v.session.webex.storeTokens(ctx)
	v.unset(v1alpha1.ConditionTokenValid, v1alpha1.ConditionContactCenterReachable)
	v.showGrant(token.Status{})
	v.endSyncs()
	v.endWholesale()
	v.unset(v1alpha1.ConditionLicensesLow)
	v.dropped = true
	v.session.webex = webexSession{}
	v.session.setWebex(nil, false)
	v.doubt(ctx)
}

// openRoute makes the transport of all Webex traffic, the token server's included.
func (v *organizationVisit) openRoute(ctx context.Context) *failure {
	session := &v.session.webex
	traffic, failed := v.proxies(ctx)
	if failed != nil {
		return failed
	}
	if is := traffic.digest(); session.transport == nil || session.routeDigest != is {
		transport, err := v.leadersTransport(traffic)
		if err != nil {
			return stalled(v1alpha1.ReasonRejected, "spec.proxy: "+err.Error())
		}
		if old, ok := session.transport.(interface{ CloseIdleConnections() }); ok {
			old.CloseIdleConnections()
		}
		session.transport, session.routeDigest = transport, is
	}
	return nil
}

// tokens reads the Secret, renews what is due, and shows the result.
func (v *organizationVisit) tokens(ctx context.Context) *failure {
	spec, session := &v.organization.Spec, &v.session.webex
	if session.source == nil || session.secret != spec.CredentialsSecretRef.Name {
		session.storeTokens(ctx)
		if err := v.inheritTokens(ctx); err != nil {
			return unknown(v1alpha1.ReasonUnavailable, err)
		}
		session.secret = spec.CredentialsSecretRef.Name
		session.source = token.NewSource(token.Options{
			Reader: v.r.APIReader, Writer: v.r.Client, Clock: v.r.clock(),
			Place:   token.PlaceOf(v.organization),
			Changed: func() { v.r.wakeups.wake(v.key) },
		})
		session.pinned = token.NewPinned(session.source)
		session.identified, session.probed, session.wrong, session.origin = 0, 0, 0, 0
	}
	settings := token.Settings{TokenURL: platformURL(spec) + "/access_token", Transport: session.transport}
	if spec.TokenRefresh.Interval != nil {
		settings.Interval = spec.TokenRefresh.Interval.Duration
	}
	session.source.Configure(settings)
	if err := session.source.Reload(ctx); err != nil {
		if problem := session.source.Status().Problem; problem == nil || problem.Reason != v1alpha1.ReasonAuthorizationRequired {
			// The tokens held may still work, but a change of the Secret would go unseen.
			v.dueAt(v.now.Add(secretRetry))
		}
		return v.showTokens(err)
	}
	if session.wrong != 0 && session.wrong == session.source.Status().Origin {
		return v.wrongOrganization()
	}
	refreshed, err := session.source.RefreshIfDue(ctx, v.now)
	v.tellRefresh(refreshed)
	return v.showTokens(err)
}

// outdate forgets what was made of something else than the spec now asks for.
func (v *organizationVisit) outdate(is clientOf) {
	session := &v.session.webex
	if session.built != is {
		session.work, session.built = nil, clientOf{}
	}
	is.contactCenter = "" // nothing is asked there for the identity
	if session.checked != is {
		session.checked, session.identified = is, 0
	}
}

// buildWork makes the client of an organization that is identified, anew only when something that it is made of has
// changed.
func (v *organizationVisit) buildWork(is clientOf) {
	session := &v.session.webex
	bucket := v.budget()
	if session.work != nil && session.built == is && session.work.Bucket() == bucket {
		return
	}
	session.work = v.newClient(is, bucket, session.pinned)
	session.built, session.probed, session.rest = is, 0, rest{}
}

func (v *organizationVisit) newClient(is clientOf, bucket *webex.Bucket, tokens webex.TokenSource) *webex.Client {
	reconciler, key := v.r, v.key
	return webex.NewClient(webex.Options{
		OrganizationID: is.uuid, PlatformURL: is.platform, ContactCenterURL: is.contactCenter, Tokens: tokens,
		Bucket: bucket, Transport: v.session.webex.transport, Observe: metrics.Observer(metrics.ServiceWebex, key),
		Changed: func() { reconciler.wakeups.wake(key) },
	})
}

func (v *organizationVisit) requestsPerMinute() int {
	switch {
	case v.organization.Spec.RequestsPerMinute != nil:
		return int(*v.organization.Spec.RequestsPerMinute)
	case v.r.Options.RequestsPerMinute > 0:
		return v.r.Options.RequestsPerMinute
	}
	return defaultRequestsPerMinute
}
