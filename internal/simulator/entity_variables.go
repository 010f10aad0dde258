package simulator

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Global variables (contact-center reference 8.23).

func variables() entity {
	return entity{
		route: "cad-variable", paths: newList, created: 200, deleted: 200,
		bulk:   bulkAbilities{post: true, create: true, update: true, delete: true},
		unique: true, systemDefault: true, purge: true, searchColumns: []string{"name"},
		fields: []field{
			named(regexp.MustCompile(`^[a-zA-Z\d_]+$`)),
			{name: "description", kind: text, maximum: 256},
			{name: "active", kind: boolean, required: true},
			{name: "agentEditable", kind: boolean, required: true},
			{name: "variableType", kind: text, required: true, immutable: true, enum: []string{
				"STRING", "INTEGER", "DATE_TIME", "BOOLEAN", "DECIMAL", "String", "Integer", "DateTime", "Boolean", "Decimal",
			}},
			{name: "defaultValue", kind: text, required: true, maximum: 256},
			{name: "reportable", kind: boolean, required: true},
			{name: "agentViewable", kind: boolean, required: true},
			{name: "sensitive", kind: boolean},
			{name: "desktopLabel", kind: text, needed: needed("agentViewable", true), maximum: 50},
		},
		counted: map[string]any{"reportable": true},
		rules:   []rule{defaultOfType, variableKeepsName, reportablesAreFew},
		export: &export{pageSize: 50, columns: columns(
			"name", "description", "agentEditable", "variableType", "defaultValue", "reportable", "sensitive", "agentViewable", "desktopLabel",
		)},
	}
}

// defaultOfType: the default value is a text that must read as the type. The name of the rule is the service's own.
func defaultOfType(c *change) *refusal {
	value := asText(c.next["defaultValue"])
	var err error
	switch strings.ToUpper(strings.ReplaceAll(asText(c.next["variableType"]), "_", "")) {
	case "INTEGER":
		_, err = strconv.ParseInt(value, 10, 64)
	case "DECIMAL":
		_, err = strconv.ParseFloat(value, 64)
	case "BOOLEAN":
		_, err = strconv.ParseBool(value)
	case "DATETIME":
		_, err = parseMoment(value)
	}
	if err != nil {
		return invalid("validDefaultValueForVariabelType: defaultValue should be of type " + asText(c.next["variableType"]))
	}
	return nil
}

// parseMoment takes the ways in which clients write a time; which of them the service takes is not known.
func parseMoment(value string) (moment time.Time, err error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", time.DateOnly} {
		if moment, err = time.Parse(layout, value); err == nil {
			return moment, nil
		}
	}
	return moment, err
}

// variableKeepsName: sources disagree whether a variable can be renamed (section 9).
func variableKeepsName(c *change) *refusal {
	renamed := c.previous != nil && c.previous["name"] != c.next["name"]
	if renamed && !c.sim.options.Unknowns.AllowVariableRename {
		return invalid("name: should not be modified")
	}
	return nil
}

// reportablesAreFew: their number is limited; the limit is not published.
func reportablesAreFew(c *change) *refusal {
	most := c.sim.options.Unknowns.MaxReportableVariables
	if most == 0 || c.next["reportable"] != true || c.previous["reportable"] == true {
		return nil
	}
	if c.in.counts["reportable"] >= most {
		return invalid("reportable: maximum number of reportable variables is reached")
	}
	return nil
}
