package inventory

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"wxcc.dev/operator/internal/remote"
)

// Write carries out one write, together with others of its kind that come at the same time. An error of the call
// itself (a context that ended) leaves the outcome unknown.
func (s *Store) Write(ctx context.Context, operation remote.Operation, write remote.Write) (remote.Result, error) {
	result, err := s.writes[operation].do(ctx, write)
	if err != nil {
		return remote.Result{ID: write.ID}, &remote.Error{
			Class: remote.Unavailable, Op: string(operation), Message: "the answer was not waited for", Ambiguous: true, Err: err,
		}
	}
	return result, result.Err
}

// apply gives the collection what it needs beside the change: the object as it is now, read anew, so that a full
// replacement cannot bring back what somebody else has just changed.
func (s *Store) apply(ctx context.Context, operation remote.Operation, writes []remote.Write) []remote.Result {
	results := make([]remote.Result, len(writes))
	ready := make([]remote.Write, 0, len(writes))
	indexes := make([]int, 0, len(writes))
	for i, write := range writes {
		if !write.SendBefore.IsZero() && time.Now().After(write.SendBefore) {
			results[i] = remote.Result{ID: write.ID, Err: &remote.Error{
				Class: remote.Unavailable, Op: string(operation), Message: "it waited too long for its turn and was not sent",
			}}
			continue
		}
		if s.needsBase(operation, len(writes)) {
			base, err := s.base(ctx, operation, write.ID)
			if err != nil {
				results[i] = remote.Result{ID: write.ID, Err: err}
				continue
			}
			write.Base = base
		} else if operation == remote.Update && s.abilities.CompleteRows {
			write.Base = s.row(write.ID)
		}
		ready = append(ready, write)
		indexes = append(indexes, i)
	}
	if len(ready) == 0 {
		return results
	}
	done := s.collection.Apply(ctx, operation, ready)
	for i, result := range done {
		results[indexes[i]] = result
		s.learn(operation, ready[i], result)
	}
	s.readBack(ctx, operation, done)
	return results
}

// readBack reads what a batch wrote without an echo, all in one look, so that the snapshot can prove it. A failure
// proves nothing and is no failure of the write.
func (s *Store) readBack(ctx context.Context, operation remote.Operation, results []remote.Result) {
	if operation == remote.Delete || !s.abilities.CompleteRows || !s.abilities.Filter {
		return
	}
	var keys []remote.Key
	for _, result := range results {
		if result.Err == nil && result.Object == nil && result.ID != "" {
			keys = append(keys, remote.Key{ID: result.ID})
		}
	}
	if len(keys) > 0 {
		s.find(remote.WithPriority(ctx, remote.Verification), keys)
	}
}

func (s *Store) needsBase(operation remote.Operation, count int) bool {
	return s.abilities.NeedsBase[operation] && (operation == remote.Update || count > 1)
}

// row is the object as the listing has it, nil where it has none: enough where a write only says which state it changes.
func (s *Store) row(id string) remote.Object {
	view := s.Peek(remote.Key{ID: id})
	if len(view.Rows) != 1 {
		return nil
	}
	object, err := view.Rows[0].Object()
	if err != nil {
		return nil
	}
	return object
}

// base reads the object for an update; a delete is content with the row, which the service only wants to see complete.
func (s *Store) base(ctx context.Context, operation remote.Operation, id string) (remote.Object, error) {
	if operation == remote.Delete && s.abilities.CompleteRows {
		if view := s.Peek(remote.Key{ID: id}); len(view.Rows) == 1 {
			return view.Rows[0].Object()
		}
	}
	object, err := s.collection.Read(ctx, id)
	if remote.ClassOf(err) == remote.Rejected && err != nil {
		// Of the write itself that says nothing.
		return nil, &remote.Error{Class: remote.InvalidResponse, Op: "read before " + string(operation), Message: err.Error(), Err: err}
	}
	if err != nil && !remote.IsNotFound(err) {
		return nil, fmt.Errorf("read before %s: %w", operation, err)
	}
	return object, err
}

// learn keeps what an answer proves. A write without an echo proves nothing about the fields, so the row stays as it
// was until it is read back.
func (s *Store) learn(operation remote.Operation, write remote.Write, result remote.Result) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case operation == remote.Delete && (result.Err == nil || remote.IsNotFound(result.Err)):
		s.drop(write.ID, now)
	case result.Err == nil && result.Object != nil && s.abilities.CompleteRows:
		if row, err := echoRecord(result); err == nil {
			s.put(row, now)
		}
	case (result.Err == nil || result.Partial) && result.ID != write.ID && write.ID != "":
		s.drop(write.ID, now) // the service renamed it
	}
}

func echoRecord(result remote.Result) (remote.Record, error) {
	object := result.Object.Clone()
	delete(object, "links")
	compact, err := json.Marshal(object)
	if err != nil {
		return remote.Record{}, fmt.Errorf("encode answer: %w", err)
	}
	return remote.NewRecord(result.ID, object.Text("name"), object.Time("createdTime"), compact), nil
}

// batchLimit shrinks when whole batches fail and grows back when they do not: should one write make the service fail,
// it ends up alone and the others get through.
type batchLimit struct {
	most    int
	current atomic.Int64
}

func newBatchLimit(most int) *batchLimit {
	l := &batchLimit{most: max(1, most)}
	l.current.Store(int64(l.most))
	return l
}

func (l *batchLimit) now() int { return int(l.current.Load()) }

func (l *batchLimit) learn(results []remote.Result) {
	failed := 0
	for _, result := range results {
		if result.Err != nil && remote.ClassOf(result.Err) == remote.Unavailable {
			failed++
		}
	}
	switch {
	case failed == len(results) && failed > 1:
		l.current.Store(max(1, int64(len(results))/2))
	case failed == 0:
		l.current.Store(min(int64(l.most), 2*l.current.Load()))
	}
}
