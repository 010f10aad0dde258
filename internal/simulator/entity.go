package simulator

import (
	"regexp"
	"strings"
)

// entity describes one configuration object by data: routes, fields, limits, references and abilities.
// What only one entity does is a named rule beside its data.
type entity struct {
	route string // path segment, also the type name in references
	paths []path // empty: no routes of the configuration API

	created, deleted int // success codes of POST and DELETE; PUT is always 200
	bulk             bulkAbilities
	purge            bool // has the route that refuses everybody
	noReferences     bool // incoming-references is broken and answers 400

	fields        []field
	key           []string // fields that name an object; default name
	unique        bool     // no two objects have the same key
	uniqueWithin  string   // the field that must be the same too, for a key to be taken
	systemDefault bool     // has protected objects
	bare          bool     // answers carry neither organizationId nor version
	firstVersion  int64

	searchColumns []string
	sortable      []string // the first is the default; none: sort is ignored
	queryDTO      string   // the query parameter that the specification wants the payload in

	first    []rule // on the body alone, before anything else is looked at
	rules    []rule // on a body that fits its description
	computed computation
	// virtual filters are no fields: they name the objects that a value stands for.
	virtual map[string]func(t *tenant, value string) []string
	// more are references that no field description can express.
	more func(t *tenant, fields map[string]any) []objectKey
	// counted are fields with the value whose number the service knows; metaCounts are those that lists show, by their name there.
	counted    map[string]any
	metaCounts map[string]string
	// hidden tells which rows a list leaves out; nil = none.
	hidden func(in *collection, q query) func(*record) bool
	child  *child
	export *export
	// row is what list rows are made of, from what is stored; nil = the same.
	row    func(fields map[string]any) map[string]any
	decode bodyDecoder // default: a JSON object

	label        string // value of error.message[].entity
	fieldsByName map[string]*field
	references   []referencePath
	slimRows     bool // rows differ from items
}

// path is one version of the routes of an entity.
type path struct {
	version                      string // "", v2 or v3
	list                         listForm
	create, read, update, delete bool
	patch                        bool // of one item
	// slim items are shown and taken as list rows are: without the fields that only items have.
	slim bool
	// whole lists show complete items.
	whole bool
}

type listForm int

const (
	noList   listForm = iota
	bareList          // a bare array with a Link header
	envelope          // meta and data
)

func crud(version string, list listForm) path {
	return path{version: version, list: list, create: true, read: true, update: true, delete: true}
}

// The path rule: lists have a version, everything else has none (contact-center reference 2.1).
var (
	newList = []path{crud("", noList), {version: "v2", list: envelope}}
	oldList = []path{crud("", bareList), {version: "v2", list: envelope}}
)

func (p path) base(e *entity) string {
	if p.version == "" {
		return configPrefix + e.route
	}
	return configPrefix + p.version + "/" + e.route
}

// bulkAbilities is a row of the bulk matrix. An update by POST needs the full object, one by PATCH does not.
type bulkAbilities struct {
	post                   bool
	create, update, delete bool
	patch                  bool
	patchFull              bool     // PATCH wants the full object
	noCreate, noDelete     *refusal // how an item is refused that asks for it; nil = 400 and a plain text
	routes                 []string // default <route>/bulk
}

type fieldKind int

const (
	text fieldKind = iota
	boolean
	integer
	textList
	integerList
	object
	objectList
)

// field describes one property of an entity.
type field struct {
	name     string
	kind     fieldKind
	required bool
	needed   *when // required in this case
	minimum  int   // length of a text, value of an integer, elements of a list
	maximum  int   // 0 = no limit
	pattern  *regexp.Regexp
	enum     []string
	// readOnly fields are ignored in a body; the server sets them.
	readOnly bool
	// computed fields are read-only and never stored: the entity's computation makes them.
	computed  bool
	immutable bool
	// sticky fields keep their value when a full replace leaves them out.
	sticky bool
	// defaultValue fills the field when the body has none; nil = stays absent.
	defaultValue any
	// spell turns what clients write into what the service stores.
	spell func(string) string
	// target is the entity whose id, or ids, the field holds; with part it is the id of an element of that list.
	target, part string
	// orName accepts the name of the target instead of its id.
	orName bool
	// reordered lists are stored in the server's order, not in that of the client.
	reordered     bool
	notFilterable bool
	// itemOnly fields are left out of list rows.
	itemOnly bool
	// wrong replaces the text of a violated limit or pattern.
	wrong  string
	fields []field // of an object, or of the elements of a list
	nested nested
}

// nested says how the elements of an objectList, or an object, are told apart.
type nested struct {
	// identified elements have ids: the server gives them, and a full replace keeps an element only by its id.
	identified bool
	// stamped elements have times and links too.
	stamped bool
	// key is the field that two elements of a list cannot share.
	key string
	// owner is the field that holds the id of the object itself.
	owner string
	// referable elements can be what a reference of another object points to.
	referable bool
	// versioned elements have a version.
	versioned bool
}

// when is the case in which a field is required: another field of the same object has one of the values.
type when struct {
	field  string
	values []any
}

func needed(field string, values ...any) *when { return &when{field, values} }

func (w *when) holds(siblings map[string]any) bool {
	if w == nil {
		return false
	}
	for _, value := range w.values {
		if siblings[w.field] == value {
			return true
		}
	}
	return false
}

// change is a write on its way. It may complete next.
type change struct {
	*writer
	body     map[string]any // as it was sent
	next     map[string]any // what would be stored; nil for the rules that come first
	previous map[string]any // nil on create
	bulk     bool
}

// rule is what is special to one entity; it returns what is wrong with a change.
type rule func(*change) *refusal

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
	e.label = "cc_" + strings.ReplaceAll(e.route, "-", "_")
	if e.key == nil {
		e.key = []string{"name"}
	}
	e.slimRows = e.row != nil
	e.fieldsByName = map[string]*field{}
	for i := range e.fields {
		described := &e.fields[i]
		e.fieldsByName[described.name] = described
		e.slimRows = e.slimRows || described.itemOnly
		e.references = append(e.references, described.referencePaths(nil)...)
	}
	return &e
}

// rowFields are the fields that list rows are made of.
func (e *entity) rowFields(stored map[string]any) map[string]any {
	if e.row == nil {
		return stored
	}
	return e.row(stored)
}

func (e *entity) omittedFromLists(name string) bool {
	described := e.fieldsByName[name]
	return described != nil && described.itemOnly
}
