package conformance_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// rotating is an organization whose token server ends the refresh token that it replaces, and whose first access token is
// about to end.
func rotating(t *testing.T) *world {
	t.Helper()
	k := workType()
	k.simulator.RefreshMode = simulator.RefreshRotate
	w := emptyWorld(t, k, ownManager)
	w.createCredentials()
	w.changeSecret(credentialsSecret, map[string]string{"accessTokenExpiresAt": time.Now().Add(time.Minute).UTC().Format(time.RFC3339)})
	w.mustCreate(w.newOrganization())
	return w
}

// waitTokens waits until the operator keeps other tokens than these, and returns them.
func (w *world) waitTokens(not string) *corev1.Secret {
	w.t.Helper()
	var kept corev1.Secret
	eventually(w.t, soon, func() error {
		if err := cluster.client.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: organization + "-tokens"}, &kept); err != nil {
			return err
		}
		if refresh := string(kept.Data["refreshToken"]); refresh == "" || refresh == not {
			return fmt.Errorf("the tokens are not renewed yet")
		}
		return nil
	})
	return &kept
}

// Git holds the first tokens for ever, and puts them back whenever it looks.
func TestGitMayPutBackTheFirstTokens(t *testing.T) {
	t.Parallel()
	w := rotating(t)
	inGit := w.secretText(credentialsSecret)
	first := w.runManager(managerOptions{})
	w.waitConnected()
	kept := w.waitTokens(inGit["refreshToken"])
	if now := w.secretText(credentialsSecret); now["refreshToken"] != inGit["refreshToken"] || now["accessToken"] != inGit["accessToken"] {
		t.Error("the operator has written into the Secret that people write")
	}
	owner := metav1.GetControllerOf(kept)
	if kept.Type != "wxcc.dev/tokens" || owner == nil || owner.UID != w.readOrganization().UID || !slices.Contains(kept.Finalizers, v1alpha1.SecretFinalizer) {
		t.Errorf("the tokens are kept in a Secret of type %s of %+v with finalizers %v", kept.Type, owner, kept.Finalizers)
	}
	inGit["applied"] = "again"
	w.changeSecret(credentialsSecret, inGit)
	w.create(w.kind.minimal("Before")).waitReady()
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	inGit["applied"] = "and again"
	w.changeSecret(credentialsSecret, inGit)
	w.runManager(managerOptions{})
	w.create(w.kind.minimal("After")).waitReady()
	if calls := w.sim.Stats().Routes["POST /v1/access_token"].Count; calls != 1 {
		t.Errorf("%d calls of the token server, want one renewal", calls)
	}
}

// Somebody who puts other first tokens there means them.
func TestOtherFirstTokensWin(t *testing.T) {
	t.Parallel()
	w := rotating(t)
	w.runManager(managerOptions{})
	w.waitConnected()
	w.waitTokens(w.secretText(credentialsSecret)["refreshToken"])
	w.addOrganization("other")
	w.changeSecret(credentialsSecret, w.secretText("other"))
	w.waitOrganization(soon, v1alpha1.ReasonWrongOrganization)
}

// An earlier version kept renewed tokens in the Secret that people write.
func TestTokensOfAnEarlierVersionAreTakenOver(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t, workType(), ownManager)
	w.createCredentials()
	var secret corev1.Secret
	w.mustGet(credentialsSecret, &secret)
	secret.Annotations = map[string]string{"wxcc.dev/refreshed-at": time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)}
	if err := cluster.client.Update(t.Context(), &secret); err != nil {
		t.Fatal(err)
	}
	w.mustCreate(w.newOrganization())
	w.runManager(managerOptions{})
	w.waitConnected()
	if kept := w.waitTokens(""); string(kept.Data["refreshToken"]) != w.secretValue("refresh-token") || kept.Annotations["wxcc.dev/refreshed-at"] == "" {
		t.Errorf("the operator keeps %v", kept.ObjectMeta)
	}
}
