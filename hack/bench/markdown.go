package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// column is one figure of the tables in docs/scale.md.
type column struct {
	title string
	value func(m *measurement) string
}

var columns = []column{
	{"Requests", func(m *measurement) string { return fmt.Sprint(m.Requests) }},
	{"Mutating", func(m *measurement) string { return fmt.Sprint(m.Mutating) }},
	{"429", func(m *measurement) string { return fmt.Sprint(m.Limited) }},
	{"Kubernetes writes", func(m *measurement) string { return fmt.Sprint(m.writes()) }},
	{"CPU s", func(m *measurement) string { return fmt.Sprintf("%.1f", m.CPU) }},
	{"Peak MiB", func(m *measurement) string { return fmt.Sprintf("%.0f", mebibytes(m.Peak)) }},
	{"Wall s", func(m *measurement) string { return fmt.Sprintf("%.1f", m.Wall) }},
	{"Edit p95 s", func(m *measurement) string {
		if m.Latency == nil {
			return ""
		}
		return fmt.Sprintf("%.2f", m.Latency.P95)
	}},
}

// markdown writes the tables of docs/scale.md: one for each setting, a row for each phase, in each cell the newest figures
// of all sizes.
func (b *book) markdown(out io.Writer) {
	for _, s := range b.measured() {
		docs := b.newest(s.name)
		sizes := cell(docs, func(d *document) string { return fmt.Sprint(d.Size) })
		fmt.Fprintf(out, "`%s`, N = %s:\n\n| Phase |", s.name, sizes)
		for _, c := range columns {
			fmt.Fprintf(out, " %s |", c.title)
		}
		fmt.Fprintf(out, "\n|---|%s\n", strings.Repeat("---|", len(columns)))
		for _, p := range s.fleet.phases {
			fmt.Fprintf(out, "| %s |", p.name)
			for _, c := range columns {
				fmt.Fprintf(out, " %s |", cell(docs, func(d *document) string {
					if m := d.phase(p.name); m != nil {
						return c.value(m)
					}
					return "-"
				}))
			}
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out)
	}
}

// measured are the settings of which there are figures.
func (b *book) measured() []setting {
	var all []setting
	known := slices.Clone(settings)
	for _, d := range b.docs {
		if d.Groups > 0 {
			known = append(known, inGroups(d.Groups))
		}
	}
	for _, s := range known {
		is := func(other setting) bool { return other.name == s.name }
		if len(b.newest(s.name)) > 0 && !slices.ContainsFunc(all, is) {
			all = append(all, s)
		}
	}
	return all
}

// cell has a value of each document; it is empty if all are.
func cell(docs []*document, value func(*document) string) string {
	values := make([]string, 0, len(docs))
	for _, d := range docs {
		values = append(values, value(d))
	}
	if strings.Join(values, "") == "" {
		return ""
	}
	return strings.Join(values, " / ")
}

// newest is one document for each size of a setting, by size, with the last measurement of every phase.
func (b *book) newest(setting string) []*document {
	var merged []*document
	for _, d := range b.docs {
		if d.Setting != setting {
			continue
		}
		index := slices.IndexFunc(merged, func(m *document) bool { return m.Size == d.Size })
		if index < 0 {
			index = len(merged)
			merged = append(merged, &document{Size: d.Size, Setting: d.Setting})
		}
		for _, m := range d.Phases {
			merged[index].replace(m)
		}
	}
	slices.SortFunc(merged, func(a, b *document) int { return a.Size - b.Size })
	return merged
}

// replace puts a measurement in the place of an older one of its phase.
func (d *document) replace(m *measurement) {
	if index := slices.IndexFunc(d.Phases, func(old *measurement) bool { return old.Name == m.Name }); index >= 0 {
		d.Phases[index] = m
		return
	}
	d.Phases = append(d.Phases, m)
}
