package simulator

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// referenceRules are the rules of the references that the simulator keeps to: the sections of the contact-center
// reference, and with a P those of the platform reference. A test names the sections that it covers after "Covers:".
var referenceRules = []struct{ section, rule string }{
	{"P1.1", "token endpoint: credentials in the body or by Basic"},
	{"P1.2", "authorization code, PKCE, state, registered redirect addresses and scopes"},
	{"P1.3", "device flow: codes, 428, 429 and slow_down, denied, expired"},
	{"P1.4", "token answers and lifetimes"},
	{"P1.5", "refresh modes renew, fixed, rotate, omit"},
	{"P1.6", "two shapes of errors, tracking ids"},
	{"P1.8", "scopes, those for wholesale apart"},
	{"P2.1", "paging by Link with complete addresses, 401, 429"},
	{"P2.2", "encoded ids, with and without padding, any case of the kind"},
	{"P2.3", "organizations and who the token belongs to"},
	{"P2.4", "licenses and roles"},
	{"P2.5", "wholesale customers and subscribers"},
	{"1.1", "authorization, organization in the path, scopes for reading and writing"},
	{"1.2", "common fields: id, version, times, links"},
	{"2.1", "path rule and its exceptions"},
	{"2.2", "methods, success codes, extra routes"},
	{"2.3", "routes beside the configuration"},
	{"3.1", "v2 and v3 envelope, links, page sizes"},
	{"3.2", "v1 bare arrays with Link"},
	{"3.3", "RSQL: operators, both quotes, bare ids, plus signs, refused fields"},
	{"3.4", "search, attributes, sort, flags, single objects, fields left out"},
	{"4.1", "four shapes of errors"},
	{"4.2", "status codes"},
	{"4.3", "validation texts"},
	{"4.4", "rate limit with Retry-After and without a body"},
	{"5.1", "PUT replaces: dropped fields, deleted elements, nested ids, kept switches, coerced texts"},
	{"5.2", "what is unset is left out, never null"},
	{"5.3", "version is counted and not enforced, but on request"},
	{"5.4", "PATCH of users and audio files, partial bulk updates"},
	{"5.5", "protected objects and the seeds of a fresh tenant"},
	{"5.6", "what blocks a delete"},
	{"6.1", "bulk: matrix, independent items, answers per item"},
	{"6.2", "bulk-export with names"},
	{"6.3", "incoming references, one type at a time"},
	{"6.4", "purge refuses everybody"},
	{"7", "reference graph"},
	{"8", "fields of every entity: types, required, limits, patterns, enums, defaults"},
	{"8.2", "teams: status 409, capacity teams, members are kept with the users"},
	{"8.3", "users: no create, fixed identity, licenses, look-ups, dynamic skills"},
	{"8.4", "user profiles: two schemas, specific permissions"},
	{"8.5", "skills: spellings of the type, values of enum skills"},
	{"8.6", "skill profiles: at least one skill, values by type"},
	{"8.7", "queues: required by channel and routing, modes of AI routing, look-ups"},
	{"8.8", "entry points: outdial, hidden internal ones, overrides"},
	{"8.9", "dial numbers: order of checks, inventory, default caller id"},
	{"8.10", "multimedia profiles: work items, real-time blending"},
	{"8.11", "desktop profiles: conditional fields, families of codes"},
	{"8.12", "desktop layouts: one for a team"},
	{"8.13", "auxiliary codes: family, burnout, first default, one default"},
	{"8.14", "work types: their rows"},
	{"8.15", "address books: descriptions of the older routes"},
	{"8.18", "contact numbers: nine digits"},
	{"8.19", "audio files: two parts, blobs"},
	{"8.20", "business hours"},
	{"8.21", "holiday lists: recurrence"},
	{"8.22", "overrides: unknown keys, the latest one"},
	{"8.23", "global variables: default of the type, fixed name, count"},
	{"8.24", "resource collections: twenty types, four never shut out"},
	{"8.25", "flows and functions"},
	{"9", "unknowns can be settled"},
}

// TestEveryRuleHasATest prints which test covers which rule of the references.
func TestEveryRuleHasATest(t *testing.T) {
	t.Parallel()
	covered := coverage(t)
	for _, one := range referenceRules {
		tests := covered[one.section]
		delete(covered, one.section)
		if len(tests) == 0 {
			t.Errorf("no test covers %s: %s", one.section, one.rule)
			continue
		}
		t.Logf("%-5s %s -> %s", one.section, one.rule, strings.Join(tests, ", "))
	}
	for section, tests := range covered {
		t.Errorf("%v cover section %s, which is not in the list", tests, section)
	}
}

// coverage is the tests of this package by what they cover.
func coverage(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, name := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range parsed.Decls {
			function, isFunction := declared.(*ast.FuncDecl)
			if !isFunction || function.Doc == nil {
				continue
			}
			_, listed, found := strings.Cut(function.Doc.Text(), "Covers: ")
			if !found {
				continue
			}
			listed, _, _ = strings.Cut(listed, "\n")
			for section := range strings.SplitSeq(listed, ",") {
				section = strings.TrimSpace(section)
				out[section] = append(out[section], function.Name.Name)
			}
		}
	}
	for _, tests := range out {
		slices.Sort(tests)
	}
	return out
}
