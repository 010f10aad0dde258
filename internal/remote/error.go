package remote

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Class says what an error means for the loop. Only NotFound ever means that an object is absent.
type Class string

// The classes of errors.
const (
	// Unauthorized: the token is not accepted (401).
	Unauthorized Class = "Unauthorized"
	// Forbidden: a scope or role is missing (403).
	Forbidden Class = "Forbidden"
	// NotFound: the service says that there is no such object (404 on an item).
	NotFound Class = "NotFound"
	// Exists: an object of this name exists already (409).
	Exists Class = "Exists"
	// InUse: other objects refer to it (412).
	InUse Class = "InUse"
	// Rejected: the request itself is refused (400 and its like); trying again changes nothing.
	Rejected Class = "Rejected"
	// RateLimited: wait (429, or a hold by an earlier 429).
	RateLimited Class = "RateLimited"
	// Unavailable: the service failed or was not reached.
	Unavailable Class = "Unavailable"
	// Fenced: this process may not lead any more, so nothing was sent.
	Fenced Class = "Fenced"
	// InvalidResponse: an answer came that cannot be trusted: truncated, malformed, inconsistent.
	InvalidResponse Class = "InvalidResponse"
)

// Error is a failed call.
type Error struct {
	// Class says what follows from it.
	Class Class
	// Op is the call, for instance "POST auxiliary-code/bulk".
	Op string
	// Status is the HTTP status; 0 where no answer came.
	Status int
	// Message is the service's own text, without secrets, at most 512 characters.
	Message string
	// TrackingID to quote to the service's support.
	TrackingID string
	// RetryAfter is how long the service asked to wait; 0 where it did not say.
	RetryAfter time.Duration
	// Ambiguous: the write may have been carried out all the same.
	Ambiguous bool
	// Err is the cause below, if any.
	Err error
}

// Error names the call, the status and the service's text.
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString(e.Op)
	switch {
	case e.Status != 0:
		fmt.Fprintf(&text, " answered %d", e.Status)
	default:
		text.WriteString(" failed")
	}
	if e.Message != "" {
		text.WriteString(": " + e.Message)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&text, " (retry after %s)", e.RetryAfter.Round(time.Second))
	}
	if e.TrackingID != "" {
		fmt.Fprintf(&text, " (tracking id %s)", e.TrackingID)
	}
	return text.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ClassOf returns the class of an error; errors of other origin (a cancelled context, say) are Unavailable.
func ClassOf(err error) Class {
	if remote, ok := errors.AsType[*Error](err); ok {
		return remote.Class
	}
	return Unavailable
}

// IsNotFound tells whether the service said that the object does not exist.
func IsNotFound(err error) bool { return err != nil && ClassOf(err) == NotFound }

// IsAmbiguous tells whether a failed write may have been carried out. Who makes the call says so; an error of any
// other origin came before it.
func IsAmbiguous(err error) bool {
	remote, ok := errors.AsType[*Error](err)
	return ok && remote.Ambiguous
}

// Answered tells whether a failed write was answered by the service itself, which is then not at work on it any more. A
// gateway's answer (502, 504) or a timeout (408) is not the service's.
func Answered(err error) bool {
	remote, ok := errors.AsType[*Error](err)
	if !ok {
		return err == nil
	}
	switch remote.Status {
	case 0, http.StatusRequestTimeout, http.StatusBadGateway, http.StatusGatewayTimeout:
		return false
	}
	return true
}

// RetryAfter returns how long the service asked to wait; 0 where it did not say.
func RetryAfter(err error) time.Duration {
	if remote, ok := errors.AsType[*Error](err); ok {
		return remote.RetryAfter
	}
	return 0
}

// StatusOf returns the HTTP status of a failed call; 0 where no answer came.
func StatusOf(err error) int {
	if remote, ok := errors.AsType[*Error](err); ok {
		return remote.Status
	}
	return 0
}

// TrackingID returns the tracking id of a failed call, "" if none came.
func TrackingID(err error) string {
	if remote, ok := errors.AsType[*Error](err); ok {
		return remote.TrackingID
	}
	return ""
}
