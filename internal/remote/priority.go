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
