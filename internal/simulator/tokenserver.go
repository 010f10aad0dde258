package simulator

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// tokenServer knows the OAuth clients and what was issued to them.
type tokenServer struct {
	mu      sync.RWMutex
	clients map[string]*oauthClient
	access  map[string]*grant
	refresh map[string]*grant
	codes   map[string]*authorizationCode
	devices map[string]*deviceCode // by device code
}

// oauthClient is a registered integration or service app. It may act in several organizations.
type oauthClient struct {
	id, secret    string
	scopes        []string
	redirectURIs  []string // empty = any
	organizations []string
}

// grant is what a token stands for. It never changes.
type grant struct {
	client       string
	organization string
	scopes       []string
	expires      time.Time
}

func (g *grant) allows(scope string) bool { return slices.Contains(g.scopes, scope) }

func newTokenServer() *tokenServer {
	return &tokenServer{
		clients: map[string]*oauthClient{}, access: map[string]*grant{},
		refresh: map[string]*grant{}, codes: map[string]*authorizationCode{}, devices: map[string]*deviceCode{},
	}
}

// register adds the client of an organization, and the tokens that it starts with.
func (t *tokenServer) register(seed OrganizationSeed, accessEnd, refreshEnd time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	client := t.clients[seed.ClientID]
	if client == nil {
		client = &oauthClient{id: seed.ClientID}
		t.clients[seed.ClientID] = client
	}
	client.secret = orDefault(seed.ClientSecret, client.secret)
	client.organizations = union(client.organizations, seed.ID)
	client.scopes = union(client.scopes, seed.Scopes...)
	client.redirectURIs = union(client.redirectURIs, seed.RedirectURIs...)
	if seed.AccessToken != "" {
		t.access[seed.AccessToken] = &grant{seed.ClientID, seed.ID, seed.Scopes, accessEnd}
	}
	if seed.RefreshToken != "" {
		t.refresh[seed.RefreshToken] = &grant{seed.ClientID, seed.ID, seed.Scopes, refreshEnd}
	}
}

// union is a new list: readers may hold the old one.
func union(list []string, more ...string) []string {
	out := slices.Clone(list)
	for _, one := range more {
		if !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// client returns a copy, which later registrations do not change.
func (t *tokenServer) client(id string) *oauthClient {
	t.mu.RLock()
	defer t.mu.RUnlock()
	known := t.clients[id]
	if known == nil {
		return nil
	}
	client := *known
	return &client
}

func (t *tokenServer) accessGrant(token string, now time.Time) *grant {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return live(t.access[token], now)
}

func (t *tokenServer) refreshGrant(token string, now time.Time) *grant {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return live(t.refresh[token], now)
}

func live(g *grant, now time.Time) *grant {
	if g == nil || !now.Before(g.expires) {
		return nil
	}
	return g
}

// bearer is the token of the Authorization header, or "".
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// identify finds out who calls and which organization the call is about.
func (s *Simulator) identify(c *call) {
	if c.service == serviceGateway {
		return
	}
	if token := bearer(c.request); token != "" {
		c.grant = s.tokens().accessGrant(token, s.now())
	}
	switch {
	case c.grant != nil:
		c.client = c.grant.client
		c.orgID = orDefault(c.orgID, c.grant.organization)
	case c.route == tokenRoute || c.route == deviceStartRoute || c.route == deviceTokenRoute:
		request := readTokenRequest(c)
		if client := s.tokens().client(request.client); client != nil {
			c.client = client.id
		}
		if old := s.tokens().refreshGrant(request.form.Get("refresh_token"), s.now()); old != nil {
			c.orgID = old.organization
		}
		if device := s.tokens().device(request.form.Get("device_code")); device != nil {
			c.orgID = device.organization
		}
	}
}

const tokenRoute = "/v1/access_token"

func (s *Simulator) registerOAuth() {
	s.router.addLogin("POST "+tokenRoute, s.accessToken)
	s.router.addLogin("GET /v1/authorize", s.consentPage)
	s.router.addLogin("POST /v1/authorize", s.consentDecision)
}

type tokenRequest struct {
	form           url.Values
	client, secret string
}

// readTokenRequest takes the client's credentials from the body or from HTTP Basic.
func readTokenRequest(c *call) tokenRequest {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		form = url.Values{}
	}
	request := tokenRequest{form: form, client: form.Get("client_id"), secret: form.Get("client_secret")}
	if user, password, ok := c.request.BasicAuth(); ok {
		request.client, request.secret = unescape(user), unescape(password)
	}
	return request
}

// accessToken answers the token endpoint.
func (s *Simulator) accessToken(c *call) answer {
	request := readTokenRequest(c)
	tokens := s.tokens()
	client := tokens.client(request.client)
	if client == nil || subtle.ConstantTimeCompare([]byte(client.secret), []byte(request.secret)) == 0 {
		return s.tokenError(c, http.StatusUnauthorized, "invalid_client", "unknown client or wrong client secret")
	}
	switch request.form.Get("grant_type") {
	case "refresh_token":
		return s.grantByRefresh(c, tokens, client, request.form.Get("refresh_token"))
	case "authorization_code":
		return s.grantByCode(c, tokens, client, request.form)
	case "":
		return s.tokenError(c, http.StatusBadRequest, "invalid_request", "grant_type is missing")
	default:
		return s.tokenError(c, http.StatusBadRequest, "unsupported_grant_type", "grant type is not supported")
	}
}

func (s *Simulator) grantByRefresh(c *call, tokens *tokenServer, client *oauthClient, refresh string) answer {
	if refresh == "" {
		return s.tokenError(c, http.StatusBadRequest, "invalid_request", "refresh_token is missing")
	}
	now := s.now()
	tokens.mu.Lock()
	defer tokens.mu.Unlock()
	old := live(tokens.refresh[refresh], now)
	if old == nil || old.client != client.id {
		return s.tokenError(c, http.StatusBadRequest, "invalid_grant", "The refresh token is expired, revoked or malformed.")
	}
	renewed := &grant{old.client, old.organization, old.scopes, now.Add(s.options.RefreshTokenTTL)}
	switch s.options.RefreshMode {
	case RefreshFixed:
		return s.issue(tokens, old, refresh)
	case RefreshOmit:
		return s.issue(tokens, old, "")
	case RefreshRotate:
		tokens.retire(refresh, old, now.Add(s.options.RotateGrace))
		refresh = newToken("R", old.organization)
	}
	tokens.refresh[refresh] = renewed
	return s.issue(tokens, renewed, refresh)
}

// retire ends a refresh token at the given time, unless it ends earlier.
func (t *tokenServer) retire(refresh string, old *grant, end time.Time) {
	if end.Before(old.expires) {
		t.refresh[refresh] = &grant{old.client, old.organization, old.scopes, end}
	}
}

// issue makes a new access token; refresh is left out of the answer if it is empty. tokens is locked.
func (s *Simulator) issue(tokens *tokenServer, from *grant, refresh string) answer {
	now := s.now()
	access := newToken("A", from.organization)
	tokens.access[access] = &grant{from.client, from.organization, from.scopes, now.Add(s.options.AccessTokenTTL)}
	body := map[string]any{
		"access_token": access, "expires_in": int64(s.options.AccessTokenTTL.Seconds()),
		"token_type": "Bearer",
	}
	if !s.options.OmitScope {
		body["scope"] = strings.Join(from.scopes, " ")
	}
	if refresh != "" {
		body["refresh_token"] = refresh
		body["refresh_token_expires_in"] = int64(from.expires.Sub(now).Seconds())
	}
	return reply(http.StatusOK, body)
}

// newToken has the shape of the live tokens: an opaque part, the cluster, the organization.
func newToken(kind, organization string) string {
	return "SIM" + kind + randomText(40) + "_PS00_" + organization
}

func (s *Simulator) grantByCode(c *call, tokens *tokenServer, client *oauthClient, form url.Values) answer {
	now := s.now()
	tokens.mu.Lock()
	defer tokens.mu.Unlock()
	code := tokens.codes[form.Get("code")]
	delete(tokens.codes, form.Get("code"))
	switch {
	case code == nil || code.client != client.id || !now.Before(code.expires):
		return s.tokenError(c, http.StatusBadRequest, "invalid_grant", "The code is expired, used or malformed.")
	case code.redirectURI != form.Get("redirect_uri"):
		return s.tokenError(c, http.StatusBadRequest, "invalid_grant", "redirect_uri is not the one of the authorization.")
	case !code.verifiedBy(form.Get("code_verifier")):
		return s.tokenError(c, http.StatusBadRequest, "invalid_grant", "code_verifier does not match the code challenge.")
	}
	refresh := newToken("R", code.organization)
	granted := &grant{client.id, code.organization, code.scopes, now.Add(s.options.RefreshTokenTTL)}
	tokens.refresh[refresh] = granted
	return s.issue(tokens, granted, refresh)
}

// authorizationCode is the result of a consent; it works once, for five minutes.
type authorizationCode struct {
	client, organization, redirectURI string
	scopes                            []string
	challenge, method                 string
	expires                           time.Time
}

const codeTTL = 5 * time.Minute

func (a *authorizationCode) verifiedBy(verifier string) bool {
	switch {
	case a.challenge == "":
		return true
	case len(verifier) < 43 || len(verifier) > 128:
		return false
	case a.method == "S256":
		sum := sha256.Sum256([]byte(verifier))
		return base64.RawURLEncoding.EncodeToString(sum[:]) == a.challenge
	default:
		return verifier == a.challenge
	}
}

// tokenError is a refusal in one of the two shapes that clients meet.
func (s *Simulator) tokenError(c *call, status int, code, text string) answer {
	if s.options.TokenErrors == TokenErrorsWebex {
		return platformError(c, status, code+": "+text)
	}
	return reply(status, map[string]any{"error": code, "error_description": text})
}

// TokenState is one live token of the state document.
type TokenState struct {
	Token        string    `json:"token"`
	Kind         string    `json:"kind"` // access or refresh
	Client       string    `json:"clientId"`
	Organization string    `json:"organizationId"`
	Scopes       []string  `json:"scopes"`
	Expires      time.Time `json:"expires"`
}

const (
	kindAccess  = "access"
	kindRefresh = "refresh"
)

func (t *tokenServer) export() []TokenState {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := []TokenState{}
	for kind, issued := range map[string]map[string]*grant{kindAccess: t.access, kindRefresh: t.refresh} {
		for token, g := range maps.All(issued) {
			out = append(out, TokenState{token, kind, g.client, g.organization, g.scopes, g.expires})
		}
	}
	slices.SortFunc(out, func(a, b TokenState) int { return strings.Compare(a.Kind+a.Token, b.Kind+b.Token) })
	return out
}

// adopt replaces all tokens.
func (t *tokenServer) adopt(tokens []TokenState) {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.access)
	clear(t.refresh)
	for _, token := range tokens {
		g := &grant{token.Client, token.Organization, token.Scopes, token.Expires}
		if token.Kind == kindRefresh {
			t.refresh[token.Token] = g
		} else {
			t.access[token.Token] = g
		}
	}
}
