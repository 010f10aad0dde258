package simulator

import (
	"fmt"
	"regexp"
	"strings"
)

// User profiles and resource collections: what administrators may see and do (contact-center reference 8.4, 8.24).

func userProfiles() entity {
	return entity{
		route: "user-profile", created: 201, deleted: 204,
		paths: []path{crud("v3", envelope)},
		bulk: bulkAbilities{
			post: true, create: true, update: true, delete: true, routes: []string{"v3/user-profile/bulk"},
		},
		unique: true, systemDefault: true, searchColumns: []string{"name", "profileType", "description"},
		fields: []field{
			named(regexp.MustCompile(`^[a-zA-Z0-9,_\-\s]*$`)),
			description,
			{name: "profileType", kind: text, required: true, enum: []string{
				"ADMINISTRATOR", administratorOnly, "SUPERVISOR", "PREMIUM_AGENT", standardAgent, "ANALYZER_ADMINISTRATOR",
				"ANALYZER_SUPERVISOR", "ANALYZER_USER",
			}},
			{name: "active", kind: boolean, required: true},
			{name: "permissionAccessLevel", kind: text, required: true, enum: access},
			{name: "resourceAccessLevel", kind: text, required: true, enum: access},
			{
				name: "permissions", kind: objectList, itemOnly: true, notFilterable: true,
				nested: nested{identified: true, key: "name"},
				fields: []field{
					{name: "name", kind: text, required: true},
					{name: "access", kind: text, enum: []string{"EDIT", "VIEW", "NONE", "ENABLED", "DISABLED"}},
				},
			},
			{name: "editableFolderIds", kind: integerList, itemOnly: true, notFilterable: true},
			{name: "viewableFolderIds", kind: integerList, itemOnly: true, notFilterable: true},
			{name: "nonViewableFolderIds", kind: integerList, itemOnly: true, notFilterable: true},
			{name: "defaultResourceCollectionId", kind: text, target: "resource-collection"},
			{
				name: "resourceCollections", kind: objectList, needed: needed("resourceAccessLevel", specific), itemOnly: true, notFilterable: true,
				fields: []field{{name: "id", kind: text, required: true, target: "resource-collection"}, {name: "name", kind: text}},
			},
		},
		rules: []rule{specificPermissions, nameCollections},
	}
}

const (
	administratorOnly = "ADMINISTRATOR_ONLY"
	standardAgent     = "STANDARD_AGENT"
)

// specificPermissions: two types of profile list what they may do, and whoever says SPECIFIC must. The service calls the
// list by a key that it ignores.
func specificPermissions(c *change) *refusal {
	profileType := c.next["profileType"]
	switch {
	case (profileType == administratorOnly || profileType == standardAgent) && c.next["permissionAccessLevel"] != specific:
		return invalid(fmt.Sprintf("permissionAccessLevel: should be SPECIFIC for %v", profileType))
	case c.next["permissionAccessLevel"] == specific && len(asList(c.next["permissions"])) == 0:
		return invalid("userProfilePermissions: should not be null or blank.")
	case c.next["resourceAccessLevel"] == specific && len(asList(c.next["resourceCollections"])) == 0:
		return invalid("resourceCollections: should not be null or blank.")
	}
	return nil
}

func nameCollections(c *change) *refusal {
	for _, element := range asList(c.next["resourceCollections"]) {
		fields := asObject(element)
		fields["name"] = c.tenant.nameOf("resource-collection", fields["id"])
	}
	return nil
}

// resourceRoutes are the 20 types that a resource collection speaks of, and the entities that they mean.
var resourceRoutes = map[string]string{
	"audio-prompt": "audio-file", "working-hour": "business-hours", "queue": queueRoute, "idle-wrapup-code": "auxiliary-code",
	"holiday-list": "holiday-list", "function": functionRoute, "sub-flow": flowRoute, "team": "team", "desktop-profile": "agent-profile",
	"desktop-layout": "desktop-layout", "cad-variable": "cad-variable", "address-book": "address-book", "site": "site", "flow": flowRoute,
	"multimedia-profile": "multimedia-profile", "skill-profile": "skill-profile", "channel": "entry-point", "skill-definition": "skill",
	"override": "overrides", "outdial-ani": "outdial-ani",
}

// resourceNames are the types in the order in which the service names them.
var resourceNames = []string{
	"audio-prompt", "working-hour", "queue", "idle-wrapup-code", "holiday-list", "function", "sub-flow", "team", "desktop-profile",
	"desktop-layout", "cad-variable", "address-book", "site", "flow", "multimedia-profile", "skill-profile", "channel", "skill-definition",
	"override", "outdial-ani",
}

func resourceCollections() entity {
	return entity{
		route: "resource-collection", paths: newList, created: 201, deleted: 204,
		bulk: bulkAbilities{
			patch: true, patchFull: true, noCreate: refuse(500, textInternal), noDelete: invalid(textPatchAction),
		},
		unique: true, searchColumns: []string{"name"},
		fields: []field{
			{name: "name", kind: text, required: true, minimum: 1, maximum: 80, pattern: siteName},
			description,
			{name: "resources", kind: objectList, itemOnly: true, notFilterable: true, fields: []field{
				{name: "name", kind: text, required: true, enum: resourceNames},
				{name: "accessLevel", kind: text, required: true, enum: access},
				{name: "ids", kind: textList, defaultValue: []any{}},
			}},
			{name: "resourceCount", kind: integer, computed: true},
		},
		first: []rule{resourcesAreSent},
		rules: []rule{everyResourceType, neverNone, resourcesExist},
		more:  collectedResources,
		computed: func(v view) map[string]any {
			return map[string]any{"resourceCount": len(idsAt(v.record.fields["resources"], []string{"ids"}))}
		},
	}
}

// resourcesAreSent: the live service fails without them, and in bulk over a part of an object.
func resourcesAreSent(c *change) *refusal {
	if c.body["resources"] == nil || c.bulk && c.body["name"] == nil {
		return refuse(500, textInternal)
	}
	return nil
}

// everyResourceType: each type is there once.
func everyResourceType(c *change) *refusal {
	given := map[string]bool{}
	for _, element := range asList(c.next["resources"]) {
		name := asText(asObject(element)["name"])
		if given[name] {
			return invalid("resources: resource type " + name + " is there twice")
		}
		given[name] = true
	}
	var missing []string
	for _, name := range resourceNames {
		if !given[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return invalid("resources: missing resource types " + strings.Join(missing, ", "))
	}
	return nil
}

// neverNone: four types cannot be shut out.
func neverNone(c *change) *refusal {
	for _, element := range asList(c.next["resources"]) {
		fields := asObject(element)
		switch fields["name"] {
		case "site", "channel", "team", "queue":
			if fields["accessLevel"] == "NONE" {
				return invalid(fmt.Sprintf("resources: access level of %v should not be NONE", fields["name"]))
			}
		}
	}
	return nil
}

func resourcesExist(c *change) *refusal {
	for _, key := range collectedResources(c.tenant, c.next) {
		if c.tenant.collection(key.entity).get(key.id) == nil {
			return invalid("ids: not found for given orgId.")
		}
	}
	return nil
}

func collectedResources(t *tenant, fields map[string]any) []objectKey {
	var out []objectKey
	for _, element := range asList(fields["resources"]) {
		resource := asObject(element)
		route := resourceRoutes[asText(resource["name"])]
		for _, id := range idsAt(resource["ids"], nil) {
			if t.collection(route) != nil {
				out = append(out, objectKey{route, strings.ToLower(id)})
			}
		}
	}
	return out
}
