// Package v1alpha1 is the API wxcc.dev/v1alpha1: contact-center configuration as custom resources.
// +kubebuilder:object:generate=true
// +groupName=wxcc.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "wxcc.dev", Version: "v1alpha1"}

// SchemeBuilder registers the kinds of this package.
var SchemeBuilder = runtime.NewSchemeBuilder(func(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&WebexOrganization{}, &WebexOrganizationList{},
		&WorkType{}, &WorkTypeList{},
		&AuxiliaryCode{}, &AuxiliaryCodeList{},
		&CallCenter{}, &CallCenterList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
})

// AddToScheme adds the kinds of this package to a scheme.
var AddToScheme = SchemeBuilder.AddToScheme
