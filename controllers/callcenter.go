package controllers

import (
	"strconv"

	"github.com/nyaruka/phonenumbers"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/remote"
)

// +kubebuilder:rbac:groups=wxcc.dev,resources=callcenters,verbs=list;watch;patch
// +kubebuilder:rbac:groups=wxcc.dev,resources=callcenters/status,verbs=patch

const profile = "serviceInstanceProfile."

// callCenters are BroadWorks call centers behind the organization's gateway. List rows carry a few fields only, "active"
// lives in the list and has a route of its own, and the id may be the server's and may follow the phone number.
func callCenters() *engine.Kind[*v1alpha1.CallCenter] {
	type object = *v1alpha1.CallCenter
	return &engine.Kind[object]{
		Name:    "CallCenter",
		New:     func() object { return &v1alpha1.CallCenter{} },
		NewList: func() client.ObjectList { return &v1alpha1.CallCenterList{} },
		Collection: engine.InGateway(func(center object) (tenant, group string) {
			return center.Spec.TenantID, center.Spec.GroupID
		}),
		IDField:   apio.FieldID,
		NameField: profile + "name",
		Key: func(center object) remote.Key {
			return remote.Key{ID: center.Spec.ServiceUserID, Name: center.GetRemoteName()}
		},
		Renamed: followedItsPhoneNumber,
		Fields: append([]engine.Field[object]{
			{Spec: "serviceUserID", Wire: apio.FieldID, CreateOnly: true},
			{Spec: "type", Immutable: true},
			{Spec: "templateName", CreateOnly: true},
			{Spec: "profile.cliFirstName", Wire: profile + "cliFirstName"},
			{Spec: "profile.cliLastName", Wire: profile + "cliLastName"},
			{Spec: "profile.passwordSecretRef", Wire: profile + "password", Secret: true},
			{Spec: "profile.department", Wire: profile + "department", Whole: true, ToWire: departmentToWire, FromWire: departmentFromWire},
			{Spec: "profile.language", Wire: profile + "language"},
			{Spec: "profile.timeZone", Wire: profile + "timeZone"},
			{Spec: "profile.phoneNumber", Wire: profile + "phoneNumber", ToWire: international, Normalise: international},
			{Spec: "profile.extension", Wire: profile + "extension"},
			{Spec: "profile.cliPhoneNumber", Wire: profile + "cliPhoneNumber", ToWire: international, Normalise: international},
			{Spec: "profile.publicUserIdentity", Wire: profile + "publicUserIdentity"},
		}, sameName[object](
			"active", "policy", "routingType", "queueLength", "enableReporting", "allowCallerToDialEscapeDigit", "escapeDigit",
			"resetCallStatisticsUponEntryInQueue", "allowAgentLogoff", "allowCallWaitingForAgents", "allowCallsToAgentsInWrapUp",
			"overrideAgentWrapUpTime", "wrapUpSeconds", "forceDeliveryOfCalls", "forceDeliveryWaitTimeSeconds",
			"enableAutomaticStateChangeForAgents", "agentStateAfterCall", "agentUnavailableCode", "externalPreferredAudioCodec",
			"internalPreferredAudioCodec", "playRingingWhenOfferingCall", "networkClassOfService",
		)...),
		Protected: func(remote.Object) bool { return false },
		Observe: func(center object, actual remote.Object, _ engine.Resolved) {
			status := &center.Status
			if _, known := actual.Get(apio.FieldActive); known {
				status.Active = new(actual.Bool(apio.FieldActive))
			}
			status.DepartmentFullPathName = actual.Text(profile + "department.fullPathName")
			status.CallCenterQueueThresholdsIsActive = new(actual.Bool("callCenterQueueThresholdsIsActive"))
		},
	}
}

// followedItsPhoneNumber: the id may contain the phone number and change with it, which only our own number proves.
func followedItsPhoneNumber(of engine.Owner[*v1alpha1.CallCenter], owned, row remote.Object) bool {
	const phone = profile + "phoneNumber"
	wanted := owned.Text(phone)
	return wanted != "" && international(of, wanted) == international(of, row.Text(phone))
}

// sameName makes fields that are spelled alike in spec and wire.
func sameName[T v1alpha1.Object](names ...string) []engine.Field[T] {
	fields := make([]engine.Field[T], 0, len(names))
	for _, name := range names {
		fields = append(fields, engine.Field[T]{Spec: name})
	}
	return fields
}

// departmentToWire names the department's tenant and group, by default the call center's own. An empty name takes the
// call center out of its department.
func departmentToWire(of engine.Owner[*v1alpha1.CallCenter], _ any) any {
	spec := &of.Object.Spec
	department := spec.Profile.Department
	if department.DepartmentName == "" {
		return nil
	}
	return map[string]any{
		"tenantId":       orElse(department.TenantID, spec.TenantID),
		"groupId":        orElse(department.GroupID, spec.GroupID),
		"departmentName": department.DepartmentName,
	}
}

func departmentFromWire(value any) any {
	fields, _ := value.(map[string]any)
	department := remote.Object(fields)
	return map[string]any{
		"tenantID": department.Text("tenantId"), "groupID": department.Text("groupId"), "departmentName": department.Text("departmentName"),
	}
}

// international spells a phone number in E.164, which is what the gateway takes; a national one gets the country code of
// the organization's gateway. What is no number stays as it is, for the gateway to refuse.
func international(of engine.Owner[*v1alpha1.CallCenter], value any) any {
	text := remote.Text(value)
	region := ""
	if gateway := of.Organization.Spec.CallCenterGateway; gateway != nil {
		if code, err := strconv.Atoi(gateway.DefaultCountryCode); err == nil {
			region = phonenumbers.GetRegionCodeForCountryCode(code)
		}
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil {
		return text
	}
	return phonenumbers.Format(number, phonenumbers.E164)
}

func orElse(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
