package controllers

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// changeSecret changes the credentials Secret; an empty value removes a key.
func (f *organizationFixture) changeSecret(values map[string]string) {
	f.t.Helper()
	var secret corev1.Secret
	if err := f.client.Get(f.t.Context(), client.ObjectKey{Namespace: nordlys.Namespace, Name: "credentials"}, &secret); err != nil {
		f.t.Fatal(err)
	}
	for key, value := range values {
		if secret.Data[key] = []byte(value); value == "" {
			delete(secret.Data, key)
		}
	}
	if err := f.client.Update(f.t.Context(), &secret); err != nil {
		f.t.Fatal(err)
	}
}

// warnings drains the events and counts those that warn of the end.
func (f *organizationFixture) warnings() int {
	return strings.Count(f.seen(), string(v1alpha1.ReasonExpiresSoon))
}

func (f *organizationFixture) expiring() *metav1.Condition {
	f.t.Helper()
	return meta.FindStatusCondition(f.get().Status.Conditions, v1alpha1.ConditionTokenExpiring)
}

// endsIn connects nordlys with a refresh token that ends after a while.
func endsIn(t *testing.T, left time.Duration, warnings []metav1.Duration) *organizationFixture {
	t.Helper()
	f := setting{begin: newYear, options: simulator.Options{RefreshMode: simulator.RefreshFixed}}.fixture(t)
	f.organization(func(o *v1alpha1.WebexOrganization) {
		o.Spec.TokenRefresh.ExpiryWarnings, o.Spec.InventoryInterval = warnings, &metav1.Duration{Duration: 30 * day}
	})
	f.credentials("nordlys")
	f.changeSecret(map[string]string{"refreshTokenExpiresAt": newYear.Add(left).Format(time.RFC3339)})
	return f
}

// Proves: S1.32, PR28
func TestWarningsAreGivenOnceEach(t *testing.T) {
	t.Parallel()
	f := endsIn(t, 20*day, nil)
	f.reconcile()
	condition := f.want(v1alpha1.ConditionTokenExpiring, metav1.ConditionTrue, v1alpha1.ReasonExpiresSoon)
	if !strings.HasPrefix(condition.Message, "no more than 30 days left:") || !strings.Contains(condition.Message, "2026-01-21 00:00 UTC") {
		t.Errorf("message = %q", condition.Message)
	}
	if told := f.warnings(); told != 1 {
		t.Errorf("told %d times, want once", told)
	}
	before := f.get().ResourceVersion
	f.clock.Step(5 * day)
	f.r = f.newReconciler()
	f.reconcile()
	if told := f.warnings(); told != 0 || f.get().ResourceVersion != before {
		t.Errorf("told %d times more without news, or wrote a status", told)
	}
	f.clock.Step(day) // 14 are left
	f.reconcile()
	if told := f.warnings(); told != 1 || !strings.HasPrefix(f.expiring().Message, "no more than 14 days left:") {
		t.Errorf("told %d times: %s", told, f.expiring().Message)
	}
	f.changeSecret(map[string]string{"refreshTokenExpiresAt": f.clock.Now().Add(90 * day).Format(time.RFC3339)})
	f.reconcile()
	if f.expiring() != nil {
		t.Errorf("still warned of tokens that last: %+v", f.expiring())
	}
	f.changeSecret(map[string]string{"refreshTokenExpiresAt": f.clock.Now().Add(10 * day).Format(time.RFC3339)})
	f.reconcile()
	if told := f.warnings(); told != 1 {
		t.Errorf("new tokens were warned of %d times, want once", told)
	}
}

func TestTheNextWarningIsNotMissed(t *testing.T) {
	t.Parallel()
	f := endsIn(t, 5*day, []metav1.Duration{{Duration: 36 * time.Hour}, {Duration: 90 * time.Minute}})
	for range 3 {
		f.reconcile() // connects, syncs nothing
	}
	for _, want := range []struct {
		left time.Duration
		lead string
	}{{36 * time.Hour, "no more than 36 hours left:"}, {90 * time.Minute, "no more than 1h30m0s left:"}} {
		for f.expiring() == nil || !strings.HasPrefix(f.expiring().Message, want.lead) {
			if f.clock.Since(newYear) > 5*day-want.left {
				t.Fatalf("no warning %s before the end: %+v", want.left, f.expiring())
			}
			f.clock.Step(f.reconcile().RequeueAfter)
			f.reconcile()
		}
		if at := f.clock.Since(newYear); at != 5*day-want.left {
			t.Errorf("warned after %s, want %s before the end", at, want.left)
		}
	}
}

// Proves: PR28
func TestWarningsCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	f := endsIn(t, day, []metav1.Duration{})
	f.reconcile()
	if f.expiring() != nil || f.warnings() != 0 {
		t.Errorf("warned: %+v", f.expiring())
	}
}

func TestAnAccessTokenThatCannotBeRenewedIsWarnedOf(t *testing.T) {
	t.Parallel()
	f := setting{begin: newYear}.fixture(t)
	f.organization(nil)
	f.credentials("nordlys")
	f.changeSecret(map[string]string{"refreshToken": "", "accessTokenExpiresAt": newYear.Add(6 * day).Format(time.RFC3339)})
	f.reconcile()
	condition := f.want(v1alpha1.ConditionTokenExpiring, metav1.ConditionTrue, v1alpha1.ReasonExpiresSoon)
	if !strings.Contains(condition.Message, "the access token, which cannot be renewed, ends on 2026-01-07 00:00 UTC") {
		t.Errorf("message = %q", condition.Message)
	}
	for _, sync := range f.get().Status.Syncs {
		if sync.Name == v1alpha1.SyncTokens {
			t.Errorf("a schedule for a renewal that cannot be: %+v", sync)
		}
	}
	f.clock.Step(6 * day)
	f.reconcile()
	f.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonReconnectRequired)
	if f.expiring() != nil {
		t.Errorf("warned of what has happened: %+v", f.expiring())
	}
}

// The renewals are one of the periodic syncs: when, when next, and what came of it.
// Proves: PR20, PR43
func TestRenewalsShowInStatus(t *testing.T) {
	t.Parallel()
	f := endsIn(t, 90*day, nil)
	f.reconcile()
	tokens := func() v1alpha1.SyncStatus { return f.syncOf(v1alpha1.SyncTokens) }
	if sync := tokens(); sync.LastTime != nil || !sync.NextTime.Time.Equal(newYear.Add(7*day)) || sync.Result != "" {
		t.Errorf("before the first renewal: %+v", sync)
	}
	f.clock.Step(7 * day)
	f.reconcile()
	if sync := tokens(); !sync.LastTime.Time.Equal(newYear.Add(7*day)) || !sync.NextTime.Time.Equal(newYear.Add(14*day)) || sync.Result != v1alpha1.SyncSucceeded {
		t.Errorf("after the first renewal: %+v", sync)
	}
	if err := f.simulator.SetFaults(simulator.FaultRule{Route: "/v1/access_token", Status: 503}); err != nil {
		t.Fatal(err)
	}
	f.clock.Step(7 * day)
	f.reconcile()
	if sync := tokens(); !sync.LastTime.Time.Equal(newYear.Add(7*day)) || sync.Result != v1alpha1.SyncFailed || !strings.Contains(sync.Message, "503") {
		t.Errorf("after a renewal that failed: %+v", sync)
	}
	f.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
}

// A renewal that a call needed is told of as well as one that was due.
func TestARenewalBetweenVisitsIsToldOf(t *testing.T) {
	t.Parallel()
	f := endsIn(t, 90*day, nil)
	f.reconcile()
	f.seen()
	if err := f.simulator.SetFaults(simulator.FaultRule{Path: "/v2/site", ExpireToken: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	work := f.connected().Connection().Webex
	sites := work.Collection(siteEntity)
	if _, err := sites.List(t.Context()); err == nil {
		t.Fatal("a list with an expired token")
	}
	if _, err := sites.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.reconcile()
	f.reconcile()
	if told := strings.Count(f.seen(), eventTokenRefreshed); told != 1 {
		t.Errorf("the renewal was told of %d times, want once", told)
	}
}
