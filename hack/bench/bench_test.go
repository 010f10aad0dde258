package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/internal/simulator"
)

func TestSlotsForeseeAndChoose(t *testing.T) {
	t.Parallel()
	began := time.Unix(1_700_000_017, 0)
	s := &slots{}
	if got := s.choose(began, shortestInterval, time.Second); got != shortestInterval {
		t.Errorf("without knowledge: %s", got)
	}
	s.learn(began, shortestInterval)
	if got := s.wait(began.Add(10*time.Second), shortestInterval).Round(time.Millisecond); got != 20*time.Second {
		t.Errorf("the next sweep is in %s, want 20s", got)
	}
	now, lead := began.Add(29*time.Second), 5*time.Second
	interval := s.choose(now, shortestInterval, lead)
	if wait := s.wait(now, interval); wait < lead || wait > lead+4*time.Second || interval < shortestInterval || interval > 2*shortestInterval {
		t.Errorf("interval %s makes a sweep in %s", interval, wait)
	}
}

func TestSubtractCountsOnlyThePhase(t *testing.T) {
	t.Parallel()
	stats := func(list, bulk, limited int) simulator.Stats {
		return simulator.Stats{Requests: list + bulk, Mutating: bulk, Routes: map[string]simulator.RouteStats{
			"GET /list":  {Count: list, Status: map[string]int{"200": list - limited, "429": limited}},
			"POST /bulk": {Count: bulk, Status: map[string]int{"207": bulk}},
		}}
	}
	m := &measurement{before: sample{
		webex: stats(3, 2, 0), plane: planeSample{objects: 10, organizations: 1, events: 4}, manager: managerSample{writes: 20, cpu: 1},
	}}
	m.subtract(sample{
		webex: stats(7, 2, 1), plane: planeSample{objects: 12, organizations: 2, events: 5}, manager: managerSample{writes: 27, cpu: 1.25},
	})
	if m.Requests != 4 || m.Mutating != 0 || m.Limited != 1 || m.ObjectWrites != 2 || m.EventWrites != 1 || m.OrganizationWrites != 1 || m.OtherWrites != 3 || m.CPU != 0.25 {
		t.Errorf("measured %+v", m)
	}
	if len(m.Routes) != 1 || m.Routes["GET /list"] != 4 {
		t.Errorf("routes %v", m.Routes)
	}
}

func TestChecksAtTenThousandAreTheLimitsOfTheScaleNote(t *testing.T) {
	t.Parallel()
	d := &document{Size: 10000, Setting: "limited"}
	for _, p := range codePhases {
		d.Phases = append(d.Phases, &measurement{Name: p.name, AtOnce: new(int), Latency: &latency{}})
	}
	want := map[string]float64{
		"1 create: requests": 330, "2 sweep: requests": 105, "3 drift: requests": 215, "5 restart: requests": 105,
		"6 delete: requests": 330, "7 memory: peak in MiB": 250, "4 edits: p95 of edit-to-remote in seconds": 5,
	}
	for _, v := range check(d, codes, &book{}) {
		if limit, ok := want[v.Figure]; ok && limit != v.Limit {
			t.Errorf("%s: limit %g, want %g", v.Figure, v.Limit, limit)
		}
		delete(want, v.Figure)
	}
	if len(want) > 0 {
		t.Errorf("not checked: %v", want)
	}
}

func TestChecksOfCallCentersAreExact(t *testing.T) {
	t.Parallel()
	const route = "/api/v1/tenants/{tenant}/groups/{group}/services"
	run := func(switches, posts int) []string {
		d := newDocument(500, inGroups(10))
		d.Phases = []*measurement{
			{Name: phaseCreate, Routes: map[string]int{"POST " + route + centerList: posts, "GET " + route + centerList: 300}},
			{Name: phaseSweep, Requests: 10},
			{Name: phaseOff, Mutating: switches, Routes: map[string]int{"PUT " + route + centerSwitch: switches, "GET " + route + centerItem: 500}},
			{Name: phaseOn, Requests: 5000},
			{Name: phaseDelete, Requests: 500, Routes: map[string]int{"DELETE " + route + centerItem: 500}},
		}
		d.Checks = check(d, centers, &book{})
		return d.missed()
	}
	if missed := run(10, 500); len(missed) > 0 {
		t.Errorf("missed %q", missed)
	}
	for _, wrong := range [][2]int{{9, 500}, {11, 500}, {10, 499}, {10, 501}} {
		if len(run(wrong[0], wrong[1])) == 0 {
			t.Errorf("%d switches and %d creates pass", wrong[0], wrong[1])
		}
	}
}

func TestGrowthComparesWithTheLastRunThatHasThePhase(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "out", "bench.json")
	run := func(size int, setting string, phases ...*measurement) *document {
		return &document{Size: size, Setting: setting, Phases: phases}
	}
	written, err := openBook(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*document{
		run(1000, "unlimited", &measurement{Name: phaseCreate, Requests: 99, Wall: 9}),
		run(1000, "unlimited", &measurement{Name: phaseCreate, Requests: 30, Wall: 10, Peak: 100}, &measurement{Name: phaseDelete, Requests: 20}),
		run(1000, "limited", &measurement{Name: phaseCreate, Requests: 1}),
		run(1000, "unlimited", &measurement{Name: phaseSweep, Requests: 11}),
		run(100, "unlimited", &measurement{Name: phaseCreate, Requests: 5}),
	} {
		if err := written.add(d); err != nil {
			t.Fatal(err)
		}
	}
	read, err := openBook(file)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	read.markdown(&table)
	for _, row := range []string{"`unlimited`, N = 100 / 1000:", "| create | 5 / 30 |", "| sweep | - / 11 |", "`limited`, N = 1000:"} {
		if !strings.Contains(table.String(), row) {
			t.Errorf("%q is not in\n%s", row, table.String())
		}
	}
	d := run(10000, "unlimited",
		&measurement{Name: phaseCreate, Requests: 300, Wall: 121, Peak: 900}, &measurement{Name: phaseDelete, Requests: 201})
	var v verdicts
	v.growth(d, read)
	d.Checks = v
	missed := d.missed()
	if len(v) != 4 || len(missed) != 2 {
		t.Fatalf("%d checks, missed %q", len(v), missed)
	}
	for _, part := range []string{"create: wall time is 12.1", "delete: requests is 10.05"} {
		if !slices.ContainsFunc(missed, func(text string) bool { return strings.Contains(text, part) }) {
			t.Errorf("%q is not in %q", part, missed)
		}
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-size=100, 1000", "-settings=limited", "-phases=sweep", "-manager-flags=--a --b"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.sizes, []int{100, 1000}) || len(o.settings) != 1 || o.settings[0].name != "limited" || len(o.managerFlags) != 2 {
		t.Errorf("options %+v", o)
	}
	for name, want := range map[string]bool{phaseConnect: true, phaseCreate: true, phaseSweep: true, phaseDrift: false} {
		if o.wants(name) != want {
			t.Errorf("phase %s wanted: %t", name, !want)
		}
	}
	if o, err = parse([]string{"-callcenters", "-groups=3"}); err != nil || !slices.Equal(o.sizes, []int{500}) || o.settings[0].groups != 3 {
		t.Errorf("options %+v, %v", o, err)
	}
	for _, wrong := range []string{"-callcenters -groups=0", "-size=0", "-settings=none", "-phases=none", "more"} {
		if _, err := parse(strings.Fields(wrong)); err == nil {
			t.Errorf("%s is accepted", wrong)
		}
	}
}
