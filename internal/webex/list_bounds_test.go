package webex_test

import (
	"strings"
	"testing"

	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/simulator"
)

// A listing without end is given up early, with the bound in the error and in the same words each time.
func TestListingsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, simulator.Options{})
	for says, rule := range map[string]map[string]any{
		"more than 150 rows in one answer":                           {"rows": 200},
		"more than 1000 pages in a listing":                          {"rows": 1, "pages": 1001},
		"more than 100000 rows in a listing":                         {"rows": 150, "pages": 1000},
		"more than 10 pages added to a listing while it is read":     {"rows": 100, "pages": -1},
		"more than 8388608 bytes in one answer":                      {"padBytes": 9 << 20},
		"the answer exceeds a bound: more than 150 rows in one answ": {"rows": 1000},
	} {
		rule["path"] = "/v2/auxiliary-code$"
		b.faults(t, rule)
		var texts []string
		for range 2 {
			_, err := b.codes().List(t.Context())
			if remote.ClassOf(err) != remote.InvalidResponse || !strings.Contains(err.Error(), says) {
				t.Errorf("%v: %v, want %q", rule, err, says)
				break
			}
			texts = append(texts, err.Error())
		}
		if len(texts) == 2 && texts[0] != texts[1] {
			t.Errorf("the texts differ: %q", texts)
		}
	}
	b.faults(t)
	if _, err := b.codes().List(t.Context()); err != nil {
		t.Error(err)
	}
}

// Texts about people and licences are printable wherever they are shown; an id that cannot be one is none.
func TestTextsOfThePlatformArePrintable(t *testing.T) {
	t.Parallel()
	for id, ok := range map[string]bool{
		"": false, "a": true, "care@voice.example.net": true, "a\nb": false, "a\u202eb": false, " a": false, strings.Repeat("x", 257): false,
	} {
		if remote.ValidID(id) != ok {
			t.Errorf("ValidID(%q) = %v", id, !ok)
		}
	}
	sim := simulator.New(simulator.Options{})
	sim.AddOrganization(simulator.OrganizationSeed{
		ID: organization, Name: "Nord\x1b[31mlys\u202e\n2", ClientID: "client", ClientSecret: "secret", AccessToken: "access",
	})
	b := serveBench(t, sim)
	found, err := b.client.Organization(t.Context())
	if err != nil || found.DisplayName != "Nord\ufffdlys\ufffd 2" {
		t.Errorf("organization = %+q, %v", found, err)
	}
}
