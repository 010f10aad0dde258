package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"wxcc.dev/operator/hack/instance"
	"wxcc.dev/operator/internal/simulator"
)

// measurement is what one phase cost. Only the operator's doing is counted, not what the bench itself does.
type measurement struct {
	Name string `json:"name"`
	// Requests to Webex or the gateway in all, tokens and log-ins included.
	Requests int `json:"webexRequests"`
	// Mutating are those that ask for a change.
	Mutating int `json:"webexMutating"`
	// Limited are those that were answered 429.
	Limited int `json:"webex429"`
	// Routes counts the requests by method and route.
	Routes map[string]int `json:"webexRoutes"`
	// ObjectWrites are the writes to the objects and their status.
	ObjectWrites int `json:"kubernetesObjectWrites"`
	// OrganizationWrites are the writes to the organization and its status, which follows the counts now and then.
	OrganizationWrites int `json:"kubernetesOrganizationWrites"`
	// EventWrites are the writes of events about custom resources.
	EventWrites int `json:"kubernetesEventWrites"`
	// OtherWrites are the rest: leader election, Secrets.
	OtherWrites int `json:"kubernetesOtherWrites"`
	// CPU of the manager in seconds.
	CPU float64 `json:"managerCPUSeconds"`
	// Peak of the manager's resident memory in the phase, in bytes.
	Peak int64 `json:"managerRSSPeakBytes"`
	// Resident memory at the end of the phase, in bytes.
	Resident int64 `json:"managerRSSBytes"`
	// Heap in use at the end of the phase, garbage included, in bytes.
	Heap int64 `json:"managerHeapBytes"`
	// Wall is the time from the first cause to the last effect, in seconds.
	Wall float64 `json:"wallSeconds"`
	// Applied is how much of Wall the bench needed to hand over its changes, in seconds.
	Applied float64 `json:"appliedSeconds,omitempty"`
	// AtOnce are the requests that followed a restart immediately, before the next sweep.
	AtOnce *int `json:"webexRequestsAtOnce,omitempty"`
	// Latency of edits.
	Latency *latency `json:"editToRemoteSeconds,omitempty"`

	before       sample
	began, ended time.Time
}

// measureSetting runs all phases on a world of their own.
func measureSetting(ctx context.Context, o *options, i *instance.Instance, size int, s setting, learned *slots) (doc *document, err error) {
	instance.Heading(fmt.Sprintf("%d objects, %s", size, s.name))
	doc = newDocument(size, s)
	began := time.Now()
	w, err := openWorld(ctx, i, size, s, learned)
	defer func() { err = w.close(err) }()
	if err != nil {
		return doc, err
	}
	for _, p := range s.fleet.phases {
		if !o.wants(p.name) || (o.memory && p.name != phaseConnect && p.name != phaseCreate) {
			continue
		}
		m, err := w.measure(ctx, p)
		if err != nil {
			return doc, fmt.Errorf("phase %s: %w", p.name, err)
		}
		doc.Phases = append(doc.Phases, m)
	}
	doc.Seconds = seconds(time.Since(began))
	return doc, nil
}

func (w *world) measure(ctx context.Context, p phase) (m *measurement, err error) {
	if p.prepare != nil {
		if err := p.prepare(ctx, w); err != nil {
			return nil, fmt.Errorf("prepare: %w", err)
		}
	}
	m = &measurement{Name: p.name}
	if err := w.resetPeak(); err != nil {
		return nil, err
	}
	if m.before, err = w.sample(ctx); err != nil {
		return nil, err
	}
	m.began = time.Now()
	if err := p.run(ctx, w, m); err != nil {
		return nil, err
	}
	if m.ended.IsZero() {
		if m.ended, err = w.quiet(ctx); err != nil {
			return nil, err
		}
	}
	after, err := w.sample(ctx)
	if err != nil {
		return nil, err
	}
	m.subtract(after)
	if m.Resident, m.Peak, err = w.residentMemory(); err != nil {
		return nil, err
	}
	m.progress()
	return m, nil
}

func (m *measurement) subtract(after sample) {
	before := m.before
	m.Requests = after.webex.Requests - before.webex.Requests
	m.Mutating = after.webex.Mutating - before.webex.Mutating
	m.Limited = limited(after.webex) - limited(before.webex)
	m.Routes = map[string]int{}
	for route, counted := range after.webex.Routes {
		if more := counted.Count - before.webex.Routes[route].Count; more > 0 {
			m.Routes[route] = more
		}
	}
	m.ObjectWrites = int(after.plane.objects - before.plane.objects)
	m.OrganizationWrites = int(after.plane.organizations - before.plane.organizations)
	m.EventWrites = int(after.plane.events - before.plane.events)
	m.OtherWrites = max(0, int(after.manager.writes-before.manager.writes)-m.ObjectWrites-m.OrganizationWrites-m.EventWrites)
	m.CPU = math.Round((after.manager.cpu-before.manager.cpu)*100) / 100
	m.Heap = int64(after.manager.heap)
	m.Wall = seconds(m.ended.Sub(m.began))
}

func limited(stats simulator.Stats) int {
	total := 0
	for _, route := range stats.Routes {
		total += route.Status["429"]
	}
	return total
}

// seconds are rounded to milliseconds.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }

func (m *measurement) progress() {
	instance.Say("  %s  %-8s %6d requests %7.1f s", time.Now().Format(time.TimeOnly), m.Name, m.Requests, m.Wall)
}

// phase finds a measured phase.
func (d *document) phase(name string) *measurement {
	index := slices.IndexFunc(d.Phases, func(m *measurement) bool { return m.Name == name })
	if index < 0 {
		return nil
	}
	return d.Phases[index]
}
