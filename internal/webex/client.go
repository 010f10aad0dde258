// Package webex speaks HTTP to Webex: the platform API (organizations, people, licences, roles) and the configuration
// API of Webex Contact Center. Every call goes through one request budget per OAuth client.
package webex

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// requestTimeout bounds one call, waiting for the budget not included.
const requestTimeout = 30 * time.Second

// TokenSource gives the access token of one organization.
type TokenSource interface {
	// Token returns a token that has not expired by its recorded time.
	Token(ctx context.Context) (string, error)
	// Rejected says that the service answered 401 to this token although it had not expired.
	Rejected(token string)
}

// Observer is told of every answer, for metrics. Route has no ids in it; status 0 means that no answer came.
type Observer func(method, route string, status int, took time.Duration)

// Options of a Client.
type Options struct {
	// OrganizationID is the bare UUID of the organization.
	OrganizationID string
	// PlatformURL is the base of the platform API, with /v1.
	PlatformURL string
	// ContactCenterURL is the base of the contact-center API; empty where the organization has none.
	ContactCenterURL string
	Tokens           TokenSource
	Bucket           *Bucket
	// Transport carries the requests (proxy, TLS), see httpcall.Guard; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Observe may be nil.
	Observe Observer
	// Changed is called, without any lock held, when Client.Refusal or Client.Trouble has another answer than before; may be
	// nil. It must return quickly.
	Changed func()
}

// Client makes the calls of one organization. It is safe for concurrent use.
type Client struct {
	options Options
	http    *httpcall.Client
	gate    gate
	pulse   pulse
}

// NewClient makes a client. It follows no redirect: Go would turn a redirected POST or PUT into a GET.
func NewClient(options Options) *Client {
	if options.Observe == nil {
		options.Observe = func(string, string, int, time.Duration) {}
	}
	if options.Changed == nil {
		options.Changed = func() {}
	}
	return &Client{options: options, http: httpcall.NewClient(httpcall.ClientOptions{
		Transport: options.Transport, Timeout: requestTimeout, Describe: describeError,
	})}
}

// OrganizationID is the bare UUID of the organization.
func (c *Client) OrganizationID() string { return c.options.OrganizationID }

// Bucket is the request budget that the client's requests go through.
func (c *Client) Bucket() *Bucket { return c.options.Bucket }

// HeldFor returns how long the service asked this client's OAuth client id to stay away still; 0 if it did not.
func (c *Client) HeldFor() time.Duration { return c.options.Bucket.HeldFor() }

// call is one request of this package: the base and the path make the URL, the route names it in metrics.
type call struct {
	method string
	base   string
	path   string
	query  url.Values
	// link is the whole URL of a further page, instead of base, path and query.
	link  string
	route string
	body  any
	// scope of OAuth that the call needs; default by method, as the contact center wants it.
	scope string
	// probe: the call goes through a closed gate, and a 401 to it says nothing of the token.
	probe bool
	// limits of the answer; default those of a single object.
	limits httpcall.Limits
}

// needs is the scope without which the service refuses the call.
func (c call) needs() string {
	switch {
	case c.scope != "":
		return c.scope
	case c.reads():
		return ScopeConfigRead
	}
	return ScopeConfigWrite
}

func (c call) reads() bool { return c.method == http.MethodGet }

// do sends one request with the organization's token when the budget allows it. The Request that it returns names the
// call in the errors of those who decode the answer.
func (c *Client) do(ctx context.Context, call call) (*httpcall.Response, httpcall.Request, error) {
	req := httpcall.Request{Method: call.method, URL: call.base + call.path, Route: call.route, Body: call.body, Limits: call.limits}
	if len(call.query) > 0 {
		// A raw + reads as a space on the other side, so spaces are spelled %20 and nothing depends on it.
		req.URL += "?" + strings.ReplaceAll(call.query.Encode(), "+", "%20")
	}
	if call.link != "" {
		req.URL = call.link
	}
	if err := c.stopped(call); err != nil {
		return nil, req, err
	}
	if err := c.options.Bucket.Wait(ctx); err != nil {
		return nil, req, fmt.Errorf("wait for the request budget: %w", err)
	}
	// Only now: the wait may have been longer than a token lives, or than it is approved. Its failure costs a place in
	// the budget and no request.
	token, err := c.options.Tokens.Token(ctx)
	if err != nil {
		return nil, req, fmt.Errorf("access token: %w", err)
	}
	if err := c.stopped(call); err != nil {
		return nil, req, err
	}
	req.Header = http.Header{"Authorization": {"Bearer " + token}}
	started := time.Now()
	response, err := c.http.Send(ctx, req)
	c.observe(call, response, time.Since(started))
	c.react(call, response, err, token)
	c.feel(call, err)
	return response, req, err
}

func (c *Client) observe(call call, response *httpcall.Response, took time.Duration) {
	status := 0
	if response != nil {
		status = response.Status
	}
	c.options.Observe(call.method, call.route, status, took)
}

// react keeps what an answer says about all other calls: the budget's hold, the token's end, what the token may not do.
func (c *Client) react(call call, response *httpcall.Response, err error, token string) {
	switch remote.ClassOf(err) {
	case remote.RateLimited:
		// Documented as always present; clients in the field use 5 s without it.
		const silence = 5 * time.Second
		wait := remote.RetryAfter(err)
		if wait == 0 {
			wait = silence
		}
		c.options.Bucket.Hold(wait)
	case remote.Unauthorized:
		if explain(call, response, err) {
			c.refuse(call, err, true)
		} else if !call.probe {
			c.options.Tokens.Rejected(token)
		}
	case remote.Forbidden:
		c.refuse(call, err, explain(call, response, err))
	}
	if err == nil {
		c.allowed(call)
	}
}

// errorBody holds the error shapes of all Webex services at once (reference section 4.1 and 1.6).
type errorBody struct {
	TrackingID string          `json:"trackingId"`
	Message    string          `json:"message"`
	Error      json.RawMessage `json:"error"`
	// ErrorDescription belongs to the OAuth shape, where Error is a text.
	ErrorDescription string          `json:"error_description"`
	Code             json.RawMessage `json:"code"`
	ErrorCode        json.RawMessage `json:"errorCode"`
	Errors           []struct {
		Description string          `json:"description"`
		Message     string          `json:"message"`
		Code        json.RawMessage `json:"code"`
		ErrorCode   json.RawMessage `json:"errorCode"`
	} `json:"errors"`
}

type configError struct {
	Key                json.RawMessage `json:"key"`
	Reason             string          `json:"reason"`
	ReferencedEntities []string        `json:"referencedEntities"`
	Message            []struct {
		Description string `json:"description"`
	} `json:"message"`
}

func describeError(body []byte) string {
	var decoded errorBody
	if json.Unmarshal(body, &decoded) != nil {
		return ""
	}
	if config, ok := decoded.config(); ok {
		return config.describe()
	}
	for _, entry := range decoded.Errors {
		if text := entry.Description + entry.Message; text != "" {
			return text
		}
	}
	var plain string
	if json.Unmarshal(decoded.Error, &plain) != nil {
		plain = ""
	}
	return firstOf(decoded.ErrorDescription, decoded.Message, plain)
}

// config returns the error of the configuration service, whose "error" is an object; the web framework's is a text.
func (b errorBody) config() (configError, bool) {
	var config configError
	if err := json.Unmarshal(b.Error, &config); err != nil || len(config.Key) == 0 {
		return configError{}, false
	}
	return config, true
}

func (e configError) describe() string {
	var texts []string
	for _, message := range e.Message {
		if message.Description != "" {
			texts = append(texts, message.Description)
		}
	}
	if len(texts) == 0 {
		texts = []string{e.Reason}
	}
	text := strings.Join(texts, "; ")
	if len(e.ReferencedEntities) > 0 {
		text += " (referred to by: " + strings.Join(e.ReferencedEntities, ", ") + ")"
	}
	return text
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
