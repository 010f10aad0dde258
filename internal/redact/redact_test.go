package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"time"
)

// spellings are ways in which somebody may repeat a text.
var spellings = map[string]func(string) string{
	"raw":               func(s string) string { return s },
	"query":             url.QueryEscape,
	"path":              url.PathEscape,
	"query, lower case": func(s string) string { return lowerHex(url.QueryEscape(s)) },
	"every byte in %": func(s string) string {
		return everyByte(s, "%%%02x")
	},
	"json":                 jsonText,
	"json, every byte":     func(s string) string { return everyRune(s, `\u%04X`) },
	"script":               func(s string) string { return everyByte(s, `\x%02x`) },
	"html":                 html.EscapeString,
	"html, every byte":     func(s string) string { return everyRune(s, "&#%d;") },
	"base64":               func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 url":           func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 behind a byte": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("u:" + s)) },
	"base64 behind two":    func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte("me:" + s + "!")) },
	"base64 of a header":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte("Authorization: Bearer " + s)) },
	"hex":                  func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEX":                  func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"upper case":           upperASCII,
}

func lowerHex(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			b.WriteString(strings.ToLower(s[i : i+3]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func everyByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

func everyRune(s, format string) string {
	var b strings.Builder
	for _, letter := range s {
		fmt.Fprintf(&b, format, letter)
	}
	return b.String()
}

func upperASCII(s string) string {
	return strings.Map(func(letter rune) rune {
		if 'a' <= letter && letter <= 'z' {
			return letter - 'a' + 'A'
		}
		return letter
	}, s)
}

func jsonText(s string) string {
	encoded, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return strings.Trim(string(encoded), `"`)
}

// TestEverySpelling proves that no spelling hides a secret, nor any spelling of a spelling.
//
// Proves: S0.20
func TestEverySpelling(t *testing.T) {
	t.Parallel()
	secrets := []string{"NjQ2M2Q4_P0A1_b5b2-11ee", `p&ss "w+rd" /<%41>\`, "Swordfish-7 und mehr", "käse+brot=Zürich"}
	count := 0
	for _, secret := range secrets {
		redactor := New(secret)
		for first, one := range spellings {
			for second, other := range spellings {
				if second == "upper case" && first != "raw" {
					continue // that decodes to something else
				}
				count++
				shown := "before " + other(one(secret)) + " after"
				for kind, clean := range map[string]string{"text": redactor.Text(shown), "data": string(redactor.Data([]byte(shown)))} {
					if !strings.Contains(clean, Marker) || !strings.HasPrefix(clean, "before ") || !strings.HasSuffix(clean, " after") {
						t.Errorf("%s of %q, %s in %s: %q -> %q", kind, secret, first, second, shown, clean)
					}
				}
			}
		}
	}
	t.Logf("%d spellings of %d secrets", count, len(secrets))
}

func TestWhatIsNoSecretStays(t *testing.T) {
	t.Parallel()
	redactor := New("password", "abc", "A-token-of-one-organization")
	for _, text := range []string{
		"", "the passwords of abc", "12345678-1234-1234-1234-123456789abd", "A-token-of-on", "100% of \\everything & more; %zz &#x; \\u12",
		`{"organizationId":"87654321-1234-1234-1234-123456789abc","createdTime":1700000000000,"name":"Größe\n\"x\""}`,
	} {
		if clean := redactor.Text(text); clean != text {
			t.Errorf("Text(%q) = %q", text, clean)
		}
	}
	if data := `{"name":"password reset"}`; string(redactor.Data([]byte(data))) != data {
		t.Errorf("a weak secret is removed from data")
	}
	if clean := redactor.Text("wrong password given"); clean != "wrong "+Marker+" given" {
		t.Errorf("a weak secret in a text: %q", clean)
	}
	if clean := redactor.Text("cut: A-token-of-one-organiz…"); clean != "cut: "+Marker+"…" {
		t.Errorf("a secret that was cut off: %q", clean)
	}
}

// TestNoTextTakesLong: a text that decodes to texts that decode, in every phase, must not cost more than its length.
func TestNoTextTakesLong(t *testing.T) {
	t.Parallel()
	redactor := New("A-token-of-one-organization")
	for _, piece := range []string{"U", "4", "%2525", `\\\\`, "VVVV", "AAAA&amp;amp;"} {
		began := time.Now()
		redactor.Data([]byte(strings.Repeat(piece, 1<<20/len(piece))))
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("a megabyte of %q takes %s", piece, took)
		}
	}
}

func TestForgetsTheOldestFirst(t *testing.T) {
	t.Parallel()
	redactor := New("the very first secret")
	for i := range maxSecrets {
		redactor.Know(fmt.Sprintf("secret number %06d", i), "another secret in use")
	}
	if redactor.Text("the very first secret") != "the very first secret" {
		t.Error("more secrets are known than the bound allows")
	}
	if redactor.Text("another secret in use") != Marker || redactor.Text(fmt.Sprintf("secret number %06d", maxSecrets-1)) != Marker {
		t.Error("a secret that is in use was forgotten")
	}
}

func FuzzText(f *testing.F) {
	f.Add("Bearer NjQ2M2Q4_P0A1", "NjQ2M2Q4_P0A1", uint8(0))
	f.Add("%4E%6a", "Nj 100% &amp; \\u0041", uint8(7))
	f.Add("dXNlcjpwYXNzd29yZA==", "user:password", uint8(10))
	f.Add("\\ud83d\\ude00", "😀😀", uint8(3))
	f.Fuzz(func(t *testing.T, text, secret string, way uint8) {
		if len(text) > 1<<12 || len(secret) > 1<<8 {
			t.Skip()
		}
		redactor := New(secret)
		_ = redactor.Text(text)
		_ = redactor.Data([]byte(text))
		if !strong(secret) {
			return
		}
		names := []string{"raw", "query", "path", "json", "html", "base64", "base64 url", "base64 behind a byte", "base64 behind two", "hex", "HEX"}
		shown := " " + spellings[names[int(way)%len(names)]](secret) + " "
		if strings.ToValidUTF8(secret, "") != secret {
			return // JSON cannot spell it
		}
		if clean := string(redactor.Data([]byte(shown))); !strings.Contains(clean, Marker) {
			t.Errorf("%q as %q is not found: %q", secret, shown, clean)
		}
	})
}

func BenchmarkPage(b *testing.B) {
	row := `{"id":"7d8a52f3-1111-4222-8333-%012d","organizationId":"87654321-1234-1234-1234-123456789abc","name":"Some name %d","description":"What \"it\" is"}`
	var page strings.Builder
	for i := range 100 {
		fmt.Fprintf(&page, row, i, i)
	}
	redactor := New("NjQ2M2Q4_P0A1_b5b2-11ee")
	b.SetBytes(int64(page.Len()))
	for b.Loop() {
		redactor.Data([]byte(page.String()))
	}
}
