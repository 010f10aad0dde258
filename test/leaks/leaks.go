// Package leaks looks for secrets in what a program shows. It spells every secret in all the ways in which one may leak, and
// knows nothing of how the program hides them.
package leaks

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
)

// window is the length of the beginning by which spellings are found; a shorter spelling is not looked for.
const window = 6

// Finder knows the spellings of secrets.
type Finder struct {
	// spellings by their beginning.
	spellings map[string][]spelling
	count     int
}

type spelling struct{ text, secret, way string }

// NewFinder makes a finder of secrets, each in every spelling and every spelling of those.
func NewFinder(secrets ...string) *Finder {
	f := &Finder{spellings: map[string][]spelling{}}
	seen := map[string]bool{}
	for _, secret := range secrets {
		for one, first := range spell(secret) {
			for other, second := range spell(first) {
				if len(second) < window || seen[second] {
					continue
				}
				seen[second] = true
				f.count++
				f.spellings[second[:window]] = append(f.spellings[second[:window]], spelling{second, secret, one + ", " + other})
			}
		}
	}
	return f
}

// Spellings is how many are looked for.
func (f *Finder) Spellings() int { return f.count }

// Find returns where secrets are in a text: which one, how it is spelled, and what is around it. One secret is told once.
func (f *Finder) Find(text string) []string {
	var found []string
	told := map[string]bool{}
	for at := 0; at+window <= len(text); at++ {
		for _, one := range f.spellings[text[at:at+window]] {
			if !told[one.secret] && strings.HasPrefix(text[at:], one.text) {
				told[one.secret] = true
				const margin = 120
				found = append(found, fmt.Sprintf("%q (%s): …%s…", one.secret, one.way, text[max(0, at-margin):min(len(text), at+margin)]))
			}
		}
	}
	return found
}

// spell returns the spellings of a text by their names.
func spell(text string) map[string]string {
	all := map[string]string{
		"as it is": text, "query": url.QueryEscape(text), "path": url.PathEscape(text), "json": inJSON(text), "html": html.EscapeString(text),
		"hex": hex.EncodeToString([]byte(text)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(text))),
		"query, lower case": lowerDigits(url.QueryEscape(text)),
	}
	// Inside a longer text: what the letters before and after it cannot change.
	for before := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), text...))
		from, to := (before*8+5)/6, (before+len(text))*8/6
		all[fmt.Sprintf("base64 behind %d", before)] = encoded[from:to]
		all[fmt.Sprintf("base64 for URLs behind %d", before)] = strings.NewReplacer("+", "-", "/", "_").Replace(encoded[from:to])
	}
	return all
}

func inJSON(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		return text
	}
	return string(encoded[1 : len(encoded)-1])
}

func lowerDigits(escaped string) string {
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] == '%' && i+3 <= len(escaped) {
			b.WriteString(strings.ToLower(escaped[i : i+3]))
			i += 2
			continue
		}
		b.WriteByte(escaped[i])
	}
	return b.String()
}
