package apio

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// The BroadWorks codes that mean something of their own (reference section 8).
const (
	ociUserNotFound = 4008
	ociUserExists   = 4200
	ociBadLogin     = 4962
)

// errorBody holds the error shapes of gateway and Core at once.
type errorBody struct {
	Error   string          `json:"error"`
	Details json.RawMessage `json:"details"`
	Errors  []struct {
		Code    json.Number     `json:"code"`
		Message string          `json:"message"`
		Details json.RawMessage `json:"details"`
	} `json:"errors"`
}

// ociError is BroadWorks' own refusal inside the gateway's.
type ociError struct {
	Code    json.Number `json:"error_code"`
	Summary string      `json:"summary"`
	Detail  string      `json:"detail"`
}

// ociErrors reads {"errors":{"0":{…},"1":{…}}}.
func ociErrors(details json.RawMessage) []ociError {
	var decoded struct {
		Errors map[string]ociError `json:"errors"`
	}
	if json.Unmarshal(details, &decoded) != nil {
		return nil
	}
	keys := make([]string, 0, len(decoded.Errors))
	for key := range decoded.Errors {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	found := make([]ociError, 0, len(keys))
	for _, key := range keys {
		found = append(found, decoded.Errors[key])
	}
	return found
}

func describeError(body []byte) string {
	text, _ := readError(body)
	return text
}

// readError returns the most telling text of an error body and BroadWorks' code, 0 where there is none.
func readError(body []byte) (string, int) {
	var decoded errorBody
	if json.Unmarshal(body, &decoded) != nil {
		return "", 0
	}
	text := decoded.Error
	for _, entry := range decoded.Errors {
		if oci := ociErrors(entry.Details); len(oci) > 0 {
			return firstOf(oci[0].Summary, oci[0].Detail, entry.Message), oci[0].code()
		}
		text = firstOf(text, entry.Message)
	}
	if oci := ociErrors(decoded.Details); len(oci) > 0 {
		return firstOf(oci[0].Summary, oci[0].Detail), oci[0].code()
	}
	var plain string
	if text == "" && json.Unmarshal(decoded.Details, &plain) == nil {
		text = plain
	}
	return text, 0
}

// bracketed is how a summary starts where the code element is missing: "[Error 4008] …".
var bracketed = regexp.MustCompile(`^\[Error (\d+)\]`)

func (e ociError) code() int {
	if code, err := strconv.Atoi(e.Code.String()); err == nil && code != 0 {
		return code
	}
	if match := bracketed.FindStringSubmatch(e.Summary); match != nil {
		code, _ := strconv.Atoi(match[1]) // the pattern admits digits only
		return code
	}
	return 0
}

// refine sets the class by BroadWorks' code, which is more exact than the HTTP status.
func refine(err error, response *httpcall.Response) error {
	failure, ok := errors.AsType[*remote.Error](err)
	if !ok || response == nil || failure.Class == remote.InvalidResponse {
		return err
	}
	_, code := readError(response.Body)
	switch code {
	case ociUserNotFound:
		failure.Class, failure.Ambiguous = remote.NotFound, false
	case ociUserExists:
		failure.Class, failure.Ambiguous = remote.Exists, false
	case ociBadLogin:
		failure.Class, failure.Ambiguous = remote.Unauthorized, false
	}
	return err
}

// spokenByBroadWorks tells whether a NotFound comes from the call center's own system and not from the URL.
func spokenByBroadWorks(response *httpcall.Response) bool {
	if response == nil {
		return false
	}
	_, code := readError(response.Body)
	return code == ociUserNotFound
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
