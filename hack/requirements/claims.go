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
	"strings"
)

const marker = "Proves:"

var testName = regexp.MustCompile(`^(Test|Fuzz)[^a-z]`)

// claim says that a test proves a line of the list.
type claim struct {
	id, test, position string
}

// findClaims reads the claims of all tests below root.
func findClaims(root fs.FS) ([]claim, error) {
	var claims []claim
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
		found, err := claimsOf(name, text)
		claims = append(claims, found...)
		return err
	})
	return claims, err
}

func claimsOf(name string, text []byte) ([]claim, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	owners := map[*ast.CommentGroup]string{}
	for _, declaration := range file.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Doc != nil && f.Recv == nil && testName.MatchString(f.Name.Name) {
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
