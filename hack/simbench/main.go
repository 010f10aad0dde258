// Command simbench measures the simulator: single reads a second on one core, the memory of a large tenant, and whether
// a page of a list costs more in a larger tenant. It prints a table, and with --check exits 1 when a figure misses its
// goal.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
)

// settings are the flags.
type settings struct {
	objects, requests, clients int
	check                      bool
}

func main() {
	var s settings
	flag.IntVar(&s.objects, "objects", 100_000, "objects of the large tenant")
	flag.IntVar(&s.requests, "requests", 50_000, "single reads to measure")
	flag.IntVar(&s.clients, "clients", 8, "connections that read at once")
	flag.BoolVar(&s.check, "check", false, "exit 1 when a figure misses its goal")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	missed, err := run(ctx, s)
	if err == nil && missed && s.check {
		err = errors.New("a figure misses its goal")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "simbench:", err)
		stop()
		os.Exit(1)
	}
}

// figure is one row of the table.
type figure struct {
	what, measured, goal string
	met                  bool
}

// The goals of the simulator.
const (
	wantReads    = 5000 // a second, on one core, the client included
	wantMemory   = 500  // megabytes of the process with 100,000 objects
	wantListCost = 3    // times the cost in a small tenant
)

func run(ctx context.Context, s settings) (missed bool, err error) {
	// One core for server and clients together: the figure is on the safe side.
	runtime.GOMAXPROCS(1)
	small, err := open(1000)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, small.close()) }()
	large, err := open(s.objects)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, large.close()) }()
	pages, err := pageCosts(ctx, small, large)
	if err != nil {
		return false, err
	}
	smallPage, largePage := pages[0], pages[1]
	reads, err := large.reads(ctx, s.requests, s.clients)
	if err != nil {
		return false, err
	}
	memory, err := residentMegabytes()
	if err != nil {
		return false, err
	}
	ratio := largePage.Seconds() / smallPage.Seconds()
	figures := []figure{
		{"single reads a second on one core", fmt.Sprintf("%.0f", reads), fmt.Sprintf(">= %d", wantReads), reads >= wantReads},
		{fmt.Sprintf("memory of the process with %d objects", s.objects), fmt.Sprintf("%d MB", memory), fmt.Sprintf("< %d MB", wantMemory), memory < wantMemory},
		{
			fmt.Sprintf("a page of 100 among %d objects, against one among 1000", s.objects), fmt.Sprintf("%.1f times (%s, %s)", ratio, largePage, smallPage),
			fmt.Sprintf("< %d times", wantListCost), ratio < wantListCost,
		},
	}
	fmt.Print(table(figures))
	for _, one := range figures {
		missed = missed || !one.met
	}
	return missed, nil
}

func table(figures []figure) string {
	var out strings.Builder
	out.WriteString("| what | measured | goal | |\n|---|---|---|---|\n")
	for _, one := range figures {
		verdict := "missed"
		if one.met {
			verdict = "met"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", one.what, one.measured, one.goal, verdict)
	}
	return out.String()
}
