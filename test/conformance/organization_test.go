package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

// addOrganization adds one more organization to the remote service, with an OAuth client of its own and a Secret of
// the given name, and returns its UUID.
func (w *world) addOrganization(secret string) string {
	w.t.Helper()
	id := uuid.NewString()
	token := fmt.Sprintf("%s-token-of-%s-%s", canaryPrefix, secret, id)
	w.sim.AddOrganization(simulator.OrganizationSeed{
		ID: id, ClientID: "client-" + id, ClientSecret: token + "-s", AccessToken: token, RefreshToken: token + "-r",
	})
	w.createSecret(secret, map[string]string{
		"clientID": "client-" + id, "clientSecret": token + "-s", "accessToken": token, "refreshToken": token + "-r",
		"accessTokenExpiresAt": time.Now().Add(14 * 24 * time.Hour).UTC().Format(time.RFC3339),
	})
	return id
}

// Proves: S1.27, S0.24
func TestMissingOrganizationIsWaitedFor(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := emptyWorld(t, k)
		r := w.create(k.full("Early"))
		_, message := r.waitReason(soon, v1alpha1.ReasonWaitingForOrganization)
		if !strings.Contains(message, organization) {
			t.Errorf("the message does not name the organization: %s", message)
		}
		// The organization before its credentials.
		w.mustCreate(w.newOrganization())
		w.waitOrganization(soon, v1alpha1.ReasonCredentialsMissing)
		r.waitReason(soon, v1alpha1.ReasonOrganizationNotReady)
		if requests := w.sim.Stats().Requests; requests != 0 {
			t.Errorf("%d requests without credentials", requests)
		}
		w.createCredentials()
		w.waitConnected()
		r.waitReady()
		w.onlyRemote("Early")
	})
}

// Proves: S0.21, S1.3
func TestServiceThatIsSwitchedOff(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		switchOff := func(o *v1alpha1.WebexOrganizationSpec) { o.ContactCenter = false }
		reason := v1alpha1.ReasonContactCenterDisabled
		if k.entity == "" {
			switchOff = func(o *v1alpha1.WebexOrganizationSpec) { o.CallCenterGateway = nil }
			reason = v1alpha1.ReasonGatewayNotConfigured
		}
		w := emptyWorld(t, k)
		w.createOrganization(func(o *v1alpha1.WebexOrganization) { switchOff(&o.Spec) })
		w.waitConnected()
		r := w.create(k.minimal("Off"))
		r.waitReason(soon, reason)
		if requests := w.requestsOf(http.MethodGet, http.MethodPost); len(requests) != 0 {
			t.Errorf("requests to a service that is off: %v", requests)
		}
		w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) {
			on := w.newOrganization().Spec
			o.ContactCenter, o.CallCenterGateway = on.ContactCenter, on.CallCenterGateway
		})
		r.waitReady()
		w.changeOrganization(switchOff)
		r.waitReason(soon, reason)
		w.onlyRemote("Off")
		if status := r.status(); status.ID == "" {
			t.Errorf("the id is lost")
		}
	})
}

// Proves: S1.29
func TestWrongTenant(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.entity == "" {
			t.Skip("call centers live behind the gateway, whose account has nothing to do with the organization's token")
		}
		w := emptyWorld(t, k)
		r := w.create(k.minimal("Elsewhere"))
		pinned := uuid.NewString()
		w.createOrganization(func(o *v1alpha1.WebexOrganization) { o.Spec.OrganizationID = pinned })
		message := w.waitOrganization(soon, v1alpha1.ReasonWrongOrganization)
		for _, id := range []string{pinned, w.organizationID} {
			if !strings.Contains(message, id) {
				t.Errorf("the message does not name %s: %s", id, message)
			}
		}
		r.waitReason(soon, v1alpha1.ReasonOrganizationNotReady)
		if services := w.sim.Stats().Services; services["contactCenter"] != 0 {
			t.Errorf("calls besides the check: %v", services)
		}
	})
}

// Proves: S1.29
func TestTokenOfAnotherTenantLater(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		if k.entity == "" {
			t.Skip("call centers do not live in the organization")
		}
		w := newWorld(t, k)
		r := w.create(k.minimal("Kept"))
		id := r.waitReady().ID
		w.addOrganization("other")
		var other, own map[string]string
		other, own = w.secretText("other"), w.secretText(credentialsSecret)
		w.sim.Reset()
		w.changeSecret(credentialsSecret, other)
		w.waitOrganization(soon, v1alpha1.ReasonWrongOrganization)
		r.ask()
		r.waitReason(soon, v1alpha1.ReasonOrganizationNotReady)
		if calls := w.sim.Stats().Services["contactCenter"]; calls != 0 {
			t.Errorf("%d contact-center calls with the token of another tenant", calls)
		}
		w.changeSecret(credentialsSecret, own)
		w.waitConnected()
		if status := r.waitReady(); status.ID != id {
			t.Errorf("the id changed from %q to %q", id, status.ID)
		}
	})
}

// Proves: S1.32
func TestCredentialsThatEnd(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Kept"))
		before := r.waitReady()
		w.sim.Reset()
		w.faults(
			simulator.FaultRule{Route: "/v1/access_token", Status: http.StatusBadRequest, Body: `{"error":"invalid_grant","error_description":"the grant has ended"}`},
			simulator.FaultRule{Method: http.MethodPost, Path: `/login/?$`, Status: http.StatusUnauthorized, Body: `{"errors":[{"code":2,"message":"Invalid username or password"}]}`},
			simulator.FaultRule{ExpireToken: true},
		)
		r.change(patchOf(k.fields[0].spec, k.fields[0].to))
		status, message := r.waitReason(later, v1alpha1.ReasonOrganizationNotReady, v1alpha1.ReasonUnauthorized, v1alpha1.ReasonReconnectRequired, v1alpha1.ReasonRejected)
		if status.ID != before.ID || status.Origin != before.Origin || message == "" {
			t.Errorf("after the end of the credentials: %s", describe(status))
		}
		fresh := w.create(k.minimal("Not yet"))
		fresh.waitReason(later, v1alpha1.ReasonOrganizationNotReady, v1alpha1.ReasonUnauthorized, v1alpha1.ReasonReconnectRequired, v1alpha1.ReasonRejected)
		for _, request := range w.requestsOf(http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete) {
			if strings.HasPrefix(request.Status, "2") {
				t.Errorf("a write went through: %+v", request)
			}
		}
		w.faults()
		w.changeSecret(credentialsSecret, map[string]string{"accessToken": w.newAccessToken()})
		w.changeSecret(gatewaySecret, map[string]string{"touched": "yes"})
		if status := r.waitReadyWithin(later); status.ID != before.ID {
			t.Errorf("the id changed from %q to %q", before.ID, status.ID)
		}
		fresh.waitReadyWithin(later)
		w.onlyRemote("Kept")
	})
}

// Proves: S0.24
func TestBrokenOrganizationDelaysNoOther(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		const workers = 4
		w := newWorld(t, k, ownManager)
		w.runManager(managerOptions{concurrency: workers})
		w.waitConnected()
		healthy := emptyWorld(t, k, ownManager)
		content := healthy.newOrganization(func(o *v1alpha1.WebexOrganization) {
			o.Name, o.Namespace = "healthy", w.namespace
			o.Spec.CredentialsSecretRef.Name = "healthy"
			if o.Spec.CallCenterGateway != nil {
				o.Spec.CallCenterGateway.CredentialsSecretRef.Name = "healthy"
			}
		})
		w.createSecret("healthy", map[string]string{
			"clientID": "client-" + healthy.namespace, "clientSecret": healthy.secretValue("client-secret"),
			"accessToken": healthy.secretValue("access-token"), "refreshToken": healthy.secretValue("refresh-token"),
			"username": "gateway-user", "password": healthy.secretValue("gateway-password"),
		})
		w.mustCreate(content)

		hang := k.reads()
		hang.LatencyMillis = 60_000
		w.faults(hang)
		for i := range 4 * workers {
			w.create(k.minimal(fmt.Sprintf("Stuck %d", i)))
		}
		eventually(t, soon, func() error {
			if len(w.sim.Requests()) == 0 {
				return fmt.Errorf("the broken organization was not asked yet")
			}
			return nil
		})
		r := w.create(k.minimal("Served").with("organizationRef", map[string]any{"name": "healthy"}))
		r.waitReadyWithin(10 * time.Second)
		if len(healthy.remotesNamed("Served")) != 1 {
			t.Error("the object of the healthy organization is not there")
		}
	})
}

// newAccessToken is what the administrator gets who gives consent again.
func (w *world) newAccessToken() string {
	w.t.Helper()
	response, err := http.PostForm(w.url+"/v1/access_token", url.Values{
		"grant_type": {"refresh_token"}, "client_id": {"client-" + w.namespace},
		"client_secret": {w.secretValue("client-secret")}, "refresh_token": {w.secretValue("refresh-token")},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
		w.t.Fatalf("no new access token: %s %v", response.Status, err)
	}
	return answer.AccessToken
}

// secretText reads a Secret's values.
func (w *world) secretText(name string) map[string]string {
	w.t.Helper()
	values := map[string]string{}
	for key, value := range w.secretData(name) {
		values[key] = string(value)
	}
	return values
}

// Proves: S1.33
func TestOrganizationDeletedAndBack(t *testing.T) {
	forEachKind(t, func(t *testing.T, k *kind) {
		w := newWorld(t, k)
		r := w.create(k.full("Orphan"))
		id := r.waitReady().ID
		w.tearOrganization()
		r.waitReason(soon, v1alpha1.ReasonWaitingForOrganization)
		w.sim.Reset()
		r.ask()
		w.onlyRemote("Orphan")
		w.wantNoWrites()
		w.mustCreate(w.newOrganization())
		w.waitConnected()
		if status := r.waitReady(); status.ID != id {
			t.Errorf("the id changed from %q to %q", id, status.ID)
		}
		w.wantNoWrites()
	})
}

func TestSecondOrganizationForOneTenantIsADuplicate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, workType())
	second := w.newOrganization(func(o *v1alpha1.WebexOrganization) { o.Name = "second" })
	w.mustCreate(second)
	eventually(t, soon, func() error {
		var object v1alpha1.WebexOrganization
		w.mustGet("second", &object)
		encoded, err := json.Marshal(object.Status.Conditions)
		if err == nil && !strings.Contains(string(encoded), string(v1alpha1.ReasonDuplicateOrganization)) {
			err = fmt.Errorf("the second organization: %s", encoded)
		}
		return err
	})
	w.waitConnected()
}

// deleteOrganization asks for the deletion, which its objects delay.
func (w *world) deleteOrganization() {
	w.t.Helper()
	if err := cluster.client.Delete(w.t.Context(), w.newOrganization()); err != nil {
		w.t.Fatal(err)
	}
}

// tearOrganization deletes the organization under its objects, as somebody does who takes the finalizer off by hand.
func (w *world) tearOrganization() {
	w.t.Helper()
	w.deleteOrganization()
	err := cluster.client.Patch(w.t.Context(), w.newOrganization(), client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))
	if client.IgnoreNotFound(err) != nil {
		w.t.Fatal(err)
	}
}
