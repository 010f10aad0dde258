package simulator

// Work types and the idle and wrap-up codes (contact-center reference 8.13, 8.14).

const (
	burnoutIncluded    = "INCLUDED"
	burnoutNotApplying = notUsed
)

func workTypes() entity {
	return entity{
		route: "work-type", paths: newList, created: 200, deleted: 200,
		bulk:   bulkAbilities{post: true, create: true, update: true, delete: true},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name"},
		fields: []field{
			named(plainName),
			description,
			{name: "workTypeCode", kind: text, required: true, enum: families, immutable: true},
			{name: "active", kind: boolean, required: true},
		},
		export: &export{pageSize: 50, columns: columns("name", "description", "workTypeCode")},
		row:    rowOfWorkType,
	}
}

// rowOfWorkType is a row as real lists show it: always a description, neither organizationId nor version, and times
// without their milliseconds. The item has them.
func rowOfWorkType(fields map[string]any) map[string]any {
	row := merge(map[string]any{"description": ""}, fields)
	delete(row, "organizationId")
	delete(row, "version")
	for _, name := range []string{"createdTime", "lastUpdatedTime"} {
		if milliseconds, ok := asInteger(row[name]); ok {
			row[name] = milliseconds - milliseconds%1000
		}
	}
	return row
}

func auxiliaryCodes() entity {
	return entity{
		route: "auxiliary-code", paths: oldList, created: 201, deleted: 204,
		bulk:   bulkAbilities{post: true, create: true, delete: true, patch: true},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name", "description"},
		fields: []field{
			named(codeName),
			description,
			{name: "defaultCode", kind: boolean, required: true},
			{name: "active", kind: boolean, required: true},
			{name: "isSystemCode", kind: boolean, readOnly: true, defaultValue: false},
			{name: "workTypeId", kind: text, required: true, target: "work-type"},
			{name: "workTypeCode", kind: text, required: true, enum: families, immutable: true},
			{name: "burnoutInclusion", kind: text, enum: []string{notUsed, "EXCLUDED", "INCLUDED"}},
		},
		rules: []rule{workTypeOfSameFamily, burnoutOfFamily, firstCodeIsDefault, oneDefaultCode},
		export: &export{pageSize: 50, columns: []column{
			{name: "name"}, {name: "description"}, {name: "defaultCode", words: true}, {name: "workTypeName", from: "workTypeId"},
		}},
	}
}

// workTypeOfSameFamily: a code belongs to a work type of its own family.
func workTypeOfSameFamily(c *change) *refusal {
	workType := c.tenant.collection("work-type").get(asText(c.next["workTypeId"]))
	if workType != nil && workType.fields["workTypeCode"] != c.next["workTypeCode"] {
		return invalid("workTypeId: work type code of the work type should be " + asText(c.next["workTypeCode"]))
	}
	return nil
}

// burnoutOfFamily: wrap-up codes take no part in burnout; the default depends on the family.
func burnoutOfFamily(c *change) *refusal {
	idle := c.next["workTypeCode"] == idleCode
	switch c.next["burnoutInclusion"] {
	case nil:
		c.next["burnoutInclusion"] = burnoutNotApplying
		if idle {
			c.next["burnoutInclusion"] = burnoutIncluded
		}
	case burnoutNotApplying:
	default:
		if !idle {
			return invalid("validBurnoutForWrapUpCode: burnoutInclusion should be NOT_APPLICABLE for wrap up codes")
		}
	}
	return nil
}

// firstCodeIsDefault: the first code of a family must be its default.
func firstCodeIsDefault(c *change) *refusal {
	if c.previous != nil || c.next["defaultCode"] == true {
		return nil
	}
	for _, code := range c.in.order {
		if code.fields["workTypeCode"] == c.next["workTypeCode"] {
			return nil
		}
	}
	return invalid("defaultCode: the first code of a work type code should be the default")
}

// oneDefaultCode is what happens to a second default code of a family (Unknowns.DefaultCodes). The service itself takes
// the mark from a protected code, too.
func oneDefaultCode(c *change) *refusal {
	mode := c.sim.options.Unknowns.DefaultCodes
	if mode == DefaultCodesFree || c.next["defaultCode"] != true {
		return nil
	}
	for _, code := range c.in.order {
		if code.id == c.next["id"] || code.fields["defaultCode"] != true || code.fields["workTypeCode"] != c.next["workTypeCode"] {
			continue
		}
		if mode == DefaultCodesRefuse {
			return invalid("defaultCode: a default code exists already")
		}
		fields := merge(code.fields, map[string]any{"defaultCode": false, "lastUpdatedTime": c.now})
		if _, wrong := c.store(fields); wrong != nil {
			return wrong
		}
	}
	return nil
}
