package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

const marker = "Proves:"

var testName = regexp.MustCompile(`^(Test|Fuzz)[^a-z]`)

// claim says that a test proves a line of the list.
type claim struct {
	id, test, position string
	// maySkip tells that the test, or a function of its package that it calls, can skip it: it proves nothing where it does.
	maySkip bool
}

// findClaims reads the claims of all tests below root.
func findClaims(root fs.FS) ([]claim, error) {
	var claims []claim
	calls := map[string]callGraph{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); base == "bin" || base == "testdata" || (strings.HasPrefix(base, ".") && base != ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if calls[path.Dir(name)] == nil {
			calls[path.Dir(name)] = callGraph{}
		}
		found, err := claimsOf(name, text, calls[path.Dir(name)])
		claims = append(claims, found...)
		return err
	})
	for i, c := range claims {
		folder, test, _ := strings.Cut(c.test, " ")
		claims[i].maySkip = calls[folder].reaches(test, map[string]bool{})
	}
	return claims, err
}

// skips are the methods of testing.T by which a test ends without a verdict.
var skips = []string{"Skip", "Skipf", "SkipNow"}

// callGraph has what the functions of a package's tests call, by name.
type callGraph map[string][]string

func (g callGraph) add(function *ast.FuncDecl) {
	name := function.Name.Name
	ast.Inspect(function, func(node ast.Node) bool {
		call, isCall := node.(*ast.CallExpr)
		if !isCall {
			return true
		}
		switch called := call.Fun.(type) {
		case *ast.Ident:
			g[name] = append(g[name], called.Name)
		case *ast.SelectorExpr:
			g[name] = append(g[name], called.Sel.Name)
		}
		return true
	})
}

// reaches tells whether a function can come to a skip.
func (g callGraph) reaches(name string, seen map[string]bool) bool {
	if slices.Contains(skips, name) {
		return true
	}
	if seen[name] {
		return false
	}
	seen[name] = true
	return slices.ContainsFunc(g[name], func(called string) bool { return g.reaches(called, seen) })
}

func claimsOf(name string, text []byte, calls callGraph) ([]claim, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	owners := map[*ast.CommentGroup]string{}
	for _, declaration := range file.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		calls.add(f)
		if f.Doc != nil && f.Recv == nil && testName.MatchString(f.Name.Name) {
			owners[f.Doc] = f.Name.Name
		}
	}
	var claims []claim
	var errs []error
	for _, group := range file.Comments {
		for _, comment := range group.List {
			ids, found := strings.CutPrefix(strings.TrimLeft(comment.Text, "/ "), marker)
			if !found {
				continue
			}
			position := files.Position(comment.Pos()).String()
			owner := owners[group]
			if owner == "" {
				errs = append(errs, fmt.Errorf("%s: %q stands above no test", position, marker))
				continue
			}
			for id := range strings.SplitSeq(ids, ",") {
				claims = append(claims, claim{id: strings.TrimSpace(id), test: path.Dir(name) + " " + owner, position: position})
			}
		}
	}
	return claims, errors.Join(errs...)
}
