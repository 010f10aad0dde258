package manager

import (
	"net/http"

	"k8s.io/client-go/rest"
)

// maxWritesInFlight bounds the writes to the Kubernetes API that are under way at once. An API server that is busy queues
// what one account asks of it, and hundreds of status writes before the renewal of the lease would cost the leadership.
const maxWritesInFlight = 256

// limitWrites bounds the writes of all clients of a config together; what else they ask, watches above all, is not held up.
func limitWrites(config *rest.Config, most int) {
	slots := make(chan struct{}, most)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return writeLimit{next: next, slots: slots} })
}

type writeLimit struct {
	next  http.RoundTripper
	slots chan struct{}
}

// RoundTrip waits for a slot if the request is a write.
func (l writeLimit) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodGet || request.Method == http.MethodHead {
		return l.next.RoundTrip(request)
	}
	select {
	case l.slots <- struct{}{}:
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	defer func() { <-l.slots }()
	return l.next.RoundTrip(request)
}

// WrappedRoundTripper lets client-go see what it wraps.
func (l writeLimit) WrappedRoundTripper() http.RoundTripper { return l.next }
