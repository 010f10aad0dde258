package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Region is the Webex Contact Center data centre of an organization.
// +kubebuilder:validation:Enum=us1;us2;eu1;eu2;anz1;jp1;ca1;in1;sg1
type Region string

// CallingBehavior is the calling application that an organization's users get, in Control Hub's words.
// +kubebuilder:validation:Enum="Calling in Webex App";"Calling in Webex App (Unified CM)";"Cisco Jabber app";"Third-Party app"
type CallingBehavior string

// CASourceKind is the kind of object that holds a certificate bundle.
// +kubebuilder:validation:Enum=ConfigMap;Secret
type CASourceKind string

// NamespacesFrom says which namespaces may use an organization.
// +kubebuilder:validation:Enum=Same;All;Selector
type NamespacesFrom string

const (
	// NamespacesSame admits the organization's own namespace only.
	NamespacesSame NamespacesFrom = "Same"
	// NamespacesAll admits every namespace.
	NamespacesAll NamespacesFrom = "All"
	// NamespacesSelector admits the organization's own namespace and those whose labels match the selector.
	NamespacesSelector NamespacesFrom = "Selector"
)

// AuthorizationFlow says how an administrator's consent becomes tokens in the credentials Secret.
// +kubebuilder:validation:Enum=AuthorizationCode;Device;Manual
type AuthorizationFlow string

const (
	// AuthorizationCode is the OAuth authorization code grant with PKCE, through the operator's consent page.
	AuthorizationCode AuthorizationFlow = "AuthorizationCode"
	// AuthorizationDevice is the OAuth device grant: a code to type in at Webex, for clusters without an inbound address.
	AuthorizationDevice AuthorizationFlow = "Device"
	// AuthorizationManual leaves it to others to put tokens into the Secret, for instance those of a service app.
	AuthorizationManual AuthorizationFlow = "Manual"
)

// Authorization says how tokens are obtained while there are none that work.
type Authorization struct {
	// flow: AuthorizationCode (the consent page), Device (a code for Webex's own page) or Manual (a service app's tokens, or
	// any other, are put into the Secret by somebody). Default: AuthorizationCode where the operator serves the consent
	// page, else Manual.
	// +optional
	Flow AuthorizationFlow `json:"flow,omitempty"`
}

// LocalSecretReference names a Secret in the same namespace.
type LocalSecretReference struct {
	// name of the Secret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// Endpoints replace the addresses that the operator knows, for tests and for new regions.
type Endpoints struct {
	// webex is the base URL of the platform API and of the token server. Default https://webexapis.com.
	// https, or http for a loopback host.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^(https://[^/?#@ ]+|http://(localhost|127[.]0[.]0[.]1|\\\\[::1\\\\])(:[0-9]+)?)(/[^?#@ ]*)?$')",message="endpoints.webex must be an https URL (http for a loopback host only) without user, query or fragment"
	Webex string `json:"webex,omitempty"`
	// contactCenter is the base URL of the contact-center API. Default: the region's own.
	// https, or http for a loopback host.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^(https://[^/?#@ ]+|http://(localhost|127[.]0[.]0[.]1|\\\\[::1\\\\])(:[0-9]+)?)(/[^?#@ ]*)?$')",message="endpoints.contactCenter must be an https URL (http for a loopback host only) without user, query or fragment"
	ContactCenter string `json:"contactCenter,omitempty"`
}

// Proxy names the Secret keys that hold proxy addresses of the form http(s)://[user:password@]host:port. Special
// characters of user and password are URL-encoded. The proxy's scheme is independent of the traffic's.
type Proxy struct {
	// httpProxySecretRef is the proxy for plain-HTTP traffic.
	// +optional
	HTTPProxySecretRef *SecretKeyReference `json:"httpProxySecretRef,omitempty"`
	// httpsProxySecretRef is the proxy for HTTPS traffic: every Webex call, the token server included.
	// +optional
	HTTPSProxySecretRef *SecretKeyReference `json:"httpsProxySecretRef,omitempty"`
}

// CAReference names a bundle of PEM certificates in the same namespace.
type CAReference struct {
	// kind of the object: ConfigMap or Secret.
	// +required
	Kind CASourceKind `json:"kind"`
	// name of the object.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// key inside the object's data. Default ca.crt.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key,omitempty"`
}

// AllowedNamespaces says from which namespaces objects may refer to an organization.
// +kubebuilder:validation:XValidation:rule="(self.from == 'Selector') == has(self.selector)",message="selector is needed with from: Selector and not allowed otherwise",fieldPath=".selector"
type AllowedNamespaces struct {
	// from: Same (the organization's own namespace), All, or Selector (its own and those that match selector).
	// +required
	From NamespacesFrom `json:"from"`
	// selector of namespaces by their labels.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}

// TokenRefresh says when tokens are renewed and when somebody is warned.
type TokenRefresh struct {
	// interval between two refreshes, 1h to 312h; whatever it says, a token is renewed before it expires. Default 168h.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+(s|m|h))+$') && duration(self) >= duration('1h') && duration(self) <= duration('312h')",message="tokenRefresh.interval must be a duration from 1h to 312h"
	Interval *metav1.Duration `json:"interval,omitempty"`
	// expiryWarnings are the times before the refresh token's end at which a warning is given, 1h to 2160h each, at most 10.
	// Default 720h, 336h, 168h, 24h; [] gives none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:Type=string
	// +kubebuilder:validation:items:MaxLength=32
	// +kubebuilder:validation:items:XValidation:rule="self.matches('^([0-9]+(s|m|h))+$') && duration(self) >= duration('1h') && duration(self) <= duration('2160h')",message="tokenRefresh.expiryWarnings must be durations from 1h to 2160h"
	ExpiryWarnings []metav1.Duration `json:"expiryWarnings,omitzero"`
}

// WebexOrganizationSpec is the connection to one Webex organization, to a call-center gateway, or to both.
// +kubebuilder:validation:XValidation:rule="has(self.organizationID) || has(self.callCenterGateway)",message="organizationID is required unless callCenterGateway is configured",fieldPath=".organizationID"
// +kubebuilder:validation:XValidation:rule="has(self.organizationID) || !has(self.contactCenter) || !self.contactCenter",message="contactCenter: true needs organizationID",fieldPath=".organizationID"
// +kubebuilder:validation:XValidation:rule="has(self.organizationID) || !has(self.wholesale) || !self.wholesale",message="wholesale: true needs organizationID",fieldPath=".organizationID"
// +kubebuilder:validation:XValidation:rule="!has(self.wholesalePackages) || (has(self.wholesale) && self.wholesale)",message="wholesalePackages needs wholesale: true",fieldPath=".wholesalePackages"
// +kubebuilder:validation:XValidation:rule="!has(self.organizationID) || has(self.credentialsSecretRef)",message="credentialsSecretRef is required with organizationID; the Secret itself may come later",fieldPath=".credentialsSecretRef"
// +kubebuilder:validation:XValidation:rule="!has(self.contactCenter) || !self.contactCenter || has(self.region) || (has(self.endpoints) && has(self.endpoints.contactCenter))",message="region is required with contactCenter: true unless endpoints.contactCenter is given",fieldPath=".region"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.organizationID) || (has(self.organizationID) && self.organizationID == oldSelf.organizationID)",message="organizationID cannot be changed once set: create another WebexOrganization",fieldPath=".organizationID"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.region) || (has(self.region) && self.region == oldSelf.region)",message="region cannot be changed once set: create another WebexOrganization",fieldPath=".region"
type WebexOrganizationSpec struct {
	// name of the customer, 1 to 1024 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Name string `json:"name"`
	// organizationID is the organization's UUID as Control Hub shows it, or its encoded id (ciscospark://us/ORGANIZATION/...
	// in base64). A token of another organization is refused. It cannot be changed once set. Required unless only
	// callCenterGateway is configured.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|Y2lzY29zcGFyazovL3VzL(09SR0FOSVpBVElPTi|09yZ2FuaXphdGlvbi|29yZ2FuaXphdGlvbi)[A-Za-z0-9_+/-]{40,60}={0,2})$')",message="organizationID must be a UUID such as 000fd0e4-83ef-4398-be23-d06998580fed, or an encoded organization id"
	OrganizationID string `json:"organizationID,omitempty"`
	// accountEmail of the administrator whose consent made the tokens. The condition AccountEmailMatches says whether the tokens
	// are of that account; nothing else depends on it.
	// +optional
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=320
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^@ ]+@[^@ ]+$')",message="accountEmail must be an e-mail address"
	AccountEmail string `json:"accountEmail,omitempty"`
	// contactCenter: the organization has Webex Contact Center. False stops every contact-center call and deletes nothing
	// remotely. Default false.
	// +optional
	ContactCenter bool `json:"contactCenter,omitempty"`
	// region of the organization's contact center: us1, us2, eu1 (London), eu2 (Frankfurt), anz1, jp1, ca1, in1 or sg1.
	// Cisco documents no address for us2: give endpoints.contactCenter with it. It cannot be changed once set.
	// +optional
	Region Region `json:"region,omitempty"`
	// endpoints replace the addresses that the operator knows.
	// +optional
	Endpoints Endpoints `json:"endpoints,omitzero"`
	// wholesale: the organization is a wholesale customer, whose record is mirrored in status, and written only where
	// wholesalePackages is given. Default false.
	// +optional
	Wholesale bool `json:"wholesale,omitempty"`
	// wholesalePackages are all packages that the wholesale customer is to have, 1 to 50 of Webex's names, such as
	// webex_calling: packages that are not in the list are removed from the customer. Needs wholesale: true and a token with the
	// scope spark-admin:wholesale_customers_write. Left out, packages are not managed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	// +kubebuilder:validation:items:MaxLength=64
	// +kubebuilder:validation:items:XValidation:rule="self.matches('^[a-z][a-z0-9_]*$')",message="wholesalePackages must be names such as webex_calling"
	WholesalePackages []string `json:"wholesalePackages,omitempty"`
	// defaultCallingBehavior of the organization; information for those who make users.
	// +optional
	DefaultCallingBehavior CallingBehavior `json:"defaultCallingBehavior,omitempty"`
	// emailDomain for the Unified CM users of workspaces with hybrid calling: a DNS domain. It causes no call.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?[.])+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$')",message="emailDomain must be a DNS domain such as example.com"
	EmailDomain string `json:"emailDomain,omitempty"`
	// directorySync: directory synchronization is on in Control Hub, so that users are made there and not by the operator.
	// +optional
	DirectorySync *bool `json:"directorySync,omitempty"`
	// notes for people, at most 1024 characters.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Notes string `json:"notes,omitempty"`
	// credentialsSecretRef names the Secret with the keys clientID, clientSecret, accessToken, refreshToken,
	// accessTokenExpiresAt and refreshTokenExpiresAt (RFC 3339). The operator writes renewed tokens back. Required with
	// organizationID; the Secret may come later.
	// +optional
	CredentialsSecretRef *LocalSecretReference `json:"credentialsSecretRef,omitempty"`
	// authorization says how tokens are obtained while there are none that work.
	// +optional
	Authorization Authorization `json:"authorization,omitzero"`
	// proxy for this organization's traffic. Default: the operator's own environment.
	// +optional
	Proxy *Proxy `json:"proxy,omitempty"`
	// syncOnCreate: roles and licences are read when the connection first works, and not only one inventoryInterval after the
	// resource was made. After consent they are read in any case. Default false.
	// +optional
	SyncOnCreate bool `json:"syncOnCreate,omitempty"`
	// inventoryInterval between two reads of licences, roles and the wholesale record, 10m to 720h; each organization's is up to
	// 5 % shorter, so that they do not all read at once. Default 24h.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+(s|m|h))+$') && duration(self) >= duration('10m') && duration(self) <= duration('720h')",message="inventoryInterval must be a duration from 10m to 720h"
	InventoryInterval *metav1.Duration `json:"inventoryInterval,omitempty"`
	// licenseWarningPercent is the use of a licence, in percent of its units, from which the condition LicensesLow names it;
	// 0 turns that off. 0 to 100, default 90.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	LicenseWarningPercent *int32 `json:"licenseWarningPercent,omitempty"`
	// callCenterGateway is the connection to the gateway for CallCenter objects.
	// +optional
	CallCenterGateway *CallCenterGateway `json:"callCenterGateway,omitempty"`
	// allowedNamespaces says from which namespaces objects may refer to this organization. Default: its own.
	// +optional
	AllowedNamespaces *AllowedNamespaces `json:"allowedNamespaces,omitempty"`
	// defaults for the objects of this organization that do not choose for themselves.
	// +optional
	Defaults Policies `json:"defaults,omitzero"`
	// syncInterval between two sweeps that compare everything with Control Hub, 30s to 24h. Default 5m.
	// +optional
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]+(s|m|h))+$') && duration(self) >= duration('30s') && duration(self) <= duration('24h')",message="syncInterval must be a duration from 30s to 24h"
	SyncInterval *metav1.Duration `json:"syncInterval,omitempty"`
	// requestsPerMinute is the request budget, 1 to 3000. Organizations with the same OAuth client id share the smallest of
	// theirs. Default 300.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3000
	RequestsPerMinute *int32 `json:"requestsPerMinute,omitempty"`
	// maxDeletesPerHour is how many remote objects the operator deletes in an hour before it holds every further one until
	// somebody raises this number or sets the annotation wxcc.dev/deletesConfirmedAt to a new value, which starts a new hour.
	// 0 to 100000; 0 holds none back, whatever happens. Default: a tenth of the objects that refer to the organization, at
	// least 25.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	MaxDeletesPerHour *int32 `json:"maxDeletesPerHour,omitempty"`
	// tokenRefresh says when tokens are renewed and when somebody is warned.
	// +optional
	TokenRefresh TokenRefresh `json:"tokenRefresh,omitzero"`
	// suspend stops all remote calls for this organization and its objects until it is false again. Default false.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// WebexOrganization is the connection to one Webex organization and, beside it or alone, to a call-center gateway.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=wxcc,shortName=wxorg
// +kubebuilder:selectablefield:JSONPath=`.spec.organizationID`
// +kubebuilder:selectablefield:JSONPath=`.spec.region`
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.status.displayName`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.region`
// +kubebuilder:printcolumn:name="Contact Center",type=boolean,JSONPath=`.spec.contactCenter`
// +kubebuilder:printcolumn:name="Wholesale",type=boolean,JSONPath=`.spec.wholesale`
// +kubebuilder:printcolumn:name="Token",type=string,JSONPath=`.status.conditions[?(@.type=="TokenValid")].reason`,description="State of the access token"
// +kubebuilder:printcolumn:name="Token Ends",type=string,format=date-time,JSONPath=`.status.refreshTokenExpiresAt`,description="When consent must be given again"
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Organization ID",type=string,JSONPath=`.status.organizationID`,priority=1
// +kubebuilder:printcolumn:name="Access Token Ends",type=string,format=date-time,JSONPath=`.status.accessTokenExpiresAt`,priority=1
// +kubebuilder:printcolumn:name="Objects",type=integer,JSONPath=`.status.objects.total`,priority=1
// +kubebuilder:printcolumn:name="Objects Ready",type=integer,JSONPath=`.status.objects.ready`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type WebexOrganization struct {
	metav1.TypeMeta `json:",inline"`
	// metadata of the resource.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`
	// spec is the connection.
	// +required
	Spec WebexOrganizationSpec `json:"spec"`
	// status is what was found. Until then observedGeneration is -1, so that nobody takes a new object for settled.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status WebexOrganizationStatus `json:"status,omitzero"`
}

// WebexOrganizationList is a list of organizations.
// +kubebuilder:object:root=true
type WebexOrganizationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []WebexOrganization `json:"items"`
}
