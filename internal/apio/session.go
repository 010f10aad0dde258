package apio

import (
	"context"
	"errors"
	"net/http"
	"path"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// session is what the last log-in gave. The zero value is none.
type session struct {
	// number counts sessions, so that callers who were refused together get a new one once; 0 is none.
	number int
	// access and renewal are Core's tokens. A machine token has no renewal.
	access, renewal string
	// renewed: made of the renewal token and not of a log-in.
	renewed bool
}

// maxAttempts to send one request: in the session at hand, in a renewed one, and in a new one.
const maxAttempts = 3

// attempt sends a request within a session. A 401 leads to another session and a repetition, which is safe for writes
// too: a refused request was not carried out.
func (c *Client) attempt(ctx context.Context, req httpcall.Request) (*httpcall.Response, error) {
	used, err := c.current(ctx)
	for try := 1; ; try++ {
		if err != nil {
			return nil, err
		}
		response, err := c.send(ctx, req)
		switch {
		case errors.Is(err, ErrAccountUnusable):
			c.refuse(used, err)
			return response, err
		case err == nil || remote.ClassOf(err) != remote.Unauthorized:
			c.accepted(response)
			return response, err
		case try == maxAttempts || try > 1 && !used.renewed:
			c.refuse(used, err)
			return response, err
		}
		if used, err = c.replace(ctx, used, try > 1); err != nil {
			return nil, err
		}
	}
}

// access returns the bearer token to send; "" where cookies do its work.
func (c *Client) access() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.access
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// current makes sure of a session and returns it.
func (c *Client) current(ctx context.Context) (session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.number > 0 && c.refused.err == nil {
		return c.session, nil
	}
	err := c.login(ctx)
	return c.session, err
}

// replace ends a session, unless somebody else has done so since, and returns the present one. What was refused when it
// was new is not renewed once more.
func (c *Client) replace(ctx context.Context, ended session, isNew bool) (session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.number != ended.number && c.refused.err == nil {
		return c.session, nil
	}
	if isNew {
		c.session.renewal = ""
	}
	err := c.login(ctx)
	return c.session, err
}

// refuse notes that a session, new as it is, is not accepted.
func (c *Client) refuse(used session, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session.number != used.number || c.refused.err != nil {
		return
	}
	if !errors.Is(err, ErrAccountUnusable) {
		err = refusedSession(err)
	}
	c.refused.start(err, c.options.Now())
}

// accepted notes an answer to a request of ours: the account works.
func (c *Client) accepted(response *httpcall.Response) {
	if response == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused.err == nil {
		c.refused.rest = 0
	}
}

// login starts a session unless the account was refused a short while ago. The caller holds the lock.
func (c *Client) login(ctx context.Context) error {
	if c.refused.lasts(c.options.Now()) {
		return c.refused.err
	}
	next, err := c.renew(ctx)
	if next.access == "" && err == nil {
		next, err = c.logIn(ctx)
	}
	switch {
	case err == nil:
		next.number = c.session.number + 1
		c.session = next
		c.refused.err = nil
	case isRefusal(err):
		c.refused.start(err, c.options.Now())
	}
	return err
}

// renew asks Core for another access token. It gives none where there is nothing to renew it by, or where Core does not
// accept that any more: then a log-in is due. The caller holds the lock.
func (c *Client) renew(ctx context.Context) (session, error) {
	if c.session.renewal == "" {
		return session{}, nil
	}
	req := httpcall.Request{Method: http.MethodGet, URL: c.core("/auth/access_token"), Route: "access_token", Header: bearer(c.session.renewal), Tokens: true}
	response, err := c.enter(ctx, req)
	switch {
	case err != nil && isRefusal(err):
		return session{}, nil
	case err != nil:
		return session{}, err
	}
	answer, err := response.Object(req)
	if err != nil {
		return session{}, err
	}
	// A new renewal token comes only when the old one is about to end.
	return session{
		access: answer.Text("access_token"), renewal: firstOf(answer.Text("refresh_token"), c.session.renewal), renewed: true,
	}, nil
}

// logIn asks for a session. The caller holds the lock.
func (c *Client) logIn(ctx context.Context) (session, error) {
	credentials, err := c.options.Credentials(ctx)
	if err != nil {
		return session{}, err
	}
	if !c.options.Session && credentials.Token != "" {
		return session{access: credentials.Token}, nil
	}
	account := map[string]string{"username": credentials.Username, "password": credentials.Password}
	req := httpcall.Request{
		Method: http.MethodPost, URL: c.options.BaseURL + c.options.PathPrefix + "/login/", Route: "login", Body: account,
		Tokens: !c.options.Session,
	}
	if !c.options.Session {
		req.URL = c.core("/auth/login")
		if c.options.IdentityProvider != "" {
			account["proxy"] = c.options.IdentityProvider
		}
	}
	response, err := c.enter(ctx, req)
	if err != nil || c.options.Session {
		return session{}, err
	}
	return tokensOf(req, response)
}

// core is the address of a route of Core itself, which stands beside the proxied gateway and ends without a slash.
func (c *Client) core(route string) string {
	return c.options.BaseURL + path.Dir(c.options.PathPrefix) + route
}

// enter sends a request of the log-in, past budget and session, but not while the gateway wants to be left alone: then
// everybody who needs a session would ask for one. The caller holds the lock.
func (c *Client) enter(ctx context.Context, req httpcall.Request) (*httpcall.Response, error) {
	if wait := c.HeldFor(); wait > 0 {
		return nil, &remote.Error{
			Class: remote.RateLimited, Op: req.Method + " " + req.Route, Message: "the gateway asked to stay away", RetryAfter: wait,
		}
	}
	response, err := c.http.Send(ctx, req)
	c.health.Note(err, c.options.Now())
	if err == nil {
		return response, nil
	}
	err = refine(err, response)
	c.hold(err)
	if failure, ok := errors.AsType[*remote.Error](err); ok {
		failure.Ambiguous = false // a log-in changes nothing
	}
	return response, err
}

// tokensOf takes the tokens from Core's answer. An account with a second factor gets an answer without any.
func tokensOf(req httpcall.Request, response *httpcall.Response) (session, error) {
	answer, err := response.Object(req)
	if err != nil {
		return session{}, err
	}
	if token := answer.Text("access_token"); token != "" {
		return session{access: token, renewal: answer.Text("refresh_token")}, nil
	}
	if token := answer.Text("token"); token != "" {
		return session{access: token}, nil
	}
	refused := &remote.Error{Class: remote.Unauthorized, Op: "POST login", Status: response.Status, Message: "the log-in gave no token"}
	if _, second := answer.Get("2fa_payload"); second {
		refused.Class, refused.Err = remote.Forbidden, ErrAccountUnusable
		refused.Message = "the account wants a second factor, which a machine cannot give: use an account without one, or a machine token"
	}
	return session{}, refused
}
