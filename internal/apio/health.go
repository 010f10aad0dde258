package apio

import (
	"context"
	"errors"
	"time"

	"wxcc.dev/operator/internal/remote"
)

const (
	// troubleFrom is how many failures in a row make trouble: a single one heals by itself.
	troubleFrom = 3
	// troubleLasts is how long trouble counts without another failure.
	troubleLasts = 10 * time.Minute
)

// health remembers whether the gateway gives proper answers. The zero value is well.
type health struct {
	failures int
	last     time.Time
	err      error // of the failure that made it trouble; nil while well
	// news: Options.Changed has not been called yet.
	news bool
}

// note takes in how a call ended. Refusals are proper answers; what the caller gave up is none of the gateway's doing.
func (h *health) note(err error, now time.Time) {
	if errors.Is(err, context.Canceled) {
		return
	}
	if failure := remote.ClassOf(err); err == nil || failure != remote.Unavailable && failure != remote.InvalidResponse {
		h.news = h.news || h.err != nil
		h.failures, h.err = 0, nil
		return
	}
	h.failures++
	h.last = now
	if h.failures >= troubleFrom && h.err == nil {
		h.err, h.news = err, true
	}
}

func (h *health) trouble(now time.Time) error {
	if h.err == nil || now.Sub(h.last) >= troubleLasts {
		return nil
	}
	return h.err
}
