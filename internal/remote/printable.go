package remote

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes a text that came from outside fit for status, events, logs and pages: one line of valid UTF-8 without
// control characters, terminal sequences, direction marks or invisible characters, at most limit bytes. White space of
// any kind becomes a single space, what is unfit becomes U+FFFD, and an ellipsis stands for what was cut off.
func Printable(text string, limit int) string {
	var clean strings.Builder
	fits := 0      // how much of it leaves room for the ellipsis
	space := false // before the next letter
	for i := 0; i < len(text); {
		letter, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case letter == '\x1b':
			letter, size = utf8.RuneError, sequence(text[i:])
		case unicode.IsSpace(letter):
			space, letter = clean.Len() > 0, ' '
		case unfit(letter):
			letter = utf8.RuneError
		}
		i += size
		if letter == ' ' {
			continue
		}
		if space {
			clean.WriteByte(' ')
			space = false
		}
		clean.WriteRune(letter)
		switch {
		case clean.Len() > limit:
			return strings.TrimRight(clean.String()[:fits], " ") + ellipsis[:min(len(ellipsis), limit/len(ellipsis)*len(ellipsis))]
		case clean.Len() <= limit-len(ellipsis):
			fits = clean.Len()
		}
	}
	return clean.String()
}

// ellipsis stands for what was cut off.
const ellipsis = "…"

// unfit tells what no reader can see, or what changes how the rest is seen: control and format characters, the direction
// marks among them, and code points that are no characters.
func unfit(letter rune) bool {
	return !unicode.IsGraphic(letter) || invisible(letter)
}

// invisible characters that Unicode counts as letters, marks or symbols all the same.
func invisible(letter rune) bool {
	switch {
	case letter == '\u034f', letter == '\u115f', letter == '\u1160', letter == '\u2800', letter == '\u3164', letter == '\uffa0':
		return true
	case '\u17b4' <= letter && letter <= '\u17b5', '\ufe00' <= letter && letter <= '\ufe0f', 0xe0100 <= letter && letter <= 0xe01ef:
		return true
	}
	return false
}

// sequence is the length of the terminal sequence that a text begins with: ESC [ … letter, ESC ] … BEL, or ESC alone.
func sequence(text string) int {
	if len(text) < 2 {
		return len(text)
	}
	switch text[1] {
	case '[':
		for i := 2; i < len(text) && i < 32; i++ {
			if text[i] >= '@' && text[i] <= '~' {
				return i + 1
			}
		}
	case ']':
		if end := strings.IndexByte(text, '\a'); end >= 0 {
			return end + 1
		}
	}
	return 1
}
