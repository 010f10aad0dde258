package token

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/secrets"
)

// The keys of a credentials Secret. Times are RFC 3339; a missing one is unknown.
const (
	KeyClientID              = "clientID"
	KeyClientSecret          = "clientSecret"
	KeyAccessToken           = "accessToken"
	KeyRefreshToken          = "refreshToken"
	KeyAccessTokenExpiresAt  = "accessTokenExpiresAt"
	KeyRefreshTokenExpiresAt = "refreshTokenExpiresAt"
)

// Annotations on the Secret, written together with the tokens. Times are RFC 3339.
const (
	// RefreshedAtAnnotation holds the time of the last refresh, from which the regular one counts.
	RefreshedAtAnnotation = "wxcc.dev/refreshed-at"
	// AuthorizedAtAnnotation holds the time at which an administrator's consent last became the tokens in the Secret. What
	// was started before it cannot be finished any more.
	AuthorizedAtAnnotation = "wxcc.dev/authorized-at"
	// ScopesAnnotation holds the scopes of the access token, separated by spaces. It counts only while ScopesOfAnnotation
	// fits the access token, so that it says nothing of tokens that somebody else puts into the Secret.
	ScopesAnnotation = "wxcc.dev/scopes"
	// ScopesOfAnnotation holds a short hash of the access token that ScopesAnnotation speaks of.
	ScopesOfAnnotation = "wxcc.dev/scopes-of"
)

// credentials is the content of the Secret.
type credentials struct {
	clientID, clientSecret      string
	accessToken, refreshToken   string
	accessEnds, refreshEnds     time.Time // zero: unknown
	refreshedAt, secretCreation time.Time // zero: never by this operator, unknown
	scopes                      []string  // nil: unknown
}

// Format prints no secret under any verb.
func (c credentials) Format(state fmt.State, _ rune) { hidden(state, "credentials [hidden]") }

// secrets are the values that nobody may see.
func (c credentials) secrets() []string {
	return []string{c.clientSecret, c.accessToken, c.refreshToken}
}

// through returns the guarded way to the token server. It knows these credentials, of which a request carries a part.
func (c credentials) through(transport http.RoundTripper) *httpcall.Transport {
	guarded := httpcall.Guard(transport, nil)
	guarded.Secrets().Know(c.secrets()...)
	return guarded
}

// parse reads a Secret. An access token alone is enough (it cannot be renewed); a refresh token needs the client's id
// and secret.
func parse(secret *corev1.Secret) (credentials, *Error) {
	if err := secrets.Check(secret); err != nil {
		return credentials{}, permanent(v1alpha1.ReasonCredentialsMissing, opSecret, err.Error())
	}
	name := secret.Namespace + "/" + secret.Name
	text := func(key string) string { return strings.TrimSpace(string(secret.Data[key])) }
	found := credentials{
		clientID: text(KeyClientID), clientSecret: text(KeyClientSecret),
		accessToken: text(KeyAccessToken), refreshToken: text(KeyRefreshToken),
		secretCreation: secret.CreationTimestamp.Time,
	}
	found.scopes = scopesOf(secret, found.accessToken)
	if problem := found.complete(name); problem != nil {
		return credentials{}, problem
	}
	times := []struct {
		source, value string
		into          *time.Time
	}{
		{"key " + KeyAccessTokenExpiresAt, text(KeyAccessTokenExpiresAt), &found.accessEnds},
		{"key " + KeyRefreshTokenExpiresAt, text(KeyRefreshTokenExpiresAt), &found.refreshEnds},
		{"annotation " + RefreshedAtAnnotation, secret.Annotations[RefreshedAtAnnotation], &found.refreshedAt},
	}
	for _, t := range times {
		if t.value == "" {
			continue
		}
		parsed, err := time.Parse(time.RFC3339, t.value)
		if err != nil {
			message := fmt.Sprintf("Secret %s: %s is not a time such as 2026-01-31T12:00:00Z", name, t.source)
			return credentials{}, permanent(v1alpha1.ReasonCredentialsMissing, opSecret, message)
		}
		*t.into = parsed
	}
	return found, nil
}

// complete says what is missing without which nothing can be done. A client without tokens waits for consent.
func (c credentials) complete(name string) *Error {
	if c.accessToken != "" && c.refreshToken == "" {
		return nil
	}
	var missing []string
	for _, key := range []struct{ name, value string }{
		{KeyClientID, c.clientID}, {KeyClientSecret, c.clientSecret}, {KeyRefreshToken, c.refreshToken},
	} {
		if key.value == "" {
			missing = append(missing, key.name)
		}
	}
	switch {
	case len(missing) == 0:
		return nil
	case c.clientID != "" && c.clientSecret != "":
		return permanent(v1alpha1.ReasonAuthorizationRequired, opSecret,
			fmt.Sprintf("Secret %s holds an OAuth client but no tokens yet: an administrator has to give consent", name))
	}
	return permanent(v1alpha1.ReasonCredentialsMissing, opSecret, fmt.Sprintf("Secret %s lacks %s", name, strings.Join(missing, ", ")))
}

// scopesOf reads the scopes of an access token; nil where the Secret does not say.
func scopesOf(secret *corev1.Secret, accessToken string) []string {
	if accessToken == "" || secret.Annotations[ScopesOfAnnotation] != fingerprint(accessToken) {
		return nil
	}
	return strings.Fields(secret.Annotations[ScopesAnnotation])
}

// fingerprint tells access tokens apart and reveals none of them.
func fingerprint(accessToken string) string {
	sum := sha256.Sum256([]byte(accessToken))
	return hex.EncodeToString(sum[:8])
}

// renewable tells whether a refresh can be asked for at all.
func (c credentials) renewable() bool {
	return c.clientID != "" && c.clientSecret != "" && c.refreshToken != ""
}

// sameGrant tells whether both would make the same refresh request.
func (c credentials) sameGrant(other credentials) bool {
	return c.clientID == other.clientID && c.clientSecret == other.clientSecret && c.refreshToken == other.refreshToken
}

// margin is how long before its end a token is renewed: 5 minutes, a tenth of the life of short-lived ones.
func (c credentials) margin() time.Duration {
	const margin = 5 * time.Minute
	if c.refreshedAt.IsZero() || c.accessEnds.IsZero() {
		return margin
	}
	return min(margin, max(0, c.accessEnds.Sub(c.refreshedAt)/10))
}

// lasts tells whether the access token lives longer than spare from now on; one of unknown end does. It ends with the
// refresh token: the consent that both come from is over then.
func (c credentials) lasts(now time.Time, spare time.Duration) bool {
	return c.accessToken != "" && !c.over(now) && (c.accessEnds.IsZero() || now.Add(spare).Before(c.accessEnds))
}

// over tells whether the refresh token has ended by its recorded time.
func (c credentials) over(now time.Time) bool {
	return c.refreshToken != "" && !c.refreshEnds.IsZero() && !now.Before(c.refreshEnds)
}

// ended tells whether nothing can be had of the tokens any more.
func (c credentials) ended(now time.Time) bool {
	return c.over(now) || (!c.renewable() && !c.lasts(now, 0))
}

// due is when the tokens want to be renewed; zero where they cannot be.
func (c credentials) due(interval time.Duration) time.Time {
	if !c.renewable() {
		return time.Time{}
	}
	since := c.refreshedAt
	if since.IsZero() {
		since = c.secretCreation
		if c.accessEnds.IsZero() {
			return time.Unix(0, 0) // nothing is known of these tokens: one refresh tells
		}
	}
	due := since.Add(interval)
	if !c.accessEnds.IsZero() {
		due = earliest(due, c.accessEnds.Add(-c.margin()))
	}
	if !c.refreshEnds.IsZero() {
		due = earliest(due, c.refreshEnds)
	}
	return due
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
