package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

const (
	// Finalizer keeps a custom resource until what it owns remotely is deleted or let go.
	Finalizer = "wxcc.dev/finalizer"
	// SecretFinalizer keeps a Secret while a WebexOrganization in its namespace names it: without it the organization's last
	// objects could not be deleted remotely.
	SecretFinalizer = "wxcc.dev/in-use" //nolint:gosec // a name
	// ReconcileRequestAnnotation asks for a check against the remote service now. Any new value is a new request;
	// status.lastHandledReconcileAt repeats the value once it has been served.
	ReconcileRequestAnnotation = "wxcc.dev/requestedAt"
	// CreateIntentAnnotation is written by the operator before it creates a remote object: the name given, the time and the uid
	// of this resource, as JSON. By it the operator knows its own object again after a crash. It stays and means nothing once
	// status.id is known.
	CreateIntentAnnotation = "wxcc.dev/create-intent"
	// DeletesConfirmedAnnotation on a WebexOrganization lets deletes go on that spec.maxDeletesPerHour holds back. Any new
	// value is a new confirmation; status.deletes.confirmedAt repeats the value once it has been obeyed.
	DeletesConfirmedAnnotation = "wxcc.dev/deletesConfirmedAt"
)

// ManagementPolicy says whether the operator may change the remote object.
// +kubebuilder:validation:Enum=Enforce;Observe
type ManagementPolicy string

const (
	// ManagementEnforce creates, corrects and deletes the remote object.
	ManagementEnforce ManagementPolicy = "Enforce"
	// ManagementObserve reads only: differences are listed in status.drift, nothing is written, ever.
	ManagementObserve ManagementPolicy = "Observe"
)

// DeletionPolicy says what deleting the custom resource does to the remote object.
// +kubebuilder:validation:Enum=Delete;Retain
type DeletionPolicy string

const (
	// DeletionDelete deletes the remote object too.
	DeletionDelete DeletionPolicy = "Delete"
	// DeletionRetain leaves the remote object as it is.
	DeletionRetain DeletionPolicy = "Retain"
)

// AdoptionPolicy says what happens when a remote object of the same name exists already.
// +kubebuilder:validation:Enum=Never;IfIdentical;Always
type AdoptionPolicy string

const (
	// AdoptionNever refuses to take over an existing object.
	AdoptionNever AdoptionPolicy = "Never"
	// AdoptionIfIdentical takes it over when every field of the spec already has its value.
	AdoptionIfIdentical AdoptionPolicy = "IfIdentical"
	// AdoptionAlways takes it over and changes what differs.
	AdoptionAlways AdoptionPolicy = "Always"
)

// Origin says how the remote object came under this custom resource.
// +kubebuilder:validation:Enum=Created;Adopted
type Origin string

const (
	// OriginCreated means that the operator created the remote object.
	OriginCreated Origin = "Created"
	// OriginAdopted means that the remote object existed before.
	OriginAdopted Origin = "Adopted"
)

// OrganizationReference names the WebexOrganization an object belongs to.
type OrganizationReference struct {
	// name of the WebexOrganization.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// namespace of the WebexOrganization; default is the object's own. Another namespace needs the
	// organization's spec.allowedNamespaces to permit it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`
}

// ObjectReference names another configuration object of the same organization, either as a custom resource or by its
// name in Control Hub. Exactly one of the two is set.
// +kubebuilder:validation:XValidation:rule="has(self.name) != has(self.remoteName)",message="set exactly one of name (a custom resource) and remoteName (a name in Control Hub)"
type ObjectReference struct {
	// name of a custom resource in the same namespace. The reference resolves when that resource has its remote id.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name,omitempty"`
	// remoteName is the object's name in Control Hub, for objects that no custom resource manages.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	RemoteName string `json:"remoteName,omitempty"`
}

// SecretKeyReference names one key of a Secret in the same namespace.
type SecretKeyReference struct {
	// name of the Secret.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// key inside the Secret's data.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Key string `json:"key"`
}

// Policies are the choices that an object makes for itself or takes from its organization's spec.defaults.
type Policies struct {
	// managementPolicy: Enforce makes the remote object equal to this spec, Observe only reports differences.
	// Default: the organization's default, else Enforce.
	// +optional
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`
	// deletionPolicy: Delete or Retain the remote object when this resource is deleted.
	// Default: the organization's default, else Delete what the operator created and Retain what it adopted.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
	// adoptionPolicy: what to do when a remote object of this name exists already.
	// Default: the organization's default, else IfIdentical.
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`
}

// ConfigSpec is what the spec of every configuration kind has in common.
type ConfigSpec struct {
	// organizationRef names the WebexOrganization this object belongs to. It may be changed to another resource that stands for
	// the same organization: the remote object then stays as it is.
	// +required
	OrganizationRef OrganizationReference `json:"organizationRef"`
	Policies        `json:",inline"`
	// suspend stops all remote calls for this object, its deletion too, until it is false again. Default false.
	// +optional
	Suspend bool `json:"suspend,omitempty"`
}

// FieldDrift is one field whose remote value differs from the spec.
type FieldDrift struct {
	// field is the path in the spec, for instance "profile.phoneNumber".
	// +required
	Field string `json:"field"`
	// desired is the value that the spec asks for, as text of at most 256 characters.
	// +optional
	Desired string `json:"desired"`
	// actual is the value found, as text of at most 256 characters.
	// +optional
	Actual string `json:"actual"`
}

// ChangedValue is a field of the spec that an update changed.
type ChangedValue struct {
	// field is the path in the spec.
	// +required
	Field string `json:"field"`
	// before is the value that was found, as text of at most 128 characters.
	// +optional
	Before string `json:"before"`
	// after is the value that was sent, as text of at most 128 characters.
	// +optional
	After string `json:"after"`
}

// Change is the last write to the remote service.
type Change struct {
	// time of the answer.
	// +required
	Time metav1.Time `json:"time"`
	// operation: Create, Update, Adopt or Delete.
	// +required
	Operation string `json:"operation"`
	// fields of the spec that were written; empty for a delete.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Fields []string `json:"fields,omitempty"`
	// values of an update before and after, at most 16 fields; of a secret only that it changed. A create set what the spec
	// says.
	// +optional
	// +listType=map
	// +listMapKey=field
	// +kubebuilder:validation:MaxItems=16
	Values []ChangedValue `json:"values,omitempty"`
	// trackingID of the answer, to quote to Cisco or Netaxis support.
	// +optional
	TrackingID string `json:"trackingID,omitempty"`
}

// AppliedSecret remembers which content of a Secret was written remotely, without revealing it.
type AppliedSecret struct {
	// field of the remote object that the Secret's value went to.
	// +required
	Field string `json:"field"`
	// resourceVersion of the Secret when it was last compared.
	// +optional
	ResourceVersion string `json:"resourceVersion,omitempty"`
	// key of the Secret's content that was compared.
	// +optional
	Key string `json:"key,omitempty"`
	// digest is a keyed hash of the value that was sent; its key is kept with the tokens of the organization.
	// +optional
	Digest string `json:"digest,omitempty"`
}

// ConfigStatus is what the status of every configuration kind has in common.
type ConfigStatus struct {
	// observedGeneration is the generation that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// id that the remote service gave the object. It survives renames and restarts of the operator.
	// +optional
	ID string `json:"id,omitempty"`
	// organizationID is the UUID of the remote organization that gave the id. A WebexOrganization that stands for another one
	// is not obeyed: see the reason OrganizationChanged.
	// +optional
	OrganizationID string `json:"organizationID,omitempty"`
	// origin: Created or Adopted; empty while nothing is managed (always so under Observe).
	// +optional
	Origin Origin `json:"origin,omitempty"`
	// conditions: Ready and Synced always; Reconciling and Stalled only while true.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// drift lists the fields in which the remote object differs from the spec, at most 32.
	// +optional
	// +listType=map
	// +listMapKey=field
	// +kubebuilder:validation:MaxItems=32
	Drift []FieldDrift `json:"drift,omitempty"`
	// lastChange is the last write to the remote service.
	// +optional
	LastChange *Change `json:"lastChange,omitempty"`
	// lastHandledReconcileAt repeats the annotation wxcc.dev/requestedAt that was served last.
	// +optional
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
	// appliedSecrets remembers which Secrets were written to write-only fields.
	// +optional
	// +listType=map
	// +listMapKey=field
	// +kubebuilder:validation:MaxItems=8
	AppliedSecrets []AppliedSecret `json:"appliedSecrets,omitempty"`
}

// Object is a configuration kind: what the engine needs to know of any of them.
// +kubebuilder:object:generate=false
type Object interface {
	metav1.Object
	runtime.Object
	// GetConfigSpec is the shared part of the spec.
	GetConfigSpec() *ConfigSpec
	// GetConfigStatus is the shared part of the status.
	GetConfigStatus() *ConfigStatus
	// GetRemoteName is the object's name in the remote service: spec.name, or metadata.name where that is empty.
	GetRemoteName() string
}

func nameOr(name, metadataName string) string {
	if name != "" {
		return name
	}
	return metadataName
}
