package main

import (
	"strings"
	"testing"
	"time"
)

func TestSummaryNamesFailuresAndSkips(t *testing.T) {
	t.Parallel()
	stream := `{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"noise\n"}
{"Action":"pass","Package":"p","Test":"TestGood","Elapsed":0.1}
{"Action":"output","Package":"p","Test":"TestAway","Output":"=== RUN   TestAway\n"}
{"Action":"output","Package":"p","Test":"TestAway","Output":"    x_test.go:3: no browser here\n"}
{"Action":"skip","Package":"p","Test":"TestAway"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"    x_test.go:9: wrong\n"}
{"Action":"fail","Package":"p","Test":"TestBad"}
{"Action":"fail","Package":"p","Elapsed":1.5}
{"ImportPath":"q [q.test]","Action":"build-output","Output":"q.go:1: undefined: z\n"}
{"ImportPath":"q [q.test]","Action":"build-fail"}
{"Action":"fail","Package":"q","Elapsed":0,"FailedBuild":"q [q.test]"}
{"Action":"pass","Package":"r","Elapsed":0.2}
`
	var out strings.Builder
	r := newResult(&out)
	if err := read(strings.NewReader(stream), r); err != nil {
		t.Fatal(err)
	}
	r.summary(3 * time.Second)
	if !r.failed() {
		t.Error("a failing run counts as good")
	}
	for _, want := range []string{
		"x_test.go:9: wrong", "FAIL  p 1.5s", "q.go:1: undefined: z", "ok    r 0.2s",
		"1 packages and 1 tests passed, 1 tests skipped, 1 failed, in 3s",
		"skipped: p TestAway: x_test.go:3: no browser here", "failed:  p TestBad", "failed:  q\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("missing %q in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "noise") {
		t.Error("the output of a good test is printed")
	}
}

func TestGoodRunDoesNotFail(t *testing.T) {
	t.Parallel()
	r := newResult(&strings.Builder{})
	r.add(event{Action: "pass", Package: "p"})
	if r.failed() {
		t.Error("a good run counts as failed")
	}
}
