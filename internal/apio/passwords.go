package apio

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wxcc.dev/operator/internal/remote"
)

const (
	fieldPassword = fieldProfile + ".password"
	rulesRoute    = groupRoute + "password_rules/"

	// longestPassword is BroadWorks' limit, generatedLength what is made where the rules ask for no more.
	longestPassword = 60
	generatedLength = 24
)

// passwordRules are the rules of a group for the passwords of its service users.
type passwordRules struct {
	minLength int
	// classes in the order in which they are complained about.
	classes []characterClass
	// notUserID: the part of the user id before the domain may not be in the password.
	notUserID bool
}

// characterClass is a kind of character of which a password needs some.
type characterClass struct {
	name, rule string
	belongs    func(rune) bool
	alphabet   string
	minimum    int
}

// readRules reads the rules as the gateway spells them. A minimum counts only where its restriction is switched on.
func readRules(answer remote.Object) passwordRules {
	classes := []characterClass{
		{name: "digits", rule: "MinDigits", belongs: unicode.IsDigit, alphabet: "23456789"},
		{name: "upper case letters", rule: "MinUpperCaseLetters", belongs: unicode.IsUpper, alphabet: "ABCDEFGHJKLMNPQRSTUVWXYZ"},
		{name: "lower case letters", rule: "MinLowerCaseLetters", belongs: unicode.IsLower, alphabet: "abcdefghijkmnpqrstuvwxyz"},
		{name: "other characters than letters and digits", rule: "MinNonAlphanumericCharacters", belongs: special, alphabet: "-_."},
	}
	for i := range classes {
		rule := classes[i].rule
		if minimum, ok := answer.Int("m" + rule[1:]); ok && answer.Bool("restrict"+rule) {
			classes[i].minimum = int(min(max(0, minimum), longestPassword))
		}
	}
	length, _ := answer.Int("minLength")
	return passwordRules{
		minLength: int(min(max(0, length), longestPassword)), classes: classes, notUserID: answer.Bool("disallowUserId"),
	}
}

func special(letter rune) bool { return !unicode.IsLetter(letter) && !unicode.IsDigit(letter) }

// broken names the first rule that a password does not obey, without any of it; "" where it obeys those that can be
// checked here.
func (r passwordRules) broken(password, userID string) string {
	length := utf8.RuneCountInString(password)
	if length < r.minLength {
		return fmt.Sprintf("at least %d characters (minLength)", r.minLength)
	}
	if length > longestPassword {
		return fmt.Sprintf("at most %d characters", longestPassword)
	}
	for _, class := range r.classes {
		count := 0
		for _, letter := range password {
			if class.belongs(letter) {
				count++
			}
		}
		if count < class.minimum {
			return fmt.Sprintf("at least %d %s (m%s)", class.minimum, class.name, class.rule[1:])
		}
	}
	local, _, _ := strings.Cut(strings.ToLower(userID), "@")
	if r.notUserID && local != "" && strings.Contains(strings.ToLower(password), local) {
		return "it may not contain the user id (disallowUserId)"
	}
	return ""
}

// generate makes a password that obeys the rules: one character of each class at least, whatever the rules say.
func (r passwordRules) generate() (string, error) {
	var letters []byte
	everything := ""
	for _, class := range r.classes {
		everything += class.alphabet
		for range max(1, class.minimum) {
			letter, err := pick(class.alphabet)
			if err != nil {
				return "", err
			}
			letters = append(letters, letter)
		}
	}
	for len(letters) < max(generatedLength, r.minLength) {
		letter, err := pick(everything)
		if err != nil {
			return "", err
		}
		letters = append(letters, letter)
	}
	for i := len(letters) - 1; i > 0; i-- {
		j, err := below(i + 1)
		if err != nil {
			return "", err
		}
		letters[i], letters[j] = letters[j], letters[i]
	}
	if problem := r.broken(string(letters), ""); problem != "" {
		return "", fmt.Errorf("the group's password rules contradict each other: %s", problem)
	}
	return string(letters), nil
}

func pick(alphabet string) (byte, error) {
	i, err := below(len(alphabet))
	if err != nil {
		return 0, err
	}
	return alphabet[i], nil
}

func below(limit int) (int, error) {
	number, err := rand.Int(rand.Reader, big.NewInt(int64(limit)))
	if err != nil {
		return 0, fmt.Errorf("random number: %w", err)
	}
	return int(number.Int64()), nil
}

// MakeSecret implements remote.SecretMaker: a password that obeys the group's rules.
func (c *CallCenters) MakeSecret(ctx context.Context, field string) (string, error) {
	if field != fieldPassword {
		return "", fmt.Errorf("nothing is known of how to make a %s", field)
	}
	rules, err := c.passwordRules(ctx)
	if err != nil {
		return "", err
	}
	return rules.generate()
}

// rulesKept is how long rules that were read are good enough to check a password by; rulesRest is how long ones that could
// not be read are not asked for again.
const (
	rulesKept = 10 * time.Minute
	rulesRest = time.Minute
)

// knownRules are the rules as read last.
type knownRules struct {
	rules passwordRules
	err   error
	at    time.Time
}

func (k knownRules) good(age time.Duration) bool {
	if k.err != nil {
		age = rulesRest
	}
	return !k.at.IsZero() && time.Since(k.at) < age
}

// knownRules returns rules that are not older than that.
func (c *CallCenters) knownRules(ctx context.Context, age time.Duration) knownRules {
	c.mu.Lock()
	known := c.rules
	c.mu.Unlock()
	if known.good(age) {
		return known
	}
	rules, err := c.passwordRules(ctx)
	known = knownRules{rules: rules, err: err, at: time.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rules = known
	return known
}

// checkPassword keeps a password that breaks the group's rules from being sent. Rules that cannot be read are left to the
// gateway.
func (c *CallCenters) checkPassword(ctx context.Context, body remote.Object, id string) error {
	password, began := body.Text(fieldPassword), time.Now()
	if password == "" {
		return nil
	}
	for age := rulesKept; ; age = 0 {
		known := c.knownRules(ctx, age)
		if known.err != nil {
			return nil //nolint:nilerr // see above
		}
		problem := known.rules.broken(password, firstOf(body.Text(FieldID), id))
		if problem == "" {
			return nil
		}
		if known.at.After(began) { // not by rules that may have changed meanwhile
			return &remote.Error{
				Class: remote.Rejected, Op: "check of the password", Message: "it was not sent because the password breaks a rule of the group: " + problem,
			}
		}
	}
}

func (c *CallCenters) passwordRules(ctx context.Context) (passwordRules, error) {
	response, req, err := c.client.do(ctx, http.MethodGet, []string{"tenants", c.tenant, "groups", c.group, "password_rules"}, rulesRoute, nil)
	if remote.IsNotFound(err) {
		return passwordRules{}, c.unknownGroup(err)
	}
	if err != nil {
		return passwordRules{}, err
	}
	answer, err := response.Object(req)
	if err != nil {
		return passwordRules{}, err
	}
	return readRules(answer), nil
}

// explain adds to a refusal which of the group's rules the password in the body breaks.
func (c *CallCenters) explain(ctx context.Context, refused error, body remote.Object, id string) error {
	password := body.Text(fieldPassword)
	failure, ok := errors.AsType[*remote.Error](refused)
	if password == "" || !ok || failure.Class != remote.Rejected {
		return refused
	}
	known := c.knownRules(ctx, rulesRest)
	problem := known.rules.broken(password, firstOf(body.Text(FieldID), id))
	if known.err != nil || problem == "" {
		return refused
	}
	told := *failure
	told.Message = remote.Printable(told.Message+"; the password breaks a rule of the group: "+problem, 512)
	return &told
}
