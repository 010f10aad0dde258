package httpcall

import (
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/internal/remote"
)

const (
	echoToken    = "NjQ2M2Q4-token_P0A1_b5b2-11ee"
	echoPassword = `S3cret&"gateway" pass/word`
	echoCookie   = "c2Vzc2lvbi1jb29raWU.value"
	echoProxy    = "pr0xy:pa$$word"
)

// echoes are the spellings in which the server of these tests repeats what it gets.
func echoes(received string) []string {
	return []string{
		received, url.QueryEscape(received), base64.StdEncoding.EncodeToString([]byte(received)),
		base64.RawURLEncoding.EncodeToString([]byte("xy" + received)), hex.EncodeToString([]byte(received)),
		strings.ReplaceAll(url.PathEscape(received), "%", "%25"), base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(received))),
	}
}

func spelledSecrets() []string {
	var all []string
	for _, secret := range []string{echoToken, echoPassword, echoCookie, echoProxy} {
		for _, spelling := range echoes(secret) {
			all = append(all, spelling, strings.ToLower(spelling), fmt.Sprintf("%q", spelling), base64.StdEncoding.EncodeToString([]byte(spelling))[:16])
		}
	}
	return all
}

// echoServer answers with all that it gets, in every header and in the body, and sets a cookie.
func echoServer(t *testing.T, status *int) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received, err := httputil.DumpRequest(r, true)
		if err != nil {
			t.Error(err)
		}
		secrets := r.Header.Get("Authorization") + " " + r.Header.Get("Cookie")
		for i, spelling := range echoes(secrets + " " + string(received)) {
			spelling = strings.Join(strings.Fields(spelling), " ")
			for _, name := range []string{"TrackingID", "Retry-After", "Location", "Link", "X-Echo"} {
				w.Header().Add(name, spelling)
			}
			if i == 0 {
				w.Header().Set("Set-Cookie", "session="+echoCookie)
			}
		}
		w.WriteHeader(*status)
		fmt.Fprintf(w, "{%q:[", "errors")
		for _, spelling := range echoes(secrets + " " + string(received)) {
			fmt.Fprintf(w, "{%q:%s},", "message", jsonText(spelling))
		}
		fmt.Fprintf(w, "{}],%q:%s}", "message", jsonText(string(received)))
	}))
	t.Cleanup(server.Close)
	return server
}

func jsonText(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, letter := range text {
		fmt.Fprintf(&b, `\u%04x`, letter)
	}
	b.WriteByte('"')
	return b.String()
}

// Proves: S1.13
func TestNothingComesBackThatWasSent(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	server := echoServer(t, &status)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := NewClient(ClientOptions{Timeout: 10 * time.Second, Jar: jar, Describe: func(body []byte) string { return string(body) }})
	searched := 0
	search := func(what, text string) {
		searched += len(text)
		for _, secret := range spelledSecrets() {
			if strings.Contains(text, secret) {
				t.Errorf("%d: %s shows %q: %s", status, what, secret, text)
			}
		}
	}
	for range 2 { // the second time with the cookie
		for _, status = range []int{200, 201, 302, 307, 400, 401, 403, 404, 409, 429, 500, 503} {
			response, err := client.Send(t.Context(), Request{
				Method: http.MethodPost, URL: server.URL + "/login", Route: "login", Header: http.Header{"Authorization": {"Bearer " + echoToken}},
				Body: map[string]any{"username": "me", "profile": map[string]any{"password": echoPassword}},
			})
			if response == nil {
				t.Fatal(err)
			}
			search("the body", string(response.Body))
			search("the header", fmt.Sprint(response.Header))
			search("the tracking id", response.TrackingID)
			if err != nil {
				search("the error", fmt.Sprintf("%v %+v %#v", err, err, err))
			}
			if (status >= 300) != (err != nil) || len(response.Header["X-Echo"]) == 0 {
				t.Errorf("%d: %v, header %v", status, err, response.Header)
			}
		}
	}
	t.Logf("%d bytes searched for %d spellings", searched, len(spelledSecrets()))
}

// A proxy's own words are in the error of the transport.
func TestNothingComesBackFromAProxy(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() }) //nolint:errcheck // only to end the goroutine
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 4096)
			n, _ := connection.Read(buffer)
			request := strings.Join(strings.Fields(string(buffer[:n])), " ")
			fmt.Fprintf(connection, "HTTP/1.1 407 No \x1b[31m %s pr0xy%%3Apa%%24%%24word %s\r\n\r\n", request, echoProxy)
			connection.Close() //nolint:errcheck // the client sees it
		}
	}()
	proxy := &url.URL{Scheme: "http", Host: listener.Addr().String(), User: url.UserPassword("me", echoProxy)}
	client := NewClient(ClientOptions{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}, Describe: func([]byte) string { return "" }})
	_, err = client.Send(t.Context(), Request{Method: http.MethodGet, URL: "https://webexapis.invalid/v1", Route: "x", Header: http.Header{"Authorization": {"Bearer " + echoToken}}})
	if err == nil || !strings.Contains(err.Error(), "407") && !strings.Contains(err.Error(), "No ") {
		t.Fatalf("err = %v", err)
	}
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		if _, own := cause.(*remote.Error); own || cause == err { //nolint:errorlint // each link of the chain is looked at
			if text := cause.Error(); strings.Contains(text, "pr0xy") || strings.Contains(text, "\x1b") || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte("me:" + echoProxy))[:12]) {
				t.Errorf("the error shows the proxy's password: %q", text)
			}
		}
	}
}

// What an answer gives is secret in the next one.
func TestNewSecretsAreLearned(t *testing.T) {
	t.Parallel()
	const news = "an-access-token-that-is-new"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token":%q,"refresh_token":"and-a-refresh-token-too"}`, news)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "%s and-a-refresh-token-too", news)
	}))
	t.Cleanup(server.Close)
	guard := Guard(nil, nil)
	answer, err := guard.TokenClient(time.Minute).Get(server.URL + "/token") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); !strings.Contains(string(body), news) {
		t.Errorf("the answer with tokens is %q", body)
	}
	client := NewClient(ClientOptions{Transport: guard, Describe: func(body []byte) string { return string(body) }})
	_, err = client.Send(t.Context(), Request{Method: http.MethodGet, URL: server.URL, Route: "x"})
	if err == nil || strings.Contains(err.Error(), "token-t") {
		t.Errorf("the next answer shows the token: %v", err)
	}
	_, err = client.Send(t.Context(), Request{Method: http.MethodGet, URL: server.URL + "/token", Route: "x", Tokens: true})
	if err != nil {
		t.Error(err)
	}
}

// What was taken out of an answer is not written back over the service's own value.
func TestWhatWasTakenOutIsNotWrittenBack(t *testing.T) {
	t.Parallel()
	var written []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		written = append(written, string(body))
		fmt.Fprintf(w, `{"id":"1","description":"see %s"}`, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}))
	t.Cleanup(server.Close)
	client := NewClient(ClientOptions{Describe: func([]byte) string { return "" }})
	header := http.Header{"Authorization": {"Bearer " + echoToken}}
	req := Request{Method: http.MethodGet, URL: server.URL, Route: "x", Header: header}
	response, err := client.Send(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	object, err := response.Object(req)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Send(t.Context(), Request{Method: http.MethodPut, URL: server.URL, Route: "x", Header: header, Body: object})
	if remote.ClassOf(err) != remote.InvalidResponse || remote.IsAmbiguous(err) || len(written) != 1 {
		t.Errorf("write = %v, %d requests", err, len(written))
	}
}

// No redirect is followed, to whatever host, and no old TLS is spoken.
func TestNoRedirectAndNoOldTLS(t *testing.T) {
	t.Parallel()
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, status)
		}))
		t.Cleanup(server.Close)
		client := NewClient(ClientOptions{Describe: func([]byte) string { return "" }})
		_, err := client.Send(t.Context(), Request{Method: http.MethodPut, URL: server.URL, Route: "x", Header: http.Header{"Authorization": {"Bearer " + echoToken}}})
		if remote.ClassOf(err) != remote.InvalidResponse || !remote.IsAmbiguous(err) || !strings.Contains(err.Error(), "redirect") {
			t.Errorf("%d: %v", status, err)
		}
		answer, err := Guard(nil, nil).TokenClient(time.Minute).Get(server.URL) //nolint:noctx // a test
		if err != nil || answer.StatusCode != status {
			t.Errorf("%d: a token client gets %v, %v", status, answer, err)
			continue
		}
		answer.Body.Close()
	}
	if asked != 0 {
		t.Errorf("%d redirects were followed", asked)
	}
	old := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10} //nolint:gosec // what must not work
	old.StartTLS()
	t.Cleanup(old.Close)
	loose := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}} //nolint:gosec // as above
	client := NewClient(ClientOptions{Transport: loose, Describe: func([]byte) string { return "" }})
	if _, err := client.Send(t.Context(), Request{Method: http.MethodGet, URL: old.URL, Route: "x"}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}
