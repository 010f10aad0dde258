package simulator

// Business hours, holiday lists and overrides (contact-center reference 8.20 to 8.22).

var (
	days   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
	months = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
)

const textSchedulingName = "name: should only contain alphanumeric characters, space, underscore and hyphen"

func scheduled() field {
	return field{name: "name", kind: text, required: true, maximum: 80, pattern: schedulingName, wrong: textSchedulingName}
}

func businessHours() entity {
	return entity{
		route: "business-hours", paths: oldList, created: 201, deleted: 204,
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, searchColumns: []string{"name"}, sortable: []string{"timezone", "name", "createdTime", "lastUpdatedTime"},
		fields: []field{
			{name: "name", kind: text, required: true, minimum: 1, maximum: 80, pattern: schedulingName, wrong: textSchedulingName},
			description,
			{name: "timezone", kind: text, required: true, minimum: 1},
			{
				name: "workingHours", kind: objectList, required: true, minimum: 1, wrong: "Working hours cannot be empty",
				notFilterable: true,
				fields: []field{
					scheduled(),
					{name: "days", kind: textList, required: true, enum: days},
					{name: "startTime", kind: text, pattern: clockTime},
					{name: "endTime", kind: text, pattern: clockTime},
				},
			},
			{name: "holidaysId", kind: text, target: "holiday-list"},
			{name: "overridesId", kind: text, target: "overrides"},
			{name: "workingHoursCount", kind: integer, computed: true},
		},
		computed: counting("workingHours", "workingHoursCount"),
		export: &export{pageSize: 10, columns: []column{
			{name: "name"}, {name: "description"}, {name: "timezone"}, {name: "holidayName", from: "holidaysId"},
			{name: "overrideName", from: "overridesId"},
			{name: "workingHours", make: func(v view) any {
				return v.detailed(asList(v.record.fields["workingHours"]), func(fields map[string]any) {
					fields["workingHourName"] = fields["name"]
					delete(fields, "name")
				})
			}},
		}},
	}
}

// counting adds the number of elements that includeCount asks for.
func counting(list, count string) computation {
	return func(v view) map[string]any {
		if v.query.get("includeCount") != "true" {
			return nil
		}
		return map[string]any{count: len(asList(v.record.fields[list]))}
	}
}

// repeating are the fields that say how often something comes back.
func repeating() []field {
	return []field{
		{name: "frequency", kind: text, enum: []string{"DontRepeat", "Daily", "Weekly", "Monthly", "Yearly"}},
		{name: "recurrence", kind: object, fields: []field{
			{name: "interval", kind: integer, required: true, minimum: 1},
			{name: "occurrenceInTheMonth", kind: text, enum: []string{"FIRST", "SECOND", "THIRD", "FOURTH", "LAST"}},
			{name: "daysOfWeek", kind: textList, enum: days, maximum: 7},
			{name: "specificDayOfMonth", kind: integer, minimum: 1, maximum: 31},
			{name: "specificMonth", kind: text, enum: months},
			{name: "endDate", kind: text, pattern: calendarDay},
		}},
	}
}

// recurrenceFits: a year needs its month, a month its day.
func recurrenceFits(list string) rule {
	return func(c *change) *refusal {
		for _, element := range asList(c.next[list]) {
			fields := asObject(element)
			recurrence := asObject(fields["recurrence"])
			switch fields["frequency"] {
			case "Yearly":
				if recurrence["specificMonth"] == nil {
					return invalid("specificMonth: should not be null or blank.")
				}
			case "Monthly":
				if recurrence["specificDayOfMonth"] == nil && recurrence["occurrenceInTheMonth"] == nil {
					return invalid("specificDayOfMonth or occurrenceInTheMonth: should not be null or blank.")
				}
			}
		}
		return nil
	}
}

func holidayLists() entity {
	return entity{
		route: "holiday-list", paths: oldList, created: 201, deleted: 204,
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, searchColumns: []string{"name"}, sortable: []string{"name", "createdTime", "lastUpdatedTime"},
		fields: []field{
			scheduled(),
			description,
			{
				name: "holidays", kind: objectList, required: true, minimum: 1, wrong: "Holiday list cannot be empty",
				notFilterable: true,
				fields: joinFields([]field{
					scheduled(),
					{name: "startDate", kind: text, pattern: calendarDay}, {name: "endDate", kind: text, pattern: calendarDay},
					{name: "startTime", kind: text, pattern: clockTime}, {name: "endTime", kind: text, pattern: clockTime},
				}, repeating()),
			},
			{name: "holidaysCount", kind: integer, computed: true},
		},
		rules:    []rule{recurrenceFits("holidays")},
		computed: counting("holidays", "holidaysCount"),
	}
}

func overrides() entity {
	return entity{
		route: "overrides", paths: oldList, created: 201, deleted: 204,
		bulk:   bulkAbilities{post: true, create: true, delete: true},
		unique: true, searchColumns: []string{"name"}, sortable: []string{"name", "timezone", "createdTime", "lastUpdatedTime"},
		fields: []field{
			scheduled(),
			description,
			{name: "timezone", kind: text, required: true, minimum: 1},
			{
				name: "overrides", kind: objectList, required: true, minimum: 1, wrong: "Overrides cannot be empty",
				notFilterable: true,
				fields: joinFields([]field{
					scheduled(),
					{name: "startDateTime", kind: text, pattern: dayAndTime}, {name: "endDateTime", kind: text, pattern: dayAndTime},
					{name: "workingHours", kind: boolean, required: true},
				}, repeating()),
			},
			{name: "latestOverride", kind: object, computed: true, notFilterable: true},
			{name: "overridesCount", kind: integer, computed: true},
		},
		rules:    []rule{recurrenceFits("overrides")},
		computed: overridesComputed,
	}
}

// overridesComputed adds the number of overrides and the one that starts last.
func overridesComputed(v view) map[string]any {
	out := counting("overrides", "overridesCount")(v)
	if v.query.get("includeLatestOverride") != "true" {
		return out
	}
	if out == nil {
		out = map[string]any{}
	}
	var latest map[string]any
	for _, element := range asList(v.record.fields["overrides"]) {
		if one := asObject(element); latest == nil || asText(one["startDateTime"]) > asText(latest["startDateTime"]) {
			latest = one
		}
	}
	out["latestOverride"] = latest
	return out
}
