package secrets

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestOnlySecretsMadeForUsAreUsed(t *testing.T) {
	t.Parallel()
	for kind, used := range map[corev1.SecretType]bool{
		"": true, corev1.SecretTypeOpaque: true, "wxcc.dev/credentials": true, Tokens: false,
		corev1.SecretTypeServiceAccountToken: false, corev1.SecretTypeBasicAuth: false, corev1.SecretTypeTLS: false,
		corev1.SecretTypeDockerConfigJson: false, "helm.sh/release.v1": false, "wxcc.developer": false,
	} {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "tenants", Name: "other"}, Type: kind, Data: map[string][]byte{"token": []byte("canary")},
		}
		err := Check(secret)
		if (err == nil) != used {
			t.Errorf("type %q: %v", kind, err)
		}
		if err != nil && (!strings.Contains(err.Error(), string(kind)) || !strings.Contains(err.Error(), "tenants/other") || strings.Contains(err.Error(), "canary")) {
			t.Errorf("type %q: %v", kind, err)
		}
	}
}
