package remote

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "",
		"Größe 日本 😀":                           "Größe 日本 😀",
		" two \r\n\t lines ":                   "two lines",
		"\x1b[31mred\x1b[0m \x1b]0;title\abel": "\ufffdred\ufffd \ufffdbel",
		"a\x00b\x7fc\u0085d":                   "a\ufffdb\ufffdc d",
		"evil\u202etxt.exe\u2066x\u200e":       "evil\ufffdtxt.exe\ufffdx\ufffd",
		"zero\u200bwidth\ufeff\u00ad":          "zero\ufffdwidth\ufffd\ufffd",
		"bad\xff\xfeutf8":                      "bad\ufffd\ufffdutf8",
		"private\ue000 \U000e0041":             "private\ufffd \ufffd",
		"line\u2028separator":                  "line separator",
	} {
		if got := Printable(text, 100); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
	for limit, want := range map[int]string{0: "", 3: "…", 4: "a…", 6: "aß…", 7: "aßb…", 8: "aßb ccc", 20: "aßb ccc"} {
		if got := Printable("aßb ccc", limit); got != want {
			t.Errorf("Printable within %d = %q, want %q", limit, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("plain", 3)
	f.Add("\x1b[31m\u202e\xff \n", 10)
	f.Add("aßb…日本", 7)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 0 || limit > 1<<12 {
			t.Skip()
		}
		clean := Printable(text, limit)
		if len(clean) > limit || !utf8.ValidString(clean) || strings.TrimSpace(clean) != clean {
			t.Fatalf("Printable(%q, %d) = %q", text, limit, clean)
		}
		for _, letter := range clean {
			if unicode.IsControl(letter) || unicode.In(letter, unicode.Cf) {
				t.Fatalf("Printable(%q, %d) = %q", text, limit, clean)
			}
		}
		if Printable(clean, limit) != clean {
			t.Fatalf("Printable(%q) changes its own result %q", text, clean)
		}
	})
}
