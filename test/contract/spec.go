// Package contract holds requests and answers against the OpenAPI documents of the services. The documents are not part of
// the repository: where they are absent, the tests that need them are skipped and say so.
package contract

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"wxcc.dev/operator/internal/checkout"
)

// Folder is the environment variable with the folder of the documents. Default: shared/reference/openapi beside the
// checkout.
const Folder = "WXCC_OPENAPI"

// files are the documents, and what the paths of the service have before those of the document.
var files = []struct{ name, prefix string }{
	{"webex-contact-center.json", ""},
	{"webex-admin.json", "/v1"},
	{"webex-wholesale.json", "/v1"},
}

// Spec is the operations of all documents.
type Spec struct{ operations []*operation }

// operation is one method of one path.
type operation struct {
	method   string
	segments []string // of the path; "{}" fits any one, and a segment may end in a fixed text behind it
	path     string   // as the document has it
	*openapi3.Operation
	item *openapi3.PathItem
}

// ErrAbsent means that the documents are not there.
var ErrAbsent = errors.New("the OpenAPI documents are not beside the checkout")

// Load reads the documents once. It wraps ErrAbsent where they are absent.
var Load = sync.OnceValues(load)

func load() (*Spec, error) {
	folder := os.Getenv(Folder)
	if folder == "" {
		root, err := checkout.Root()
		if err != nil {
			return nil, fmt.Errorf("find the checkout: %w", err)
		}
		folder = filepath.Join(root, "..", "shared", "reference", "openapi")
	}
	spec := &Spec{}
	for _, file := range files {
		document, err := openapi3.NewLoader().LoadFromFile(filepath.Join(folder, file.name))
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%w (%s, or the folder that %s names): %w", ErrAbsent, "../shared/reference/openapi", Folder, os.ErrNotExist)
		}
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", file.name, err)
		}
		for path, item := range document.Paths.Map() {
			for method, one := range item.Operations() {
				spec.operations = append(spec.operations, &operation{
					method: method, path: file.prefix + path, segments: split(file.prefix + path), Operation: one, item: item,
				})
			}
		}
	}
	return spec, nil
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

func split(path string) []string {
	return strings.Split(strings.Trim(parameter.ReplaceAllString(path, "{}"), "/"), "/")
}

// find is the operation of a request; the one with the most fixed segments if several fit.
func (s *Spec) find(method, path string) *operation {
	given := strings.Split(strings.Trim(path, "/"), "/")
	var best *operation
	most := -1
	for _, one := range s.operations {
		if fixed, fits := one.fits(method, given); fits && fixed > most {
			best, most = one, fixed
		}
	}
	return best
}

func (o *operation) fits(method string, given []string) (fixed int, fits bool) {
	if o.method != method || len(given) != len(o.segments) {
		return 0, false
	}
	for i, segment := range o.segments {
		ending, isParameter := strings.CutPrefix(segment, "{}")
		switch {
		case isParameter && strings.HasSuffix(given[i], ending):
		case segment == given[i]:
			fixed++
		default:
			return 0, false
		}
	}
	return fixed, true
}

func (o *operation) String() string { return o.method + " " + parameter.ReplaceAllString(o.path, "{}") }
