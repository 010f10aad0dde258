package conformance_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// strictPasswords are rules that no word of a dictionary obeys.
var strictPasswords = simulator.PasswordRules{
	MinLength: 30, RestrictMinDigits: true, MinDigits: 3, RestrictMinUpperCaseLetters: true, MinUpperCaseLetters: 4,
	RestrictMinLowerCaseLetters: true, MinLowerCaseLetters: 5, RestrictMinNonAlphanumericCharacter: true, MinNonAlphanumericCharacters: 2,
	DisallowOldPassword: true,
}

// generating asks for a password of the operator's making.
func generating(content spec) spec {
	return content.with("profile.passwordSecretRef", map[string]any{"name": "made", "key": "password"}).with("profile.generatePassword", true)
}

// guardedWorld has a gateway with strict rules and an operator of its own, which sees Secrets of any making.
func guardedWorld(t *testing.T) *world {
	t.Helper()
	k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
	k.simulator.CallCenters.PasswordRules = strictPasswords
	w := newWorld(t, k, ownManager)
	w.runManager(managerOptions{})
	w.waitConnected()
	return w
}

// Proves: S3.10, S3.40, CR29, CR30
func TestGeneratedPasswordObeysTheRulesAndIsKeptInASecret(t *testing.T) {
	t.Parallel()
	w := guardedWorld(t)
	r := w.create(generating(w.kind.minimal("Guarded")))
	id := r.waitReady().ID
	var made corev1.Secret
	w.mustGet("made", &made)
	first := string(made.Data["password"])
	w.wantRemote(id, map[string]any{inProfile + "password": first}) // which the gateway has accepted by its rules
	if made.Type != "wxcc.dev/generated" || made.Labels["app.kubernetes.io/managed-by"] != "wxcc-operator" || len(made.Data) != 1 {
		t.Errorf("the Secret is of type %q with the labels %v and %d keys", made.Type, made.Labels, len(made.Data))
	}
	if owner := metav1.GetControllerOf(&made); owner == nil || owner.Kind != "CallCenter" || owner.Name != r.name || owner.UID != r.read().GetUID() {
		t.Errorf("the Secret belongs to %+v", owner)
	}
	r.waitEvent("SecretGenerated", "made")
	w.sim.Reset()
	r.check()
	w.wantNoWrites()

	// To be rid of a password, delete it.
	if err := cluster.client.Delete(t.Context(), &made); err != nil {
		t.Fatal(err)
	}
	var second string
	eventually(t, soon, func() error {
		var again corev1.Secret
		if err := cluster.client.Get(t.Context(), keyOf(&made), &again); err != nil {
			return err
		}
		second = string(again.Data["password"])
		return w.remoteHas(id, inProfile+"password", second)
	})
	if second == first {
		t.Error("the same password was made again")
	}
	r.waitReady()
	w.wantPuts(1)

	// Or put another one there.
	own := w.secretValue("Own-Password-4711")
	w.changeSecret("made", map[string]string{"password": own})
	eventually(t, soon, func() error { return w.remoteHas(id, inProfile+"password", own) })
	r.waitReady()
	w.wantPuts(2)
}

// Proves: S3.40
func TestGeneratedPasswordReplacesTheUnknownOneOfAnAdoptedCallCenter(t *testing.T) {
	t.Parallel()
	w := guardedWorld(t)
	w.addRemote(w.kind.remoteFull(w, "Guarded"))
	r := w.create(generating(w.kind.full("Guarded").with("serviceUserID", serviceUserID("Guarded"))).with("adoptionPolicy", "Always"))
	status := r.waitReady()
	if status.Origin != v1alpha1.OriginAdopted {
		t.Errorf("origin is %q", status.Origin)
	}
	eventually(t, soon, func() error {
		return w.remoteHas(status.ID, inProfile+"password", string(w.secretData("made")["password"]))
	})
}

// Nothing is made where nothing may be written, and nothing is made over what is there.
// Proves: S3.40
func TestPasswordIsOnlyGeneratedWhereItIsNeeded(t *testing.T) {
	t.Parallel()
	w := guardedWorld(t)
	w.addRemote(w.kind.remoteFull(w, "Watched"))
	watched := w.create(generating(observing(w.kind.full("Watched"))))
	watched.waitReason(soon, v1alpha1.ReasonSecretNotFound)

	own := w.secretValue("Own-Password-4711")
	w.createSecret("made", map[string]string{"password": own})
	kept := w.create(generating(w.kind.minimal("Kept")))
	w.wantRemote(kept.waitReady().ID, map[string]any{inProfile + "password": own})
	if given := string(w.secretData("made")["password"]); given != own {
		t.Errorf("the Secret was changed")
	}
}

// Whoever may write call centers only must not put a Secret in the place of an organization's own.
func TestNoPasswordIsMadeUnderTheNameOfAnOrganizationsSecret(t *testing.T) {
	t.Parallel()
	w := guardedWorld(t)
	w.mustCreate(w.newOrganization(func(o *v1alpha1.WebexOrganization) {
		o.Name, o.Spec.CallCenterGateway = "later", nil
		o.Spec.OrganizationID, o.Spec.CredentialsSecretRef.Name = uuid.NewString(), "later-credentials"
	}))
	for name, quoted := range map[string]string{"later-credentials": "a WebexOrganization names it", "later-tokens": "tokens of a WebexOrganization"} {
		content := w.kind.minimal("Reaching "+name).with("profile.passwordSecretRef", map[string]any{"name": name, "key": "url"})
		r := w.create(content.with("profile.generatePassword", true))
		if _, message := r.waitReason(soon, v1alpha1.ReasonSecretNotFound); !strings.Contains(message, quoted) {
			t.Errorf("%s: %s", name, message)
		}
		var made corev1.Secret
		if err := cluster.client.Get(t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, &made); !apierrors.IsNotFound(err) {
			t.Errorf("Secret %s is there: %v", name, err)
		}
	}
}

// Proves: S3.40, CR29
func TestWeakPasswordIsRefusedWithTheRuleItBreaks(t *testing.T) {
	t.Parallel()
	for name, quoted := range map[string]bool{"refusal in the gateway's words": false, "refusal that quotes the password": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
			k.simulator.CallCenters.PasswordRules = strictPasswords
			w := newWorld(t, k)
			seed := w.gatewaySeed()
			seed.Dialect.QuotesPassword = quoted
			w.sim.SetGateway(seed)
			weak := canaryPrefix + "-weakling-without-any-digit-at-all"
			w.createSecret("password", map[string]string{"value": weak})
			r := w.create(k.minimal("Weak").with(k.secret.spec, map[string]any{"name": "password", "key": "value"}))
			_, message := r.waitStalled(v1alpha1.ReasonRejected)
			if !strings.Contains(message, "at least 3 digits (minDigits)") || strings.Contains(message, weak) {
				t.Errorf("the message does not name the rule, or shows the password: %s", message)
			}
			if posts := w.posts(); posts != 0 {
				t.Errorf("the password was sent %d times, though the group's rules forbid it", posts)
			}
			w.wantNone("Weak")
			w.changeSecret("password", map[string]string{"value": w.secretValue("Strong-Password-4711")})
			r.waitReadyWithin(later)
		})
	}
}
