package token

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

func TestErrorAnswers(t *testing.T) {
	t.Parallel()
	webex := func(text string) map[string]any {
		return map[string]any{"message": text, "trackingId": "ROUTER_1", "errors": []any{map[string]any{"description": text}}}
	}
	tests := map[string]struct {
		status    int
		body      any
		reason    v1alpha1.Reason
		class     remote.Class
		permanent bool
	}{
		"invalid_grant":   {400, map[string]any{"error": "invalid_grant"}, v1alpha1.ReasonReconnectRequired, remote.Unauthorized, true},
		"webex shape":     {400, webex("The refresh token is expired for this client."), v1alpha1.ReasonReconnectRequired, remote.Unauthorized, true},
		"401 for refresh": {401, webex("refresh token revoked"), v1alpha1.ReasonReconnectRequired, remote.Unauthorized, true},
		"invalid_client":  {401, map[string]any{"error": "invalid_client"}, v1alpha1.ReasonInvalidClient, remote.Unauthorized, true},
		"client by text":  {400, webex("Client authentication failed"), v1alpha1.ReasonInvalidClient, remote.Unauthorized, true},
		"proxy's 400":     {400, "no json object", v1alpha1.ReasonUnavailable, remote.Unavailable, false},
		"proxy's message": {400, map[string]any{"message": "no token of this proxy"}, v1alpha1.ReasonUnavailable, remote.Unavailable, false},
		"proxy's errors": {401, map[string]any{
			"message": "Unauthorized", "errors": []any{map[string]any{"description": "the client must authenticate at the proxy"}},
		}, v1alpha1.ReasonUnavailable, remote.Unavailable, false},
		"proxy's code":     {400, map[string]any{"error": "Bad Request", "error_description": "token"}, v1alpha1.ReasonUnavailable, remote.Unavailable, false},
		"webex in trouble": {400, webex("The request could not be processed."), v1alpha1.ReasonUnavailable, remote.Unavailable, false},
		"server_error":     {400, map[string]any{"error": "server_error"}, v1alpha1.ReasonUnavailable, remote.Unavailable, false},
		"overloaded":       {400, map[string]any{"error": "temporarily_unavailable"}, v1alpha1.ReasonUnavailable, remote.Unavailable, false},
		"rate limited":     {429, map[string]any{}, v1alpha1.ReasonRateLimited, remote.RateLimited, false},
		"server error":     {503, webex("down"), v1alpha1.ReasonUnavailable, remote.Unavailable, false},
		"not a token":      {200, map[string]any{"hello": "world"}, v1alpha1.ReasonInvalidResponse, remote.InvalidResponse, false},
		"redirect":         {302, map[string]any{}, v1alpha1.ReasonUnavailable, remote.Unavailable, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, "renew", nil)
			f.server.instead = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "90")
				w.Header().Set("Location", "/elsewhere")
				answer(w, test.status, test.body)
			}
			f.clock.SetTime(start.Add(accessLife - 20*time.Second))
			f.wantToken(canaryAccess)
			f.wantToken(canaryAccess)
			f.wantCalls(1)
			f.clock.SetTime(start.Add(accessLife))
			_, err := f.source.Token(t.Context())
			wantReason(t, err, test.reason)
			if remote.ClassOf(err) != test.class {
				t.Errorf("class = %s, want %s", remote.ClassOf(err), test.class)
			}
			f.clock.Step(time.Hour)
			if _, err = f.source.Token(t.Context()); err == nil {
				t.Error("a token in spite of the error")
			}
			want := int64(2)
			if test.permanent {
				want = 1
			}
			f.wantCalls(want)
		})
	}
}

func wantReason(t *testing.T, err error, want v1alpha1.Reason) {
	t.Helper()
	problem, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error = %v, want an *Error", err)
	}
	if problem.Reason != want {
		t.Fatalf("reason = %s (%v), want %s", problem.Reason, err, want)
	}
}
