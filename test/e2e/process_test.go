package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is one run of the manager.
type process struct {
	t       *testing.T
	command *exec.Cmd
	log     *output
	metrics string // address
	probes  string // address
	done    chan struct{}
	err     error // of Wait, once done is closed
}

// output collects what a process writes, while it writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(line []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(line)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// startManager starts the manager and waits until it serves.
func (s *site) startManager(flags ...string) *process {
	s.t.Helper()
	p := s.launch(installed.operator, flags...)
	eventually(s.t, soon, func() error {
		select {
		case <-p.done:
			return fmt.Errorf("the manager has ended: %w\n%s", p.err, tail(p.log.String()))
		default:
		}
		_, err := get(s.t, "http://"+p.probes+"/readyz")
		return err
	})
	return p
}

// launch starts a manager with the rights of a kubeconfig.
func (s *site) launch(kubeconfig string, flags ...string) *process {
	s.t.Helper()
	p := &process{t: s.t, log: &output{}, metrics: freeAddress(s.t), probes: freeAddress(s.t), done: make(chan struct{})}
	args := append([]string{
		"--metrics-bind-address", p.metrics, "--health-probe-bind-address", p.probes, "--watch-namespaces", s.namespace,
		"--log-level", "debug", "--settle-window", "2s",
	}, flags...)
	p.command = exec.Command(installed.manager, args...) //nolint:gosec // the binary under test
	p.command.Env = append(slices.Concat(os.Environ(), s.environment), "KUBECONFIG="+kubeconfig)
	p.command.Stdout, p.command.Stderr = p.log, p.log
	if err := p.command.Start(); err != nil {
		s.t.Fatalf("start manager: %v", err)
	}
	go func() { p.err = p.command.Wait(); close(p.done) }()
	s.t.Cleanup(func() {
		p.kill()
		if s.t.Failed() {
			s.t.Logf("log of the manager (its end):\n%s", tail(p.log.String()))
		}
	})
	s.runs = append(s.runs, p)
	return p
}

// kill ends the process at once, as a node failure would.
func (p *process) kill() {
	p.t.Helper()
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("kill: %v", err)
	}
	<-p.done
}

// terminate asks the process to end and returns how it did.
func (p *process) terminate(limit time.Duration) error {
	p.t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.done:
		return p.err
	case <-time.After(limit):
		return fmt.Errorf("still running %s after SIGTERM", limit)
	}
}

func get(t *testing.T, url string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	status, body, err := answer(http.DefaultClient, request)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: %d", url, status)
	}
	return body, err
}

// answer is the status and the body of a request.
func answer(client *http.Client, request *http.Request) (int, string, error) {
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

// freeAddress is a loopback address that nobody listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // only the address was wanted
	return listener.Addr().String()
}

func tail(text string) string {
	const most = 6000
	return text[max(0, len(text)-most):]
}

func stringReader(text string) io.Reader {
	if text == "" {
		return nil
	}
	return strings.NewReader(text)
}
