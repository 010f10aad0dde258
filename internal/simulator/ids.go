package simulator

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
)

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// newUUID is a random UUID (version 4).
func newUUID() string {
	var raw [16]byte
	rand.Read(raw[:]) // never fails, see crypto/rand
	return formatUUID(raw, 4)
}

// stableUUID is always the same for the same parts, so that a restarted tenant keeps the ids of its seeds.
func stableUUID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return formatUUID([16]byte(sum[:16]), 5)
}

func formatUUID(raw [16]byte, version byte) string {
	raw[6] = raw[6]&0x0f | version<<4
	raw[8] = raw[8]&0x3f | 0x80
	text := hex.EncodeToString(raw[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// randomText is n characters of a-z and 0-9.
func randomText(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	raw := make([]byte, n)
	rand.Read(raw)
	for i := range raw {
		raw[i] = alphabet[int(raw[i])%len(alphabet)]
	}
	return string(raw)
}

// encodeID is the form in which webexapis.com shows the id of a thing of the given kind (platform reference 2.2).
func encodeID(kind, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("ciscospark://us/" + kind + "/" + id))
}

// decodeID gives back what encodeID took, or the text itself if it is not encoded. Padding and both alphabets are accepted.
func decodeID(text string) string {
	plain := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	decoded, err := base64.RawURLEncoding.DecodeString(plain)
	if err != nil || !strings.HasPrefix(string(decoded), "ciscospark://") {
		return text
	}
	return string(decoded[strings.LastIndexByte(string(decoded), '/')+1:])
}
