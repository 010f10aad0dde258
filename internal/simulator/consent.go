package simulator

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// consentRequest is what a browser brings to the consent page.
type consentRequest struct {
	Client, RedirectURI, State string
	Scopes                     []string
	Challenge, Method          string
}

// consentOrganization is the account that decides; the page offers all of them.
type consentOrganization struct{ ID, Name, Admin string }

// consentScreen is the page with Allow and Deny: of the consent link and of the device flow.
type consentScreen struct {
	Client        string
	Scopes        []consentScope
	Organizations []consentOrganization
	Action        string
}

// consentPage shows Allow and Deny, or redirects at once with AutoConsent.
func (s *Simulator) consentPage(c *call) answer {
	request, refused := s.readConsent(c)
	if refused != nil {
		return *refused
	}
	organizations := s.consentOrganizations(request.Client)
	if s.options.AutoConsent && len(organizations) > 0 {
		return s.allow(request, organizations[0].ID)
	}
	return showPage(c, http.StatusOK, "consent.html", consentScreen{
		Client: request.Client, Scopes: describedScopes(request.Scopes), Organizations: organizations,
		Action: c.path + "?" + c.query.raw,
	})
}

// consentDecision takes the form of the page: decision=allow|deny and organization, the account that signed in.
func (s *Simulator) consentDecision(c *call) answer {
	request, refused := s.readConsent(c)
	if refused != nil {
		return *refused
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return platformError(c, http.StatusBadRequest, "The form is malformed.")
	}
	if form.Get("decision") != string(allowed) {
		return request.redirect(url.Values{"error": {"access_denied"}})
	}
	organization := form.Get("organization")
	if organizations := s.consentOrganizations(request.Client); organization == "" && len(organizations) > 0 {
		organization = organizations[0].ID
	}
	t, found := s.organization(organization)
	if !found {
		return platformError(c, http.StatusBadRequest, "Unknown organization.")
	}
	return s.allow(request, t.info.ID)
}

func (s *Simulator) allow(request consentRequest, organization string) answer {
	code := newToken("C", organization)
	tokens := s.tokens()
	tokens.mu.Lock()
	defer tokens.mu.Unlock()
	maps.DeleteFunc(tokens.codes, func(_ string, old *authorizationCode) bool { return !s.now().Before(old.expires) })
	tokens.codes[code] = &authorizationCode{
		client: request.Client, organization: organization, redirectURI: request.RedirectURI, scopes: request.Scopes,
		challenge: request.Challenge, method: request.Method, expires: s.now().Add(codeTTL),
	}
	return request.redirect(url.Values{"code": {code}})
}

// readConsent checks the parameters. Without a known client and redirect address nobody is redirected.
func (s *Simulator) readConsent(c *call) (consentRequest, *answer) {
	request := consentRequest{
		Client: c.query.get("client_id"), RedirectURI: c.query.get("redirect_uri"), State: c.query.get("state"),
		Scopes:    strings.Fields(c.query.get("scope")),
		Challenge: c.query.get("code_challenge"), Method: c.query.get("code_challenge_method"),
	}
	client := s.tokens().client(request.Client)
	if client == nil {
		return request, pointer(platformError(c, http.StatusBadRequest, "invalid_client: unknown client_id"))
	}
	if request.RedirectURI == "" && len(client.redirectURIs) == 1 {
		request.RedirectURI = client.redirectURIs[0]
	}
	target, err := url.Parse(request.RedirectURI)
	registered := len(client.redirectURIs) == 0 || slices.Contains(client.redirectURIs, request.RedirectURI)
	if err != nil || !target.IsAbs() || !registered {
		return request, pointer(platformError(c, http.StatusBadRequest, "invalid_request: redirect_uri is not registered"))
	}
	if c.query.get("response_type") != "code" {
		return request, pointer(request.redirect(url.Values{"error": {"unsupported_response_type"}}))
	}
	if len(request.Scopes) == 0 {
		request.Scopes = client.scopes
	}
	for _, scope := range request.Scopes {
		if !slices.Contains(client.scopes, scope) {
			return request, pointer(request.redirect(url.Values{"error": {"invalid_scope"}}))
		}
	}
	return request, nil
}

func pointer(a answer) *answer { return &a }

func (r consentRequest) redirect(values url.Values) answer {
	if r.State != "" {
		values.Set("state", r.State)
	}
	separator := "?"
	if strings.Contains(r.RedirectURI, "?") {
		separator = "&"
	}
	return empty(http.StatusFound).withHeader("Location", r.RedirectURI+separator+values.Encode())
}

// consentOrganizations are all organizations, those of the client first.
func (s *Simulator) consentOrganizations(clientID string) []consentOrganization {
	var own, others []consentOrganization
	client := s.tokens().client(clientID)
	for _, t := range s.allOrganizations() {
		one := consentOrganization{t.info.ID, t.info.Name, t.info.Admin}
		if slices.Contains(client.organizations, one.ID) {
			own = append(own, one)
		} else {
			others = append(others, one)
		}
	}
	return append(own, others...)
}
