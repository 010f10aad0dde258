package inventory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"wxcc.dev/operator/internal/remote"
)

// fake is a collection in memory that counts its calls and can be held up or made to fail.
type fake struct {
	abilities remote.Abilities

	mu      sync.Mutex
	rows    map[string]string // id -> name
	calls   map[string]int
	largest int
	err     error
	gate    chan struct{} // a listing waits here after it has read the rows
}

func newFake(names ...string) *fake {
	f := &fake{
		rows: map[string]string{}, calls: map[string]int{},
		abilities: remote.Abilities{CompleteRows: true, Dated: true, Filter: true, Batch: map[remote.Operation]int{remote.Create: 100, remote.Delete: 100}},
	}
	for i, name := range names {
		f.rows[fmt.Sprintf("id-%d", i)] = name
	}
	return f
}

func (f *fake) count(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[call]
}

func (f *fake) set(id, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rows[id] = name
}

func (f *fake) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *fake) Abilities() remote.Abilities { return f.abilities }

func (f *fake) List(context.Context) (remote.Listing, error) {
	listing, gate, err := f.read("list", func(string, string) bool { return true })
	if gate != nil {
		<-gate
	}
	return listing, err
}

func (f *fake) Find(_ context.Context, keys []remote.Key) (remote.Listing, error) {
	listing, _, err := f.read("find", func(id, name string) bool {
		for _, key := range keys {
			if key.ID == id || (key.Name != "" && key.Name == name) {
				return true
			}
		}
		return false
	})
	return listing, err
}

func (f *fake) read(call string, want func(id, name string) bool) (remote.Listing, chan struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[call]++
	listing := remote.Listing{Began: time.Now(), Pages: (len(f.rows) + 99) / 100}
	for id, name := range f.rows {
		if want(id, name) {
			listing.Rows = append(listing.Rows, record(id, name))
		}
	}
	return listing, f.gate, f.err
}

func record(id, name string) remote.Record {
	return remote.NewRecord(id, name, time.Time{}, fmt.Appendf(nil, `{"id":%q,"name":%q}`, id, name))
}

func (f *fake) Read(_ context.Context, id string) (remote.Object, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls["read"]++
	return remote.Object{"id": id, "name": f.rows[id]}, f.err
}

func (f *fake) Apply(_ context.Context, operation remote.Operation, writes []remote.Write) []remote.Result {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[string(operation)]++
	f.largest = max(f.largest, len(writes))
	if slices.ContainsFunc(writes, func(w remote.Write) bool { return w.Object.Text("name") == "poison" }) {
		failed := remote.Result{Err: &remote.Error{Class: remote.Unavailable, Op: "bulk", Status: 500, Ambiguous: true}}
		return slices.Repeat([]remote.Result{failed}, len(writes))
	}
	results := make([]remote.Result, 0, len(writes))
	for _, write := range writes {
		id := write.ID
		switch operation {
		case remote.Create:
			id = "new-" + write.Object.Text("name")
			f.rows[id] = write.Object.Text("name")
		case remote.Delete:
			delete(f.rows, id)
		}
		results = append(results, remote.Result{ID: id, Err: f.err})
	}
	return results
}

func (f *fake) Users(context.Context, string) (remote.Users, error) { return remote.Users{}, nil }

func store(t *testing.T, f *fake, interval time.Duration) *Store {
	t.Helper()
	return newStore(t.Context(), "things", f, 0, func() time.Duration { return interval })
}

// Proves: S0.24
func TestManyQuestionsShareOneListing(t *testing.T) {
	t.Parallel()
	f := newFake("a", "b")
	s := store(t, f, time.Hour)
	var wait sync.WaitGroup
	for range 1000 {
		wait.Go(func() {
			view, err := s.Find(t.Context(), remote.Key{Name: "A"})
			if err != nil || len(view.Rows) != 1 {
				t.Errorf("Find = %v rows, %v", len(view.Rows), err)
			}
		})
	}
	wait.Wait()
	if n := f.count("list") + f.count("find"); n > 12 {
		t.Errorf("1000 questions took %d requests", n)
	}
}

func TestAbsenceNeedsAListingThatBeganAfterTheQuestion(t *testing.T) {
	t.Parallel()
	f := newFake()
	f.gate = make(chan struct{})
	s := store(t, f, time.Hour)
	first := make(chan View, 1)
	go func() {
		view, err := s.Find(t.Context(), remote.Key{Name: "late"})
		if err != nil {
			t.Error(err)
		}
		first <- view
	}()
	until(t, func() bool { return f.count("list") == 1 })
	// The listing under way has read the rows already; what appears now is not in it.
	f.set("x", "late")
	second := make(chan View, 1)
	go func() {
		view, err := s.Find(t.Context(), remote.Key{Name: "late"})
		if err != nil {
			t.Error(err)
		}
		second <- view
	}()
	time.AfterFunc(2*gatherQuiet, func() { close(f.gate) })
	if view := <-first; len(view.Rows) != 0 {
		t.Errorf("first question: %d rows, want the state when it was asked", len(view.Rows))
	}
	if view := <-second; len(view.Rows) != 1 {
		t.Errorf("second question: %d rows, want 1: it must not be answered by the listing of the first", len(view.Rows))
	}
}

func TestAFailedListingTellsNothing(t *testing.T) {
	t.Parallel()
	f := newFake("kept")
	s := store(t, f, time.Hour)
	if _, err := s.Find(t.Context(), remote.Key{Name: "kept"}); err != nil {
		t.Fatal(err)
	}
	f.fail(&remote.Error{Class: remote.Unavailable, Op: "list"})
	if _, err := s.Find(t.Context(), remote.Key{Name: "kept"}); remote.ClassOf(err) != remote.Unavailable {
		t.Errorf("Find = %v, want the error", err)
	}
	if view := s.Peek(remote.Key{Name: "kept"}); len(view.Rows) != 1 {
		t.Error("a failed listing made a known object disappear")
	}
}

func TestWritesAreGathered(t *testing.T) {
	t.Parallel()
	f := newFake()
	s := store(t, f, time.Hour)
	var wait sync.WaitGroup
	for i := range 250 {
		wait.Go(func() {
			result, err := s.Write(t.Context(), remote.Create, remote.Write{Object: remote.Object{"name": fmt.Sprint(i)}})
			if err != nil || result.ID != fmt.Sprintf("new-%d", i) {
				t.Errorf("write %d = %+v, %v", i, result, err)
			}
		})
	}
	wait.Wait()
	if n := f.count("Create"); n < 3 || n > 6 || f.largest > 100 {
		t.Errorf("250 creates took %d calls, the largest of %d", n, f.largest)
	}
}

func TestAPoisonedWriteEndsUpAlone(t *testing.T) {
	t.Parallel()
	f := newFake()
	s := store(t, f, time.Hour)
	left := []string{"poison"}
	for i := range 63 {
		left = append(left, fmt.Sprint(i))
	}
	for round := 0; len(left) > 1; round++ {
		if round == 12 {
			t.Fatalf("%d writes still fail with the poisoned one", len(left))
		}
		var mu sync.Mutex
		var again []string
		var wait sync.WaitGroup
		for _, name := range left {
			wait.Go(func() {
				if _, err := s.Write(t.Context(), remote.Create, remote.Write{Object: remote.Object{"name": name}}); err != nil {
					mu.Lock()
					defer mu.Unlock()
					again = append(again, name)
				}
			})
		}
		wait.Wait()
		left = again
	}
	if left[0] != "poison" {
		t.Errorf("%s failed instead of the poisoned write", left[0])
	}
}

func TestAListingUnderWayDoesNotUndoAWrite(t *testing.T) {
	t.Parallel()
	f := newFake("doomed")
	s := store(t, f, time.Hour)
	if _, err := s.Find(t.Context(), remote.Key{ID: "id-0"}); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.gate = make(chan struct{})
	f.mu.Unlock()
	done := make(chan error, 1)
	go func() { done <- s.list(t.Context(), time.Now()) }()
	until(t, func() bool { return f.count("list") == 2 })
	if _, err := s.Write(t.Context(), remote.Delete, remote.Write{ID: "id-0"}); err != nil {
		t.Fatal(err)
	}
	close(f.gate)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if view := s.Peek(remote.Key{ID: "id-0"}); len(view.Rows) != 0 {
		t.Error("the listing that began before the delete brought the object back")
	}
}

// Proves: S0.13
func TestASweepWakesOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	f := newFake("same", "changed", "gone")
	s := store(t, f, time.Hour)
	woken := map[string]int{}
	watch := func(name string) {
		key := remote.Key{Name: name}
		view, err := s.Find(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		s.Track(name, Interest{Key: key, Seen: view.Fingerprint(), Wake: func() { woken[name]++ }})
	}
	for _, name := range []string{"same", "changed", "gone", "missing", "still missing"} {
		watch(name)
	}
	f.mu.Lock()
	f.rows["id-1b"] = "changed"
	delete(f.rows, "id-1")
	delete(f.rows, "id-2")
	f.rows["id-9"] = "missing"
	f.mu.Unlock()
	if err := s.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"changed": 1, "gone": 1, "missing": 1}
	if fmt.Sprint(woken) != fmt.Sprint(want) {
		t.Errorf("woken %v, want %v", woken, want)
	}
}

func TestSweepsStopWithTheLastInterest(t *testing.T) {
	t.Parallel()
	f := newFake("a")
	s := store(t, f, 20*time.Millisecond)
	s.Track("x", Interest{Key: remote.Key{Name: "a"}, Wake: func() {}})
	until(t, func() bool { return f.count("list") >= 2 })
	s.Forget("x")
	before := f.count("list")
	if err := s.sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := f.count("list"); after > before+1 {
		t.Errorf("%d listings after the last interest went", after-before)
	}
	if view := s.Peek(remote.Key{Name: "a"}); view.Listed || len(view.Rows) > 0 {
		t.Error("the listing is kept although nobody needs it")
	}
}

func TestSlotsDependOnNothingButTheClock(t *testing.T) {
	t.Parallel()
	interval := 5 * time.Minute
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	slot := at.Add(untilSlot(at, interval, 0.3))
	for range 10 {
		at = at.Add(7 * time.Second)
		if got := at.Add(untilSlot(at, interval, 0.3)); !got.Equal(slot) {
			t.Fatalf("at %s the next slot is %s, want %s as before", at, got, slot)
		}
	}
	if next := slot.Add(untilSlot(slot, interval, 0.3)); !next.Equal(slot.Add(interval)) {
		t.Errorf("after %s comes %s", slot, next)
	}
}

// The wall clock may be set back a little while a timer runs.
func TestASlotIsServedOnce(t *testing.T) {
	t.Parallel()
	const interval = 5 * time.Minute
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	_, slot := nextSlot(at, time.Time{}, interval, 0.3)
	for _, late := range []time.Duration{-100 * time.Millisecond, 0, 100 * time.Millisecond} {
		now := slot.Add(late)
		if wait, next := nextSlot(now, slot, interval, 0.3); !next.Equal(slot.Add(interval)) || wait != interval-late {
			t.Errorf("%s after the slot %s comes %s, in %s", late, slot, next, wait)
		}
	}
	if _, next := nextSlot(at, slot.Add(24*time.Hour), interval, 0.3); !next.Equal(slot) {
		t.Errorf("after the clock was set back by a day comes %s, want %s", next, slot)
	}
}

func TestAnEndedCallLeavesTheOutcomeUnknown(t *testing.T) {
	t.Parallel()
	s := store(t, newFake(), time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Write(ctx, remote.Create, remote.Write{Object: remote.Object{"name": "x"}})
	if !remote.IsAmbiguous(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v, want an ambiguous error", err)
	}
}

func until(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatal("gave up waiting")
		}
		time.Sleep(time.Millisecond) // between two looks
	}
}
