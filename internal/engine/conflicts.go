package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// maxChain is how many objects are followed from one that has what another one wants.
const maxChain = 32

// chain is who has a value that is wanted, what he wants instead, who has that, and so on.
type chain[T v1alpha1.Object] struct {
	members []T
	// ring: the last of them wants what the object has that began to ask.
	ring bool
	// keeper is whoever keeps the value that all the others wait for; "" where one of them can begin.
	keeper string
}

// contend finds out what stands behind a refused write of unique values. Who has the value may be giving it up: then it is
// waited for. Several that want each other's values are untied by the oldest of them, which gives up its own for a moment.
// otherwise is the outcome where nothing of that is so.
func (v *visit[T]) contend(ctx context.Context, fields []contested[T], otherwise *outcome, refused error) *outcome {
	var rings, waits []contested[T]
	var first chain[T]
	for _, field := range fields {
		found, err := v.follow(ctx, field)
		switch {
		case err != nil:
			return failed(err)
		case found.keeper != "":
			return v.kept(field, found, refused)
		case len(found.members) == 0:
			continue
		case found.ring && v.oldestOf(found.members):
			rings = append(rings, field)
		}
		if waits = append(waits, field); len(waits) == 1 || found.ring {
			first = found
		}
	}
	switch {
	case len(rings) > 0:
		return v.giveUp(ctx, rings, first)
	case len(waits) > 0:
		if first.ring {
			oldest := slices.MinFunc(first.members, byAge[T])
			v.r.contests.nudge(client.ObjectKeyFromObject(oldest))
			v.r.wake(client.ObjectKeyFromObject(oldest))
		}
		return v.waitForValues(waits, first)
	}
	return otherwise
}

// follow asks who has the value that an object wants, and what he wants himself.
func (v *visit[T]) follow(ctx context.Context, field contested[T]) (chain[T], error) {
	var found chain[T]
	holderID, wanted := v.status().ID, field.desired
	for range maxChain {
		form := field.form(v.owner(), wanted)
		if form == "" {
			return found, nil
		}
		row, ok, err := v.rowWith(ctx, field, wanted, holderID, len(found.members) == 0)
		switch {
		case err != nil || !ok:
			return found, err
		case row.ID == v.status().ID:
			found.ring = true
			return found, nil
		}
		managers := v.managersOf(ctx, row.ID)
		if len(managers) == 0 {
			found.keeper = fmt.Sprintf("an object (id %s) that no %s manages", row.ID, v.r.kind.Name)
			return found, nil
		}
		other := managers[0]
		if slices.ContainsFunc(found.members, func(member T) bool { return member.GetUID() == other.GetUID() }) {
			return found, nil // a ring of others, who untie it
		}
		next, moves := v.nextOf(ctx, field, other)
		if !moves || field.form(v.owner(), next) == form {
			found.keeper = v.r.kind.Name + " " + other.GetName()
			return found, nil
		}
		found.members = append(found.members, other)
		if other.GetDeletionTimestamp() != nil {
			return found, nil
		}
		holderID, wanted = row.ID, next
	}
	return found, nil
}

// rowWith finds the row that has a value, other than that of the object which wants it. The first look asks the service.
func (v *visit[T]) rowWith(ctx context.Context, field contested[T], wanted any, not string, ask bool) (remote.Record, bool, error) {
	form := field.form(v.owner(), wanted)
	rows := v.store.Peek(remote.Key{Name: remote.Text(wanted)}).Rows
	switch byName := field.wire == v.r.kind.nameField(); {
	case byName && ask:
		view, err := v.store.Find(ctx, remote.Key{Name: remote.Text(wanted)})
		if err != nil {
			return remote.Record{}, false, fmt.Errorf("look up who has the name %q: %w", wanted, err)
		}
		rows = view.Rows
	case !byName:
		if ask {
			if err := v.store.Relist(ctx); err != nil {
				return remote.Record{}, false, fmt.Errorf("look up who has %s %q: %w", field.spec, wanted, err)
			}
		}
		rows = slices.DeleteFunc(v.store.Rows(), func(row remote.Record) bool {
			object, err := row.Object()
			return err != nil || field.form(v.owner(), object.Text(field.wire)) != form
		})
	}
	for _, row := range rows {
		if row.ID != not {
			return row, true, nil
		}
	}
	return remote.Record{}, false, nil
}

// nextOf returns the value that another resource wants to have, and whether it changes anything at all.
func (v *visit[T]) nextOf(ctx context.Context, field contested[T], other T) (any, bool) {
	if other.GetDeletionTimestamp() != nil {
		return nil, true
	}
	if !able(other, v.policiesOf(ctx, other)) {
		return nil, false
	}
	owned, err := v.r.kind.Owned(Owner[T]{Object: other, Organization: v.resource}, nil)
	if err != nil {
		return nil, false
	}
	return owned.Get(field.wire)
}

// oldestOf tells whether this object is older than all the others of a ring.
func (v *visit[T]) oldestOf(members []T) bool {
	return !slices.ContainsFunc(members, func(member T) bool { return byAge(member, v.obj) < 0 })
}

func byAge[T v1alpha1.Object](a, b T) int {
	if claimantOf(a, false).olderThan(claimantOf(b, false)) {
		return -1
	}
	return 1
}

// kept says who keeps a value that the service gives to one object only.
func (v *visit[T]) kept(field contested[T], found chain[T], refused error) *outcome {
	reason := v1alpha1.ReasonRejected
	if remote.ClassOf(refused) == remote.Exists {
		reason = v1alpha1.ReasonNameConflict
	}
	return stalled(reason, fmt.Sprintf("%s; %q of spec.%s is held by %s%s",
		refused, remote.Text(field.desired), field.spec, found.keeper, v.meanwhile(field))).in(slowRetry)
}

// waitForValues waits for values that others are giving up. It is woken when they have done so.
func (v *visit[T]) waitForValues(fields []contested[T], found chain[T]) *outcome {
	var wanted []string
	for _, field := range fields {
		wanted = append(wanted, fmt.Sprintf("%q of spec.%s%s", remote.Text(field.desired), field.spec, v.meanwhile(field)))
	}
	return waiting(v1alpha1.ReasonValueTaken, fmt.Sprintf("waits for %s, until %s has given it up",
		strings.Join(wanted, " and "), v.namesOf(found.members))).in(slowRetry)
}

// giveUp moves the object to values that nobody wants, so that the others of a ring can have its own. Its id stays in
// status: whatever happens next, the object is known by that, and moves on to the values of its spec when they are free.
func (v *visit[T]) giveUp(ctx context.Context, fields []contested[T], found chain[T]) *outcome {
	body := remote.Object{}
	var moved []string
	for _, field := range fields {
		body.Set(field.wire, field.spare(v.obj, field.desired))
		moved = append(moved, fmt.Sprintf("spec.%s: %q -> %q", field.spec, remote.Text(field.actual), body.Text(field.wire)))
	}
	others := v.namesOf(found.members)
	result, err := v.write(ctx, remote.Update, remote.Write{ID: v.status().ID, Object: body})
	switch {
	case err != nil && remote.ClassOf(err) == remote.Rejected:
		return stalled(v1alpha1.ReasonRejected, fmt.Sprintf(
			"%s and this %s want each other's values of spec.%s, and the service does not let one go without: change one of them by hand: %s",
			others, v.r.kind.Name, fields[0].spec, err)).in(slowRetry)
	case err != nil && !result.Partial:
		return failed(err)
	}
	if result.ID != "" && result.ID != v.status().ID {
		v.status().ID = result.ID
		v.settleClaims()
	}
	v.changed(string(remote.Update), body.Leaves(), nil, result.TrackingID)
	v.bridge()
	v.emit(corev1.EventTypeNormal, "TemporaryValue", string(remote.Update), fmt.Sprintf(
		"%s, for as long as %s needs to give up what this %s is to have%s", strings.Join(moved, "; "), others, v.r.kind.Name, tracking(result.TrackingID)))
	v.setFree(fields)
	for i := range fields {
		fields[i].actual = body.Text(fields[i].wire)
	}
	v.contested(v.seen.differences) // still wanted
	return v.waitForValues(fields, found)
}

// meanwhile tells of a value that is not to stay.
func (v *visit[T]) meanwhile(field contested[T]) string {
	if actual := remote.Text(field.actual); actual != "" && actual == remote.Text(field.spare(v.obj, field.desired)) {
		return fmt.Sprintf(" (meanwhile it has %q)", actual)
	}
	return ""
}

func (v *visit[T]) namesOf(members []T) string {
	var names []string
	for _, member := range members {
		names = append(names, v.r.kind.Name+" "+member.GetName())
	}
	return strings.Join(names, ", ")
}

// maxTemporaryName bounds a temporary name; see temporaryName.
const maxTemporaryName = 80

// temporaryName is the name of an object that gives up its own for a moment: the one that it is to have, with a mark that
// no other object has. It keeps to the letters and the length that every service allows.
func temporaryName(obj v1alpha1.Object, name string) string {
	mark, _, _ := strings.Cut(string(obj.GetUID()), "-")
	mark = " wxcc-operator " + mark
	return strings.TrimSpace(name[:min(len(name), maxTemporaryName-len(mark))]) + mark // names are ASCII
}
