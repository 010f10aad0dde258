package conformance_test

import (
	"net/http"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
)

// documented is a small call center such as the vendor's page creates.
func documented() spec {
	return spec{
		"tenantID": tenant, "groupID": group, "serviceUserID": "basicdesk@" + domain, "name": "Basic desk",
		"type": "Basic", "policy": "Regular", "templateName": "plain",
		"profile": map[string]any{
			"cliFirstName": "First", "cliLastName": "Last", "language": "English", "timeZone": "Europe/Brussels",
			"department":        map[string]any{"tenantID": tenant, "groupID": group, "departmentName": "Care"},
			"passwordSecretRef": map[string]any{"name": "password", "key": "value"},
		},
	}
}

// Proves: S3.1, S3.2, S3.4, S3.7, S3.18, S3.19, S3.20, S3.36, S3.41, CR1, CR2, CR3, CR4, CR6, CR10, CR15, CR16, CR17
func TestBodiesOfTheDocumentMakeTheRoundTrip(t *testing.T) {
	t.Parallel()
	for _, authentication := range []v1alpha1.GatewayAuthentication{v1alpha1.GatewaySession, v1alpha1.GatewayCore} {
		t.Run(string(authentication), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, callCenter("CallCenter", authentication))
			seed := w.gatewaySeed()
			seed.Templates = map[string]map[string]any{"plain": {"escapeDigit": "9", "queueLength": 3}}
			w.sim.SetGateway(seed)
			password := w.secretValue("password")
			w.createSecret("password", map[string]string{"value": password})
			w.sim.Reset()
			r := w.create(documented())
			id := r.waitReady().ID
			created := w.requestsOf(http.MethodPost)
			want := record{
				"serviceUserId": "basicdesk@" + domain, "type": "Basic", "policy": "Regular", "templateName": "plain",
				"serviceInstanceProfile": record{
					"name": "Basic desk", "password": "***", "cliFirstName": "First", "cliLastName": "Last",
					"language": "English", "timeZone": "Europe/Brussels",
					"department": record{"tenantId": tenant, "groupId": group, "departmentName": "Care"},
				},
			}
			if len(created) != 1 || text(created[0].Body) != text(want) {
				t.Errorf("created by\n%s\nwant\n%s", text(created[0].Body), text(want))
			}
			if path := w.gatewayPrefix() + "/tenants/" + tenant + "/groups/" + group + "/services/call_centers/"; created[0].Path != path {
				t.Errorf("created at %s, want %s", created[0].Path, path)
			}
			// What nobody asked for has the platform's values, or the template's, and is nobody's business.
			defaults := map[string]any{
				inProfile + "password": password, inProfile + "phoneNumber": "", inProfile + "extension": "", inProfile + "cliPhoneNumber": nil,
				inProfile + "publicUserIdentity": "", "routingType": "Priority Based", "queueLength": 3, "enableReporting": false,
				"allowCallerToDialEscapeDigit": true, "escapeDigit": "9", "resetCallStatisticsUponEntryInQueue": false,
				"allowAgentLogoff": false, "allowCallWaitingForAgents": false, "allowCallsToAgentsInWrapUp": false,
				"overrideAgentWrapUpTime": false, "wrapUpSeconds": 0, "forceDeliveryOfCalls": false, "forceDeliveryWaitTimeSeconds": 1,
				"enableAutomaticStateChangeForAgents": false, "agentStateAfterCall": "Available", "agentUnavailableCode": "",
				"externalPreferredAudioCodec": "None", "internalPreferredAudioCodec": "None", "playRingingWhenOfferingCall": true,
				"callCenterQueueThresholdsIsActive": false, "networkClassOfService": "",
			}
			w.wantRemote(id, defaults)
			w.sim.Reset()
			r.check()
			w.wantNoWrites()

			before := w.onlyRemote("Basic desk")
			r.change(spec{"queueLength": 10, "profile": map[string]any{"language": "French"}})
			r.waitReady()
			updates := w.sentFields()
			if want := (record{"queueLength": 10, "serviceInstanceProfile": record{"language": "French"}}); len(updates) != 1 || text(updates[0]) != text(want) {
				t.Errorf("updated by %s, want %s", text(updates), text(want))
			}
			before["queueLength"] = 10
			before.put(inProfile+"language", "French")
			if after := w.onlyRemote("Basic desk"); text(after) != text(before) {
				t.Errorf("after changing two fields:\n%s\nwant\n%s", text(after), text(before))
			}
			r.delete()
			r.waitGone()
			w.wantNone("Basic desk")
		})
	}
}

// gatewayPrefix is what comes before /tenants in this world's deployment.
func (w *world) gatewayPrefix() string {
	if w.kind.gateway == v1alpha1.GatewayCore {
		return "/api/v01/p1"
	}
	return "/api/v1"
}
