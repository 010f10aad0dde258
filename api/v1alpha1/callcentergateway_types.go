package v1alpha1

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// GatewayAuthentication says how the call-center gateway is entered.
// +kubebuilder:validation:Enum=Session;Core
type GatewayAuthentication string

const (
	// GatewaySession logs in to the gateway itself and keeps its session cookie.
	GatewaySession GatewayAuthentication = "Session"
	// GatewayCore goes through APIO Core with a bearer token, from a login or made for machines.
	GatewayCore GatewayAuthentication = "Core"
)

// CallCenterGateway is the connection to the gateway that manages BroadWorks call centers.
type CallCenterGateway struct {
	// url of the gateway without its path prefix. https, or http for a loopback host.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^(https://[^/?#@ ]+|http://(localhost|127[.]0[.]0[.]1|\\\\[::1\\\\])(:[0-9]+)?)/?$')",message="callCenterGateway.url must be an https URL (http for a loopback host only) without user, path, query or fragment: the path belongs in pathPrefix"
	URL string `json:"url"`
	// pathPrefix before /tenants/. Default: /api/v1 with Session, /api/v01/p1 with Core.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^(/[A-Za-z0-9._~-]+)+/?$')",message="callCenterGateway.pathPrefix must be a path such as /api/v1"
	PathPrefix string `json:"pathPrefix,omitempty"`
	// authentication: Session (login and cookie) or Core (bearer token).
	// +required
	Authentication GatewayAuthentication `json:"authentication"`
	// credentialsSecretRef names the Secret with the keys username and password or, for Core with a machine token, token.
	// +required
	CredentialsSecretRef LocalSecretReference `json:"credentialsSecretRef"`
	// identityProvider that a Core login names, where Core has several. Default: Core's own choice.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	IdentityProvider string `json:"identityProvider,omitempty"`
	// caRef names the certificates that the gateway is trusted by. Default: the system's.
	// +optional
	CARef *CAReference `json:"caRef,omitempty"`
	// defaultCountryCode is the calling code, 1 to 3 digits such as 32, by which national phone numbers are read. Default: that
	// of the group's calling line number, which is asked for once where a national number turns up.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=3
	// +kubebuilder:validation:XValidation:rule="self.matches('^[1-9][0-9]*$')",message="callCenterGateway.defaultCountryCode must be a calling code of 1 to 3 digits without +, such as 32"
	DefaultCountryCode string `json:"defaultCountryCode,omitempty"`
	// requestsPerMinute bounds the requests of this organization to the gateway, 1 to 6000; a tenth of it may go at once.
	// Default: no bound but the gateway's own, whose Retry-After is always obeyed.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=6000
	RequestsPerMinute *int32 `json:"requestsPerMinute,omitempty"`
	// fullCheckInterval between two reads of every call center in full, 10m to 168h, spread by up to a fifth. The group's list
	// is read every syncInterval and shows few fields; a call center whose row there has changed is read in full at once.
	// Default 1h.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+(s|m|h))+$') && duration(self) >= duration('10m') && duration(self) <= duration('168h')",message="callCenterGateway.fullCheckInterval must be a duration from 10m to 168h"
	FullCheckInterval *metav1.Duration `json:"fullCheckInterval,omitempty"`
	// undocumentedRoutes lets the operator use routes whose bodies Netaxis does not publish, in the form that their
	// documented neighbours have: agents are written, supervisors and holiday service read and written. Try it on a test
	// system before. Default false: a call center that asks for them waits.
	// +optional
	UndocumentedRoutes bool `json:"undocumentedRoutes,omitempty"`
	// allowedTenants are the tenants, and groups of them, whose call centers objects may be, whatever the gateway's account may
	// see; at most 200. An object of another tenant is refused without a call. Left out, every tenant is allowed; [] allows
	// none.
	// +optional
	// +listType=map
	// +listMapKey=tenantID
	// +kubebuilder:validation:MaxItems=200
	AllowedTenants []AllowedTenant `json:"allowedTenants,omitzero"`
}

// AllowedTenant is a tenant of the gateway that objects may name.
type AllowedTenant struct {
	// tenantID of the tenant, 1 to 30 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	TenantID string `json:"tenantID"`
	// groupIDs that objects may name in this tenant, at most 200. Left out, every group is allowed; [] allows none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=200
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=30
	GroupIDs []string `json:"groupIDs,omitzero"`
}

// Allows tells whether objects may name a group of a tenant.
func (g *CallCenterGateway) Allows(tenant, group string) bool {
	return g.AllowedTenants == nil || slices.ContainsFunc(g.AllowedTenants, func(allowed AllowedTenant) bool {
		return allowed.TenantID == tenant && (allowed.GroupIDs == nil || slices.Contains(allowed.GroupIDs, group))
	})
}
