package main

import (
	"fmt"
	"time"
)

// report counts what one scenario did and found.
type report struct {
	name string
	took time.Duration
	// rounds is how often the trouble was made; resources how many custom resources went through it.
	rounds, resources int
	// mutating requests that the services carried out, and those that they refused.
	carriedOut, refused int
	duplicates          []string
	orphans             []string
	stuck               []string
	reverted            []string
	unexplained         []string
	recoveries          []time.Duration
}

func (r *report) violations() [][]string {
	return [][]string{r.duplicates, r.orphans, r.stuck, r.reverted, r.unexplained}
}

// take adds what a ledger has counted.
func (r *report) take(l *ledger) {
	carriedOut, refused, duplicates, reverted, unexplained := l.findings()
	r.carriedOut += carriedOut
	r.refused += refused
	r.duplicates = append(r.duplicates, duplicates...)
	r.reverted = append(r.reverted, reverted...)
	r.unexplained = append(r.unexplained, unexplained...)
}

const shown = 20

// conclude prints the table and fails if there is any violation.
func conclude(reports []*report) error {
	fmt.Printf("\n%-22s %7s %9s %10s %8s %10s %7s %5s %8s %11s %9s %8s\n", "scenario", "rounds", "resources",
		"carried out", "refused", "duplicates", "orphans", "stuck", "reverted", "unexplained", "recovery", "took")
	total := 0
	for _, r := range reports {
		fmt.Printf("%-22s %7d %9d %10d %8d %10d %7d %5d %8d %11d %9s %8s\n", r.name, r.rounds, r.resources, r.carriedOut, r.refused,
			len(r.duplicates), len(r.orphans), len(r.stuck), len(r.reverted), len(r.unexplained), r.slowest().Round(100*time.Millisecond), r.took.Round(time.Second))
		for _, list := range r.violations() {
			total += len(list)
		}
	}
	for _, r := range reports {
		for i, what := range []string{"duplicate", "orphan", "stuck", "reverted", "unexplained"} {
			for n, one := range r.violations()[i] {
				if n == shown {
					fmt.Printf("%s: %s: and %d more\n", r.name, what, len(r.violations()[i])-shown)
					break
				}
				fmt.Printf("%s: %s: %s\n", r.name, what, one)
			}
		}
	}
	if total > 0 {
		return fmt.Errorf("%d violations", total)
	}
	fmt.Println("no violation")
	return nil
}

// slowest is the longest time from the last trouble of a round until everything was as wanted again.
func (r *report) slowest() time.Duration {
	longest := time.Duration(0)
	for _, one := range r.recoveries {
		longest = max(longest, one)
	}
	return longest
}
