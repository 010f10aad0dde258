package v1alpha1

// Condition types. Ready and Synced are always present; Reconciling and Stalled only while true (kstatus).
const (
	// ConditionReady is True when the object is as the spec wants it (or, under Observe, has been observed).
	ConditionReady = "Ready"
	// ConditionSynced says whether the remote service equals the spec.
	ConditionSynced = "Synced"
	// ConditionReconciling is True while the operator still has something to do or waits for something.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when nothing will change until somebody changes the spec or the remote object.
	ConditionStalled = "Stalled"
	// ConditionContested is True while the operator corrects the same fields again and again.
	ConditionContested = "Contested"
	// ConditionTokenValid (WebexOrganization) says whether the organization's access token works.
	ConditionTokenValid = "TokenValid"
	// ConditionContactCenterReachable (WebexOrganization) says whether the region serves this organization.
	ConditionContactCenterReachable = "ContactCenterReachable"
	// ConditionGatewayReady (WebexOrganization) says whether the call-center gateway answers.
	ConditionGatewayReady = "GatewayReady"
	// ConditionTokenExpiring (WebexOrganization) is True while the refresh token ends within the longest warning time.
	ConditionTokenExpiring = "TokenExpiring"
	// ConditionLicensesLow (WebexOrganization) is True while licences are used beyond spec.licenseWarningPercent.
	ConditionLicensesLow = "LicensesLow"
	// ConditionWholesaleReady (WebexOrganization) says whether the wholesale customer is provisioned without errors; Unknown
	// while Webex is at work on it, or while its record cannot be read. Ready does not depend on it.
	ConditionWholesaleReady = "WholesaleReady"
	// ConditionWholesaleWarning (WebexOrganization) is True while packages of the wholesale customer carry warnings.
	ConditionWholesaleWarning = "WholesaleWarning"
	// ConditionAccountEmailMatches (WebexOrganization) says whether the tokens belong to the account of spec.accountEmail. Ready
	// does not depend on it.
	ConditionAccountEmailMatches = "AccountEmailMatches"
	// ConditionDeletesHeld (WebexOrganization) is True while spec.maxDeletesPerHour holds deletes back.
	ConditionDeletesHeld = "DeletesHeld"
)

// Reason is a condition's reason. The list is closed: every one is in Reasons, with what it means and what to do.
type Reason string

// Reasons of every condition the operator sets.
const (
	ReasonSynced                 Reason = "Synced"
	ReasonObserved               Reason = "Observed"
	ReasonDriftDetected          Reason = "DriftDetected"
	ReasonSuspended              Reason = "Suspended"
	ReasonProgressing            Reason = "Progressing"
	ReasonVerifying              Reason = "Verifying"
	ReasonWaitingForOrganization Reason = "WaitingForOrganization"
	ReasonOrganizationNotReady   Reason = "OrganizationNotReady"
	ReasonOrganizationNotAllowed Reason = "OrganizationNotAllowed"
	ReasonOrganizationChanged    Reason = "OrganizationChanged"
	ReasonTenantNotAllowed       Reason = "TenantNotAllowed"
	ReasonContactCenterDisabled  Reason = "ContactCenterDisabled"
	ReasonGatewayNotConfigured   Reason = "GatewayNotConfigured"
	ReasonReferenceNotFound      Reason = "ReferenceNotFound"
	ReasonReferenceNotReady      Reason = "ReferenceNotReady"
	ReasonReferenceNotAllowed    Reason = "ReferenceNotAllowed"
	ReasonReferenceMismatch      Reason = "ReferenceMismatch"
	ReasonSecretNotFound         Reason = "SecretNotFound"
	ReasonNotFound               Reason = "NotFound"
	ReasonNameConflict           Reason = "NameConflict"
	ReasonMultipleMatches        Reason = "MultipleMatches"
	ReasonDuplicate              Reason = "Duplicate"
	ReasonProtected              Reason = "Protected"
	ReasonImmutableField         Reason = "ImmutableField"
	ReasonExclusiveField         Reason = "ExclusiveField"
	ReasonFieldIgnored           Reason = "FieldIgnored"
	ReasonRejected               Reason = "Rejected"
	ReasonReadRefused            Reason = "ReadRefused"
	ReasonContested              Reason = "Contested"
	ReasonInUse                  Reason = "InUse"
	ReasonRateLimited            Reason = "RateLimited"
	ReasonUnauthorized           Reason = "Unauthorized"
	ReasonForbidden              Reason = "Forbidden"
	ReasonUnavailable            Reason = "ServiceUnavailable"
	ReasonInvalidResponse        Reason = "InvalidResponse"
	ReasonAmbiguousWrite         Reason = "AmbiguousWrite"
	ReasonConnected              Reason = "Connected"
	ReasonNotConfigured          Reason = "NotConfigured"
	ReasonCredentialsMissing     Reason = "CredentialsMissing"
	ReasonReconnectRequired      Reason = "ReconnectRequired"
	ReasonInvalidClient          Reason = "InvalidClient"
	ReasonWrongOrganization      Reason = "WrongOrganization"
	ReasonAccountMatches         Reason = "AccountMatches"
	ReasonAccountDiffers         Reason = "AccountDiffers"
	ReasonOrganizationNotFound   Reason = "OrganizationNotFound"
	ReasonDuplicateOrganization  Reason = "DuplicateOrganization"
	ReasonAuthorizationRequired  Reason = "AuthorizationRequired"
	ReasonScopeMissing           Reason = "ScopeMissing"
	ReasonExpiresSoon            Reason = "ExpiresSoon"
	ReasonLicensesLow            Reason = "LicensesLow"
	ReasonProvisioned            Reason = "Provisioned"
	ReasonProvisioning           Reason = "Provisioning"
	ReasonProvisioningErrors     Reason = "ProvisioningErrors"
	ReasonProvisioningWarnings   Reason = "ProvisioningWarnings"
	ReasonNotProvisioned         Reason = "NotProvisioned"
	ReasonDeletesHeld            Reason = "DeletesHeld"
	ReasonHasDependents          Reason = "HasDependents"
	ReasonAccountUnusable        Reason = "AccountUnusable"
	ReasonNotEnabled             Reason = "NotEnabled"
	ReasonHandingOver            Reason = "HandingOver"
	ReasonValueTaken             Reason = "ValueTaken"
)

// ReasonDoc explains a reason to the person who reads it in a condition.
type ReasonDoc struct {
	Reason  Reason
	Meaning string
	Action  string
}

// Reasons documents the closed list, in the order of docs/reasons.md, which is generated from it.
var Reasons = []ReasonDoc{
	{ReasonSynced, "The remote object equals the spec.", "Nothing."},
	{ReasonObserved, "The object is under Observe and was read; Synced says whether it differs.", "Nothing; set managementPolicy: Enforce to let the operator correct it."},
	{ReasonDriftDetected, "The remote object differs from the spec; status.drift lists the fields.", "Under Observe, change the spec, the remote object or the policy. Under Enforce the operator corrects it."},
	{ReasonSuspended, "spec.suspend is true here or on the organization.", "Set suspend to false."},
	{ReasonProgressing, "The operator is at work.", "Wait."},
	{ReasonVerifying, "A write was accepted and is being read back.", "Wait."},
	{ReasonWaitingForOrganization, "The WebexOrganization does not exist (yet).", "Create it; the object continues by itself."},
	{ReasonOrganizationNotReady, "The WebexOrganization is not connected.", "Look at the organization's conditions; the object continues by itself."},
	{ReasonOrganizationNotAllowed, "The organization's spec.allowedNamespaces does not admit this namespace.", "Ask the organization's owner, or move the object."},
	{ReasonOrganizationChanged, "The WebexOrganization of this name stands for another organization than the one that the object was made in. Nothing is read, changed or deleted.", "Make a WebexOrganization of that name with the old organizationID again; or delete the object with deletionPolicy Retain, which leaves the remote object, and create it anew."},
	{ReasonTenantNotAllowed, "The organization's spec.callCenterGateway.allowedTenants does not allow the tenant, or this group of it; no call is made.", "Ask the organization's owner, or correct spec.tenantID and spec.groupID by creating the resource anew."},
	{ReasonContactCenterDisabled, "The organization has spec.contactCenter: false.", "Set it to true once the organization has Webex Contact Center."},
	{ReasonGatewayNotConfigured, "The organization has no spec.callCenterGateway.", "Configure the gateway on the organization."},
	{ReasonReferenceNotFound, "A referenced object does not exist (yet).", "Create it, or correct the reference; the object continues by itself."},
	{ReasonReferenceNotReady, "A referenced custom resource has no remote id yet.", "Look at that resource's conditions."},
	{ReasonReferenceNotAllowed, "A referenced custom resource belongs to another organization.", "Refer to an object of the same organization."},
	{ReasonReferenceMismatch, "A referenced object does not fit, for instance a work type of the other family.", "Correct the reference."},
	{ReasonSecretNotFound, "A referenced Secret or its key does not exist.", "Create the Secret."},
	{ReasonNotFound, "Under Observe: no remote object of this name.", "Correct spec.name, or set managementPolicy: Enforce to create it."},
	{ReasonNameConflict, "A remote object of this name exists and adoptionPolicy does not let the operator take it over.", "Compare status.drift; set adoptionPolicy: Always, or make spec and object equal, or choose another name."},
	{ReasonMultipleMatches, "Several remote objects have this name; the message lists their ids.", "Remove or rename all but one."},
	{ReasonDuplicate, "Another custom resource already manages this remote object.", "Delete one of the two."},
	{ReasonProtected, "The remote object belongs to the system and cannot be changed or deleted.", "Make the spec equal to it, or use managementPolicy: Observe."},
	{ReasonImmutableField, "A field differs that the remote service never changes.", "Restore the field in the spec, or delete the resource and create it again."},
	{ReasonExclusiveField, "An older resource owns a field that only one object of its scope can have, such as the default code of a family; the message names it. All other fields are kept equal.", "Take the field out of one of the two."},
	{ReasonFieldIgnored, "The remote service accepted the write but did not take the fields named.", "Check licences and feature flags of the organization; the operator tries again at the next check."},
	{ReasonRejected, "The remote service refused the write; the message quotes it.", "Correct the spec as the message says."},
	{ReasonReadRefused, "The remote service refused to list or read; nothing was concluded about the object.", "Wait; the operator tries again. Report the message with its tracking id if it stays."},
	{ReasonContested, "The same fields have been corrected several times within an hour: somebody or something else keeps changing them.", "Find the other writer and stop it, or leave the fields out of the spec, or use managementPolicy: Observe."},
	{ReasonInUse, "The remote object cannot be deleted while others refer to it; the message names them.", "Remove those references; deletion continues by itself."},
	{ReasonRateLimited, "The remote service asked to wait.", "Wait; lower the number of clients that share the OAuth client id."},
	{ReasonUnauthorized, "The remote service does not accept the token.", "Look at the organization's TokenValid condition."},
	{ReasonForbidden, "The token lacks a scope or role.", "Grant what the message names and connect again."},
	{ReasonUnavailable, "The remote service failed or could not be reached.", "Wait; the operator tries again."},
	{ReasonInvalidResponse, "The answer was not complete or not understood; nothing was concluded from it.", "Wait; report the tracking id if it stays."},
	{ReasonAmbiguousWrite, "A write had no clear answer; the operator looks before it writes again.", "Wait."},
	{ReasonConnected, "The organization answers and is the one it should be.", "Nothing."},
	{ReasonNotConfigured, "This part of the connection is switched off in the spec.", "Nothing."},
	{ReasonCredentialsMissing, "The credentials Secret or one of its keys is missing.", "Create the Secret with the keys that the message names."},
	{ReasonReconnectRequired, "The refresh token is not usable any more.", "Give consent again, or put new tokens into the Secret."},
	{ReasonInvalidClient, "The token server does not know the client id or secret.", "Correct clientID and clientSecret in the Secret."},
	{ReasonWrongOrganization, "The token belongs to another organization than spec.organizationID; no other call is made.", "Connect with an account of the right organization."},
	{ReasonAccountMatches, "The tokens belong to the account that spec.accountEmail names.", "Nothing."},
	{ReasonAccountDiffers, "The tokens belong to another account than spec.accountEmail names; they are used all the same.", "Correct spec.accountEmail, or give consent with that account."},
	{ReasonOrganizationNotFound, "The organization is not visible to the token.", "Check spec.organizationID and the token's account."},
	{ReasonDuplicateOrganization, "Another WebexOrganization, whose credentials are proven, already stands for this organization.", "Delete one of the two."},
	{ReasonAuthorizationRequired, "There are no tokens yet: an administrator has to give consent.", "Open status.connectURL, or type status.authorization.userCode in at its verificationURI, or put tokens into the Secret."},
	{ReasonScopeMissing, "The token lacks a scope that is needed; the message names it.", "Add the scope to the integration or service app, and give consent again."},
	{ReasonExpiresSoon, "The refresh token ends soon; every write stops then.", "Give consent again, or put new tokens into the Secret."},
	{ReasonLicensesLow, "Licences are used beyond spec.licenseWarningPercent; the message names them.", "Buy more, or release what nobody uses."},
	{ReasonProvisioned, "The wholesale customer is provisioned.", "Nothing."},
	{ReasonProvisioning, "Webex is still at work on the wholesale customer.", "Wait."},
	{ReasonProvisioningErrors, "The wholesale customer or one of its packages has errors; the message quotes them.", "Correct them with the wholesale partner."},
	{ReasonProvisioningWarnings, "Packages of the wholesale customer carry warnings; the message quotes them.", "Look at status.wholesaleCustomer."},
	{ReasonNotProvisioned, "There is no wholesale customer for this organization.", "Have it provisioned, or set spec.wholesale: false."},
	{ReasonDeletesHeld, "The organization's spec.maxDeletesPerHour is reached; no further remote object is deleted.", "If the deletes are meant, set the annotation wxcc.dev/deletesConfirmedAt on the WebexOrganization to a new value, or raise the number."},
	{ReasonHasDependents, "The WebexOrganization is being deleted, but objects still refer to it; the message names them.", "Delete them; the organization goes when the last one is gone. deletionPolicy: Retain leaves their remote objects."},
	{ReasonAccountUnusable, "The account's log-in is accepted but asks for what only a person can give: a second factor, or a new password first.", "Use an account without a second factor, or a machine token; change the password. Change the Secret, or set the annotation wxcc.dev/requestedAt on the WebexOrganization, to have it tried again."},
	{ReasonHandingOver, "The resource is being deleted, and another one that means the same remote object has not taken it over yet; the message says why.", "Do what the message says; the object is not deleted meanwhile."},
	{ReasonValueTaken, "Another object that is managed here still has a name or number that the spec asks for, and is giving it up.", "Wait; look at the conditions of the resource that the message names if it stays."},
	{ReasonNotEnabled, "The spec uses what the organization has switched off; the message names the switch.", "Switch it on, or leave the field out; the object continues by itself."},
}
