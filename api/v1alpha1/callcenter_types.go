package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// CallCenterType is the licensed type of a call center, fixed when it is created.
// +kubebuilder:validation:Enum=Basic;Standard;Premium
type CallCenterType string

// Types of call center, from the smallest to the fullest set of features.
const (
	CallCenterBasic    CallCenterType = "Basic"
	CallCenterStandard CallCenterType = "Standard"
	CallCenterPremium  CallCenterType = "Premium"
)

// CallDistribution is the policy by which a call center gives calls to its agents.
// +kubebuilder:validation:Enum=Circular;Regular;Simultaneous;Uniform;Weighted
type CallDistribution string

// Call distribution policies.
const (
	DistributionCircular     CallDistribution = "Circular"
	DistributionRegular      CallDistribution = "Regular"
	DistributionSimultaneous CallDistribution = "Simultaneous"
	DistributionUniform      CallDistribution = "Uniform"
	DistributionWeighted     CallDistribution = "Weighted"
)

// CallCenterRoutingType says what a Premium call center looks at first when it chooses an agent.
// +kubebuilder:validation:Enum=Priority Based;Skill Based
type CallCenterRoutingType string

// Routing types.
const (
	RoutingPriority CallCenterRoutingType = "Priority Based"
	RoutingSkill    CallCenterRoutingType = "Skill Based"
)

// CallCenterAgentState is the state an agent gets after a call.
// +kubebuilder:validation:Enum=Available;Unavailable;Wrap-Up
type CallCenterAgentState string

// Agent states.
const (
	AgentAvailable   CallCenterAgentState = "Available"
	AgentUnavailable CallCenterAgentState = "Unavailable"
	AgentWrapUp      CallCenterAgentState = "Wrap-Up"
)

// CallCenterCodec is the codec that a call center prefers; None leaves the choice to the network.
// +kubebuilder:validation:Enum=None;G711;G722;G729;G726;AMR;AMR-WB;OPUS
type CallCenterCodec string

// CallCenterDepartment is a department of a group or, with enterprise: true, of the tenant itself.
// +kubebuilder:validation:XValidation:rule="!has(self.enterprise) || !self.enterprise || !has(self.groupID)",message="a department of the enterprise has no groupID",fieldPath=".groupID"
type CallCenterDepartment struct {
	// tenantID of the department, 1 to 30 characters. Default: the call center's own.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	TenantID string `json:"tenantID,omitempty"`
	// groupID of the department, 1 to 30 characters. Default: the call center's own.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	GroupID string `json:"groupID,omitempty"`
	// enterprise: the department belongs to the tenant, an enterprise, and to none of its groups. Default false.
	// +optional
	Enterprise bool `json:"enterprise,omitempty"`
	// departmentName, at most 50 characters; "" takes the call center out of its department.
	// +required
	// +kubebuilder:validation:MaxLength=50
	DepartmentName string `json:"departmentName"`
}

// CallCenterProfile is the profile of the call center as a service user.
// +kubebuilder:validation:XValidation:rule="!has(self.generatePassword) || !self.generatePassword || has(self.passwordSecretRef)",message="generatePassword needs passwordSecretRef: it says where the password is kept",fieldPath=".passwordSecretRef"
type CallCenterProfile struct {
	// cliFirstName is the first name shown to the called party, 1 to 30 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	CLIFirstName string `json:"cliFirstName"`
	// cliLastName is the last name shown to the called party, 1 to 30 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	CLILastName string `json:"cliLastName"`
	// passwordSecretRef names the Secret key that holds the password. The gateway never returns a password: it is written at
	// creation and again when the Secret changes. Left out, the gateway makes one, if it is set up to do so.
	// +optional
	PasswordSecretRef *SecretKeyReference `json:"passwordSecretRef,omitempty"`
	// generatePassword: the operator makes the Secret of passwordSecretRef if there is none, with a password that obeys the
	// group's rules. The Secret belongs to this resource and goes with it; deleting it makes a new password. Default false.
	// +optional
	GeneratePassword bool `json:"generatePassword,omitempty"`
	// department the call center belongs to.
	// +optional
	Department *CallCenterDepartment `json:"department,omitempty"`
	// language by the name the platform gives it, for instance English; 1 to 40 characters.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	Language *string `json:"language,omitempty"`
	// timeZone by its IANA name, for instance Europe/Brussels; 1 to 127 characters.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=127
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$')",message="timeZone must be an IANA name such as Europe/Brussels"
	TimeZone *string `json:"timeZone,omitempty"`
	// phoneNumber in E.164 form (+ and 2 to 15 digits) or as national digits (at most 23). It must be assigned to the group
	// and free. "" clears it. A gateway may derive the service user id from it and rename the call center when it changes.
	// +optional
	// +kubebuilder:validation:MaxLength=23
	// +kubebuilder:validation:XValidation:rule="self.matches('^([+][1-9][0-9]{1,14}|[0-9]+)?$')",message="phoneNumber must be E.164 such as +3225551234, or national digits, or empty to clear it"
	PhoneNumber *string `json:"phoneNumber,omitempty"`
	// extension of 2 to 20 digits; each group narrows that range. "" clears it.
	// +optional
	// +kubebuilder:validation:MaxLength=20
	// +kubebuilder:validation:XValidation:rule="self.matches('^([0-9]{2,20})?$')",message="extension must be 2 to 20 digits, or empty to clear it"
	Extension *string `json:"extension,omitempty"`
	// cliPhoneNumber is the number shown to the called party, in the forms of phoneNumber. "" clears it.
	// +optional
	// +kubebuilder:validation:MaxLength=23
	// +kubebuilder:validation:XValidation:rule="self.matches('^([+][1-9][0-9]{1,14}|[0-9]+)?$')",message="cliPhoneNumber must be E.164 such as +3225551234, or national digits, or empty to clear it"
	CLIPhoneNumber *string `json:"cliPhoneNumber,omitempty"`
	// publicUserIdentity is a SIP address without "sip:", user@domain, at most 161 characters. "" clears it.
	// +optional
	// +kubebuilder:validation:MaxLength=161
	// +kubebuilder:validation:XValidation:rule="self.matches('^([^@ ]+@[^@ ]+)?$') && !self.matches('^(?i)sips?:')",message="publicUserIdentity must be user@domain without sip:, or empty to clear it"
	PublicUserIdentity *string `json:"publicUserIdentity,omitempty"`
}

// CallCenterAgent is one agent of a call center.
type CallCenterAgent struct {
	// userID of the agent, user@domain, 1 to 161 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=161
	UserID string `json:"userID"`
	// weight is the agent's share of the calls in percent, 0 to 100; only under the policy Weighted. Left out, an agent keeps
	// the one that he has.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Weight *int32 `json:"weight,omitempty"`
	// skillLevel 1 (best) to 20; only under the routing type Skill Based. Left out, an agent keeps the one that he has; a new
	// one gets level 1.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=20
	SkillLevel *int32 `json:"skillLevel,omitempty"`
}

// CallCenterHolidayAction is what happens to calls on a holiday.
// +kubebuilder:validation:Enum=None;Busy;Transfer
type CallCenterHolidayAction string

// CallCenterSchedule names a schedule of the platform.
type CallCenterSchedule struct {
	// level at which the schedule is kept, in the platform's words, for instance Group; 1 to 40 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	Level string `json:"level"`
	// name of the schedule, 1 to 40 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	Name string `json:"name"`
}

// CallCenterHolidayService is the routing policy of holidays. A field left out is not owned.
// +kubebuilder:validation:XValidation:rule="self.action != 'Transfer' || has(self.transferPhoneNumber)",message="action: Transfer needs transferPhoneNumber",fieldPath=".transferPhoneNumber"
type CallCenterHolidayService struct {
	// action: None (calls come in as on any day), Busy or Transfer.
	// +required
	Action CallCenterHolidayAction `json:"action"`
	// transferPhoneNumber that calls go to, in E.164 form or as national digits; for action: Transfer.
	// +optional
	// +kubebuilder:validation:MinLength=2
	// +kubebuilder:validation:MaxLength=23
	// +kubebuilder:validation:XValidation:rule="self.matches('^([+][1-9][0-9]{1,14}|[0-9]+)$')",message="transferPhoneNumber must be E.164 such as +3225551234, or digits"
	TransferPhoneNumber *string `json:"transferPhoneNumber,omitempty"`
	// holidaySchedule says which days are holidays.
	// +optional
	HolidaySchedule *CallCenterSchedule `json:"holidaySchedule,omitempty"`
	// playAnnouncementBeforeAction: callers hear the announcement first.
	// +optional
	PlayAnnouncementBeforeAction *bool `json:"playAnnouncementBeforeAction,omitempty"`
}

// CallCenterSpec is what a call center should be. A field left out is not owned: its remote value stays as it is.
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.serviceUserID) || (has(self.serviceUserID) && self.serviceUserID == oldSelf.serviceUserID)",message="serviceUserID cannot be changed once set: delete this resource and create another one",fieldPath=".serviceUserID"
// +kubebuilder:validation:XValidation:rule="has(self.templateName) == has(oldSelf.templateName) && (!has(self.templateName) || self.templateName == oldSelf.templateName)",message="templateName is used at creation only and cannot be added, changed or removed later",fieldPath=".templateName"
// +kubebuilder:validation:XValidation:rule="self.type == 'Premium' || !has(self.routingType)",message="routingType is for the type Premium: leave it out on Basic and Standard",fieldPath=".routingType"
// +kubebuilder:validation:XValidation:rule="self.type == 'Premium' || !has(self.forceDeliveryOfCalls)",message="forceDeliveryOfCalls is for the type Premium: leave it out on Basic and Standard",fieldPath=".forceDeliveryOfCalls"
// +kubebuilder:validation:XValidation:rule="self.type == 'Premium' || !has(self.forceDeliveryWaitTimeSeconds)",message="forceDeliveryWaitTimeSeconds is for the type Premium: leave it out on Basic and Standard",fieldPath=".forceDeliveryWaitTimeSeconds"
// +kubebuilder:validation:XValidation:rule="self.type == 'Premium' || !has(self.holidayService)",message="holidayService is for the type Premium: leave it out on Basic and Standard",fieldPath=".holidayService"
// +kubebuilder:validation:XValidation:rule="self.type != 'Basic' || !has(self.enableReporting)",message="enableReporting is for the types Standard and Premium: leave it out on Basic",fieldPath=".enableReporting"
// +kubebuilder:validation:XValidation:rule="self.type != 'Basic' || !has(self.allowCallsToAgentsInWrapUp)",message="allowCallsToAgentsInWrapUp is for the types Standard and Premium: leave it out on Basic",fieldPath=".allowCallsToAgentsInWrapUp"
// +kubebuilder:validation:XValidation:rule="self.type != 'Basic' || !has(self.overrideAgentWrapUpTime)",message="overrideAgentWrapUpTime is for the types Standard and Premium: leave it out on Basic",fieldPath=".overrideAgentWrapUpTime"
// +kubebuilder:validation:XValidation:rule="self.type != 'Basic' || !has(self.wrapUpSeconds)",message="wrapUpSeconds is for the types Standard and Premium: leave it out on Basic",fieldPath=".wrapUpSeconds"
// +kubebuilder:validation:XValidation:rule="self.type != 'Basic' || !has(self.enableAutomaticStateChangeForAgents)",message="enableAutomaticStateChangeForAgents is for the types Standard and Premium: leave it out on Basic",fieldPath=".enableAutomaticStateChangeForAgents"
// +kubebuilder:validation:XValidation:rule="self.type != 'Basic' || !has(self.agentStateAfterCall)",message="agentStateAfterCall is for the types Standard and Premium: leave it out on Basic",fieldPath=".agentStateAfterCall"
// +kubebuilder:validation:XValidation:rule="self.type != 'Basic' || !has(self.agentUnavailableCode)",message="agentUnavailableCode is for the types Standard and Premium: leave it out on Basic",fieldPath=".agentUnavailableCode"
// +kubebuilder:validation:XValidation:rule="!has(self.wrapUpSeconds) || (has(self.overrideAgentWrapUpTime) && self.overrideAgentWrapUpTime)",message="wrapUpSeconds needs overrideAgentWrapUpTime: true",fieldPath=".wrapUpSeconds"
// +kubebuilder:validation:XValidation:rule="!has(self.forceDeliveryWaitTimeSeconds) || (has(self.forceDeliveryOfCalls) && self.forceDeliveryOfCalls)",message="forceDeliveryWaitTimeSeconds needs forceDeliveryOfCalls: true",fieldPath=".forceDeliveryWaitTimeSeconds"
// +kubebuilder:validation:XValidation:rule="!has(self.agentUnavailableCode) || size(self.agentUnavailableCode) == 0 || (has(self.enableAutomaticStateChangeForAgents) && self.enableAutomaticStateChangeForAgents && has(self.agentStateAfterCall) && self.agentStateAfterCall == 'Unavailable')",message="agentUnavailableCode needs enableAutomaticStateChangeForAgents: true and agentStateAfterCall: Unavailable",fieldPath=".agentUnavailableCode"
// +kubebuilder:validation:XValidation:rule="!has(self.agents) || self.policy == 'Weighted' || self.agents.all(a, !has(a.weight))",message="agents[].weight needs policy: Weighted",fieldPath=".agents"
// +kubebuilder:validation:XValidation:rule="!has(self.agents) || (has(self.routingType) && self.routingType == 'Skill Based') || self.agents.all(a, !has(a.skillLevel))",message="agents[].skillLevel needs routingType: Skill Based",fieldPath=".agents"
type CallCenterSpec struct {
	ConfigSpec `json:",inline"`
	// tenantID is the gateway's tenant (a service provider or an enterprise), 1 to 30 characters. It cannot be changed.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	// +kubebuilder:validation:XValidation:rule="!self.matches('[/?#%;\\\\\\\\[:cntrl:]]|^[.]+$|^ | $')",message="tenantID must not have slashes, backslashes, ?, #, %, ; or control characters, consist of dots, or begin or end with a space"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="tenantID cannot be changed: delete this resource and create another one"
	TenantID string `json:"tenantID"`
	// groupID is the group inside the tenant, 1 to 30 characters. It cannot be changed.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	// +kubebuilder:validation:XValidation:rule="!self.matches('[/?#%;\\\\\\\\[:cntrl:]]|^[.]+$|^ | $')",message="groupID must not have slashes, backslashes, ?, #, %, ; or control characters, consist of dots, or begin or end with a space"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="groupID cannot be changed: delete this resource and create another one"
	GroupID string `json:"groupID"`
	// serviceUserID is the call center's identity, user@domain, at most 161 characters. Left out, the gateway generates it,
	// which its settings must allow; status.id shows it. It cannot be changed once set.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=161
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^@ /?#%\\\\\\\\[:cntrl:]]+@[^@ /?#%\\\\\\\\[:cntrl:]]+$')",message="serviceUserID must be user@domain"
	ServiceUserID string `json:"serviceUserID,omitempty"`
	// name of the call center, 1 to 30 characters. Default: metadata.name, which must then not be longer than that.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=30
	Name string `json:"name,omitempty"`
	// type: Basic, Standard or Premium. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="type cannot be changed: delete this resource and create another one"
	Type CallCenterType `json:"type"`
	// policy by which calls are given to agents: Circular, Regular, Simultaneous, Uniform or Weighted.
	// +required
	Policy CallDistribution `json:"policy"`
	// routingType: Priority Based or Skill Based. Premium only.
	// +optional
	RoutingType *CallCenterRoutingType `json:"routingType,omitempty"`
	// templateName of a template in the gateway's configuration, applied when the call center is created and never again.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	TemplateName string `json:"templateName,omitempty"`
	// active: whether the call center takes calls.
	// +optional
	Active *bool `json:"active,omitempty"`
	// profile of the call center as a service user.
	// +required
	Profile CallCenterProfile `json:"profile"`
	// queueLength is the number of calls that may wait, 0 to 525.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=525
	QueueLength *int32 `json:"queueLength,omitempty"`
	// enableReporting: statistics are sent to the reporting server. Standard and Premium.
	// +optional
	EnableReporting *bool `json:"enableReporting,omitempty"`
	// allowCallerToDialEscapeDigit: a waiting caller may leave the queue by dialling escapeDigit.
	// +optional
	AllowCallerToDialEscapeDigit *bool `json:"allowCallerToDialEscapeDigit,omitempty"`
	// escapeDigit is one of 0 to 9, * and #.
	// +optional
	// +kubebuilder:validation:MaxLength=1
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9*#]$')",message="escapeDigit must be one of 0 to 9, * and #"
	EscapeDigit *string `json:"escapeDigit,omitempty"`
	// resetCallStatisticsUponEntryInQueue: a call's statistics start anew when it enters this queue.
	// +optional
	ResetCallStatisticsUponEntryInQueue *bool `json:"resetCallStatisticsUponEntryInQueue,omitempty"`
	// allowAgentLogoff: agents may leave the call center themselves.
	// +optional
	AllowAgentLogoff *bool `json:"allowAgentLogoff,omitempty"`
	// allowCallWaitingForAgents: a call may be offered to an agent who is in a call.
	// +optional
	AllowCallWaitingForAgents *bool `json:"allowCallWaitingForAgents,omitempty"`
	// allowCallsToAgentsInWrapUp: a call may be offered to an agent in wrap-up. Standard and Premium.
	// +optional
	AllowCallsToAgentsInWrapUp *bool `json:"allowCallsToAgentsInWrapUp,omitempty"`
	// overrideAgentWrapUpTime: wrapUpSeconds applies instead of the agent's own wrap-up limit. Standard and Premium.
	// +optional
	OverrideAgentWrapUpTime *bool `json:"overrideAgentWrapUpTime,omitempty"`
	// wrapUpSeconds is the longest wrap-up, 1 to 3600 seconds; needs overrideAgentWrapUpTime: true. Standard and Premium.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=3600
	WrapUpSeconds *int32 `json:"wrapUpSeconds,omitempty"`
	// forceDeliveryOfCalls: a call is connected to an agent without being answered by hand. Premium only.
	// +optional
	ForceDeliveryOfCalls *bool `json:"forceDeliveryOfCalls,omitempty"`
	// forceDeliveryWaitTimeSeconds is the wait before that, 1 to 10 seconds; needs forceDeliveryOfCalls: true. Premium only.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	ForceDeliveryWaitTimeSeconds *int32 `json:"forceDeliveryWaitTimeSeconds,omitempty"`
	// enableAutomaticStateChangeForAgents: agents get agentStateAfterCall when a call ends. Standard and Premium.
	// +optional
	EnableAutomaticStateChangeForAgents *bool `json:"enableAutomaticStateChangeForAgents,omitempty"`
	// agentStateAfterCall: Available, Unavailable or Wrap-Up. Standard and Premium.
	// +optional
	AgentStateAfterCall *CallCenterAgentState `json:"agentStateAfterCall,omitempty"`
	// agentUnavailableCode explains the unavailability, at most 10 characters; "" clears it. It needs
	// enableAutomaticStateChangeForAgents: true and agentStateAfterCall: Unavailable. Standard and Premium.
	// +optional
	// +kubebuilder:validation:MaxLength=10
	AgentUnavailableCode *string `json:"agentUnavailableCode,omitempty"`
	// externalPreferredAudioCodec for calls from outside: None, G711, G722, G729, G726, AMR, AMR-WB or OPUS.
	// +optional
	ExternalPreferredAudioCodec *CallCenterCodec `json:"externalPreferredAudioCodec,omitempty"`
	// internalPreferredAudioCodec for calls from inside: the values of externalPreferredAudioCodec.
	// +optional
	InternalPreferredAudioCodec *CallCenterCodec `json:"internalPreferredAudioCodec,omitempty"`
	// playRingingWhenOfferingCall: the caller hears ringing while a call is offered to an agent.
	// +optional
	PlayRingingWhenOfferingCall *bool `json:"playRingingWhenOfferingCall,omitempty"`
	// networkClassOfService by name, 1 to 40 characters. The platform cannot clear it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	NetworkClassOfService *string `json:"networkClassOfService,omitempty"`
	// agents is the whole list of agents, at most 1000. Left out, agents are not managed; [] means none. It needs the
	// gateway's undocumentedRoutes: true, but not to be compared under managementPolicy: Observe.
	// +optional
	// +listType=map
	// +listMapKey=userID
	// +kubebuilder:validation:MaxItems=1000
	Agents []CallCenterAgent `json:"agents,omitzero"`
	// supervisors is the whole list of supervisors' user ids (user@domain), at most 1000. Left out, supervisors are not
	// managed; [] means none. It needs the gateway's undocumentedRoutes: true.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=1000
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=161
	Supervisors []string `json:"supervisors,omitzero"`
	// holidayService says what happens to calls on holidays. Left out, it is not managed. Premium only. It needs the gateway's
	// undocumentedRoutes: true.
	// +optional
	HolidayService *CallCenterHolidayService `json:"holidayService,omitempty"`
}

// CallCenterStatus is what was found behind the gateway. status.id is the service user id.
type CallCenterStatus struct {
	ConfigStatus `json:",inline"`
	// active: whether the call center takes calls.
	// +optional
	Active *bool `json:"active,omitempty"`
	// departmentFullPathName is the department with all its parents, as the gateway writes it.
	// +optional
	DepartmentFullPathName string `json:"departmentFullPathName,omitempty"`
	// callCenterQueueThresholdsIsActive: whether queue thresholds are switched on; read-only in the gateway.
	// +optional
	CallCenterQueueThresholdsIsActive *bool `json:"callCenterQueueThresholdsIsActive,omitempty"`
}

// CallCenter is a BroadWorks call center, managed through the organization's call-center gateway.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=wxcc,shortName=cc
// +kubebuilder:selectablefield:JSONPath=`.spec.tenantID`
// +kubebuilder:selectablefield:JSONPath=`.spec.groupID`
// +kubebuilder:selectablefield:JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Policy",type=string,JSONPath=`.spec.policy`
// +kubebuilder:printcolumn:name="Active",type=boolean,JSONPath=`.status.active`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].reason`
// +kubebuilder:printcolumn:name="Phone",type=string,JSONPath=`.spec.profile.phoneNumber`,priority=1
// +kubebuilder:printcolumn:name="Tenant",type=string,JSONPath=`.spec.tenantID`,priority=1
// +kubebuilder:printcolumn:name="Group",type=string,JSONPath=`.spec.groupID`,priority=1
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`,priority=1
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`,priority=1
// +kubebuilder:printcolumn:name="ID",type=string,JSONPath=`.status.id`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="has(self.spec.name) || size(self.metadata.name) <= 30",message="metadata.name is longer than the 30 characters that a call center's name may have: set spec.name"
// +kubebuilder:validation:XValidation:rule="!has(self.spec.serviceUserID) || has(oldSelf.spec.serviceUserID) || !has(self.status) || (has(self.status.origin) ? has(self.status.id) && self.status.id == self.spec.serviceUserID : !has(self.status.conditions) || !self.status.conditions.exists(c, c.type == 'Ready' && c.reason in ['AmbiguousWrite', 'Verifying', 'Unavailable', 'InvalidResponse']))",message="serviceUserID can be added only as what status.id says, or before anything was created and while no create may be under way",fieldPath=".spec.serviceUserID"
type CallCenter struct {
	metav1.TypeMeta `json:",inline"`
	// metadata of the resource.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`
	// spec is what the call center should be.
	// +required
	Spec CallCenterSpec `json:"spec"`
	// status is what was found. Until then observedGeneration is -1, so that nobody takes a new object for settled.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status CallCenterStatus `json:"status,omitzero"`
}

// CallCenterList is a list of call centers.
// +kubebuilder:object:root=true
type CallCenterList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []CallCenter `json:"items"`
}

// GetConfigSpec implements Object.
func (c *CallCenter) GetConfigSpec() *ConfigSpec { return &c.Spec.ConfigSpec }

// GetConfigStatus implements Object.
func (c *CallCenter) GetConfigStatus() *ConfigStatus { return &c.Status.ConfigStatus }

// GetRemoteName implements Object.
func (c *CallCenter) GetRemoteName() string { return nameOr(c.Spec.Name, c.Name) }
