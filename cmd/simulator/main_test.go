package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// begin runs the program and returns its address; the test fails unless it ends in order.
func begin(t *testing.T, arguments ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"--listen", "127.0.0.1:0"}, arguments...), writer)
		_ = writer.CloseWithError(err)
		ended <- err
	}()
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("end: %v", err)
		}
	})
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !found {
		t.Fatalf("first line %q", line)
	}
	return address
}

func get(t *testing.T, address, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

func TestDemonstrationTenant(t *testing.T) {
	t.Parallel()
	address := begin(t)
	path := address + "/organization/5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10/v2/auxiliary-code?filter=name==%22Coffee%20Break%22"
	status, body := get(t, path, "demo-access-token-canary")
	for _, text := range []string{`"description":"Short pause"`, `"burnoutInclusion":"INCLUDED"`, `"defaultCode":false`, `"active":true`} {
		if status != http.StatusOK || !strings.Contains(body, text) {
			t.Errorf("%d, %s is missing in %s", status, text, body)
		}
	}
}

func TestStateAndFaultFiles(t *testing.T) {
	t.Parallel()
	state, faults := filepath.Join(t.TempDir(), "state.json"), filepath.Join(t.TempDir(), "faults.yaml")
	write(t, state, `{"organizations":[{"id":"9f2d7c1e-1111-4222-8333-444455556666","name":"Mine","accessToken":"mine"}]}`)
	write(t, faults, "- route: /v1/roles\n  status: 503\n")
	address := begin(t, "--state", state, "--faults", faults, "--requests-per-minute", "2")
	if status, body := get(t, address+"/v1/organizations", "mine"); status != http.StatusOK || !strings.Contains(body, "Mine") {
		t.Errorf("organizations: %d %s", status, body)
	}
	if status, _ := get(t, address+"/v1/roles", "mine"); status != http.StatusServiceUnavailable {
		t.Errorf("roles: %d", status)
	}
	if status, _ := get(t, address+"/v1/organizations", "mine"); status != http.StatusTooManyRequests {
		t.Errorf("over the budget: %d", status)
	}
}

func TestOrganizationsOfTheCommandLine(t *testing.T) {
	t.Parallel()
	const first, second = "9f2d7c1e-1111-4222-8333-444455556666", "8e1c6b0d-1111-4222-8333-444455556666"
	address := begin(t, "--org", first, "--org", strings.ToUpper(second), "--default-codes", "free")
	for _, id := range []string{first, second} {
		status, body := get(t, address+"/organization/"+id+"/v2/work-type", "rehearsal-access-"+id[:8])
		if status != http.StatusOK || !strings.Contains(body, "Default Idle Work Type") {
			t.Errorf("%s: %d %s", id, status, body)
		}
	}
}

func TestSavedStateIsLoadedAgain(t *testing.T) {
	t.Parallel()
	_, saved := get(t, begin(t)+"/__sim/state", "")
	file := filepath.Join(t.TempDir(), "tenant.json")
	write(t, file, saved)
	_, again := get(t, begin(t, "--state", file)+"/__sim/state", "")
	if saved != again {
		t.Errorf("saved %d bytes, got %d other ones", len(saved), len(again))
	}
}

// A document may hold numbers that a float64 would round, such as those of a flow.
func TestStateFilesKeepLargeNumbers(t *testing.T) {
	t.Parallel()
	const id, number = "9f2d7c1e-1111-4222-8333-444455556666", "9007199254740993"
	document := `{"organizations":[{"id":"` + id + `","objects":{"flow":[{"id":"65f0a3c2d917b84e5c206af1","name":"Main","document":{"n":` + number + `}}]}}]}`
	for _, content := range []string{document, "# YAML\n" + document} {
		file := filepath.Join(t.TempDir(), "state")
		write(t, file, content)
		if _, got := get(t, begin(t, "--state", file)+"/__sim/state", ""); !strings.Contains(got, `"n":`+number) {
			t.Errorf("%s is not in %s", number, got)
		}
	}
}

func TestHelpNamesEveryFlagOnce(t *testing.T) {
	t.Parallel()
	var help strings.Builder
	if err := run(t.Context(), []string{"--help"}, &help); !errors.Is(err, pflag.ErrHelp) {
		t.Fatalf("%v", err)
	}
	flags := pflag.NewFlagSet("simulator", pflag.ContinueOnError)
	for _, define := range []func(*settings, *pflag.FlagSet) group{
		contentFlags, serviceFlags, signInFlags, configurationFlags, unknownFlags, callCenterFlags,
	} {
		define(&settings{}, flags)
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if n := strings.Count(help.String(), "\n  --"+f.Name+" "); n != 1 {
			t.Errorf("--%s is there %d times", f.Name, n)
		}
	})
}

func TestVersion(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), []string{"--version"}, &out); err != nil || !strings.HasPrefix(out.String(), "simulator ") {
		t.Errorf("%v, %q", err, out.String())
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWrongArguments(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	write(t, bad, "- rout: /v1/roles\n")
	trailing := filepath.Join(t.TempDir(), "trailing.json")
	write(t, trailing, `{"organizations":[]}{"organizations":[]}`)
	for _, arguments := range [][]string{
		{"--max-page-size", "-1"}, {"--latency", "-1s"}, {"--requests-per-minute", "-5"}, {"--max-bulk-items=-1"}, {"--bulk-success-status", "7"}, {"--state", trailing},
		{"--refresh-mode", "never"}, {"--token-errors", "none"}, {"--device-errors", "none"}, {"--default-codes", "none"}, {"--org", "no-uuid"}, {"--org", ""}, {"--org=8e1c6b0d-1111-4222-8333-444455556666", "--org=8E1C6B0D-1111-4222-8333-444455556666"}, {"extra"}, {"--state", "missing.json"}, {"--faults", bad}, {"--listen", "nowhere:x"},
	} {
		if err := run(t.Context(), arguments, io.Discard); err == nil {
			t.Errorf("%v is accepted", arguments)
		}
	}
}
