package redact

import (
	"bytes"
	"html"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unescaped is a text with its escapes decoded, and where each piece of it came from.
type unescaped struct {
	text  []byte
	marks []mark
}

// mark says that the decoded text from one index on is the original from another on, up to the next mark.
type mark struct{ decoded, original int }

// origin returns the index in the original text.
func (u *unescaped) origin(decoded int) int {
	after, exact := slices.BinarySearchFunc(u.marks, decoded, func(m mark, at int) int { return m.decoded - at })
	if !exact {
		after--
	}
	return u.marks[after].original + decoded - u.marks[after].decoded
}

// bared is a secret without what looks like escapes in it: so it reads where those around it have been decoded.
func bared(secret string) string {
	text := []byte(secret)
	for range maxLayers {
		inner := unescape(text)
		if inner == nil {
			break
		}
		text = inner.text
	}
	return string(text)
}

// unescape decodes, once, the escapes of URLs (%41), of JSON and scripts (\u0041, \x41, \n) and of HTML (&#65;, &amp;); nil
// where there are none.
func unescape(text []byte) *unescaped {
	next := bytes.IndexAny(text, `%\&`)
	if next < 0 {
		return nil
	}
	u := &unescaped{text: make([]byte, 0, len(text)), marks: []mark{{}}}
	at := 0
	for next >= 0 {
		u.text = append(u.text, text[at:at+next]...)
		at += next
		decoded, length := escape(text[at:])
		if length == 0 {
			u.text = append(u.text, text[at])
			at++
		} else {
			u.text = append(u.text, decoded...)
			at += length
			u.marks = append(u.marks, mark{len(u.text), at})
		}
		next = bytes.IndexAny(text[at:], `%\&`)
	}
	u.text = append(u.text, text[at:]...)
	if len(u.marks) == 1 {
		return nil
	}
	return u
}

// escape decodes the escape at the beginning of a text; its length is 0 if there is none.
func escape(text []byte) (decoded []byte, length int) {
	switch text[0] {
	case '%':
		return byteIn(text, 1)
	case '&':
		return entity(text)
	}
	if len(text) < 2 {
		return nil, 0
	}
	switch text[1] {
	case 'u':
		return unit(text)
	case 'x':
		return byteIn(text, 2)
	case 'n':
		return []byte("\n"), 2
	case 'r':
		return []byte("\r"), 2
	case 't':
		return []byte("\t"), 2
	case 'b':
		return []byte("\b"), 2
	case 'f':
		return []byte("\f"), 2
	case '"', '\'', '\\', '/':
		return text[1:2], 2
	}
	return nil, 0
}

// byteIn reads two hex digits after a prefix.
func byteIn(text []byte, prefix int) ([]byte, int) {
	if len(text) < prefix+2 {
		return nil, 0
	}
	value, err := strconv.ParseUint(string(text[prefix:prefix+2]), 16, 8)
	if err != nil {
		return nil, 0
	}
	return []byte{byte(value)}, prefix + 2
}

// unit reads \uXXXX, or two of them that make one character.
func unit(text []byte) ([]byte, int) {
	first, ok := codeUnit(text)
	if !ok {
		return nil, 0
	}
	if utf16.IsSurrogate(first) {
		if second, ok := codeUnit(text[6:]); ok {
			if both := utf16.DecodeRune(first, second); both != utf8.RuneError {
				return utf8.AppendRune(nil, both), 12
			}
		}
	}
	return utf8.AppendRune(nil, first), 6
}

func codeUnit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	value, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(value), err == nil
}

// entity reads an HTML entity.
func entity(text []byte) ([]byte, int) {
	const longest = 12
	end := bytes.IndexByte(text[:min(len(text), longest)], ';')
	if end < 0 {
		return nil, 0
	}
	original := string(text[:end+1])
	decoded := html.UnescapeString(original)
	if decoded == original {
		return nil, 0
	}
	return []byte(decoded), end + 1
}
