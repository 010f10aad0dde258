// Package apio speaks HTTP to a Netaxis APIO gateway, which configures BroadWorks call centers, in both of its
// deployments: reached directly (session cookie) and behind APIO Core (bearer token).
package apio

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

const requestTimeout = 30 * time.Second

// troubleLasts is how long Client.Trouble counts without another failure.
const troubleLasts = 10 * time.Minute

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
	// CountryCode is the calling code, such as "32", by which national phone numbers are read; empty means that of the
	// group's calling line number.
	CountryCode string
	// Transport carries the requests (proxy, TLS), see httpcall.Guard; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Bucket may be nil: no limit.
	Bucket Limiter
	// Observe is told of every answer, for metrics; may be nil.
	Observe func(method, route string, status int, took time.Duration)
	// Changed is called, without any lock held, when a call finds that the account is refused, which Ping then explains, or
	// when Trouble has another answer than before. It must return quickly; may be nil.
	Changed func()
	// Now decides when a refused account is tried again; nil means time.Now.
	Now func() time.Time
}

// Client makes the calls of one gateway account. It is safe for concurrent use.
type Client struct {
	options Options
	http    *httpcall.Client

	mu      sync.Mutex
	session session
	// refused keeps a refused account from further log-ins for a while.
	refused refusal
	health  remote.Health
}

// NewClient makes a client; it logs in at its first call. It follows no redirect.
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
	calls := httpcall.ClientOptions{Transport: options.Transport, Timeout: requestTimeout, Describe: describeError}
	if options.Session {
		// The load balancer's cookie must come back with the session's; cookiejar.New never fails without options.
		calls.Jar, _ = cookiejar.New(nil)
	}
	return &Client{options: options, http: httpcall.NewClient(calls)}
}

// HeldFor returns how long the gateway asked to stay away still; 0 if it did not.
func (c *Client) HeldFor() time.Duration {
	if c.options.Bucket == nil {
		return 0
	}
	return c.options.Bucket.HeldFor()
}

// Ping logs in if need be and tells whether the gateway accepts the account. A refusal is repeated without any request
// for 30 s, doubling up to 10 min, and one that only a person can end until Retry: so do all calls.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.current(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused.news = false // the caller knows it now
	return err
}

// RefusedFor returns how long a refused account rests still before it is tried again; 0 if it does not, or without end.
func (c *Client) RefusedFor() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused.err == nil || c.refused.forGood {
		return 0
	}
	return max(0, c.refused.until.Sub(c.options.Now()))
}

// Retry ends the rest of a refused account: the next call logs in.
func (c *Client) Retry() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused.rest, c.refused.until, c.refused.forGood = 0, time.Time{}, false
}

// Trouble tells why the gateway gives no proper answers at present, by the calls that were made; nil if it does, or if
// nobody has asked it anything for a while.
func (c *Client) Trouble() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if last, err := c.health.Trouble(); err != nil && c.options.Now().Sub(last) < troubleLasts {
		return err
	}
	return nil
}

// do sends one request below the prefix. The path's last slash, which the gateway insists on, is added here.
func (c *Client) do(ctx context.Context, method string, segments []string, route string, body any) (*httpcall.Response, httpcall.Request, error) {
	return c.ask(ctx, method, segments, nil, route, body)
}

// ask is do with a query. It tells of what it found out about the account and the gateway.
func (c *Client) ask(
	ctx context.Context, method string, segments []string, query url.Values, route string, body any,
) (*httpcall.Response, httpcall.Request, error) {
	// Lists come in one piece, and are in objects too.
	req := httpcall.Request{Method: method, Route: route, Body: body, Limits: httpcall.ListLimits()}
	path, err := joined(segments)
	if err != nil {
		return nil, req, &remote.Error{Class: remote.Rejected, Op: method + " " + route, Message: err.Error(), Err: err}
	}
	req.URL = c.options.BaseURL + c.options.PathPrefix + path
	if len(query) > 0 {
		req.URL += "?" + query.Encode()
	}
	response, err := c.attempt(ctx, req)
	c.mu.Lock()
	news := c.health.News() || c.refused.news
	c.refused.news = false
	c.mu.Unlock()
	if news {
		c.options.Changed()
	}
	return response, req, err
}

// joined makes a path of segments, each escaped. Escaping does not help against the segments that mean another place of the
// path in any spelling, so they are an error, as is one that is empty.
func joined(segments []string) (string, error) {
	var path strings.Builder
	path.WriteString("/")
	for _, segment := range segments {
		if strings.Trim(segment, ".") == "" {
			return "", fmt.Errorf("%q cannot be a part of a path of the gateway", segment)
		}
		path.WriteString(strings.ReplaceAll(url.PathEscape(segment), "%40", "@") + "/")
	}
	return path.String(), nil
}

func (c *Client) send(ctx context.Context, req httpcall.Request) (*httpcall.Response, error) {
	if c.options.Bucket != nil {
		if err := c.options.Bucket.Wait(ctx); err != nil {
			return nil, err
		}
	}
	if access := c.access(); access != "" {
		req.Header = bearer(access)
	}
	started := time.Now()
	response, err := c.http.Send(ctx, req)
	status := 0
	if response != nil {
		status = response.Status
	}
	c.options.Observe(req.Method, req.Route, status, time.Since(started))
	if err == nil && status == http.StatusMultiStatus {
		err = partlyDone(req, response)
	}
	if err != nil {
		err = refine(err, response)
		c.hold(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.health.Note(err, c.options.Now())
	return response, err
}

// hold stops all requests for as long as an answer asks to.
func (c *Client) hold(err error) {
	if wait := remote.RetryAfter(err); wait > 0 && c.options.Bucket != nil {
		c.options.Bucket.Hold(wait)
	}
}
