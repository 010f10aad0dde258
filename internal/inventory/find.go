package inventory

import (
	"context"
	"fmt"
	"time"

	"wxcc.dev/operator/internal/remote"
)

// maxFinds bounds how many look-ups share a request or two.
const maxFinds = 100

// found is the answer to one key of a shared look-up.
type found struct {
	view View
	err  error
}

// Find asks the service about an object now and returns the rows that match: what it does not return did not exist at
// some moment after the call. Look-ups made at the same time share requests.
func (s *Store) Find(ctx context.Context, key remote.Key) (View, error) {
	s.looking.Add(1)
	defer s.looking.Add(-1)
	answer, err := s.finds.do(ctx, key)
	if err != nil {
		return View{}, fmt.Errorf("look up: %w", err)
	}
	return answer.view, answer.err
}

// find answers many keys by whatever takes fewer requests: reading the rows asked for, or all of them.
func (s *Store) find(ctx context.Context, keys []remote.Key) []found {
	asked := time.Now()
	var err error
	if s.worthListing(len(keys)) {
		err = s.list(ctx, asked)
	} else {
		err = s.findSome(ctx, keys)
	}
	answers := make([]found, 0, len(keys))
	for _, key := range keys {
		if err != nil {
			answers = append(answers, found{err: err})
			continue
		}
		view := s.Peek(key)
		if !view.Listed {
			// The listing was dropped in between because nobody seemed to need it: no proof of anything.
			answers = append(answers, found{err: &remote.Error{Class: remote.Unavailable, Op: "look up", Message: "the listing was dropped"}})
			continue
		}
		answers = append(answers, found{view: view})
	}
	return answers
}

func (s *Store) worthListing(keys int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.abilities.Filter || s.began.IsZero() || s.pages <= 1+keys/maxFinds
}

func (s *Store) findSome(ctx context.Context, keys []remote.Key) error {
	keys = append(keys, s.variants(keys)...)
	listing, err := s.collection.Find(ctx, keys)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.skew = listing.Skew
	for _, key := range keys {
		for _, row := range s.match(key) {
			// A variant of a name is asked for by its id, below, and by nothing else.
			if (row.ID == key.ID || row.Name == key.Name) && !s.touched[row.ID].After(listing.Began) {
				s.drop(row.ID, listing.Began)
			}
		}
	}
	for _, row := range listing.Rows {
		if !s.touched[row.ID].After(listing.Began) {
			s.put(row, listing.Began)
		}
	}
	return nil
}

// variants returns keys for the known rows whose name differs from one asked for in its letters' case only: the service
// may not find them by name.
func (s *Store) variants(keys []remote.Key) []remote.Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	var variants []remote.Key
	for _, key := range keys {
		for _, row := range s.match(key) {
			if row.ID != key.ID && row.Name != key.Name {
				variants = append(variants, remote.Key{ID: row.ID})
			}
		}
	}
	return variants
}

// Relist reads the whole collection now.
func (s *Store) Relist(ctx context.Context) error { return s.list(ctx, time.Now()) }

// Confirm reads one object by its id, past the listing; NotFound is the service's own word that it is gone.
func (s *Store) Confirm(ctx context.Context, id string) (remote.Object, error) {
	return s.collection.Read(ctx, id)
}

// list reads the whole collection unless a listing that began after the question is there already.
func (s *Store) list(ctx context.Context, asked time.Time) error {
	s.listing.Lock()
	defer s.listing.Unlock()
	s.mu.Lock()
	fresh, first := s.began.After(asked), s.began.IsZero()
	s.mu.Unlock()
	if fresh {
		return nil
	}
	listing, err := s.collection.List(ctx)
	if err != nil {
		return err
	}
	s.adopt(listing)
	if first {
		s.sweeps.report(s.life, nil) // whoever there is compares with it
	}
	return nil
}

// Read returns an object in full: the row alone where rows are complete, else the object as read now, with what only
// the row knows beside it.
func (s *Store) Read(ctx context.Context, row remote.Record) (remote.Object, error) {
	known, err := row.Object()
	if err != nil || s.abilities.CompleteRows {
		return known, err
	}
	s.looking.Add(1)
	defer s.looking.Add(-1)
	object, err := s.collection.Read(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	for _, path := range known.Leaves() {
		if _, ok := object.Get(path); !ok {
			value, _ := known.Get(path)
			object.Set(path, value)
		}
	}
	return object, nil
}

// ReadPart reads a part of an object that Read leaves out; see remote.PartReader.
func (s *Store) ReadPart(ctx context.Context, id, part string) (any, error) {
	reader, ok := s.collection.(remote.PartReader)
	if !ok {
		return nil, fmt.Errorf("objects of %s have no parts", s.name)
	}
	s.looking.Add(1)
	defer s.looking.Add(-1)
	return reader.ReadPart(ctx, id, part)
}

// MakeSecret makes a value for a write-only field; see remote.SecretMaker.
func (s *Store) MakeSecret(ctx context.Context, field string) (string, error) {
	maker, ok := s.collection.(remote.SecretMaker)
	if !ok {
		return "", fmt.Errorf("nothing is known of how to make a %s", field)
	}
	return maker.MakeSecret(ctx, field)
}

// Users tells who refers to an object.
func (s *Store) Users(ctx context.Context, id string) (remote.Users, error) {
	return s.collection.Users(ctx, id)
}
