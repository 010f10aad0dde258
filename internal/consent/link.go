package consent

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/token"
)

// LinkLife is how long a link works.
const LinkLife = 24 * time.Hour

const linkUse = "consent link"

// Link returns the address of an organization's page under the external URL, and when it stops working. The current link
// is kept while more than half of its life is left. It holds no secret: its ticket is a MAC over the resource's identity
// and the time of its end, so that it cannot be guessed or prolonged.
func Link(external, current string, organization *v1alpha1.WebexOrganization, client *token.Client, now time.Time) (string, time.Time, error) {
	key, err := client.Key(linkUse)
	if err != nil {
		return "", time.Time{}, err
	}
	link := func(ends time.Time) string {
		return fmt.Sprintf("%s/connect/%s/%s?ticket=%s", base(external), organization.Namespace, organization.Name, ticket(key, organization, ends))
	}
	if parsed, err := url.Parse(current); err == nil {
		if ends := endOf(parsed.Query().Get("ticket")); current == link(ends) && ends.Sub(now) > LinkLife/2 {
			return current, ends, nil
		}
	}
	ends := now.Add(LinkLife).Truncate(time.Second)
	return link(ends), ends, nil
}

// ticket is the end of the link, in seconds, and the MAC.
func ticket(key []byte, organization *v1alpha1.WebexOrganization, ends time.Time) string {
	end := strconv.FormatInt(ends.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s\n%s\n%s\n%s", organization.Namespace, organization.Name, organization.UID, end)
	return end + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// endOf reads the end that a ticket claims; zero where it claims none.
func endOf(ticket string) time.Time {
	end, _, _ := strings.Cut(ticket, ".")
	seconds, err := strconv.ParseInt(end, 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// genuine tells whether a ticket was made for the organization, and when it ends.
func genuine(key []byte, organization *v1alpha1.WebexOrganization, given string) (ends time.Time, ok bool) {
	ends = endOf(given)
	return ends, !ends.IsZero() && hmac.Equal([]byte(given), []byte(ticket(key, organization, ends)))
}
