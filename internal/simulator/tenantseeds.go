package simulator

import "strings"

// tenantSeeds are the objects that a fresh organization has within minutes (contact-center reference 5.5). Where the
// reference gives no name, the name is made up.
func tenantSeeds(organization string) map[string][]map[string]any {
	s := seeds{organization}
	return map[string][]map[string]any{
		"multimedia-profile": s.multimediaProfiles(),
		"work-type": {
			{"id": s.id("work-type", "idle"), "name": "Default Idle Work Type", "workTypeCode": idleCode, "active": true, "systemDefault": true},
			{"id": s.id("work-type", "wrap-up"), "name": "Default Wrapup Work Type", "workTypeCode": wrapUpCode, "active": true, "systemDefault": true},
		},
		"auxiliary-code": {
			s.code("RONA", idleCode, "idle", false),
			s.code("Meeting", idleCode, "idle", true),
			s.code("Sale", wrapUpCode, "wrap-up", true),
		},
		"audio-file": {s.system("audio-file", "defaultmusic_on_hold.wav", map[string]any{
			"contentType": "AUDIO_WAV", "blobId": "audio-file_" + s.id("blob", "music"),
		})},
		"dial-plan": {
			s.system("dial-plan", "US", map[string]any{
				"regularExpression": "1[0-9]{3}[2-9][0-9]{6}([,]{1,10}[0-9]+){0,1}", "prefix": "1", "strippedChars": "( )-", "active": true,
			}),
			s.system("dial-plan", "Any Format", map[string]any{
				"regularExpression": "([0-9a-zA-Z]+[-._])*[0-9a-zA-Z]+", "prefix": "", "strippedChars": "( )-", "active": true,
			}),
		},
		"site":           {s.system("site", "Site-1", map[string]any{"active": true, "multimediaProfileId": s.telephonyProfile()})},
		"team":           {s.team()},
		queueRoute:       {s.queue("Queue-1", inbound), s.queue("Outdial Queue-1", outbound)},
		"entry-point":    {s.greetingEntryPoint()},
		"desktop-layout": {s.layout()},
		"agent-profile":  s.agentProfiles(),
		"user-profile":   s.userProfiles(),
	}
}

type seeds struct{ organization string }

func (s seeds) id(entity, name string) string { return stableUUID(s.organization, entity, name) }

// system is an object that the tenant was provisioned with.
func (s seeds) system(entity, name string, fields map[string]any) map[string]any {
	return merge(fields, map[string]any{"id": s.id(entity, name), "name": name, "systemDefault": true})
}

// ofTheService is the value of systemDefault: what people make lacks it.
func ofTheService(system bool) any {
	if system {
		return true
	}
	return nil
}

func (s seeds) telephonyProfile() string {
	return s.id("multimedia-profile", "Default Telephony Profile")
}

func (s seeds) multimediaProfiles() []map[string]any {
	profile := func(name, mode string, chat, email, social int64, system bool) map[string]any {
		return map[string]any{
			"id": s.id("multimedia-profile", name), "name": name, "telephony": int64(1), "chat": chat, "email": email, "social": social,
			"fax": int64(0), "video": int64(0), "others": int64(0), "workItem": int64(0), "active": true,
			"blendingModeEnabled": mode != "EXCLUSIVE", "blendingMode": mode, "systemDefault": ofTheService(system),
			"manuallyAssignable": map[string]any{
				"id": s.id("manually-assignable", name), "telephony": int64(0), "chat": int64(0), "email": int64(0), "social": int64(0),
				"fax": int64(0), "video": int64(0), "others": int64(0), "workItem": int64(0),
			},
		}
	}
	return []map[string]any{
		profile("Default Telephony Profile", "EXCLUSIVE", 0, 0, 0, true),
		profile("Default Multimedia Profile", "BLENDED", 3, 3, 3, true),
		profile("Blended Realtime Profile", blendedRealtime, 1, 1, 1, false),
	}
}

// code is one of the codes of a fresh tenant. All of them are the service's own.
func (s seeds) code(name, family, workType string, isDefault bool) map[string]any {
	burnout := burnoutNotApplying
	if family == idleCode {
		burnout = burnoutIncluded
	}
	return s.system("auxiliary-code", name, map[string]any{
		"active": true, "defaultCode": isDefault, "isSystemCode": true,
		"workTypeId": s.id("work-type", workType), "workTypeCode": family, "burnoutInclusion": burnout,
	})
}

func (s seeds) team() map[string]any {
	return s.system("team", "Team-1", map[string]any{
		"teamType": agentTeam, "teamStatus": "IN_SERVICE", "active": true, "siteId": s.id("site", "Site-1"), "rankQueuesForTeam": false,
	})
}

func (s seeds) queue(name, kind string) map[string]any {
	queue := s.system(queueRoute, name, map[string]any{
		"queueType": kind, "channelType": telephony, "active": true, "checkAgentAvailability": false, "serviceLevelThreshold": int64(60),
		"maxActiveContacts": int64(0), "maxTimeInQueue": int64(600), "routingType": "LONGEST_AVAILABLE_AGENT", "queueRoutingType": teamBased,
		"defaultMusicInQueueMediaFileId": s.id("audio-file", "defaultmusic_on_hold.wav"),
		"monitoringPermitted":            true, "parkingPermitted": true, "recordingPermitted": true, "recordingAllCallsPermitted": false,
		"pauseRecordingPermitted": true, "recordingPauseDuration": int64(10), "callDistributionGroups": []any{},
	})
	for _, described := range inclusions("queueLevelSummariesInclusion", "queueLevelSentimentAnalysisInclusion",
		"queueLevelPredictedWaitTimeInclusion", "queueLevelAutoCsatInclusion", "queueLevelRealTimeTranscriptionsInclusion") {
		queue[described.name] = described.defaultValue
	}
	if kind == inbound {
		queue["callDistributionGroups"] = []any{map[string]any{
			"agentGroups": []any{map[string]any{"teamId": s.id("team", "Team-1")}}, "order": int64(1), "duration": int64(0),
		}}
	}
	return queue
}

// greetingEntryPoint belongs to the service itself: lists hide it.
func (s seeds) greetingEntryPoint() map[string]any {
	return s.system("entry-point", "Greeting Recording", map[string]any{
		"entryPointType": inbound, "channelType": telephony, "active": true, "serviceLevelThreshold": int64(60),
		"maximumActiveContacts": int64(0), "callbackEnabled": false, "systemInternal": true,
	})
}

func (s seeds) layout() map[string]any {
	return s.system("desktop-layout", "Global Layout", map[string]any{
		"editedBy": "system", "jsonFileName": "Default Desktop Layout.json", "jsonFileContent": `{"appTitle":"Webex Contact Center","area":{}}`,
		"global": true, "status": true, "defaultJsonModified": false, "validated": true, "teamIds": []any{},
	})
}

func (s seeds) agentProfiles() []map[string]any {
	var out []map[string]any
	for i, name := range []string{"Agent-Profile", "Outdial Profile", "Digital Profile", "Restricted Profile", "Supervisor Desktop Profile"} {
		choice := "ALL"
		if name == "Restricted Profile" {
			choice = "NONE"
		}
		profile := map[string]any{
			"id": s.id("agent-profile", name), "name": name, "parentType": "ORGANIZATION", "active": true, "systemDefault": ofTheService(i == 0),
			"agentDNValidation": "NONE", "autoAnswer": false, "autoWrapUp": false, "lastAgentRouting": false, "screenPopup": false,
			"allowAutoWrapUpExtension": false, "agentAvailableAfterOutdial": false, "consultToQueue": true, "dialPlanEnabled": true,
			"outdialEnabled": name != "Digital Profile", "loginVoiceOptions": []any{"AGENT_DN", "EXTENSION", "BROWSER"},
			"dialPlans":                             []any{s.id("dial-plan", "US"), s.id("dial-plan", "Any Format")},
			"timeoutDesktopInactivityCustomEnabled": false,
			"viewableStatistics": map[string]any{
				"id": s.id("viewable-statistics", name), "agentStats": true, "loggedInTeamStats": true,
				"accessQueueStats": choice, "accessTeamStats": choice,
			},
		}
		for _, field := range []string{"accessWrapUpCode", "accessIdleCode"} {
			profile[field] = "ALL"
		}
		for _, field := range []string{"accessQueue", "accessEntryPoint", "accessBuddyTeam"} {
			profile[field] = choice
		}
		out = append(out, profile)
	}
	return out
}

// userProfiles are eight, six of them the tenant's own.
func (s seeds) userProfiles() []map[string]any {
	var out []map[string]any
	for i, one := range []struct{ name, kind string }{
		{"Administrator Profile", "ADMINISTRATOR"}, {"Administrator Only Profile", administratorOnly}, {"Supervisor Profile", "SUPERVISOR"},
		{"Premium Agent User Profile", "PREMIUM_AGENT"}, {"Standard Agent User Profile", standardAgent},
		{"Analyzer Administrator Profile", "ANALYZER_ADMINISTRATOR"}, {"Supervisor of One Site", "SUPERVISOR"}, {"Senior Agent", "PREMIUM_AGENT"},
	} {
		profile := map[string]any{
			"id": s.id("user-profile", one.name), "name": one.name, "profileType": one.kind, "active": true, "systemDefault": ofTheService(i < 6),
			"permissionAccessLevel": "ALL", "resourceAccessLevel": "ALL",
		}
		if one.kind == administratorOnly || one.kind == standardAgent {
			profile["permissionAccessLevel"] = specific
			profile["permissions"] = []any{
				map[string]any{"id": s.id("permission queue", one.name), "name": "queue", "access": "VIEW"},
				map[string]any{"id": s.id("permission team", one.name), "name": "team", "access": "VIEW"},
			}
		}
		out = append(out, profile)
	}
	return out
}

// demoUsers are three people of the first site. A fresh tenant has none: Control Hub makes them.
func demoUsers(organization string) []map[string]any {
	s := seeds{organization}
	var out []map[string]any
	for _, one := range []struct{ first, last, profile, desktop string }{
		{"Ines", "Duarte", "Premium Agent User Profile", "Agent-Profile"},
		{"Jonas", "Weber", "Premium Agent User Profile", "Outdial Profile"},
		{"Mara", "Lindqvist", "Supervisor Profile", "Supervisor Desktop Profile"},
	} {
		name := one.first + " " + one.last
		out = append(out, map[string]any{
			"id": s.id(userRoute, name), "firstName": one.first, "lastName": one.last,
			"email": strings.ToLower(one.first) + "." + strings.ToLower(one.last) + "@nordlys.example", "ciUserId": s.id("people", name),
			"userProfileId": s.id("user-profile", one.profile), "contactCenterEnabled": true, "siteId": s.id("site", "Site-1"),
			"teamIds": []any{s.id("team", "Team-1")}, "agentProfileId": s.id("agent-profile", one.desktop), "timezone": "Europe/Berlin",
			"active": true, "imiUserCreated": true, "userLevelBurnoutInclusion": "EXCLUDED", "userLevelAutoCSATInclusion": "EXCLUDED",
			"userLevelSummariesInclusion": "EXCLUDED", "dbId": s.id("db", name),
		})
	}
	return out
}
