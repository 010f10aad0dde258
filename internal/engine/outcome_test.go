package engine

import (
	"context"
	"fmt"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/fence"
	"wxcc.dev/operator/internal/remote"
)

// A call that ended because its connection was replaced says nothing of the service; a write that was cut off may have
// been carried out.
func TestACallThatWasCutOffChangesNoCondition(t *testing.T) {
	t.Parallel()
	cut := fmt.Errorf("list: %w", context.Canceled)
	if out := failed(cut); !out.untouched || out.after == 0 {
		t.Errorf("a look that was cut off ends with %+v", out)
	}
	write := &remote.Error{Class: remote.Unavailable, Ambiguous: true, Err: cut}
	if out := failed(write); out.untouched || out.reason != v1alpha1.ReasonAmbiguousWrite {
		t.Errorf("a write that was cut off ends with %+v", out)
	}
	if out := failed(fmt.Errorf("list: %w", context.DeadlineExceeded)); out.untouched || out.reason != v1alpha1.ReasonUnavailable {
		t.Errorf("a look that took too long ends with %+v", out)
	}
}

// What the fence has kept from being sent says nothing of the service and changes no condition.
func TestAFencedWriteChangesNoCondition(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		&remote.Error{Class: remote.Fenced, Op: "POST auxiliary-code"},
		fmt.Errorf("write status: %w", fence.Err),
	} {
		if out := failed(err); !out.untouched || out.after == 0 {
			t.Errorf("%v ends with %+v", err, out)
		}
	}
}
