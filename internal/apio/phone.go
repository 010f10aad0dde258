package apio

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"wxcc.dev/operator/internal/remote"
)

const (
	fieldPhone    = fieldProfile + ".phoneNumber"
	fieldCLIPhone = fieldProfile + ".cliPhoneNumber"
	groupRoute    = "/tenants/{tenant}/groups/{group}/"
)

// E164 spells a phone number with its country code and a plus. A national number is read by the calling code given, such
// as "32"; without one, and where it is no number at all, the text stays as it is. A text with letters is none: the
// library would pick the digits out of it.
func E164(text, countryCode string) string {
	if strings.ContainsFunc(text, unicode.IsLetter) {
		return text
	}
	region := ""
	if code, err := strconv.Atoi(countryCode); err == nil {
		region = phonenumbers.GetRegionCodeForCountryCode(code)
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil {
		return text
	}
	return phonenumbers.Format(number, phonenumbers.E164)
}

// SameNumber tells whether two spellings mean one phone number. A national one is read by the calling code given or,
// without one, by that of the other number.
func SameNumber(a, b, countryCode string) bool {
	if national(a) != national(b) && countryCode == "" {
		countryCode = firstOf(callingCode(a), callingCode(b))
	}
	return E164(a, countryCode) == E164(b, countryCode)
}

func national(text string) bool { return text != "" && !strings.HasPrefix(text, "+") }

// callingCode is the country's part of a number in E.164; "" for any other text.
func callingCode(text string) string {
	if national(text) {
		return ""
	}
	number, err := phonenumbers.Parse(text, "")
	if err != nil {
		return ""
	}
	return strconv.Itoa(int(number.GetCountryCode()))
}

// internationalise spells the phone numbers of call centers in E.164, in place. Where that needs a country code that the
// options do not give, it is the group's own, which is asked for once.
func (c *CallCenters) internationalise(ctx context.Context, objects ...remote.Object) error {
	for _, object := range objects {
		for _, field := range []string{fieldPhone, fieldCLIPhone} {
			text := object.Text(field)
			if !national(text) {
				continue
			}
			code, err := c.countryCode(ctx)
			if err != nil {
				return err
			}
			object.Set(field, E164(text, code))
		}
	}
	return nil
}

// countryCode is the calling code by which the group's national numbers are read; "" where nobody tells.
func (c *CallCenters) countryCode(ctx context.Context) (string, error) {
	if c.client.options.CountryCode != "" {
		return c.client.options.CountryCode, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code != nil {
		return *c.code, nil
	}
	response, req, err := c.client.do(ctx, http.MethodGet, []string{"tenants", c.tenant, "groups", c.group}, groupRoute, nil)
	switch {
	case remote.ClassOf(err) == remote.Forbidden, remote.IsNotFound(err):
		c.code = new("") // the account may not see it, and will not in a minute
	case err != nil:
		return "", err
	default:
		group, err := response.Object(req)
		if err != nil {
			return "", err
		}
		c.code = new(callingCode(group.Text("cliPhoneNumber")))
	}
	return *c.code, nil
}
