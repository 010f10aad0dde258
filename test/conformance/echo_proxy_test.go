package conformance_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
)

// echoProxy answers all that goes through it itself, with a status and what it was sent: tunnels in the line of the status,
// everything else in an HTML page.
func (w *echoWorld) echoProxy(status *atomic.Int64) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		w.note(request)
		sent := request.Header.Get("Proxy-Authorization")
		_, encoded, _ := strings.Cut(sent, " ")
		plain, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			w.t.Error(err)
		}
		_, password, _ := strings.Cut(string(plain), ":")
		said := strings.Join([]string{sent, string(plain), request.Header.Get("Authorization"), url.QueryEscape(password),
			hex.EncodeToString([]byte(password)), base64.RawURLEncoding.EncodeToString([]byte(password)), html.EscapeString(password)}, " ")
		code := int(status.Load())
		connection, _, err := http.NewResponseController(answer).Hijack()
		if err != nil {
			w.t.Error(err)
			return
		}
		defer connection.Close() //nolint:errcheck // the test sees what comes of it
		fmt.Fprintf(connection, "HTTP/1.1 %d %s\r\nTrackingID: %s\r\nLocation: http://127.0.0.1:1/?%s\r\nX-Squid-Error: %s\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>%s</html>",
			code, said, said, url.QueryEscape(said), said, said) //nolint:errcheck // as above
	}))
}

// A proxy that repeats what it is sent, to tunnels and to plain requests, shows no secret.
//
// Proves: S1.17
func TestAnEchoingProxyShowsNoSecret(t *testing.T) {
	t.Parallel()
	for scheme, endpoint := range map[string]string{"plain": "http://127.0.0.1:9", "tunnel": "https://webex.invalid"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			w := &echoWorld{world: emptyWorld(t, kinds()[0])}
			var status atomic.Int64
			status.Store(http.StatusProxyAuthRequired)
			proxy := w.echoProxy(&status)
			t.Cleanup(func() { proxy.CloseClientConnections(); proxy.Close() })
			address := url.URL{Scheme: "http", Host: proxy.Listener.Addr().String(), User: url.UserPassword("me", w.secretValue("pr&xy/pa ss%word"))}
			w.createSecret("proxy", map[string]string{"url": address.String()})
			reference := &v1alpha1.SecretKeyReference{Name: "proxy", Key: "url"}
			w.createOrganization(func(o *v1alpha1.WebexOrganization) {
				o.Spec.Endpoints = v1alpha1.Endpoints{Webex: endpoint, ContactCenter: endpoint}
				o.Spec.Proxy = &v1alpha1.Proxy{HTTPProxySecretRef: reference, HTTPSProxySecretRef: reference}
			})
			r := w.create(w.kind.minimal("Proxied"))
			w.note(&http.Request{Header: http.Header{"Authorization": {w.secretValue("pr&xy/pa ss%word")}}})
			for _, code := range []int64{407, 403, 502, 302, 400, 401, 503} {
				status.Store(code)
				before := w.count()
				w.askAll(r)
				w.waitRequests(before+2, 5*time.Second)
			}
			hits, summary := w.hits()
			t.Log(summary)
			for _, hit := range hits {
				t.Error(hit)
			}
			if message := w.waitOrganization(soon, v1alpha1.ReasonUnavailable, v1alpha1.ReasonUnauthorized, v1alpha1.ReasonInvalidResponse, v1alpha1.ReasonRejected, v1alpha1.ReasonForbidden); message == "" {
				t.Error("the organization says nothing")
			}
		})
	}
}
