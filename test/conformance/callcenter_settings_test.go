package conformance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/simulator"
)

const (
	randomRule = "{{group_id}}_cc{{RND_4}}@{{domain}}"
	numberRule = "{{country_code}}-{{national_no_0}}@{{domain}}"
)

// gatewaySettings are the settings of a gateway that nobody can read from it.
type gatewaySettings struct {
	generates, follows, national bool
	rule                         string
}

func (s gatewaySettings) String() string {
	return fmt.Sprintf("generates=%t follows=%t national=%t %s", s.generates, s.follows, s.national, s.rule)
}

func everySetting() []gatewaySettings {
	var all []gatewaySettings
	for _, rule := range []string{randomRule, numberRule} {
		for bits := range 8 {
			all = append(all, gatewaySettings{generates: bits&1 > 0, follows: bits&2 > 0, national: bits&4 > 0, rule: rule})
		}
	}
	return all
}

// kind is a call center behind a gateway of these settings. The user gives the id where the gateway makes none.
func (s gatewaySettings) kind(authentication v1alpha1.GatewayAuthentication) *kind {
	k := callCenter("CallCenter", authentication)
	if s.generates {
		k = anyCallCenter("CallCenter", authentication)
	}
	k.simulator.CallCenters = simulator.CallCenterSettings{
		AutoGenerateID: s.generates, UpdateIDOnPhoneChange: s.follows, IDRule: s.rule, NumbersUseCLI: s.national,
	}
	return k
}

// wantID says what is wrong with an id while the phone number ends in these digits; moved tells that it was another one
// before.
func (s gatewaySettings) wantID(before, id, digits string, moved bool) error {
	numbered := "32-255502" + digits + "@" + domain
	switch {
	case moved && s.follows && s.rule == numberRule, !moved && s.generates && s.rule == numberRule:
		if id != numbered {
			return fmt.Errorf("id is %q, want %q", id, numbered)
		}
	case moved && id != before:
		return fmt.Errorf("id changed from %q to %q", before, id)
	case !moved && s.generates && (!strings.HasPrefix(id, group+"_cc") || len(id) != len(group+"_cc1234@"+domain)):
		return fmt.Errorf("id is %q, which is not by the rule %s", id, s.rule)
	case !moved && !s.generates && id != serviceUserID("Front"):
		return fmt.Errorf("id is %q, the user gave %q", id, serviceUserID("Front"))
	}
	return nil
}

// Proves: S3.8, S3.37, S3.38, S3.39, CR5, CR22, CR23, CR24, CR25, CR26, CR28
func TestLifeOfACallCenterUnderEverySetting(t *testing.T) {
	t.Parallel()
	for _, settings := range everySetting() {
		for _, authentication := range []v1alpha1.GatewayAuthentication{v1alpha1.GatewaySession, v1alpha1.GatewayCore} {
			t.Run(fmt.Sprintf("%s %s", authentication, settings), func(t *testing.T) {
				t.Parallel()
				settings.live(newWorld(t, settings.kind(authentication)))
			})
		}
	}
}

// live takes a call center from its creation over a change of its phone number to its end.
func (s gatewaySettings) live(w *world) {
	t := w.t
	r := w.create(w.kind.minimal("Front").with("profile.phoneNumber", "+3225550201").with("active", true))
	first := r.waitReady().ID
	if err := s.wantID("", first, "01", false); err != nil {
		t.Error(err)
	}
	settled := func() {
		t.Helper()
		w.sim.Reset()
		r.check()
		w.wantNoWrites()
		w.onlyRemote("Front")
	}
	settled()
	r.change(spec{"queueLength": 7, "profile": map[string]any{"phoneNumber": "025550202"}})
	second := r.waitReady().ID
	if err := s.wantID(first, second, "02", true); err != nil {
		t.Error(err)
	}
	w.wantRemote(second, map[string]any{"queueLength": 7, "active": true, inProfile + "phoneNumber": "+3225550202"})
	settled()
	r.change(patchOf("active", false))
	if id := r.waitReady().ID; id != second {
		t.Errorf("switched off under the id %q, which was %q", id, second)
	}
	w.wantRemote(second, map[string]any{"active": false})
	r.delete()
	r.waitGone()
	w.wantNone("Front")
}

// A number in the list without a country code is read by that of the group's calling line.
// Proves: S3.39, CR28
func TestNationalNumbersOfTheListAreTheGroups(t *testing.T) {
	t.Parallel()
	for number, adopted := range map[string]bool{"+3225550201": true, "025550201": true, "+33225550201": false} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			k := generatedCallCenter()
			w := emptyWorld(t, k)
			w.createOrganization(func(o *v1alpha1.WebexOrganization) { o.Spec.CallCenterGateway.DefaultCountryCode = "" })
			w.waitConnected()
			w.addRemote(k.remoteFull(w, "Numbered"))
			r := w.create(k.full("Numbered").with("profile.phoneNumber", number))
			if !adopted {
				r.waitStalled(v1alpha1.ReasonNameConflict)
				wantDrift(t, r.status(), "profile.phoneNumber")
				return
			}
			r.waitReady()
			r.check()
			w.wantNoWrites()
			asked := 0
			for _, request := range w.sim.Requests() {
				if request.Method == http.MethodGet && strings.HasSuffix(request.Path, "/groups/"+group+"/") {
					asked++
				}
			}
			if asked != 1 {
				t.Errorf("the group was asked for its country code %d times, want once", asked)
			}
		})
	}
}

// Without generation a create needs an id, and the gateway's refusal says so.
// Proves: CR22
func TestMissingIDIsRefusedWhereNoneIsGenerated(t *testing.T) {
	t.Parallel()
	k := anyCallCenter("CallCenter", v1alpha1.GatewaySession)
	w := newWorld(t, k)
	_, message := w.create(k.minimal("Nameless")).waitStalled(v1alpha1.ReasonRejected)
	if !strings.Contains(message, "serviceUserId") {
		t.Errorf("the message does not say what is missing: %s", message)
	}
	w.wantNone("Nameless")
}

// Spellings in which gateways differ are no drift, and do not change what is sent.
// Proves: S3.21, S3.30, CR7, CR9
func TestDialectsOfTheGatewayAreNoDrift(t *testing.T) {
	t.Parallel()
	for name, dialect := range map[string]simulator.GatewayDialect{
		"doubled field":       {DoubledField: true},
		"short routing words": {ShortRoutingWords: true},
		"scalars as texts":    {TextScalars: true},
		"department empty":    {NoDepartment: "empty"},
		"department null":     {NoDepartment: "null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
			w := newWorld(t, k)
			seed := w.gatewaySeed()
			seed.Dialect = dialect
			w.sim.SetGateway(seed)
			r := w.create(k.full("Spelled").with("profile.department", map[string]any{"departmentName": ""}))
			id := r.waitReady().ID
			r.change(spec{"forceDeliveryWaitTimeSeconds": 5, "routingType": "Skill Based"})
			r.waitReady()
			w.wantRemote(id, map[string]any{"forceDeliveryWaitTimeSeconds": 5, "routingType": "Skill Based"})
			w.wantPuts(2) // one of them switches it on
			w.sim.Reset()
			r.check()
			w.wantNoWrites()
		})
	}
}

// Proves: S3.11, CR13
func TestDepartmentOfTheEnterprise(t *testing.T) {
	t.Parallel()
	k := callCenter("CallCenterSession", v1alpha1.GatewaySession)
	w := newWorld(t, k)
	seed := w.gatewaySeed()
	seed.EnterpriseDepartments = map[string][]string{tenant: {"Operations/Care"}} // the group has one of that name too
	w.sim.SetGateway(seed)
	r := w.create(k.minimal("Placed").with("profile.department", map[string]any{"departmentName": "Care", "enterprise": true}))
	id := r.waitReady().ID
	ofEnterprise := record{"tenantId": tenant, "departmentName": "Care"}
	w.wantRemote(id, map[string]any{inProfile + "department": ofEnterprise})
	if path := r.read().Object["status"].(map[string]any)["departmentFullPathName"]; path != `Operations \ Care` {
		t.Errorf("departmentFullPathName is %q", path)
	}
	w.sim.Reset()
	r.check()
	w.wantNoWrites()
	ofGroup := record{}
	ofGroup.put(inProfile+"department", record{"tenantId": tenant, "groupId": group, "departmentName": "Care"})
	w.changeRemote(id, ofGroup)
	r.check()
	r.waitReady()
	w.wantRemote(id, map[string]any{inProfile + "department": ofEnterprise})
	r.change(patchOf("profile.department", map[string]any{"departmentName": "Care", "enterprise": nil}))
	r.waitReady()
	w.wantRemote(id, map[string]any{inProfile + "department": ofGroup.at(inProfile + "department")})
}
