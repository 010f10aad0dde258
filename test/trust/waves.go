package main

import (
	"context"
	"fmt"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
)

// abreast is how many waves are under way at once.
const abreast = 10

// twoPerName applies two resources for one remote name, again and again, while creates are slow and managers die. Exactly
// one of the two may ever make and manage the object.
func twoPerName(ctx context.Context, s *stage, waves int) (*report, error) {
	t, err := s.openSite(ctx, unlimited)
	if err != nil {
		return nil, err
	}
	defer t.close()
	r := &report{}
	t.ledger.delays(upTo(time.Second))
	m, err := s.startManager()
	if err != nil {
		return r, err
	}
	for r.rounds < waves {
		pairs, err := t.wave(ctx, min(abreast, waves-r.rounds))
		if err != nil {
			return r, err
		}
		if s.random.IntN(2) == 0 { // in the middle of the creates, half of the time
			if err := pause(ctx, s.between(0, 2*time.Second)); err != nil {
				return r, err
			}
			if m, err = s.replace(m); err != nil {
				return r, err
			}
		}
		if err := t.awaitPairs(ctx, r, pairs); err != nil {
			return r, err
		}
		// A manager that knows nothing has to come to the same verdict.
		if m, err = s.replace(m); err != nil {
			return r, err
		}
		if err := t.awaitPairs(ctx, r, pairs); err != nil {
			return r, err
		}
		if err := t.endPairs(ctx, r, pairs); err != nil {
			return r, err
		}
		r.rounds += len(pairs)
		say("%d waves, %d duplicates, %d stuck", r.rounds, len(r.duplicates), len(r.stuck))
	}
	r.resources = 2 * t.numbers
	err = t.clear(ctx, r)
	r.take(t.ledger)
	return r, err
}

// replace kills a manager and starts another one.
func (s *stage) replace(old *manager) (*manager, error) {
	if err := old.kill(); err != nil {
		return nil, err
	}
	s.managers = nil
	return s.startManager()
}

// pair is two resources for one remote object. second is not among the resources that its site wants.
type pair struct{ first, second *resource }

// wave applies pairs, the second before the first as often as after it.
func (t *site) wave(ctx context.Context, count int) ([]pair, error) {
	var pairs []pair
	for range count {
		t.numbers++
		kind := everyKind[t.stage.random.IntN(len(everyKind))]
		t.ledger.want(t.numbers, func(w *wish) { w.edit = 1 })
		one := pair{
			first:  &resource{number: t.numbers, edit: 1, kind: kind, metadataName: fmt.Sprintf("n%d-a", t.numbers)},
			second: &resource{number: t.numbers, edit: 1, kind: kind, metadataName: fmt.Sprintf("n%d-b", t.numbers)},
		}
		pairs = append(pairs, one)
		for _, resource := range []*resource{one.first, one.second} {
			if err := t.stage.client.Create(ctx, t.object(resource)); err != nil {
				return pairs, err
			}
		}
	}
	return pairs, nil
}

// awaitPairs waits until each pair has one object with one manager, and the other one says Duplicate.
func (t *site) awaitPairs(ctx context.Context, r *report, pairs []pair) error {
	complaints, took, err := within(ctx, recovery, func(ctx context.Context) []string { return t.pairProblems(ctx, pairs) })
	if err != nil {
		return err
	}
	r.recoveries = append(r.recoveries, took)
	r.stuck = append(r.stuck, complaints...)
	return nil
}

func (t *site) pairProblems(ctx context.Context, pairs []pair) []string {
	existing, err := t.existing(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	remotes, err := t.remotes(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	var complaints []string
	for _, one := range pairs {
		a, b := existing[one.first.metadataName], existing[one.second.metadataName]
		if a == nil || b == nil {
			return []string{"a pair does not exist"}
		}
		found := remotes[one.first.number]
		managing := 0
		for _, object := range []v1alpha1.Object{a, b} {
			if object.GetConfigStatus().Origin != "" {
				managing++
			}
		}
		other := a
		if a.GetConfigStatus().Origin != "" {
			other = b
		}
		if len(found) != 1 || managing != 1 || reasonOf(other) != v1alpha1.ReasonDuplicate {
			complaints = append(complaints, fmt.Sprintf("%s: %d objects, %d managers; first: %s; second: %s",
				one.first.remoteName(), len(found), managing, describe(a), describe(b)))
		}
	}
	return complaints
}

// endPairs deletes both of each pair in any order, and waits until nothing is left.
func (t *site) endPairs(ctx context.Context, r *report, pairs []pair) error {
	for _, one := range pairs {
		t.ledger.want(one.first.number, func(w *wish) { w.deleted = true })
		both := []*resource{one.first, one.second}
		if t.stage.random.IntN(2) == 0 {
			both[0], both[1] = both[1], both[0]
		}
		for _, resource := range both {
			if err := t.stage.client.Delete(ctx, t.object(resource)); err != nil {
				return err
			}
		}
	}
	return t.await(ctx, r)
}
