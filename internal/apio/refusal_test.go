package apio_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/simulator"
)

// refusalBench is a bench whose client tells of refusals and obeys a clock of its own.
func refusalBench(t *testing.T, session bool, credentials apio.Credentials) (b *bench, clock *clocktesting.FakeClock, changes *atomic.Int64) {
	t.Helper()
	b = newBench(t, session, simulator.CallCenterSettings{})
	clock, changes = clocktesting.NewFakeClock(time.Now()), &atomic.Int64{}
	b.client = apio.NewClient(apio.Options{
		BaseURL: b.url, Session: session, Now: clock.Now, Changed: func() { changes.Add(1) },
		Credentials: func(context.Context) (apio.Credentials, error) { return credentials, nil },
	})
	return b, clock, changes
}

// An account that is refused must not be tried at every call: BroadWorks locks it.
func TestARefusedAccountRests(t *testing.T) {
	t.Parallel()
	for name, session := range map[string]bool{"gateway reached directly": true, "behind Core": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, clock, changes := refusalBench(t, session, apio.Credentials{Username: username, Password: password})
			centers := b.client.CallCenters("acme-be", "hq")
			if err := b.client.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.fault(t, map[string]any{"status": 401, "body": "{}"})
			for range 10 {
				if _, err := centers.List(t.Context()); remote.ClassOf(err) != remote.Unauthorized {
					t.Fatalf("list = %v", err)
				}
			}
			if err := b.client.Ping(t.Context()); remote.ClassOf(err) != remote.Unauthorized {
				t.Errorf("Ping = %v", err)
			}
			if n := b.count(t, "login"); n != 2 || changes.Load() != 1 {
				t.Errorf("%d log-ins and %d changes told, want one that succeeded, one that was refused, and 1", n, changes.Load())
			}
			for i, rest := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
				clock.Step(rest - time.Second)
				_ = b.client.Ping(t.Context()) //nolint:errcheck // counted below
				clock.Step(time.Second)
				_ = b.client.Ping(t.Context()) //nolint:errcheck // counted below
				if n := b.count(t, "login"); n != 3+i {
					t.Fatalf("%d log-ins after a rest of %s, want %d", n, rest, 3+i)
				}
			}
			b.fault(t)
			b.client.Retry()
			if _, err := centers.List(t.Context()); err != nil {
				t.Errorf("list after the fault = %v", err)
			}
			if err := b.client.Ping(t.Context()); err != nil {
				t.Errorf("Ping after the fault = %v", err)
			}
		})
	}
}

// A log-in that succeeds and is refused right after leads to no storm of log-ins either.
func TestASessionThatIsRefusedRests(t *testing.T) {
	t.Parallel()
	for name, credentials := range map[string]apio.Credentials{
		"account": {Username: username, Password: password}, "machine token": {Token: "revoked-canary"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, clock, changes := refusalBench(t, false, credentials)
			b.fault(t, map[string]any{"method": "GET", "status": 401, "body": "{}"})
			centers := b.client.CallCenters("acme-be", "hq")
			for range 5 {
				_, err := centers.List(t.Context())
				if remote.ClassOf(err) != remote.Unauthorized || strings.Contains(err.Error(), "canary") {
					t.Fatalf("list = %v", err)
				}
			}
			if n := b.count(t, "call_centers"); n != 2 || changes.Load() != 1 {
				t.Errorf("%d calls and %d changes told, want 2 and 1", n, changes.Load())
			}
			if n := b.count(t, "login"); n > 2 {
				t.Errorf("%d log-ins", n)
			}
			b.fault(t)
			clock.Step(30 * time.Second)
			if _, err := centers.List(t.Context()); (err == nil) != (name == "account") {
				t.Errorf("list after the fault = %v", err)
			}
		})
	}
}
