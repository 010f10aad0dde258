package controllers

import (
	"testing"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/remote"
)

// exported checks that what Export makes of a remote object asks for nothing but what the object has already: applying
// an export changes nothing.
func exported[T v1alpha1.Object](t *testing.T, kind *engine.Kind[T], body string, references engine.Resolved) T {
	t.Helper()
	actual, err := remote.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	obj := kind.New()
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
	return obj
}

// Proves: S0.9, S0.12, S0.13, S0.14, S0.15
func TestExportOfAnAuxiliaryCode(t *testing.T) {
	t.Parallel()
	body := `{"id":"c1","name":"Invoice Query","description":"","defaultCode":false,"active":true,"isSystemCode":false,
		"workTypeId":"w1","workTypeCode":"WRAP_UP_CODE","burnoutInclusion":"NOT_APPLICABLE","systemDefault":false,"version":3,
		"links":[{"rel":"self","href":"/x"}],"somethingNew":{"a":1},"createdTime":1767609600000,"lastUpdatedTime":"1767609600001"}`
	code := exported(t, auxiliaryCodes(), body, engine.Resolved{"workTypeRef": {ID: "w1"}})
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

// Proves: S3.8, S3.11, S3.12, S3.13, S3.14, S3.15, S3.16, S3.17, S3.19, S3.21, S3.23, S3.24, S3.26, S3.27, S3.28, S3.30, S3.32, S3.33, S3.34, S3.35
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
	center := exported(t, callCenters(), body, nil)
	actual, err := remote.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
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

// Proves: S3.39
func TestPhoneNumbersCompareInEveryForm(t *testing.T) {
	t.Parallel()
	belgian := &v1alpha1.WebexOrganization{}
	belgian.Spec.CallCenterGateway = &v1alpha1.CallCenterGateway{DefaultCountryCode: "32"}
	italian := &v1alpha1.WebexOrganization{}
	italian.Spec.CallCenterGateway = &v1alpha1.CallCenterGateway{DefaultCountryCode: "39"}
	for _, test := range []struct {
		organization *v1alpha1.WebexOrganization
		given, want  string
	}{
		{belgian, "+3225550140", "+3225550140"},
		{belgian, "025550140", "+3225550140"},
		{belgian, "+32 2 555 01 40", "+3225550140"},
		{italian, "0612345678", "+390612345678"}, // Italian numbers keep their zero
		{&v1alpha1.WebexOrganization{}, "+3225550140", "+3225550140"},
		{&v1alpha1.WebexOrganization{}, "025550140", "025550140"},
		{belgian, "", ""},
	} {
		of := engine.Owner[*v1alpha1.CallCenter]{Object: &v1alpha1.CallCenter{}, Organization: test.organization}
		if got := international(of, test.given); got != test.want {
			t.Errorf("%q is %q, want %q", test.given, got, test.want)
		}
	}
}
