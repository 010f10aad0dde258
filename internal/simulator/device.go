package simulator

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The device flow (platform reference 1.3): a device shows a short code, a person types it on the verification page and
// decides, and the device polls for the token.

const (
	deviceStartRoute = "/v1/device/authorize"
	deviceTokenRoute = "/v1/device/token"
	deviceGrantType  = "urn:ietf:params:oauth:grant-type:device_code"
)

// deviceCode is one request of a device. The token server's lock guards it.
type deviceCode struct {
	code, userCode string
	client         string
	organization   string // that decided; empty before
	scopes         []string
	decision       decision
	expires        time.Time
	lastPoll       time.Time
}

type decision string

const (
	undecided decision = "pending"
	allowed   decision = "allow"
	denied    decision = "deny"
)

func (s *Simulator) registerDevice() {
	s.router.addLogin("POST "+deviceStartRoute, s.startDevice)
	s.router.addLogin("POST "+deviceTokenRoute, s.deviceToken)
	s.router.addLogin("GET "+verifyRoute, s.verifyPage)
	s.router.addLogin("POST "+verifyRoute, s.verifyDecision)
}

// startDevice answers the device with its codes. It needs no secret.
func (s *Simulator) startDevice(c *call) answer {
	request := readTokenRequest(c)
	tokens := s.tokens()
	client := tokens.client(request.client)
	if client == nil {
		return s.tokenError(c, http.StatusUnauthorized, "invalid_client", "unknown client")
	}
	scopes := strings.Fields(request.form.Get("scope"))
	if len(scopes) == 0 {
		return s.tokenError(c, http.StatusBadRequest, "invalid_request", "scope is missing")
	}
	for _, scope := range scopes {
		if !slices.Contains(client.scopes, scope) {
			return s.tokenError(c, http.StatusBadRequest, "invalid_scope", "the client has no scope "+scope)
		}
	}
	device := &deviceCode{
		code: newUUID(), client: client.id, scopes: scopes, decision: undecided, expires: s.now().Add(s.options.DeviceCodeTTL),
	}
	if s.options.AutoConsent && len(client.organizations) > 0 {
		device.decision, device.organization = allowed, client.organizations[0]
	}
	tokens.addDevice(device, s.now())
	verify := c.baseURL() + verifyRoute
	return reply(http.StatusOK, map[string]any{
		"device_code": device.code, "user_code": device.userCode,
		"verification_uri": verify, "verification_uri_complete": verify + "?userCode=" + device.userCode,
		"expires_in": int64(s.options.DeviceCodeTTL.Seconds()), "interval": wholeSeconds(s.options.DeviceInterval),
	})
}

func wholeSeconds(d time.Duration) int64 { return max(1, int64(math.Ceil(d.Seconds()))) }

// addDevice gives a device a user code that no live one has, and forgets the expired ones.
func (t *tokenServer) addDevice(device *deviceCode, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for code, old := range t.devices {
		// Kept for a while, so that a late poll learns what happened.
		if now.Sub(old.expires) > time.Hour {
			delete(t.devices, code)
		}
	}
	for device.userCode == "" || t.byUserCode(device.userCode) != nil {
		device.userCode = sixDigits()
	}
	t.devices[device.code] = device
}

func sixDigits() string {
	number, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "000000" // never: see crypto/rand
	}
	return fmt.Sprintf("%06d", number)
}

// byUserCode needs the lock.
func (t *tokenServer) byUserCode(userCode string) *deviceCode {
	for _, device := range t.devices {
		if device.userCode == userCode {
			return device
		}
	}
	return nil
}

// device returns a copy; nil = unknown.
func (t *tokenServer) device(code string) *deviceCode {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return copied(t.devices[code])
}

func copied(device *deviceCode) *deviceCode {
	if device == nil {
		return nil
	}
	out := *device
	return &out
}

// deviceToken answers a poll.
func (s *Simulator) deviceToken(c *call) answer {
	request := readTokenRequest(c)
	tokens := s.tokens()
	client := tokens.client(request.client)
	if client == nil || subtle.ConstantTimeCompare([]byte(client.secret), []byte(request.secret)) == 0 {
		return s.tokenError(c, http.StatusUnauthorized, "invalid_client", "unknown client or wrong client secret")
	}
	if grantType := request.form.Get("grant_type"); grantType != deviceGrantType {
		return s.tokenError(c, http.StatusBadRequest, "unsupported_grant_type", "grant type is not supported")
	}
	now := s.now()
	tokens.mu.Lock()
	defer tokens.mu.Unlock()
	device := tokens.devices[request.form.Get("device_code")]
	if device == nil || device.client != client.id {
		return s.tokenError(c, http.StatusBadRequest, "invalid_grant", "The device code is unknown or used.")
	}
	tooSoon := !device.lastPoll.IsZero() && now.Sub(device.lastPoll) < s.options.DeviceInterval
	device.lastPoll = now
	switch {
	case !now.Before(device.expires):
		return s.deviceExpired(c)
	case device.decision == denied:
		return s.tokenError(c, http.StatusBadRequest, "access_denied", "The user denied the request.")
	case tooSoon:
		return s.deviceTooSoon(c)
	case device.decision == undecided:
		return s.devicePending(c)
	}
	delete(tokens.devices, device.code)
	granted := &grant{client.id, device.organization, device.scopes, now.Add(s.options.RefreshTokenTTL)}
	refresh := newToken("R", device.organization)
	tokens.refresh[refresh] = granted
	return s.issue(tokens, granted, refresh)
}

func (s *Simulator) deviceExpired(c *call) answer {
	code := "invalid_grant"
	if s.options.DeviceErrors == DeviceErrorsOAuth {
		code = "expired_token"
	}
	return s.tokenError(c, http.StatusBadRequest, code, "The device code is expired.")
}

func (s *Simulator) devicePending(c *call) answer {
	if s.options.DeviceErrors == DeviceErrorsOAuth {
		return s.tokenError(c, http.StatusBadRequest, "authorization_pending", "The user has not decided.")
	}
	return platformError(c, http.StatusPreconditionRequired, "The user has not finished the authorization.")
}

func (s *Simulator) deviceTooSoon(c *call) answer {
	if s.options.DeviceErrors == DeviceErrorsOAuth {
		return s.tokenError(c, http.StatusBadRequest, "slow_down", "The device polls too fast.")
	}
	return s.tokenError(c, http.StatusTooManyRequests, "slow_down", "The device polls too fast.").
		withHeader("Retry-After", strconv.FormatInt(wholeSeconds(s.options.DeviceInterval), 10))
}

// DeviceRequest is a device that waits for a decision, or had one and has not asked since.
type DeviceRequest struct {
	UserCode     string    `json:"userCode"`
	Client       string    `json:"clientId"`
	Scopes       []string  `json:"scopes"`
	Decision     string    `json:"decision"` // pending, allow or deny
	Organization string    `json:"organizationId,omitempty"`
	Expires      time.Time `json:"expires"`
}

// DeviceRequests are the live device codes, the oldest first.
func (s *Simulator) DeviceRequests() []DeviceRequest {
	now, tokens := s.now(), s.tokens()
	tokens.mu.RLock()
	defer tokens.mu.RUnlock()
	out := []DeviceRequest{}
	for _, device := range tokens.devices {
		if now.Before(device.expires) {
			out = append(out, DeviceRequest{
				UserCode: device.userCode, Client: device.client, Scopes: device.scopes,
				Decision: string(device.decision), Organization: device.organization, Expires: device.expires,
			})
		}
	}
	slices.SortFunc(out, func(a, b DeviceRequest) int {
		if c := a.Expires.Compare(b.Expires); c != 0 {
			return c
		}
		return strings.Compare(a.UserCode, b.UserCode)
	})
	return out
}

var errNoDevice = errors.New("no device waits with this code")

// DecideDevice decides the request of a device as the verification page would. organization is the account that signs
// in; empty means the first one of the client.
func (s *Simulator) DecideDevice(userCode string, allow bool, organization string) error {
	tokens := s.tokens()
	waiting := tokens.waiting(userCode, s.now())
	if waiting == nil {
		return fmt.Errorf("%q: %w", userCode, errNoDevice)
	}
	if !allow {
		return tokens.decide(waiting.code, denied, "")
	}
	if client := tokens.client(waiting.client); organization == "" && client != nil && len(client.organizations) > 0 {
		organization = client.organizations[0]
	}
	t, found := s.organization(organization)
	if !found {
		return fmt.Errorf("organization %q: %w", organization, errNoObject)
	}
	return tokens.decide(waiting.code, allowed, t.info.ID)
}

// waiting returns a copy of the device that a person can decide about; nil = there is none.
func (t *tokenServer) waiting(userCode string, now time.Time) *deviceCode {
	t.mu.RLock()
	defer t.mu.RUnlock()
	device := t.byUserCode(strings.TrimSpace(userCode))
	if device == nil || device.decision != undecided || !now.Before(device.expires) {
		return nil
	}
	return copied(device)
}

func (t *tokenServer) decide(code string, d decision, organization string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	device := t.devices[code]
	if device == nil || device.decision != undecided {
		return errNoDevice
	}
	device.decision, device.organization = d, organization
	return nil
}

// controlDecideDevice takes {"decision":"allow"|"deny","organization":"<uuid>"}.
func (s *Simulator) controlDecideDevice(r *http.Request) (any, error) {
	var wanted struct {
		Decision     string `json:"decision"`
		Organization string `json:"organization"`
	}
	if err := decodeBody(r, &wanted); err != nil {
		return nil, err
	}
	if wanted.Decision != string(allowed) && wanted.Decision != string(denied) {
		return nil, errors.New("decision: allow or deny is expected")
	}
	err := s.DecideDevice(r.PathValue("code"), wanted.Decision == string(allowed), wanted.Organization)
	if errors.Is(err, errNoDevice) {
		return nil, fmt.Errorf("%w: %w", errNoObject, err)
	}
	return nil, err
}
