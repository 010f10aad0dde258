package controllers

import (
	"fmt"
	"math"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// +kubebuilder:rbac:groups=wxcc.dev,resources=auxiliarycodes,verbs=list;watch;patch
// +kubebuilder:rbac:groups=wxcc.dev,resources=auxiliarycodes/status,verbs=patch

// auxiliaryCodes are the idle and wrap-up codes of Control Hub. Its bulk route creates and deletes, and its PATCH is
// the only partial update.
func auxiliaryCodes() *engine.Kind[*v1alpha1.AuxiliaryCode] {
	type object = *v1alpha1.AuxiliaryCode
	return &engine.Kind[object]{
		Name:    "AuxiliaryCode",
		New:     func() object { return &v1alpha1.AuxiliaryCode{} },
		NewList: func() client.ObjectList { return &v1alpha1.AuxiliaryCodeList{} },
		Collection: engine.InContactCenter[object](webex.Entity{
			Route:        "auxiliary-code",
			CompleteRows: true,
			Bulk: map[remote.Operation]webex.BulkRoute{
				remote.Create: {Method: http.MethodPost},
				remote.Update: {Method: http.MethodPatch},
				remote.Delete: {Method: http.MethodPost},
			},
		}),
		Fields: []engine.Field[object]{
			{Spec: "description"},
			{Spec: "active"},
			{Spec: "defaultCode", ExclusiveIn: "workTypeCode"},
			{Spec: "workTypeCode", Immutable: true},
			{Spec: "workTypeRef", Wire: "workTypeId", Reference: "WorkType", Check: sameFamily},
			{Spec: "burnoutInclusion"},
		},
		OnCreate: func(object) remote.Object { return remote.Object{"defaultCode": false, "active": true} },
		Protected: func(actual remote.Object) bool {
			return actual.Bool("systemDefault") || actual.Bool("isSystemCode")
		},
		Observe: func(code object, actual remote.Object, references engine.Resolved) {
			status := &code.Status
			status.WorkTypeID = actual.Text("workTypeId")
			status.WorkTypeName = actual.Text("workTypeName")
			if target, ok := references["workTypeRef"]; ok && target.ID == status.WorkTypeID {
				status.WorkTypeName = target.Object.Text("name")
			}
			status.SystemDefault = new(actual.Bool("systemDefault"))
			status.IsSystemCode = new(actual.Bool("isSystemCode"))
			status.Version, status.CreatedTime, status.LastUpdatedTime = revision(actual, status.Version, status.LastUpdatedTime)
		},
		ObserveUsers: func(code object, users remote.Users) {
			code.Status.ReferenceCount = new(int32(min(users.Total, math.MaxInt32))) //nolint:gosec // bounded
			code.Status.References = nil
			for _, user := range users.Named[:min(len(users.Named), maxReferences)] {
				code.Status.References = append(code.Status.References, v1alpha1.RemoteReference{Name: user.Name, Type: user.Type, ID: user.ID})
			}
		},
	}
}

// maxReferences is how many users a status names; it counts them all.
const maxReferences = 50

// sameFamily: a code and its work type are both idle or both wrap-up.
func sameFamily(code *v1alpha1.AuxiliaryCode, workType remote.Object) string {
	if family := workType.Text("workTypeCode"); family != string(code.Spec.WorkTypeCode) {
		return fmt.Sprintf("work type %q is of the family %s, this code of %s", workType.Text("name"), family, code.Spec.WorkTypeCode)
	}
	return ""
}

// revision reads the facts that records of the configuration API carry. Rows of a listing may leave out the version: it is
// the one known before as long as the object has not changed since.
func revision(actual remote.Object, known *int64, seen *metav1.Time) (version *int64, created, updated *metav1.Time) {
	created, updated = timeOf(actual, "createdTime"), timeOf(actual, "lastUpdatedTime")
	if number, ok := actual.Int("version"); ok {
		version = &number
	} else if seen != nil && updated != nil && seen.Unix() == updated.Unix() {
		version = known
	}
	return version, created, updated
}

func timeOf(actual remote.Object, field string) *metav1.Time {
	at := actual.Time(field)
	if at.IsZero() {
		return nil
	}
	return &metav1.Time{Time: at}
}
