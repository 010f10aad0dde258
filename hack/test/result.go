package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// event is one line of `go test -json` (go doc test2json).
type event struct {
	Action      string
	Package     string
	ImportPath  string // instead of Package for the compiler's output
	Test        string
	Elapsed     float64 // seconds
	Output      string
	FailedBuild string
}

type testKey struct{ pkg, test string }

// result counts outcomes and prints what a reader must see.
type result struct {
	out      io.Writer
	output   map[testKey]*strings.Builder
	packages map[string]int // by outcome: pass, fail, skip
	tests    map[string]int
	skipped  []string
	broken   []string
}

func newResult(out io.Writer) *result {
	return &result{out: out, output: map[testKey]*strings.Builder{}, packages: map[string]int{}, tests: map[string]int{}}
}

func (r *result) failed() bool {
	return len(r.broken) > 0
}

func (r *result) add(e event) {
	key := testKey{e.Package + e.ImportPath, e.Test}
	switch e.Action {
	case "output", "build-output":
		if r.output[key] == nil {
			r.output[key] = &strings.Builder{}
		}
		r.output[key].WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			r.endPackage(e, key)
		} else {
			r.endTest(e, key)
		}
	}
}

func (r *result) endTest(e event, key testKey) {
	r.tests[e.Action]++
	switch e.Action {
	case "fail":
		r.broken = append(r.broken, e.Package+" "+e.Test)
		r.print(key)
	case "skip":
		r.skipped = append(r.skipped, e.Package+" "+e.Test+": "+r.reason(key))
	}
	delete(r.output, key)
}

func (r *result) endPackage(e event, key testKey) {
	r.packages[e.Action]++
	switch e.Action {
	case "pass":
		cached := ""
		if o := r.output[key]; o != nil && strings.Contains(o.String(), "(cached)") {
			cached = " (cached)"
		}
		fmt.Fprintf(r.out, "ok    %s %.1fs%s\n", e.Package, e.Elapsed, cached)
	case "fail":
		fmt.Fprintf(r.out, "FAIL  %s %.1fs\n", e.Package, e.Elapsed)
		if e.FailedBuild != "" {
			r.print(testKey{pkg: e.FailedBuild})
		}
		r.print(key)
		r.broken = append(r.broken, e.Package)
	}
	delete(r.output, key)
}

func (r *result) print(key testKey) {
	if o := r.output[key]; o != nil {
		fmt.Fprint(r.out, o.String())
	}
}

// reason is the text that a test gave to Skip.
func (r *result) reason(key testKey) string {
	if r.output[key] == nil {
		return ""
	}
	for line := range strings.Lines(r.output[key].String()) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "===") && line != "" {
			return line
		}
	}
	return ""
}

func (r *result) summary(took time.Duration) {
	fmt.Fprintf(r.out, "\n%d packages and %d tests passed, %d tests skipped, %d failed, in %s\n",
		r.packages["pass"], r.tests["pass"], len(r.skipped), r.tests["fail"], took.Round(time.Second))
	for _, line := range r.skipped {
		fmt.Fprintln(r.out, "skipped:", line)
	}
	for _, name := range r.broken {
		fmt.Fprintln(r.out, "failed: ", name)
	}
}
