// Package simulator is a stand-in for Webex Control Hub over real HTTP: the token server and the platform API, the
// contact-center configuration API, and the call-center gateway, with state, rules, limits and faults.
//
// One http.Handler serves all of it:
//
//	/v1/...                     Webex platform and token server
//	/organization/{orgid}/...   contact-center configuration
//	/api/v1/...                 call-center gateway reached directly (session cookie)
//	/api/v01/...                call-center gateway behind Core (bearer token)
//	/__sim/...                  control: stats, requests, state, faults, clock, objects
//
// It imports nothing of the operator, so that it cannot share a mistake with it.
package simulator

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Simulator is the http.Handler. It is safe for concurrent use. Make one with New.
type Simulator struct {
	options Options
	router  router
	control http.Handler
	offset  atomic.Int64 // nanoseconds that PUT /__sim/clock added to the clock

	limiter   limiter
	faults    faultBook
	echoed    echoed
	stats     stats
	journal   requestJournal
	logins    sessions
	wholesale wholesaleChanges
	records   atomic.Int64 // last internal record id of the gateway

	mu    sync.RWMutex // guards the fields below, not what they point to
	orgs  map[string]*tenant
	oauth *tokenServer
	gate  *gateway
	seed  startState // what POST /__sim/reset?state=1 returns to
}

// New returns a simulator without organizations and without a gateway user.
func New(options Options) *Simulator {
	s := &Simulator{options: options.withDefaults(), orgs: map[string]*tenant{}}
	s.oauth = newTokenServer()
	s.gate = newGateway()
	s.stats.reset()
	s.registerOAuth()
	s.registerDevice()
	s.registerPlatform()
	s.registerWholesale()
	s.registerConfiguration()
	s.registerGateway()
	s.control = s.controlRoutes()
	return s
}

// now is the time of the simulated services.
func (s *Simulator) now() time.Time {
	return s.options.Now().Add(time.Duration(s.offset.Load()))
}

func (s *Simulator) organization(id string) (*tenant, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, found := s.orgs[strings.ToLower(id)]
	return t, found
}

func (s *Simulator) tokens() *tokenServer {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.oauth
}

func (s *Simulator) gateway() *gateway {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.gate
}

// maxBody bounds what a request may send; a bulk call of 5000 full objects stays far below it.
const maxBody = 64 << 20

// ServeHTTP answers one request of any of the simulated services.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
		s.control.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "cannot read the request body", http.StatusBadRequest)
		return
	}
	c := s.newCall(r, body)
	if s.options.Latency > 0 {
		pause(r.Context(), s.options.Latency)
	}
	answered, fault := s.answer(r.Context(), c)
	s.deliver(w, c, answered, fault)
}

// answer applies the rate limit and the faults around the work of the route.
func (s *Simulator) answer(ctx context.Context, c *call) (answer, *FaultRule) {
	if limited, refused := s.limit(c); refused {
		return limited, nil
	}
	fault := s.faults.take(c)
	if fault == nil {
		return c.handle(c), nil
	}
	if fault.LatencyMillis > 0 && !fault.Late {
		pause(ctx, fault.latency())
	}
	if early, done := fault.instead(); done {
		return s.echo(c, early, fault), fault
	}
	c.lies = fault.lies()
	answered := s.echo(c, fault.oversize(c, fault.distort(c.handle(c))), fault)
	if fault.LatencyMillis > 0 && fault.Late {
		pause(ctx, fault.latency())
	}
	return answered, fault
}
