package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/remote"
)

// The device grant of RFC 8628, as Webex serves it.
const (
	deviceGrantType = "urn:ietf:params:oauth:grant-type:device_code"
	// slowDown is what RFC 8628 adds to the interval when the server asks for it.
	slowDown = 5 * time.Second
	// deviceLife and deviceInterval are what Webex documents, for an answer that does not say.
	deviceLife     = 5 * time.Minute
	deviceInterval = 2 * time.Second
)

// Device is a device grant under way: an administrator types UserCode in at VerificationURI and decides there, while
// Poll asks for the outcome. It is for one goroutine at a time.
type Device struct {
	UserCode        string
	VerificationURI string
	// Expires is when the code stops working.
	Expires time.Time
	// Next is the earliest time of the next Poll.
	Next time.Time

	client   *Client
	code     string
	interval time.Duration
}

// Format prints no secret under any verb.
func (d *Device) Format(state fmt.State, _ rune) { hidden(state, "device grant [hidden]") }

// What a status holds of a code and of the page to type it in.
const (
	maxUserCode        = 64
	maxVerificationURI = 1024
)

// StartDevice asks for a code. Its error is an *Error.
func (c *Client) StartDevice(ctx context.Context, scopes []string, now time.Time) (*Device, error) {
	config := c.config("", scopes)
	config.Endpoint.DeviceAuthURL = c.platform + "/device/authorize"
	answer, err := config.DeviceAuth(withTransport(ctx, c.transport))
	if err != nil {
		return nil, pairing.explain(err, c.transport)
	}
	if answer.DeviceCode == "" || answer.UserCode == "" || answer.VerificationURI == "" {
		return nil, passing(v1alpha1.ReasonInvalidResponse, remote.InvalidResponse, opDevice, pairing.failed+": the answer lacks the code or where to type it in")
	}
	if len(answer.UserCode) > maxUserCode || len(answer.VerificationURI) > maxVerificationURI {
		return nil, passing(v1alpha1.ReasonInvalidResponse, remote.InvalidResponse, opDevice, pairing.failed+": the code or where to type it in is too long to be one")
	}
	device := &Device{
		UserCode: c.transport.Show(answer.UserCode, maxUserCode), VerificationURI: c.transport.Show(answer.VerificationURI, maxVerificationURI),
		Expires: now.Add(deviceLife),
		client:  c, code: answer.DeviceCode, interval: deviceInterval,
	}
	if !answer.Expiry.IsZero() {
		device.Expires = now.Add(time.Until(answer.Expiry).Round(time.Second))
	}
	if answer.Interval > 0 {
		device.interval = time.Duration(answer.Interval) * time.Second
	}
	device.Next = now.Add(device.interval)
	return device, nil
}

// Poll asks once whether the administrator has decided, and says in Next when to ask again. The grant is nil without an
// error while nobody has. A permanent *Error ends the code; any other is worth another Poll.
func (d *Device) Poll(ctx context.Context, now time.Time) (*Grant, error) {
	config := d.client.config("", nil)
	config.Endpoint.TokenURL, config.Endpoint.AuthStyle = d.client.platform+"/device/token", oauth2.AuthStyleInHeader
	// Exchange would name another grant type, and a code, which counts as left out when it is empty (RFC 6749, 3.2).
	answer, err := config.Exchange(withTransport(ctx, d.client.transport), "",
		oauth2.SetAuthURLParam("grant_type", deviceGrantType), oauth2.SetAuthURLParam("device_code", d.code),
		oauth2.SetAuthURLParam("client_id", d.client.credentials.clientID))
	d.Next = now.Add(d.interval)
	if err == nil {
		return d.client.granted(answer, now), nil
	}
	return nil, d.explain(err, now)
}

// explain maps what is no grant; nil means that nobody has decided yet.
func (d *Device) explain(err error, now time.Time) error {
	failed := pairing.explain(err, d.client.transport)
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		d.rest(now, d.interval, 0) // RFC 8628, 3.5: polls that get no answer become rarer
		return failed
	}
	said, status := verdict(refused), refused.Response.StatusCode
	asked := httpcall.RetryAfter(refused.Response.Header)
	switch {
	case status == http.StatusTooManyRequests && asked > 0:
		d.rest(now, 0, asked)
		return nil
	case status == http.StatusTooManyRequests, said.says("slow_down"):
		d.rest(now, slowDown, asked)
		return nil
	case status == http.StatusPreconditionRequired, said.says("authorization_pending"):
		return nil
	case said.says("access_denied"):
		denied := permanent(v1alpha1.ReasonForbidden, opDevice, "the administrator refused the consent")
		return denied.tracked(status, remote.TrackingID(failed))
	}
	if !failed.Permanent {
		d.rest(now, d.interval, asked)
	}
	return failed
}

// rest makes the interval longer, up to a minute, and waits at least as long as asked before the next poll.
func (d *Device) rest(now time.Time, more, asked time.Duration) {
	d.interval = min(d.interval+more, max(d.interval, time.Minute))
	d.Next = now.Add(max(d.interval, asked))
}
