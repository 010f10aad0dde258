package controllers

import (
	"context"
	"net/http"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"

	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/inventory"
	"wxcc.dev/operator/internal/redact"
	"wxcc.dev/operator/internal/token"
	"wxcc.dev/operator/internal/webex"
)

// organizationSessions holds what the process knows of its organizations. The zero value is empty.
type organizationSessions struct {
	mu  sync.Mutex
	all map[types.NamespacedName]*organizationSession
}

func (s *organizationSessions) open(key types.NamespacedName) *organizationSession {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.all[key]
	if !ok {
		session = &organizationSession{secrets: redact.New()}
		if s.all == nil {
			s.all = map[types.NamespacedName]*organizationSession{}
		}
		s.all[key] = session
	}
	return session
}

// drop forgets a session and returns it; nil if there was none.
func (s *organizationSessions) drop(key types.NamespacedName) *organizationSession {
	s.mu.Lock()
	defer s.mu.Unlock()
	session := s.all[key]
	delete(s.all, key)
	return session
}

// organizationSession is one organization's connection in this process. One reconcile works on it at a time; within
// it the two parts touch their own fields only.
type organizationSession struct {
	// handled is the reconcile request served last.
	handled string
	// written is the resource version of the last write to the resource.
	written string
	webex   webexSession
	gateway gatewaySession
	// secrets that were sent or received in this session, by whichever part: one proxy may see them all.
	secrets *redact.Redactor

	// mu guards what the parts tell the registry.
	mu         sync.Mutex
	connection inventory.Connection
	// webexWorks and gatewayWorks say whether the configured part is usable.
	webexWorks, gatewayWorks bool
}

// webexSession is the Webex part.
type webexSession struct {
	secret string
	source *token.Source
	// pinned gives the source's tokens to everything but the check of identity.
	pinned *token.Pinned

	transport   http.RoundTripper
	routeDigest string

	// check asks for the organization's identity, as checked says; work does everything else and is made of built.
	check, work    *webex.Client
	checked, built clientOf
	// trial is the budget of an organization that has not proven that the OAuth client is its own.
	trial *webex.Bucket

	// identified and probed are the origins of the tokens that were last seen to work.
	identified, probed uint64
	// wrong is the origin of tokens that belong elsewhere, and why.
	wrong        uint64
	wrongFailure *failure
	// origin of the tokens at the last visit.
	origin uint64
	// asked is when a contact center that gave no proper answers was last asked again.
	asked time.Time
	// rest is kept from the contact center after it refused the token.
	rest rest
	// syncAsked: somebody wants everything to be read that is read periodically.
	syncAsked bool
	// device is the device flow, while consent is needed by it.
	device deviceSession
}

// storeTokens writes renewed tokens that wait for it into the Secret before the session ends or rests, because a token
// server may have ended the old ones. It tells whether some still wait.
func (s *webexSession) storeTokens(ctx context.Context) bool {
	if s.source == nil {
		return false
	}
	waiting, err := s.source.Flush(ctx)
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "store renewed tokens", "secret", s.secret)
	}
	return waiting
}

// clientOf is what a Webex client is made of, beside its budget.
type clientOf struct {
	uuid, platform, contactCenter, route string
	pinned                               *token.Pinned
}

// gatewaySession is the call-center gateway's part.
type gatewaySession struct {
	client *apio.Client
	digest string
	// secretVersion is the version of the Secret that was tried last.
	secretVersion string
	works         bool
	// bundle are the certificates of a ConfigMap as read last.
	bundle []byte
	// bucket outlives the client: what the gateway asked for holds for the next one too.
	bucket *webex.Bucket
}

// restart forgets what was checked, so that everything is checked again.
func (s *organizationSession) restart() {
	s.webex.identified, s.webex.probed, s.webex.wrong = 0, 0, 0
	s.webex.rest = rest{}
	s.webex.syncAsked = true
	s.gateway.digest = ""
	if s.webex.source != nil {
		s.webex.source.Retry()
	}
}

// retry ends every rest, and forgets nothing that works.
func (s *organizationSession) retry() {
	s.webex.rest.until, s.webex.wrong = time.Time{}, 0
	if s.webex.source != nil {
		s.webex.source.Retry()
	}
	if s.gateway.client != nil {
		s.gateway.client.Retry()
	}
}

func (s *organizationSession) setWebex(client *webex.Client, works bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connection.Webex, s.webexWorks = client, works
}

// replaced tells whether the registry knows another client than this one.
func (s *organizationSession) replaced(by *webex.Client) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connection.Webex != nil && s.connection.Webex != by
}

func (s *organizationSession) setGateway(client *apio.Client, works bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connection.Gateway, s.gatewayWorks = client, works
}

// publish tells the registry which parts are usable now.
func (s *organizationSession) publish(registry *inventory.Registry, key types.NamespacedName, interval time.Duration, compared map[string]time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.webexWorks && !s.gatewayWorks {
		registry.Disconnect(key)
		return
	}
	s.connection.SyncInterval, s.connection.Compared = interval, compared
	registry.Connect(key, s.connection)
}
