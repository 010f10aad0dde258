package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var listLine = regexp.MustCompile(`^(S\d+\.\d+|[A-Z]R\d+) (.+)$`)

// requirement is one line of the list.
type requirement struct {
	id, text string
	tests    []string
	// proven by a test that cannot be skipped.
	proven bool
}

type section struct {
	title string
	lines []*requirement
}

type list struct {
	sections []*section
	byID     map[string]*requirement
}

// parseList reads a list: "## " opens a section, other "#" lines are comments, the rest is "ID text".
func parseList(text string) (*list, error) {
	l := &list{byID: map[string]*requirement{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "## "); ok {
			l.sections = append(l.sections, &section{title: title})
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := listLine.FindStringSubmatch(line)
		if parts == nil || len(l.sections) == 0 {
			return nil, fmt.Errorf("not understood: %s", line)
		}
		r := &requirement{id: parts[1], text: parts[2]}
		if l.byID[r.id] != nil {
			return nil, fmt.Errorf("%s stands twice", r.id)
		}
		l.byID[r.id] = r
		last := l.sections[len(l.sections)-1]
		last.lines = append(last.lines, r)
	}
	return l, nil
}

// join makes one list of several; an id may stand in one of them only.
func join(lists ...*list) (*list, error) {
	all := &list{byID: map[string]*requirement{}}
	for _, l := range lists {
		all.sections = append(all.sections, l.sections...)
		for id, r := range l.byID {
			if all.byID[id] != nil {
				return nil, fmt.Errorf("%s stands twice", id)
			}
			all.byID[id] = r
		}
	}
	return all, nil
}

// attach puts each claim at its line; unknown ids are errors, all of them named.
func (l *list) attach(claims []claim) error {
	var errs []error
	for _, c := range claims {
		r := l.byID[c.id]
		if r == nil {
			errs = append(errs, fmt.Errorf("%s: no requirement has the id %q", c.position, c.id))
			continue
		}
		if c.maySkip {
			c.test += " (may be skipped)"
		}
		r.tests = append(r.tests, c.test)
		r.proven = r.proven || !c.maySkip
	}
	for _, r := range l.byID {
		slices.Sort(r.tests)
		r.tests = slices.Compact(r.tests)
	}
	return errors.Join(errs...)
}

// count leaves out what only tests claim that may be skipped.
func (l *list) count() (proven, total int) {
	for _, r := range l.byID {
		if r.proven {
			proven++
		}
	}
	return proven, len(l.byID)
}
