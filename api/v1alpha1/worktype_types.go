package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// WorkTypeCode is the family of a work type and of the auxiliary codes that use it.
// +kubebuilder:validation:Enum=IDLE_CODE;WRAP_UP_CODE
type WorkTypeCode string

const (
	// IdleCode is the family of the reasons an agent gives for being unavailable.
	IdleCode WorkTypeCode = "IDLE_CODE"
	// WrapUpCode is the family of the results an agent gives a finished contact.
	WrapUpCode WorkTypeCode = "WRAP_UP_CODE"
)

// WorkTypeSpec is what a work type should be. A field left out is not owned: its remote value stays as it is.
type WorkTypeSpec struct {
	ConfigSpec `json:",inline"`
	// name in Control Hub: at most 80 letters, digits, spaces and . _ - and not spaces alone.
	// Default: metadata.name, which must then not be longer than 80 characters.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9._\\\\-\\\\s]*$')",message="name may hold only letters, digits, spaces and . _ -"
	// +kubebuilder:validation:XValidation:rule="self.matches('\\\\S')",message="name must hold something else than spaces"
	Name string `json:"name,omitempty"`
	// description: free text of at most 255 characters; "" clears it.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Description *string `json:"description,omitempty"`
	// active: false deactivates the work type without deleting it. Default true.
	// +optional
	// +kubebuilder:default=true
	Active *bool `json:"active,omitempty"`
	// workTypeCode is the family: IDLE_CODE or WRAP_UP_CODE. It cannot be changed.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="workTypeCode cannot be changed: delete this resource and create another one"
	WorkTypeCode WorkTypeCode `json:"workTypeCode"`
}

// WorkTypeStatus is what was found in Control Hub.
type WorkTypeStatus struct {
	ConfigStatus `json:",inline"`
	// systemDefault: true means that Webex made this work type; it is never changed or deleted.
	// +optional
	SystemDefault *bool `json:"systemDefault,omitempty"`
	// version of the remote object; 0 for a new one.
	// +optional
	Version *int64 `json:"version,omitempty"`
	// createdTime of the remote object.
	// +optional
	CreatedTime *metav1.Time `json:"createdTime,omitempty"`
	// lastUpdatedTime of the remote object.
	// +optional
	LastUpdatedTime *metav1.Time `json:"lastUpdatedTime,omitempty"`
}

// WorkType groups the auxiliary codes of one family (idle or wrap-up) in Control Hub.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=wxcc,shortName=wtype
// +kubebuilder:selectablefield:JSONPath=`.spec.workTypeCode`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.workTypeCode`,description="Family of the work type"
// +kubebuilder:printcolumn:name="Active",type=boolean,JSONPath=`.spec.active`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].reason`
// +kubebuilder:printcolumn:name="Synced",type=string,JSONPath=`.status.conditions[?(@.type=="Synced")].status`,priority=1
// +kubebuilder:printcolumn:name="Organization",type=string,JSONPath=`.spec.organizationRef.name`,priority=1
// +kubebuilder:printcolumn:name="ID",type=string,JSONPath=`.status.id`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="has(self.spec.name) || size(self.metadata.name) <= 80",message="metadata.name is longer than the 80 characters that a work type's name may have: set spec.name"
type WorkType struct {
	metav1.TypeMeta `json:",inline"`
	// metadata of the resource.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`
	// spec is what the work type should be.
	// +required
	Spec WorkTypeSpec `json:"spec"`
	// status is what was found. Until then observedGeneration is -1, so that nobody takes a new object for settled.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status WorkTypeStatus `json:"status,omitzero"`
}

// WorkTypeList is a list of work types.
// +kubebuilder:object:root=true
type WorkTypeList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []WorkType `json:"items"`
}

// GetConfigSpec implements Object.
func (w *WorkType) GetConfigSpec() *ConfigSpec { return &w.Spec.ConfigSpec }

// GetConfigStatus implements Object.
func (w *WorkType) GetConfigStatus() *ConfigStatus { return &w.Status.ConfigStatus }

// GetRemoteName implements Object.
func (w *WorkType) GetRemoteName() string { return nameOr(w.Spec.Name, w.Name) }
