package controllers

import (
	"context"
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/metrics"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// The keys of the gateway's Secret.
const (
	keyUsername = "username"
	keyPassword = "password"
	keyToken    = "token"
)

// gatewayPart connects the call-center gateway. It runs beside the Webex part and touches no status.
func (v *organizationVisit) gatewayPart(ctx context.Context) *failure {
	if v.organization.Spec.CallCenterGateway == nil {
		v.session.gateway = gatewaySession{}
		metrics.ForgetBudget(gatewayBudget(v.key))
		v.session.setGateway(nil, false)
		return nil
	}
	failed := v.connectGateway(ctx)
	session := &v.session.gateway
	switch {
	case failed == nil:
		session.works = true
	case failed.status == metav1.ConditionFalse:
		session.works = false
	}
	if session.works {
		v.session.setGateway(session.client, true)
	} else {
		v.session.setGateway(nil, false)
	}
	return failed
}

func (v *organizationVisit) connectGateway(ctx context.Context) *failure {
	spec := v.organization.Spec.CallCenterGateway
	credentials, version, failed := v.gatewayCredentials(ctx)
	if failed != nil {
		return failed
	}
	traffic, failed := v.proxies(ctx)
	if failed != nil {
		return failed
	}
	if traffic.ca, failed = v.bundle(ctx, spec.CARef); failed != nil {
		return failed
	}
	session := &v.session.gateway
	v.budgetGateway()
	is := digest(spec.URL, spec.PathPrefix, string(spec.Authentication), spec.IdentityProvider, spec.DefaultCountryCode, traffic.digest(),
		credentials.Username, credentials.Password, credentials.Token)
	if session.client == nil || session.digest != is {
		transport, err := v.leadersTransport(traffic)
		if err != nil {
			return stalled(v1alpha1.ReasonRejected, "spec.callCenterGateway: "+err.Error())
		}
		key, r := v.key, v.r // the client outlives the visit
		*session = gatewaySession{digest: is, bucket: session.bucket, bundle: session.bundle, client: apio.NewClient(apio.Options{
			BaseURL: spec.URL, PathPrefix: spec.PathPrefix, Session: spec.Authentication == v1alpha1.GatewaySession,
			IdentityProvider: spec.IdentityProvider, CountryCode: spec.DefaultCountryCode,
			Credentials: func(context.Context) (apio.Credentials, error) { return credentials, nil },
			Bucket:      session.bucket, Transport: transport, Observe: metrics.Observer(metrics.ServiceGateway, key),
			Changed: func() { r.wakeups.wake(key) }, Now: r.clock().Now,
		})}
	}
	if session.secretVersion != version {
		session.client.Retry() // somebody touched the Secret, perhaps because the account is in order again
		session.secretVersion = version
	}
	// Without a request while the account is accepted, or was refused a short while ago.
	if err := session.client.Ping(ctx); err != nil {
		failed := gatewayFailure(err)
		if rest := session.client.RefusedFor(); rest > 0 {
			failed.after = rest // the account may be in order again without a change here
		}
		return failed
	}
	if err := session.client.Trouble(); err != nil {
		// The account is in order, and who asks tries again by himself: the client tells when that succeeds.
		return &failure{status: metav1.ConditionUnknown, reason: v1alpha1.ReasonUnavailable, message: err.Error(), after: slowOrganizationRetry}
	}
	return nil
}

// budgetGateway makes or changes the gateway's own request budget. Without a limit it only waits when the gateway asks
// for it, and then for all requests.
func (v *organizationVisit) budgetGateway() {
	session, perMinute := &v.session.gateway, 0
	if wish := v.organization.Spec.CallCenterGateway.RequestsPerMinute; wish != nil {
		perMinute = int(*wish)
	}
	if session.bucket == nil {
		session.bucket = webex.NewBucket(perMinute)
		metrics.TrackBudget(gatewayBudget(v.key), session.bucket)
		return
	}
	session.bucket.SetLimit(perMinute)
}

// gatewayBudget is what the metrics call the budget of an organization's gateway.
func gatewayBudget(key types.NamespacedName) string { return "gateway of " + key.String() }

// gatewayFailure is failureOf where there is no organization that could be missing, and no token that is renewed.
func gatewayFailure(err error) *failure {
	failed := failureOf(err)
	if errors.Is(err, apio.ErrAccountUnusable) {
		return stalled(v1alpha1.ReasonAccountUnusable, err.Error()).about("call-center gateway")
	}
	if remote.IsNotFound(err) {
		failed.reason = v1alpha1.ReasonUnavailable
	}
	if failed.reason == v1alpha1.ReasonUnauthorized {
		failed.message += ": correct the Secret that spec.callCenterGateway.credentialsSecretRef names"
		failed.stalled, failed.after = true, slowOrganizationRetry
	}
	return failed.about("call-center gateway")
}

// gatewayCredentials reads the gateway's Secret: a machine token (Core only), or username and password. version changes
// with every change of the Secret.
func (v *organizationVisit) gatewayCredentials(ctx context.Context) (credentials apio.Credentials, version string, failed *failure) {
	spec := v.organization.Spec.CallCenterGateway
	secret, failed := v.secret(ctx, spec.CredentialsSecretRef.Name, v1alpha1.ReasonCredentialsMissing)
	if failed != nil {
		return apio.Credentials{}, "", failed
	}
	core := spec.Authentication == v1alpha1.GatewayCore
	if content, failed := v.keysOf(secret, v1alpha1.ReasonCredentialsMissing, keyToken); core && failed == nil {
		return apio.Credentials{Token: content[keyToken]}, secret.ResourceVersion, nil
	}
	content, failed := v.keysOf(secret, v1alpha1.ReasonCredentialsMissing, keyUsername, keyPassword)
	if failed != nil {
		if core {
			failed.message += fmt.Sprintf(" (or %s)", keyToken)
		}
		return apio.Credentials{}, "", failed
	}
	return apio.Credentials{Username: content[keyUsername], Password: content[keyPassword]}, secret.ResourceVersion, nil
}

// concludeGateway sets the gateway's condition.
func (v *organizationVisit) concludeGateway(failed *failure) {
	switch {
	case v.organization.Spec.CallCenterGateway == nil:
		v.unset(v1alpha1.ConditionGatewayReady)
	case failed == nil:
		v.set(v1alpha1.ConditionGatewayReady, metav1.ConditionTrue, v1alpha1.ReasonConnected, "the call-center gateway answers")
	default:
		v.set(v1alpha1.ConditionGatewayReady, failed.status, failed.reason, failed.message)
	}
	if gateway := v.organization.Spec.CallCenterGateway; gateway != nil && gateway.CARef != nil && gateway.CARef.Kind != caFromSecret {
		v.dueAt(v.now.Add(slowOrganizationRetry)) // ConfigMaps are not watched
	}
}
