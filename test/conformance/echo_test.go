package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/test/leaks"
)

// echoWorld is a world whose services, the token server and the gateway included, repeat what they are sent.
type echoWorld struct {
	*world
	mu sync.Mutex
	// seen are the credentials of all requests, which are in no Secret: tokens of sessions, cookies.
	seen     []string
	requests int
}

func newEchoWorld(t *testing.T, k *kind) *echoWorld {
	w := &echoWorld{world: emptyWorld(t, k)}
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		w.note(request)
		w.sim.ServeHTTP(answer, request)
	}))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	w.echo(0, "")
	w.createOrganization(func(o *v1alpha1.WebexOrganization) {
		o.Spec.Endpoints = v1alpha1.Endpoints{Webex: server.URL, ContactCenter: server.URL}
		if o.Spec.CallCenterGateway != nil {
			o.Spec.CallCenterGateway.URL = server.URL
		}
	})
	return w
}

func (w *echoWorld) note(request *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests++
	credentials := []string{request.Header.Get("Authorization")}
	for _, cookie := range request.Cookies() {
		credentials = append(credentials, cookie.Value)
	}
	for _, text := range credentials {
		if len(text) >= 12 && !slices.Contains(w.seen, text) { // a load balancer's cookie is shorter, and no secret
			w.seen = append(w.seen, text)
		}
	}
}

func (w *echoWorld) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests
}

// waitRequests waits until there were so many requests, at most so long.
func (w *echoWorld) waitRequests(count int, limit time.Duration) {
	late := time.After(limit)
	for w.count() < count {
		select {
		case <-late:
			return
		case <-time.After(pollEvery):
		}
	}
}

// echo makes everything answer with a status and what it was sent; 0 lets the work be done, and its answers echo.
func (w *echoWorld) echo(status int, body string) {
	w.t.Helper()
	w.faults(simulator.FaultRule{Echo: true, Status: status, Body: body})
}

// askAll asks for a check of the organization and of an object.
func (w *echoWorld) askAll(r *resource) {
	w.t.Helper()
	content := fmt.Sprintf(`{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.ReconcileRequestAnnotation, time.Now().Format(time.RFC3339Nano))
	object := &v1alpha1.WebexOrganization{}
	object.Namespace, object.Name = w.namespace, organization
	if err := cluster.client.Patch(w.t.Context(), object, client.RawPatch(types.MergePatchType, []byte(content))); err != nil {
		w.t.Fatal(err)
	}
	r.ask()
}

// hits are the secrets that the world's objects and events, and the log and metrics of all, show.
func (w *echoWorld) hits() (hits []string, summary string) {
	w.t.Helper()
	secrets := slices.Clone(w.seen)
	var list corev1.SecretList
	if err := cluster.client.List(w.t.Context(), &list, client.InNamespace(w.namespace)); err != nil {
		w.t.Fatal(err)
	}
	for _, secret := range list.Items {
		for key, value := range secret.Data {
			if len(value) >= 12 && key != "clientID" && key != "username" && key != "accessTokenExpiresAt" && key != "refreshTokenExpiresAt" {
				secrets = append(secrets, string(value))
			}
		}
	}
	finder := leaks.NewFinder(secrets...)
	places := map[string]string{"the log": cluster.logs.String()}
	objects, err := allObjects(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var events eventsv1.EventList
	if err := cluster.client.List(w.t.Context(), &events, client.InNamespace(w.namespace)); err != nil {
		w.t.Fatal(err)
	}
	exposed, err := metricsText()
	if err != nil {
		w.t.Fatal(err)
	}
	places["the metrics"] = exposed
	for place, content := range map[string]any{"the objects": objects, "the events": events.Items} {
		encoded, err := json.Marshal(content)
		if err != nil {
			w.t.Fatal(err)
		}
		places[place] = string(encoded)
	}
	searched := 0
	for place, text := range places {
		searched += len(text)
		for _, hit := range finder.Find(text) {
			hits = append(hits, fmt.Sprintf("in %s: %s", place, hit))
		}
	}
	return hits, fmt.Sprintf("%d requests echoed, %d secrets in %d spellings, %d bytes searched, %d hits",
		w.count(), len(secrets), finder.Spellings(), searched, len(hits))
}

// Services and proxies that repeat the request, in every answer and phase and in several spellings, show no secret.
//
// Proves: S1.13
func TestAnEchoShowsNoSecret(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newEchoWorld(t, k)
		w.waitConnected()
		r := w.create(k.full("Echoed"))
		field := k.fields[0]
		values := []any{field.to, field.from}
		for round, status := range []int{0, 400, 401, 403, 404, 409, 412, 500, 503, 302, 307} {
			for _, body := range []string{"{}", "<html>"} {
				w.echo(status, body)
				before := w.count()
				r.change(patchOf(field.spec, values[round%2]))
				w.askAll(r)
				// At least one request of each that looks; some answers end all calls before.
				w.waitRequests(before+3, 5*time.Second)
				w.echo(0, "")
				w.askAll(r)
			}
		}
		w.echo(412, "{}")
		r.delete()
		before := w.count()
		eventually(t, later, func() error {
			if w.count() == before {
				return fmt.Errorf("no request for the deletion yet")
			}
			return nil
		})
		w.faults()
		hits, summary := w.hits()
		t.Log(summary)
		for _, hit := range hits {
			t.Error(hit)
		}
	})
}
