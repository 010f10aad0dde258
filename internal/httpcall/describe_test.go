package httpcall

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/remote"
)

func TestEqualFailuresHaveEqualTexts(t *testing.T) {
	t.Parallel()
	faults := map[string]func(net.Conn){
		"reset instead of an answer": reset,
		"reset in the middle of an answer": func(connection net.Conn) {
			fmt.Fprint(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{") //nolint:errcheck // the test fails on its own
			reset(connection)
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				connection, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				fault(connection)
			}))
			t.Cleanup(server.Close)
			var texts []string
			for range 3 {
				client := NewClient(ClientOptions{Describe: func([]byte) string { return "" }})
				_, err := client.Send(t.Context(), Request{Method: http.MethodPost, URL: server.URL, Route: "things"})
				failure, ok := errors.AsType[*remote.Error](err)
				if !ok {
					t.Fatalf("Send = %v", err)
				}
				texts = append(texts, failure.Message)
			}
			if texts[0] != texts[1] || texts[1] != texts[2] || strings.Contains(texts[0], "->") {
				t.Errorf("messages = %q", texts)
			}
		})
	}
}

// reset closes a connection with a TCP reset.
func reset(connection net.Conn) {
	if tcp, ok := connection.(*net.TCPConn); ok {
		tcp.SetLinger(0) //nolint:errcheck // the test fails on its own
	}
	connection.Close() //nolint:errcheck // the test fails on its own
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	server := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}
	from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 44438}
	asked := &net.DNSError{Err: "read udp 10.0.0.1:54321->10.0.0.2:53: i/o timeout", Name: "webexapis.com", Server: "10.0.0.2:53", IsTimeout: true}
	for want, err := range map[string]error{
		"read tcp 192.0.2.1:443: connection reset by peer": &url.Error{Op: "Get", URL: "https://example.com/?long", Err: &net.OpError{
			Op: "read", Net: "tcp", Source: from, Addr: server, Err: errors.New("connection reset by peer")}},
		"answer: read tcp 192.0.2.1:443: broken":            fmt.Errorf("answer: %w", &net.OpError{Op: "read", Net: "tcp", Source: from, Addr: server, Err: errors.New("broken")}),
		"dial tcp: lookup webexapis.com: timeout":           &net.OpError{Op: "dial", Net: "tcp", Err: asked},
		"lookup nowhere.invalid: no such host":              &net.DNSError{Err: "no such host", Name: "nowhere.invalid", Server: "10.0.0.2:53", IsNotFound: true},
		"proxyconnect tcp: dial tcp 192.0.2.1:443: refused": &net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.OpError{Op: "dial", Net: "tcp", Source: from, Addr: server, Err: errors.New("refused")}},
		"unexpected EOF": errors.New("unexpected EOF"),
	} {
		if got := Describe(err); got != want {
			t.Errorf("Describe(%v) = %q, want %q", err, got, want)
		}
	}
}
