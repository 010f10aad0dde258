package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"wxcc.dev/operator/internal/simulator"
)

// settings are the flags.
type settings struct {
	version               bool
	listen, state, faults string
	organizations         []string
	options               simulator.Options
}

// group is a part of the help text with its flags.
type group struct {
	title string
	names []string
}

// section collects the flags of one group while they are defined.
type section struct {
	*pflag.FlagSet
	group
}

func (s *section) text(into *string, name, fallback, usage string) {
	s.StringVar(into, name, fallback, usage)
	s.names = append(s.names, name)
}

func (s *section) number(into *int, name, usage string) {
	s.IntVar(into, name, 0, usage)
	s.names = append(s.names, name)
}

func (s *section) flag(into *bool, name, usage string) {
	s.BoolVar(into, name, false, usage)
	s.names = append(s.names, name)
}

func parse(arguments []string, out io.Writer) (settings, error) {
	var s settings
	flags := pflag.NewFlagSet("simulator", pflag.ContinueOnError)
	flags.SetOutput(out)
	var groups []group
	for _, define := range []func(*settings, *pflag.FlagSet) group{
		contentFlags, serviceFlags, signInFlags, configurationFlags, unknownFlags, callCenterFlags,
	} {
		groups = append(groups, define(&s, flags))
	}
	flags.Usage = func() { printHelp(out, flags, groups) }
	if err := flags.Parse(arguments); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q; see --help", flags.Arg(0))
	}
	return s, errors.Join(refuseNegative(flags), s.check())
}

func contentFlags(s *settings, flags *pflag.FlagSet) group {
	in := &section{flags, group{title: "What it holds (default: a demonstration tenant)"}}
	in.text(&s.state, "state", "", "JSON or YAML `file` with the whole state, as GET /__sim/state gives it")
	flags.Func("org", "UUID of an `organization` to hold, as fresh as a new tenant; may be repeated, also beside --state", func(id string) error {
		id = strings.ToLower(id)
		if slices.Contains(s.organizations, id) {
			return fmt.Errorf("%q stands there twice", id)
		}
		s.organizations = append(s.organizations, id)
		return nil
	})
	in.names = append(in.names, "org")
	in.text(&s.faults, "faults", "", "YAML or JSON `file` with a list of fault rules")
	return in.group
}

func serviceFlags(s *settings, flags *pflag.FlagSet) group {
	in := &section{flags, group{title: "How it answers"}}
	in.text(&s.listen, "listen", "127.0.0.1:8090", "`address` to listen on; keep it on this machine")
	in.flag(&s.version, "version", "say which version this is, and end")
	flags.DurationVar(&s.options.Latency, "latency", 0, "delay of every answer")
	in.number(&s.options.RequestsPerMinute, "requests-per-minute", "budget of one OAuth client, as 300 on real tenants; 0 = unlimited")
	in.number(&s.options.TenantRequestsPerMinute, "tenant-requests-per-minute", "smaller budget of GET /organization/{orgid}; 0 = none")
	flags.DurationVar(&s.options.RetryAfter, "retry-after", 0, "what a limited answer says; 0 = until the budget is back")
	in.names = append(in.names, "latency", "retry-after")
	return in.group
}

func signInFlags(s *settings, flags *pflag.FlagSet) group {
	o := &s.options
	in := &section{flags, group{title: "Sign-in and tokens"}}
	in.text(&o.RefreshMode, "refresh-mode", simulator.RefreshRenew, "what a refresh does to the refresh token: renew, fixed, rotate or omit")
	flags.DurationVar(&o.RotateGrace, "rotate-grace", 0, "how long a rotated refresh token keeps working")
	flags.DurationVar(&o.AccessTokenTTL, "access-token-ttl", 0, "life of an access token; 0 = 14 days")
	flags.DurationVar(&o.RefreshTokenTTL, "refresh-token-ttl", 0, "life of a refresh token; 0 = 90 days")
	in.text(&o.TokenErrors, "token-errors", simulator.TokenErrorsOAuth, "body of refused token calls: oauth or webex")
	in.flag(&o.OmitScope, "omit-scope", "leave scope out of the token answers")
	in.flag(&o.AutoConsent, "auto-consent", "answer the consent page, and device codes, with Allow")
	flags.DurationVar(&o.DeviceCodeTTL, "device-code-ttl", 0, "life of a device code; 0 = 5 minutes")
	flags.DurationVar(&o.DeviceInterval, "device-interval", 0, "time between two polls of a device; 0 = 2 seconds")
	in.text(&o.DeviceErrors, "device-errors", simulator.DeviceErrorsStatus, "answers to a device that has to wait: status (428, 429) or oauth (400)")
	in.names = append(in.names, "rotate-grace", "access-token-ttl", "refresh-token-ttl", "device-code-ttl", "device-interval")
	return in.group
}

func configurationFlags(s *settings, flags *pflag.FlagSet) group {
	in := &section{flags, group{title: "Configuration API"}}
	in.number(&s.options.MaxPageSize, "max-page-size", "largest page of a list; 0 = 250")
	in.number(&s.options.MaxBulkItems, "max-bulk-items", "most items of a bulk call; 0 = 5000")
	in.flag(&s.options.StrictVersion, "strict-version", "refuse a PUT with a stale version")
	return in.group
}

func unknownFlags(s *settings, flags *pflag.FlagSet) group {
	u := &s.options.Unknowns
	in := &section{flags, group{title: "Rules of the configuration API that nobody has documented"}}
	in.text(&u.DefaultCodes, "default-codes", simulator.DefaultCodesMove, "what a second default code of a family does: move (the mark), refuse or free")
	in.flag(&u.CaseSensitiveNames, "case-sensitive-names", "two names may differ in case only")
	in.number(&u.BulkSuccessStatus, "bulk-success-status", "status of every item that succeeded; 0 = as for a single call")
	in.flag(&u.DeactivationBlocked, "deactivation-blocked", "an object that others refer to cannot be switched off")
	in.flag(&u.EmptyListHasPage, "empty-list-has-page", "totalPages of an empty list is 1")
	in.flag(&u.EntriesTouchParent, "entries-touch-parent", "writing an entry gives its address book or outdial ANI a new version")
	in.flag(&u.SortEverywhere, "sort-everywhere", "every list obeys sort")
	in.flag(&u.AcceptQueryDTO, "accept-query-dto", "take the payload from teamDTO and its like when there is no body")
	in.flag(&u.AllowVariableRename, "allow-variable-rename", "global variables can be renamed")
	in.flag(&u.RefuseFlowOnCreate, "refuse-flow-on-create", "an entry point cannot be created with a flow")
	in.number(&u.MaxReportableVariables, "max-reportable-variables", "most reportable global variables; 0 = no limit")
	in.number(&u.MaxObjects, "max-objects", "most objects of each kind in an organization; 0 = no limit")
	return in.group
}

func callCenterFlags(s *settings, flags *pflag.FlagSet) group {
	cc := &s.options.CallCenters
	in := &section{flags, group{title: "Call-center gateway"}}
	in.flag(&cc.AutoGenerateID, "auto-generate-ids", "invent missing call-center ids")
	in.text(&cc.IDRule, "id-rule", "", "`pattern` of invented call-center ids")
	in.flag(&cc.UpdateIDOnPhoneChange, "update-id-on-phone-change", "a new phone number can rename a call center")
	in.flag(&cc.NumbersUseCLI, "numbers-use-cli", "show numbers of the group's country in national form in lists")
	in.flag(&cc.ActiveOnCreate, "active-on-create", "new call centers are active")
	in.flag(&cc.InternalRecordIDs, "internal-record-ids", "answers carry _internal_record_id")
	return in.group
}

// check refuses words that are none of those that a flag knows.
func (s settings) check() error {
	for _, one := range []struct {
		name, given string
		known       []string
	}{
		{"refresh-mode", s.options.RefreshMode, []string{simulator.RefreshRenew, simulator.RefreshFixed, simulator.RefreshRotate, simulator.RefreshOmit}},
		{"token-errors", s.options.TokenErrors, []string{simulator.TokenErrorsOAuth, simulator.TokenErrorsWebex}},
		{"device-errors", s.options.DeviceErrors, []string{simulator.DeviceErrorsStatus, simulator.DeviceErrorsOAuth}},
		{"default-codes", s.options.Unknowns.DefaultCodes, []string{simulator.DefaultCodesFree, simulator.DefaultCodesRefuse, simulator.DefaultCodesMove}},
	} {
		if !slices.Contains(one.known, one.given) {
			return fmt.Errorf("--%s: one of %s is expected", one.name, strings.Join(one.known, ", "))
		}
	}
	if status := s.options.Unknowns.BulkSuccessStatus; status != 0 && (status < 200 || status > 299) {
		return errors.New("--bulk-success-status: a status from 200 to 299 is expected")
	}
	return nil
}

// refuseNegative is for flags that count or last: zero has its meaning, less has none.
func refuseNegative(flags *pflag.FlagSet) error {
	var problems []error
	flags.Visit(func(one *pflag.Flag) {
		if strings.HasPrefix(one.Value.String(), "-") && isAmount(one.Value) {
			problems = append(problems, fmt.Errorf("--%s: %s is negative", one.Name, one.Value))
		}
	})
	return errors.Join(problems...)
}

func isAmount(value pflag.Value) bool { return value.Type() == "int" || value.Type() == "duration" }

const helpText = `simulator answers as Webex Control Hub does, from memory: sign-in and tokens, the platform API, the contact-center
configuration API, and a call-center gateway. Rehearse a change with it, or test a client against it.

Usage:
  simulator [flags]

Examples:
  simulator                                                  a demonstration tenant on 127.0.0.1:8090
  simulator --org 5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10       a fresh tenant with the id of your organization
  simulator --state tenant.json --faults friday.yaml         what you saved, on a bad day

An organization of --org has the OAuth client rehearsal-client with the secret rehearsal-secret, and the tokens
rehearsal-refresh-<first part of its id> and rehearsal-access-<first part of its id>. The demonstration has
demo-client, demo-client-secret-canary, demo-refresh-token-canary and demo-access-token-canary.

Control, below /__sim/ of the same address and without sign-in:
  GET  stats, requests       what was asked, secrets masked
  POST reset[?state=1]       zero the counts; with state=1 begin again
  GET, PUT state             everything in one document
  GET, PUT faults, clock     misbehave; let time pass
  GET  devices, PUT devices/{code}                 who waits for a decision, and the decision
  any  objects/{org}/{entity}[/{id}]               change objects behind the clients' backs
  any  callcenters/{tenant}/{group}[/{id}]         likewise in the gateway
`

func printHelp(out io.Writer, flags *pflag.FlagSet, groups []group) {
	fmt.Fprint(out, helpText)
	for _, one := range groups {
		fmt.Fprintf(out, "\n%s:\n", one.title)
		for _, name := range one.names {
			described := flags.Lookup(name)
			argument, usage := pflag.UnquoteUsage(described)
			left := "--" + name
			if argument != "" {
				left += " " + argument
			}
			if value := described.DefValue; value != "" && value != "0" && value != "0s" && value != "false" {
				usage += " (default " + value + ")"
			}
			fmt.Fprintf(out, "  %-34s %s\n", left, usage)
		}
	}
}
