package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Exchange is one request with its answer.
type Exchange struct {
	Method, Path, Query string // as they were sent
	RequestType         string // content type
	Request             []byte
	Status              int
	Answer              []byte
}

// Difference is what an exchange and the documents disagree on.
type Difference struct {
	// Operation is method and path with {} for every parameter; for an answer the status too.
	Operation string
	// What is the disagreement: place and reason.
	What string
}

func (d Difference) String() string { return d.Operation + ": " + d.What }

// NotDocumented is What for a route that no document has.
const NotDocumented = "the operation is not in the specification"

// NoStatus is What for a status that the operation does not have.
const NoStatus = "the status is not documented"

// Answer holds the answer of an exchange against its operation.
func (s *Spec) Answer(e Exchange) []Difference {
	found := s.find(e.Method, e.Path)
	status := strconv.Itoa(e.Status)
	if found == nil {
		if e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed {
			return nil // both say that there is no such route
		}
		return []Difference{{e.Method + " " + general(e.Path) + " " + status, NotDocumented}}
	}
	where := found.String() + " " + status
	response := found.Responses.Value(status)
	if response == nil || response.Value == nil {
		return []Difference{{where, NoStatus}}
	}
	if len(e.Answer) == 0 {
		return nil
	}
	out := closest(where, response.Value.Content, e.Answer, openapi3.VisitAsResponse())
	if strings.Contains("&"+e.Query, "&attributes=") {
		// A projection lacks what it was not asked for.
		out = slices.DeleteFunc(out, func(d Difference) bool { return strings.HasSuffix(d.What, "is missing") })
	}
	return out
}

// closest holds content against the schema of each documented type, and returns what the best one disagrees with: some
// operations document a text beside the real form.
func closest(where string, content openapi3.Content, value []byte, as openapi3.SchemaValidationOption) []Difference {
	var best []Difference
	first := true
	for _, media := range content {
		if media.Schema == nil || media.Schema.Value == nil {
			continue
		}
		out := check(where, object(media.Schema.Value), value, as)
		if first || wholly(best) && !wholly(out) || wholly(best) == wholly(out) && len(out) < len(best) {
			best, first = out, false
		}
	}
	return best
}

// Request holds the parameters and the body of an exchange against its operation.
func (s *Spec) Request(e Exchange) []Difference {
	found := s.find(e.Method, e.Path)
	if found == nil {
		return []Difference{{e.Method + " " + general(e.Path), NotDocumented}}
	}
	where := found.String()
	out := found.unknownParameters(where, e.Query)
	if len(e.Request) == 0 {
		if body := found.RequestBody; body != nil && body.Value != nil && body.Value.Required {
			out = append(out, Difference{where, "the body is missing"})
		}
		return out
	}
	if found.RequestBody == nil || found.RequestBody.Value == nil {
		return append(out, Difference{where, "no body is documented"})
	}
	mediaType, _, err := mime.ParseMediaType(e.RequestType)
	if err != nil {
		mediaType = "application/json"
	}
	if mediaType != "application/json" {
		if found.RequestBody.Value.Content.Get(mediaType) == nil {
			out = append(out, Difference{where, "a body of type " + mediaType + " is not documented"})
		}
		return out
	}
	return append(out, closest(where, found.RequestBody.Value.Content, e.Request, openapi3.VisitAsRequest())...)
}

// object is the schema; one that is called a text although it has properties is meant as an object.
func object(schema *openapi3.Schema) *openapi3.Schema {
	if len(schema.Properties) == 0 || !schema.Type.Is(openapi3.TypeString) {
		return schema
	}
	out := *schema
	out.Type = &openapi3.Types{openapi3.TypeObject}
	return &out
}

// wholly tells that the content as a whole is of another type.
func wholly(differences []Difference) bool {
	return len(differences) > 0 && strings.HasPrefix(differences[0].What, "/: ")
}

func (o *operation) unknownParameters(where, query string) []Difference {
	values, err := url.ParseQuery(strings.ReplaceAll(query, ";", "%3B"))
	if err != nil {
		return []Difference{{where, "the query string is malformed"}}
	}
	var out []Difference
	for name := range values {
		documented := func(one *openapi3.ParameterRef) bool {
			return one.Value != nil && one.Value.In == openapi3.ParameterInQuery && one.Value.Name == name
		}
		if !slices.ContainsFunc(o.Parameters, documented) && !slices.ContainsFunc(o.item.Parameters, documented) {
			out = append(out, Difference{where, "the parameter " + name + " is not documented"})
		}
	}
	return out
}

var (
	uuid     = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-f]{24}`)
	position = regexp.MustCompile(`/\d+(/|$)`)
)

// general is a path with {} for what looks like an id.
func general(path string) string { return uuid.ReplaceAllString(path, "{}") }

func check(where string, schema *openapi3.Schema, content []byte, as openapi3.SchemaValidationOption) []Difference {
	decoder := json.NewDecoder(bytes.NewReader(content))
	var value any
	if err := decoder.Decode(&value); err != nil {
		return []Difference{{where, "no JSON: " + err.Error()}}
	}
	err := schema.VisitJSON(
		value, as, openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails(), openapi3.SetSchemaRegexCompiler(compile),
	)
	var out []Difference
	collect(err, func(one error) {
		what := one.Error()
		if broken, is := errors.AsType[*openapi3.SchemaError](one); is {
			place := "/" + strings.Join(broken.JSONPointer(), "/")
			what = position.ReplaceAllString(place, "/*$1") + ": " + broken.Reason
		}
		out = append(out, Difference{where, what})
	})
	return out
}

func collect(err error, visit func(error)) {
	if err == nil {
		return
	}
	if several, is := errors.AsType[openapi3.MultiError](err); is {
		for _, one := range several {
			collect(one, visit)
		}
		return
	}
	visit(err)
}

// compile reads patterns of the documents, which are written for another dialect: a hyphen after a class stands for itself.
func compile(expression string) (openapi3.RegexMatcher, error) {
	compiled, err := regexp.Compile(strings.NewReplacer(`\d-_`, `\d\-_`, `\w-_`, `\w\-_`).Replace(expression))
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", expression, err)
	}
	return compiled, nil
}
