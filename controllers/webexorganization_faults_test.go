package controllers

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// A password that is changed at the gateway shows, and is not tried at every call until the account is locked.
func TestARefusedGatewayAccountShows(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t, gatewaySecret("password-canary"))
	f.gatewayOrganization()
	f.reconcile()
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	if err := f.simulator.SetFaults(simulator.FaultRule{Path: "^/api/v1/", Status: 401}); err != nil {
		t.Fatal(err)
	}
	before := f.simulator.Stats().Requests
	centers := f.connected().Connection().Gateway.CallCenters("acme-be", "hq")
	for range 10 {
		if _, err := centers.List(t.Context()); err == nil {
			t.Fatal("a list in spite of the refusal")
		}
		f.reconcile()
	}
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	f.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonUnauthorized)
	if f.connected().Connection().Gateway != nil {
		t.Error("the gateway is still in use")
	}
	if made := f.simulator.Stats().Requests - before; made != 2 {
		t.Errorf("%d requests, want a list and one log-in", made)
	}
	if err := f.simulator.SetFaults(); err != nil {
		t.Fatal(err)
	}
	f.reconcile()
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionFalse, v1alpha1.ReasonUnauthorized)
	touched := gatewaySecret("password-canary")
	touched.Labels = map[string]string{"touched": "yes"}
	if err := f.client.Update(t.Context(), touched); err != nil {
		t.Fatal(err)
	}
	f.reconcile()
	f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// What is in a Secret goes to an address that the author of the resource chooses.
func TestSecretsOfOthersGoNowhere(t *testing.T) {
	t.Parallel()
	foreign := gatewaySecret("password-canary")
	foreign.Type = corev1.SecretTypeBasicAuth
	f := newOrganizationFixture(t, foreign)
	f.gatewayOrganization()
	f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.OrganizationID, o.Spec.CredentialsSecretRef = "", nil })
	f.reconcile()
	condition := f.want(v1alpha1.ConditionGatewayReady, metav1.ConditionFalse, v1alpha1.ReasonCredentialsMissing)
	if !strings.Contains(condition.Message, string(corev1.SecretTypeBasicAuth)) {
		t.Errorf("message = %q, want the type in it", condition.Message)
	}
	f.wantRequests(0)
}

// Licences and roles are optional: reading them holds back neither the connection nor its status.
func TestOrganizationIsInUseBeforeItsInventoryIsRead(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.SyncOnCreate = true })
	f.credentials("nordlys")
	if err := f.simulator.SetFaults(simulator.FaultRule{Path: "licenses", Status: 503, LatencyMillis: 500}); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.reconcile()
	}()
	err := wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, 10*time.Second, true, func(ctx context.Context) (bool, error) {
		var organization v1alpha1.WebexOrganization
		err := f.client.Get(ctx, nordlys, &organization)
		return meta.IsStatusConditionTrue(organization.Status.Conditions, v1alpha1.ConditionReady) && f.connected() != nil, err
	})
	select {
	case <-done:
		t.Error("the inventory came first")
	default:
	}
	<-done
	if err != nil {
		t.Fatal(err)
	}
	if err := f.simulator.SetFaults(simulator.FaultRule{Path: "licenses", Status: 503}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		f.clock.Step(slowOrganizationRetry)
		f.reconcile()
	}
	if told := strings.Count(f.seen(), "InventorySyncFailed"); told != 1 {
		t.Errorf("the failure was told %d times, want once", told)
	}
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// What was known of a connection is not shown any more when its Secret is gone.
func TestOrganizationForgetsWhatItCannotKnow(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) { o.Name = "forgetful" })
	f.credentials("nordlys")
	key := nordlys
	key.Name = "forgetful"
	reconcile := func() v1alpha1.WebexOrganizationStatus {
		t.Helper()
		if _, err := f.r.Reconcile(t.Context(), ctrl.Request{NamespacedName: key}); err != nil {
			t.Fatal(err)
		}
		var organization v1alpha1.WebexOrganization
		if err := f.client.Get(t.Context(), key, &organization); err != nil {
			t.Fatal(err)
		}
		return organization.Status
	}
	if status := reconcile(); status.AccessTokenExpiresAt == nil || !hasExpiry(t, key.Name) {
		t.Fatalf("status = %+v", status)
	}
	f.loseCredentials()
	status := reconcile()
	if meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionContactCenterReachable) != nil || status.AccessTokenExpiresAt != nil {
		t.Errorf("status = %+v", status)
	}
	if hasExpiry(t, key.Name) {
		t.Error("the metric of the token's end is still there")
	}
}

func hasExpiry(t *testing.T, organization string) bool {
	t.Helper()
	families, err := ctrlmetrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if family.GetName() == "wxcc_token_expiry_timestamp_seconds" && label.GetValue() == organization {
					return true
				}
			}
		}
	}
	return false
}

// unstored renews the tokens of nordlys while the Secret cannot be written; the function that it returns ends that.
func (f *organizationFixture) unstored() (heal func()) {
	f.t.Helper()
	refuse := true
	f.r.Client = interceptor.NewClient(f.client, interceptor.Funcs{
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.UpdateOption) error {
			if len(options) == 0 && refuse {
				return errors.New("etcd is away")
			}
			return c.Update(ctx, o, options...)
		},
	})
	f.r.sessions = organizationSessions{}
	f.clock.Step(7 * 24 * time.Hour)
	f.reconcile()
	return func() { refuse = false }
}

// wantStored checks that the renewed tokens are in the Secret of the operator.
func (f *organizationFixture) wantStored() {
	f.t.Helper()
	var secret corev1.Secret
	if err := f.client.Get(f.t.Context(), client.ObjectKey{Namespace: nordlys.Namespace, Name: "nordlys-tokens"}, &secret); err != nil {
		f.t.Fatal(err)
	}
	if string(secret.Data["accessToken"]) == "nordlys-access-canary" {
		f.t.Error("the renewed token was lost")
	}
}

// Tokens that were renewed and not yet stored are stored although the organization is told to rest.
func TestSuspendingLosesNoToken(t *testing.T) {
	t.Parallel()
	f := newOrganizationFixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.reconcile()
	heal := f.unstored()
	f.edit(func(o *v1alpha1.WebexOrganization) {
		o.Spec.Suspend = true
		o.Annotations = map[string]string{v1alpha1.ReconcileRequestAnnotation: "now"}
	})
	f.clock.Step(time.Minute)
	if result := f.reconcile(); result.RequeueAfter != secretRetry {
		t.Errorf("next visit in %s, want %s: tokens still wait", result.RequeueAfter, secretRetry)
	}
	if handled := f.get().Status.LastHandledReconcileAt; handled != "now" {
		t.Errorf("lastHandledReconcileAt = %q", handled)
	}
	heal()
	f.clock.Step(time.Minute)
	if result := f.reconcile(); result.RequeueAfter != 0 {
		t.Errorf("next visit in %s, want none", result.RequeueAfter)
	}
	f.wantStored()
}

// So they are when the organization goes, or turns to another Secret.
func TestPartingLosesNoToken(t *testing.T) {
	t.Parallel()
	for name, part := range map[string]func(*organizationFixture){
		"deleted": func(f *organizationFixture) {
			if err := f.client.Delete(f.t.Context(), f.get()); err != nil {
				f.t.Fatal(err)
			}
		},
		"another Secret": func(f *organizationFixture) {
			f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.CredentialsSecretRef.Name = "other" })
		},
		"no organization any more": func(f *organizationFixture) {
			f.edit(func(o *v1alpha1.WebexOrganization) { o.Spec.OrganizationID = "" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newOrganizationFixture(t)
			f.organization(nil)
			f.credentials("nordlys")
			f.reconcile()
			heal := f.unstored()
			heal()
			f.clock.Step(time.Minute)
			part(f)
			f.reconcile()
			f.wantStored()
		})
	}
}
