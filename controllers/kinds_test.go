package controllers

import (
	"slices"
	"strings"
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/remote"
)

// exported checks that what Export makes of a remote object asks for nothing but what the object has already: applying
// an export changes nothing. It returns the paths that the export owns, too.
func exported[T v1alpha1.Object](t *testing.T, kind *engine.Kind[T], body string, references engine.Resolved) (obj T, paths []string) {
	t.Helper()
	actual, err := remote.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	obj = kind.New()
	if err := kind.Export(actual, obj, func(kind, id string) string { return kind + " " + id }); err != nil {
		t.Fatal(err)
	}
	owned, err := kind.Owned(engine.Owner[T]{Object: obj, Organization: &v1alpha1.WebexOrganization{}}, references)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range owned.Leaves() {
		want, _ := actual.Get(path)
		if got, _ := owned.Get(path); remote.Text(got) != remote.Text(want) {
			t.Errorf("%s: an export asks for %v, the object has %v", path, got, want)
		}
	}
	return obj, owned.Leaves()
}

// Proves: S0.9, S0.12, S0.13, S0.14, S0.15
func TestExportOfAnAuxiliaryCode(t *testing.T) {
	t.Parallel()
	body := `{"id":"c1","name":"Invoice Query","description":"","defaultCode":false,"active":true,"isSystemCode":false,
		"workTypeId":"w1","workTypeCode":"WRAP_UP_CODE","burnoutInclusion":"NOT_APPLICABLE","systemDefault":false,"version":3,
		"links":[{"rel":"self","href":"/x"}],"somethingNew":{"a":1},"createdTime":1767609600000,"lastUpdatedTime":"1767609600001"}`
	code, _ := exported(t, auxiliaryCodes(), body, engine.Resolved{"workTypeRef": {ID: "w1"}})
	if code.Spec.WorkTypeRef.RemoteName != "WorkType w1" {
		t.Errorf("workTypeRef = %+v: an export must hold names, never ids", code.Spec.WorkTypeRef)
	}
	actual, err := remote.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	auxiliaryCodes().Observe(code, actual, engine.Resolved{"workTypeRef": {ID: "w1", Object: remote.Object{"name": "Results"}}})
	status := code.Status
	if *status.Version != 3 || status.CreatedTime.UnixMilli() != 1767609600000 || status.LastUpdatedTime.UnixMilli() != 1767609600001 ||
		status.WorkTypeName != "Results" || *status.SystemDefault || *status.IsSystemCode {
		t.Errorf("status = %+v", status)
	}
}

func TestExportOfAWorkType(t *testing.T) {
	t.Parallel()
	exported(t, workTypes(), `{"id":"w1","name":"Shift","workTypeCode":"IDLE_CODE","active":false,"systemDefault":false,"links":[]}`, nil)
}

// Proves: S3.11, S3.12, S3.13, S3.14, S3.15, S3.16, S3.17, S3.19, S3.21, S3.23, S3.24, S3.26, S3.27, S3.28, S3.30, S3.32, S3.33, S3.34, S3.35
func TestExportOfACallCenter(t *testing.T) {
	t.Parallel()
	body := `{"serviceUserId":"care@voice.example.net","serviceInstanceProfile":{"name":"Care","cliFirstName":"Care","cliLastName":"Desk",
		"language":"English","timeZone":"Europe/Brussels","phoneNumber":"+3225550140","extension":"5140","cliPhoneNumber":null,"publicUserIdentity":"",
		"department":{"tenantId":"acme-be","groupId":"hq","departmentName":"Care","fullPathName":"Operations \\ Care"}},
		"type":"Premium","policy":"Uniform","routingType":"Skill Based","queueLength":40,"enableReporting":true,"allowCallerToDialEscapeDigit":true,
		"escapeDigit":"0","resetCallStatisticsUponEntryInQueue":false,"allowAgentLogoff":true,"allowCallWaitingForAgents":false,
		"allowCallsToAgentsInWrapUp":false,"overrideAgentWrapUpTime":true,"wrapUpSeconds":25,"forceDeliveryOfCalls":true,"forceDeliveryWaitTimeSeconds":1,
		"enableAutomaticStateChangeForAgents":false,"agentStateAfterCall":"Available","agentUnavailableCode":"","externalPreferredAudioCodec":"None",
		"internalPreferredAudioCodec":"G722","playRingingWhenOfferingCall":true,"callCenterQueueThresholdsIsActive":true,"networkClassOfService":"Gold",
		"active":true,"_internal_record_id":77}`
	center, owned := exported(t, callCenters(), body, nil)
	actual, err := remote.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	notOwned := []string{
		"_internal_record_id", "callCenterQueueThresholdsIsActive", "serviceInstanceProfile.cliPhoneNumber",
		"serviceInstanceProfile.department.fullPathName", "serviceUserId",
	}
	for _, path := range actual.Leaves() {
		if slices.Contains(owned, path) == slices.Contains(notOwned, path) {
			t.Errorf("%s is owned: %t", path, slices.Contains(owned, path))
		}
	}
	callCenters().Observe(center, actual, nil)
	if !*center.Status.Active || !*center.Status.CallCenterQueueThresholdsIsActive || center.Status.DepartmentFullPathName != `Operations \ Care` {
		t.Errorf("status = %+v", center.Status)
	}
}

func TestAWorkTypeOfTheOtherFamilyIsRefused(t *testing.T) {
	t.Parallel()
	code := &v1alpha1.AuxiliaryCode{Spec: v1alpha1.AuxiliaryCodeSpec{WorkTypeCode: v1alpha1.IdleCode}}
	if complaint := sameFamily(code, remote.Object{"name": "Results", "workTypeCode": "WRAP_UP_CODE"}); complaint == "" {
		t.Error("accepted")
	}
	if complaint := sameFamily(code, remote.Object{"workTypeCode": "IDLE_CODE"}); complaint != "" {
		t.Error(complaint)
	}
}

// A call center shows the fields of every type: what its own type does not have, or cannot be written, is not exported.
// Proves: S3.18, S3.29, S3.30, S3.31, CR9
func TestExportOfACallCenterHasWhatItsTypeHas(t *testing.T) {
	t.Parallel()
	const (
		available   = `"enableAutomaticStateChangeForAgents":true,"agentStateAfterCall":"Available",`
		unavailable = `"enableAutomaticStateChangeForAgents":true,"agentStateAfterCall":"Unavailable",`
	)
	const common = `"serviceUserId":"care@x","serviceInstanceProfile":{"name":"Care","cliFirstName":"C","cliLastName":"D",
		"department":{"tenantId":"acme-be","departmentName":"Board"}},"policy":"Regular","queueLength":0,"networkClassOfService":"",
		"routingType":"Priority Based","enableReporting":false,"agentUnavailableCode":"LUNCH","wrapUpSeconds":25,
		"forceDeliveryWaitTimeSeconds":1,"agents":[{"userId":"ann@x"}],"supervisors":["bob@x"]`
	for _, test := range []struct {
		body                                   string
		routing, reporting, wrapUp, wait, code bool
	}{
		{body: `{"type":"Basic","overrideAgentWrapUpTime":true,` + unavailable + common + `}`},
		{body: `{"type":"Standard","overrideAgentWrapUpTime":false,` + available + common + `}`, reporting: true},
		{body: `{"type":"Standard","overrideAgentWrapUpTime":true,` + unavailable + common + `}`, reporting: true, wrapUp: true, code: true},
		{body: strings.Replace(`{"type":"Standard","overrideAgentWrapUpTime":true,`+available+common+`}`, `"wrapUpSeconds":25`, `"wrapUpSeconds":0`, 1), reporting: true},
		{body: `{"type":"Premium","forceDeliveryOfCalls":false,` + unavailable + common + `}`, routing: true, reporting: true, code: true},
		{body: `{"type":"Premium","forceDeliveryOfCalls":true,` + available + common + `}`, routing: true, reporting: true, wait: true},
	} {
		center, _ := exported(t, callCenters(), test.body, nil)
		spec := center.Spec
		for field, is := range map[string][2]bool{
			"routingType": {spec.RoutingType != nil, test.routing}, "enableReporting": {spec.EnableReporting != nil, test.reporting},
			"wrapUpSeconds": {spec.WrapUpSeconds != nil, test.wrapUp}, "forceDeliveryWaitTimeSeconds": {spec.ForceDeliveryWaitTimeSeconds != nil, test.wait},
			"agentUnavailableCode": {spec.AgentUnavailableCode != nil, test.code}, "networkClassOfService": {spec.NetworkClassOfService != nil, false},
		} {
			if is[0] != is[1] {
				t.Errorf("%s is exported: %t, want %t, of %s", field, is[0], is[1], test.body[:40])
			}
		}
		if department := spec.Profile.Department; !department.Enterprise || department.GroupID != "" || department.DepartmentName != "Board" {
			t.Errorf("department = %+v", department)
		}
		if len(spec.Agents) != 1 || spec.Agents[0] != (v1alpha1.CallCenterAgent{UserID: "ann@x"}) || len(spec.Supervisors) != 1 || spec.Supervisors[0] != "bob@x" {
			t.Errorf("agents %+v, supervisors %v", spec.Agents, spec.Supervisors)
		}
	}
}

// A field that the type does not have is neither sent nor compared, should a spec have one all the same.
func TestFieldsOfOtherTypesAreNotOwned(t *testing.T) {
	t.Parallel()
	center := &v1alpha1.CallCenter{Spec: v1alpha1.CallCenterSpec{
		Type: v1alpha1.CallCenterBasic, EnableReporting: new(true), RoutingType: new(v1alpha1.RoutingSkill), WrapUpSeconds: new(int32(5)), QueueLength: new(int32(5)),
	}}
	owned, err := callCenters().Owned(engine.Owner[*v1alpha1.CallCenter]{Object: center, Organization: &v1alpha1.WebexOrganization{}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"enableReporting", "routingType", "wrapUpSeconds"} {
		if value, has := owned.Get(field); has {
			t.Errorf("%s = %v is owned on a Basic call center", field, value)
		}
	}
	if owned.Text("queueLength") != "5" {
		t.Error("queueLength is not owned")
	}
}
