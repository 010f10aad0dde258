package conformance_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// kind describes a kind to the suite: a new one is an entry in kinds, and every behaviour then covers it.
type kind struct {
	// name of the subtests: the kind and, where it is tested in several settings, the setting.
	name string
	// resource is the custom resource's kind.
	resource string
	// entity is the simulator's word; empty for call centers.
	entity string
	// gateway is how the call-center gateway is entered; empty for what lives in the contact center.
	gateway   v1alpha1.GatewayAuthentication
	simulator simulator.Options

	// minimal owns as little as possible. The remote name is the resource's, unless name is given.
	minimal func(name string) spec
	// fields can all be changed. A full spec has the first value of each.
	fields []field
	// remote are the wire fields that a minimal object has, under that name.
	remote func(w *world, name string) record
	// unowned is a text or number field that minimal leaves to others.
	unowned field
	// clearable is a text field that "" clears.
	clearable field
	// immutable is a wire field that the service never changes, with a value that minimal does not ask for.
	immutable map[string]any

	// block makes another object refer to the one with this id, and returns its name and how to end that.
	block func(w *world, id string) (user string, release func())
	// marks are the wire fields of which each, when true, says that an object is the service's own.
	marks []string
	// protected is a spec that a system object equals already.
	protected spec
	// references of the kind.
	references []reference
	// exclusive is the spec path of a boolean field that one object of a scope can have; empty where there is none.
	exclusive string
	// ruled gives the kind a service that treats a second holder of the exclusive field in one of the ways not yet known.
	ruled func(how string) simulator.Options
	// secret is the spec path of a reference to a Secret, and where its value goes.
	secret *field
	// rejected prepares the service so that it refuses the spec, and returns that with words of the refusal.
	rejected func(w *world) (refused spec, quote string)
	// namesakes: the service may hold several objects of one name, and the spec may leave the id to it.
	namesakes bool
	// paged: listings come in pages.
	paged bool
	// bulk: several creates go in one request.
	bulk bool
}

// field is one field of a spec with two values that differ.
type field struct {
	spec     string
	wire     string // default as spec
	from, to any
	// also must change in the spec together with it; nil removes.
	also spec
	// wireValue translates a spec value; default as it is.
	wireValue func(w *world, value any) any
}

// reference is a field that points to another object.
type reference struct {
	// spec is the path; the object under it has name or remoteName.
	spec string
	// target makes the referenced custom resource under a name; remote only the remote object.
	target func(w *world, name string) *resource
	remote func(w *world, name string)
	// misfit is the remote name of an object that exists and does not fit.
	misfit string
}

func (f field) wirePath() string {
	if f.wire != "" {
		return f.wire
	}
	return f.spec
}

func (f field) inWire(w *world, value any) any {
	if f.wireValue != nil {
		return f.wireValue(w, value)
	}
	return value
}

// kinds is the table.
func kinds() []*kind {
	return []*kind{
		auxiliaryCode(),
		workType(),
		callCenter("CallCenterSession", v1alpha1.GatewaySession),
		callCenter("CallCenterCore", v1alpha1.GatewayCore),
		generatedCallCenter(),
	}
}

// kindNames are the kinds of custom resources in the table.
func kindNames() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.resource)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// forEachKindAlone is for behaviours that need the processor: no other test runs beside them.
func forEachKindAlone(t *testing.T, behaviour func(t *testing.T, k *kind)) {
	t.Helper()
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			behaviour(t, k)
		})
	}
}

// forEachKind runs a behaviour for every kind.
func forEachKind(t *testing.T, behaviour func(t *testing.T, k *kind)) {
	t.Helper()
	t.Parallel()
	forEachKindAlone(t, behaviour)
}

// full is the minimal spec with the first value of every field.
func (k *kind) full(name string) spec {
	content := k.minimal(name)
	for _, f := range k.fields {
		content = content.with(f.spec, f.from)
	}
	return content
}

// wantFull are the wire fields of a full object.
func (k *kind) wantFull(w *world) map[string]any {
	want := map[string]any{}
	for _, f := range k.fields {
		want[f.wirePath()] = f.inWire(w, f.from)
	}
	return want
}

// remoteFull is an object that somebody else made an hour ago and that equals the full spec.
func (k *kind) remoteFull(w *world, name string) record {
	object := k.remote(w, name)
	for _, f := range k.fields {
		object.put(f.wirePath(), f.inWire(w, f.from))
	}
	return object
}

func (k *kind) nameField() string {
	if k.entity == "" {
		return "serviceInstanceProfile.name"
	}
	return "name"
}

func (k *kind) idField() string {
	if k.entity == "" {
		return "serviceUserId"
	}
	return "id"
}

// pathPattern matches the paths of the kind's own routes.
func (k *kind) pathPattern() string {
	if k.entity == "" {
		return `/call_centers/`
	}
	return `^/organization/[^/]+/(v[0-9]/)?` + k.entity + `($|/)`
}

func (k *kind) owns(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	return regexp.MustCompile(k.pathPattern()).MatchString(path)
}

// reads and writes are fault rules for the kind's routes, to be completed with an effect.
func (k *kind) reads() simulator.FaultRule {
	return simulator.FaultRule{Method: http.MethodGet, Path: k.pathPattern()}
}

func (k *kind) writes() simulator.FaultRule {
	return simulator.FaultRule{Method: "POST,PUT,PATCH,DELETE", Path: k.pathPattern()}
}

// anHourAgo is a creation time that makes an object certainly somebody else's.
func anHourAgo() int64 { return time.Now().Add(-time.Hour).UnixMilli() }
