// Command trust attacks the operator with what happens in real clusters: managers that are killed in the middle of their
// work, leaders that are stopped for longer than their lease and wake up again, two resources for one remote object, and
// everything deleted at once in any order. It runs real manager processes on a real API server and simulated services,
// counts duplicates, orphans, stuck resources and requests that nothing explains, and exits 1 if there is any.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	scenarios string
	kills     int
	stops     int
	waves     int
	orders    int
	seed      uint64
}

// scenario is one way to make trouble.
type scenario struct {
	name string
	run  func(ctx context.Context, s *stage) (*report, error)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "trust:", err)
		os.Exit(1)
	}
}

func parse(args []string) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("trust", flag.ContinueOnError)
	flags.StringVar(&o.scenarios, "scenarios", "kills,stops,waves,orders,uninstall", "comma-separated scenarios to run")
	flags.IntVar(&o.kills, "kills", 200, "how often the manager is killed while it works")
	flags.IntVar(&o.stops, "stops", 20, "how often the leader is stopped for longer than its lease")
	flags.IntVar(&o.waves, "waves", 200, "how many waves of two resources for one name")
	flags.IntVar(&o.orders, "orders", 20, "in how many orders everything is deleted")
	flags.Uint64Var(&o.seed, "seed", 0, "seed of the random choices; 0 takes one from the clock")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano()) //nolint:gosec // a seed
	}
	return o, nil
}

func run(ctx context.Context, args []string) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	scenarios := map[string]scenario{
		"kills":     {"managers killed", func(ctx context.Context, s *stage) (*report, error) { return killManagers(ctx, s, o.kills) }},
		"stops":     {"leaders stopped", func(ctx context.Context, s *stage) (*report, error) { return stopLeaders(ctx, s, o.stops) }},
		"waves":     {"two per name", func(ctx context.Context, s *stage) (*report, error) { return twoPerName(ctx, s, o.waves) }},
		"orders":    {"deleted in any order", func(ctx context.Context, s *stage) (*report, error) { return deleteInAnyOrder(ctx, s, o.orders) }},
		"uninstall": {"uninstalled", uninstall},
	}
	say("seed %d", o.seed)
	s, err := openStage(ctx, rand.New(rand.NewPCG(o.seed, o.seed))) //nolint:gosec // reproducible on purpose
	if err != nil {
		return errors.Join(err, s.close())
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var reports []*report
	for name := range strings.SplitSeq(o.scenarios, ",") {
		chosen, ok := scenarios[name]
		if !ok {
			return fmt.Errorf("there is no scenario %q", name)
		}
		began := time.Now()
		say("== %s", chosen.name)
		r, err := chosen.run(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", chosen.name, err)
		}
		r.name, r.took = chosen.name, time.Since(began)
		reports = append(reports, r)
	}
	return conclude(reports)
}

func say(format string, args ...any) {
	fmt.Printf("%s %s\n", time.Now().Format("15:04:05"), fmt.Sprintf(format, args...))
}
