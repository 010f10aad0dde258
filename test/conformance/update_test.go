package conformance_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// isList tells a listing from the read of one object.
func isList(k *kind, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	if unescaped, err := url.PathUnescape(path); err == nil {
		path = unescaped
	}
	return strings.HasSuffix(strings.TrimSuffix(path, "/"), "/"+k.entity) || strings.HasSuffix(path, "/call_centers/")
}

// Proves: S0.4, S0.18, S3.4, S3.21, S3.22, S3.23, S3.24, S3.26, S3.29, S3.30, S3.31, S3.32, S3.33, S3.35
func TestUpdateOfEveryField(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		content := k.full("Changing")
		r := w.create(content)
		id := r.waitReady().ID
		want := k.wantFull(w)
		for _, f := range k.fields {
			change := patchOf(f.spec, f.to)
			for path, value := range f.also {
				change = change.with(path, value)
			}
			want[f.wirePath()] = f.inWire(w, f.to)
			r.change(change)
			status := r.waitReadyWithin(later)
			if status.ID != id {
				t.Fatalf("%s: the id changed from %q to %q", f.spec, id, status.ID)
			}
			w.wantRemote(id, want)
			if status.LastChange == nil || !slices.ContainsFunc(status.LastChange.Fields, func(path string) bool {
				return strings.HasPrefix(path, f.spec)
			}) {
				t.Errorf("%s: lastChange does not name it: %+v", f.spec, status.LastChange)
				continue
			}
			if !slices.ContainsFunc(status.LastChange.Values, func(value v1alpha1.ChangedValue) bool {
				return strings.HasPrefix(value.Field, f.spec) && value.Before != value.After
			}) {
				t.Errorf("%s: lastChange does not tell its values before and after: %+v", f.spec, status.LastChange)
			}
		}
		w.onlyRemote("Changing")
	})
}

// Proves: S0.3, S3.15
func TestEmptyTextClearsAndOmissionLeavesAlone(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		f := k.clearable
		cleared := w.create(k.minimal("Cleared").with(f.spec, f.from))
		id := cleared.waitReady().ID
		w.wantRemote(id, map[string]any{f.wirePath(): f.from})

		cleared.change(patchOf(f.spec, nil))
		cleared.waitReady()
		w.wantRemote(id, map[string]any{f.wirePath(): f.from})

		cleared.change(patchOf(f.spec, ""))
		cleared.waitReady()
		w.wantRemote(id, map[string]any{f.wirePath(): ""})
		w.sim.Reset()
		cleared.check()
		w.wantNoWrites()
	})
}

// Proves: S0.2, S3.9
func TestRenameInPlaceKeepsTheID(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Old name"))
		id := r.waitReady().ID
		r.change(patchOf("name", "New name"))
		if status := r.waitReady(); status.ID != id {
			t.Errorf("the id changed from %q to %q", id, status.ID)
		}
		if renamed := w.onlyRemote("New name"); w.remoteID(renamed) != id {
			t.Errorf("the object of the new name has id %q, want %q", w.remoteID(renamed), id)
		}
		if left := w.remotesNamed("Old name"); len(left) != 0 {
			t.Errorf("an object of the old name is left")
		}
	})
}

// Proves: S3.4
func TestUnownedFieldSurvivesAnUpdate(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.minimal("Shared"))
		id := r.waitReady().ID
		foreign := record{}
		foreign.put(k.unowned.wirePath(), k.unowned.to)
		w.changeRemote(id, foreign)

		r.change(patchOf("name", "Shared no more"))
		r.waitReady()
		w.wantRemote(id, map[string]any{k.nameField(): "Shared no more", k.unowned.wirePath(): k.unowned.to})
		if drift := r.status().Drift; len(drift) != 0 {
			t.Errorf("a field that the spec does not own counts as drift: %v", drift)
		}
	})
}

// Proves: S0.10, S3.18
func TestImmutableDifferenceIsReportedAndNotWritten(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.minimal("Fixed"))
		id := r.waitReady().ID
		w.changeRemote(id, record(k.immutable))
		w.sim.Reset()
		r.ask()
		status, _ := r.waitStalled("ImmutableField")
		for path := range k.immutable {
			wantDrift(t, status, path)
		}
		w.wantNoWrites()
	})
}

func TestRenameOntoATakenNameIsAConflict(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.entity == "" {
			t.Skip("call centers may share a name")
		}
		w := newWorld(t, k)
		taken := w.addRemote(k.remote(w, "Taken"))
		r := w.create(k.full("Mine"))
		id := r.waitReady().ID
		r.change(patchOf("name", "Taken"))
		if status, _ := r.waitStalled("NameConflict"); status.ID != id {
			t.Errorf("the id changed from %q to %q", id, status.ID)
		}
		if one := w.onlyRemote("Taken"); w.remoteID(one) != taken {
			t.Errorf("the other object was touched")
		}
		w.onlyRemote("Mine")
		w.deleteRemote(taken)
		r.check()
		if status := r.waitReady(); status.ID != id {
			t.Errorf("the id changed from %q to %q", id, status.ID)
		}
		w.onlyRemote("Taken")
	})
}

func TestNameInOtherLettersIsTheSameObject(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.entity == "" {
			t.Skip("call centers may share a name")
		}
		w := newWorld(t, k)
		id := w.addRemote(k.remoteFull(w, "LUNCH"))
		r := w.create(k.full("Lunch"))
		status, _ := r.waitStalled("NameConflict")
		wantDrift(t, status, "name")
		w.wantNoWrites()
		r.change(patchOf("adoptionPolicy", "Always"))
		if status := r.waitReady(); status.ID != id {
			t.Errorf("id is %q, want %q", status.ID, id)
		}
		w.wantRemote(id, map[string]any{"name": "Lunch"})
	})
}
