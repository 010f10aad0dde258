package controllers

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"wxcc.dev/operator/internal/metrics"
	"wxcc.dev/operator/internal/webex"
)

// trialRequestsPerMinute is the budget of an organization that has not proven whose credentials it has.
const trialRequestsPerMinute = 60

// budget is the bucket that the organization's requests go through: that of its OAuth client if its credentials are proven
// now or were when status.requestBudget named the same client, and else one of its own, so that a client id that is only
// claimed holds nobody up.
func (v *organizationVisit) budget() *webex.Bucket {
	session := &v.session.webex
	known, shown := session.source.Status(), v.before.Status.RequestBudget
	if session.identified != 0 && session.identified == known.Origin || shown != nil && shown.Client == known.Client {
		return v.r.budgets.join(v.key, known.Client, v.requestsPerMinute())
	}
	if session.trial == nil {
		session.trial = webex.NewBucket(trialRequestsPerMinute)
	}
	return session.trial
}

// requestBudgets holds one bucket per OAuth client (its platform, id and secret), shared by all organizations that have
// proven to use it: Webex counts requests by client id. The smallest wish of its organizations is its limit. The zero value
// is empty.
type requestBudgets struct {
	mu      sync.Mutex
	clients map[string]*sharedBudget
	// changed is when an organization last joined or left.
	changed time.Time
}

type sharedBudget struct {
	bucket *webex.Bucket
	limit  int
	wishes map[types.NamespacedName]int
}

// join returns the bucket of a client after an organization has named its wish; it leaves any other client's.
func (b *requestBudgets) join(key types.NamespacedName, client string, perMinute int) *webex.Bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leaveOthers(key, client)
	shared, ok := b.clients[client]
	if !ok {
		shared = &sharedBudget{bucket: webex.NewBucket(perMinute), limit: perMinute, wishes: map[types.NamespacedName]int{}}
		if b.clients == nil {
			b.clients = map[string]*sharedBudget{}
		}
		b.clients[client] = shared
		metrics.TrackBudget(client, shared.bucket)
	}
	if _, known := shared.wishes[key]; !known {
		b.changed = time.Now()
	}
	shared.wishes[key] = perMinute
	shared.settle()
	return shared.bucket
}

// leave ends an organization's part in every budget. A budget that Webex holds outlives its last organization, which may
// come back before the hold is over.
func (b *requestBudgets) leave(key types.NamespacedName) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leaveOthers(key, "")
}

func (b *requestBudgets) leaveOthers(key types.NamespacedName, but string) {
	for client, shared := range b.clients {
		if client == but {
			continue
		}
		if _, known := shared.wishes[key]; known {
			b.changed = time.Now()
		}
		delete(shared.wishes, key)
		switch {
		case len(shared.wishes) > 0:
			shared.settle()
		case shared.bucket.HeldFor() == 0:
			delete(b.clients, client)
			metrics.ForgetBudget(client)
		}
	}
}

// settle applies the smallest wish.
func (s *sharedBudget) settle() {
	limit := 0
	for _, wish := range s.wishes {
		if limit == 0 || wish < limit {
			limit = wish
		}
	}
	if limit != s.limit {
		s.limit = limit
		s.bucket.SetLimit(limit)
	}
}
