package fence

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	start := time.Now()
	now := start
	f := New(10*time.Second, func() time.Time { return now })
	if err := f.Check(); !errors.Is(err, Err) {
		t.Errorf("before the first renewal: %v", err)
	}
	f.Renewed(start)
	now = start.Add(10 * time.Second)
	if err := f.Check(); err != nil {
		t.Errorf("at the deadline: %v", err)
	}
	now = start.Add(10*time.Second + time.Millisecond)
	if err := f.Check(); !errors.Is(err, Err) {
		t.Errorf("after the deadline: %v", err)
	}
	// The machine was paused: the monotonic clock has stood still, the wall's has been set.
	now = start.Round(0).Add(time.Minute)
	if err := f.Check(); !errors.Is(err, Err) {
		t.Errorf("after a pause: %v", err)
	}
	f.Renewed(now)
	if err := f.Check(); err != nil {
		t.Errorf("after another renewal: %v", err)
	}
	f.Released()
	if err := f.Check(); !errors.Is(err, Err) {
		t.Errorf("after the release: %v", err)
	}
}

// gate is a check that somebody can close.
type gate struct{ closed atomic.Bool }

func (g *gate) check() error {
	if g.closed.Load() {
		return Err
	}
	return nil
}

func TestGuardLetsNoWriteThrough(t *testing.T) {
	t.Parallel()
	var writes atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			writes.Add(1)
		}
	}))
	t.Cleanup(server.Close)
	var g gate
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: Guard(transport, g.check)}
	send := func(method string) error {
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err == nil {
			err = response.Body.Close()
		}
		return err
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		g.closed.Store(false)
		if err := send(method); err != nil {
			t.Errorf("%s while leading: %v", method, err)
		}
		g.closed.Store(true)
		if err := send(method); !errors.Is(err, Err) {
			t.Errorf("%s while fenced: %v", method, err)
		}
	}
	if err := send(http.MethodGet); err != nil {
		t.Errorf("GET while fenced: %v", err)
	}
	if sent := writes.Load(); sent != 4 {
		t.Errorf("%d writes arrived, want 4", sent)
	}
}

// The lease ends while the request waits for its connection.
func TestGuardChecksAgainWhenThereIsAConnection(t *testing.T) {
	t.Parallel()
	var writes atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			writes.Add(1)
		}
	}))
	t.Cleanup(server.Close)
	for name, warm := range map[string]bool{"new connection": false, "kept connection": true} {
		t.Run(name, func(t *testing.T) {
			transport := &http.Transport{}
			t.Cleanup(transport.CloseIdleConnections)
			var checks atomic.Int32
			client := &http.Client{Transport: Guard(transport, func() error {
				if checks.Add(1) > 1 {
					return Err
				}
				return nil
			})}
			methods := []string{http.MethodDelete}
			if warm {
				methods = []string{http.MethodGet, http.MethodDelete}
			}
			for _, method := range methods {
				request, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
				if err != nil {
					t.Fatal(err)
				}
				response, err := client.Do(request)
				if err == nil {
					err = response.Body.Close()
				}
				if fenced := errors.Is(err, Err); fenced != (method == http.MethodDelete) {
					t.Errorf("%s: %v", method, err)
				}
			}
		})
	}
	if sent := writes.Load(); sent != 0 {
		t.Errorf("%d writes arrived", sent)
	}
}
