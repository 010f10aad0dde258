package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

var (
	serviceUserID    = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	phonePlaceholder = regexp.MustCompile(`\{\{(phone_number_e164|country_code|national_no_0)\}\}`)
)

const (
	maxServiceUserID = 161
	idAttempts       = 20
)

// chooseID takes the id of the body, or makes one by the rule if the gateway does that.
func (w *centerWrite) chooseID() *answer {
	id := asText(w.body["serviceUserId"])
	switch {
	case id == "" && !w.sim.options.CallCenters.AutoGenerateID:
		return badRequest("serviceUserId: is required")
	case id == "":
		generated, err := w.generateID()
		if err != nil {
			return badRequest("serviceUserId: " + err.Error())
		}
		id = generated
	case len(id) > maxServiceUserID || !serviceUserID.MatchString(id):
		return badRequest("serviceUserId: user@domain of at most 161 characters is expected")
	}
	if _, taken := w.g.owner[strings.ToLower(id)]; taken {
		return pointer(ociError(http.StatusBadRequest, ociUserExists, "User already exists: "+id))
	}
	w.next.id, w.next.instance["serviceUserId"] = id, id
	return nil
}

// renameByPhone gives a new id to a call center whose phone number changed, if the settings and the rule say so.
func (w *centerWrite) renameByPhone() *answer {
	settings := w.sim.options.CallCenters
	phone := asText(w.next.profile["phoneNumber"])
	follows := settings.UpdateIDOnPhoneChange && phonePlaceholder.MatchString(settings.IDRule)
	if !follows || phone == "" || phone == w.old.profile["phoneNumber"] {
		return nil
	}
	id, err := w.generateID()
	if err != nil {
		return badRequest("serviceUserId: " + err.Error())
	}
	w.next.id, w.next.instance["serviceUserId"] = id, id
	return nil
}

// generateID follows the rule, again and again while the result is taken.
func (w *centerWrite) generateID() (string, error) {
	rule := w.sim.options.CallCenters.IDRule
	phone := asText(w.next.profile["phoneNumber"])
	if phone == "" && phonePlaceholder.MatchString(rule) {
		return "", errors.New("the rule needs a phone number")
	}
	country := w.in.seed.CountryCode
	for range idAttempts {
		id := strings.NewReplacer(
			"{{group_id}}", w.in.key.group, "{{tenant_id}}", w.in.key.tenant, "{{domain}}", w.in.seed.Domain,
			"{{RND_4}}", randomText(4), "{{name}}", asText(w.next.profile["name"]),
			"{{phone_number_e164}}", phone, "{{country_code}}", country,
			"{{national_no_0}}", strings.TrimPrefix(strings.TrimPrefix(phone, "+"), country),
		).Replace(rule)
		owner, taken := w.g.owner[strings.ToLower(id)]
		own := w.old != nil && taken && owner == w.in.key && strings.EqualFold(id, w.old.id)
		if !taken || own {
			return id, nil
		}
	}
	return "", fmt.Errorf("no free id by the rule %s", rule)
}
