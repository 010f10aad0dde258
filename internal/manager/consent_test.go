package manager

import (
	"io"
	"strings"
	"testing"
)

func TestTheConsentPageIsOffUntilItHasAnAddress(t *testing.T) {
	t.Parallel()
	o, err := Parse(nil, io.Discard)
	if err != nil || o.consentPage.Enabled() {
		t.Errorf("without flags: %v, enabled %t", err, o.consentPage.Enabled())
	}
	for args, want := range map[string]string{
		"--consent-bind-address=:8082 --consent-external-url=https://connect.example.com": "",
		"--consent-bind-address=:8082":                                                   "needs --consent-external-url",
		"--consent-external-url=https://connect.example.com":                             "need --consent-bind-address",
		"--consent-bind-address=:8082 --consent-external-url=http://connect.example.com": "must be https",
	} {
		_, err := Parse(strings.Fields(args), io.Discard)
		if (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q in it", args, err, want)
		}
	}
}
