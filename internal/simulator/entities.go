package simulator

import "regexp"

// What several descriptions use.
var (
	access   = []string{"SPECIFIC", "ALL", "PROVISIONED_VALUE", "NONE"}
	families = []string{idleCode, wrapUpCode}
	included = []string{"INCLUDED", "EXCLUDED"}
	social   = []string{"MESSAGEBIRD", "MESSENGER", "WHATSAPP", "APPLE_BUSINESS_CHAT", "GOOGLE_BUSINESS_MESSAGES"}

	description = field{name: "description", kind: text, maximum: 255}

	codeName       = regexp.MustCompile(`^[a-zA-Z0-9._)\/(\-\s]*$`)
	plainName      = regexp.MustCompile(`^[a-zA-Z0-9._\-\s]*$`)
	skillName      = regexp.MustCompile(`^[a-zA-Z0-9,@_.\-\s]*$`)
	siteName       = regexp.MustCompile(`^[a-zA-Z\d\-_\s]+$`)
	schedulingName = regexp.MustCompile(`^[a-zA-Z0-9_-]+(\s?[a-zA-Z0-9_-]+)*$`)
	clockTime      = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
	calendarDay    = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	dayAndTime     = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$`)
)

const (
	idleCode   = "IDLE_CODE"
	wrapUpCode = "WRAP_UP_CODE"
	telephony  = "TELEPHONY"
	specific   = "SPECIFIC"
	notUsed    = "NOT_APPLICABLE"
	mostNumber = 1<<31 - 1
)

// named is a required name of 0 to 80 characters.
func named(pattern *regexp.Regexp) field {
	return field{name: "name", kind: text, required: true, maximum: 80, pattern: pattern}
}

func flags(names ...string) []field {
	out := make([]field, 0, len(names))
	for _, name := range names {
		out = append(out, field{name: name, kind: boolean})
	}
	return out
}

// inclusions are switches for an artificial intelligence: EXCLUDED at first, and kept when a full replace leaves them out.
func inclusions(names ...string) []field {
	out := make([]field, 0, len(names))
	for _, name := range names {
		out = append(out, field{name: name, kind: text, enum: included, sticky: true, defaultValue: "EXCLUDED"})
	}
	return out
}

func joinFields(parts ...[]field) []field {
	var out []field
	for _, part := range parts {
		out = append(out, part...)
	}
	return out
}

// entityTable holds the described entities, in the order in which one can be created after the other.
func entityTable() []entity {
	return []entity{
		multimediaProfiles(), workTypes(), skills(), holidayLists(), overrides(), variables(), audioFiles(), dialPlans(), contactNumbers(),
		sites(), auxiliaryCodes(), skillProfiles(), businessHours(), addressBooks(), desktopLayouts(),
		teams(), queues(), entryPoints(), dialNumbers(), outdialANIs(), resourceCollections(), userProfiles(), agentProfiles(),
		users(), flows(), functions(),
	}
}

// entities are the finished descriptions by route segment, and entityOrder their order in the table.
var entities, entityOrder = finishEntities()

func finishEntities() (map[string]*entity, []*entity) {
	byRoute := map[string]*entity{}
	var order []*entity
	for _, described := range entityTable() {
		finished := described.finish()
		byRoute[finished.route] = finished
		order = append(order, finished)
	}
	return byRoute, order
}
