package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"text/tabwriter"

	"wxcc.dev/operator/hack/instance"
)

// cost compares the requests that Webex got with two for each object, what reading and writing one by one would take
// at the very least.
func (s *story) cost(ctx context.Context) error {
	stats, err := s.Stats(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SERVICE\tREQUESTS")
	for _, name := range slices.Sorted(maps.Keys(stats.Services)) {
		fmt.Fprintf(table, "%s\t%d\n", name, stats.Services[name])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	instance.Say("")
	fmt.Fprintln(table, "ROUTE\tREQUESTS")
	for _, route := range slices.Sorted(maps.Keys(stats.Routes)) {
		fmt.Fprintf(table, "%s\t%d\n", route, stats.Routes[route].Count)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	requests, limit := stats.Services["webex"]+stats.Services["contactCenter"], 2*len(s.objects)
	instance.Say("\n%d Webex requests for all of the above; objects x 2 is %d (%d objects).", requests, limit, len(s.objects))
	if requests >= limit {
		return fmt.Errorf("%d Webex requests are not fewer than objects x 2 = %d", requests, limit)
	}
	return nil
}
