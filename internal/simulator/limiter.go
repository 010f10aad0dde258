package simulator

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limiter counts the requests of each OAuth client in windows of one minute.
type limiter struct {
	mu      sync.Mutex
	windows map[string]*limitWindow
}

type limitWindow struct {
	start time.Time
	used  int
}

const limitPeriod = time.Minute

// take uses one request of the client's budget, or says how long the budget stays empty.
func (l *limiter) take(client string, budget int, now time.Time) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.windows == nil {
		l.windows = map[string]*limitWindow{}
	}
	window := l.windows[client]
	// A clock that was moved back starts a new window too.
	if window == nil || now.Before(window.start) || now.Sub(window.start) >= limitPeriod {
		window = &limitWindow{start: now}
		l.windows[client] = window
	}
	if window.used >= budget {
		return window.start.Add(limitPeriod).Sub(now), false
	}
	window.used++
	return 0, true
}

func (l *limiter) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.windows = nil
}

// limit refuses a request over the budget of its client. Requests without a known client have no budget to use.
func (s *Simulator) limit(c *call) (answer, bool) {
	if c.login || c.grant == nil || c.service == serviceGateway {
		return answer{}, false
	}
	wait, ok := s.takeBudgets(c)
	if ok {
		return answer{}, false
	}
	if s.options.RetryAfter > 0 {
		wait = s.options.RetryAfter
	}
	seconds := max(1, int(math.Ceil(wait.Seconds())))
	return empty(http.StatusTooManyRequests).withHeader("Retry-After", strconv.Itoa(seconds)), true
}

// takeBudgets uses the client's budget, and before it the smaller one of the tenant route.
func (s *Simulator) takeBudgets(c *call) (wait time.Duration, ok bool) {
	ok = true
	if budget := s.options.TenantRequestsPerMinute; budget > 0 && c.route == tenantRoute {
		wait, ok = s.limiter.take(c.grant.client+" "+tenantRoute, budget, s.now())
	}
	if budget := s.options.RequestsPerMinute; budget > 0 && ok {
		wait, ok = s.limiter.take(c.grant.client, budget, s.now())
	}
	return wait, ok
}
