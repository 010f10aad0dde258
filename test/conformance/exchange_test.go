package conformance_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// exchanged is a field of which the service holds every value once only.
type exchanged struct {
	spec, wire string
	value      func(i int) any
}

// exchangeable are the kind's fields that two objects cannot have the same value of.
func (k *kind) exchangeable() []exchanged {
	if k.entity != "" {
		return []exchanged{{"name", "name", func(i int) any { return fmt.Sprintf("Exchanged %d", i) }}}
	}
	return []exchanged{
		{"profile.phoneNumber", inProfile + "phoneNumber", func(i int) any { return fmt.Sprintf("+32255502%02d", 20+i) }},
		{"profile.extension", inProfile + "extension", func(i int) any { return fmt.Sprintf("48%02d", i) }},
	}
}

func forEachExchangeable(t *testing.T, behaviour func(w *world, f exchanged)) {
	t.Helper()
	forEachKind(t, func(t *testing.T, k *kind) {
		for _, f := range k.exchangeable() {
			t.Run(f.spec, func(t *testing.T) {
				t.Parallel()
				behaviour(newWorld(t, k), f)
			})
		}
	})
}

// having makes resources with the values 0, 1, 2... of a field, and returns their ids.
func (w *world) having(f exchanged, count int) (all []*resource, ids []string) {
	w.t.Helper()
	for i := range count {
		all = append(all, w.create(w.kind.minimal(fmt.Sprintf("Holder %d", i)).with(f.spec, f.value(i))))
	}
	for _, r := range all {
		ids = append(ids, r.waitReady().ID)
	}
	w.sim.Reset()
	return all, ids
}

// wantValues waits until each resource has its value, under its id.
func (w *world) wantValues(f exchanged, all []*resource, ids []string, values []int) {
	w.t.Helper()
	for i, r := range all {
		if status := r.waitReadyWithin(later); status.ID != ids[i] || status.Origin != v1alpha1.OriginCreated {
			w.t.Errorf("id %q origin %q, was %q Created", status.ID, status.Origin, ids[i])
		}
	}
	for i, value := range values {
		w.wantRemote(ids[i], map[string]any{f.wire: f.value(value)})
	}
	for _, request := range w.requestsOf(http.MethodDelete) {
		w.t.Errorf("%s %s: nothing is deleted", request.Method, request.Path)
	}
}

// Changes that depend on each other in one commit, each applied in the order given and in the reverse.
func TestValuesChangeHandsInOneCommit(t *testing.T) {
	for name, row := range map[string]struct {
		values []int // that the resources are to have, which have 0, 1, 2...
		most   int   // writes
	}{
		"swap":              {[]int{1, 0}, 6},
		"three in a circle": {[]int{1, 2, 0}, 10},
		"moved on":          {[]int{1, 2, 3}, 7},
		"two swaps":         {[]int{1, 0, 3, 2}, 12},
	} {
		for _, reverse := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, reversed %t", name, reverse), func(t *testing.T) {
				forEachExchangeable(t, func(w *world, f exchanged) {
					all, ids := w.having(f, len(row.values))
					order := make([]int, len(all))
					for i := range order {
						order[i] = i
					}
					if reverse {
						slices.Reverse(order)
					}
					for _, i := range order {
						all[i].change(patchOf(f.spec, f.value(row.values[i])))
					}
					w.wantValues(f, all, ids, row.values)
					if writes := w.sim.Stats().Mutating; writes > row.most {
						w.t.Errorf("%d writes, want %d at the most\n%s", writes, row.most, w.writeLog())
					}
				})
			})
		}
	}
}

// A value that a resource gives up is taken at once by the one that was refused it, and by a new one.
func TestFreedValueIsTakenAtOnce(t *testing.T) {
	for name, free := range map[string]func(holder *resource, f exchanged){
		"by a change":   func(holder *resource, f exchanged) { holder.change(patchOf(f.spec, f.value(8))) },
		"by a deletion": func(holder *resource, _ exchanged) { holder.delete() },
	} {
		for _, fresh := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, by a new one %t", name, fresh), func(t *testing.T) {
				forEachExchangeable(t, func(w *world, f exchanged) {
					all, ids := w.having(f, 2)
					taker := all[1]
					if fresh {
						content := w.kind.minimal("Newcomer").with(f.spec, f.value(0))
						if f.spec == "name" && name == "by a deletion" {
							w.t.Skip("a new resource that means the object takes it over")
						}
						taker = w.create(content)
					} else {
						taker.change(patchOf(f.spec, f.value(0)))
					}
					taker.waitReason(soon, v1alpha1.ReasonNameConflict, v1alpha1.ReasonDuplicate, v1alpha1.ReasonRejected)
					free(all[0], f)
					status := taker.waitReadyWithin(later)
					w.wantRemote(status.ID, map[string]any{f.wire: f.value(0)})
					if !fresh && status.ID != ids[1] {
						w.t.Errorf("the id changed from %q to %q", ids[1], status.ID)
					}
				})
			})
		}
	}
}

// A value that nobody gives up is said to be held, and nothing is moved.
func TestValueThatIsKeptIsNamed(t *testing.T) {
	forEachExchangeable(t, func(w *world, f exchanged) {
		all, ids := w.having(f, 2)
		all[1].change(patchOf(f.spec, f.value(0)))
		all[1].waitReason(soon, v1alpha1.ReasonNameConflict, v1alpha1.ReasonRejected)
		w.wantRemote(ids[0], map[string]any{f.wire: f.value(0)})
		w.wantRemote(ids[1], map[string]any{f.wire: f.value(1)})
		if writes := w.sim.Stats().Mutating; writes > 2 {
			w.t.Errorf("%d writes of a value that is taken\n%s", writes, w.writeLog())
		}
	})
}
