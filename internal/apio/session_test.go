package apio_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/simulator"
)

// clockedBench is a bench of deployment B whose simulator, client and test share a clock.
func clockedBench(t *testing.T, seed simulator.GatewaySeed) (b *bench, clock *clocktesting.FakeClock, changes *atomic.Int64) {
	t.Helper()
	clock = clocktesting.NewFakeClock(time.Now())
	seed.Username, seed.Password = username, password
	seed.Tenants = map[string]map[string]simulator.GroupSeed{"acme-be": {"hq": {Domain: "voice.example.net"}}}
	sim := simulator.New(simulator.Options{Now: clock.Now})
	sim.SetGateway(seed)
	b, changes = serve(t, sim), &atomic.Int64{}
	b.client = newClientWith(b.url, apio.Options{Now: clock.Now, Changed: func() { changes.Add(1) }})
	return b, clock, changes
}

// A short-lived token is renewed without the password as long as Core allows it, and by a log-in after that.
func TestTokensOfCoreAreRenewed(t *testing.T) {
	t.Parallel()
	b, clock, changes := clockedBench(t, simulator.GatewaySeed{})
	centers := b.client.CallCenters("acme-be", "hq")
	list := func() {
		t.Helper()
		if _, err := centers.List(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list()
	for range 3 {
		clock.Step(time.Hour) // the access token lives for minutes
		list()
	}
	if logins, renewals := b.count(t, "auth/login"), b.count(t, "auth/access_token"); logins != 1 || renewals != 3 {
		t.Errorf("%d log-ins and %d renewals, want 1 and 3", logins, renewals)
	}
	clock.Step(7 * 24 * time.Hour) // the refresh token for days
	list()
	if logins := b.count(t, "auth/login"); logins != 2 {
		t.Errorf("%d log-ins after the end of the refresh token, want 2", logins)
	}
	if changes.Load() != 0 {
		t.Errorf("%d changes told of an account that was never refused", changes.Load())
	}
}

// Core may renew a token and then not accept it: a log-in is tried before the account counts as refused.
func TestARenewedTokenThatIsRefusedLeadsToALogIn(t *testing.T) {
	t.Parallel()
	b, clock, changes := clockedBench(t, simulator.GatewaySeed{})
	centers := b.client.CallCenters("acme-be", "hq")
	if _, err := centers.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.Step(time.Hour)
	b.fault(t, map[string]any{"path": "call_centers", "expireToken": true, "times": 2})
	if _, err := centers.List(t.Context()); err != nil {
		t.Errorf("list = %v", err)
	}
	if logins, lists := b.count(t, "auth/login"), b.count(t, "call_centers"); logins != 2 || lists != 4 || changes.Load() != 0 {
		t.Errorf("%d log-ins, %d lists, %d changes told", logins, lists, changes.Load())
	}
}

// A renewal that fails for another reason says nothing of the account.
func TestARenewalThatIsNotAnsweredIsNoRefusal(t *testing.T) {
	t.Parallel()
	b, clock, _ := clockedBench(t, simulator.GatewaySeed{})
	centers := b.client.CallCenters("acme-be", "hq")
	if _, err := centers.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	clock.Step(time.Hour)
	b.fault(t, map[string]any{"path": "access_token", "status": 503, "times": 1})
	if _, err := centers.List(t.Context()); remote.ClassOf(err) != remote.Unavailable {
		t.Errorf("list = %v", err)
	}
	if _, err := centers.List(t.Context()); err != nil {
		t.Errorf("list after it = %v", err)
	}
	if logins := b.count(t, "auth/login"); logins != 1 {
		t.Errorf("%d log-ins", logins)
	}
}

// What only a person can give is not asked for twice: each attempt may send him a message.
func TestAnAccountThatWantsAPersonIsNotTriedAgainByItself(t *testing.T) {
	t.Parallel()
	for name, seed := range map[string]simulator.GatewaySeed{"second factor": {TwoFactor: true}, "must change its password": {PasswordFirst: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, clock, _ := clockedBench(t, seed)
			for range 3 {
				err := b.client.Ping(t.Context())
				if !errors.Is(err, apio.ErrAccountUnusable) || remote.ClassOf(err) != remote.Forbidden || !strings.Contains(err.Error(), strings.Fields(name)[1]) {
					t.Errorf("Ping = %v", err)
				}
				clock.Step(time.Hour)
			}
			if logins := b.count(t, "login"); logins != 1 || b.client.RefusedFor() != 0 {
				t.Errorf("%d log-ins, rests for %s", logins, b.client.RefusedFor())
			}
			b.client.Retry()
			_ = b.client.Ping(t.Context()) //nolint:errcheck // counted below
			if logins := b.count(t, "login"); logins != 2 {
				t.Errorf("%d log-ins after Retry", logins)
			}
		})
	}
}

// The same may turn up in the middle of the work.
func TestAPasswordThatMustBeChangedInTheMiddleStopsEverything(t *testing.T) {
	t.Parallel()
	b, _, changes := clockedBench(t, simulator.GatewaySeed{})
	centers := b.client.CallCenters("acme-be", "hq")
	if _, err := centers.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.fault(t, map[string]any{"path": "call_centers", "status": 403, "body": `{"error":"change it","error_code":1}`})
	for range 3 {
		if _, err := centers.List(t.Context()); !errors.Is(err, apio.ErrAccountUnusable) {
			t.Errorf("list = %v", err)
		}
	}
	if lists := b.count(t, "call_centers"); lists != 2 || changes.Load() != 1 {
		t.Errorf("%d lists and %d changes told, want 2 and 1", lists, changes.Load())
	}
}

// A gateway that fails again and again is in trouble, which is told once, and well again with the first proper answer.
func TestTroubleIsToldOnceAndEnds(t *testing.T) {
	t.Parallel()
	b, clock, changes := clockedBench(t, simulator.GatewaySeed{})
	centers := b.client.CallCenters("acme-be", "hq")
	step := func(what string, want bool, told int64) {
		t.Helper()
		_, _ = centers.List(t.Context()) //nolint:errcheck // Trouble says it
		if trouble := b.client.Trouble(); (trouble != nil) != want || changes.Load() != told {
			t.Errorf("%s: trouble %v, told %d times, want %d", what, trouble, changes.Load(), told)
		}
	}
	step("well", false, 0)
	b.fault(t, map[string]any{"path": "call_centers", "status": 503})
	for i, told := range []int64{0, 0, 1, 1, 1} {
		step(fmt.Sprintf("failure %d", i+1), told > 0, told)
	}
	b.fault(t)
	step("well again", false, 2)
	b.fault(t, map[string]any{"path": "call_centers", "status": 404}) // a refusal is a proper answer
	for range 4 {
		step("refused", false, 2)
	}
	b.fault(t, map[string]any{"path": "call_centers", "status": 502})
	for range 3 {
		_, _ = centers.List(t.Context()) //nolint:errcheck // Trouble says it
	}
	clock.Step(10 * time.Minute)
	if trouble := b.client.Trouble(); trouble != nil {
		t.Errorf("trouble without any call for ten minutes: %v", trouble)
	}
}

// countingBudget counts what passes it.
type countingBudget struct{ waits, held atomic.Int64 }

func (b *countingBudget) Wait(ctx context.Context) error {
	b.waits.Add(1)
	return ctx.Err()
}

func (b *countingBudget) Hold(wait time.Duration) { b.held.Store(int64(wait)) }

func (b *countingBudget) HeldFor() time.Duration { return time.Duration(b.held.Load()) }

func TestEveryCallPassesTheBudgetAndRetryAfterHoldsIt(t *testing.T) {
	t.Parallel()
	b, _, _ := clockedBench(t, simulator.GatewaySeed{})
	budget := &countingBudget{}
	b.client = newClientWith(b.url, apio.Options{Bucket: budget})
	centers := b.client.CallCenters("acme-be", "hq")
	if _, err := centers.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.fault(t, map[string]any{"path": "call_centers", "status": http.StatusTooManyRequests, "retryAfterSeconds": 7})
	_, err := centers.List(t.Context())
	if remote.ClassOf(err) != remote.RateLimited || remote.RetryAfter(err) != 7*time.Second {
		t.Errorf("list = %v", err)
	}
	if budget.waits.Load() != 2 || budget.held.Load() != int64(7*time.Second) {
		t.Errorf("%d calls waited, held for %s", budget.waits.Load(), time.Duration(budget.held.Load()))
	}
}

// When a session ends while the gateway is busy, everybody needs a new one: one log-in hears that it is to wait, and
// nobody else asks.
func TestALogInThatIsToWaitHoldsEverybody(t *testing.T) {
	t.Parallel()
	b, clock, _ := clockedBench(t, simulator.GatewaySeed{})
	b.client = newClientWith(b.url, apio.Options{Bucket: &countingBudget{}, Now: clock.Now})
	b.fault(t, map[string]any{"path": "auth/login", "status": http.StatusServiceUnavailable, "retryAfterSeconds": 7})
	centers := b.client.CallCenters("acme-be", "hq")
	for range 20 {
		if _, err := centers.List(t.Context()); remote.RetryAfter(err) != 7*time.Second {
			t.Fatalf("list = %v", err)
		}
	}
	if logins := b.count(t, "auth/login"); logins != 1 {
		t.Errorf("%d log-ins while the gateway wants to be left alone", logins)
	}
}

// A log-in that is not answered is trouble like any other call.
func TestLogInsWithoutAnAnswerAreTrouble(t *testing.T) {
	t.Parallel()
	b, _, changes := clockedBench(t, simulator.GatewaySeed{})
	b.fault(t, map[string]any{"path": "auth/login", "status": http.StatusBadGateway})
	for range 3 {
		_, _ = b.client.CallCenters("acme-be", "hq").List(t.Context()) //nolint:errcheck // Trouble says it
	}
	if b.client.Trouble() == nil || changes.Load() != 1 {
		t.Errorf("trouble %v, told %d times", b.client.Trouble(), changes.Load())
	}
}
