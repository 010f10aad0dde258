package webex

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// codeInsufficient in the body of a 401 means that the token lacks a scope or a role; a new token would not help.
const codeInsufficient = "200003"

// refusalsInARow is how many reads, or writes, the contact center refuses with 403 before that counts as a refusal of
// the token, if it does not say so itself. One success between them starts the count anew.
const refusalsInARow = 3

// gate stops the calls to the contact center while it refuses the token for want of a scope or a role: what one call was
// refused for, ten thousand objects would be refused for.
type gate struct {
	mu      sync.Mutex
	refusal *remote.Error
	refused map[bool]int // in a row, of reads (true) and writes (false)
}

// Refusal is the 403 after which no contact-center call is made any more, but for Probe; nil while they are made.
func (c *Client) Refusal() error {
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	if c.gate.refusal == nil {
		return nil
	}
	refusal := *c.gate.refusal
	return &refusal
}

// Reopen lets contact-center calls be made again after a Refusal.
func (c *Client) Reopen() {
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	c.gate.refusal, c.gate.refused = nil, nil
}

// gated tells whether a call is one that a Refusal stops.
func (c *Client) gated(call call) bool { return call.base == c.options.ContactCenterURL && !call.probe }

// stopped is the refusal that keeps a call from being made; nil if it may be.
func (c *Client) stopped(call call) error {
	if !c.gated(call) {
		return nil
	}
	return c.Refusal()
}

// allowed notes that a call was not refused.
func (c *Client) allowed(call call) {
	if !c.gated(call) {
		return
	}
	c.gate.mu.Lock()
	defer c.gate.mu.Unlock()
	delete(c.gate.refused, call.reads())
}

// refuse notes that a call was refused, and closes the gate if that speaks of the token and not of one object.
func (c *Client) refuse(call call, err error, ofToken bool) {
	failure, ok := errors.AsType[*remote.Error](err)
	if !ok || !c.gated(call) || !c.gate.close(call, failure, ofToken) {
		return
	}
	c.options.Changed()
}

// close tells whether the refusal has closed the gate.
func (g *gate) close(call call, failure *remote.Error, ofToken bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.refused == nil {
		g.refused = map[bool]int{}
	}
	g.refused[call.reads()]++
	if g.refusal != nil || (!ofToken && g.refused[call.reads()] < refusalsInARow) {
		return false
	}
	g.refusal = failure
	return true
}

// explain adds to the error of a refused call (403, or the 401 that means the same) which scope the call needs. It tells
// whether the service itself says that the token lacks something.
func explain(call call, response *httpcall.Response, err error) bool {
	failure, ok := errors.AsType[*remote.Error](err)
	if !ok || response == nil {
		return false
	}
	ofToken := strings.Contains(strings.ToLower(failure.Message), "scope")
	if failure.Status == http.StatusUnauthorized {
		if !insufficient(response.Body) {
			return false
		}
		failure.Class, ofToken = remote.Forbidden, true
	}
	failure.Message = remote.Printable(failure.Message, 400) + "; the call needs the scope " + call.needs()
	return ofToken
}

// insufficient looks for codeInsufficient where the error shapes of Webex have a code, as a number or as a text.
func insufficient(body []byte) bool {
	var decoded errorBody
	if json.Unmarshal(body, &decoded) != nil {
		return false
	}
	codes := []json.RawMessage{decoded.Code, decoded.ErrorCode}
	for _, entry := range decoded.Errors {
		codes = append(codes, entry.Code, entry.ErrorCode)
	}
	if config, ok := decoded.config(); ok {
		codes = append(codes, config.Key)
	}
	for _, code := range codes {
		if string(bytes.Trim(code, `"`)) == codeInsufficient {
			return true
		}
	}
	return false
}
