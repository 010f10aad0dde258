package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// What Webex refuses to the token it refuses to every object: the organization says so once, its objects wait for it,
// and new tokens go on where the old ones ended.
// Proves: S1.30, S1.32, PR27, PR51
func TestTokenWithoutAScopeStopsEveryObject(t *testing.T) {
	t.Parallel()
	const objects = 60
	k := workType()
	w := newWorld(t, k)
	all := make([]*resource, objects)
	ids := make([]string, objects)
	for i := range all {
		all[i] = w.create(k.minimal(fmt.Sprintf("Kept %d", i)))
	}
	for i, r := range all {
		ids[i] = r.waitReady().ID
	}
	w.sim.Reset()
	w.faults(simulator.FaultRule{
		Method: "POST,PUT,PATCH,DELETE", Path: "^/organization/", Status: http.StatusForbidden,
		Body: `{"error":{"key":"403","message":[{"description":"Caller lacks the needed scope"}]}}`,
	})
	for _, r := range all[:objects/2] {
		r.change(patchOf("description", "changed"))
	}
	message := w.waitOrganization(soon, v1alpha1.ReasonForbidden)
	if !strings.Contains(message, "cjp:config_write") {
		t.Errorf("the message does not name the scope: %s", message)
	}
	for _, r := range all {
		r.waitReason(later, v1alpha1.ReasonOrganizationNotReady)
	}
	if refused := w.sim.Stats().Mutating; refused == 0 || refused > 10 {
		t.Errorf("%d writes were refused for %d changed objects, want a few", refused, objects/2)
	}
	w.faults()
	w.sim.Reset()
	w.changeSecret(credentialsSecret, map[string]string{"accessToken": w.newAccessToken()})
	w.waitConnected()
	for i, r := range all {
		if status := r.waitReadyWithin(later); status.ID != ids[i] {
			t.Errorf("the id changed from %q to %q", ids[i], status.ID)
		}
	}
	for _, request := range w.requestsOf(http.MethodPost) {
		if !strings.Contains(request.Path, "bulk") {
			t.Errorf("something was created anew: %s %s", request.Method, request.Path)
		}
	}
}

// When the refresh token has ended, objects wait as they are; what has not changed meanwhile is not written after the
// new consent.
// Proves: S1.32, PR26, PR27
func TestConsentAgainWritesNothing(t *testing.T) {
	t.Parallel()
	k := workType()
	w := newWorld(t, k)
	all := make([]*resource, 5)
	for i := range all {
		all[i] = w.create(k.full(fmt.Sprintf("Waits %d", i)))
	}
	ids := map[*resource]string{}
	for _, r := range all {
		ids[r] = r.waitReady().ID
	}
	end := func(at time.Time) map[string]string {
		return map[string]string{"refreshTokenExpiresAt": at.UTC().Format(time.RFC3339)}
	}
	w.changeSecret(credentialsSecret, end(time.Now().Add(-time.Minute)))
	w.waitOrganization(soon, v1alpha1.ReasonReconnectRequired)
	w.sim.Reset()
	for _, r := range all {
		if status, _ := r.waitReason(later, v1alpha1.ReasonOrganizationNotReady); status.ID != ids[r] {
			t.Errorf("the id changed from %q to %q", ids[r], status.ID)
		}
		r.ask()
	}
	w.create(k.minimal("Later")).waitReason(soon, v1alpha1.ReasonOrganizationNotReady)
	if requests := w.sim.Stats().Requests; requests != 0 {
		t.Errorf("%d requests with tokens that have ended", requests)
	}
	w.changeSecret(credentialsSecret, end(time.Now().Add(90*24*time.Hour)))
	w.waitConnected()
	for _, r := range all {
		if status := r.waitReadyWithin(later); status.ID != ids[r] {
			t.Errorf("the id changed from %q to %q", ids[r], status.ID)
		}
	}
	eventually(t, soon, func() error {
		if writes := w.sim.Stats().Mutating; writes != 1 {
			return fmt.Errorf("%d writes, want the object that was made meanwhile:\n%s", writes, w.writeLog())
		}
		return nil
	})
}
