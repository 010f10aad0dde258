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

	"wxcc.dev/operator/internal/remote"
)

// maxBody bounds an answer. A listing page of 250 objects of the largest kind stays under a tenth of it.
const maxBody = 64 << 20

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
}

// Response is a complete answer.
type Response struct {
	Status     int
	Header     http.Header
	Body       []byte
	TrackingID string
	// Sent and Received are local times around the call.
	Sent, Received time.Time
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

// Object decodes the body as one JSON object; anything else is an InvalidResponse, ambiguous for a write.
func (r *Response) Object(req Request) (remote.Object, error) {
	object, err := remote.Decode(r.Body)
	if err != nil {
		return nil, Invalid(req, r, err)
	}
	return object, nil
}

// Invalid is the error for an answer that cannot be understood.
func Invalid(req Request, r *Response, cause error) error {
	return &remote.Error{
		Class: remote.InvalidResponse, Op: req.op(), Status: r.Status, TrackingID: r.TrackingID,
		Message: "the answer is not what was promised: " + Describe(cause), Ambiguous: req.writes(), Err: cause,
	}
}

// Send sends the request and reads the whole answer. Status codes of 300 and more become errors whose message comes
// from describe. No request is repeated and no redirect is followed by it: the client given must refuse redirects.
func Send(ctx context.Context, client *http.Client, req Request, describe func([]byte) string) (*Response, error) {
	httpReq, err := build(ctx, req)
	if err != nil {
		return nil, err
	}
	sent := time.Now()
	httpResp, err := client.Do(httpReq)
	if err != nil {
		return nil, transportError(req, err)
	}
	defer httpResp.Body.Close() //nolint:errcheck // the body has been read or is given up
	body, err := io.ReadAll(io.LimitReader(httpResp.Body, maxBody+1))
	response := &Response{
		Status: httpResp.StatusCode, Header: httpResp.Header, Body: body,
		TrackingID: httpResp.Header.Get("TrackingID"), Sent: sent, Received: time.Now(),
	}
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("more than %d bytes", maxBody)
	}
	if err != nil {
		return nil, Invalid(req, response, fmt.Errorf("read answer: %w", err))
	}
	if response.Status >= http.StatusMultipleChoices {
		return response, statusError(req, response, describe(body))
	}
	return response, nil
}

func build(ctx context.Context, req Request) (*http.Request, error) {
	var body io.Reader
	if req.Body != nil {
		encoded, err := json.Marshal(req.Body)
		if err != nil {
			return nil, fmt.Errorf("encode body of %s: %w", req.op(), err)
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
func transportError(req Request, err error) error {
	cause := err
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		cause = urlErr.Err // url.Error repeats the URL, whose query may be long
	}
	neverSent := false
	if opErr, ok := errors.AsType[*net.OpError](err); ok && opErr.Op == "dial" {
		neverSent = true
	}
	return &remote.Error{
		Class: remote.Unavailable, Op: req.op(), Message: remote.Shorten(Describe(err), 256),
		Ambiguous: req.writes() && !neverSent, Err: cause,
	}
}

func statusError(req Request, r *Response, message string) error {
	class, ambiguous := classify(r.Status)
	if message == "" {
		message = http.StatusText(r.Status)
	}
	return &remote.Error{
		Class: class, Op: req.op(), Status: r.Status, TrackingID: r.TrackingID, Message: remote.Shorten(message, 512),
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
func ItemError(req Request, status int, message, trackingID string) error {
	return statusError(req, &Response{Status: status, Header: http.Header{}, TrackingID: trackingID}, message)
}
