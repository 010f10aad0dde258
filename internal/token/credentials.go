package token

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"wxcc.dev/operator/api/v1alpha1"
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

// RefreshedAtAnnotation on the Secret holds the time of the last refresh, from which the regular one counts.
const RefreshedAtAnnotation = "wxcc.dev/refreshed-at"

// credentials is the content of the Secret.
type credentials struct {
	clientID, clientSecret      string
	accessToken, refreshToken   string
	accessEnds, refreshEnds     time.Time // zero: unknown
	refreshedAt, secretCreation time.Time // zero: never by this operator, unknown
}

// Format prints no secret under any verb.
func (c credentials) Format(state fmt.State, _ rune) { hidden(state, "credentials [hidden]") }

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
	if missing := found.missing(); len(missing) > 0 {
		message := fmt.Sprintf("Secret %s lacks %s", name, strings.Join(missing, ", "))
		return credentials{}, permanent(v1alpha1.ReasonCredentialsMissing, opSecret, message)
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

// missing lists the keys without which nothing can be done.
func (c credentials) missing() []string {
	if c.accessToken != "" && c.refreshToken == "" {
		return nil
	}
	var keys []string
	for _, key := range []struct{ name, value string }{
		{KeyClientID, c.clientID}, {KeyClientSecret, c.clientSecret}, {KeyRefreshToken, c.refreshToken},
	} {
		if key.value == "" {
			keys = append(keys, key.name)
		}
	}
	return keys
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

// lasts tells whether the access token lives longer than spare from now on; one of unknown end does.
func (c credentials) lasts(now time.Time, spare time.Duration) bool {
	return c.accessToken != "" && (c.accessEnds.IsZero() || now.Add(spare).Before(c.accessEnds))
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
	regular := since.Add(interval)
	if c.accessEnds.IsZero() {
		return regular
	}
	if last := c.accessEnds.Add(-c.margin()); last.Before(regular) {
		return last
	}
	return regular
}
