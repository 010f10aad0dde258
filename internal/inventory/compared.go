package inventory

import (
	"context"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"wxcc.dev/operator/internal/metrics"
)

// CallCenters is the collection of the call centers of all groups.
const CallCenters = "call_centers"

// Compared says how far a collection of an organization has been compared as a whole. Where it is several listings, one
// for each group of a gateway, the worst of them counts.
type Compared struct {
	// Last is when the last complete listing was had; zero if never.
	Last time.Time
	// Failures of sweeps since then, in a row.
	Failures int
	// FailingSince is when the first of them was, and Cause why it failed; zero and nil without any.
	FailingSince time.Time
	Cause        error
}

// comparison is Compared for one store. made is when the store was first made, which counts until a listing is had beside
// others that have been.
type comparison struct {
	Compared
	made   time.Time
	report func(err error, last time.Time, failures int)
}

// Compared returns how far each collection has been compared that anybody has used since the organization was connected.
func (o *Organization) Compared() map[string]Compared {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[string]Compared{}
	for name := range o.compared {
		if collection := collectionOf(name); all[collection] == (Compared{}) {
			all[collection] = o.comparedLocked(collection)
		}
	}
	return all
}

// comparedLocked is Compared of one collection. The caller holds the lock.
func (o *Organization) comparedLocked(collection string) Compared {
	var worst Compared
	first, had := time.Time{}, false
	for name, one := range o.compared {
		if collectionOf(name) != collection {
			continue
		}
		last := one.Last
		if last.IsZero() {
			last = one.made
		}
		if first.IsZero() || last.Before(first) {
			first = last
		}
		had = had || !one.Last.IsZero()
		if one.Failures > worst.Failures {
			worst.Failures, worst.FailingSince, worst.Cause = one.Failures, one.FailingSince, one.Cause
		}
	}
	if had {
		worst.Last = first
	}
	return worst
}

// begin remembers a store's comparisons from when the organization was last seen, for one that is new to the process. The
// caller holds the lock.
func (o *Organization) begin(store string) {
	if o.compared == nil {
		o.compared = map[string]*comparison{}
	}
	if o.compared[store] != nil {
		return
	}
	collection := collectionOf(store)
	one := &comparison{
		made: time.Now(), Compared: Compared{Last: o.connection.Compared[collection]}, report: metrics.SweepObserver(o.key, collection),
	}
	o.compared[store] = one
	worst := o.comparedLocked(collection)
	one.report(nil, worst.Last, worst.Failures)
}

// note takes in how a sweep of a store ended.
func (o *Organization) note(store string, err error, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	one := o.compared[store]
	if one == nil {
		return
	}
	if err == nil {
		one.Compared = Compared{Last: now}
	} else {
		if one.Failures == 0 {
			one.FailingSince, one.Cause = now, err
		}
		one.Failures++
	}
	worst := o.comparedLocked(collectionOf(store))
	one.report(err, worst.Last, worst.Failures)
}

// reportSweeps returns what counts and logs the sweeps of a store. Objects keep their conditions while a sweep fails,
// so this is where it shows that nobody looks at them.
func (o *Organization) reportSweeps(store string) func(context.Context, error) {
	return func(ctx context.Context, err error) {
		o.note(store, err, time.Now())
		if err != nil {
			log.FromContext(ctx).WithName("sweep").Error(err, "list a collection: its objects are not compared until this succeeds",
				"WebexOrganization", o.key, "collection", store)
		}
	}
}

// collectionOf is the collection of a store: what follows in the name is a tenant and a group.
func collectionOf(store string) string {
	collection, _, _ := strings.Cut(store, "/")
	return collection
}
