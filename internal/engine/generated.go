package engine

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
)

// What a Secret of the operator's making is known by.
const (
	generatedSecretType = corev1.SecretType("wxcc.dev/generated")
	managedByLabel      = "app.kubernetes.io/managed-by"
	managedBy           = "wxcc-operator"
)

// generates tells whether the operator is to make the Secret of a field where there is none.
func (v *visit[T]) generates(field Field[T]) bool {
	if field.GeneratedIf == "" || v.policies.ManagementPolicy != v1alpha1.ManagementEnforce {
		return false
	}
	spec, err := specOf(v.obj)
	return err == nil && spec.Bool(field.GeneratedIf)
}

// makeSecret makes a Secret with a value that obeys the service's own rules, before anything is sent: a value that is
// lost again would be known to nobody. The Secret belongs to the object and goes with it.
func (v *visit[T]) makeSecret(ctx context.Context, field Field[T], reference v1alpha1.SecretKeyReference) (*corev1.Secret, *outcome) {
	if reserved := v.r.env.Reserved; reserved != nil {
		switch whose, err := reserved(ctx, types.NamespacedName{Namespace: v.key.Namespace, Name: reference.Name}); {
		case err != nil:
			return nil, failed(err)
		case whose != "":
			return nil, waiting(v1alpha1.ReasonSecretNotFound,
				fmt.Sprintf("spec.%s: no Secret %q is made because %s: choose another name", field.Spec, reference.Name, whose)).in(slowRetry)
		}
	}
	value, err := v.store.MakeSecret(ctx, field.wire())
	if err != nil {
		return nil, failed(fmt.Errorf("make a value for spec.%s: %w", field.Spec, err))
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: v.key.Namespace, Name: reference.Name,
			Labels: map[string]string{managedByLabel: managedBy},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: v.r.kind.Name, Name: v.obj.GetName(), UID: v.obj.GetUID(), Controller: new(true),
			}},
		},
		Type: generatedSecretType,
		Data: map[string][]byte{reference.Key: []byte(value)},
	}
	err = v.r.env.Client.Create(ctx, secret)
	switch {
	case apierrors.IsForbidden(err):
		return nil, waiting(v1alpha1.ReasonSecretNotFound, fmt.Sprintf("spec.%s: Secret %q does not exist, and the operator may not make it: %s",
			field.Spec, reference.Name, err)).in(slowRetry)
	case err != nil:
		return nil, failed(fmt.Errorf("make Secret %s: %w", reference.Name, err))
	}
	v.event("SecretGenerated", "Generate", "made Secret %q with a generated value for spec.%s", reference.Name, field.Spec)
	return secret, nil
}
