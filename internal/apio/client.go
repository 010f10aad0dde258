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
}

// Client makes the calls of one gateway account. It is safe for concurrent use.
type Client struct {
	options Options
	http    *http.Client

	mu     sync.Mutex
	logins int    // counts log-ins, so that callers who were refused together log in once
	bearer string // Core only
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

// Ping logs in if need be and tells whether the gateway accepts the account.
func (c *Client) Ping(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logins > 0 {
		return nil
	}
	return c.login(ctx)
}

// do sends one request below the prefix. The path's last slash, which the gateway insists on, is added here. A 401
// leads to one log-in and one repetition, which is safe for writes too: a refused request was not carried out.
func (c *Client) do(ctx context.Context, method string, segments []string, route string, body any) (*httpcall.Response, httpcall.Request, error) {
	req := httpcall.Request{Method: method, URL: c.url(segments), Route: route, Body: body}
	logins, err := c.session(ctx)
	if err != nil {
		return nil, req, err
	}
	response, err := c.send(ctx, req)
	if remote.ClassOf(err) != remote.Unauthorized || err == nil {
		return response, req, err
	}
	if err := c.loginAgain(ctx, logins); err != nil {
		return nil, req, err
	}
	response, err = c.send(ctx, req)
	return response, req, err
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
	if c.logins == 0 {
		if err := c.login(ctx); err != nil {
			return 0, err
		}
	}
	return c.logins, nil
}

// loginAgain replaces the session unless somebody else has done so since.
func (c *Client) loginAgain(ctx context.Context, refused int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.logins != refused {
		return nil
	}
	return c.login(ctx)
}

// login starts a session. The caller holds the lock.
func (c *Client) login(ctx context.Context) error {
	credentials, err := c.options.Credentials(ctx)
	if err != nil {
		return err
	}
	if !c.options.Session && credentials.Token != "" {
		c.bearer = credentials.Token
		c.logins++
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
	c.logins++
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
