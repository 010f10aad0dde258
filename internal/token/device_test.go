package token

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/simulator"
)

var deviceScopes = []string{"cjp:config_read", "cjp:config_write"}

func (f *consentFixture) startDevice() *Device {
	f.t.Helper()
	device, err := f.oauth().StartDevice(f.t.Context(), deviceScopes, f.clock.Now())
	if err != nil {
		f.t.Fatal(err)
	}
	return device
}

// poll moves the clock to the next poll and makes it.
func (f *consentFixture) poll(device *Device) (*Grant, error) {
	f.t.Helper()
	f.clock.SetTime(device.Next)
	return device.Poll(f.t.Context(), f.clock.Now())
}

func (f *consentFixture) wantPending(device *Device) {
	f.t.Helper()
	if grant, err := f.poll(device); grant != nil || err != nil {
		f.t.Fatalf("Poll = %v, %v, want neither", grant, err)
	}
}

// shapes are the ways in which the token server may word the same answers.
var shapes = map[string]simulator.Options{
	"Webex":             {DeviceErrors: simulator.DeviceErrorsStatus},
	"RFC 8628":          {DeviceErrors: simulator.DeviceErrorsOAuth},
	"RFC 8628 by Webex": {DeviceErrors: simulator.DeviceErrorsOAuth, TokenErrors: simulator.TokenErrorsWebex},
}

// Proves: PR21
func TestDeviceGrant(t *testing.T) {
	t.Parallel()
	for name, options := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newConsentFixture(t, options)
			device := f.startDevice()
			if len(device.UserCode) != 6 || !strings.HasPrefix(device.VerificationURI, "http://127.0.0.1") {
				t.Errorf("code %q at %q", device.UserCode, device.VerificationURI)
			}
			if !device.Expires.Equal(start.Add(5*time.Minute)) || !device.Next.Equal(start.Add(2*time.Second)) {
				t.Errorf("expires %s, next %s", device.Expires, device.Next)
			}
			f.wantPending(device)
			f.wantPending(device)
			if wait := device.Next.Sub(f.clock.Now()); wait != 2*time.Second {
				t.Errorf("next poll in %s, want the interval", wait)
			}
			if err := f.simulator.DecideDevice(device.UserCode, true, nordlysID); err != nil {
				t.Fatal(err)
			}
			grant, err := f.poll(device)
			if err != nil || grant == nil {
				t.Fatalf("Poll = %v, %v", grant, err)
			}
			if err := f.store(grant, start); err != nil {
				t.Fatal(err)
			}
			f.wantToken(grant.accessToken)
		})
	}
}

func TestDevicePollsObeyTheServer(t *testing.T) {
	t.Parallel()
	for name, options := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options.DeviceInterval = 5 * time.Second
			f := newConsentFixture(t, options)
			device := f.startDevice()
			f.wantPending(device)
			if _, err := device.Poll(t.Context(), f.clock.Now()); err != nil {
				t.Fatalf("a poll that came too soon: %v", err)
			}
			want := 5 * time.Second // Retry-After
			if options.DeviceErrors == simulator.DeviceErrorsOAuth {
				want = 10 * time.Second // the interval and what slow_down adds
			}
			if wait := device.Next.Sub(f.clock.Now()); wait != want {
				t.Errorf("next poll in %s, want %s", wait, want)
			}
			f.wantPending(device)
		})
	}
}

// Proves: PR23
func TestDeviceEnds(t *testing.T) {
	t.Parallel()
	for name, options := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newConsentFixture(t, options)
			denied, expired := f.startDevice(), f.startDevice()
			if err := f.simulator.DecideDevice(denied.UserCode, false, ""); err != nil {
				t.Fatal(err)
			}
			_, err := f.poll(denied)
			wantReason(t, err, v1alpha1.ReasonForbidden)
			if problem, _ := errors.AsType[*Error](err); !problem.Permanent || !strings.Contains(err.Error(), "refused the consent") {
				t.Errorf("error = %v", err)
			}
			f.clock.SetTime(expired.Expires)
			_, err = expired.Poll(t.Context(), f.clock.Now())
			wantReason(t, err, v1alpha1.ReasonReconnectRequired)
			f.edit(func(data map[string][]byte) { data[KeyClientSecret] = []byte("wrong") })
			wrong := f.startDevice()
			_, err = f.poll(wrong)
			wantReason(t, err, v1alpha1.ReasonInvalidClient)
		})
	}
}

// Polls that get no answer become rarer, and do not end the code.
func TestDeviceOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	f := newConsentFixture(t, simulator.Options{})
	device := f.startDevice()
	transport := device.client.transport
	for _, answer := range []http.RoundTripper{roundTrip(0), roundTrip(http.StatusBadGateway)} {
		device.client.transport = httpcall.Guard(answer, nil)
		before := device.interval
		_, err := f.poll(device)
		wantReason(t, err, v1alpha1.ReasonUnavailable)
		if wait := device.Next.Sub(f.clock.Now()); wait != 2*before {
			t.Errorf("next poll in %s, want twice %s", wait, before)
		}
	}
	device.client.transport = transport
	f.wantPending(device)
	device.client.transport = httpcall.Guard(roundTrip(http.StatusTooManyRequests), nil)
	f.wantPending(device)
	if wait := device.Next.Sub(f.clock.Now()); wait != 90*time.Second {
		t.Errorf("next poll in %s, want what Retry-After says", wait)
	}
}

// roundTrip answers everything with a status, or not at all with 0.
type roundTrip int

func (status roundTrip) RoundTrip(request *http.Request) (*http.Response, error) {
	if status == 0 {
		return nil, errors.New("nobody there")
	}
	response := &http.Response{StatusCode: int(status), Request: request, Body: http.NoBody, Header: http.Header{}}
	if status == http.StatusTooManyRequests {
		response.Header.Set("Retry-After", "90")
	}
	return response, nil
}

func TestDeviceStartFails(t *testing.T) {
	t.Parallel()
	f := newConsentFixture(t, simulator.Options{})
	_, err := f.oauth().StartDevice(t.Context(), []string{"cjp:nonsense"}, f.clock.Now())
	wantReason(t, err, v1alpha1.ReasonForbidden)
	oauth := f.oauth()
	oauth.transport = httpcall.Guard(roundTrip(http.StatusServiceUnavailable), nil)
	_, err = oauth.StartDevice(t.Context(), deviceScopes, f.clock.Now())
	wantReason(t, err, v1alpha1.ReasonUnavailable)
}
