package controllers

import (
	"net/http"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/simulator"
)

// leave deletes nordlys while an object that refers to it holds it back.
func (f *organizationFixture) leave() {
	f.t.Helper()
	f.r.Kinds = []ObjectKind{kind(workTypes()).ObjectKind}
	dependent := &v1alpha1.WorkType{ObjectMeta: metav1.ObjectMeta{Namespace: nordlys.Namespace, Name: "billing"}}
	dependent.Spec.OrganizationRef.Name = nordlys.Name
	if err := f.client.Create(f.t.Context(), dependent); err != nil {
		f.t.Fatal(err)
	}
	if err := f.client.Delete(f.t.Context(), f.get()); err != nil {
		f.t.Fatal(err)
	}
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonHasDependents)
}

// However long objects take to go, and whatever the connection is like, nothing is written or told by time alone.
func TestWaitingForDependentsIsQuiet(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]func(*organizationFixture){
		"no Secret": func(f *organizationFixture) { f.organization(nil) },
		"suspended": func(f *organizationFixture) {
			f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.Suspend = true })
		},
		"wrong organization": func(f *organizationFixture) { f.organization(nil); f.credentials("sirocco") },
		"no answer": func(f *organizationFixture) {
			f.organization(nil)
			f.credentials("nordlys")
			if err := f.simulator.SetFaults(simulator.FaultRule{Path: "^/v1/", Status: http.StatusServiceUnavailable}); err != nil {
				f.t.Fatal(err)
			}
		},
		"connected": func(f *organizationFixture) { f.organization(nil); f.credentials("nordlys") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newOrganizationFixture(t)
			build(f)
			f.reconcile()
			f.leave()
			f.reconcile()
			f.seen()
			before := f.get().ResourceVersion
			for range 5 {
				f.clock.Step(secretRetry)
				f.reconcile()
			}
			if now := f.get(); now.ResourceVersion != before {
				t.Errorf("a status was written: %+v", now.Status)
			}
			if told := f.seen(); told != "" {
				t.Errorf("told again: %s", told)
			}
		})
	}
}

// Objects may take long to go, and tokens end meanwhile: new ones are as good as before.
func TestNewTokensServeTheLastDeletions(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.changeSecret(map[string]string{"refreshToken": ""})
	f.reconcile()
	f.leave()
	f.clock.Step(15 * day)
	f.reconcile()
	if f.connected() != nil {
		t.Error("the organization is connected by a token that has ended")
	}
	f.want(v1alpha1.ConditionTokenValid, metav1.ConditionFalse, v1alpha1.ReasonReconnectRequired)
	f.credentials("nordlys")
	f.reconcile()
	if f.connected() == nil {
		t.Fatalf("new tokens are not noticed: %+v", f.get().Status.Conditions)
	}
	f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonHasDependents)
}

// What the contact center refused is asked again, though the organization goes and its Secret is gone already.
func TestARefusalEndsWhileAnOrganizationGoes(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	f.leave()
	f.loseCredentials()
	sites := f.connected().Connection().Webex.Collection(siteEntity)
	if err := f.simulator.SetFaults(simulator.FaultRule{
		Path: "^/organization/", Status: http.StatusForbidden, Body: `{"error":{"key":"403","message":[{"description":"no scope"}]}}`,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := sites.List(t.Context()); remote.ClassOf(err) != remote.Forbidden {
		t.Fatalf("a list ended with %v", err)
	}
	f.reconcile()
	f.want(v1alpha1.ConditionContactCenterReachable, metav1.ConditionFalse, v1alpha1.ReasonForbidden)
	if err := f.simulator.SetFaults(); err != nil {
		t.Fatal(err)
	}
	f.edit(func(o *v1alpha1.WebexOrganization) {
		o.Annotations = map[string]string{v1alpha1.ReconcileRequestAnnotation: "now"} // ends the rest
	})
	f.reconcile()
	f.want(v1alpha1.ConditionContactCenterReachable, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if f.connected() == nil {
		t.Fatal("the organization is not connected")
	}
	if _, err := sites.List(t.Context()); err != nil {
		t.Error(err)
	}
}

// Suspended, an organization that goes makes no call either.
func TestAnOrganizationThatGoesCanBeSuspended(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	f.leave()
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.Suspend = true })
	f.reconcile()
	if f.connected() != nil {
		t.Error("the organization is connected, and its sweeps go on")
	}
	if message := f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonHasDependents).Message; !strings.Contains(message, "suspend") {
		t.Errorf("the message does not say that it is suspended: %s", message)
	}
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.Suspend = false })
	f.clock.Step(time.Minute)
	f.reconcile()
	if f.connected() == nil {
		t.Error("the organization is not connected again")
	}
}
