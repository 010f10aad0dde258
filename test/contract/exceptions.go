package contract

import (
	"regexp"
	"slices"
)

// exception is a disagreement in which the documents are known to be wrong. The list is reviewed: an entry names the
// section of the contact-center reference that says what real tenants do, and one that nothing needs fails the test.
type exception struct {
	section, why    string
	operation, what *regexp.Regexp
}

func known(section, why, operation, what string) exception {
	return exception{section, why, regexp.MustCompile("^" + operation + "$"), regexp.MustCompile("^" + what + "$")}
}

// answers are the exceptions for what the services send.
var answers = []exception{
	known("2.1", "the old user profile routes still answer: reads in the old schema, writes with a refusal",
		`(GET|POST|PUT) /organization/{}/(v2/)?user-profile(/{})? (200|400)`, NotDocumented),
	known("2.2", "audio bytes have an unpublished route", `GET /organization/{}/blob/audio-file_{} 200`, NotDocumented),
	known("2.3", "clients use tenant routes that are not published",
		`GET /organization/{}/v2/(organization-setting|tenant-configuration|org-url-mapping|greeting-purpose) 200`, NotDocumented),
	known("3.1", "meta is generated as a map of objects; it holds numbers and texts",
		`GET /organization/{}/v[23]/.* 200`, `/meta/(orgid|page|pageSize|totalPages|totalRecords): value must be an object`),
	known("3.4", "lists leave out arrays and large fields that the schema requires",
		`GET /organization/{}/(v[23]/)?[^/]+ 200`,
		`(/data)?/\*/(\w+): property "(callDistributionGroups|jsonFileContent|workingHours|holidays|overrides|viewableStatistics|outdialANIEntries|activeSkills)" is missing`),
	known("3.4", "entryPointName is shown in lists only on request",
		`GET /organization/{}/(v[23]/)?dial-number 200`, `(/data)?/\*/entryPointName: property "entryPointName" is missing`),
	known("4.2", "a bad filter, page or attribute is a 400 on every list",
		`GET /organization/{}/(v[23]/)?[^/]+(/bulk-export|/{}/entry|/{}/incoming-references)? 400`, NoStatus),
	known("4.2", "missing and foreign nested ids are a 409 on every update", `PUT /organization/{}/.* 409`, NoStatus),
	known("4.2", "a number that Webex Calling does not have is a 404", `POST /organization/{}/dial-number 404`, NoStatus),
	known("4.2", "a part without a content type is a 415", `POST /organization/{}/audio-file 415`, NoStatus),
	known("4.2", "an unknown item is a 404 on every route", `(GET|POST|PATCH) /organization/{}/.* 404`, NoStatus),
	known("5.5", "a protected object is a 400", `DELETE /organization/{}/.* 400`, NoStatus),
	known("6.1", "POST user/bulk answers 207 too", `POST /organization/{}/user/bulk 207`, NotDocumented),
	known("6.3", "incoming-references of contact numbers is broken", `GET /organization/{}/contact-number/{}/incoming-references 400`, NotDocumented),
	known("8.6", "a skill that is not boolean has no boolean value",
		`(GET|POST|PUT) /organization/{}/(v2/)?skill-profile(/{})? 20[01]`, `(/data/\*)?/activeSkills/\*/booleanValue: property "booleanValue" is missing`),
	known("8.7", "AI look-ups need a license", `POST /organization/{}/v2/contact-service-queue/fetch-by-grouped-assistant-skill 412`, NoStatus),
	known("8.9", "telephony regions have a route outside of the organization", `GET /api/global/telephony-region (200|400)`, NotDocumented),
	known("8.25", "the flow store answers without its prefix too", `GET /{}/project/{}/(v2/)?flows(/{}:export)? 200`, NotDocumented),
	known("8.25", "a second version of export answers", `GET /flow-store/{}/project/{}/v2/flows/{}:export 200`, NotDocumented),
	known("8.25", "includePagination wraps the array", `GET /flow-store/{}/project/{}/flows 200`, `/: value must be an array`),
	known("8.25", "functions are not published", `(GET|POST) /v1/{}/functions(:import|/{}:export)? 20[01]`, NotDocumented),
	known("9", "success codes differ from the documented ones",
		`(DELETE /organization/{}/(multimedia-profile/{}|desktop-layout/{}|(address-book|outdial-ani)/{}/entry/{}) 204|POST /organization/{}/(multimedia-profile|desktop-layout|address-book|address-book/{}/entry) 201)`,
		NoStatus),
	known("9", "required in the schema, optional on real tenants",
		`(GET|POST|PUT) /organization/{}/(v[23]/)?(entry-point|contact-service-queue)(/{})? 20[01]`,
		`(/data/\*|/\*)?/(\w+): property "(socialChannelType|controlFlowScriptUrl|overflowNumber|imiOrgType|assetId|callDistributionGroups)" is missing`),
	known("9", "skill types are shown in upper case",
		`(GET|POST|PUT) /organization/{}/(v2/)?skill(/{})? 20[01]`, `(/data/\*|/\*)?/skillType: value is not one of the allowed values .*`),
}

// excuse names the exception of the list that a difference falls under; "" = none.
func excuse(list []exception, d Difference) string {
	at := slices.IndexFunc(list, func(e exception) bool { return e.operation.MatchString(d.Operation) && e.what.MatchString(d.What) })
	if at < 0 {
		return ""
	}
	return list[at].section + ": " + list[at].why
}

// unused are the exceptions of the list that were not needed; used has the names of those that were.
func unused(list []exception, used map[string]int) []string {
	var out []string
	for _, one := range list {
		if name := one.section + ": " + one.why; used[name] == 0 {
			out = append(out, name)
		}
	}
	return out
}

// requests are the exceptions for what the operator sends.
var requests = []exception{
	known("5.4", "a partial bulk update sends only what changes",
		`PATCH /organization/{}/auxiliary-code/bulk`, `/items/\*/item/\w+: property "\w+" is missing`),
}
