package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// License is one licence of the organization with its use.
type License struct {
	// id of the licence in the platform API.
	// +required
	ID string `json:"id"`
	// name of the licence, for instance "Contact Center Premium Agent".
	// +optional
	Name string `json:"name,omitempty"`
	// totalUnits bought.
	// +optional
	TotalUnits int32 `json:"totalUnits"`
	// consumedUnits in use.
	// +optional
	ConsumedUnits int32 `json:"consumedUnits"`
	// subscriptionID that the licence was bought with.
	// +optional
	SubscriptionID string `json:"subscriptionID,omitempty"`
	// siteURL of the meeting site, for licences that belong to one.
	// +optional
	SiteURL string `json:"siteURL,omitempty"`
}

// Role is an administrator role of the platform.
type Role struct {
	// id of the role in the platform API.
	// +required
	ID string `json:"id"`
	// name of the role.
	// +optional
	Name string `json:"name,omitempty"`
}

// WholesaleAddress is the address of a wholesale customer. Parts that the record lacks are absent.
type WholesaleAddress struct {
	// addressLine1 of the address.
	// +optional
	AddressLine1 string `json:"addressLine1,omitempty"`
	// addressLine2 of the address.
	// +optional
	AddressLine2 string `json:"addressLine2,omitempty"`
	// city of the address.
	// +optional
	City string `json:"city,omitempty"`
	// stateOrProvince of the address.
	// +optional
	StateOrProvince string `json:"stateOrProvince,omitempty"`
	// zipOrPostalCode of the address.
	// +optional
	ZipOrPostalCode string `json:"zipOrPostalCode,omitempty"`
	// country as ISO 3166-1 alpha-2 code.
	// +optional
	Country string `json:"country,omitempty"`
}

// WholesaleNotice is a warning or an error of a wholesale package.
type WholesaleNotice struct {
	// errorCode of Webex.
	// +optional
	ErrorCode int32 `json:"errorCode"`
	// description by Webex.
	// +optional
	Description string `json:"description,omitempty"`
}

// WholesalePackage is the provisioning state of one package.
type WholesalePackage struct {
	// name of the package, for instance "webex_calling".
	// +required
	Name string `json:"name"`
	// status of the package as Webex gives it, for instance "provisioned".
	// +optional
	Status string `json:"status,omitempty"`
	// warnings about the package, at most 20.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Warnings []WholesaleNotice `json:"warnings,omitempty"`
	// errors of the package, at most 20.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=20
	Errors []WholesaleNotice `json:"errors,omitempty"`
}

// WholesaleResourceDetails holds the provisioning state of a wholesale customer's packages.
type WholesaleResourceDetails struct {
	// packages with their state, at most 50.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Packages []WholesalePackage `json:"packages,omitempty"`
}

// WholesaleRequest is the last request for the packages of spec.wholesalePackages.
type WholesaleRequest struct {
	// packages that were asked for.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Packages []string `json:"packages"`
	// time of the request.
	// +required
	Time metav1.Time `json:"time"`
	// refused says why Webex did not accept it; absent if it did.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Refused string `json:"refused,omitempty"`
}

// WholesaleCustomer mirrors the organization's wholesale record.
type WholesaleCustomer struct {
	// id of the wholesale customer.
	// +optional
	ID string `json:"id,omitempty"`
	// orgID is the id of the customer's organization.
	// +optional
	OrgID string `json:"orgID,omitempty"`
	// orgName is the organization's display name.
	// +optional
	OrgName string `json:"orgName,omitempty"`
	// externalID is the partner's own id for the customer.
	// +optional
	ExternalID string `json:"externalID,omitempty"`
	// address of the customer.
	// +optional
	Address WholesaleAddress `json:"address,omitzero"`
	// status as Webex gives it, for instance "provisioned"; unknown values are kept.
	// +optional
	Status string `json:"status,omitempty"`
	// packages of the customer by name, at most 50.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Packages []string `json:"packages,omitempty"`
	// resourceDetails holds the state of the packages.
	// +optional
	ResourceDetails WholesaleResourceDetails `json:"resourceDetails,omitzero"`
}

// ObjectCounts counts the objects that refer to an organization.
type ObjectCounts struct {
	// total number of objects.
	// +optional
	Total int32 `json:"total"`
	// ready is the number of those that are Ready.
	// +optional
	Ready int32 `json:"ready"`
}

// AuthorizationPhase is how far the way to tokens has come.
// +kubebuilder:validation:Enum=Requested;Pending;Obtained;Failed
type AuthorizationPhase string

const (
	// AuthorizationRequested means that the link or the code is published and nobody has used it.
	AuthorizationRequested AuthorizationPhase = "Requested"
	// AuthorizationPending means that somebody is at Webex's consent screen.
	AuthorizationPending AuthorizationPhase = "Pending"
	// AuthorizationObtained means that tokens of the right organization are in the Secret.
	AuthorizationObtained AuthorizationPhase = "Obtained"
	// AuthorizationFailed means that consent was refused or could not be used; message says why.
	AuthorizationFailed AuthorizationPhase = "Failed"
)

// AuthorizationStatus is the progress of the last attempt to obtain tokens. It holds no secret.
type AuthorizationStatus struct {
	// flow of the attempt.
	// +optional
	Flow AuthorizationFlow `json:"flow,omitempty"`
	// phase: Requested, Pending, Obtained or Failed.
	// +optional
	Phase AuthorizationPhase `json:"phase,omitempty"`
	// message says what happened or what to do.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
	// trackingID of Webex's answer, for its support.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	TrackingID string `json:"trackingID,omitempty"`
	// startedAt is when the attempt began.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`
	// finishedAt is when it ended.
	// +optional
	FinishedAt *metav1.Time `json:"finishedAt,omitempty"`
	// expiresAt is when the link or the code stops working; another one is then published.
	// +optional
	ExpiresAt *metav1.Time `json:"expiresAt,omitempty"`
	// verificationURI is the page of Webex where userCode is to be typed in (Device).
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	VerificationURI string `json:"verificationURI,omitempty"`
	// userCode to type in there (Device).
	// +optional
	// +kubebuilder:validation:MaxLength=64
	UserCode string `json:"userCode,omitempty"`
}

// SyncName is something that is done for an organization again and again.
// +kubebuilder:validation:Enum=Tokens;Licenses;Roles;WholesaleCustomer
type SyncName string

// The periodic syncs of an organization.
const (
	SyncTokens            SyncName = "Tokens"
	SyncLicenses          SyncName = "Licenses"
	SyncRoles             SyncName = "Roles"
	SyncWholesaleCustomer SyncName = "WholesaleCustomer"
)

// SyncResult is how a sync ended.
// +kubebuilder:validation:Enum=Succeeded;Failed
type SyncResult string

// How a sync ended.
const (
	SyncSucceeded SyncResult = "Succeeded"
	SyncFailed    SyncResult = "Failed"
)

// SyncStatus is one periodic sync.
type SyncStatus struct {
	// name of the sync: Tokens, Licenses, Roles or WholesaleCustomer.
	// +required
	Name SyncName `json:"name"`
	// lastTime is when it last ran, for Tokens when they were last renewed; absent until then.
	// +optional
	LastTime *metav1.Time `json:"lastTime,omitempty"`
	// nextTime is when it is due; in the past, it runs as soon as the connection works. Absent while suspended, or while a
	// scope that it needs is missing.
	// +optional
	NextTime *metav1.Time `json:"nextTime,omitempty"`
	// result of the last run: Succeeded or Failed.
	// +optional
	Result SyncResult `json:"result,omitempty"`
	// message says why the last run failed. What an earlier run found stays.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// Comparison says how far the objects of one kind are compared with what the service holds.
type Comparison struct {
	// kind of the objects, for instance AuxiliaryCode.
	// +required
	// +kubebuilder:validation:MaxLength=63
	Kind string `json:"kind"`
	// lastTime is when everything of the kind was last listed and compared; for call centers, when the group was that waits
	// longest. It is written together with other changes, and every hour; the metric
	// wxcc_sweep_last_success_timestamp_seconds is exact.
	// +optional
	LastTime *metav1.Time `json:"lastTime,omitempty"`
	// failingSince is when the first of at least three attempts in a row failed; absent while they succeed.
	// +optional
	FailingSince *metav1.Time `json:"failingSince,omitempty"`
	// message says why that one failed.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// RequestBudget is the state of the request budget that the organization shares with all that use its OAuth client. It is
// written when it changes by an order of magnitude, and at most every ten seconds; the metrics wxcc_budget_* are exact.
type RequestBudget struct {
	// client names the OAuth client as the metrics wxcc_budget_* do: a hash of its platform and id, keyed with its secret.
	// +optional
	Client string `json:"client,omitempty"`
	// requestsPerMinute that the OAuth client may make.
	// +optional
	RequestsPerMinute int32 `json:"requestsPerMinute"`
	// organizations that share it, this one included.
	// +optional
	Organizations int32 `json:"organizations"`
	// queued requests that wait for their turn.
	// +optional
	Queued int32 `json:"queued"`
	// waitSeconds that the request which waits longest has waited.
	// +optional
	WaitSeconds int32 `json:"waitSeconds"`
	// heldUntil is the time before which Webex wants no request (Retry-After); absent while it did not ask.
	// +optional
	HeldUntil *metav1.Time `json:"heldUntil,omitempty"`
}

// DeleteBrake is the state of spec.maxDeletesPerHour.
type DeleteBrake struct {
	// since is the start of the hour that counts.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
	// deleted objects since then.
	// +optional
	Deleted int32 `json:"deleted"`
	// held: further deletes wait for somebody; see spec.maxDeletesPerHour.
	// +optional
	Held bool `json:"held"`
	// default: the number of deletes that are allowed is the default one.
	// +optional
	Default bool `json:"default,omitempty"`
	// confirmedAt repeats the annotation wxcc.dev/deletesConfirmedAt that was obeyed last.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	ConfirmedAt string `json:"confirmedAt,omitempty"`
}

// WebexOrganizationStatus is what was found of an organization.
type WebexOrganizationStatus struct {
	// observedGeneration is the generation that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions: Ready always; TokenValid, ContactCenterReachable, WholesaleReady and GatewayReady for what is configured;
	// AccountEmailMatches with spec.accountEmail; Reconciling, Stalled, TokenExpiring, LicensesLow, WholesaleWarning and DeletesHeld only while true.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// organizationID is the organization's UUID in lower case, resolved from spec.organizationID.
	// +optional
	OrganizationID string `json:"organizationID,omitempty"`
	// internalID is the organization's encoded id in the platform API.
	// +optional
	InternalID string `json:"internalID,omitempty"`
	// identityVerifiedAt is when the tokens were first seen to belong to this organization; absent while they are not. Only an
	// organization that is verified shares the request budget of its OAuth client, and keeps other resources from standing
	// for the same organization.
	// +optional
	IdentityVerifiedAt *metav1.Time `json:"identityVerifiedAt,omitempty"`
	// accountEmails are the addresses of the account that the tokens belong to, at most 10; absent where the token may not read
	// them.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	AccountEmails []string `json:"accountEmails,omitempty"`
	// displayName of the organization in Control Hub.
	// +optional
	DisplayName string `json:"displayName,omitempty"`
	// connectURL is the page where an administrator gives consent, while that is needed. It holds no secret.
	// +optional
	// +kubebuilder:validation:MaxLength=32768
	ConnectURL string `json:"connectURL,omitempty"`
	// authorization is the progress of the last attempt to obtain tokens.
	// +optional
	Authorization *AuthorizationStatus `json:"authorization,omitempty"`
	// accessTokenExpiresAt is when the access token ends unless it is renewed.
	// +optional
	AccessTokenExpiresAt *metav1.Time `json:"accessTokenExpiresAt,omitempty"`
	// refreshTokenExpiresAt is when the refresh token ends: consent must be given again before.
	// +optional
	RefreshTokenExpiresAt *metav1.Time `json:"refreshTokenExpiresAt,omitempty"`
	// scopes that were granted, at most 200.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=200
	Scopes []string `json:"scopes,omitempty"`
	// licenses of the organization, at most 200.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=200
	Licenses []License `json:"licenses,omitempty"`
	// roles of the organization, at most 200.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MaxItems=200
	Roles []Role `json:"roles,omitempty"`
	// syncs are what is done for the organization periodically.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=8
	Syncs []SyncStatus `json:"syncs,omitempty"`
	// comparisons say when the objects of each kind were last compared with what the service holds, at most 32.
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +kubebuilder:validation:MaxItems=32
	Comparisons []Comparison `json:"comparisons,omitempty"`
	// wholesaleCustomer mirrors the wholesale record, if spec.wholesale is true and there is one.
	// +optional
	WholesaleCustomer *WholesaleCustomer `json:"wholesaleCustomer,omitempty"`
	// wholesaleRequest is the last request for other packages, while spec.wholesalePackages is set.
	// +optional
	WholesaleRequest *WholesaleRequest `json:"wholesaleRequest,omitempty"`
	// objects counts the objects that refer to this organization.
	// +optional
	Objects ObjectCounts `json:"objects,omitzero"`
	// requestBudget of the organization's OAuth client.
	// +optional
	RequestBudget *RequestBudget `json:"requestBudget,omitempty"`
	// deletes is the state of spec.maxDeletesPerHour; absent where that is 0.
	// +optional
	Deletes *DeleteBrake `json:"deletes,omitempty"`
	// lastHandledReconcileAt repeats the annotation wxcc.dev/requestedAt that was served last.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}
