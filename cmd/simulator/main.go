// Command simulator is Webex Control Hub, its token server and a call-center gateway on one address, in memory.
// Without --state it holds a demonstration tenant.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"sigs.k8s.io/yaml"

	"wxcc.dev/operator/internal/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		stop()
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	listen, state, faults string
	options               simulator.Options
}

func parse(arguments []string) (settings, error) {
	var s settings
	o, cc := &s.options, &s.options.CallCenters
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8090", "address to listen on")
	flags.StringVar(&s.state, "state", "", "JSON or YAML `file` with the whole state, as GET /__sim/state gives it; default: the demonstration tenant")
	flags.StringVar(&s.faults, "faults", "", "YAML or JSON `file` with a list of fault rules")
	flags.IntVar(&o.RequestsPerMinute, "requests-per-minute", 0, "budget of one OAuth client; 0 = unlimited")
	flags.DurationVar(&o.RetryAfter, "retry-after", 0, "what a limited answer says; 0 = until the budget is back")
	flags.DurationVar(&o.Latency, "latency", 0, "delay of every answer")
	flags.StringVar(&o.RefreshMode, "refresh-mode", simulator.RefreshRenew, "renew, fixed, rotate or omit")
	flags.DurationVar(&o.RotateGrace, "rotate-grace", 0, "how long a rotated refresh token keeps working")
	flags.DurationVar(&o.AccessTokenTTL, "access-token-ttl", 0, "life of an access token; 0 = 14 days")
	flags.DurationVar(&o.RefreshTokenTTL, "refresh-token-ttl", 0, "life of a refresh token; 0 = 90 days")
	flags.StringVar(&o.TokenErrors, "token-errors", simulator.TokenErrorsOAuth, "body of refused token calls: oauth or webex")
	flags.BoolVar(&o.AutoConsent, "auto-consent", false, "answer the consent page with Allow")
	flags.IntVar(&o.MaxPageSize, "max-page-size", 0, "largest page of a list; 0 = 250")
	flags.IntVar(&o.MaxBulkItems, "max-bulk-items", 0, "most items of a bulk call; 0 = 5000")
	flags.BoolVar(&o.StrictVersion, "strict-version", false, "refuse a PUT with a stale version")
	flags.BoolVar(&cc.AutoGenerateID, "auto-generate-ids", false, "the gateway invents missing call-center ids")
	flags.StringVar(&cc.IDRule, "id-rule", "", "pattern of invented call-center ids")
	flags.BoolVar(&cc.UpdateIDOnPhoneChange, "update-id-on-phone-change", false, "a new phone number can rename a call center")
	flags.BoolVar(&cc.NumbersUseCLI, "numbers-use-cli", false, "the list shows numbers of the group's country in national form")
	flags.BoolVar(&cc.ActiveOnCreate, "active-on-create", false, "new call centers are active")
	flags.BoolVar(&cc.InternalRecordIDs, "internal-record-ids", false, "gateway answers carry _internal_record_id")
	if err := flags.Parse(arguments); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	modes := []string{simulator.RefreshRenew, simulator.RefreshFixed, simulator.RefreshRotate, simulator.RefreshOmit}
	if !slices.Contains(modes, o.RefreshMode) {
		return s, fmt.Errorf("--refresh-mode: one of %s is expected", strings.Join(modes, ", "))
	}
	errorShapes := []string{simulator.TokenErrorsOAuth, simulator.TokenErrorsWebex}
	if !slices.Contains(errorShapes, o.TokenErrors) {
		return s, fmt.Errorf("--token-errors: one of %s is expected", strings.Join(errorShapes, ", "))
	}
	return s, nil
}

// run serves until ctx ends, and says on out where.
func run(ctx context.Context, arguments []string, out io.Writer) error {
	s, err := parse(arguments)
	if err != nil {
		return err
	}
	sim := simulator.New(s.options)
	if err := fill(sim, s); err != nil {
		return err
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", s.listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if _, err := fmt.Fprintf(out, "listening on http://%s\n", listener.Addr()); err != nil {
		return errors.Join(fmt.Errorf("announce the address: %w", err), listener.Close())
	}
	return serve(ctx, listener, sim)
}

// fill loads the state and the faults.
func fill(sim *simulator.Simulator, s settings) error {
	state := simulator.DemoState()
	if s.state != "" {
		state = simulator.State{}
		if err := readFile(s.state, &state); err != nil {
			return err
		}
	}
	if err := sim.SetState(state); err != nil {
		return fmt.Errorf("state: %w", err)
	}
	if s.faults == "" {
		return nil
	}
	var rules []simulator.FaultRule
	if err := readFile(s.faults, &rules); err != nil {
		return err
	}
	return sim.SetFaults(rules...)
}

func readFile(name string, into any) error {
	content, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	strict := func(d *json.Decoder) *json.Decoder { d.DisallowUnknownFields(); return d }
	if err := yaml.Unmarshal(content, into, strict); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

const shutdownTime = 5 * time.Second

func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	// The signal has ended ctx; the requests in flight get their own time.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
