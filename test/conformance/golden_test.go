package conformance_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGoldenRequestLog pins every request of one whole life: created, changed, repaired, deleted.
func TestGoldenRequestLog(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		w.sim.Reset()
		var log strings.Builder
		phase := func(name string) {
			fmt.Fprintf(&log, "# %s\n%s", name, w.requestLines())
			w.sim.Reset()
		}
		r := w.create(k.full("Golden"))
		id := r.waitReady().ID
		phase("create")
		r.change(patchOf(k.fields[0].spec, k.fields[0].to))
		r.waitReady()
		phase("update")
		foreign := record{}
		foreign.put(k.fields[0].wirePath(), k.fields[0].inWire(w, k.fields[0].from))
		w.changeRemote(id, foreign)
		r.check()
		r.waitReady()
		phase("repair")
		r.delete()
		r.waitGone()
		phase("delete")
		compareGolden(t, k.name, w.anonymous(log.String(), id))
	})
}

// requestLines are the kind's requests. A read is shown once: how often one is repeated depends on the moment.
func (w *world) requestLines() string {
	w.t.Helper()
	var lines []string
	for _, request := range w.requestsOf("GET", "POST", "PUT", "PATCH", "DELETE") {
		line := request.Method + " " + request.Path + " " + request.Status
		if request.Body != nil {
			body, err := json.MarshalIndent(request.Body, "  ", "  ")
			if err != nil {
				w.t.Fatal(err)
			}
			line += "\n  " + string(body)
		}
		if request.Method != "GET" || !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

var (
	anyUUID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	anyTime = regexp.MustCompile(`"(createdTime|lastUpdatedTime)": [0-9]+`)
)

// anonymous replaces what differs from run to run.
func (w *world) anonymous(log, id string) string {
	log = strings.ReplaceAll(log, id, "{id}")
	log = strings.ReplaceAll(log, w.organizationID, "{orgid}")
	log = anyUUID.ReplaceAllString(log, "{uuid}")
	return anyTime.ReplaceAllString(log, `"$1": {time}`)
}

func compareGolden(t *testing.T, name, have string) {
	t.Helper()
	path := filepath.Join("testdata", name+".requests")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil { //nolint:gosec // nothing secret
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(have), 0o644); err != nil { //nolint:gosec // nothing secret
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(string(want), have); difference != "" {
		t.Errorf("%s (run with -update to accept):\n%s", path, difference)
	}
}
