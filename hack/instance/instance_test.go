package instance

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestProcessIsFoundAgainAndStopped(t *testing.T) {
	t.Parallel()
	p := Process{name: "sleeper", dir: t.TempDir()}
	if p.Pid() != 0 {
		t.Error("a process that was never started runs")
	}
	program, err := filepath.EvalSymlinks("/bin/sleep")
	if err != nil {
		t.Skip("no sleep program:", err)
	}
	if err := p.start(true, nil, program, "60"); err != nil {
		t.Fatal(err)
	}
	found := Process{name: p.name, dir: p.dir}
	if err := found.await(t.Context(), 10*time.Second, func(context.Context) bool { return found.Pid() != 0 }); err != nil {
		t.Fatal(err)
	}
	if err := found.Stop(); err != nil {
		t.Fatal(err)
	}
	if p.Pid() != 0 {
		t.Error("it still runs")
	}
	if err := found.Stop(); err != nil {
		t.Errorf("stopping what does not run: %v", err)
	}
}

func TestPidOfAnotherProgramIsNotOurs(t *testing.T) {
	t.Parallel()
	p := Process{name: "other", dir: t.TempDir()}
	if err := os.WriteFile(p.pidFile(), []byte(strconv.Itoa(os.Getpid())+"\n/no/such/program\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if runs(os.Getpid(), "/no/such/program") {
		t.Skip("this system does not tell what program a pid is")
	}
	if p.Pid() != 0 {
		t.Error("a foreign process would be stopped")
	}
}

func TestAwaitEndsWithTheProcess(t *testing.T) {
	t.Parallel()
	p := Process{name: "gone", dir: t.TempDir()}
	if err := os.WriteFile(p.LogFile(), []byte("flag provided but not defined"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := p.await(t.Context(), time.Minute, func(context.Context) bool { return false })
	if err == nil || !strings.Contains(err.Error(), "not defined") {
		t.Errorf("error %v does not quote the log", err)
	}
}

func TestFreePortPrefersTheFreeOne(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", loopback(0))
	if err != nil {
		t.Fatal(err)
	}
	taken := listener.Addr().(*net.TCPAddr).Port
	if got, err := freePort(taken); err != nil || got == taken || got == 0 {
		t.Errorf("freePort(taken) = %d, %v", got, err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPortsSurviveARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := ReadPorts(dir)
	if err != nil || first != (Ports{Simulator: SamplePort}) {
		t.Errorf("without a file: %+v, %v", first, err)
	}
	want := Ports{Simulator: 1, Metrics: 2, Probes: 3}
	if err := want.Write(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadPorts(dir); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"get":            "get",
		"":               "''",
		"a b":            "'a b'",
		"it's":           `'it'\''s'`,
		"/x/kubeconfig":  "/x/kubeconfig",
		"jsonpath={.id}": "'jsonpath={.id}'",
	} {
		if got := Quote(text); got != want {
			t.Errorf("Quote(%q) = %s, want %s", text, got, want)
		}
	}
}
