package contract

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/checkout"
)

// TestRequestsFitTheSpecification holds every request of the golden logs, which record the whole life of an object of each
// kind, against the OpenAPI documents: its parameters and its body.
func TestRequestsFitTheSpecification(t *testing.T) {
	t.Parallel()
	spec, err := Load()
	if errors.Is(err, ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(root, "test", "conformance", "testdata", "*.requests"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("no golden logs: %v", err)
	}
	used, checked := map[string]int{}, 0
	for _, log := range logs {
		for _, one := range readLog(t, log) {
			if strings.HasPrefix(one.Path, "/api/") {
				continue // the call-center gateway has no OpenAPI document
			}
			checked++
			for _, difference := range spec.Request(one) {
				if exception := excuse(requests, difference); exception != "" {
					used[exception]++
				} else {
					t.Errorf("%s: %s", filepath.Base(log), difference)
				}
			}
		}
	}
	if checked == 0 {
		t.Error("no request was checked")
	}
	t.Logf("%d requests of %d logs; exceptions used: %v", checked, len(logs), used)
	for _, exception := range unused(requests, used) {
		t.Errorf("no request needs the exception %q", exception)
	}
}

// placeholder stands for a number that differs from run to run.
const someID = `"0a7c4f52-9d1e-4b36-8f0a-5c2d7e61b934"`

var placeholder = regexp.MustCompile(`: \{\w+\}`)

// readLog reads a golden log: "METHOD path?query status" lines, each with its JSON body indented below, and comments.
func readLog(t *testing.T, name string) []Exchange {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var out []Exchange
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "#") || line == "":
		case strings.HasPrefix(line, " "):
			last := &out[len(out)-1]
			line = strings.NewReplacer(`"{orgid}"`, someID, `"{id}"`, someID, `"{uuid}"`, someID).Replace(line)
			last.Request = append(last.Request, placeholder.ReplaceAllString(line, ": 0")...)
		default:
			parts := strings.Fields(line)
			path, query, _ := strings.Cut(parts[1], "?")
			out = append(out, Exchange{Method: parts[0], Path: path, Query: query, RequestType: "application/json"})
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTheCheckSeesMistakes: a check that accepts everything would prove nothing.
func TestTheCheckSeesMistakes(t *testing.T) {
	t.Parallel()
	spec, err := Load()
	if errors.Is(err, ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	site := "/organization/0a7c4f52-9d1e-4b36-8f0a-5c2d7e61b934/site"
	for name, one := range map[string]struct {
		exchange Exchange
		answer   bool
		want     string
	}{
		"unknown route":     {Exchange{Method: "GET", Path: site + "s", Status: 200}, true, NotDocumented},
		"unknown status":    {Exchange{Method: "POST", Path: site, Status: 202}, true, NoStatus},
		"missing property":  {Exchange{Method: "POST", Path: site, Status: 201, Answer: []byte(`{"name":"A","active":true}`)}, true, `property "multimediaProfileId" is missing`},
		"wrong type":        {Exchange{Method: "POST", Path: site, Status: 201, Answer: []byte(`{"name":7,"active":true,"multimediaProfileId":"x"}`)}, true, "value must be a string"},
		"no JSON":           {Exchange{Method: "POST", Path: site, Status: 201, Answer: []byte(`{`)}, true, "no JSON"},
		"unknown parameter": {Exchange{Method: "GET", Path: site, Query: "shade=green"}, false, "the parameter shade is not documented"},
		"body too small":    {Exchange{Method: "POST", Path: site, Request: []byte(`{}`)}, false, `property "name" is missing`},
		"pattern of a name": {Exchange{Method: "POST", Path: site, Request: []byte(`{"name":"A&B","active":true,"multimediaProfileId":"x"}`)}, false, "doesn't match"},
		"body on a read":    {Exchange{Method: "GET", Path: site, Request: []byte(`{}`)}, false, "no body is documented"},
		"unknown request":   {Exchange{Method: "PATCH", Path: site}, false, NotDocumented},
	} {
		found := spec.Request
		if one.answer {
			found = spec.Answer
		}
		differences := found(one.exchange)
		if !slices.ContainsFunc(differences, func(d Difference) bool { return strings.Contains(d.What, one.want) }) {
			t.Errorf("%s: %v", name, differences)
		}
	}
}
