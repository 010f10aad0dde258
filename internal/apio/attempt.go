package apio

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"wxcc.dev/operator/internal/remote"
)

// attempt is one write with what has come of its steps: it is switched off first and on last, between these the instance
// is written, then the parts that have routes of their own, then the password. A step that fails keeps no other from being
// tried, unless no request can succeed.
type attempt struct {
	wanted remote.Object
	// left are the fields that have not been written yet.
	left   remote.Object
	result remote.Result
	errs   []error
	// over: further steps make no sense.
	over bool
}

func newAttempt(write remote.Write) *attempt {
	return &attempt{wanted: write.Object, left: write.Object.Clone(), result: remote.Result{ID: write.ID}}
}

// wrote notes the fields of a step that was carried out.
func (a *attempt) wrote(fields ...string) {
	a.result.Partial = true
	for _, field := range fields {
		a.left.Delete(field)
	}
}

// failed notes a step that was not carried out, or not for certain, and names its fields.
func (a *attempt) failed(err error, fields ...string) {
	var names []string
	for _, field := range fields {
		names = append(names, strings.TrimPrefix(field, fieldProfile+"."))
	}
	if more := len(names) - maxNamed; more > 0 {
		names = append(names[:maxNamed], fmt.Sprintf("%d more", more))
	}
	a.errs = append(a.errs, fmt.Errorf("%s: %w", strings.Join(names, ", "), err))
	switch remote.ClassOf(err) {
	case remote.Unauthorized, remote.RateLimited, remote.Fenced:
		a.over = true
	case remote.NotFound:
		a.over = a.over || !slices.Contains(fields, FieldActive) // the call of many says nothing of one
	}
}

// refused notes a create that made nothing.
func (a *attempt) refused(err error) { a.errs, a.over = append(a.errs, err), true }

// answered notes how the instance was written, or a field of it.
func (a *attempt) answered(result remote.Result, fields ...string) {
	if result.Err != nil {
		a.failed(result.Err, fields...)
		return
	}
	a.result.ID, a.result.Object = result.ID, result.Object
	a.wrote(fields...)
}

// put sends fields of the instance.
func (a *attempt) put(ctx context.Context, c *CallCenters, body remote.Object, fields []string) {
	id := a.result.ID
	response, req, err := c.client.do(ctx, http.MethodPut, c.path(id), itemRoute, body)
	a.answered(c.written(ctx, req, response, c.believe(ctx, c.explain(ctx, err, body, id), response, id), id), fields...)
}

// outcome is what came of all steps.
func (a *attempt) outcome() remote.Result {
	result := a.result
	if len(a.errs) == 0 {
		result.Partial = false
		return result
	}
	result.Object, result.Err, result.Failed = nil, together(a.errs), a.left.Leaves()
	result.TrackingID = remote.TrackingID(result.Err)
	return result
}

// stepErrors are the errors of several steps. The first decides what follows.
type stepErrors []error

// urgency orders classes: what passes by itself comes first, so that a refusal beside it does not make it wait for a
// person.
var urgency = []remote.Class{
	remote.Fenced, remote.Unauthorized, remote.RateLimited, remote.Unavailable, remote.InvalidResponse, remote.NotFound,
	remote.Exists, remote.Forbidden, remote.InUse, remote.Rejected,
}

func together(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	sorted := slices.Clone(errs)
	slices.SortStableFunc(sorted, func(a, b error) int {
		return cmp.Compare(slices.Index(urgency, remote.ClassOf(a)), slices.Index(urgency, remote.ClassOf(b)))
	})
	return stepErrors(sorted)
}

// Error quotes them all.
func (e stepErrors) Error() string {
	texts := make([]string, 0, len(e))
	for _, err := range e {
		texts = append(texts, err.Error())
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns them.
func (e stepErrors) Unwrap() []error { return e }

// instanceFields are the paths that POST and PUT of the instance write.
func instanceFields(object remote.Object) []string {
	return slices.DeleteFunc(object.Leaves(), func(path string) bool {
		head, _, _ := strings.Cut(path, ".")
		return head == FieldActive || slices.ContainsFunc(parts, func(p part) bool { return p.field == head })
	})
}

func withoutPassword(object remote.Object) remote.Object {
	rest := object.Clone()
	if _, given := rest.Get(fieldPassword); !given {
		return rest
	}
	rest.Delete(fieldPassword)
	if inner, _ := rest.Get(fieldProfile); remote.Text(inner) == "{}" {
		rest.Delete(fieldProfile)
	}
	return rest
}
