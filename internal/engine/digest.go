package engine

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/log"
)

// What status remembers of a secret is a MAC, whose key is kept elsewhere: who can read status cannot try passwords. The
// salted, slow hash is that of earlier versions, and what remains where the key cannot be had.
const (
	keyedScheme      = "hmac-sha256"
	digestScheme     = "pbkdf2-sha256"
	digestIterations = 210_000 // OWASP's figure for PBKDF2 with SHA-512 and above it for our purpose: a status field
	digestSalt       = 16
	digestSize       = 32
)

// loadDigestKey gets the key once a visit; it costs a request only once a process and organization.
func (v *visit[T]) loadDigestKey(ctx context.Context) {
	if v.digestKey != nil || v.r.env.DigestKey == nil {
		return
	}
	key, err := v.r.env.DigestKey(ctx, v.organizationKey)
	if err != nil {
		log.FromContext(ctx).Error(err, "get the key of the digests of secrets")
		return
	}
	v.digestKey = key
}

// digest hashes a secret so that status can tell a change without helping anyone to guess.
func (v *visit[T]) digest(value secretValue) string {
	if v.digestKey != nil {
		return strings.Join([]string{keyedScheme, encode(v.mac(value))}, "$")
	}
	salt := make([]byte, digestSalt)
	rand.Read(salt) //nolint:errcheck // never fails: crypto/rand ends the program instead
	return strings.Join([]string{digestScheme, encode(salt), encode(derive(value.value, salt))}, "$")
}

// mac differs between objects and fields that have the same value.
func (v *visit[T]) mac(value secretValue) []byte {
	mac := hmac.New(sha256.New, v.digestKey)
	for _, part := range []string{string(v.obj.GetUID()), value.wire, value.value} {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return mac.Sum(nil)
}

func (v *visit[T]) matchesDigest(encoded string, value secretValue) bool {
	scheme, rest, _ := strings.Cut(encoded, "$")
	switch scheme {
	case keyedScheme:
		want, err := base64.RawStdEncoding.DecodeString(rest)
		return err == nil && v.digestKey != nil && hmac.Equal(want, v.mac(value))
	case digestScheme:
		return matchesSalted(rest, value.value)
	}
	return false
}

func matchesSalted(encoded, value string) bool {
	first, second, _ := strings.Cut(encoded, "$")
	salt, err := base64.RawStdEncoding.DecodeString(first)
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(second)
	return err == nil && len(want) > 0 && subtle.ConstantTimeCompare(want, derive(value, salt)) == 1
}

func encode(bytes []byte) string { return base64.RawStdEncoding.EncodeToString(bytes) }

func derive(value string, salt []byte) []byte {
	key, err := pbkdf2.Key(sha256.New, value, salt, digestIterations, digestSize)
	if err != nil {
		return nil // only for sizes that FIPS forbids, which ours are not
	}
	return key
}
