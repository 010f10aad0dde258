// Package secrets says which Secrets the operator may use. It sends what it finds in one to an address that the author
// of a resource chooses, so a Secret of any type would be readable to whoever may write resources.
package secrets

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// ownTypes begin all Secret types of the operator's own.
const ownTypes = "wxcc.dev/"

// Tokens is the type of the Secrets in which the operator keeps the tokens of an organization: nobody else's business.
const Tokens = corev1.SecretType(ownTypes + "tokens")

// Check refuses a Secret that was made for somebody else: only type Opaque and types beginning with wxcc.dev/ are
// used, but for Tokens. Tokens of service accounts, logins of registries, TLS keys and their like have types of their own. The error
// names the Secret and its type, nothing of its content.
func Check(secret *corev1.Secret) error {
	switch {
	case secret.Type == Tokens:
	case secret.Type == "", secret.Type == corev1.SecretTypeOpaque, strings.HasPrefix(string(secret.Type), ownTypes):
		return nil
	}
	return fmt.Errorf("the Secret %s/%s is of type %s and not used: only types %s and %s* are, so that nobody reads others' Secrets through the operator",
		secret.Namespace, secret.Name, secret.Type, corev1.SecretTypeOpaque, ownTypes)
}
