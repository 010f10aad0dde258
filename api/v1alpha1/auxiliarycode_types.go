package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// BurnoutInclusion says whether time under an idle code counts when agent burnout is calculated.
// +kubebuilder:validation:Enum=INCLUDED;EXCLUDED;NOT_APPLICABLE
type BurnoutInclusion string

const (
	// BurnoutIncluded counts the time; idle codes only, where it is the remote default.
	BurnoutIncluded BurnoutInclusion = "INCLUDED"
	// BurnoutExcluded does not count it; idle codes only.
	BurnoutExcluded BurnoutInclusion = "EXCLUDED"
	// BurnoutNotApplicable is the only value, and the remote default, of wrap-up codes.
	BurnoutNotApplicable BurnoutInclusion = "NOT_APPLICABLE"
)

// AuxiliaryCodeSpec is what an idle or wrap-up code should be. A field left out is not owned: its remote value stays.
// +kubebuilder:validation:XValidation:rule="self.workTypeCode != 'WRAP_UP_CODE' || !has(self.burnoutInclusion) || self.burnoutInclusion == 'NOT_APPLICABLE'",message="burnoutInclusion INCLUDED and EXCLUDED are for idle codes: leave it out, or set NOT_APPLICABLE, on a WRAP_UP_CODE",fieldPath=".burnoutInclusion"
type AuxiliaryCodeSpec struct {
	ConfigSpec `json:",inline"`
	// name in Control Hub: at most 80 letters, digits, spaces and . _ ) / ( - and not spaces alone.
	// Default: metadata.name, which must then not be longer than 80 characters.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9._)/( -]*$')",message="name may hold only letters, digits, spaces and . _ ) / ( -"
	// +kubebuilder:validation:XValidation:rule="self.matches('[^ ]')",message="name must hold something else than spaces"
	Name string `json:"name,omitempty"`
	// description says when to use the code: at most 255 characters; "" clears it.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Description *string `json:"description,omitempty"`
	// active: false deactivates the code without deleting it; true again re-activates the same remote object. Default true.
	// +optional
	// +kubebuilder:default=true
	Active *bool `json:"active,omitempty"`
	// defaultCode: true makes this the default code of its family. The first code of a family must be the default one, and
	// an organization has one default per family: of several resources that say true the oldest one owns it, and the others
	// are Stalled with reason ExclusiveField while their other fields are kept equal.
	// +optional
	DefaultCode *bool `json:"defaultCode,omitempty"`
	// workTypeCode is the family: IDLE_CODE or WRAP_UP_CODE. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="workTypeCode cannot be changed: delete this resource and create another one"
	WorkTypeCode WorkTypeCode `json:"workTypeCode"`
	// workTypeRef names the work type, which must be of the family workTypeCode.
	// +required
	WorkTypeRef ObjectReference `json:"workTypeRef"`
	// burnoutInclusion: INCLUDED or EXCLUDED (idle codes only), or NOT_APPLICABLE. Left out, Webex takes INCLUDED for an
	// idle code and NOT_APPLICABLE for a wrap-up code.
	// +optional
	BurnoutInclusion *BurnoutInclusion `json:"burnoutInclusion,omitempty"`
}

// RemoteReference is a remote object that uses this one.
type RemoteReference struct {
	// name of the user, as Control Hub shows it.
	// +optional
	Name string `json:"name,omitempty"`
	// type of the user in the API's words, for instance "agent-profile".
	// +optional
	Type string `json:"type,omitempty"`
	// id of the user.
	// +optional
	ID string `json:"id,omitempty"`
}

// AuxiliaryCodeStatus is what was found in Control Hub.
type AuxiliaryCodeStatus struct {
	ConfigStatus `json:",inline"`
	// workTypeID is the remote id of the work type.
	// +optional
	WorkTypeID string `json:"workTypeID,omitempty"`
	// workTypeName is the name of the work type in Control Hub.
	// +optional
	WorkTypeName string `json:"workTypeName,omitempty"`
	// systemDefault: true means that Webex made this code; it is never changed or deleted.
	// +optional
	SystemDefault *bool `json:"systemDefault,omitempty"`
	// isSystemCode: true means that Webex itself uses this code, for instance RONA; it is never changed or deleted.
	// +optional
	IsSystemCode *bool `json:"isSystemCode,omitempty"`
	// version of the remote object; 0 for a new one.
	// +optional
	Version *int64 `json:"version,omitempty"`
	// createdTime of the remote object.
	// +optional
	CreatedTime *metav1.Time `json:"createdTime,omitempty"`
	// lastUpdatedTime of the remote object.
	// +optional
	LastUpdatedTime *metav1.Time `json:"lastUpdatedTime,omitempty"`
	// references lists objects that use this code, at most 50; referenceCount counts them all. Both are read when a check is
	// asked for, when a deletion is blocked, and for two codes of the organization at each sweep, in turn.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	References []RemoteReference `json:"references,omitempty"`
	// referenceCount is the number of objects that use this code.
	// +optional
	ReferenceCount *int32 `json:"referenceCount,omitempty"`
}

// AuxiliaryCode is an idle or wrap-up code: Desktop Experience > Idle/Wrap-Up Codes in Control Hub.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=wxcc,shortName=auxcode
// +kubebuilder:selectablefield:JSONPath=`.spec.workTypeCode`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.workTypeCode`,description="Family of the code"
// +kubebuilder:printcolumn:name="Active",type=boolean,JSONPath=`.spec.active`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].reason`
// +kubebuilder:printcolumn:name="Default",type=boolean,JSONPath=`.spec.defaultCode`,priority=1
// +kubebuilder:printcolumn:name="Work Type",type=string,JSONPath=`.status.workTypeName`,priority=1
// +kubebuilder:printcolumn:name="Used By",type=integer,JSONPath=`.status.referenceCount`,priority=1
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`,priority=1
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`,priority=1
// +kubebuilder:printcolumn:name="ID",type=string,JSONPath=`.status.id`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="has(self.spec.name) || size(self.metadata.name) <= 80",message="metadata.name is longer than the 80 characters that a code's name may have: set spec.name"
type AuxiliaryCode struct {
	metav1.TypeMeta `json:",inline"`
	// metadata of the resource.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`
	// spec is what the code should be.
	// +required
	Spec AuxiliaryCodeSpec `json:"spec"`
	// status is what was found. Until then observedGeneration is -1, so that nobody takes a new object for settled.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status AuxiliaryCodeStatus `json:"status,omitzero"`
}

// AuxiliaryCodeList is a list of codes.
// +kubebuilder:object:root=true
type AuxiliaryCodeList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []AuxiliaryCode `json:"items"`
}

// GetConfigSpec implements Object.
func (a *AuxiliaryCode) GetConfigSpec() *ConfigSpec { return &a.Spec.ConfigSpec }

// GetConfigStatus implements Object.
func (a *AuxiliaryCode) GetConfigStatus() *ConfigStatus { return &a.Status.ConfigStatus }

// GetRemoteName implements Object.
func (a *AuxiliaryCode) GetRemoteName() string { return nameOr(a.Spec.Name, a.Name) }
