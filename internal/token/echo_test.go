package token

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A renewal that gets no answer, or one that repeats the request, shows nothing of what it sent: the garbage that a broken
// proxy answers with is in the error of the transport.
//
// Proves: S1.13
func TestAFailedRenewalShowsNothingOfTheRequest(t *testing.T) {
	t.Parallel()
	from := credentials{clientID: "client", clientSecret: "client-secret/&+1", refreshToken: "refresh-token=$2", accessToken: "the-access-token-3"}
	for name, answer := range map[string]string{
		"garbage":               "%[1]s %[2]s %[3]s\r\n\r\n",
		"garbage for a status":  "HTTP/1.1 %[1]s %[2]s %[3]s\r\n\r\n",
		"garbage for a header":  "HTTP/1.1 200 OK\r\n%[1]s %[2]s\r\n\r\n",
		"garbage for a length":  "HTTP/1.1 200 OK\r\nContent-Length: %[1]s\r\n\r\n",
		"status line":           "HTTP/1.1 502 %[2]s\r\nTrackingID: %[3]s\r\nContent-Length: 0\r\n\r\n",
		"redirect":              "HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/%[1]s?%[3]s\r\nContent-Length: 0\r\n\r\n",
		"text for JSON":         "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n%[1]s",
		"a form that is none":   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\naccess%%token%[2]s=%%zz%[1]s",
		"an error with 200":     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"error\":\"%[3]s\",\"error_description\":\"%[1]s\"}",
		"an error of the token": "HTTP/1.1 400 No\r\nContent-Type: application/json\r\nTrackingID: %[3]s\r\nConnection: close\r\n\r\n{\"message\":\"%[1]s %[3]s\"}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				connection, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer connection.Close() //nolint:errcheck // the client sees it
				plain, err := url.QueryUnescape(string(body))
				if err != nil {
					t.Error(err)
				}
				fmt.Fprintf(connection, answer, body, plain, base64.StdEncoding.EncodeToString([]byte("x"+from.refreshToken))) //nolint:errcheck // the test fails on its own
			}))
			t.Cleanup(server.Close)
			_, problem := renew(t.Context(), Settings{TokenURL: server.URL}, from, time.Now())
			if problem == nil {
				t.Fatal("the renewal succeeds")
			}
			shown := fmt.Sprintf("%v %v %+v %s", problem, problem.Unwrap(), problem.cause, problem.cause.TrackingID)
			for _, secret := range append(from.secrets(), url.QueryEscape(from.clientSecret), url.QueryEscape(from.refreshToken), "ZnJlc2gtdG9rZW4", "xyZWZyZXNo") {
				if strings.Contains(shown, secret) {
					t.Errorf("the error shows %q: %s", secret, shown)
				}
			}
			t.Log(problem)
		})
	}
}
