package controllers

import (
	"net/http"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/webex"
)

// +kubebuilder:rbac:groups=wxcc.dev,resources=worktypes,verbs=list;watch;patch
// +kubebuilder:rbac:groups=wxcc.dev,resources=worktypes/status,verbs=patch

// workTypes group auxiliary codes. Their bulk route is documented but never seen to work, and an organization has a
// handful of them: one by one.
func workTypes() *engine.Kind[*v1alpha1.WorkType] {
	type object = *v1alpha1.WorkType
	return &engine.Kind[object]{
		Name:       "WorkType",
		New:        func() object { return &v1alpha1.WorkType{} },
		NewList:    func() client.ObjectList { return &v1alpha1.WorkTypeList{} },
		Collection: engine.InContactCenter[object](webex.Entity{Route: "work-type", CompleteRows: true, Deleted: http.StatusOK}),
		Fields: []engine.Field[object]{
			{Spec: "description"},
			{Spec: "active"},
			{Spec: "workTypeCode", Immutable: true},
		},
		OnCreate: func(object) remote.Object { return remote.Object{"active": true} },
		Observe: func(workType object, actual remote.Object, _ engine.Resolved) {
			status := &workType.Status
			status.SystemDefault = new(actual.Bool("systemDefault"))
			status.Version, status.CreatedTime, status.LastUpdatedTime = revision(actual, status.Version, status.LastUpdatedTime)
		},
	}
}
