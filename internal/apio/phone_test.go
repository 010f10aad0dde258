package apio_test

import (
	"net/http"
	"strings"
	"testing"

	"wxcc.dev/operator/internal/apio"
	"wxcc.dev/operator/internal/remote"
)

// Proves: S3.39
func TestPhoneNumbersInE164(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ given, code, want string }{
		{"+3225550140", "32", "+3225550140"},
		{"025550140", "32", "+3225550140"},
		{"25550140", "32", "+3225550140"},
		{"+32 2 555 01 40", "32", "+3225550140"},
		{"0612345678", "39", "+390612345678"}, // Italian numbers keep their zero
		{"+3225550140", "", "+3225550140"},
		{"025550140", "", "025550140"},
		{"025550140", "no code", "025550140"},
		{"", "32", ""},
		{"anonymous", "32", "anonymous"},
		{"Feasts 2026", "32", "Feasts 2026"},
	} {
		if got := apio.E164(test.given, test.code); got != test.want {
			t.Errorf("%q by %q is %q, want %q", test.given, test.code, got, test.want)
		}
	}
}

// Proves: S3.39
func TestSpellingsOfOneNumberAreTheSame(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b, code string
		same       bool
	}{
		{"+3225550140", "025550140", "32", true},
		{"+3225550140", "25550140", "32", true},
		{"+3225550140", "025550140", "", true}, // by the other number's code
		{"+33225550140", "025550140", "32", false},
		{"+3225550140", "025550141", "", false},
		{"025550140", "25550140", "32", true},
		{"025550140", "025550140", "", true},
		{"", "", "32", true},
		{"+3225550140", "", "", false},
		{"+3225550140", "", "32", false},
	} {
		if apio.SameNumber(test.a, test.b, test.code) != test.same || apio.SameNumber(test.b, test.a, test.code) != test.same {
			t.Errorf("%q and %q by %q: want same = %t", test.a, test.b, test.code, test.same)
		}
	}
}

const nationalRow = `{"call_centers":[{"serviceUserId":"a@x","name":"A","phoneNumber":"025550140"},{"serviceUserId":"b@x","name":"B","phoneNumber":"25550141"}]}`

// Proves: S3.39, CR28
func TestNationalNumbersAreReadByTheGroupsCode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		group answer
		want  string
		fails bool
	}{
		"told":            {answer{status: 200, body: `{"cliPhoneNumber":"+3225550100"}`}, "+3225550140", false},
		"without a CLI":   {answer{status: 200, body: `{"cliPhoneNumber":""}`}, "025550140", false},
		"not to be seen":  {answer{status: 403, body: `{}`}, "025550140", false},
		"not answered":    {answer{status: 503}, "", true},
		"not understood":  {answer{status: 200, body: `[]`}, "", true},
		"national itself": {answer{status: 200, body: `{"cliPhoneNumber":"025550100"}`}, "025550140", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, centers := script(t, map[string]answer{"GET " + centersPath: {status: 200, body: nationalRow}, "GET " + groupPath: test.group})
			for range 3 {
				listing, err := centers.List(t.Context())
				if test.fails {
					if err == nil {
						t.Fatal("a listing with numbers that nobody can read")
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				row, err := listing.Rows[0].Object()
				if got := row.Text("serviceInstanceProfile.phoneNumber"); err != nil || got != test.want {
					t.Errorf("phone number %q, want %q (%v)", got, test.want, err)
				}
			}
			asked := 0
			for _, request := range s.to(http.MethodGet) {
				if request.path == groupPath {
					asked++
				}
			}
			if !test.fails && asked != 1 {
				t.Errorf("the group was asked %d times", asked)
			}
		})
	}
}

// The gateway takes E.164 only.
// Proves: S3.15, S3.16, S3.39
func TestNationalNumbersAreSentInE164(t *testing.T) {
	t.Parallel()
	s, centers := script(t, map[string]answer{
		"GET " + groupPath:            {status: 200, body: `{"cliPhoneNumber":"+3225550100"}`},
		"PUT " + centersPath + "a@x/": {status: 200, body: whole},
	})
	body := remote.Object{"serviceInstanceProfile": map[string]any{"phoneNumber": "025550140", "cliPhoneNumber": "", "extension": ""}}
	if updated := apply(t, centers, remote.Update, remote.Write{ID: "a@x", Object: body}); updated.Err != nil {
		t.Fatal(updated.Err)
	}
	if sent := s.to(http.MethodPut)[0].body; !strings.Contains(sent, `"phoneNumber":"+3225550140"`) || !strings.Contains(sent, `"cliPhoneNumber":""`) {
		t.Errorf("sent %s", sent)
	}
}
