// Package apio speaks HTTP to a Netaxis APIO gateway, which configures BroadWorks call centers, in both of its
// deployments: reached directly (session cookie) and behind APIO Core (bearer token).
package apio

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

const requestTimeout = 30 * time.Second

// Credentials of the gateway account. Token is a machine token of Core and makes the others unnecessary.
type Credentials struct {
	Username, Password, Token string
}

// Limiter is the request budget of the gateway.
type Limiter interface {
	// Wait returns when a request may be sent.
	Wait(ctx context.Context) error
	// Hold stops all requests for a while.
	Hold(wait time.Duration)
	// HeldFor returns how long they are stopped still; 0 if they are not.
	HeldFor() time.Duration
}

// Options of a Client.
type Options struct {
	// BaseURL is scheme and host of the gateway.
	BaseURL string
	// PathPrefix comes before /tenants: default "/api/v1" with Session, "/api/v01/p1" without.
	PathPrefix string
	// Session: log in at the gateway itself and keep its cookies. Otherwise log in at APIO Core.
	Session bool
	// IdentityProvider is which one APIO Core asks about the account; empty leaves it to Core.
	IdentityProvider string
	// Credentials are read at every log-in, so that a changed Secret is noticed.
	Credentials func(ctx context.Context) (Credentials, error)
	// Transport carries the requests (proxy, TLS); nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Bucket may be nil: no limit.
	Bucket Limiter
	// Observe is told of every answer, for metrics; may be nil.
	Observe func(method, route string, status int, took time.Duration)
	// Changed is called, without any lock held, when a call finds that the account is refused: Ping then says why. It
	// must return quickly; may be nil.
	Changed func()
	// Now decides when a refused account is tried again; nil means time.Now.
	Now func() time.Time
}

// Client makes the calls of one gateway account. It is safe for concurrent use.
type Client struct {
	options Options
	http    *http.Client

	mu     sync.Mutex
	logins int    // counts log-ins, so that callers who were refused together log in once
	bearer string // Core only
	// refused keeps a refused account from further log-ins for a while.
	refused refusal
}

// NewClient makes a client; it logs in at its first call. It refuses redirects, which Go would follow with a GET.
func NewClient(options Options) *Client {
	if options.PathPrefix == "" {
		options.PathPrefix = "/api/v01/p1"
		if options.Session {
			options.PathPrefix = "/api/v1"
		}
	}
	options.PathPrefix = "/" + strings.Trim(options.PathPrefix, "/")
	options.BaseURL = strings.TrimRight(options.BaseURL, "/")
	if options.Observe == nil {
		options.Observe = func(string, string, int, time.Duration) {}
	}
	if options.Changed == nil {
		options.Changed = func() {}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	client := &http.Client{
		Transport:     options.Transport,
		Timeout:       requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("redirect refused") },
	}
	if options.Session {
		// The load balancer's cookie must come back with the session's; cookiejar.New never fails without options.
		client.Jar, _ = cookiejar.New(nil)
	}
	return &Client{options: options, http: client}
}

// HeldFor returns how long the gateway asked to stay away still; 0 if it did not.
func (c *Client) HeldFor() time.Duration {
	if c.options.Bucket == nil {
		return 0
	}
	return c.options.Bucket.HeldFor()
}

// Ping logs in if need be and tells whether the gateway accepts the account. A refusal is repeated without any request
// for 30 s, doubling up to 10 min: so do all calls.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.session(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused.news = false // the caller knows it now
	return err
}

// RefusedFor returns how long a refused account rests still before it is tried again; 0 if it does not.
func (c *Client) RefusedFor() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused.err == nil {
		return 0
	}
	return max(0, c.refused.until.Sub(c.options.Now()))
}

// Retry ends the rest of a refused account: the next call logs in.
func (c *Client) Retry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused.rest, c.refused.until = 0, time.Time{}
}

// do sends one request below the prefix. The path's last slash, which the gateway insists on, is added here.
func (c *Client) do(ctx context.Context, method string, segments []string, route string, body any) (*httpcall.Response, httpcall.Request, error) {
	req := httpcall.Request{Method: method, URL: c.url(segments), Route: route, Body: body}
	response, err := c.attempt(ctx, req)
	c.mu.Lock()
	news := c.refused.news
	c.refused.news = false
	c.mu.Unlock()
	if news {
		c.options.Changed()
	}
	return response, req, err
}

// attempt sends a request within a session. A 401 leads to one log-in and one repetition, which is safe for writes too:
// a refused request was not carried out.
func (c *Client) attempt(ctx context.Context, req httpcall.Request) (*httpcall.Response, error) {
	logins, err := c.session(ctx)
	if err != nil {
		return nil, err
	}
	response, err := c.send(ctx, req)
	if err == nil || remote.ClassOf(err) != remote.Unauthorized {
		c.accepted(response)
		return response, err
	}
	if logins, err = c.loginAgain(ctx, logins); err != nil {
		return nil, err
	}
	response, err = c.send(ctx, req)
	if err != nil && remote.ClassOf(err) == remote.Unauthorized {
		c.refuse(logins, err)
		return response, err
	}
	c.accepted(response)
	return response, err
}

func (c *Client) url(segments []string) string {
	escaped := make([]string, 0, len(segments))
	for _, segment := range segments {
		escaped = append(escaped, strings.ReplaceAll(url.PathEscape(segment), "%40", "@"))
	}
	return c.options.BaseURL + c.options.PathPrefix + "/" + strings.Join(escaped, "/") + "/"
}

func (c *Client) send(ctx context.Context, req httpcall.Request) (*httpcall.Response, error) {
	if c.options.Bucket != nil {
		if err := c.options.Bucket.Wait(ctx); err != nil {
			return nil, err
		}
	}
	if bearer := c.currentBearer(); bearer != "" {
		req.Header = http.Header{"Authorization": {"Bearer " + bearer}}
	}
	started := time.Now()
	response, err := httpcall.Send(ctx, c.http, req, describeError)
	status := 0
	if response != nil {
		status = response.Status
	}
	c.options.Observe(req.Method, req.Route, status, time.Since(started))
	if err != nil {
		err = refine(err, response)
		if wait := remote.RetryAfter(err); wait > 0 && c.options.Bucket != nil {
			c.options.Bucket.Hold(wait)
		}
	}
	return response, err
}

func (c *Client) currentBearer() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bearer
}

// session makes sure of a log-in and returns its number.
func (c *Client) session(ctx context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logins > 0 && c.refused.err == nil {
		return c.logins, nil
	}
	return c.logins, c.login(ctx)
}

// loginAgain replaces the session unless somebody else has done so since, and returns the number of the present one.
func (c *Client) loginAgain(ctx context.Context, ended int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logins != ended && c.refused.err == nil {
		return c.logins, nil
	}
	err := c.login(ctx)
	return c.logins, err
}

// refuse notes that the session of this number, new as it is, is not accepted.
func (c *Client) refuse(login int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logins == login && c.refused.err == nil {
		c.refused.start(refusedSession(err), c.options.Now())
	}
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
	err := c.logIn(ctx)
	switch {
	case err == nil:
		c.logins++
		c.refused.err = nil
	case isRefusal(err):
		c.refused.start(err, c.options.Now())
	}
	return err
}

// logIn asks for a session. The caller holds the lock.
func (c *Client) logIn(ctx context.Context) error {
	credentials, err := c.options.Credentials(ctx)
	if err != nil {
		return err
	}
	if !c.options.Session && credentials.Token != "" {
		c.bearer = credentials.Token
		return nil
	}
	account := map[string]string{"username": credentials.Username, "password": credentials.Password}
	req := httpcall.Request{Method: http.MethodPost, URL: c.url([]string{"login"}), Route: "login", Body: account}
	if !c.options.Session {
		// Core's log-in stands beside the proxied gateway, and without the last slash.
		req.URL = c.options.BaseURL + path.Dir(c.options.PathPrefix) + "/auth/login"
		if c.options.IdentityProvider != "" {
			account["proxy"] = c.options.IdentityProvider
		}
	}
	response, err := httpcall.Send(ctx, c.http, req, describeError)
	if err != nil {
		err = refine(err, response)
		if failure, ok := errors.AsType[*remote.Error](err); ok {
			failure.Ambiguous = false // a log-in changes nothing
		}
		return err
	}
	if !c.options.Session {
		if c.bearer, err = bearerOf(req, response); err != nil {
			return err
		}
	}
	return nil
}

// bearerOf takes the token from Core's answer. An account with a second factor gets an answer without one.
func bearerOf(req httpcall.Request, response *httpcall.Response) (string, error) {
	answer, err := response.Object(req)
	if err != nil {
		return "", err
	}
	if token := firstOf(answer.Text("access_token"), answer.Text("token")); token != "" {
		return token, nil
	}
	message := "the log-in gave no token"
	if _, second := answer.Get("2fa_payload"); second {
		message = "the account wants a second factor: use an account without one, or a machine token"
	}
	return "", &remote.Error{Class: remote.Unauthorized, Op: "POST login", Status: response.Status, Message: message}
}
