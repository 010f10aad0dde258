package token

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestScopesFollowTheTokens(t *testing.T) {
	t.Parallel()
	f := newFixture(t, "renew", nil)
	scope := any("cjp:config_write spark:people_read  cjp:config_read cjp:config_read")
	f.server.instead = func(w http.ResponseWriter, _ *http.Request) {
		body := map[string]any{"access_token": "canary-access-" + f.clock.Now().Format(time.DateOnly), "expires_in": accessLife.Seconds(), "token_type": "Bearer"}
		if scope != nil {
			body["scope"] = scope
		}
		answer(w, http.StatusOK, body)
	}
	wantScopes := func(when string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, f.source.Status().Scopes); diff != "" {
			t.Errorf("scopes %s (-want +got):\n%s", when, diff)
		}
	}
	refresh := func() {
		t.Helper()
		f.clock.Step(7 * day)
		if refreshed, err := f.source.RefreshIfDue(t.Context(), f.clock.Now()); err != nil || !refreshed {
			t.Fatalf("RefreshIfDue = %t, %v", refreshed, err)
		}
	}
	f.wantToken(canaryAccess)
	wantScopes("of a token that nobody spoke of")
	refresh()
	all := []string{"cjp:config_read", "cjp:config_write", "spark:people_read"}
	wantScopes("of an answer", all...)
	f.source = f.newSource()
	f.token()
	wantScopes("in the next process", all...)
	scope = nil
	refresh()
	wantScopes("of an answer that names none", all...)
	f.edit(func(data map[string][]byte) { data[KeyAccessToken] = []byte("somebody-elses") })
	if err := f.source.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantScopes("of a token that somebody put there")
	refresh()
	wantScopes("of its renewal that names none")
}
