package consent

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/token"
)

// AttemptLife is how long an administrator may take at Webex.
const AttemptLife = 10 * time.Minute

const (
	cookieUse    = "consent cookie"
	cookiePrefix = "wxcc-consent-"
)

// attempt is what a browser keeps between the button and the callback, in a sealed cookie. Each has a cookie of its own,
// so that several organizations can be connected side by side.
type attempt struct {
	// State comes back from Webex and must be the one that went there.
	State string `json:"state"`
	// Verifier proves at the token server who began (PKCE).
	Verifier string    `json:"verifier"`
	Started  time.Time `json:"started"`
}

func newAttempt(now time.Time) attempt {
	return attempt{State: rand.Text(), Verifier: oauth2.GenerateVerifier(), Started: now}
}

// cookieOf names the cookie of a state.
func cookieOf(state string) string {
	sum := sha256.Sum256([]byte(state))
	return cookiePrefix + hex.EncodeToString(sum[:8])
}

// seal makes the cookie. The resource's name is readable, because whoever opens the cookie needs its key.
func (a attempt) seal(client *token.Client, organization *v1alpha1.WebexOrganization, at address) (*http.Cookie, error) {
	sealer, err := sealer(client)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encode the consent cookie: %w", err)
	}
	name := organization.Namespace + "/" + organization.Name
	sealed := sealer.Seal(nil, nil, plain, about(organization)) //nolint:gosec // the sealer makes the nonce
	return &http.Cookie{                                        //nolint:gosec // Secure depends on the page's address
		Name: cookieOf(a.State), Path: at.path + "/connect", MaxAge: int(AttemptLife.Seconds()),
		Value:    encode([]byte(name)) + "." + encode(sealed),
		HttpOnly: true, Secure: at.secure, SameSite: http.SameSiteLaxMode,
	}, nil
}

// organizationOf reads whose attempt a cookie is; nothing of it has been proven yet.
func organizationOf(cookie *http.Cookie) (types.NamespacedName, error) {
	encoded, _, _ := strings.Cut(cookie.Value, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(encoded)
	namespace, name, found := strings.Cut(string(decoded), "/")
	if err != nil || !found {
		return types.NamespacedName{}, errors.New("the consent cookie names no organization")
	}
	return types.NamespacedName{Namespace: namespace, Name: name}, nil
}

// open returns the attempt in a cookie that this operator made for the organization.
func open(cookie *http.Cookie, client *token.Client, organization *v1alpha1.WebexOrganization) (attempt, error) {
	var found attempt
	sealer, err := sealer(client)
	if err != nil {
		return found, err
	}
	_, encoded, _ := strings.Cut(cookie.Value, ".")
	sealed, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return found, fmt.Errorf("decode the consent cookie: %w", err)
	}
	plain, err := sealer.Open(nil, nil, sealed, about(organization))
	if err != nil {
		return found, fmt.Errorf("open the consent cookie: %w", err)
	}
	if err := json.Unmarshal(plain, &found); err != nil {
		return found, fmt.Errorf("read the consent cookie: %w", err)
	}
	return found, nil
}

// sealer encrypts and authenticates with a nonce of its own for each message.
func sealer(client *token.Client) (cipher.AEAD, error) {
	key, err := client.Key(cookieUse)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal the consent cookie: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// about binds a cookie to one resource, not to a later one of the same name.
func about(organization *v1alpha1.WebexOrganization) []byte {
	return []byte(organization.Namespace + "/" + organization.Name + "/" + string(organization.UID))
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
