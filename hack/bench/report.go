package main

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"wxcc.dev/operator/hack/instance"
)

// document is one run of one setting: a line of the output file.
type document struct {
	Time     time.Time      `json:"time"`
	Size     int            `json:"size"`
	Setting  string         `json:"setting"`
	Groups   int            `json:"groups,omitempty"`
	Machine  machine        `json:"machine"`
	Seconds  float64        `json:"seconds"`
	Phases   []*measurement `json:"phases"`
	Checks   []verdict      `json:"checks"`
	Budgeted int            `json:"requestsPerMinute,omitempty"`
}

// machine is what the timings depend on.
type machine struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
	CPU  string `json:"cpu,omitempty"`
	// Memory in bytes; 0 is unknown.
	Memory int64  `json:"memoryBytes,omitempty"`
	Go     string `json:"go"`
}

func newDocument(size int, s setting) *document {
	return &document{
		Time: time.Now().UTC().Truncate(time.Second), Size: size, Setting: s.name, Groups: s.groups, Budgeted: s.requestsPerMinute,
		Machine: machine{
			OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version(),
			CPU: fact("/proc/cpuinfo", "model name"), Memory: kilobytes(fact("/proc/meminfo", "MemTotal")),
		},
	}
}

// fact is the first value of a name in one of the kernel's files, empty where it is not told.
func fact(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func kilobytes(text string) int64 {
	number, err := strconv.ParseInt(strings.TrimSuffix(text, " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return number << 10
}

// peak is the manager's highest resident memory of all phases.
func (d *document) peak() int64 {
	var peak int64
	for _, m := range d.Phases {
		peak = max(peak, m.Peak)
	}
	return peak
}

func (d *document) missed() []string {
	var missed []string
	for _, v := range d.Checks {
		if !v.OK {
			missed = append(missed, fmt.Sprintf("%d %s: %s is %s, limit %s", d.Size, d.Setting, v.Figure, number(v.Got), number(v.Limit)))
		}
	}
	return missed
}

func number(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

func (d *document) print() {
	instance.Say("\n%d objects, %s, %.0f s in all, on %d x %s", d.Size, d.Setting, d.Seconds, d.Machine.CPUs, d.Machine.CPU)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "PHASE\tREQUESTS\tMUTATING\t429\tOBJECT WRITES\tPER OBJECT\tEVENTS\tORG\tOTHER\tCPU s\tPEAK MiB\tWALL s\tp50/p95/p99 s\t")
	for _, m := range d.Phases {
		edit := ""
		if m.Latency != nil {
			edit = fmt.Sprintf("%.2f/%.2f/%.2f", m.Latency.P50, m.Latency.P95, m.Latency.P99)
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%.2f\t%d\t%d\t%d\t%.1f\t%.0f\t%.1f\t%s\t\n", m.Name, m.Requests, m.Mutating, m.Limited,
			m.ObjectWrites, perObject(m.ObjectWrites, d.Size), m.EventWrites, m.OrganizationWrites, m.OtherWrites, m.CPU, mebibytes(m.Peak), m.Wall, edit)
	}
	flush(table)
	fmt.Println()
	table = tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, m := range d.Phases {
		for _, route := range slices.Sorted(maps.Keys(m.Routes)) {
			fmt.Fprintf(table, "%s\t%d\t%s\n", m.Name, m.Routes[route], route)
		}
	}
	flush(table)
	fmt.Println()
	table = tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, v := range d.Checks {
		bound := "of at most"
		if v.Exact {
			bound = "of exactly"
		}
		fmt.Fprintf(table, "%s\t%s\t%.4g\t%s %.4g\n", map[bool]string{true: "ok", false: "MISSED"}[v.OK], v.Figure, v.Got, bound, v.Limit)
	}
	flush(table)
}

// flush: a terminal that is gone ends the bench by itself.
func flush(table *tabwriter.Writer) { _ = table.Flush() }
