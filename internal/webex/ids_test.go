package webex_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/webex"
)

// Proves: S1.36, PR2, PR4
func TestOrganizationIDsInEverySpelling(t *testing.T) {
	t.Parallel()
	// An id whose standard encoding has the letters that differ between the two alphabets.
	slashes := "ciscospark://us/ORGANIZATION/" + organization + "?>~"
	standard := base64.StdEncoding.EncodeToString([]byte("ciscospark://us/ORGANIZATION/" + organization))
	spell := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for name, test := range map[string]struct {
		id string
		ok bool
	}{
		"UUID":                   {organization, true},
		"upper case":             {strings.ToUpper(organization), true},
		"encoded":                {webex.EncodeOrganizationID(organization), true},
		"padded, other alphabet": {standard, true},
		"kind in other letters":  {spell("ciscospark://us/Organization/" + organization), true},
		"another cluster":        {spell("ciscospark://urn:TEAM:eu-central-1_k/ORGANIZATION/" + organization), true},
		"a person":               {spell("ciscospark://us/PEOPLE/" + organization), false},
		"no UUID at the end":     {spell("ciscospark://us/ORGANIZATION/nordlys"), false},
		"only a kind":            {spell("ORGANIZATION"), false},
		"trailing text":          {spell(slashes), false},
		"no base64":              {"not!base64", false},
		"empty":                  {"", false},
		"UUID without dashes":    {strings.ReplaceAll(organization, "-", ""), false},
	} {
		got, err := webex.OrganizationUUID(test.id)
		if (err == nil) != test.ok || (test.ok && got != organization) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
