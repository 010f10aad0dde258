package simulator

import "time"

// Refresh modes of the token server (Options.RefreshMode). Which one the live service uses is not certain, so a client
// has to be right under all of them.
const (
	// RefreshRenew returns the same refresh token and restarts its lifetime. It is the default.
	RefreshRenew = "renew"
	// RefreshFixed returns the same refresh token with its shrinking rest of life: consent must be given again at its end.
	RefreshFixed = "fixed"
	// RefreshRotate returns a new refresh token; the old one stops working (see Options.RotateGrace).
	RefreshRotate = "rotate"
	// RefreshOmit returns no refresh token and no refresh expiry; the old one stays valid and keeps its end.
	RefreshOmit = "omit"
)

// Bodies of a refused token call (Options.TokenErrors).
const (
	// TokenErrorsOAuth is the form of RFC 6749: error and error_description. It is the default.
	TokenErrorsOAuth = "oauth"
	// TokenErrorsWebex is the form of every other webexapis.com route: message, errors, trackingId.
	TokenErrorsWebex = "webex"
)

// Answers to a poll for a device token that has to wait (Options.DeviceErrors).
const (
	// DeviceErrorsStatus answers 428 while nobody has decided and 429 with Retry-After when polled too fast.
	DeviceErrorsStatus = "status"
	// DeviceErrorsOAuth answers 400 with authorization_pending or slow_down, as RFC 8628 has it; an expired code is
	// expired_token instead of invalid_grant.
	DeviceErrorsOAuth = "oauth"
)

// Options configures a Simulator. The zero value gives the documented defaults.
type Options struct {
	// RequestsPerMinute is the budget of one OAuth client id over contact-center and platform routes, token calls
	// excepted. A request over it gets 429 with an empty body and a Retry-After in whole seconds. 0 means unlimited.
	RequestsPerMinute int
	// TenantRequestsPerMinute is the smaller budget that GET /organization/{orgid} has beside it on real tenants. 0 means
	// none.
	TenantRequestsPerMinute int
	// RetryAfter is what a limited answer says; rounded up to whole seconds. Default: the time until the
	// window frees, at least one second.
	RetryAfter time.Duration
	// MaxPageSize is what a larger pageSize is silently lowered to. Default 250.
	MaxPageSize int
	// DefaultPageSize applies when a list is asked for without pageSize. Default 100.
	DefaultPageSize int
	// MaxBulkItems is the largest number of items of one bulk call. Default 5000.
	MaxBulkItems int
	// Latency is added to every answer except those of the control routes.
	Latency time.Duration
	// RefreshMode is one of the Refresh constants. Default RefreshRenew; an unknown word counts as the default.
	RefreshMode string
	// RotateGrace is how long a rotated refresh token keeps working. Default 0: it stops at once.
	RotateGrace time.Duration
	// AccessTokenTTL is the life of an access token. Default 14 days.
	AccessTokenTTL time.Duration
	// RefreshTokenTTL is the life of a refresh token. Default 90 days.
	RefreshTokenTTL time.Duration
	// TokenErrors is one of the TokenErrors constants. Default TokenErrorsOAuth.
	TokenErrors string
	// OmitScope leaves scope out of the answers of the token server, as the live one may.
	OmitScope bool
	// AutoConsent makes the consent page answer at once with the redirect that Allow would give, and grants every device
	// code at once.
	AutoConsent bool
	// DeviceCodeTTL is the life of a device code. Default 5 minutes.
	DeviceCodeTTL time.Duration
	// DeviceInterval is the time that a device has to leave between two polls. Default 2 seconds; shown in whole seconds.
	DeviceInterval time.Duration
	// DeviceErrors is one of the DeviceErrors constants. Default DeviceErrorsStatus.
	DeviceErrors string
	// StrictVersion refuses a PUT whose version is not the stored one with 409. Default: the version is ignored.
	StrictVersion bool
	// Unknowns are the rules of the configuration API that nobody has seen documented.
	Unknowns Unknowns
	// CallCenters holds the settings of the call-center gateway.
	CallCenters CallCenterSettings
	// Now is the clock. Default time.Now. PUT /__sim/clock moves it further.
	Now func() time.Time
}

// CallCenterSettings are the settings that one gateway installation has for all its tenants.
type CallCenterSettings struct {
	// AutoGenerateID lets the gateway invent the service user id of a create that has none. Default false.
	AutoGenerateID bool
	// IDRule is the pattern of an invented id. Default {{group_id}}_cc{{RND_4}}@{{domain}}.
	IDRule string
	// UpdateIDOnPhoneChange renames a call center when its phone number changes and IDRule has a phone placeholder.
	UpdateIDOnPhoneChange bool
	// NumbersUseCLI shows the numbers of the list in national form where they have the country code of the group.
	// Default: E.164. The instance answer always has E.164.
	NumbersUseCLI bool
	// PasswordRules apply to groups that bring none of their own.
	PasswordRules PasswordRules
	// ActiveOnCreate is the active state of a new call center.
	ActiveOnCreate bool
	// CreateStatus is the status of a successful create: 201 (default) or 200.
	CreateStatus int
	// NotFoundAs400 answers an unknown call center with 400 instead of 404; the body names OCI error 4008 either way.
	NotFoundAs400 bool
	// InternalRecordIDs adds the audit key _internal_record_id to every answer object.
	InternalRecordIDs bool
	// SessionTTL is the life of a login session. Default one hour.
	SessionTTL time.Duration
}

const defaultIDRule = "{{group_id}}_cc{{RND_4}}@{{domain}}"

func (o Options) withDefaults() Options {
	o.MaxPageSize = orDefault(o.MaxPageSize, 250)
	o.DefaultPageSize = min(orDefault(o.DefaultPageSize, 100), o.MaxPageSize)
	o.MaxBulkItems = orDefault(o.MaxBulkItems, 5000)
	o.AccessTokenTTL = orDefault(o.AccessTokenTTL, 14*24*time.Hour)
	o.RefreshTokenTTL = orDefault(o.RefreshTokenTTL, 90*24*time.Hour)
	o.RefreshMode = orDefault(o.RefreshMode, RefreshRenew)
	o.TokenErrors = orDefault(o.TokenErrors, TokenErrorsOAuth)
	o.DeviceErrors = orDefault(o.DeviceErrors, DeviceErrorsStatus)
	o.DeviceCodeTTL = orDefault(o.DeviceCodeTTL, 5*time.Minute)
	o.DeviceInterval = orDefault(o.DeviceInterval, 2*time.Second)
	o.Unknowns.DefaultCodes = orDefault(o.Unknowns.DefaultCodes, DefaultCodesMove)
	o.CallCenters.IDRule = orDefault(o.CallCenters.IDRule, defaultIDRule)
	o.CallCenters.CreateStatus = orDefault(o.CallCenters.CreateStatus, 201)
	o.CallCenters.SessionTTL = orDefault(o.CallCenters.SessionTTL, time.Hour)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
