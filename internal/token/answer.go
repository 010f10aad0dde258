package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// purpose is what a call of the token server was made for: it words its failures.
type purpose struct {
	op string
	// failed is said where no verdict came, dead where the token server does not accept the grant.
	failed, dead string
}

var (
	refreshing = purpose{
		op: opRefresh, failed: "the access token could not be renewed",
		dead: "the refresh token is not usable any more; give consent again or put new tokens into the Secret",
	}
	consenting = purpose{
		op: opRefresh, failed: "the consent could not be turned into tokens",
		dead: "the consent is not usable any more; open the link again",
	}
	pairing = purpose{
		op: opDevice, failed: "the device flow did not work",
		dead: "the code is not usable any more; another one follows",
	}
)

// explain maps a failed call. Only an answer that is clearly the token server's own verdict is permanent: an error
// page of a proxy must not end a connection.
func (p purpose) explain(err error, transport *httpcall.Transport) *Error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return p.unanswered(err, transport)
	}
	said := verdict(refused)
	said.text = transport.Show(said.text, maxText)
	status := refused.Response.StatusCode
	return p.weigh(said, refused.Response).tracked(status, transport.Show(refused.Response.Header.Get("TrackingID"), maxTrackingID))
}

// unanswered maps a call without an answer, or with one that is no answer of a token server.
func (p purpose) unanswered(err error, transport *httpcall.Transport) *Error {
	text := p.failed + ": " + transport.Show(httpcall.Describe(err), maxText)
	if _, ok := errors.AsType[*url.Error](err); ok {
		return passing(v1alpha1.ReasonUnavailable, remote.Unavailable, p.op, text)
	}
	return passing(v1alpha1.ReasonInvalidResponse, remote.InvalidResponse, p.op, text)
}

// weigh decides what an error answer means.
func (p purpose) weigh(said answerError, response *http.Response) *Error {
	status, wait := response.StatusCode, httpcall.RetryAfter(response.Header)
	prefix := fmt.Sprintf("the token server answered %d", status)
	if said.text != "" {
		prefix += " (" + said.text + ")"
	}
	switch {
	case status == http.StatusTooManyRequests:
		return passing(v1alpha1.ReasonRateLimited, remote.RateLimited, p.op, prefix).after(wait)
	case status != http.StatusBadRequest && status != http.StatusUnauthorized && status != http.StatusOK, !said.final:
		return passing(v1alpha1.ReasonUnavailable, remote.Unavailable, p.op, prefix).after(wait)
	case said.aboutClient():
		return permanent(v1alpha1.ReasonInvalidClient, p.op, prefix+": correct clientID and clientSecret in the Secret")
	case said.code == "invalid_scope":
		return permanent(v1alpha1.ReasonForbidden, p.op, prefix+": the client lacks a scope; connect again")
	}
	return permanent(v1alpha1.ReasonReconnectRequired, p.op, prefix+": "+p.dead)
}

// answerError is what an error answer says: an RFC 6749 code or a text.
type answerError struct {
	code string
	text string
	// webex: the body is one of the Webex APIs.
	webex bool
	// final: the token server itself has decided, and the same request will not be answered otherwise.
	final bool
}

// finalCodes are the errors by which a token endpoint refuses a request for good: RFC 6749 section 5.2, and RFC 8628
// section 3.5 for the device grant. Others, such as server_error, say nothing of the grant.
var finalCodes = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope",
	"access_denied", "expired_token", "tokenlimit_reached",
}

// grantWords are what the text of a Webex error speaks of when it is about the grant or the client.
var grantWords = []string{"token", "grant", "client", "scope", "code"}

// verdict reads the two shapes of error bodies: RFC 6749 and that of the Webex APIs, which is known by its tracking id. A
// proxy's own error page is JSON with a message, too.
func verdict(refused *oauth2.RetrieveError) answerError {
	said := answerError{code: refused.ErrorCode, text: refused.ErrorDescription}
	if said.code != "" {
		if said.text == "" {
			said.text = said.code
		}
		said.final = slices.Contains(finalCodes, said.code)
		return said
	}
	var body struct {
		Message    string `json:"message"`
		TrackingID string `json:"trackingId"`
		Errors     []struct {
			Description string `json:"description"`
		} `json:"errors"`
	}
	if json.Unmarshal(refused.Body, &body) != nil {
		return said
	}
	said.text = body.Message
	if len(body.Errors) > 0 && body.Errors[0].Description != "" {
		said.text = body.Errors[0].Description
	}
	lower := strings.ToLower(said.text)
	said.webex = body.TrackingID != ""
	said.final = said.webex && slices.ContainsFunc(grantWords, func(word string) bool { return strings.Contains(lower, word) })
	return said
}

// aboutClient tells a wrong client id or secret from a dead refresh token, by code where there is one, else by text.
func (a answerError) aboutClient() bool {
	if a.code != "" {
		return a.code == "invalid_client" || a.code == "unauthorized_client"
	}
	text := strings.ToLower(a.text)
	return strings.Contains(text, "client") && !strings.Contains(text, "refresh")
}

// says tells whether an error answer has one of the codes, given as code or, in the shape of the Webex APIs, in its text.
func (a answerError) says(codes ...string) bool {
	for _, code := range codes {
		if a.code == code || (a.webex && strings.Contains(a.text, code)) {
			return true
		}
	}
	return false
}
