package token

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/secrets"
)

// Client is an organization's OAuth client as its Secret holds it: consent is asked for in its name.
type Client struct {
	credentials  credentials
	platform     string
	transport    *httpcall.Transport
	authorizedAt time.Time
}

// NewClient reads the client from a Secret that may lack tokens; its error is an *Error. The platform is the base of
// the platform API, with /v1; transport is the way there, nil for http.DefaultTransport.
func NewClient(secret *corev1.Secret, platform string, transport http.RoundTripper) (*Client, error) {
	if err := secrets.Check(secret); err != nil {
		return nil, permanent(v1alpha1.ReasonCredentialsMissing, opSecret, err.Error())
	}
	text := func(key string) string { return strings.TrimSpace(string(secret.Data[key])) }
	found := credentials{clientID: text(KeyClientID), clientSecret: text(KeyClientSecret)}
	if found.clientID == "" || found.clientSecret == "" {
		return nil, permanent(v1alpha1.ReasonCredentialsMissing, opSecret, fmt.Sprintf(
			"Secret %s/%s lacks %s or %s: consent cannot be asked for without them", secret.Namespace, secret.Name, KeyClientID, KeyClientSecret))
	}
	return &Client{credentials: found, platform: platform, transport: found.through(transport), authorizedAt: authorizedAt(secret)}, nil
}

// AuthorizedAt is when consent had last become the tokens in the Secret, at the time of NewClient; zero if it never had.
func (c *Client) AuthorizedAt() time.Time { return c.authorizedAt }

// Format prints no secret under any verb.
func (c *Client) Format(state fmt.State, _ rune) { hidden(state, "OAuth client [hidden]") }

// Key derives a key of 32 bytes from the client's secret. Every replica that can read the Secret derives the same one,
// and nobody else does. The use keeps keys for different uses apart.
func (c *Client) Key(use string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(c.credentials.clientSecret), nil, "wxcc.dev "+use, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive the key of the %s: %w", use, err)
	}
	return key, nil
}

// ConsentURL is the page of the platform where an administrator decides. It holds no secret: of the verifier only its
// SHA-256 (PKCE, S256).
func (c *Client) ConsentURL(redirect, state, verifier string, scopes []string) string {
	return c.config(redirect, scopes).AuthCodeURL(state, oauth2.S256ChallengeOption(verifier))
}

// Exchange turns the code of a consent into tokens, which are nowhere but in the answer. Its error is an *Error.
func (c *Client) Exchange(ctx context.Context, redirect, code, verifier string, now time.Time) (*Grant, error) {
	answer, err := c.config(redirect, nil).Exchange(withTransport(ctx, c.transport), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return nil, consenting.explain(err, c.transport)
	}
	return c.granted(answer, now), nil
}

func (c *Client) granted(answer *oauth2.Token, now time.Time) *Grant {
	grant := newGrant(c.credentials, answer, now, c.transport)
	grant.consented = true
	return grant
}

func (c *Client) config(redirect string, scopes []string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.credentials.clientID, ClientSecret: c.credentials.clientSecret, RedirectURL: redirect, Scopes: scopes,
		Endpoint: oauth2.Endpoint{
			AuthURL: c.platform + "/authorize", TokenURL: c.platform + "/access_token", AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

func authorizedAt(secret *corev1.Secret) time.Time {
	at, err := time.Parse(time.RFC3339Nano, secret.Annotations[AuthorizedAtAnnotation])
	if err != nil {
		return time.Time{}
	}
	return at
}

// Store writes a grant that consent made into the operator's own Secret with one write; after a conflict it is read and
// merged once more. At is when the grant counts as given. If the credentials Secret holds another client by then, or the
// tokens are of a consent that was finished after this one had started, all stays as it is. Its error is an *Error.
func Store(ctx context.Context, reader client.Reader, writer SecretWriter, place Place, grant *Grant, started, at time.Time) error {
	grant.at = at
	name := place.Credentials
	var old credentials
	_, err := merge(ctx, writer, nil, grant, func(ctx context.Context) (*kept, error) {
		present, err := place.read(ctx, reader)
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(string(present.credentials.Data[KeyClientID])) != grant.from.clientID {
			return nil, permanent(v1alpha1.ReasonInvalidClient, opStore,
				fmt.Sprintf("Secret %s holds another OAuth client than the one that consent was given to", name))
		}
		whole := present.whole()
		old.accessToken = strings.TrimSpace(string(whole.Data[KeyAccessToken]))
		old.refreshToken = strings.TrimSpace(string(whole.Data[KeyRefreshToken]))
		if !started.After(present.authorizedAt()) {
			return nil, permanent(v1alpha1.ReasonReconnectRequired, opStore, "another consent was finished in the meantime; its tokens stay")
		}
		return present, nil
	})
	switch typed := err.(type) { //nolint:errorlint // an *Error is only ever returned as it is
	case nil:
		return nil
	case *Error:
		return typed
	}
	message := fmt.Sprintf("the tokens could not be stored in Secret %s: %s", place.Tokens, without(err, append(grant.secrets(), old.accessToken, old.refreshToken)...))
	if apierrors.IsNotFound(err) {
		message = fmt.Sprintf("Secret %s does not exist any more", name)
	}
	return passing(v1alpha1.ReasonUnavailable, remote.Unavailable, opStore, message)
}
