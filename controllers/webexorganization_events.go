package controllers

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
)

// tellParts tells of the parts of the connection that have changed, but for what Ready tells: told is its reason.
func (v *organizationVisit) tellParts(told v1alpha1.Reason) {
	for _, part := range []string{v1alpha1.ConditionTokenValid, v1alpha1.ConditionContactCenterReachable, v1alpha1.ConditionGatewayReady} {
		now, was := meta.FindStatusCondition(v.organization.Status.Conditions, part), v.was(part)
		if now == nil || now.Reason == string(told) || was != nil && was.Status == now.Status && was.Reason == now.Reason {
			continue
		}
		kind := corev1.EventTypeWarning
		if now.Status == metav1.ConditionTrue {
			if was == nil {
				continue // it has never been otherwise
			}
			kind = corev1.EventTypeNormal
		}
		v.event(kind, now.Reason, "Connect", part+": "+now.Message)
	}
}
