package apio_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"

	"wxcc.dev/operator/internal/redact"
	"wxcc.dev/operator/internal/remote"
)

const (
	rulesPath = groupPath + "password_rules/"
	anyRules  = `{"minLength":8,"restrictMinDigits":true,"minDigits":2,"restrictMinUpperCaseLetters":"true","minUpperCaseLetters":"2",
		"restrictMinLowerCaseLetters":false,"minLowerCaseLetters":9,"restrictMinNonAlphanumericCharacters":true,"minNonAlphanumericCharacters":1,
		"disallowUserId":true}`
)

// Proves: S3.40, CR29
func TestTheRuleThatAPasswordBreaksIsNamed(t *testing.T) {
	t.Parallel()
	for given, rule := range map[string]string{
		"Ab-1":                            "at least 8 characters (minLength)",
		"ABcdefgh-":                       "at least 2 digits (minDigits)",
		"abcdefg-12":                      "at least 2 upper case letters (minUpperCaseLetters)",
		"ABCDEFG12":                       "at least 1 other characters than letters and digits (minNonAlphanumericCharacters)",
		"AB-12-care":                      "it may not contain the user id (disallowUserId)",
		strings.Repeat("AB-12", 13):       "at most 60 characters",
		"ABCDEFG-12 and not even allowed": "",
	} {
		s, centers := script(t, map[string]answer{
			"GET " + rulesPath:    {status: 200, body: anyRules},
			"POST " + centersPath: {status: 400, body: `{"errors":[{"code":18,"message":"Refused: ` + given + `"}]}`},
		})
		object := center("care@voice.example.net", "Care")
		object.Set("serviceInstanceProfile.password", given)
		err := apply(t, centers, remote.Create, remote.Write{Object: object}).Err
		if remote.ClassOf(err) != remote.Rejected || strings.Contains(err.Error(), given) || rule == "" && !strings.Contains(err.Error(), "Refused: "+redact.Marker) {
			t.Errorf("create = %v: it must quote the refusal without the password", err)
		}
		sent := slices.ContainsFunc(s.to(http.MethodPost), func(request sentRequest) bool { return request.path == centersPath })
		if sent != (rule == "") {
			t.Errorf("%d characters: sent is %t", len(given), sent)
		}
		if rule != "" && !strings.Contains(err.Error(), "breaks a rule of the group: "+rule) || rule == "" && strings.Contains(err.Error(), "rule of the group") {
			t.Errorf("%d characters: %v, want the rule %q", len(given), err, rule)
		}
	}
}

// Rules that cannot be read are left to the gateway, and not asked for with every password.
func TestOtherRefusalsAreLeftAsTheyAre(t *testing.T) {
	t.Parallel()
	s, centers := script(t, map[string]answer{
		"GET " + rulesPath:                    {status: 500},
		"POST " + centersPath:                 {status: 400, body: `{"errors":[{"message":"no such policy"}]}`},
		"PUT " + centersPath + "care@x/":      {status: 503},
		"GET " + centersPath + "care@x/":      {status: 404},
		"PUT " + centersPath + "nobody@x/":    {status: 404},
		"GET " + centersPath:                  {status: 200, body: `{"call_centers":[]}`},
		"GET " + centersPath + "nobody@x/":    {status: 404},
		"DELETE " + centersPath + "nobody@x/": {status: 404},
	})
	object := center("care@voice.example.net", "Care")
	created := apply(t, centers, remote.Create, remote.Write{Object: object})
	if remote.ClassOf(created.Err) != remote.Rejected || !strings.Contains(created.Err.Error(), "no such policy") {
		t.Errorf("create = %v: rules that cannot be read must not hide the refusal", created.Err)
	}
	object.Delete("serviceInstanceProfile.password")
	_ = apply(t, centers, remote.Create, remote.Write{Object: object}) //nolint:errcheck // counted below
	withPassword := remote.Object{"serviceInstanceProfile": map[string]any{"password": "x"}}
	if updated := apply(t, centers, remote.Update, remote.Write{ID: "care@x", Object: withPassword}); !remote.IsAmbiguous(updated.Err) {
		t.Errorf("update = %v", updated.Err)
	}
	if updated := apply(t, centers, remote.Update, remote.Write{ID: "nobody@x", Object: withPassword}); !remote.IsNotFound(updated.Err) {
		t.Errorf("update of nobody = %v", updated.Err)
	}
	asked := 0
	for _, request := range s.to(http.MethodGet) {
		if request.path == rulesPath {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("the rules were read %d times, want once", asked)
	}
}

// Proves: S3.40, CR29
func TestGeneratedPasswordsObeyTheRulesAndDiffer(t *testing.T) {
	t.Parallel()
	for _, rules := range []string{
		`{}`, anyRules, `{"minLength":"40"}`,
		`{"restrictMinDigits":true,"minDigits":10,"restrictMinUpperCaseLetters":true,"minUpperCaseLetters":10,
		  "restrictMinLowerCaseLetters":true,"minLowerCaseLetters":10,"restrictMinNonAlphanumericCharacters":true,"minNonAlphanumericCharacters":10}`,
	} {
		_, centers := script(t, map[string]answer{"GET " + rulesPath: {status: 200, body: rules}})
		seen := map[string]bool{}
		for range 20 {
			made, err := centers.MakeSecret(t.Context(), "serviceInstanceProfile.password")
			if err != nil {
				t.Fatal(err)
			}
			seen[made] = true
			if len(made) < 24 || len(made) > 60 || strings.Contains(rules, `"40"`) && len(made) < 40 {
				t.Errorf("%d characters by %s", len(made), rules)
			}
			counts := map[string]int{}
			for _, letter := range made {
				switch {
				case unicode.IsDigit(letter):
					counts["digits"]++
				case unicode.IsUpper(letter):
					counts["upper"]++
				case unicode.IsLower(letter):
					counts["lower"]++
				default:
					counts["other"]++
				}
			}
			if want := map[bool]int{true: 10, false: 1}[strings.Contains(rules, "10")]; min(counts["digits"], counts["upper"], counts["lower"], counts["other"]) < want {
				t.Errorf("%v by %s", counts, rules)
			}
		}
		if len(seen) != 20 {
			t.Errorf("%d different ones of 20", len(seen))
		}
	}
}

func TestPasswordsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]answer{
		"rules that contradict each other": {status: 200, body: `{"restrictMinDigits":true,"minDigits":50,"restrictMinUpperCaseLetters":true,"minUpperCaseLetters":50}`},
		"no answer":                        {status: 503},
		"no group":                         {status: 404},
		"no object":                        {status: 200, body: `7`},
	} {
		_, centers := script(t, map[string]answer{"GET " + rulesPath: rules})
		if made, err := centers.MakeSecret(t.Context(), "serviceInstanceProfile.password"); err == nil || made != "" {
			t.Errorf("%s: made one, %v", name, err)
		} else if remote.IsNotFound(err) {
			t.Errorf("%s: %v must not pass for a call center that is gone", name, err)
		}
	}
	_, centers := script(t, map[string]answer{})
	if _, err := centers.MakeSecret(t.Context(), "pin"); err == nil {
		t.Error("made a value of which nothing is known")
	}
}
