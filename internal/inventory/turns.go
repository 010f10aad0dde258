package inventory

import (
	"cmp"
	"slices"
)

// turnsPerSweep bounds what a sweep lets its objects ask beyond the pages of the listing, however many they are.
const turnsPerSweep = 2

// nextTurns picks the interests whose turn it is: those that have waited longest.
func (s *Store) nextTurns() []Interest {
	s.mu.Lock()
	defer s.mu.Unlock()
	var waiting []any
	for key, interest := range s.interests {
		if interest.Turn != nil {
			waiting = append(waiting, key)
		}
	}
	slices.SortFunc(waiting, func(a, b any) int { return cmp.Compare(s.turns[a], s.turns[b]) })
	s.round++
	var next []Interest
	for _, key := range waiting[:min(len(waiting), turnsPerSweep)] {
		s.turns[key] = s.round
		next = append(next, s.interests[key])
	}
	return next
}
