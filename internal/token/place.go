package token

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/secrets"
)

// SecretType is the type of the Secrets in which the operator keeps tokens.
const SecretType = secrets.Tokens

// Annotations of those Secrets, beside those that are written with the tokens.
const (
	// FirstTokensAnnotation holds a short hash of the tokens in the credentials Secret that the stored ones descend from.
	FirstTokensAnnotation = "wxcc.dev/first-tokens" //nolint:gosec // a name
	// ClientAnnotation holds a short hash of the OAuth client id that they were issued to.
	ClientAnnotation = "wxcc.dev/client"
)

// KeyDigest is the key of DigestKey in the Secret of the tokens.
const KeyDigest = "digestKey"

var (
	tokenKeys        = []string{KeyAccessToken, KeyRefreshToken, KeyAccessTokenExpiresAt, KeyRefreshTokenExpiresAt}
	tokenAnnotations = []string{RefreshedAtAnnotation, AuthorizedAtAnnotation, ScopesAnnotation, ScopesOfAnnotation}
)

// Place says where an organization's OAuth client and tokens are kept.
type Place struct {
	// Credentials is the Secret that people and GitOps write: the OAuth client and, at most, the first tokens. It is only
	// read: what Git puts back must not undo a renewal.
	Credentials types.NamespacedName
	// Tokens is the Secret of the operator's own, in the same namespace, with the tokens in use.
	Tokens types.NamespacedName
	// Owner of that Secret.
	Owner metav1.OwnerReference
}

// PlaceOf returns the place of an organization.
func PlaceOf(organization *v1alpha1.WebexOrganization) Place {
	credentials := types.NamespacedName{Namespace: organization.Namespace}
	if reference := organization.Spec.CredentialsSecretRef; reference != nil {
		credentials.Name = reference.Name
	}
	return Place{
		Credentials: credentials,
		Tokens:      types.NamespacedName{Namespace: organization.Namespace, Name: SecretName(organization.Name)},
		Owner: metav1.OwnerReference{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: "WebexOrganization", Name: organization.Name, UID: organization.UID, Controller: new(true),
		},
	}
}

const secretSuffix = "-tokens"

// SecretName is the name of the Secret in which an organization's tokens are kept.
func SecretName(organization string) string {
	const longest = 253
	if len(organization)+len(secretSuffix) > longest {
		organization = organization[:longest-len(secretSuffix)-17] + "-" + fingerprint(organization)
	}
	return organization + secretSuffix
}

// IsSecretName tells whether an organization may have its tokens in a Secret of this name.
func IsSecretName(name string) bool { return strings.HasSuffix(name, secretSuffix) }

// read reads both Secrets live. NotFound is said of the credentials only.
func (p Place) read(ctx context.Context, reader client.Reader) (*kept, error) {
	found := &kept{place: p, credentials: &corev1.Secret{}}
	if err := reader.Get(ctx, p.Credentials, found.credentials); err != nil {
		return nil, err
	}
	if err := found.readTokens(ctx, reader); err != nil {
		return nil, err
	}
	return found, nil
}

// readTokens reads the operator's own Secret; that there is none is no error.
func (k *kept) readTokens(ctx context.Context, reader client.Reader) error {
	var tokens corev1.Secret
	err := reader.Get(ctx, k.place.Tokens, &tokens)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("read Secret %s: %w", k.place.Tokens, err)
	case k.place.made(&tokens):
		k.tokens = &tokens
	default:
		k.taken = true
	}
	return nil
}

// digestSize is that of the key of DigestKey, in bytes.
const digestSize = 32

// DigestKey returns a key that is kept beside the tokens and made at its first use: by it, passwords are told apart in
// status, where nobody else can try them.
func (p Place) DigestKey(ctx context.Context, reader client.Reader, writer SecretWriter) ([]byte, error) {
	const attempts = 2
	for attempt := 1; ; attempt++ {
		present := &kept{place: p}
		if err := present.readTokens(ctx, reader); err != nil {
			return nil, err
		}
		if present.tokens != nil && len(present.tokens.Data[KeyDigest]) == digestSize {
			return present.tokens.Data[KeyDigest], nil
		}
		key := make([]byte, digestSize)
		rand.Read(key) //nolint:errcheck // never fails: crypto/rand ends the program instead
		present.tokens = present.own()
		if present.tokens.Data == nil {
			present.tokens.Data = map[string][]byte{}
		}
		present.tokens.Data[KeyDigest] = key
		err := present.save(ctx, writer)
		if err == nil {
			return key, nil
		}
		if attempt == attempts || !apierrors.IsConflict(err) && !apierrors.IsAlreadyExists(err) {
			return nil, fmt.Errorf("keep the key of digests in Secret %s: %w", p.Tokens, err)
		}
	}
}

// Whole reads both Secrets live as if they were one: the OAuth client with the tokens that count.
func (p Place) Whole(ctx context.Context, reader client.Reader) (*corev1.Secret, error) {
	present, err := p.read(ctx, reader)
	if err != nil {
		return nil, err
	}
	whole := present.whole().DeepCopy()
	if at := present.authorizedAt(); !at.IsZero() {
		metav1.SetMetaDataAnnotation(&whole.ObjectMeta, AuthorizedAtAnnotation, at.UTC().Format(time.RFC3339Nano))
	}
	return whole, nil
}

// made tells whether a Secret is the one that the operator made for the organization.
func (p Place) made(secret *corev1.Secret) bool {
	owner := metav1.GetControllerOf(secret)
	return secret.Type == SecretType && owner != nil && owner.UID == p.Owner.UID
}

// kept is what is stored of one organization.
type kept struct {
	place       Place
	credentials *corev1.Secret
	// tokens is the operator's own Secret; nil while there is none. taken: another one has its name.
	tokens *corev1.Secret
	taken  bool
}

// whole is both Secrets as one: the client with the tokens that count. Those of the credentials are the first ones; they
// count until the operator keeps their descendants, and again when somebody replaces them.
func (k *kept) whole() *corev1.Secret {
	if !k.descend() {
		return k.credentials
	}
	whole := k.credentials.DeepCopy()
	copyTokens(k.tokens, whole)
	return whole
}

// descend tells whether the operator's own Secret holds tokens of this client that descend from the first ones.
func (k *kept) descend() bool {
	if !k.sameClient() {
		return false
	}
	first := firstTokens(k.credentials)
	return first == "" || first == k.tokens.Annotations[FirstTokensAnnotation]
}

func (k *kept) sameClient() bool {
	return k.tokens != nil && hasTokens(k.tokens) && k.tokens.Annotations[ClientAnnotation] == clientMark(k.credentials)
}

// superseded tells whether tokens of this client are stored that somebody's other first tokens have taken the place of.
func (k *kept) superseded() bool { return k.sameClient() && !k.descend() }

// adopted is what is stored once the operator has a Secret of its own, with the tokens that count now.
func (k *kept) adopted() *kept {
	next := *k
	next.tokens = k.own()
	copyTokens(k.whole(), next.tokens)
	next.bind()
	return &next
}

// granted is what is stored once a grant is.
func (k *kept) granted(grant *Grant) *kept {
	next := k.adopted() // a renewal keeps what its answer leaves out of the tokens that count
	grant.apply(next.tokens)
	return next
}

// own is a copy of the operator's Secret, or a new one.
func (k *kept) own() *corev1.Secret {
	if k.tokens != nil {
		return k.tokens.DeepCopy()
	}
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: k.place.Tokens.Namespace, Name: k.place.Tokens.Name,
			Labels:          map[string]string{"app.kubernetes.io/managed-by": "wxcc-operator"},
			Finalizers:      []string{v1alpha1.SecretFinalizer},
			OwnerReferences: []metav1.OwnerReference{k.place.Owner},
		},
		Type: SecretType,
	}
}

// bind ties the stored tokens to the present client and first tokens. Tokens of other first ones are over.
func (k *kept) bind() {
	if k.tokens.Annotations == nil {
		k.tokens.Annotations = map[string]string{}
	}
	k.tokens.Annotations[ClientAnnotation] = clientMark(k.credentials)
	k.tokens.Annotations[FirstTokensAnnotation] = firstTokens(k.credentials)
}

// save writes the operator's own Secret. It never touches one that it has not made.
func (k *kept) save(ctx context.Context, writer SecretWriter, options ...client.UpdateOption) error {
	switch {
	case k.taken:
		return fmt.Errorf("there is a Secret of this name that the operator has not made for this organization: rename or delete it")
	case k.tokens.ResourceVersion == "":
		return writer.Create(ctx, k.tokens)
	}
	return writer.Update(ctx, k.tokens, options...)
}

func copyTokens(from, to *corev1.Secret) {
	if to.Data == nil {
		to.Data = map[string][]byte{}
	}
	if to.Annotations == nil {
		to.Annotations = map[string]string{}
	}
	for _, key := range tokenKeys {
		delete(to.Data, key)
		if value, ok := from.Data[key]; ok {
			to.Data[key] = value
		}
	}
	for _, key := range tokenAnnotations {
		delete(to.Annotations, key)
		if value, ok := from.Annotations[key]; ok {
			to.Annotations[key] = value
		}
	}
}

func hasTokens(secret *corev1.Secret) bool {
	return len(secret.Data[KeyAccessToken]) > 0 || len(secret.Data[KeyRefreshToken]) > 0
}

// firstTokens tells the tokens in a credentials Secret apart from others; "" where there are none.
func firstTokens(credentials *corev1.Secret) string {
	if !hasTokens(credentials) {
		return ""
	}
	text := func(key string) string { return strings.TrimSpace(string(credentials.Data[key])) }
	return fingerprint(text(KeyAccessToken) + "\n" + text(KeyRefreshToken))
}

func clientMark(credentials *corev1.Secret) string {
	return fingerprint(strings.TrimSpace(string(credentials.Data[KeyClientID])))
}

// authorizedAt is when an administrator's consent last became tokens here.
func (k *kept) authorizedAt() time.Time {
	last := authorizedAt(k.credentials) // where they were kept before
	if k.tokens != nil && authorizedAt(k.tokens).After(last) {
		last = authorizedAt(k.tokens)
	}
	return last
}
