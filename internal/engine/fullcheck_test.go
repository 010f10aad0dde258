package engine

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// A row that has not changed is enough until the next full check, whose interval the gateway's spec gives.
func TestFullChecksAreDueByTheGatewaysInterval(t *testing.T) {
	t.Parallel()
	placement := InGateway(func(*v1alpha1.CallCenter) (tenant, group string) { return "t", "g" })
	gateway := &v1alpha1.CallCenterGateway{}
	organization := &v1alpha1.WebexOrganization{Spec: v1alpha1.WebexOrganizationSpec{CallCenterGateway: gateway}}
	if every := placement.fullCheck(organization); every != time.Hour {
		t.Errorf("every %s by default", every)
	}
	gateway.FullCheckInterval = &metav1.Duration{Duration: 30 * time.Minute}
	every := placement.fullCheck(organization)
	if every != 30*time.Minute {
		t.Errorf("every %s, want the interval of the spec", every)
	}

	r := &Reconciler[*v1alpha1.CallCenter]{fullReads: &syncMap[types.NamespacedName, fullRead]{}}
	key, row := types.NamespacedName{Name: "care"}, remote.NewRecord("id", "Care", time.Time{}, []byte(`{"a":1}`))
	if !r.readBefore(key, row, every) {
		t.Error("after a start the row is enough")
	}
	if r.readBefore(key, remote.NewRecord("id", "Care", time.Time{}, []byte(`{"a":2}`)), every) {
		t.Error("a row that has changed is not enough")
	}
	for age, enough := range map[time.Duration]bool{29 * time.Minute: true, 31 * time.Minute: false} {
		r.fullReads.store(key, fullRead{row: row.Hash, at: time.Now().Add(-age)})
		if r.readBefore(key, row, every) != enough {
			t.Errorf("the row is enough after %s: want %t", age, enough)
		}
	}
}
