package token

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Inherit gives an organization that has no stored tokens those of another resource for the same organization, whose place
// it takes: what the credentials hold may have been used up long ago. They count only for the same OAuth client. Without
// any to inherit it does nothing.
func Inherit(ctx context.Context, reader client.Reader, writer SecretWriter, from, to Place) error {
	var own, old corev1.Secret
	if err := reader.Get(ctx, to.Tokens, &own); !apierrors.IsNotFound(err) {
		if err != nil {
			return fmt.Errorf("read Secret %s: %w", to.Tokens, err)
		}
		return nil
	}
	switch err := reader.Get(ctx, from.Tokens, &old); {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("read Secret %s: %w", from.Tokens, err)
	case !from.made(&old):
		return nil
	}
	made := (&kept{place: to}).own()
	copyTokens(&old, made)
	for _, key := range []string{ClientAnnotation, FirstTokensAnnotation} {
		made.Annotations[key] = old.Annotations[key]
	}
	if err := writer.Create(ctx, made); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("store the tokens of %s in Secret %s: %w", from.Owner.Name, to.Tokens, err)
	}
	return nil
}
