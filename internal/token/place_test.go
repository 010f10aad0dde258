package token

import (
	"bytes"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"wxcc.dev/operator/api/v1alpha1"
)

// renewOnce lets a renewal happen, with a token server that ends the tokens that it replaces.
func (f *fixture) renewOnce() {
	f.t.Helper()
	f.clock.Step(7 * day)
	if refreshed, err := f.source.RefreshIfDue(f.t.Context(), f.clock.Now()); err != nil || !refreshed {
		f.t.Fatalf("RefreshIfDue = %t, %v", refreshed, err)
	}
}

// own is the Secret of the operator's own.
func (f *fixture) own() *corev1.Secret {
	f.t.Helper()
	var secret corev1.Secret
	if err := f.client.Get(f.t.Context(), place.Tokens, &secret); err != nil {
		f.t.Fatalf("read the Secret of the tokens: %v", err)
	}
	return &secret
}

// What GitOps applies again and again must not undo a renewal.
//
// Proves: S1.14
func TestRenewedTokensAreKeptWhereGitPutsNothingBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	before := f.credentials()
	f.renewOnce()
	if now := f.credentials(); now.ResourceVersion != before.ResourceVersion {
		t.Errorf("the Secret that people write was written: %v", now)
	}
	own := f.own()
	if string(own.Data[KeyRefreshToken]) != "canary-refresh-1" || own.Data[KeyClientSecret] != nil || own.Type != SecretType ||
		!metav1.IsControlledBy(own, &v1alpha1.WebexOrganization{ObjectMeta: metav1.ObjectMeta{UID: "nordlys-uid"}}) {
		t.Errorf("the operator keeps %v", own.ObjectMeta)
	}
	f.edit(func(data map[string][]byte) { data["note"] = []byte("applied again") })
	f.source = f.newSource()
	f.wantToken("canary-access-1")
	f.renewOnce()
	f.wantToken("canary-access-2")
}

// Somebody who puts new first tokens into the Secret means them.
func TestNewFirstTokensWin(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.renewOnce()
	f.server.refresh = "fresh-refresh"
	f.edit(func(data map[string][]byte) {
		data[KeyAccessToken], data[KeyRefreshToken] = []byte("fresh-access"), []byte("fresh-refresh")
		data[KeyAccessTokenExpiresAt] = []byte(f.clock.Now().Add(accessLife).Format(time.RFC3339))
	})
	origin := f.source.Status().Origin
	if err := f.source.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wantToken("fresh-access")
	if f.source.Status().Origin == origin {
		t.Error("new tokens count as a renewal: nobody would check whose they are")
	}
	f.clock.Step(7 * day)
	f.renewOnce()
	f.source = f.newSource()
	f.wantToken("canary-access-2")
}

// Git may hold tokens that were used up long ago; the connection lives on with the ones that are kept.
func TestFirstTokensThatAreUsedUpGiveWay(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", func(secret *corev1.Secret) {
		secret.Annotations = map[string]string{RefreshedAtAnnotation: start.Format(time.RFC3339)} // by an earlier version
	})
	f.wantToken(canaryAccess)
	if own := f.own(); string(own.Data[KeyAccessToken]) != canaryAccess {
		t.Fatalf("tokens that an earlier version renewed are not taken over: %v", own.ObjectMeta)
	}
	f.edit(func(data map[string][]byte) {
		data[KeyAccessToken], data[KeyRefreshToken] = []byte("used-up-access"), []byte("used-up-refresh")
		data[KeyAccessTokenExpiresAt] = []byte(start.Add(-time.Hour).Format(time.RFC3339))
	})
	if err := f.source.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wantToken(canaryAccess)
	f.source = f.newSource()
	f.wantToken(canaryAccess)
	f.wantCalls(1)
	f.renewOnce()
	f.wantToken("canary-access-2")
}

// Tokens of one OAuth client are nothing to another one.
func TestAnotherClientDoesNotGetTheTokens(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	f.renewOnce()
	f.edit(func(data map[string][]byte) {
		data[KeyClientID] = []byte("another")
		delete(data, KeyAccessToken)
		delete(data, KeyRefreshToken)
	})
	wantReason(t, f.source.Reload(t.Context()), v1alpha1.ReasonAuthorizationRequired)
	f.edit(func(data map[string][]byte) { data[KeyClientID] = []byte("client") })
	if err := f.source.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wantToken("canary-access-1")
}

// A Secret of somebody else's that has the name is neither read nor written.
func TestASecretOfSomebodyElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	other := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: place.Tokens.Namespace, Name: place.Tokens.Name}, Type: SecretType,
		Data: map[string][]byte{KeyAccessToken: []byte("foreign")},
	}
	if err := f.client.Create(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	f.wantToken(canaryAccess)
	f.clock.Step(7 * day)
	_, err := f.source.RefreshIfDue(t.Context(), f.clock.Now())
	wantReason(t, err, v1alpha1.ReasonUnavailable)
	f.wantCalls(0)
	if own := f.own(); string(own.Data[KeyAccessToken]) != "foreign" || len(own.Data) != 1 {
		t.Errorf("the Secret was written: %v", own.ObjectMeta)
	}
}

// The key of digests is made once, beside the tokens and whatever comes first, and outlives renewals.
func TestTheKeyOfDigestsIsMadeOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "rotate", nil)
	first, err := place.DigestKey(t.Context(), f.client, f.client)
	if err != nil || len(first) != 32 {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	f.renewOnce()
	f.wantToken("canary-access-1")
	again, err := place.DigestKey(t.Context(), f.client, f.client)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("another key: %v", err)
	}
}
