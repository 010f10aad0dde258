package main

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

const (
	// leaseLasts is the duration of the lease; a leader that sleeps longer has lost it.
	leaseLasts = 15 * time.Second
	// takeOver is how long a standby may take after the lease has ended.
	takeOver = 20 * time.Second
)

// stopLeaders stops the leader for longer than its lease while users go on, lets the standby take over, and wakes the
// old leader up in the middle of what it was doing.
func stopLeaders(ctx context.Context, s *stage, stops int) (*report, error) {
	t, err := s.openSite(ctx, unlimited)
	if err != nil {
		return nil, err
	}
	defer t.close()
	r := &report{}
	t.ledger.delays(upTo(3 * time.Second))
	for range 2 {
		if err := s.standby(ctx); err != nil {
			return r, err
		}
	}
	for r.rounds < stops {
		leader, err := s.leader(ctx, nil)
		if err != nil {
			return r, err
		}
		if err := t.busy(ctx, 6, 300*time.Millisecond); err != nil {
			return r, err
		}
		if err := t.sleepBeyondLease(ctx, leader); err != nil {
			return r, err
		}
		if err := s.standby(ctx); err != nil {
			return r, err
		}
		r.rounds++
		if err := t.await(ctx, r); err != nil {
			return r, err
		}
		say("%d stops, %d resources so far, %d stuck", r.rounds, t.numbers, len(r.stuck))
	}
	r.resources = t.numbers
	err = t.clear(ctx, r)
	r.take(t.ledger)
	return r, err
}

// busy lets users change things a number of times, with pauses of up to most.
func (t *site) busy(ctx context.Context, times int, most time.Duration) error {
	for range times {
		if err := t.disturb(ctx, 3); err != nil {
			return err
		}
		if err := pause(ctx, t.stage.between(0, most)); err != nil {
			return err
		}
	}
	return nil
}

// sleepBeyondLease stops the leader until the standby leads and works, wakes it up, and waits for its end.
func (t *site) sleepBeyondLease(ctx context.Context, leader *manager) error {
	if err := leader.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	if _, err := t.stage.leader(ctx, leader); err != nil {
		return err
	}
	if err := t.busy(ctx, 8, time.Second); err != nil {
		return err
	}
	if err := leader.signal(syscall.SIGCONT); err != nil {
		return err
	}
	if err := t.busy(ctx, 4, 500*time.Millisecond); err != nil {
		return err
	}
	select {
	case <-leader.done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Minute):
		return fmt.Errorf("a leader that lost its lease goes on:\n%s", leader.tail())
	}
}

// standby starts one more manager for the lease.
func (s *stage) standby(ctx context.Context) error {
	m, err := s.startManager("--leader-elect", "--leader-election-namespace", operatorName)
	if err != nil {
		return err
	}
	return m.ready(ctx)
}

// leader waits until a manager other than one leads.
func (s *stage) leader(ctx context.Context, other *manager) (*manager, error) {
	var found *manager
	complaints, _, err := within(ctx, leaseLasts+takeOver, func(ctx context.Context) []string {
		for _, m := range s.managers {
			if m != other && m.runs() && m.leads(ctx) {
				found = m
				return nil
			}
		}
		return []string{"nobody leads"}
	})
	if err == nil && len(complaints) > 0 {
		err = fmt.Errorf("%s after %s", complaints[0], leaseLasts+takeOver)
	}
	return found, err
}
