package controllers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// newYear is when the stories begin.
var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// twoLives is what an administrator reads who asks for the events of 200 days. The token server does not extend refresh
// tokens, and consent is given again ten days after the first ones have ended.
const twoLives = `
day   0.0  Normal  Connected          connected to "Nordlys Care GmbH" (5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10)
day   7.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-01-22 00:00 UTC
day  14.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-01-29 00:00 UTC
day  21.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-02-05 00:00 UTC
day  28.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-02-12 00:00 UTC
day  35.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-02-19 00:00 UTC
day  42.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-02-26 00:00 UTC
day  49.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-03-05 00:00 UTC
day  56.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-03-12 00:00 UTC
day  60.0  Warning ExpiresSoon        no more than 30 days left: the refresh token ends on 2026-04-01 00:00 UTC and every write stops then: give consent again or put new tokens into the Secret
day  63.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-03-19 00:00 UTC
day  70.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-03-26 00:00 UTC
day  76.0  Warning ExpiresSoon        no more than 14 days left: the refresh token ends on 2026-04-01 00:00 UTC and every write stops then: give consent again or put new tokens into the Secret
day  77.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-04-02 00:00 UTC
day  83.0  Warning ExpiresSoon        no more than 7 days left: the refresh token ends on 2026-04-01 00:00 UTC and every write stops then: give consent again or put new tokens into the Secret
day  84.0  Normal  TokenRefreshed     the access token was renewed and stored; it works until 2026-04-09 00:00 UTC
day  89.0  Warning ExpiresSoon        no more than 1 day left: the refresh token ends on 2026-04-01 00:00 UTC and every write stops then: give consent again or put new tokens into the Secret
day  90.0  Warning ReconnectRequired  the refresh token has expired: give consent again or put new tokens into the Secret
day 100.0  Normal  Connected          connected to "Nordlys Care GmbH" (5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10)
`

// life lets days go by.
type life struct {
	*organizationFixture
	story strings.Builder
}

// live goes from visit to visit until the day comes, and writes the events down.
func (l *life) live(until int) {
	l.t.Helper()
	end := newYear.Add(time.Duration(until) * day)
	for l.clock.Now().Before(end) {
		wait := l.reconcile().RequeueAfter
		for line := range strings.Lines(l.seen()) {
			kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			reason, note, _ := strings.Cut(rest, " ")
			fmt.Fprintf(&l.story, "day %5.1f  %-7s %-17s  %s\n", l.clock.Since(newYear).Hours()/24, kind, reason, note)
		}
		left := end.Sub(l.clock.Now())
		if wait == 0 {
			wait = left
		}
		l.clock.Step(min(wait, left))
	}
}

// consent stores tokens as an administrator does who has just given consent.
func (l *life) consent(first simulator.OrganizationSeed) {
	l.t.Helper()
	l.simulator.AddOrganization(first)
	now := l.clock.Now()
	var secret corev1.Secret
	if err := l.client.Get(l.t.Context(), client.ObjectKey{Namespace: nordlys.Namespace, Name: "credentials"}, &secret); err != nil {
		l.t.Fatal(err)
	}
	secret.Annotations = nil
	for key, value := range map[string]string{
		"accessToken": first.AccessToken, "accessTokenExpiresAt": now.Add(14 * day).Format(time.RFC3339),
		"refreshToken": first.RefreshToken, "refreshTokenExpiresAt": now.Add(90 * day).Format(time.RFC3339),
	} {
		secret.Data[key] = []byte(value)
	}
	secret.CreationTimestamp = metav1.NewTime(now)
	if err := l.client.Update(l.t.Context(), &secret); err != nil {
		l.t.Fatal(err)
	}
}

func (l *life) refreshes() int { return l.simulator.Stats().Routes["POST /v1/access_token"].Count }

// Proves: S1.15, S1.16, S1.31, S1.32, PR6, PR16, PR17, PR18, PR19, PR20, PR25, PR26, PR27, PR28, PR49
func TestTwoHundredDays(t *testing.T) {
	t.Parallel()
	l := &life{organizationFixture: setting{begin: newYear, options: simulator.Options{RefreshMode: simulator.RefreshFixed}}.fixture(t)}
	seed := simulator.OrganizationSeed{
		ID: nordlysID, Name: "Nordlys Care GmbH", ClientID: "nordlys-client", ClientSecret: "nordlys-secret-canary",
		AccessToken: "nordlys-access-canary", RefreshToken: "nordlys-refresh-canary",
	}
	l.organization(func(o *v1alpha1.WebexOrganization) { o.Spec.InventoryInterval = &metav1.Duration{Duration: 30 * day} })
	l.credentials("nordlys")
	l.consent(seed)
	l.live(30)
	status := l.get().Status
	if got, want := moment(status.AccessTokenExpiresAt.Time), "2026-02-12 00:00 UTC"; got != want {
		t.Errorf("the access token ends on %s, want %s", got, want)
	}
	if got, want := moment(status.RefreshTokenExpiresAt.Time), "2026-04-01 00:00 UTC"; got != want {
		t.Errorf("the refresh token ends on %s, want %s", got, want)
	}
	l.live(61)
	l.r = l.newReconciler() // another process tells nothing twice
	l.live(91)
	l.want(v1alpha1.ConditionTokenValid, metav1.ConditionFalse, v1alpha1.ReasonReconnectRequired)
	if message := l.want(v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonReconnectRequired).Message; !strings.Contains(message, "give consent again") {
		t.Errorf("message = %q, want in it what to do next", message)
	}
	l.want(v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonReconnectRequired)
	if l.connected() != nil {
		t.Error("the registry still holds the organization")
	}
	requests, refreshed := l.simulator.Stats().Requests, l.refreshes()
	l.live(100)
	l.wantRequests(requests)
	if refreshed != 12 {
		t.Errorf("%d refreshes in the first life, want one a week", refreshed)
	}
	seed.AccessToken, seed.RefreshToken = "nordlys-second-canary", "nordlys-second-refresh-canary"
	l.consent(seed)
	l.live(101)
	l.want(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonConnected)
	first := l.story.String()
	if diff := cmp.Diff(strings.TrimPrefix(twoLives, "\n"), first); diff != "" {
		t.Errorf("the first life and the new consent (-want +got):\n%s", diff)
	}
	l.live(200)
	second := strings.TrimPrefix(l.story.String(), first)
	warnings := []string{"30 days", "14 days", "7 days", "1 day", "the refresh token has expired"}
	for line := range strings.Lines(second) {
		switch {
		case strings.Contains(line, eventTokenRefreshed):
		case len(warnings) > 0 && strings.Contains(line, warnings[0]):
			warnings = warnings[1:]
		default:
			t.Errorf("the second life differs from the first: %s", line)
		}
	}
	if len(warnings) > 0 || l.refreshes() != 24 {
		t.Errorf("the second life lacks %v and has %d refreshes:\n%s", warnings, l.refreshes()-12, second)
	}
	if mutating := l.simulator.Stats().Mutating; mutating != 0 {
		t.Errorf("%d writes", mutating)
	}
}
