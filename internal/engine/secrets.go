package engine

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/secrets"
)

// secretValue is a write-only field with the value that its Secret holds now.
type secretValue struct {
	wire, value, resourceVersion, key string
	// changed: the value is not the one that was sent last.
	changed bool
	// made: the operator made the Secret, so nobody has given the remote object this value before.
	made bool
	// sent: a write of this visit carries it.
	sent bool
	// failed: that write did not give it to the remote object, or not for certain.
	failed bool
}

// readSecrets reads the Secrets that the spec names, live. The service never shows such a value, so what was sent is
// known by a keyed hash in status.
func (v *visit[T]) readSecrets(ctx context.Context) ([]secretValue, *outcome) {
	spec, err := specOf(v.obj)
	if err != nil {
		return nil, failed(err)
	}
	var values []secretValue
	for _, field := range v.r.kind.Fields {
		raw, set := spec.Get(field.Spec)
		if !field.Secret || !set {
			continue
		}
		v.loadDigestKey(ctx)
		value, out := v.readSecret(ctx, field, raw)
		if out != nil {
			return nil, out
		}
		values = append(values, value)
	}
	return values, nil
}

func (v *visit[T]) readSecret(ctx context.Context, field Field[T], raw any) (secretValue, *outcome) {
	reference, err := fromJSON[v1alpha1.SecretKeyReference](raw)
	if err != nil {
		return secretValue{}, failed(fmt.Errorf("spec.%s: %w", field.Spec, err))
	}
	var secret corev1.Secret
	err = v.r.env.Secrets.Get(ctx, types.NamespacedName{Namespace: v.key.Namespace, Name: reference.Name}, &secret)
	if foreign := secrets.Check(&secret); err == nil && foreign != nil {
		return secretValue{}, waiting(v1alpha1.ReasonSecretNotFound, fmt.Sprintf("spec.%s: %s", field.Spec, foreign))
	}
	if apierrors.IsNotFound(err) && v.generates(field) {
		made, out := v.makeSecret(ctx, field, reference)
		if out != nil {
			return secretValue{}, out
		}
		secret, err = *made, nil
	}
	content, has := secret.Data[reference.Key]
	switch {
	case apierrors.IsNotFound(err), err == nil && !has:
		return secretValue{}, waiting(v1alpha1.ReasonSecretNotFound,
			fmt.Sprintf("spec.%s: Secret %q with key %q does not exist in namespace %q", field.Spec, reference.Name, reference.Key, v.key.Namespace))
	case err != nil:
		return secretValue{}, failed(fmt.Errorf("read Secret %s: %w", reference.Name, err))
	}
	value := secretValue{
		wire: field.wire(), value: string(content), resourceVersion: secret.ResourceVersion, key: reference.Key, made: metav1.IsControlledBy(&secret, v.obj),
	}
	value.changed = !v.wasSent(value)
	return value, nil
}

// wasSent compares with what status remembers; the hash is computed only when the Secret itself has changed, or another
// key of it counts.
func (v *visit[T]) wasSent(value secretValue) bool {
	for _, applied := range v.status().AppliedSecrets {
		if applied.Field == value.wire {
			same := applied.ResourceVersion == value.resourceVersion && applied.Key == value.key
			return same || v.matchesDigest(applied.Digest, value)
		}
	}
	return false
}

// secretDifferences shows changed secrets as drift, without their values.
func (v *visit[T]) secretDifferences() []difference {
	var found []difference
	for _, value := range v.secrets {
		if v.owes(value) {
			found = append(found, difference{path: value.wire, spec: v.r.kind.specPath(value.wire), desired: "(changed Secret)", actual: "(as sent before)", secret: true})
		}
	}
	return found
}

// owes tells whether a secret has to be sent. That of an adopted object is unknown: it is sent when its Secret changes,
// not at adoption, unless the operator made it.
func (v *visit[T]) owes(value secretValue) bool {
	switch v.status().Origin {
	case v1alpha1.OriginCreated:
		return value.changed
	case v1alpha1.OriginAdopted:
		return value.changed && (value.made || v.hasApplied(value.wire))
	}
	return false
}

func (v *visit[T]) hasApplied(wire string) bool {
	return slices.ContainsFunc(v.status().AppliedSecrets, func(a v1alpha1.AppliedSecret) bool { return a.Field == wire })
}

// addSecrets puts the values into a body to send: all at creation, changed ones later.
func (v *visit[T]) addSecrets(body remote.Object, all bool) {
	for i, value := range v.secrets {
		if all || v.owes(value) {
			body.Set(value.wire, value.value)
			v.secrets[i].sent = true
		}
	}
}

// secretsFailed keeps what a partial write did not carry out from being remembered.
func (v *visit[T]) secretsFailed(result remote.Result) {
	for i, value := range v.secrets {
		v.secrets[i].failed = value.sent && !result.Wrote(value.wire)
	}
}

// rememberSecrets notes in status what the remote object holds now, as far as we can know.
func (v *visit[T]) rememberSecrets() {
	if v.policies.ManagementPolicy == v1alpha1.ManagementObserve {
		return
	}
	for i, value := range v.secrets {
		applied := v1alpha1.AppliedSecret{Field: value.wire, ResourceVersion: value.resourceVersion, Key: value.key}
		index := slices.IndexFunc(v.status().AppliedSecrets, func(a v1alpha1.AppliedSecret) bool { return a.Field == value.wire })
		switch {
		case value.failed:
			continue
		case index < 0 && value.made && !value.sent && v.status().Origin == v1alpha1.OriginAdopted:
			continue // the object has another one still
		case index < 0:
			applied.Digest = v.digest(value)
			v.status().AppliedSecrets = append(v.status().AppliedSecrets, applied)
		case value.changed, v.digestKey != nil && applied.ResourceVersion != v.status().AppliedSecrets[index].ResourceVersion:
			applied.Digest = v.digest(value) // of an earlier version, perhaps, without a key
			v.status().AppliedSecrets[index] = applied
		default:
			applied.Digest = v.status().AppliedSecrets[index].Digest // the value is the same in a Secret that was touched
			v.status().AppliedSecrets[index] = applied
		}
		v.secrets[i].changed = false
	}
}
