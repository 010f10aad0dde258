package simulator

import (
	"regexp"
	"slices"
	"strings"
)

// Entry points, inbound and outdial, and the numbers that lead to them (contact-center reference 8.8, 8.9).

func entryPoints() entity {
	return entity{
		route: "entry-point", paths: oldList, created: 201, deleted: 204,
		bulk:   bulkAbilities{post: true, create: true, update: true, delete: true},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name", "description"},
		fields: []field{
			named(regexp.MustCompile(`^[a-zA-Z0-9&_\-\s]*$`)),
			description,
			{name: "entryPointType", kind: text, required: true, enum: []string{inbound, outbound}},
			{name: "channelType", kind: text, required: true, enum: append(slices.Clone(channels), "CUSTOM_MESSAGING")},
			{name: "socialChannelType", kind: text, enum: social, needed: needed("channelType", "SOCIAL_CHANNEL")},
			{name: "active", kind: boolean, required: true},
			{name: "serviceLevelThreshold", kind: integer, required: true, minimum: 1},
			{name: "maximumActiveContacts", kind: integer, required: true, maximum: mostNumber},
			{name: "controlFlowScriptUrl", kind: text},
			{name: "overflowNumber", kind: text, maximum: 40, pattern: regexp.MustCompile(`^[0-9]*$`)},
			{name: "timezone", kind: text},
			{name: "imiOrgType", kind: text, enum: []string{"MIXED_MODE", "IMI"}},
			{name: "assetId", kind: text},
			{name: "xspVersion", kind: text, maximum: 80, notFilterable: true},
			{name: "subscriptionId", kind: text, maximum: 80},
			{name: "routePointId", kind: text},
			{name: "flowId", kind: text, target: flowRoute},
			{name: "flowTagId", kind: text},
			{name: "musicOnHoldId", kind: text, target: "audio-file"},
			{name: "outdialQueueId", kind: text, needed: needed("entryPointType", outbound), target: queueRoute},
			{name: "callbackEnabled", kind: boolean, defaultValue: false},
			{name: "outdialTransferToQueueEnabled", kind: boolean},
			{name: "dnEpMappingCount", kind: integer, computed: true, notFilterable: true},
			{name: "systemInternal", kind: boolean, readOnly: true},
			{name: "flowOverrideSettings", kind: objectList, itemOnly: true, notFilterable: true, fields: []field{
				{name: "name", kind: text, required: true}, {name: "type", kind: text, required: true},
				{name: "entityType", kind: text}, {name: "entityId", kind: text}, {name: "value", kind: text},
			}},
		},
		rules:    []rule{outdialIsTelephony, flowAfterCreate, timezoneOfTenant},
		computed: entryPointComputed,
		more:     overriddenEntities,
		counted:  map[string]any{"systemInternal": true},
		hidden:   internalRows,
		export: &export{pageSize: 50, byType: "entryPointType", columns: append(
			columns("name", "description", "timezone", "channelType", "socialChannelType", "entryPointType", "assetId", "flowId", "callbackEnabled"),
			column{name: "serviceLevelThreshold", words: true}, column{name: "flowTag", from: "flowTagId"},
			column{name: "musicOnHoldId"}, column{name: "outdialQueueId"},
		)},
	}
}

// outdialIsTelephony: an outdial entry point makes calls through a queue for them.
func outdialIsTelephony(c *change) *refusal {
	if c.next["entryPointType"] != outbound {
		return nil
	}
	queue := c.tenant.collection(queueRoute).get(asText(c.next["outdialQueueId"]))
	switch {
	case c.next["channelType"] != telephony:
		return invalid("channelType: should be TELEPHONY for entryPointType OUTBOUND")
	case queue != nil && queue.fields["queueType"] != outbound:
		return invalid("outdialQueueId: queueType of the queue should be OUTBOUND")
	}
	return nil
}

// flowAfterCreate: on some tenants a flow can be assigned only to an entry point that exists.
func flowAfterCreate(c *change) *refusal {
	if c.sim.options.Unknowns.RefuseFlowOnCreate && c.previous == nil && c.next["flowId"] != nil {
		return refuse(500, textInternal)
	}
	return nil
}

func timezoneOfTenant(c *change) *refusal {
	if c.next["timezone"] == nil {
		c.next["timezone"] = c.tenant.info.TimeZone
	}
	return nil
}

func entryPointComputed(v view) map[string]any {
	if v.query.get("includeCount") != "true" {
		return nil
	}
	return map[string]any{"dnEpMappingCount": len(v.tenant.referrers(objectKey{"entry-point", v.record.id}, "dial-number"))}
}

// internalRows hides what belongs to the service itself, until somebody asks for a channel.
func internalRows(in *collection, q query) func(*record) bool {
	if hidden := otherChannel(in, q); hidden != nil || in.counts["systemInternal"] == 0 {
		return hidden
	}
	return func(row *record) bool { return row.fields["systemInternal"] == true }
}

// overriddenEntities are the objects that override a variable of the flow.
func overriddenEntities(t *tenant, fields map[string]any) []objectKey {
	var out []objectKey
	for _, element := range asList(fields["flowOverrideSettings"]) {
		setting := asObject(element)
		kind, id := asText(setting["entityType"]), asText(setting["entityId"])
		if t.collection(kind) != nil && id != "" {
			out = append(out, objectKey{kind, strings.ToLower(id)})
		}
	}
	return out
}

func dialNumbers() entity {
	return entity{
		route: "dial-number", created: 200, deleted: 200,
		paths: []path{crud("", bareList), {version: "v2", list: envelope}, {version: "v3", list: envelope}},
		bulk:  bulkAbilities{post: true, create: true, update: true, delete: true},
		key:   []string{"dialledNumber"}, unique: true, searchColumns: []string{"dialledNumber"},
		fields: []field{
			{name: "dialledNumber", kind: text, maximum: 20, pattern: regexp.MustCompile(`^\+{0,1}\d+[\d.\-]*$`)},
			{name: "extension", kind: text, maximum: 10, pattern: regexp.MustCompile(`^\d{2,10}$`)},
			{name: "routingPrefix", kind: text, maximum: 7, pattern: regexp.MustCompile(`^\d{2,7}$`)},
			{name: "esn", kind: text, maximum: 17, pattern: regexp.MustCompile(`^\d{2,17}$`)},
			{name: "routePointId", kind: text},
			{name: "entryPointId", kind: text, required: true, target: "entry-point"},
			{name: "entryPointName", kind: text, computed: true},
			{name: "defaultAni", kind: boolean},
			{name: "location", kind: text, required: true},
			{name: "regionId", kind: text, required: true},
			{name: "dialledNumberDigits", kind: text, readOnly: true},
		},
		first:    []rule{numberIsLocated},
		rules:    []rule{numberIsInInventory, numberIsCompleted},
		computed: dialNumberComputed,
		export: &export{pageSize: 100, columns: []column{
			{name: "dialledNumber"}, {name: "extension"}, {name: "location"}, {name: "entryPointName", from: "entryPointId"}, {name: "region", from: "regionId"},
		}},
	}
}

// numberIsLocated: the live service looks at the location, then at the region, and at the rest after them.
func numberIsLocated(c *change) *refusal {
	for _, name := range []string{"location", "regionId"} {
		if c.body[name] == nil || c.body[name] == "" {
			return invalid(name + ": should not be null or blank.")
		}
	}
	return nil
}

// numberIsInInventory: a number must be one of Webex Calling. A mapping without a number is one of an extension.
func numberIsInInventory(c *change) *refusal {
	number := asText(c.next["dialledNumber"])
	switch {
	case number == "" && c.next["extension"] == nil && c.next["esn"] == nil:
		return invalid("dialledNumber: should not be null or blank.")
	case number == "" || slices.ContainsFunc(c.tenant.info.CallingNumbers, func(one CallingNumber) bool {
		return digits(one.Number) == digits(number) && (one.Location == "" || one.Location == c.next["location"])
	}):
		return nil
	default:
		return refuse(404, "Dialed number does not exist")
	}
}

// numberIsCompleted: the first mapping of a tenant is its default caller id.
func numberIsCompleted(c *change) *refusal {
	if len(c.in.order) == 0 {
		c.next["defaultAni"] = true
	}
	if number := asText(c.next["dialledNumber"]); number != "" {
		c.next["dialledNumberDigits"] = digits(number)
	}
	return nil
}

func digits(number string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
}

func dialNumberComputed(v view) map[string]any {
	if !v.item && v.query.get("includeEntryPointName") != "true" {
		return nil
	}
	return map[string]any{"entryPointName": v.tenant.nameOf("entry-point", v.record.fields["entryPointId"])}
}
