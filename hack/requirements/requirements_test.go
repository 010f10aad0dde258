package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

const lines = "# comment\n## A: first\nS0.1 one | two\nS0.2 three\n"

func TestTheListsAreComplete(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		text string
		want int
	}{"requirements": {requirements, 166}, "connection": {connection, 51}, "call center": {callCenter, 31}} {
		l, err := parseList(row.text)
		if err != nil {
			t.Fatal(err)
		}
		if _, total := l.count(); total != row.want {
			t.Errorf("%s: %d lines, want %d", name, total, row.want)
		}
	}
}

func TestClaimsReachTheTable(t *testing.T) {
	t.Parallel()
	l, err := parseList(lines)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := findClaims(tests("// TestX says so.\n//\n// Proves: S0.1\nfunc TestX() {}"))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.attach(claims); err != nil {
		t.Fatal(err)
	}
	if proven, total := l.count(); proven != 1 || total != 2 {
		t.Errorf("%d / %d proven, want 1 / 2", proven, total)
	}
	page := page{sections: l.starting("A:")}.markdown()
	for _, want := range []string{`| S0.1 | one \| two | a TestX |`, "| S0.2 | three |  |", "1 of 2 lines"} {
		if !strings.Contains(page, want) {
			t.Errorf("missing %q in:\n%s", want, page)
		}
	}
}

func TestASkippedTestProvesNothing(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{
		"// Proves: S0.1\nfunc TestX(t *testing.T) { t.Fatal() }":                                                                 1,
		"// Proves: S0.1\nfunc TestX(t *testing.T) { t.Skip() }":                                                                  0,
		"// Proves: S0.1\nfunc TestX(t *testing.T) { need(t) }\nfunc need(t *testing.T) { if a { t.Skipf(``) } }":                 0,
		"// Proves: S0.1\nfunc TestX(t *testing.T) { t.Run(``, func(t *testing.T) { need(t) }) }\nfunc need(t T) { t.SkipNow() }": 0,
		"// Proves: S0.1\nfunc TestX(t *testing.T) { TestX(t) }\nfunc other(t *testing.T) { t.Skip() }":                           1,
	} {
		l, err := parseList(lines)
		if err != nil {
			t.Fatal(err)
		}
		claims, err := findClaims(tests(code))
		if err == nil {
			err = l.attach(claims)
		}
		if err != nil {
			t.Fatal(err)
		}
		if proven, _ := l.count(); proven != want {
			t.Errorf("%d lines proven, want %d: %s", proven, want, code)
		}
	}
}

func TestWrongClaimsAreErrors(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ code, want string }{
		"unknown id":  {"// Proves: S0.1, S9.9\nfunc TestX() {}", `no requirement has the id "S9.9"`},
		"a range":     {"// Proves: S0.1-S0.2\nfunc TestX() {}", `no requirement has the id "S0.1-S0.2"`},
		"no test":     {"// Proves: S0.1\nfunc build() {}", "stands above no test"},
		"in the body": {"func TestX() {\n\t// Proves: S0.1\n}", "stands above no test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := parseList(lines)
			if err != nil {
				t.Fatal(err)
			}
			claims, err := findClaims(tests(row.code))
			if err == nil {
				err = l.attach(claims)
			}
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error %v, want %q", err, row.want)
			}
		})
	}
}

func TestAnIDStandsInOneList(t *testing.T) {
	t.Parallel()
	first, err := parseList(lines)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := join(first, first); err == nil {
		t.Error("an id stands in two lists")
	}
}

func TestDoubleIDsAndStrangeLinesAreErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{lines + "S0.1 again\n", "S0.1 before any section\n", "## A\nwhat is this\n"} {
		if _, err := parseList(text); err == nil {
			t.Errorf("accepted: %q", text)
		}
	}
}

func tests(code string) fstest.MapFS {
	return fstest.MapFS{
		"a/x_test.go":   {Data: []byte("package a\n\n" + code + "\n")},
		"a/x.go":        {Data: []byte("package a\n\n// Proves: S7.7\nvar x int\n")},
		"bin/y_test.go": {Data: []byte("not Go")},
	}
}
