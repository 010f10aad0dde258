package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/remote"
)

// sighting is what was seen of the remote object.
type sighting struct {
	presence presence
	row      remote.Record
	rows     []remote.Record
	// actual is the object; only a part of it where partial.
	actual  remote.Object
	partial bool
	// managed: found by the id in status, which is ours to manage.
	managed bool
	// ours: not managed yet, but created by us.
	ours        bool
	differences []difference
}

// lookupKeys are what the object may be found under, in this order: its id, the name that a create without an answer gave
// it, whatever the spec says by now, and what the spec says.
func (v *visit[T]) lookupKeys() []remote.Key {
	var keys []remote.Key
	if id := v.status().ID; id != "" {
		keys = append(keys, remote.Key{ID: id})
	}
	named := v.r.kind.key(v.obj)
	if pending, ok := v.pending(); ok && !sameName(pending.intent.Name, named.Name) {
		keys = append(keys, remote.Key{Name: pending.intent.Name})
	}
	return append(keys, named)
}

// look finds the remote object: in the snapshot, or fresh, by asking the service.
func (v *visit[T]) look(ctx context.Context, fresh bool) (sighting, *outcome) {
	began := time.Now()
	seen := sighting{presence: absent}
	keys := v.lookupKeys()
	for i, key := range keys {
		view, err := v.ask(ctx, key, fresh)
		if err != nil {
			return sighting{}, failed(err)
		}
		// What has the name of an old intent and is not ours is nothing to us.
		if found := v.identify(view); key.ID != "" || found.ours || i == len(keys)-1 {
			seen = found
		}
		if seen.presence != absent {
			break
		}
	}
	if seen.presence != present {
		return seen, v.settlingAbsence(seen, began)
	}
	err := v.read(ctx, &seen, fresh)
	// Under the id that it has now, and after the read, which moves the next full check.
	v.trackSelf(remote.Key{ID: seen.row.ID}, inventory.View{Rows: []remote.Record{seen.row}}.Fingerprint())
	if err != nil {
		if remote.IsNotFound(err) {
			// Deleted between listing and reading: the next look tells.
			return sighting{}, &outcome{state: isUnknown, reason: v1alpha1.ReasonProgressing, message: err.Error(), err: err}
		}
		return sighting{}, failed(err)
	}
	return seen, nil
}

// ask looks a key up and keeps watching it.
func (v *visit[T]) ask(ctx context.Context, key remote.Key, fresh bool) (inventory.View, error) {
	view := v.store.Peek(key)
	if fresh {
		var err error
		if view, err = v.find(ctx, key); err != nil {
			return view, fmt.Errorf("look up %s: %w", v.obj.GetRemoteName(), err)
		}
	}
	v.trackSelf(key, view.Fingerprint())
	return view, nil
}

// identify picks the object among the rows that match its id or its key.
func (v *visit[T]) identify(view inventory.View) sighting {
	id, explicit := v.status().ID, v.r.kind.key(v.obj).ID
	var others []remote.Record
	for _, row := range view.Rows {
		if row.ID != "" && (row.ID == id || row.ID == explicit) {
			managed := row.ID == id && v.status().Origin != ""
			return sighting{presence: present, row: row, managed: managed, ours: !managed && v.createdByUs(row, view.Skew)}
		}
		others = append(others, row)
	}
	if explicit != "" {
		// An explicit id names the object: a namesake is somebody else's, unless it is the object under a new id.
		others = slices.DeleteFunc(others, func(row remote.Record) bool { return id == "" || !v.renamed(row) })
	}
	others = v.narrowed(others)
	switch len(others) {
	case 0:
		return sighting{presence: absent}
	case 1:
		managed := id != "" && v.status().Origin != "" && v.renamed(others[0])
		return sighting{presence: present, row: others[0], managed: managed, ours: !managed && v.createdByUs(others[0], view.Skew)}
	}
	ours := slices.ContainsFunc(others, func(row remote.Record) bool { return v.createdByUs(row, view.Skew) })
	return sighting{presence: several, rows: others, ours: ours}
}

// narrowed picks the one of several namesakes that has what else the spec says of itself, if just one has.
func (v *visit[T]) narrowed(rows []remote.Record) []remote.Record {
	if len(rows) < 2 || v.r.kind.Tells == nil || v.owned == nil {
		return rows
	}
	alike := slices.DeleteFunc(slices.Clone(rows), func(row remote.Record) bool {
		object, err := row.Object()
		return err != nil || !v.r.kind.Tells(v.owner(), v.owned, object)
	})
	if len(alike) == 1 {
		return alike
	}
	return rows
}

// renamed tells whether a namesake of a managed object that is gone is that object under a new id.
func (v *visit[T]) renamed(row remote.Record) bool {
	if v.r.kind.Renamed == nil || v.owned == nil {
		return false
	}
	object, err := row.Object()
	return err == nil && v.r.kind.Renamed(v.owner(), v.owned, object)
}

// read gets the object itself. Where rows do not tell all, the row is enough as long as it has not changed since the
// last full read and no full check is due.
func (v *visit[T]) read(ctx context.Context, seen *sighting, fresh bool) error {
	complete := v.store.Abilities().CompleteRows
	// A row cannot show that a known difference is gone.
	seen.partial = !complete && !fresh && len(v.status().Drift) == 0 && v.r.readBefore(v.key, seen.row, v.fullCheckEvery())
	var err error
	if complete || seen.partial {
		seen.actual, err = seen.row.Object()
	} else {
		err = v.readFully(ctx, seen)
	}
	if err != nil {
		return err
	}
	seen.differences = v.differences(seen)
	return nil
}

// readFully gets the whole object, with those of its parts that the spec owns, from what a write has shown of it or else
// by reading it.
func (v *visit[T]) readFully(ctx context.Context, seen *sighting) (err error) {
	if seen.actual, err = v.shown(seen.row); err == nil && seen.actual == nil {
		if seen.actual, err = v.store.Read(ctx, seen.row); err == nil {
			err = v.readParts(ctx, seen)
		}
	}
	if err == nil {
		v.r.remember(v.key, seen.row)
	}
	return err
}

// readParts completes an object by those of its parts that the spec owns. A deletion compares nothing, and must not fail
// for a route that it does not need.
func (v *visit[T]) readParts(ctx context.Context, seen *sighting) error {
	if v.deleting() {
		return nil
	}
	for _, field := range v.r.kind.Fields {
		if _, owned := v.owned.Get(field.wire()); !field.Part || !owned {
			continue
		}
		part, err := v.store.ReadPart(ctx, seen.row.ID, field.wire())
		if err != nil {
			return fmt.Errorf("read %s: %w", field.wire(), err)
		}
		seen.actual.Set(field.wire(), part)
	}
	return nil
}

func (v *visit[T]) differences(seen *sighting) []difference {
	if v.owned == nil || v.deleting() {
		return nil
	}
	found := v.r.kind.compare(v.owner(), v.owned, seen.actual, seen.partial)
	return append(found, v.secretDifferences()...)
}

// facts gathers what the decision depends on.
func (v *visit[T]) facts(ctx context.Context, seen sighting) facts {
	f := facts{
		Deleting: v.deleting(),
		Observe:  v.policies.ManagementPolicy == v1alpha1.ManagementObserve,
		Retain:   v.retains(),
		Adoption: v.policies.AdoptionPolicy,
		Managed:  seen.managed,
		Remote:   seen.presence,
		Ours:     seen.ours,
		Drift:    len(seen.differences) > 0,
	}
	if !f.Deleting && !f.Observe {
		f.Claimed, f.Inherits = v.claim(ctx, seen)
	}
	if f.Remote != present {
		return f
	}
	if f.Deleting {
		v.holder, f.Claimed = v.successor(ctx, seen.row.ID)
	}
	if seen.actual != nil {
		f.Protected = v.r.kind.protected(seen.actual)
	}
	// What belongs to the system was not created by us, whatever its date says.
	f.Ours = f.Ours && !f.Protected
	for _, d := range seen.differences {
		f.Immutable = f.Immutable || d.immutable
	}
	return f
}
