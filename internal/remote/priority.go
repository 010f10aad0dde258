package remote

import "context"

// Priority orders requests that wait for the budget of one OAuth client. Lower goes first.
type Priority int

// The priorities, most urgent first.
const (
	// Interactive: somebody edited an object or the connection and waits.
	Interactive Priority = iota
	// Wakeup: a reference became ready.
	Wakeup
	// Deletion of objects.
	Deletion
	// Verification of writes.
	Verification
	// Sweep: the regular look for drift.
	Sweep
)

type priorityKey struct{}

// WithPriority attaches a priority to the requests made with the context. The default is Interactive.
func WithPriority(ctx context.Context, priority Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, priority)
}

// PriorityOf returns the priority attached to the context.
func PriorityOf(ctx context.Context) Priority {
	priority, _ := ctx.Value(priorityKey{}).(Priority)
	return priority
}

type withoutHoldsKey struct{}

// WithoutHolds lets requests made with the context fail with RateLimited, and not wait, while the service has asked
// everybody to stay away for more than a moment.
func WithoutHolds(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutHoldsKey{}, true)
}

// WaitsForHolds tells whether requests made with the context wait until such a hold is over; so they do by default.
func WaitsForHolds(ctx context.Context) bool {
	return ctx.Value(withoutHoldsKey{}) == nil
}
