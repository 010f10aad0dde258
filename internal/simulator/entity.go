package simulator

import "regexp"

// entity describes one configuration object by data: routes, fields, limits, references and abilities.
// What only one entity does is a named rule in its description.
type entity struct {
	route string // path segment, also the type name in references
	label string // value of error.message[].entity
	lists listVersions

	created, deleted int // success codes of POST and DELETE; PUT is always 200
	bulk             bulkAbilities

	fields         []field
	uniqueName     bool
	systemDefault  bool     // has protected objects
	listOmits      []string // fields that only the item route returns
	searchColumns  []string
	rules          []rule
	fieldsByName   map[string]*field
	referenceField []*field
}

// listVersions tells which list routes exist. v1 is a bare array.
type listVersions struct{ v1, v2 bool }

// bulkAbilities is a row of the bulk matrix. An update by POST needs the full object, one by PATCH does not.
type bulkAbilities struct {
	post                   bool
	create, update, delete bool
	patch                  bool
}

type fieldKind int

const (
	text fieldKind = iota
	boolean
	integer
	textList
	object
)

// field describes one property of an entity.
type field struct {
	name     string
	kind     fieldKind
	required bool
	minimum  int // length of a text, value of an integer
	maximum  int // 0 = no limit
	pattern  *regexp.Regexp
	enum     []string
	// readOnly fields are ignored in a body; the server sets them.
	readOnly  bool
	immutable bool
	// defaultValue fills the field when the body has none; nil = stays absent.
	defaultValue any
	// target is the entity whose id, or ids, the field holds.
	target        string
	notFilterable bool
	fields        []field // of an object
}

// rule is what is special to one entity. next is what would be stored, previous is nil on create.
// It may complete next; it returns what is wrong with it.
type rule func(t *tenant, next, previous map[string]any) *refusal

// common fields of every record; no description repeats them.
var commonFields = []field{
	{name: "organizationId", kind: text, readOnly: true, notFilterable: true},
	{name: "id", kind: text, readOnly: true},
	{name: "version", kind: integer, readOnly: true},
	{name: "createdTime", kind: integer, readOnly: true, notFilterable: true},
	{name: "lastUpdatedTime", kind: integer, readOnly: true, notFilterable: true},
}

// finish completes a description with what follows from it.
func (e entity) finish() *entity {
	e.fields = append(append([]field{}, commonFields...), e.fields...)
	if e.systemDefault {
		e.fields = append(e.fields, field{name: "systemDefault", kind: boolean, readOnly: true})
	}
	e.fieldsByName = map[string]*field{}
	for i := range e.fields {
		described := &e.fields[i]
		e.fieldsByName[described.name] = described
		if described.target != "" {
			e.referenceField = append(e.referenceField, described)
		}
	}
	return &e
}

func (e *entity) omittedFromLists(name string) bool {
	for _, omitted := range e.listOmits {
		if omitted == name {
			return true
		}
	}
	return false
}
