package e2e_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/internal/simulator"
)

// The leader is killed after the token server has answered its refresh and before the answer has come. The next leader
// refreshes with what the Secret holds. Only a token server that ends the old refresh token at once is survived by
// nobody; TestCrashBetweenAnswerAndSecret of the token package shows what an administrator then sees.
//
// Proves: S1.14, S1.31
func TestTokenSurvivesALeaderKilledDuringARefresh(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]simulator.Options{
		"renew":             {RefreshMode: simulator.RefreshRenew},
		"fixed":             {RefreshMode: simulator.RefreshFixed},
		"omit":              {RefreshMode: simulator.RefreshOmit},
		"rotate with grace": {RefreshMode: simulator.RefreshRotate, RotateGrace: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, options)
			leading := []string{
				"--leader-elect", "--leader-election-namespace", operatorNamespace, "--shard", "refresh-" + strings.Fields(name)[0],
			}
			// The work is done at once, the answer takes longer than the leader lives.
			late := simulator.FaultRule{Route: "/v1/access_token", Times: 1, LatencyMillis: 8000, Late: true}
			if err := s.sim.SetFaults(late); err != nil {
				t.Fatal(err)
			}
			leader := s.startManager(leading...)
			eventually(t, soon, func() error {
				var rules []simulator.ActiveFault
				if s.control(http.MethodGet, "faults", nil, &rules); rules[0].Acted == 0 {
					return errors.New("no refresh is under way")
				}
				return nil
			})
			s.startManager(leading...)
			leader.kill()
			s.apply(workTypeManifest)
			s.waitReady("wxorg/org", "worktype/breaks")
			token := s.kubectl("--namespace", s.namespace, "get", "secret/org-tokens", "-o", `go-template={{.data.accessToken | base64decode}}`)
			if token == s.secret("access-token") {
				t.Error("the Secret still holds the old access token")
			}
			if refreshes := s.sim.Stats().Routes["POST /v1/access_token"].Count; refreshes != 2 {
				t.Errorf("%d refreshes, want that of each leader: %v", refreshes, s.sim.Stats().Routes)
			}
			s.wantNoLeaks()
		})
	}
}
