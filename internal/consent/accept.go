package consent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/token"
	"wxcc.dev/operator/internal/webex"
)

// Route is the way to an organization's platform.
type Route struct {
	// Platform is the base of the platform API, with /v1.
	Platform string
	// Transport through the organization's own proxies.
	Transport http.RoundTripper
}

// Refusal says why consent did not become tokens. Nothing has been written then. It carries no secret.
type Refusal struct {
	// Reason: WrongOrganization, ScopeMissing, ReconnectRequired (the answer is not usable any more), InvalidClient, or what
	// kept the operator from finding out.
	Reason v1alpha1.Reason
	// Denied: the administrator decided so.
	Denied bool
	// Message says what is wrong and what to do.
	Message string
	// TrackingID of Webex's answer, "" without one.
	TrackingID string
	cause      error
}

// Error returns the message.
func (r *Refusal) Error() string { return r.Message }

// Unwrap returns the cause, if any.
func (r *Refusal) Unwrap() error { return r.cause }

// Refused makes a refusal of any error.
func Refused(err error) *Refusal {
	if own, ok := errors.AsType[*Refusal](err); ok {
		return own
	}
	refusal := &Refusal{Reason: v1alpha1.ReasonUnavailable, Message: err.Error(), TrackingID: remote.TrackingID(err), cause: err}
	if problem, ok := errors.AsType[*token.Error](err); ok {
		refusal.Reason = problem.Reason
	}
	return refusal
}

// Vault is where tokens are kept.
type Vault struct {
	// Reader reads Secrets live.
	Reader client.Reader
	Writer token.SecretWriter
}

// Client reads an organization's OAuth client from its Secret. Its error is a *Refusal.
func (v Vault) Client(ctx context.Context, organization *v1alpha1.WebexOrganization, route Route) (*token.Client, error) {
	if organization.Spec.CredentialsSecretRef == nil {
		return nil, &Refusal{Reason: v1alpha1.ReasonCredentialsMissing, Message: "spec.credentialsSecretRef is not set"}
	}
	place := token.PlaceOf(organization)
	secret, err := place.Whole(ctx, v.Reader)
	if err != nil {
		reason := v1alpha1.ReasonUnavailable
		if apierrors.IsNotFound(err) {
			reason = v1alpha1.ReasonCredentialsMissing
		}
		return nil, &Refusal{Reason: reason, Message: fmt.Sprintf("read Secret %s: %v", place.Credentials, err), cause: err}
	}
	found, err := token.NewClient(secret, route.Platform, route.Transport)
	if err != nil {
		return nil, Refused(err)
	}
	return found, nil
}

// Accept stores a grant that belongs to the organization and has the scopes that are needed; any other is refused before
// anything is written. Started is when the attempt began: tokens of an attempt that was finished later stay. It returns
// the optional scopes that were not granted, and where the token server did not say which were, none.
func (v Vault) Accept(
	ctx context.Context, organization *v1alpha1.WebexOrganization, route Route, grant *token.Grant, started, now time.Time,
) (missing []webex.Scope, err error) {
	needed, optional := lacking(organization, grant.Scopes())
	if len(needed) > 0 {
		return nil, scopesRefused(needed)
	}
	if err := belongs(ctx, organization, route, grant); err != nil {
		return nil, err
	}
	if err := token.Store(ctx, v.Reader, v.Writer, token.PlaceOf(organization), grant, started, now); err != nil {
		return nil, Refused(err)
	}
	return optional, nil
}

// lacking lists the scopes that were asked for and not granted; none where it is unknown what was granted.
func lacking(organization *v1alpha1.WebexOrganization, granted []string) (needed, optional []webex.Scope) {
	for _, scope := range webex.Lacking(granted, wanted(organization)) {
		if scope.Required {
			needed = append(needed, scope)
		} else {
			optional = append(optional, scope)
		}
	}
	return needed, optional
}

// wanted are the scopes that an organization asks for.
func wanted(organization *v1alpha1.WebexOrganization) []webex.Scope {
	scopes := webex.Scopes(organization.Spec.ContactCenter, organization.Spec.Wholesale)
	if len(organization.Spec.WholesalePackages) > 0 {
		scopes = append(scopes, webex.WholesaleWrite)
	}
	return scopes
}

// ScopeNames are the names of the scopes that an organization asks for.
func ScopeNames(organization *v1alpha1.WebexOrganization) []string {
	var names []string
	for _, scope := range wanted(organization) {
		names = append(names, scope.Name)
	}
	return names
}

func scopesRefused(needed []webex.Scope) *Refusal {
	var texts []string
	for _, scope := range needed {
		texts = append(texts, scope.Name+" (to "+scope.Gives+")")
	}
	return &Refusal{Reason: v1alpha1.ReasonScopeMissing, Message: "consent did not cover " + strings.Join(texts, ", ") +
		": add what is missing to the integration at developer.webex.com and give consent again"}
}

// belongs makes sure that the tokens are of the organization that the resource is pinned to, by the tokens themselves:
// the account's organization, as far as it may be read, and the organization, which a foreign account does not see.
func belongs(ctx context.Context, organization *v1alpha1.WebexOrganization, route Route, grant *token.Grant) error {
	pinned, err := webex.OrganizationUUID(organization.Spec.OrganizationID)
	if err != nil {
		return &Refusal{Reason: v1alpha1.ReasonOrganizationNotFound, Message: "spec.organizationID: " + err.Error(), cause: err}
	}
	asking := webex.NewClient(webex.Options{
		OrganizationID: pinned, PlatformURL: route.Platform, Tokens: grant, Bucket: webex.NewBucket(0), Transport: route.Transport,
	})
	person, err := asking.Me(ctx)
	switch {
	case err == nil:
		if err := same(person.OrganizationID, pinned); err != nil {
			return err
		}
	case remote.ClassOf(err) != remote.Forbidden:
		return unproven(err)
	}
	found, err := asking.Organization(ctx)
	if err != nil {
		return unproven(err)
	}
	return same(found.ID, pinned)
}

// same compares organizations by UUID.
func same(id, pinned string) error {
	uuid, err := webex.OrganizationUUID(id)
	if err != nil {
		return &Refusal{Reason: v1alpha1.ReasonInvalidResponse, Message: "organization of the token: " + err.Error(), cause: err}
	}
	if uuid == pinned {
		return nil
	}
	return &Refusal{Reason: v1alpha1.ReasonWrongOrganization, Message: fmt.Sprintf(
		"consent was given by an account of organization %s, not of %s: sign in with an account of the right organization", uuid, pinned)}
}

// unproven refuses tokens of which nobody could say whose they are.
func unproven(err error) *Refusal {
	refusal := &Refusal{
		Reason: v1alpha1.ReasonUnavailable, TrackingID: remote.TrackingID(err), cause: err,
		Message: "which organization the tokens belong to could not be checked, so they were not stored: " + err.Error(),
	}
	switch remote.ClassOf(err) {
	case remote.NotFound:
		refusal.Reason = v1alpha1.ReasonOrganizationNotFound
	case remote.Forbidden, remote.Unauthorized:
		refusal.Reason = v1alpha1.ReasonForbidden
	}
	return refusal
}
