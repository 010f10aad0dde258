package webex

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

var uuidShape = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// OrganizationUUID returns the bare lower-case UUID of an organization id given as UUID or in the encoded form of the
// platform API (base64 of ciscospark://us/ORGANIZATION/<uuid>, either alphabet, padded or not).
func OrganizationUUID(id string) (string, error) {
	if bare := strings.ToLower(id); uuidShape.MatchString(bare) {
		return bare, nil
	}
	unpadded := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(id, "="))
	decoded, err := base64.RawURLEncoding.DecodeString(unpadded)
	if err != nil {
		return "", fmt.Errorf("organization id %q is neither a UUID nor an encoded id", id)
	}
	parts := strings.Split(string(decoded), "/")
	bare := strings.ToLower(parts[len(parts)-1])
	if len(parts) < 2 || !strings.EqualFold(parts[len(parts)-2], "ORGANIZATION") || !uuidShape.MatchString(bare) {
		return "", fmt.Errorf("organization id %q does not decode to an organization", id)
	}
	return bare, nil
}

// EncodeOrganizationID returns the encoded form of a bare UUID.
func EncodeOrganizationID(uuid string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("ciscospark://us/ORGANIZATION/" + uuid))
}
