package simulator

import (
	"maps"
	"net/http"
	"sync"
)

// Stats is the answer of GET /__sim/stats. Control requests are in none of the numbers.
type Stats struct {
	// Requests counts every request.
	Requests int `json:"requests"`
	// Mutating counts every POST, PUT, PATCH and DELETE that is not a token or login call.
	Mutating int `json:"mutating"`
	// Routes has a key "METHOD /pattern" for every route that was called.
	Routes map[string]RouteStats `json:"routes"`
	// Clients counts by OAuth client id, token calls included.
	Clients map[string]int `json:"clients"`
	// Services has the keys webex, contactCenter and gateway.
	Services map[string]int `json:"services"`
}

// RouteStats counts the requests of one route.
type RouteStats struct {
	Count int `json:"count"`
	// Status counts by status code; requests that a fault left without answer are under "reset" and "lost".
	Status map[string]int `json:"status"`
}

type stats struct {
	mu     sync.Mutex
	values Stats
}

func (s *stats) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = Stats{
		Routes: map[string]RouteStats{}, Clients: map[string]int{},
		Services: map[string]int{string(serviceWebex): 0, string(serviceContactCenter): 0, string(serviceGateway): 0},
	}
}

func (s *stats) count(c *call, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values.Requests++
	if c.mutating() {
		s.values.Mutating++
	}
	key := c.method + " " + c.route
	route := s.values.Routes[key]
	if route.Status == nil {
		route.Status = map[string]int{}
	}
	route.Count++
	route.Status[outcome]++
	s.values.Routes[key] = route
	if c.client != "" {
		s.values.Clients[c.client]++
	}
	s.values.Services[string(c.service)]++
}

func (c *call) mutating() bool {
	switch c.method {
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return !c.login
	default:
		return false
	}
}

func (s *stats) snapshot() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.values
	out.Clients, out.Services = maps.Clone(out.Clients), maps.Clone(out.Services)
	out.Routes = make(map[string]RouteStats, len(s.values.Routes))
	for key, route := range s.values.Routes {
		route.Status = maps.Clone(route.Status)
		out.Routes[key] = route
	}
	return out
}
