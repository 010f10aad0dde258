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

func TestAPasswordIsNotTakenFromASecretOfSomebodyElse(t *testing.T) {
	t.Parallel()
	for kind, used := range map[corev1.SecretType]bool{corev1.SecretTypeOpaque: true, corev1.SecretTypeBasicAuth: false} {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "tenants", Name: "login"}, Type: kind, Data: map[string][]byte{"password": []byte("canary")},
		}
		v := &visit[*v1alpha1.CallCenter]{
			r:   &Reconciler[*v1alpha1.CallCenter]{env: &Environment{Secrets: fake.NewClientBuilder().WithObjects(secret).Build()}},
			key: types.NamespacedName{Namespace: "tenants", Name: "support"}, obj: &v1alpha1.CallCenter{},
		}
		field := Field[*v1alpha1.CallCenter]{Spec: "passwordSecretRef", Secret: true}
		value, out := v.readSecret(t.Context(), field, map[string]any{"name": "login", "key": "password"})
		if used {
			if out != nil || value.value != "canary" {
				t.Errorf("type %s: %+v", kind, out)
			}
			continue
		}
		if out == nil || out.reason != v1alpha1.ReasonSecretNotFound || !strings.Contains(out.message, string(kind)) || value.value != "" {
			t.Errorf("type %s: %+v", kind, out)
		}
	}
}

// Another key of a Secret that has not changed is another value.
func TestAnotherKeyOfTheSameSecretIsAChange(t *testing.T) {
	t.Parallel()
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "tenants", Name: "login"}, Type: corev1.SecretTypeOpaque,
		Data: map[string][]byte{"first": []byte("one"), "same": []byte("one"), "other": []byte("two")},
	}
	env := &Environment{Secrets: fake.NewClientBuilder().WithObjects(secret).Build()}
	v := &visit[*v1alpha1.CallCenter]{
		r:   &Reconciler[*v1alpha1.CallCenter]{env: env, kind: &Kind[*v1alpha1.CallCenter]{}},
		key: types.NamespacedName{Namespace: "tenants", Name: "support"}, obj: &v1alpha1.CallCenter{},
	}
	v.obj.Status.Origin = v1alpha1.OriginCreated
	for _, step := range []struct {
		key  string
		owed bool
	}{{"first", true}, {"first", false}, {"same", false}, {"other", true}, {"other", false}} {
		value, out := v.readSecret(t.Context(), Field[*v1alpha1.CallCenter]{Spec: "password", Secret: true}, map[string]any{"name": "login", "key": step.key})
		if out != nil {
			t.Fatal(out.message)
		}
		if v.owes(value) != step.owed {
			t.Errorf("key %s: owed is %t", step.key, !step.owed)
		}
		v.secrets = []secretValue{value}
		v.rememberSecrets()
		if applied := v.status().AppliedSecrets; len(applied) != 1 || applied[0].Key != step.key {
			t.Errorf("key %s: remembered %+v", step.key, applied)
		}
	}
}
