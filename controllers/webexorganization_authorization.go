package controllers

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/consent"
	"wxcc.dev/operator/internal/token"
)

// consentReasons are the failures that only an administrator's consent ends, or new tokens in the Secret.
var consentReasons = []v1alpha1.Reason{
	v1alpha1.ReasonAuthorizationRequired, v1alpha1.ReasonReconnectRequired, v1alpha1.ReasonWrongOrganization, v1alpha1.ReasonScopeMissing,
}

// need is how much an organization needs consent.
type need int

const (
	needNone need = iota
	// needSoon: consent would help, but the tokens work for now: they end within the longest warning time, say.
	needSoon
	// needNow: nothing works without it.
	needNow
)

// authorize keeps the way to consent open while it is needed, and closes it afterwards. failed is the Webex part's.
func (v *organizationVisit) authorize(ctx context.Context, failed *failure) {
	if failed != nil && failed.status == metav1.ConditionUnknown {
		return // whether consent is needed shows when time has healed this
	}
	needed := v.needsConsent(failed)
	flow := v.flow()
	if needed == needNone || flow == v1alpha1.AuthorizationManual {
		v.endAuthorization()
		return
	}
	oauth, err := v.oauthClient(ctx)
	if err != nil {
		v.endAuthorization()
		return // the token's own condition says what the Secret lacks
	}
	if flow == v1alpha1.AuthorizationDevice {
		v.organization.Status.ConnectURL = ""
		v.pair(ctx, oauth, needed)
		return
	}
	v.session.webex.device = deviceSession{}
	v.offerLink(oauth)
}

// needsConsent decides by what is wrong and by how long the connection lasts.
func (v *organizationVisit) needsConsent(failed *failure) need {
	source := v.session.webex.source
	if v.organization.Spec.OrganizationID == "" || !v.organization.DeletionTimestamp.IsZero() || source == nil {
		return needNone
	}
	known := source.Status()
	switch {
	case failed != nil && slices.Contains(consentReasons, failed.reason):
		return needNow
	case failed != nil && failed.reason == v1alpha1.ReasonForbidden,
		known.Problem != nil && known.Problem.Reason == v1alpha1.ReasonReconnectRequired:
		return needSoon // another account may be allowed more; the access token may live on though it cannot be renewed
	case failed != nil && failed.stalled && !known.Usable:
		return needNone // a wrong client id or secret, for which no consent helps
	}
	if v.endsSoon(known) {
		return needSoon
	}
	return needNone
}

// endsSoon tells whether the longest of the warning times has begun.
func (v *organizationVisit) endsSoon(known token.Status) bool {
	warnings := expiryWarnings(&v.organization.Spec.TokenRefresh)
	if !known.Renewable || known.RefreshEnds.IsZero() || len(warnings) == 0 {
		return false
	}
	return !v.now.Before(known.RefreshEnds.Add(-slices.Max(warnings)))
}

// flow is how tokens are to be obtained.
func (v *organizationVisit) flow() v1alpha1.AuthorizationFlow {
	switch chosen := v.organization.Spec.Authorization.Flow; {
	case chosen != "":
		return chosen
	case v.r.Options.ConsentURL != "":
		return v1alpha1.AuthorizationCode
	}
	return v1alpha1.AuthorizationManual
}

// consentRoute is the way that a consent takes: that of all the organization's traffic.
func (v *organizationVisit) consentRoute() consent.Route {
	return consent.Route{Platform: platformURL(&v.organization.Spec), Transport: v.session.webex.transport}
}

func (v *organizationVisit) vault() consent.Vault {
	return consent.Vault{Reader: v.r.APIReader, Writer: v.r.Client}
}

func (v *organizationVisit) oauthClient(ctx context.Context) (*token.Client, error) {
	return v.vault().Client(ctx, v.organization, v.consentRoute())
}

// endAuthorization closes the way to consent: it is not needed. What became of the last attempt stays visible if it
// brought the tokens; an attempt that the consent page may still be at work on is left to it.
func (v *organizationVisit) endAuthorization() {
	v.session.webex.device = deviceSession{}
	status := &v.organization.Status
	status.ConnectURL = ""
	if now := status.Authorization; now != nil && now.Phase != v1alpha1.AuthorizationObtained && !v.atWebex(now) {
		status.Authorization = nil
	}
}

// atWebex tells whether an administrator may be at Webex's consent screen now, on behalf of any replica's page.
func (v *organizationVisit) atWebex(attempt *v1alpha1.AuthorizationStatus) bool {
	if attempt.Phase != v1alpha1.AuthorizationPending || attempt.ExpiresAt == nil || !v.now.Before(attempt.ExpiresAt.Time) {
		return false
	}
	v.dueAt(attempt.ExpiresAt.Time)
	return true
}

// offerLink shows the address of the consent page, renewed before it expires.
func (v *organizationVisit) offerLink(oauth *token.Client) {
	const flow = v1alpha1.AuthorizationCode
	status := &v.organization.Status
	if v.r.Options.ConsentURL == "" {
		status.ConnectURL = ""
		v.failAuthorization(flow, &consent.Refusal{
			Message: "the operator serves no consent page: start it with --consent-bind-address, or choose another spec.authorization.flow",
		}, v.now)
		return
	}
	link, ends, err := consent.Link(v.r.Options.ConsentURL, status.ConnectURL, v.organization, oauth, v.now)
	if err != nil {
		status.ConnectURL = ""
		v.failAuthorization(flow, consent.Refused(err), v.now)
		return
	}
	status.ConnectURL = link
	v.dueAt(ends.Add(-consent.LinkLife / 2))
	attempt := status.Authorization
	switch {
	case attempt != nil && attempt.Flow == flow && v.atWebex(attempt):
	case attempt != nil && attempt.Flow == flow && attempt.Phase == v1alpha1.AuthorizationFailed && attempt.FinishedAt != nil:
		attempt.ExpiresAt = timeOrNil(ends) // how it failed stays visible until the next attempt
	case attempt != nil && attempt.Flow == flow && attempt.Phase == v1alpha1.AuthorizationRequested:
		attempt.ExpiresAt = timeOrNil(ends)
	default:
		v.requestAuthorization(&v1alpha1.AuthorizationStatus{
			Flow: flow, ExpiresAt: timeOrNil(ends),
			Message: "open status.connectURL and sign in as an administrator of the organization",
		})
	}
}

// requestAuthorization shows a new attempt.
func (v *organizationVisit) requestAuthorization(attempt *v1alpha1.AuthorizationStatus) {
	attempt.Phase, attempt.StartedAt = v1alpha1.AuthorizationRequested, timeOrNil(v.now)
	v.organization.Status.Authorization = attempt
	v.event(corev1.EventTypeNormal, consent.EventRequested, consent.EventAction, "consent is needed: "+attempt.Message)
}

// failAuthorization shows how an attempt failed, once.
func (v *organizationVisit) failAuthorization(flow v1alpha1.AuthorizationFlow, refusal *consent.Refusal, started time.Time) {
	failed := consent.Failed(flow, refusal, *timeOrNil(started), *timeOrNil(v.now))
	was := v.organization.Status.Authorization
	if was != nil && was.Phase == failed.Phase && was.Flow == flow && was.Message == failed.Message {
		return
	}
	v.organization.Status.Authorization = failed
	v.event(corev1.EventTypeWarning, consent.EventFailed, consent.EventAction, failed.Message)
}

// phaseOf is how far an organization's authorization has come: the consent page may have moved it.
func phaseOf(o client.Object) v1alpha1.AuthorizationPhase {
	organization, ok := o.(*v1alpha1.WebexOrganization)
	if !ok || organization.Status.Authorization == nil {
		return ""
	}
	return organization.Status.Authorization.Phase
}
