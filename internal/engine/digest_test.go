package engine

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"wxcc.dev/operator/api/v1alpha1"
)

func digesting(uid types.UID, key string) *visit[*v1alpha1.CallCenter] {
	v := &visit[*v1alpha1.CallCenter]{obj: &v1alpha1.CallCenter{ObjectMeta: metav1.ObjectMeta{UID: uid}}}
	if key != "" {
		v.digestKey = []byte(key)
	}
	return v
}

// Without the key nobody can try passwords against a digest, and equal passwords do not show as such.
//
// Proves: S3.40
func TestASecretsDigestTellsAChangeAndNothingElse(t *testing.T) {
	t.Parallel()
	value, another := secretValue{wire: "password", value: "hunter2-canary"}, secretValue{wire: "password", value: "hunter3-canary"}
	for name, v := range map[string]*visit[*v1alpha1.CallCenter]{"keyed": digesting("one", "key"), "without a key": digesting("one", "")} {
		encoded := v.digest(value)
		if !v.matchesDigest(encoded, value) || v.matchesDigest(encoded, another) || v.matchesDigest("", secretValue{}) || strings.Contains(encoded, "canary") {
			t.Errorf("%s: the digest does not tell equal from different: %s", name, encoded)
		}
		if name == "keyed" != strings.HasPrefix(encoded, "hmac-sha256$") {
			t.Errorf("%s: %s", name, encoded)
		}
		if other := digesting("two", string(v.digestKey)).digest(value); other == encoded {
			t.Errorf("%s: two digests of one value are equal", name)
		}
		if digesting("one", "another key").matchesDigest(encoded, value) != (name != "keyed") {
			t.Errorf("%s: a digest and its key do not belong together", name)
		}
	}
}

// What an earlier version remembered still tells that nothing has changed: no password is sent again for an upgrade. With
// the next touch of the Secret the digest gets a key.
func TestADigestOfAnEarlierVersionIsReplacedWithoutSending(t *testing.T) {
	t.Parallel()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "tenants", Name: "login"}, Data: map[string][]byte{"password": []byte("canary")}}
	v := digesting("one", "key")
	v.r = &Reconciler[*v1alpha1.CallCenter]{env: &Environment{Secrets: fake.NewClientBuilder().WithObjects(secret).Build()}}
	v.key = types.NamespacedName{Namespace: "tenants", Name: "support"}
	v.obj.Status.Origin = v1alpha1.OriginCreated
	earlier := digesting("one", "").digest(secretValue{wire: "password", value: "canary"})
	for version, keyed := range map[string]bool{"999": false, "1": true} { // the fake's first version is 999
		v.obj.Status.AppliedSecrets = []v1alpha1.AppliedSecret{{Field: "password", ResourceVersion: version, Key: "password", Digest: earlier}}
		value, out := v.readSecret(t.Context(), Field[*v1alpha1.CallCenter]{Spec: "password", Secret: true}, map[string]any{"name": "login", "key": "password"})
		if out != nil || v.owes(value) {
			t.Errorf("version %s: %+v, owed is %t", version, out, v.owes(value))
		}
		v.secrets = []secretValue{value}
		v.rememberSecrets()
		if digest := v.obj.Status.AppliedSecrets[0].Digest; strings.HasPrefix(digest, keyedScheme) != keyed {
			t.Errorf("version %s: digest %s", version, digest)
		}
	}
}
