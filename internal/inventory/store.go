package inventory

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"wxcc.dev/operator/internal/remote"
)

// Store is what is known of one collection. Absence is believed only from a complete answer to a question that was
// asked before; presence in the snapshot is good enough to compare with between two sweeps.
type Store struct {
	name string
	//nolint:containedctx // ends the sweeps
	life       context.Context
	collection remote.Collection
	abilities  remote.Abilities

	finds  *gatherer[remote.Key, found]
	writes map[remote.Operation]*gatherer[remote.Write, remote.Result]
	sweeps *schedule

	looking atomic.Int64 // looks and reads under way: those who look now write in a moment
	listing sync.Mutex   // one listing at a time; a second one waits and may then need none

	mu        sync.Mutex
	rows      map[string]remote.Record
	byName    map[string][]string // lower-case name -> ids
	began     time.Time           // of the listing that rows come from; zero before the first
	skew      time.Duration
	pages     int
	touched   map[string]time.Time // ids changed by ourselves or by a Find since a listing that may be under way began
	interests map[any]Interest
	turns     map[any]uint64 // the round in which an interest had its last turn
	round     uint64
}

func newStore(life context.Context, name string, collection remote.Collection, phase float64, interval func() time.Duration) *Store {
	s := &Store{
		name: name, life: life, collection: collection, abilities: collection.Abilities(),
		rows: map[string]remote.Record{}, byName: map[string][]string{}, touched: map[string]time.Time{}, interests: map[any]Interest{},
		turns:  map[any]uint64{},
		writes: map[remote.Operation]*gatherer[remote.Write, remote.Result]{},
	}
	s.finds = &gatherer[remote.Key, found]{life: life, max: func() int { return maxFinds }, patience: gatherBurst, run: s.find}
	for _, operation := range []remote.Operation{remote.Create, remote.Update, remote.Delete} {
		limit := newBatchLimit(s.abilities.Batch[operation])
		patience := gatherWrites
		var more func() bool
		switch {
		case operation == remote.Delete:
			patience = gatherBurst // deletions come without a look before
		case operation == remote.Update && !s.abilities.CompleteRows:
			// Each object is read alone before it is written, so those who looked together come one by one.
			more = func() bool { return s.looking.Load() > 0 }
		}
		s.writes[operation] = &gatherer[remote.Write, remote.Result]{
			life: life, max: limit.now, patience: patience, more: more,
			run: func(ctx context.Context, writes []remote.Write) []remote.Result {
				results := s.apply(ctx, operation, writes)
				limit.learn(results)
				return results
			},
		}
	}
	s.sweeps = newSchedule(life, phase, interval, s.sweep)
	return s
}

// Name of the collection, unique within its organization.
func (s *Store) Name() string { return s.name }

// Abilities of the collection.
func (s *Store) Abilities() remote.Abilities { return s.abilities }

// View is what the store knows of one object.
type View struct {
	// Rows that match the key.
	Rows []remote.Record
	// Listed tells whether a listing has been read at all.
	Listed bool
	// Skew is the service's clock minus ours.
	Skew time.Duration
}

// Peek returns what the last listing (and our own writes since) say, without any request.
func (s *Store) Peek(key remote.Key) View {
	s.mu.Lock()
	defer s.mu.Unlock()
	return View{Rows: s.match(key), Listed: !s.began.IsZero(), Skew: s.skew}
}

// match returns the rows with the key's id or name. The caller holds the lock.
func (s *Store) match(key remote.Key) []remote.Record {
	var rows []remote.Record
	if row, ok := s.rows[key.ID]; ok && key.ID != "" {
		rows = append(rows, row)
	}
	if key.Name == "" {
		return rows
	}
	for _, id := range s.byName[FoldName(key.Name)] {
		if id != key.ID {
			rows = append(rows, s.rows[id])
		}
	}
	return rows
}

// Rows returns what the last listing (and our own writes since) say of all objects, without any request.
func (s *Store) Rows() []remote.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.rows))
}

// put stores a row and its name. The caller holds the lock.
func (s *Store) put(row remote.Record, now time.Time) {
	s.drop(row.ID, now)
	s.rows[row.ID] = row
	name := FoldName(row.Name)
	s.byName[name] = append(s.byName[name], row.ID)
}

// drop forgets a row. The caller holds the lock.
func (s *Store) drop(id string, now time.Time) {
	s.touched[id] = now
	row, ok := s.rows[id]
	if !ok {
		return
	}
	delete(s.rows, id)
	name := FoldName(row.Name)
	var rest []string
	for _, other := range s.byName[name] {
		if other != id {
			rest = append(rest, other)
		}
	}
	if len(rest) == 0 {
		delete(s.byName, name)
		return
	}
	s.byName[name] = rest
}

// adopt replaces the snapshot by a complete listing; rows that we touched after it began keep our newer knowledge.
func (s *Store) adopt(listing remote.Listing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if listing.Began.Before(s.began) {
		return
	}
	old := s.rows
	touched := s.touched
	s.rows = make(map[string]remote.Record, len(listing.Rows))
	s.byName = make(map[string][]string, len(listing.Rows))
	s.touched = map[string]time.Time{}
	s.began, s.skew, s.pages = listing.Began, listing.Skew, listing.Pages
	newer := map[string]bool{}
	for id, at := range touched {
		if at.Before(listing.Began) {
			continue
		}
		newer[id] = true
		if row, ok := old[id]; ok {
			s.put(row, at)
		} else {
			s.touched[id] = at
		}
	}
	for _, row := range listing.Rows {
		if !newer[row.ID] {
			s.rows[row.ID] = row
			name := FoldName(row.Name)
			s.byName[name] = append(s.byName[name], row.ID)
		}
	}
}

// FoldName is the form in which names are compared: names are unique without regard to case, as far as the services' refusals show.
func FoldName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
