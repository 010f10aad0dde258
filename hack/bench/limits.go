package main

import (
	"fmt"
	"strings"
)

// The limits of codes, by their numbers in the list of docs/scale.md, of one organization with N objects, pages and batches of
// 100. At N = 10,000 create and delete may take 330 requests, a sweep 105, drift 215. What does not grow with N is the
// same for every size.
const (
	pageSize       = 100
	sweepSlack     = 5
	bulkSlack      = 30
	bulkPasses     = 3 // a look, a write, a proof
	writesPerCode  = 3
	latencyLimit   = 5.0 // seconds
	atOnceLimit    = 10
	memoryLimit    = 250 << 20
	memoryLimitFor = 10000
	growthSlack    = 1.2 // of the wall time of create
)

// verdict is one figure beside its limit.
type verdict struct {
	Figure string  `json:"figure"`
	Got    float64 `json:"got"`
	Limit  float64 `json:"limit"`
	// Exact: less is as wrong as more.
	Exact bool `json:"exact,omitempty"`
	OK    bool `json:"ok"`
}

type verdicts []verdict

func (v *verdicts) most(figure string, got, limit float64) {
	*v = append(*v, verdict{Figure: figure, Got: got, Limit: limit, OK: got <= limit})
}

func (v *verdicts) exactly(figure string, got, want float64) {
	*v = append(*v, verdict{Figure: figure, Got: got, Limit: want, Exact: true, OK: got == want})
}

// check holds a run against its fleet's limits, and against the last run of another size.
func check(d *document, f *fleet, earlier *book) []verdict {
	var v verdicts
	for _, m := range d.Phases {
		f.limits(&v, d, m)
	}
	if peak := d.peak(); d.Size <= memoryLimitFor {
		v.most("7 memory: peak in MiB", mebibytes(peak), memoryLimit>>20)
	}
	v.growth(d, earlier)
	return v
}

func codeLimits(v *verdicts, d *document, m *measurement) {
	pages := float64((d.Size + pageSize - 1) / pageSize)
	requests := float64(m.Requests)
	switch m.Name {
	case phaseCreate:
		v.most("1 create: requests", requests, bulkPasses*pages+bulkSlack)
		v.most("1 create: Kubernetes writes per object", perObject(m.ObjectWrites+m.EventWrites, d.Size), writesPerCode)
	case phaseSweep:
		v.most("2 sweep: requests", requests, pages+sweepSlack)
		v.idle("2 sweep", m)
	case phaseDrift:
		v.most("3 drift: requests", requests, 2*(pages+sweepSlack)+sweepSlack)
	case phaseEdits:
		v.most("4 edits: p95 of edit-to-remote in seconds", m.Latency.P95, latencyLimit)
		v.most("4 edits: answers 429", float64(m.Limited), 1)
	case phaseRestart:
		v.most("5 restart: requests", requests, pages+sweepSlack)
		v.most("5 restart: requests at once", float64(*m.AtOnce), atOnceLimit)
		v.idle("5 restart", m)
	case phaseDelete:
		v.most("6 delete: requests", requests, bulkPasses*pages+bulkSlack)
	}
}

// centerLimits: what a call center needs of its own is a POST and a DELETE, and a read where its spec has changed; the
// rest is shared by a group, as far as call centers come together.
func centerLimits(v *verdicts, d *document, m *measurement) {
	all, groups := float64(d.Size), float64(d.Groups)
	switch m.Name {
	case phaseCreate:
		v.exactly("create: POST", m.count("POST", centerList), all)
		v.most("create: GET of single call centers", m.count("GET", centerItem), 0)
	case phaseSweep:
		v.most("sweep: requests", float64(m.Requests), groups)
		v.idle("sweep", m)
	case phaseOff:
		v.exactly("off: PUT active_instance", m.count("PUT", centerSwitch), groups)
		v.exactly("off: mutating requests", float64(m.Mutating), groups)
		v.most("off: GET of single call centers", m.count("GET", centerItem), all)
	case phaseDelete:
		v.exactly("delete: DELETE", m.count("DELETE", centerItem), all)
		v.most("delete: requests", float64(m.Requests), all)
	}
}

// The ends of the call centers' routes.
const (
	centerList   = "/call_centers/"
	centerItem   = "/call_centers/{id}/"
	centerSwitch = "/call_centers/active_instance/"
)

// count is how many requests of a method had a route with this end.
func (m *measurement) count(method, end string) float64 {
	total := 0
	for route, count := range m.Routes {
		if strings.HasPrefix(route, method+" ") && strings.HasSuffix(route, end) {
			total += count
		}
	}
	return float64(total)
}

// idle: nothing is changed anywhere.
func (v *verdicts) idle(phase string, m *measurement) {
	v.most(phase+": mutating requests", float64(m.Mutating), 0)
	v.most(phase+": Kubernetes writes", float64(m.writes()), 0)
}

// growth compares with the last run of the next smaller size: cost may grow with the number of objects, not faster.
func (v *verdicts) growth(d *document, earlier *book) {
	for _, m := range d.Phases {
		before, size := earlier.smaller(d, m.Name)
		if before == nil || m.Name == phaseConnect {
			continue
		}
		factor := float64(d.Size) / float64(size)
		label := fmt.Sprintf("8 growth from %d, %s: ", size, m.Name)
		if before.Requests > 0 {
			v.most(label+"requests", float64(m.Requests)/float64(before.Requests), factor)
		}
		if m.Name == phaseCreate {
			v.most(label+"wall time", m.Wall/before.Wall, growthSlack*factor)
			v.most(label+"memory peak", float64(m.Peak)/float64(before.Peak), factor)
		}
	}
}

// writes are those to Kubernetes that tell of custom resources.
func (m *measurement) writes() int { return m.ObjectWrites + m.OrganizationWrites + m.EventWrites }

func perObject(count, size int) float64 { return float64(count) / float64(size) }

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
