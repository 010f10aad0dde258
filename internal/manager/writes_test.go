package manager

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
)

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// The renewal of the lease must not stand behind the manager's own status writes in the API server.
func TestWritesToKubernetesAreBounded(t *testing.T) {
	t.Parallel()
	config := &rest.Config{}
	limitWrites(config, 2)
	arrived, release := make(chan string), make(chan struct{})
	server := transportFunc(func(request *http.Request) (*http.Response, error) {
		arrived <- request.Method
		<-release
		return &http.Response{Body: http.NoBody}, nil
	})
	// Two clients of one config share the bound.
	clients := []http.RoundTripper{config.WrapTransport(server), config.WrapTransport(server)}
	send := func(ctx context.Context, client int, method string) error {
		request, err := http.NewRequestWithContext(ctx, method, "http://localhost", http.NoBody)
		if err != nil {
			return err
		}
		response, err := clients[client].RoundTrip(request)
		if err != nil {
			return err
		}
		return response.Body.Close()
	}
	var requests sync.WaitGroup
	for client, method := range []string{http.MethodPatch, http.MethodPost} {
		requests.Go(func() {
			if err := send(t.Context(), client, method); err != nil {
				t.Error(err)
			}
		})
		<-arrived
	}
	requests.Go(func() {
		if err := send(t.Context(), 0, http.MethodGet); err != nil {
			t.Error(err)
		}
	})
	if method := <-arrived; method != http.MethodGet {
		t.Errorf("a %s passed while both slots were taken", method)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := send(ended, 1, http.MethodDelete); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting for a slot = %v, want the end of the context", err)
	}
	close(release)
	requests.Wait()
}
