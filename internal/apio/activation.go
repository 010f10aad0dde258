package apio

import (
	"context"
	"net/http"

	"wxcc.dev/operator/internal/remote"
)

// activate switches those on, or those off, that are to be so.
func (c *CallCenters) activate(ctx context.Context, attempts []*attempt, on bool) {
	var wanted []activation
	for _, a := range attempts {
		if _, set := a.wanted.Get(FieldActive); set && !a.over && a.wanted.Bool(FieldActive) == on {
			wanted = append(wanted, activation{ID: a.result.ID, Active: on, attempt: a})
		}
	}
	if len(wanted) > 0 {
		c.switchAll(ctx, wanted)
	}
}

// activation is one call center to be switched on or off.
type activation struct {
	ID      string `json:"serviceUserId"`
	Active  bool   `json:"active"`
	attempt *attempt
}

// switchAll makes one call for all. When it is refused, its halves are tried, so that one call center that is gone or
// must not be active does not keep the others from being switched.
func (c *CallCenters) switchAll(ctx context.Context, wanted []activation) {
	_, _, err := c.client.do(ctx, http.MethodPut, c.path("active_instance"), activateRoute, map[string]any{"services": wanted})
	if err != nil && len(wanted) > 1 {
		switch remote.ClassOf(err) {
		case remote.Rejected, remote.NotFound, remote.Exists:
			half := len(wanted) / 2
			c.switchAll(ctx, wanted[:half])
			c.switchAll(ctx, wanted[half:])
			return
		}
	}
	for _, activation := range wanted {
		if err != nil {
			activation.attempt.failed(err, FieldActive)
			continue
		}
		activation.attempt.wrote(FieldActive)
	}
}
