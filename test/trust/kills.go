package main

import (
	"context"
	"strings"
	"time"
)

const (
	// population is how many resources the scenarios keep alive at most.
	population = 60
	// recovery is how long everything may take to be as wanted after the last trouble.
	recovery = 3 * time.Minute
	// checkEvery is after how many rounds everything is checked.
	checkEvery = 20
)

// unlimited switches the limit of deletes off.
var unlimited = new(int32(0))

// killManagers kills a manager in the middle of creates, renames, edits and deletes, again and again.
func killManagers(ctx context.Context, s *stage, kills int) (*report, error) {
	t, err := s.openSite(ctx, unlimited)
	if err != nil {
		return nil, err
	}
	defer t.close()
	r := &report{}
	t.ledger.delays(upTo(1200 * time.Millisecond))
	for r.rounds = 0; r.rounds < kills; {
		m, err := s.startManager()
		if err != nil {
			return r, err
		}
		if err := m.ready(ctx); err != nil {
			return r, err
		}
		for range 1 + s.random.IntN(3) {
			if err := t.disturb(ctx, 1+s.random.IntN(6)); err != nil {
				return r, err
			}
			if err := pause(ctx, s.between(50*time.Millisecond, 900*time.Millisecond)); err != nil {
				return r, err
			}
		}
		if err := m.kill(); err != nil {
			return r, err
		}
		s.managers = nil
		r.rounds++
		if r.rounds%checkEvery == 0 {
			if err := t.recover(ctx, r); err != nil {
				return r, err
			}
			say("%d kills, %d resources so far, %d stuck", r.rounds, t.numbers, len(r.stuck))
		}
	}
	r.resources = t.numbers
	err = t.clear(ctx, r)
	r.take(t.ledger)
	return r, err
}

// disturb does what users do, a number of times.
func (t *site) disturb(ctx context.Context, times int) error {
	for range times {
		all := t.sorted()
		random := t.stage.random
		var err error
		switch choice := random.IntN(10); {
		case len(all) < population/4 || choice < 3 && len(all) < population:
			err = t.add(ctx, everyKind[random.IntN(len(everyKind))])
		case choice < 6:
			err = t.change(ctx, all[random.IntN(len(all))], func(r *resource) { r.rename++ })
		case choice < 8:
			err = t.change(ctx, all[random.IntN(len(all))], func(r *resource) { r.edit++ })
		default:
			err = t.remove(ctx, all[random.IntN(len(all))])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// recover lets a manager work without trouble and counts what is not as wanted after that.
func (t *site) recover(ctx context.Context, r *report) error {
	m, err := t.stage.startManager()
	if err != nil {
		return err
	}
	if err := t.await(ctx, r); err != nil {
		return err
	}
	t.stage.managers = nil
	return m.kill()
}

// await waits until the site is as wanted.
func (t *site) await(ctx context.Context, r *report) error {
	complaints, took, err := within(ctx, recovery, t.settled)
	if err != nil {
		return err
	}
	r.recoveries = append(r.recoveries, took)
	for _, complaint := range complaints {
		if strings.HasPrefix(complaint, "orphan") {
			r.orphans = append(r.orphans, complaint)
			continue
		}
		r.stuck = append(r.stuck, complaint)
	}
	return nil
}
