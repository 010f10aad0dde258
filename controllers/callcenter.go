package controllers

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/engine"
	"wxcc.dev/operator/internal/remote"
)

// +kubebuilder:rbac:groups=wxcc.dev,resources=callcenters,verbs=list;watch;patch
// +kubebuilder:rbac:groups=wxcc.dev,resources=callcenters/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=create

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
		Namesakes: true,
		Key: func(center object) remote.Key {
			return remote.Key{ID: center.Spec.ServiceUserID, Name: center.GetRemoteName()}
		},
		Renamed: followedItsPhoneNumber,
		Tells:   hasItsNumbers,
		Permits: routesOf,
		Fields: append([]engine.Field[object]{
			{Spec: "serviceUserID", Wire: apio.FieldID, CreateOnly: true},
			{Spec: "type", Immutable: true},
			{Spec: "templateName", CreateOnly: true},
			{Spec: "profile.cliFirstName", Wire: profile + "cliFirstName"},
			{Spec: "profile.cliLastName", Wire: profile + "cliLastName"},
			{Spec: "profile.passwordSecretRef", Wire: profile + "password", Secret: true, GeneratedIf: "profile.generatePassword"},
			{Spec: "profile.department", Wire: profile + "department", Whole: true, ToWire: departmentToWire, FromWire: departmentFromWire},
			{Spec: "profile.language", Wire: profile + "language"},
			{Spec: "profile.timeZone", Wire: profile + "timeZone"},
			{Spec: "profile.phoneNumber", Wire: profile + "phoneNumber", Same: sameNumber, Unique: numberForm},
			{Spec: "profile.extension", Wire: profile + "extension", Unique: extensionForm},
			{Spec: "profile.cliPhoneNumber", Wire: profile + "cliPhoneNumber", Same: sameNumber},
			{Spec: "profile.publicUserIdentity", Wire: profile + "publicUserIdentity"},
			{Spec: "wrapUpSeconds", Applies: and(notBasic, is("overrideAgentWrapUpTime")), FromWire: unlessUnset},
			{Spec: "forceDeliveryWaitTimeSeconds", Applies: and(premium, is("forceDeliveryOfCalls")), FromWire: unlessUnset},
			{Spec: "networkClassOfService", FromWire: unlessUnset},
			{Spec: "agents", Wire: apio.FieldAgents, Part: true, ToWire: agentsToWire, FromWire: agentsFromWire, Normalise: agentsAlike},
			{Spec: "supervisors", Wire: apio.FieldSupervisors, Part: true, FromWire: userIDs, Normalise: supervisorsAlike},
			{Spec: "holidayService.transferPhoneNumber", Wire: apio.FieldHolidayService + ".transferPhoneNumber", Applies: premium, Same: sameNumber},
			{Spec: "holidayService", Wire: apio.FieldHolidayService, Part: true, Applies: premium, FromWire: policyFromWire},
		}, slices.Concat(
			sameName[object](nil,
				"active", "policy", "queueLength", "allowCallerToDialEscapeDigit", "escapeDigit", "resetCallStatisticsUponEntryInQueue",
				"allowAgentLogoff", "allowCallWaitingForAgents", "externalPreferredAudioCodec", "internalPreferredAudioCodec",
				"playRingingWhenOfferingCall"),
			sameName[object](notBasic,
				"enableReporting", "allowCallsToAgentsInWrapUp", "overrideAgentWrapUpTime", "enableAutomaticStateChangeForAgents",
				"agentStateAfterCall"),
			sameName[object](and(notBasic, codeMatters), "agentUnavailableCode"),
			sameName[object](premium, "routingType", "forceDeliveryOfCalls"),
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

// sameNumber: the list may show national numbers, and a spec may hold one.
func sameNumber(of engine.Owner[*v1alpha1.CallCenter], desired, actual any) bool {
	return apio.SameNumber(remote.Text(desired), remote.Text(actual), countryCode(of))
}

// numberForm: a number rings in one place only, in whatever form it is given.
func numberForm(of engine.Owner[*v1alpha1.CallCenter], value any) string {
	return apio.E164(remote.Text(value), countryCode(of))
}

// extensionForm: an extension is unique in its group.
func extensionForm(_ engine.Owner[*v1alpha1.CallCenter], value any) string { return remote.Text(value) }

func countryCode(of engine.Owner[*v1alpha1.CallCenter]) string {
	if gateway := of.Organization.Spec.CallCenterGateway; gateway != nil {
		return gateway.DefaultCountryCode
	}
	return ""
}

// followedItsPhoneNumber: the id may contain the phone number and change with it, which only our own number proves.
func followedItsPhoneNumber(of engine.Owner[*v1alpha1.CallCenter], owned, row remote.Object) bool {
	const phone = profile + "phoneNumber"
	return owned.Text(phone) != "" && sameNumber(of, owned.Text(phone), row.Text(phone))
}

// hasItsNumbers: numbers and extensions are unique in a group, names are not.
func hasItsNumbers(of engine.Owner[*v1alpha1.CallCenter], owned, row remote.Object) bool {
	const extension = profile + "extension"
	return followedItsPhoneNumber(of, owned, row) || owned.Text(extension) != "" && owned.Text(extension) == row.Text(extension)
}

// routesOf: what nobody has documented is not tried without being asked for.
func routesOf(of engine.Owner[*v1alpha1.CallCenter], writes bool) string {
	spec, gateway := &of.Object.Spec, of.Organization.Spec.CallCenterGateway
	if gateway == nil || gateway.UndocumentedRoutes {
		return ""
	}
	var fields []string
	for _, field := range []struct {
		name   string
		wanted bool
	}{
		{"spec.agents", spec.Agents != nil && writes},
		{"spec.supervisors", spec.Supervisors != nil},
		{"spec.holidayService", spec.HolidayService != nil},
	} {
		if field.wanted {
			fields = append(fields, field.name)
		}
	}
	if len(fields) == 0 {
		return ""
	}
	return fmt.Sprintf("Netaxis does not publish all that is needed for %s: try it on a test system, then set "+
		"spec.callCenterGateway.undocumentedRoutes: true on WebexOrganization %q, or leave it out", strings.Join(fields, ", "), of.Organization.Name)
}
