package simulator

import (
	"net/http"
	"slices"
	"strings"
	"unicode"
)

// PasswordRules decide which passwords of service users are accepted, and how missing ones are made.
// A minimum counts only if its Restrict flag is set.
type PasswordRules struct {
	// MinLength of a password. Default 6.
	MinLength                           int  `json:"minLength"`
	RestrictMinDigits                   bool `json:"restrictMinDigits"`
	MinDigits                           int  `json:"minDigits"`
	RestrictMinUpperCaseLetters         bool `json:"restrictMinUpperCaseLetters"`
	MinUpperCaseLetters                 int  `json:"minUpperCaseLetters"`
	RestrictMinLowerCaseLetters         bool `json:"restrictMinLowerCaseLetters"`
	MinLowerCaseLetters                 int  `json:"minLowerCaseLetters"`
	RestrictMinNonAlphanumericCharacter bool `json:"restrictMinNonAlphanumericCharacters"`
	MinNonAlphanumericCharacters        int  `json:"minNonAlphanumericCharacters"`
	DisallowUserID                      bool `json:"disallowUserId"`
	DisallowOldPassword                 bool `json:"disallowOldPassword"`
	DisallowReversedOldPassword         bool `json:"disallowReversedOldPassword"`
}

const maxPassword = 60

func (r PasswordRules) withDefaults() PasswordRules {
	r.MinLength = orDefault(r.MinLength, 6)
	for _, minimum := range []*int{&r.MinDigits, &r.MinUpperCaseLetters, &r.MinLowerCaseLetters, &r.MinNonAlphanumericCharacters} {
		*minimum = orDefault(*minimum, 1)
	}
	return r
}

// passwordRules are the rules of a group.
func (s *Simulator) passwordRules(in *group) PasswordRules {
	if in.seed.PasswordRules != nil {
		return in.seed.PasswordRules.withDefaults()
	}
	return s.options.CallCenters.PasswordRules.withDefaults()
}

func (s *Simulator) groupPasswordRules(_ *call, _ *gateway, in *group) answer {
	return reply(http.StatusOK, s.passwordRules(in))
}

// problem says what is wrong with a password; "" = nothing.
func (r PasswordRules) problem(password, userID, old string) string {
	if text := r.lengthProblem(password); text != "" {
		return text
	}
	if text := r.letterProblem(password); text != "" {
		return text
	}
	local, _, _ := strings.Cut(userID, "@")
	reversed := []rune(old)
	slices.Reverse(reversed)
	switch {
	case r.DisallowUserID && local != "" && strings.Contains(strings.ToLower(password), strings.ToLower(local)):
		return "the password contains the user id"
	case r.DisallowOldPassword && password == old:
		return "the password is the old one"
	case r.DisallowReversedOldPassword && password == string(reversed):
		return "the password is the old one reversed"
	}
	return ""
}

func (r PasswordRules) lengthProblem(password string) string {
	switch {
	case len(password) < r.MinLength:
		return "the password is too short"
	case len(password) > maxPassword:
		return "the password is too long"
	}
	return ""
}

func (r PasswordRules) letterProblem(password string) string {
	count := func(belongs func(rune) bool) (n int) {
		for _, letter := range password {
			if belongs(letter) {
				n++
			}
		}
		return n
	}
	special := func(letter rune) bool { return !unicode.IsLetter(letter) && !unicode.IsDigit(letter) }
	for _, one := range []struct {
		restricted bool
		minimum    int
		belongs    func(rune) bool
		name       string
	}{
		{r.RestrictMinDigits, r.MinDigits, unicode.IsDigit, "digits"},
		{r.RestrictMinUpperCaseLetters, r.MinUpperCaseLetters, unicode.IsUpper, "upper case letters"},
		{r.RestrictMinLowerCaseLetters, r.MinLowerCaseLetters, unicode.IsLower, "lower case letters"},
		{r.RestrictMinNonAlphanumericCharacter, r.MinNonAlphanumericCharacters, special, "special characters"},
	} {
		if one.restricted && count(one.belongs) < one.minimum {
			return "the password has too few " + one.name
		}
	}
	return ""
}

// generate makes a password that fulfills the rules.
func (r PasswordRules) generate() string {
	return strings.Repeat("A", max(1, r.MinUpperCaseLetters)) + strings.Repeat("7", max(1, r.MinDigits)) +
		strings.Repeat("-", max(1, r.MinNonAlphanumericCharacters)) + "x" + randomText(max(16, r.MinLength, r.MinLowerCaseLetters))
}
