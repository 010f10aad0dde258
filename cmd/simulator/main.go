// Command simulator is Webex Control Hub, its token server and a call-center gateway on one address, in memory. Without
// --state and --org it holds a demonstration tenant. See docs/simulator.md.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
	"sigs.k8s.io/yaml"

	"wxcc.dev/operator/internal/simulator"
	"wxcc.dev/operator/internal/version"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		stop()
		os.Exit(1)
	}
}

// run serves until ctx ends, and says on out where.
func run(ctx context.Context, arguments []string, out io.Writer) error {
	s, err := parse(arguments, out)
	if err != nil {
		return err
	}
	if s.version {
		_, err := fmt.Fprintln(out, version.Of("simulator"))
		return err
	}
	sim := simulator.New(s.options)
	if err := fill(sim, s); err != nil {
		return err
	}
	debug.FreeOSMemory() // what loading a large state left behind
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
	state, err := initialState(s)
	if err != nil {
		return err
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

// initialState is the document and the organizations of the flags; with neither, the demonstration.
func initialState(s settings) (simulator.State, error) {
	if s.state == "" && len(s.organizations) == 0 {
		return simulator.DemoState(), nil
	}
	var state simulator.State
	if s.state != "" {
		if err := readFile(s.state, &state); err != nil {
			return state, err
		}
	}
	for _, id := range s.organizations {
		state.Organizations = append(state.Organizations, simulator.OrganizationState{OrganizationSeed: rehearsal(id)})
	}
	return state, nil
}

// rehearsal is a fresh organization with a client whose credentials --help tells.
func rehearsal(id string) simulator.OrganizationSeed {
	short, _, _ := strings.Cut(id, "-")
	return simulator.OrganizationSeed{
		ID: id, ClientID: "rehearsal-client", ClientSecret: "rehearsal-secret",
		RefreshToken: "rehearsal-refresh-" + short, AccessToken: "rehearsal-access-" + short,
	}
}

func readFile(name string, into any) error {
	content, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if err := decode(content, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// decode reads JSON, or YAML; JSON by itself takes a large document with far less memory.
func decode(content []byte, into any) error {
	strict := func(d *json.Decoder) *json.Decoder {
		d.DisallowUnknownFields()
		d.UseNumber() // a float64 would round the large numbers of flow documents
		return d
	}
	if first := bytes.TrimSpace(content); len(first) == 0 || first[0] != '{' && first[0] != '[' {
		return yaml.Unmarshal(content, into, strict)
	}
	decoder := strict(json.NewDecoder(bytes.NewReader(content)))
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
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
