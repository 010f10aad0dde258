package remote

import (
	"context"
	"errors"
	"time"
)

// troubleFrom is how many failures in a row make trouble: a single one heals by itself.
const troubleFrom = 3

// Health remembers whether a service gives proper answers, by the calls that are made anyway. The zero value is well. It is
// not safe for concurrent use.
type Health struct {
	failures int
	last     time.Time
	err      error // of the failure that made it trouble; nil while well
	news     bool
}

// Note takes in how a call ended. Refusals are proper answers; what the caller gave up is none of the service's doing.
func (h *Health) Note(err error, now time.Time) {
	if errors.Is(err, context.Canceled) {
		return
	}
	if failure := ClassOf(err); err == nil || failure != Unavailable && failure != InvalidResponse {
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

// Trouble returns when the service last gave no proper answer, and why it gives none; nil while it does.
func (h *Health) Trouble() (time.Time, error) { return h.last, h.err }

// News tells whether Trouble has begun or ended since the last call of News.
func (h *Health) News() bool {
	news := h.news
	h.news = false
	return news
}
