package simulator

import (
	"net/http"
	"regexp"
)

var access = []string{"SPECIFIC", "ALL", "PROVISIONED_VALUE", "NONE"}

var families = []string{"IDLE_CODE", "WRAP_UP_CODE"}

var description = field{name: "description", kind: text, maximum: 255}

// entityTable holds the described entities, in the order in which one can be created after the other.
var entityTable = []entity{
	{
		route: "work-type", label: "cc_work_type", lists: listVersions{v2: true},
		created: http.StatusOK, deleted: http.StatusOK,
		bulk:       bulkAbilities{post: true, create: true, update: true, delete: true},
		uniqueName: true, systemDefault: true, searchColumns: []string{"name"},
		fields: []field{
			{name: "name", kind: text, required: true, maximum: 80, pattern: regexp.MustCompile(`^[a-zA-Z0-9._\-\s]*$`)},
			description,
			{name: "workTypeCode", kind: text, required: true, enum: families, immutable: true},
			{name: "active", kind: boolean, required: true},
		},
	},
	{
		route: "site", label: "cc_site", lists: listVersions{v1: true, v2: true},
		created: http.StatusCreated, deleted: http.StatusNoContent,
		bulk:       bulkAbilities{post: true, create: true, delete: true},
		uniqueName: true, systemDefault: true, searchColumns: []string{"name"},
		fields: []field{
			{name: "name", kind: text, required: true, minimum: 1, maximum: 80, pattern: regexp.MustCompile(`^[a-zA-Z\d\-_\s]+$`)},
			description,
			{name: "active", kind: boolean, required: true},
			{name: "multimediaProfileId", kind: text, required: true},
		},
	},
	{
		route: "auxiliary-code", label: "cc_auxiliary_code", lists: listVersions{v1: true, v2: true},
		created: http.StatusCreated, deleted: http.StatusNoContent,
		bulk:       bulkAbilities{post: true, create: true, delete: true, patch: true},
		uniqueName: true, systemDefault: true, searchColumns: []string{"name", "description"},
		fields: []field{
			{name: "name", kind: text, required: true, maximum: 80, pattern: regexp.MustCompile(`^[a-zA-Z0-9._)\/(\-\s]*$`)},
			description,
			{name: "defaultCode", kind: boolean, required: true},
			{name: "active", kind: boolean, required: true},
			{name: "isSystemCode", kind: boolean, readOnly: true, defaultValue: false},
			{name: "workTypeId", kind: text, required: true, target: "work-type"},
			{name: "workTypeCode", kind: text, required: true, enum: families, immutable: true},
			{name: "burnoutInclusion", kind: text, enum: []string{"NOT_APPLICABLE", "EXCLUDED", "INCLUDED"}},
		},
		rules: []rule{workTypeOfSameFamily, burnoutOfFamily, firstCodeIsDefault},
	},
	{
		route: "agent-profile", label: "cc_agent_profile", lists: listVersions{v1: true, v2: true},
		created: http.StatusCreated, deleted: http.StatusNoContent,
		bulk:       bulkAbilities{post: true, create: true, delete: true},
		uniqueName: true, systemDefault: true, searchColumns: []string{"name", "description"},
		listOmits: []string{"wrapUpCodes", "idleCodes"},
		fields: []field{
			{name: "name", kind: text, required: true, minimum: 1, maximum: 80, pattern: regexp.MustCompile(`^[a-zA-Z0-9._\s\-()]+$`)},
			description,
			{name: "active", kind: boolean},
			{name: "parentType", kind: text, enum: []string{"ORGANIZATION", "SITE"}},
			{name: "siteId", kind: text, target: "site"},
			{name: "autoWrapUp", kind: boolean},
			{name: "autoWrapAfterSeconds", kind: integer, notFilterable: true},
			{name: "accessWrapUpCode", kind: text, enum: access},
			{name: "wrapUpCodes", kind: textList, target: "auxiliary-code", notFilterable: true},
			{name: "accessIdleCode", kind: text, enum: access},
			{name: "idleCodes", kind: textList, target: "auxiliary-code", notFilterable: true},
			{name: "viewableStatistics", kind: object, notFilterable: true, fields: []field{
				{name: "agentStats", kind: boolean},
				{name: "loggedInTeamStats", kind: boolean},
				{name: "accessQueueStats", kind: text, required: true, enum: access},
				{name: "accessTeamStats", kind: text, required: true, enum: access},
			}},
		},
		rules: []rule{autoWrapUpNeedsSeconds},
	},
}

// entities are the finished descriptions by route segment, and entityOrder their order in the table.
var entities, entityOrder = finishEntities()

func finishEntities() (map[string]*entity, []*entity) {
	byRoute := map[string]*entity{}
	var order []*entity
	for _, described := range entityTable {
		finished := described.finish()
		byRoute[described.route] = finished
		order = append(order, finished)
	}
	return byRoute, order
}
