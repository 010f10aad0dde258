package apio

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// The BroadWorks codes that mean something of their own (reference section 8).
const (
	ociUserNotFound = 4008
	ociUserExists   = 4200
	ociBadLogin     = 4962
)

// corePasswordFirst is Core's error code, with 403, for an account that must change its password first.
const corePasswordFirst = 1

// spoken is what an error body says. The zero value says nothing.
type spoken struct {
	text string
	// oci is BroadWorks' own code, core that of APIO Core; 0 where there is none.
	oci, core int64
}

// ociError is BroadWorks' own refusal inside the gateway's.
type ociError struct {
	code    int64
	warning bool
	text    string
}

func describeError(body []byte) string { return readError(body).text }

// readError reads the error shapes of gateway and Core: the text that tells most, with its code.
func readError(body []byte) spoken {
	object, err := remote.Decode(body)
	if err != nil {
		return spoken{}
	}
	said := spoken{text: object.Text("error")}
	if code, ok := object.Int("error_code"); ok {
		said.core, said.text = code, withCode(said.text, "Core code", code)
	}
	for _, entry := range entries(object["errors"]) {
		if oci := worst(entry["details"]); oci != nil {
			return oci.spoken(entry.Text("message"))
		}
		if text := entry.Text("message"); text != "" && said.text == "" {
			code, _ := entry.Int("code")
			said.text = withCode(text, "gateway code", code)
		}
	}
	if oci := worst(object["details"]); oci != nil {
		return oci.spoken("")
	}
	if plain, ok := object["details"].(string); ok {
		said.text = firstOf(said.text, plain)
	}
	return said
}

func withCode(text, whose string, code int64) string {
	if text == "" || code == 0 {
		return text
	}
	return fmt.Sprintf("%s (%s %d)", text, whose, code)
}

// entries returns the objects of a list, or of an object keyed "0", "1" and so on, in order.
func entries(value any) []remote.Object {
	var values []any
	switch typed := value.(type) {
	case []any:
		values = typed
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(typed)) {
			values = append(values, typed[key])
		}
	}
	var objects []remote.Object
	for _, value := range values {
		if fields, ok := value.(map[string]any); ok {
			objects = append(objects, fields)
		}
	}
	return objects
}

// bracketed is how a summary starts, also where the code element is missing: "[Error 4008] …".
var bracketed = regexp.MustCompile(`^\[Error (\d+)\]`)

// worst returns BroadWorks' first error inside the gateway's details, or its first warning; nil where there is neither.
func worst(details any) *ociError {
	fields, _ := details.(map[string]any)
	var found *ociError
	for _, entry := range entries(fields["errors"]) {
		oci := ociError{warning: strings.EqualFold(entry.Text("level"), "Warning"), text: firstOf(entry.Text("summary"), entry.Text("detail"))}
		oci.code, _ = entry.Int("error_code")
		if match := bracketed.FindStringSubmatch(oci.text); match != nil && oci.code == 0 {
			oci.code, _ = strconv.ParseInt(match[1], 10, 64) //nolint:errcheck // digits; one that is too long is none of ours
		}
		if found == nil || found.warning && !oci.warning {
			found = &oci
		}
	}
	return found
}

// spoken puts the code before the text, where BroadWorks has not done so.
func (e *ociError) spoken(otherwise string) spoken {
	text := firstOf(e.text, otherwise)
	if e.code != 0 && !bracketed.MatchString(text) {
		text = fmt.Sprintf("[Error %d] %s", e.code, text)
	}
	return spoken{text: text, oci: e.code}
}

// refine sets the class by BroadWorks' or Core's code, which is more exact than the HTTP status.
func refine(err error, response *httpcall.Response) error {
	failure, ok := errors.AsType[*remote.Error](err)
	if !ok || response == nil || failure.Class == remote.InvalidResponse {
		return err
	}
	said := readError(response.Body)
	switch {
	case said.oci == ociUserNotFound:
		failure.Class, failure.Ambiguous = remote.NotFound, false
	case said.oci == ociUserExists:
		failure.Class, failure.Ambiguous = remote.Exists, false
	case said.oci == ociBadLogin:
		failure.Class, failure.Ambiguous = remote.Unauthorized, false
	case failure.Class == remote.Forbidden && said.core == corePasswordFirst:
		failure.Err = ErrAccountUnusable
		failure.Message += ": the account must change its password first"
	}
	return err
}

// partlyDone is the error of a 207: some of a request was carried out and some was not, so all of it is looked at again.
func partlyDone(req httpcall.Request, response *httpcall.Response) error {
	message := "done in part"
	if text := describeError(response.Body); text != "" {
		message += ": " + text
	}
	return &remote.Error{
		Class: remote.Unavailable, Op: req.Method + " " + req.Route, Status: response.Status, TrackingID: response.TrackingID,
		Message: response.Show(message, 512), Ambiguous: req.Method != http.MethodGet,
	}
}

// deniedByBroadWorks tells whether a NotFound comes from the call center's own system and not from the URL, and names
// nobody else.
func deniedByBroadWorks(response *httpcall.Response, id string) bool {
	if response == nil {
		return false
	}
	said := readError(response.Body)
	named := strings.Contains(strings.ToLower(said.text), strings.ToLower(id))
	return said.oci == ociUserNotFound && (named || !strings.Contains(said.text, "@"))
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
