package simulator

import (
	"regexp"
	"slices"
	"strings"
)

// Skill definitions and skill profiles (contact-center reference 8.5, 8.6).

const (
	skillProficiency = "PROFICIENCY"
	skillBoolean     = "BOOLEAN"
	skillText        = "TEXT"
	skillEnum        = "ENUM"
)

var skillTypes = []string{skillProficiency, skillBoolean, skillText, skillEnum}

// spellSkillType accepts every spelling and the numbers 0 to 3; the service shows upper case.
func spellSkillType(given string) string {
	if at := slices.Index([]string{"0", "1", "2", "3"}, given); at >= 0 {
		return skillTypes[at]
	}
	return strings.ToUpper(given)
}

func skills() entity {
	return entity{
		route: "skill", paths: oldList, created: 201, deleted: 204, bare: true, queryDTO: "payloadDTO",
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name"},
		fields: []field{
			{name: "name", kind: text, required: true, maximum: 80, pattern: skillName, immutable: true},
			description,
			{name: "serviceLevelThreshold", kind: integer, required: true, maximum: mostNumber},
			{
				name: "enumSkillValues", kind: objectList, itemOnly: true, notFilterable: true,
				nested: nested{identified: true, stamped: true, key: "name", owner: "skillId", referable: true},
				fields: []field{
					{name: "name", kind: text, required: true, maximum: 80, pattern: regexp.MustCompile(`^[A-Za-z0-9._\- ]*$`)},
					description,
					{name: "skillId", kind: text, readOnly: true},
				},
			},
			{name: "active", kind: boolean, required: true},
			{name: "dynamicSkill", kind: boolean, defaultValue: false},
			{name: "skillType", kind: text, required: true, enum: skillTypes, spell: spellSkillType, immutable: true},
		},
		rules: []rule{enumSkillHasValues},
	}
}

func enumSkillHasValues(c *change) *refusal {
	if c.next["skillType"] == skillEnum && len(asList(c.next["enumSkillValues"])) == 0 {
		return invalid("Enum skill should have atleast one value")
	}
	return nil
}

func skillProfiles() entity {
	return entity{
		route: "skill-profile", paths: oldList, created: 201, deleted: 204, bare: true, queryDTO: "skillProfileDTO",
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, searchColumns: []string{"name", "description"},
		fields: []field{
			named(skillName),
			description,
			{
				name: "activeSkills", kind: objectList, itemOnly: true, notFilterable: true,
				nested: nested{identified: true, stamped: true, key: "skillId"},
				fields: []field{
					{name: "skillId", kind: text, required: true, target: "skill"},
					{name: "proficiencyValue", kind: integer, maximum: 10},
					{name: "booleanValue", kind: boolean},
					{name: "textValue", kind: text, maximum: 100},
				},
			},
			{
				name: "activeEnumSkills", kind: objectList, itemOnly: true, notFilterable: true,
				nested: nested{identified: true, stamped: true, key: "enumSkillValueId"},
				fields: []field{{name: "enumSkillValueId", kind: text, required: true, target: "skill", part: "enumSkillValues"}},
			},
		},
		first:    []rule{noSkillOfEnumSkill},
		rules:    []rule{profileHasSkills, skillHasValue},
		computed: skillDetails,
	}
}

// noSkillOfEnumSkill: the live service fails over a skill id beside the id of a value.
func noSkillOfEnumSkill(c *change) *refusal {
	for _, element := range asList(c.body["activeEnumSkills"]) {
		if asText(asObject(element)["skillId"]) != "" {
			return refuse(500, textInternal)
		}
	}
	return nil
}

func profileHasSkills(c *change) *refusal {
	if len(asList(c.next["activeSkills"]))+len(asList(c.next["activeEnumSkills"])) == 0 {
		return invalid("Atleast one skill is mandatory.")
	}
	return nil
}

// skillHasValue: a skill has the value of its type; values of other types beside it are filler and do no harm.
func skillHasValue(c *change) *refusal {
	for _, element := range asList(c.next["activeSkills"]) {
		fields := asObject(element)
		skill := c.tenant.collection("skill").get(asText(fields["skillId"]))
		if skill == nil {
			continue
		}
		name := map[any]string{
			skillProficiency: "proficiencyValue", skillBoolean: "booleanValue", skillText: "textValue",
		}[skill.fields["skillType"]]
		switch {
		case name == "":
			return invalid("skillId: enum skills belong to activeEnumSkills")
		case fields[name] == nil:
			return invalid(name + ": should not be null or blank.")
		}
	}
	return nil
}

// skillDetails adds the names that includeSkillDetails asks for.
func skillDetails(v view) map[string]any {
	if !v.item || v.query.get("includeSkillDetails") != "true" {
		return nil
	}
	out := map[string]any{}
	if plain, has := v.record.fields["activeSkills"]; has {
		out["activeSkills"] = v.detailed(asList(plain), func(fields map[string]any) {
			fields["skillName"] = v.tenant.nameOf("skill", fields["skillId"])
		})
	}
	if enums, has := v.record.fields["activeEnumSkills"]; has {
		out["activeEnumSkills"] = v.detailed(asList(enums), v.enumDetails)
	}
	return out
}

func (v view) detailed(list []any, add func(map[string]any)) []any {
	out := asList(deepCopy(list))
	for _, element := range out {
		add(asObject(element))
	}
	return out
}

func (v view) enumDetails(fields map[string]any) {
	owner := v.tenant.parts[asText(fields["enumSkillValueId"])]
	skill := v.tenant.collection("skill").get(owner.id)
	if skill == nil {
		return
	}
	fields["enumSkillName"], fields["enumSkillId"] = skill.name, skill.id
	for _, value := range asList(skill.fields["enumSkillValues"]) {
		if asObject(value)["id"] == fields["enumSkillValueId"] {
			fields["enumSkillValue"] = asObject(value)["name"]
		}
	}
}
