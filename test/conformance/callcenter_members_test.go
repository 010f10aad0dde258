package conformance_test

import (
	"net/http"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

const (
	ann = "ann@" + domain
	bob = "bob@" + domain
	cid = "cid@" + domain
	dan = "dan@" + domain // has no call-center service
)

// staffedWorld has users in its group, and undocumented routes switched on.
func staffedWorld(t *testing.T, authentication v1alpha1.GatewayAuthentication) *world {
	t.Helper()
	w := emptyWorld(t, callCenter("CallCenter", authentication))
	seed := w.gatewaySeed()
	staffed := seed.Tenants[tenant][group]
	staffed.Users = []simulator.GroupUser{
		{ID: ann, FirstName: "Ann", CallCenterType: "Premium"}, {ID: bob, FirstName: "Bob", CallCenterType: "Premium"},
		{ID: cid, FirstName: "Cid", CallCenterType: "Premium"}, {ID: dan, FirstName: "Dan"},
	}
	staffed.HolidaySchedules = []string{"Feasts 2026", "Holidays 2026"}
	seed.Tenants[tenant][group] = staffed
	w.sim.SetGateway(seed)
	w.createOrganization(func(o *v1alpha1.WebexOrganization) {
		o.Spec.CallCenterGateway.UndocumentedRoutes, o.Spec.CallCenterGateway.DefaultCountryCode = true, "32"
	})
	w.waitConnected()
	return w
}

func agent(userID string) map[string]any { return map[string]any{"userID": userID} }

// putsTo are the bodies sent to a route that ends so.
func (w *world) putsTo(end string) []any {
	var bodies []any
	for _, request := range w.requestsOf(http.MethodPut) {
		if strings.HasSuffix(request.Path, end) {
			bodies = append(bodies, request.Body)
		}
	}
	return bodies
}

func TestAgentsAndSupervisorsAreOwnedAsSets(t *testing.T) {
	t.Parallel()
	for _, authentication := range []v1alpha1.GatewayAuthentication{v1alpha1.GatewaySession, v1alpha1.GatewayCore} {
		t.Run(string(authentication), func(t *testing.T) {
			t.Parallel()
			w := staffedWorld(t, authentication)
			skilled := w.kind.minimal("Staffed").with("routingType", "Skill Based")
			r := w.create(skilled.with("agents", []any{
				map[string]any{"userID": bob, "skillLevel": 3}, agent(ann),
			}).with("supervisors", []any{dan}).with("active", true))
			id := r.waitReady().ID
			want := func(agents, supervisors any) {
				t.Helper()
				w.wantRemote(id, map[string]any{"agents": agents, "supervisors": supervisors})
			}
			member := func(userID, level string) record { return record{"userId": userID, "weight": 0, "skillLevel": level} }
			want([]any{member(bob, "3"), member(ann, "1")}, []any{record{"userId": dan}})
			w.wantRemote(id, map[string]any{"active": true})

			// Another order, or a skill that nobody asked for, is no difference.
			w.changeRemote(id, record{"agents": []any{member(ann, "7"), member(strings.ToUpper(bob), "3")}})
			w.sim.Reset()
			r.check()
			w.wantNoWrites()

			// Somebody else's additions and removals are.
			w.changeRemote(id, record{"agents": []any{member(ann, "7"), member(cid, "1")}, "supervisors": []any{record{"userId": ann}}})
			r.check()
			r.waitReady()
			want([]any{member(bob, "3"), member(ann, "7")}, []any{record{"userId": dan}}) // Ann keeps her level
			if puts := w.putsTo("/agents/"); len(puts) != 1 || len(w.sentFields()) != 2 {
				t.Errorf("corrected by %s", w.writeLog())
			}

			r.change(spec{"agents": []any{agent(cid)}, "supervisors": []any{}})
			r.waitReady()
			want([]any{member(cid, "1")}, nil)
			r.change(spec{"agents": []any{}})
			r.waitReady()
			want(nil, nil)

			// Left out, they are nobody's business.
			r.change(spec{"agents": nil, "supervisors": nil})
			r.waitReady()
			w.changeRemote(id, record{"agents": []any{member(ann, "2")}})
			w.sim.Reset()
			r.check()
			w.wantNoWrites()
			if reads := len(w.putsTo("")) + w.readsOf("/agents/"); reads != 0 {
				t.Errorf("%d requests for agents that nobody owns", reads)
			}
		})
	}
}

func (w *world) readsOf(end string) (count int) {
	for _, request := range w.requestsOf(http.MethodGet) {
		path, _, _ := strings.Cut(request.Path, "?")
		if strings.HasSuffix(path, end) {
			count++
		}
	}
	return count
}

func TestWeightsOfAgents(t *testing.T) {
	t.Parallel()
	w := staffedWorld(t, v1alpha1.GatewaySession)
	weighted := func(first, second int) []any {
		return []any{map[string]any{"userID": ann, "weight": first}, map[string]any{"userID": bob, "weight": second}}
	}
	r := w.create(w.kind.minimal("Weighted").with("policy", "Weighted").with("agents", weighted(30, 70)))
	id := r.waitReady().ID
	r.change(spec{"agents": weighted(60, 40)})
	r.waitReady()
	w.wantRemote(id, map[string]any{"agents": []any{record{"userId": ann, "weight": 60}, record{"userId": bob, "weight": 40}}})
}

func TestAgentsWhoAreNotAvailableAreNamed(t *testing.T) {
	t.Parallel()
	w := staffedWorld(t, v1alpha1.GatewaySession)
	r := w.create(w.kind.minimal("Staffed").with("agents", []any{agent(ann), agent(dan), agent("eve@" + domain)}))
	status, message := r.waitStalled(v1alpha1.ReasonRejected)
	for _, part := range []string{dan, "eve@" + domain, "Call Center - Premium"} {
		if !strings.Contains(message, part) {
			t.Errorf("the message does not name %s: %s", part, message)
		}
	}
	if strings.Contains(message, ann) {
		t.Errorf("the message names Ann, who is available: %s", message)
	}
	w.onlyRemote("Staffed")
	if puts := w.putsTo("/agents/"); len(puts) != 0 {
		t.Errorf("agents were sent: %s", text(puts))
	}
	r.change(spec{"agents": []any{agent(ann)}})
	if again := r.waitReady(); again.ID != status.ID || again.ID == "" {
		t.Errorf("id %q became %q", status.ID, again.ID)
	}
	if w.posts() != 1 {
		t.Errorf("%d creates", w.posts())
	}
}

// What nobody has documented is asked for first.
func TestUndocumentedRoutesWaitForTheSwitch(t *testing.T) {
	t.Parallel()
	w := staffedWorld(t, v1alpha1.GatewaySession)
	w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.CallCenterGateway.UndocumentedRoutes = false })
	w.waitConnected()
	r := w.create(w.kind.minimal("Staffed").with("agents", []any{agent(ann)}))
	_, message := r.waitReason(soon, v1alpha1.ReasonNotEnabled)
	for _, part := range []string{"spec.agents", "undocumentedRoutes: true", organization} {
		if !strings.Contains(message, part) {
			t.Errorf("the message does not say %s: %s", part, message)
		}
	}
	w.wantNoWrites()

	// To look at the agents is documented.
	watched := w.addRemote(w.kind.remote(w, "Watched"))
	w.changeRemote(watched, record{"agents": []any{record{"userId": bob}}})
	observed := w.create(observing(w.kind.minimal("Watched").with("agents", []any{agent(ann)})))
	observed.waitReason(soon, v1alpha1.ReasonObserved)
	wantDrift(t, observed.status(), "agents")

	w.changeOrganization(func(o *v1alpha1.WebexOrganizationSpec) { o.CallCenterGateway.UndocumentedRoutes = true })
	w.wantRemote(r.waitReady().ID, map[string]any{"agents": []any{record{"userId": ann, "weight": 0}}})
}

func TestHolidayService(t *testing.T) {
	t.Parallel()
	w := staffedWorld(t, v1alpha1.GatewayCore)
	r := w.create(w.kind.minimal("Holidays").with("holidayService", map[string]any{
		"action": "Transfer", "transferPhoneNumber": "025550199", "holidaySchedule": map[string]any{"level": "Group", "name": "Feasts 2026"},
	}))
	id := r.waitReady().ID
	const policy = "holidayService."
	w.wantRemote(id, map[string]any{
		policy + "action": "Transfer", policy + "transferPhoneNumber": "+3225550199",
		policy + "holidaySchedule": record{"level": "Group", "name": "Feasts 2026"}, policy + "playAnnouncementBeforeAction": false,
	})
	changed, _ := w.onlyRemote("Holidays")["holidayService"].(map[string]any)
	changed["playAnnouncementBeforeAction"], changed["audioMessageSelection"] = true, "File" // nobody's business
	w.changeRemote(id, record{"holidayService": changed})
	w.sim.Reset()
	r.check()
	w.wantNoWrites()

	// Another schedule of the same year is another schedule.
	changed["holidaySchedule"] = record{"level": "Group", "name": "Holidays 2026"}
	w.changeRemote(id, record{"holidayService": changed})
	r.check()
	r.waitReady()
	w.wantRemote(id, map[string]any{policy + "holidaySchedule": record{"level": "Group", "name": "Feasts 2026"}})
	w.sim.Reset()

	r.change(spec{"holidayService": map[string]any{"action": "Busy"}})
	r.waitReady()
	w.wantRemote(id, map[string]any{policy + "action": "Busy", policy + "playAnnouncementBeforeAction": true, policy + "audioMessageSelection": "File"})
	if len(w.sentFields()) != 1 {
		t.Errorf("changed by\n%s", w.writeLog())
	}
	r.change(spec{"holidayService": map[string]any{"holidaySchedule": map[string]any{"name": "Fasts"}}})
	if _, message := r.waitStalled(v1alpha1.ReasonRejected); !strings.Contains(message, "not found: Fasts") {
		t.Errorf("the message does not quote the refusal: %s", message)
	}
}
