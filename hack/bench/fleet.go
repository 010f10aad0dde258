package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// fleet is what a run keeps in the organization: many objects of one kind.
type fleet struct {
	// resource is the kind as the API server's metrics name it.
	resource string
	blank    func() v1alpha1.Object
	list     func() client.ObjectList
	// one is the object of a number.
	one func(w *world, number int) v1alpha1.Object
	// seed brings what the objects need into the simulator; nil where that is nothing.
	seed func(ctx context.Context, w *world) error
	// credentials and organization connect to where the objects live.
	credentials  func() map[string]string
	organization func(w *world) v1alpha1.WebexOrganizationSpec
	// lists tells a route that lists objects.
	lists func(route string) bool
	// remains counts our objects in the remote service.
	remains func(ctx context.Context, w *world) (int, error)
	phases  []phase
	// limits holds one phase against its limits.
	limits func(v *verdicts, d *document, m *measurement)
}

// inFlight is how many requests the bench has at the API server at once.
const inFlight = 16

func nameOf(number int) string { return fmt.Sprintf("bench-%05d", number) }

func (w *world) createAll(ctx context.Context) error {
	return w.forEach(func(number int) error {
		if err := w.client.Create(ctx, w.fleet.one(w, number)); err != nil {
			return fmt.Errorf("create %s: %w", nameOf(number), err)
		}
		return nil
	})
}

func (w *world) deleteAll(ctx context.Context) error {
	return w.forEach(func(number int) error {
		if err := w.client.Delete(ctx, w.fleet.one(w, number)); err != nil {
			return fmt.Errorf("delete %s: %w", nameOf(number), err)
		}
		return nil
	})
}

// forEach calls do for every object as fast as the API server takes it, until the first error.
func (w *world) forEach(do func(number int) error) error {
	var (
		workers sync.WaitGroup
		once    sync.Once
		first   error
	)
	numbers, failed := make(chan int), make(chan struct{})
	for range inFlight {
		workers.Go(func() {
			for number := range numbers {
				if err := do(number); err != nil {
					once.Do(func() { first = err; close(failed) })
					return
				}
			}
		})
	}
feed:
	for number := range w.size {
		select {
		case numbers <- number:
		case <-failed:
			break feed
		}
	}
	close(numbers)
	workers.Wait()
	return first
}

// routeEnds matches GET requests for a route with this end.
func routeEnds(end string) func(route string) bool {
	return func(route string) bool { return strings.HasPrefix(route, "GET ") && strings.HasSuffix(route, end) }
}
