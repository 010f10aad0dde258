package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const controlPrefix = "/__sim/"

// controlHandler answers a control call; an error becomes a 400 with its text.
type controlHandler func(r *http.Request) (any, error)

// controlRoutes are the routes for tests and tools; they are in no statistics.
func (s *Simulator) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	for route, handle := range map[string]controlHandler{
		"GET /__sim/stats":          func(*http.Request) (any, error) { return s.Stats(), nil },
		"POST /__sim/reset":         s.controlReset,
		"GET /__sim/state":          func(*http.Request) (any, error) { return s.State(), nil },
		"PUT /__sim/state":          s.controlSetState,
		"GET /__sim/faults":         func(*http.Request) (any, error) { return s.faults.list(), nil },
		"PUT /__sim/faults":         s.controlSetFaults,
		"GET /__sim/clock":          func(*http.Request) (any, error) { return s.clock(), nil },
		"PUT /__sim/clock":          s.controlSetClock,
		"GET /__sim/requests":       s.controlRequests,
		"GET /__sim/devices":        func(*http.Request) (any, error) { return s.DeviceRequests(), nil },
		"PUT /__sim/devices/{code}": s.controlDecideDevice,

		"GET /__sim/objects/{org}/{entity}":         s.objectRoute(listObjects),
		"POST /__sim/objects/{org}/{entity}":        s.objectRoute(s.putObject),
		"GET /__sim/objects/{org}/{entity}/{id}":    s.objectRoute(getObject),
		"PUT /__sim/objects/{org}/{entity}/{id}":    s.objectRoute(s.putObject),
		"PATCH /__sim/objects/{org}/{entity}/{id}":  s.objectRoute(s.patchObject),
		"DELETE /__sim/objects/{org}/{entity}/{id}": s.objectRoute(deleteObject),

		"GET /__sim/callcenters/{tenant}/{group}":         s.centerRoute(listCenters),
		"POST /__sim/callcenters/{tenant}/{group}":        s.centerRoute(putCenter),
		"GET /__sim/callcenters/{tenant}/{group}/{id}":    s.centerRoute(getCenter),
		"PUT /__sim/callcenters/{tenant}/{group}/{id}":    s.centerRoute(putCenter),
		"PATCH /__sim/callcenters/{tenant}/{group}/{id}":  s.centerRoute(patchCenter),
		"DELETE /__sim/callcenters/{tenant}/{group}/{id}": s.centerRoute(deleteCenter),
	} {
		mux.Handle(route, handle)
	}
	return mux
}

// errNoObject makes a control call answer 404.
var errNoObject = errors.New("not found")

// ServeHTTP writes the result as JSON.
func (h controlHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	result, err := h(r)
	status := http.StatusOK
	switch {
	case errors.Is(err, errNoObject):
		status = http.StatusNotFound
	case err != nil:
		status = http.StatusBadRequest
	case result == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if err != nil {
		result = map[string]any{"error": err.Error()}
	}
	content, err := json.Marshal(result)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that went away is not an error of the simulator.
	_, _ = w.Write(content)
}

// decodeBody reads a JSON body strictly: an unknown key is a typing error of the test.
func decodeBody(r *http.Request, into any) error {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("decode the body: %w", err)
	}
	return ended(decoder)
}

// Stats returns the counters since the start or the last reset.
func (s *Simulator) Stats() Stats { return s.stats.snapshot() }

// Requests returns the last requests, oldest first, with secrets masked. At most 2000 are kept.
func (s *Simulator) Requests() []LoggedRequest { return s.journal.list() }

func (s *Simulator) controlRequests(*http.Request) (any, error) {
	return map[string]any{"requests": s.Requests()}, nil
}

// Reset zeroes the counters, the request log and the used budgets.
func (s *Simulator) Reset() {
	s.stats.reset()
	s.journal.reset()
	s.limiter.reset()
}

// ResetState does what Reset does, clears the faults, sets the clock right and returns the tenants to their seeds.
// Tokens and gateway sessions issued since then stay valid.
func (s *Simulator) ResetState() {
	s.Reset()
	s.faults.clear()
	s.offset.Store(0)
	s.restoreSeeds()
}

func (s *Simulator) controlReset(r *http.Request) (any, error) {
	if state := r.URL.Query().Get("state"); state != "" && state != "0" && state != "false" {
		s.ResetState()
	} else {
		s.Reset()
	}
	return nil, nil
}

func (s *Simulator) controlSetState(r *http.Request) (any, error) {
	var state State
	if err := decodeBody(r, &state); err != nil {
		return nil, err
	}
	return nil, s.SetState(state)
}

// SetFaults replaces all fault rules.
func (s *Simulator) SetFaults(rules ...FaultRule) error {
	if err := s.faults.set(rules, s.router.patterns); err != nil {
		return fmt.Errorf("faults: %w", err)
	}
	return nil
}

func (s *Simulator) controlSetFaults(r *http.Request) (any, error) {
	var rules []FaultRule
	if err := decodeBody(r, &rules); err != nil {
		return nil, err
	}
	if err := s.SetFaults(rules...); err != nil {
		return nil, err
	}
	return s.faults.list(), nil
}

// clockState is the body of the clock routes. On input one of both is set.
type clockState struct {
	OffsetSeconds *float64   `json:"offsetSeconds,omitempty"`
	Time          *time.Time `json:"time,omitempty"`
}

func (s *Simulator) clock() clockState {
	now, offset := s.now().UTC(), time.Duration(s.offset.Load()).Seconds()
	return clockState{OffsetSeconds: &offset, Time: &now}
}

func (s *Simulator) controlSetClock(r *http.Request) (any, error) {
	var wanted clockState
	if err := decodeBody(r, &wanted); err != nil {
		return nil, err
	}
	switch {
	case wanted.Time != nil:
		s.MoveClock(wanted.Time.Sub(s.options.Now()))
	case wanted.OffsetSeconds != nil:
		s.MoveClock(time.Duration(*wanted.OffsetSeconds * float64(time.Second)))
	default:
		return nil, errors.New("offsetSeconds or time is expected")
	}
	return s.clock(), nil
}

// MoveClock sets how far the clock of the simulated services is ahead of Options.Now.
func (s *Simulator) MoveClock(ahead time.Duration) { s.offset.Store(int64(ahead)) }
