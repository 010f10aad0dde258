package simulator

import (
	"fmt"
	"regexp"
)

// Numbers that agents dial and show: address books, outdial ANIs, dial plans, contact numbers (contact-center reference
// 8.15 to 8.18).

func addressBooks() entity {
	return entity{
		route: "address-book", created: 201, deleted: 204,
		paths: []path{
			{list: bareList, create: true, read: true, update: true, delete: true, whole: true},
			{version: "v2", list: envelope, whole: true},
			{version: "v3", list: envelope, create: true, read: true, update: true, delete: true, slim: true},
		},
		unique: true, searchColumns: []string{"name", "description"},
		fields: []field{
			named(plainName),
			description,
			{name: "parentType", kind: text, required: true, enum: []string{"ORGANIZATION", "SITE"}, immutable: true},
			{name: "siteId", kind: text, needed: needed("parentType", "SITE"), target: "site"},
			{
				name: "addressBookEntries", kind: objectList, itemOnly: true, notFilterable: true,
				nested: nested{identified: true, stamped: true, key: "name"},
				fields: []field{
					named(plainName),
					{name: "number", kind: text, required: true, pattern: regexp.MustCompile(`^[0-9()+-]+$`)},
				},
			},
		},
		rules: []rule{plainBookDescription},
		child: &child{field: "addressBookEntries", created: 201, deleted: 204, searchColumns: []string{"name", "number"}},
		export: &export{pageSize: 50, columns: []column{
			{name: "id"}, {name: "name"}, {name: "description"}, {name: "parentSite", from: "siteId"},
			entryDetails("addressBookEntries", "phoneNumber"),
		}},
	}
}

// plainBookDescription: the routes without entries take any description, the older ones do not.
func plainBookDescription(c *change) *refusal {
	if given := asText(c.next["description"]); !c.slim && !plainName.MatchString(given) {
		return invalid(fmt.Sprintf("description: must match %q", plainName))
	}
	return nil
}

// entryDetails are the entries of a book, flattened.
func entryDetails(list, number string) column {
	return column{name: "entryDetails", make: func(v view) any {
		rows := []any{}
		for _, entry := range asList(v.record.fields[list]) {
			rows = append(rows, map[string]any{"entryName": asObject(entry)["name"], number: asObject(entry)["number"]})
		}
		return rows
	}}
}

func outdialANIs() entity {
	return entity{
		route: "outdial-ani", paths: oldList, created: 201, deleted: 204,
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, searchColumns: []string{"name", "description"},
		fields: []field{
			named(plainName),
			description,
			{
				name: "outdialANIEntries", kind: objectList, required: true, itemOnly: true, notFilterable: true, reordered: true,
				nested: nested{identified: true, stamped: true, key: "name"},
				fields: []field{
					named(plainName),
					{name: "number", kind: text, required: true},
					{name: "defaultANIEntry", kind: boolean, defaultValue: false},
				},
			},
		},
		more: shownNumbers,
		child: &child{
			field: "outdialANIEntries", created: 201, deleted: 204, bare: true, everyParent: true, searchColumns: []string{"name"},
		},
		export: &export{pageSize: 50, columns: []column{
			{name: "name"}, {name: "description"}, entryDetails("outdialANIEntries", "entryNumber"),
		}},
	}
}

// shownNumbers are the dial numbers that an outdial ANI shows. They are meant by their text, so that it does not matter
// which of the two was there first.
func shownNumbers(_ *tenant, fields map[string]any) []objectKey {
	var out []objectKey
	for _, number := range idsAt(fields["outdialANIEntries"], []string{"number"}) {
		out = append(out, namedKey("dial-number", number))
	}
	return out
}

func dialPlans() entity {
	return entity{
		route: "dial-plan", paths: oldList, created: 200, deleted: 200,
		bulk:   bulkAbilities{post: true, create: true, update: true, delete: true},
		unique: true, systemDefault: true, searchColumns: []string{"name"},
		fields: []field{
			named(regexp.MustCompile(`^[a-zA-Z0-9,_\-\s]*$`)),
			description,
			{name: "regularExpression", kind: text, required: true, maximum: 255},
			{name: "prefix", kind: text, maximum: 50},
			{name: "strippedChars", kind: text, maximum: 128},
			{name: "active", kind: boolean, required: true},
		},
		export: &export{pageSize: 10, columns: columns("name", "regularExpression", "prefix", "strippedChars")},
	}
}

func contactNumbers() entity {
	return entity{
		route: "contact-number", paths: newList, created: 200, deleted: 200, bare: true, noReferences: true,
		bulk: bulkAbilities{post: true, create: true, delete: true},
		key:  []string{"number"}, unique: true, searchColumns: []string{"number"},
		fields: []field{
			{name: "number", kind: text, required: true, pattern: regexp.MustCompile(`^[0-9]*$`)},
		},
		rules:  []rule{shortNumber},
		export: &export{pageSize: 10, columns: columns("number")},
	}
}

func shortNumber(c *change) *refusal {
	if len(asText(c.next["number"])) > 9 {
		return invalid("number: should not be more than 9 characters")
	}
	return nil
}
