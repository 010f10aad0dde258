// Package httpcall sends one HTTP request and tells exactly what is known about its outcome: it is where transport
// failures, truncated answers and ambiguous writes are told apart, the same way for every service.
package httpcall

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wxcc.dev/operator/internal/fence"
	"wxcc.dev/operator/internal/redact"
	"wxcc.dev/operator/internal/remote"
)

// Request is one call.
type Request struct {
	Method string
	// URL in full.
	URL string
	// Route is the URL's pattern, without ids: for metrics and messages.
	Route  string
	Header http.Header
	// Body is encoded as JSON; nil sends none.
	Body any
	// Limits of the answer; the zero value means those of a single object.
	Limits Limits
	// Tokens: a good answer holds tokens, which are secrets from then on. It is left as it is.
	Tokens bool
}

// Response is a complete answer.
type Response struct {
	Status     int
	Header     http.Header
	Body       []byte
	TrackingID string
	// Sent and Received are local times around the call.
	Sent, Received time.Time

	guard  *Transport
	memory *reservation
}

// Show makes a text of the answer fit to be shown: without secrets, printable, at most limit bytes.
func (r *Response) Show(text string, limit int) string {
	if r.guard == nil {
		return remote.Printable(text, limit)
	}
	return r.guard.Show(text, limit)
}

// Skew is the service's clock minus ours, from its Date header; 0 where there is none. It errs low by the header's
// resolution of a second and the time the answer took.
func (r *Response) Skew() time.Duration {
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return 0
	}
	return date.Sub(r.Received)
}

// Bare tells whether the answer is a status and nothing else.
func (r *Response) Bare(status int) bool {
	return r.Status == status && len(bytes.TrimSpace(r.Body)) == 0
}

// Object decodes the body as one JSON object; anything else is an InvalidResponse, ambiguous for a write. The body is
// given up.
func (r *Response) Object(req Request) (remote.Object, error) {
	defer r.memory.release()
	object, err := remote.Decode(r.Body)
	if err != nil {
		return nil, Invalid(req, r, err)
	}
	return object, nil
}

// Decode decodes the body as JSON; what does not fit is an InvalidResponse. The body is given up.
func (r *Response) Decode(req Request, into any) error {
	defer r.memory.release()
	if err := json.Unmarshal(r.Body, into); err != nil {
		return Invalid(req, r, fmt.Errorf("decode answer: %w", err))
	}
	return nil
}

// Invalid is the error for an answer that cannot be understood, or is more than is taken.
func Invalid(req Request, r *Response, cause error) error {
	failure := &remote.Error{
		Class: remote.InvalidResponse, Op: req.op(), Status: r.Status, TrackingID: r.TrackingID,
		Message: "the answer is not what was promised: " + r.Show(Describe(cause), maxMessage), Ambiguous: req.writes(), Err: cause,
	}
	if bound, ok := errors.AsType[*BoundError](cause); ok {
		// Without what differs from one such answer to the next: each change of a condition is a write.
		failure.Message, failure.TrackingID = bound.Error(), ""
	}
	return failure
}

// maxMessage bounds the message of a remote.Error.
const maxMessage = 512

// ClientOptions of a Client.
type ClientOptions struct {
	// Transport carries the requests, see Guard.
	Transport http.RoundTripper
	// Timeout bounds a call with its answer.
	Timeout time.Duration
	// Jar keeps cookies; nil keeps none.
	Jar http.CookieJar
	// Describe finds the service's own words in the body of a refusal; "" where there are none.
	Describe func(body []byte) string
}

// Client makes the calls of one party. It is safe for concurrent use.
type Client struct {
	http     *http.Client
	guard    *Transport
	describe func([]byte) string
	memory   *share
}

// NewClient makes a client. It follows no redirect.
func NewClient(options ClientOptions) *Client {
	guard := Guard(options.Transport, nil)
	return &Client{
		http:  &http.Client{Transport: guard, Timeout: options.Timeout, Jar: options.Jar, CheckRedirect: noRedirect},
		guard: guard, describe: options.Describe, memory: newShare(),
	}
}

// Send sends the request and reads the whole answer, within the request's limits. Status codes of 300 and more become
// errors. No request is repeated and no redirect is followed by it.
func (c *Client) Send(ctx context.Context, req Request) (*Response, error) {
	httpReq, err := build(ctx, req)
	if err != nil {
		return nil, err
	}
	sent := time.Now()
	httpResp, err := c.http.Do(httpReq)
	if err != nil {
		return nil, c.transportError(req, err)
	}
	defer httpResp.Body.Close() //nolint:errcheck // the body has been read or is given up
	httpResp.Header.Del("Set-Cookie")
	response := &Response{
		Status: httpResp.StatusCode, Header: httpResp.Header, Sent: sent, guard: c.guard,
		TrackingID: c.guard.Show(httpResp.Header.Get("TrackingID"), maxTrackingID),
	}
	limits := req.limits()
	err = response.read(ctx, httpResp.Body, limits, c.memory)
	response.Received = time.Now()
	if err == nil && response.Status < http.StatusMultipleChoices {
		err = limits.check(response.Body)
	}
	if errors.Is(err, errNoRoom) {
		response.memory.release()
		return nil, c.transportError(req, err)
	}
	if err != nil {
		response.memory.release()
		return nil, Invalid(req, response, fmt.Errorf("read answer: %w", err))
	}
	switch {
	case response.Status >= http.StatusMultipleChoices:
		return response, statusError(req, response, c.describe(response.Body))
	case req.Tokens:
		c.guard.secrets.Know(jsonSecrets(response.Body)...)
	default:
		response.Body = c.guard.secrets.Data(response.Body)
	}
	return response, nil
}

// maxTrackingID bounds what is kept of a tracking id; Webex's have about 60 characters.
const maxTrackingID = 128

func build(ctx context.Context, req Request) (*http.Request, error) {
	var body io.Reader
	if req.Body != nil {
		encoded, err := json.Marshal(req.Body)
		if err != nil {
			return nil, fmt.Errorf("encode body of %s: %w", req.op(), err)
		}
		if bytes.Contains(encoded, []byte(redact.Marker)) {
			return nil, &remote.Error{Class: remote.InvalidResponse, Op: req.op(), Message: "not sent: the service repeats a " +
				"credential in the object, and what was taken out for that must not be written over it"}
		}
		body = bytes.NewReader(encoded)
	}
	httpReq, err := http.NewRequestWithContext(ctx, req.Method, req.URL, body)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", req.op(), err)
	}
	for key, values := range req.Header {
		httpReq.Header[key] = values
	}
	httpReq.Header.Set("Accept", "application/json")
	if req.Body != nil {
		httpReq.Header.Set("Content-Type", "application/json")
	}
	return httpReq, nil
}

func (r Request) op() string { return r.Method + " " + r.Route }

func (r Request) writes() bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// transportError tells a request that never left from one whose fate is unknown.
func (c *Client) transportError(req Request, err error) error {
	cause := err
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		cause = urlErr.Err // url.Error repeats the URL, whose query may be long
	}
	if errors.Is(err, fence.Err) {
		return &remote.Error{Class: remote.Fenced, Op: req.op(), Message: fence.Err.Error(), Err: cause}
	}
	neverSent := false
	if opErr, ok := errors.AsType[*net.OpError](err); ok && opErr.Op == "dial" {
		neverSent = true
	}
	return &remote.Error{
		Class: remote.Unavailable, Op: req.op(), Message: c.guard.Show(Describe(err), maxDescription),
		Ambiguous: req.writes() && !neverSent, Err: cause,
	}
}

func statusError(req Request, r *Response, message string) error {
	class, ambiguous := classify(r.Status)
	if message == "" {
		message = http.StatusText(r.Status)
	}
	switch r.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		message = "the answer is a redirect, which is not followed"
	}
	return &remote.Error{
		Class: class, Op: req.op(), Status: r.Status, TrackingID: r.TrackingID, Message: r.Show(message, maxMessage),
		RetryAfter: RetryAfter(r.Header), Ambiguous: ambiguous && req.writes(),
	}
}

func classify(status int) (class remote.Class, ambiguous bool) {
	switch {
	case status == http.StatusUnauthorized:
		return remote.Unauthorized, false
	case status == http.StatusForbidden:
		return remote.Forbidden, false
	case status == http.StatusNotFound:
		return remote.NotFound, false
	case status == http.StatusConflict:
		return remote.Exists, false
	case status == http.StatusPreconditionFailed:
		return remote.InUse, false
	case status == http.StatusTooManyRequests:
		return remote.RateLimited, false
	case status == http.StatusLocked, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return remote.Unavailable, true
	case status >= http.StatusInternalServerError:
		return remote.Unavailable, true
	case status < http.StatusBadRequest:
		return remote.InvalidResponse, true
	}
	return remote.Rejected, false
}

// RetryAfter reads the header in its two forms, seconds and HTTP date; 0 where it is missing or malformed. It is
// bounded at one hour.
func RetryAfter(header http.Header) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	var wait time.Duration
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(value); err == nil {
		wait = time.Until(date)
	}
	return min(max(0, wait), time.Hour)
}

// ItemError is the error for one item of a bulk call that was answered as a whole.
func (r *Response) ItemError(req Request, status int, message, trackingID string) error {
	item := &Response{Status: status, Header: http.Header{}, TrackingID: r.Show(trackingID, maxTrackingID), guard: r.guard}
	return statusError(req, item, message)
}
