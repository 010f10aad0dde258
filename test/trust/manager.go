package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// manager is one run of the operator.
type manager struct {
	command *exec.Cmd
	metrics string
	probes  string
	logFile string
	done    chan struct{}
}

// startManager starts a manager; ready waits for it.
func (s *stage) startManager(flags ...string) (*manager, error) {
	metrics, err := freeAddress()
	if err != nil {
		return nil, err
	}
	probes, err := freeAddress()
	if err != nil {
		return nil, err
	}
	m := &manager{metrics: metrics, probes: probes, done: make(chan struct{}), logFile: filepath.Join(s.dir, fmt.Sprintf("manager-%d.log", time.Now().UnixNano()))}
	log, err := os.Create(m.logFile)
	if err != nil {
		return nil, err
	}
	args := append([]string{"--metrics-bind-address", metrics, "--health-probe-bind-address", probes, "--settle-window", "2s"}, flags...)
	m.command = exec.Command(s.manager, args...) //nolint:gosec,noctx // the binary under test; it is ended by signals
	m.command.Env = append(os.Environ(), "KUBECONFIG="+s.operator)
	m.command.Stdout, m.command.Stderr = log, log
	// It ends with this process, however that ends.
	m.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := m.command.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	go func() {
		_ = m.command.Wait() // how it ended is in its log
		_ = log.Close()
		close(m.done)
	}()
	s.managers = append(s.managers, m)
	return m, nil
}

// ready waits until the manager serves.
func (m *manager) ready(ctx context.Context) error {
	complaints, _, err := within(ctx, time.Minute, func(ctx context.Context) []string {
		if _, err := get(ctx, "http://"+m.probes+"/readyz"); err != nil {
			return []string{err.Error()}
		}
		return nil
	})
	if err == nil && len(complaints) > 0 {
		err = fmt.Errorf("the manager does not become ready: %s\n%s", complaints[0], m.tail())
	}
	return err
}

// leads tells whether the manager holds the lease.
func (m *manager) leads(ctx context.Context) bool {
	text, err := get(ctx, "http://"+m.metrics+"/metrics")
	return err == nil && strings.Contains(text, "leader_election_master_status{name=\"wxcc-operator.wxcc.dev\"} 1")
}

func (m *manager) runs() bool {
	select {
	case <-m.done:
		return false
	default:
		return true
	}
}

func (m *manager) signal(signal syscall.Signal) error {
	if err := m.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal manager: %w", err)
	}
	return nil
}

// kill ends the process at once, as a node failure would.
func (m *manager) kill() error {
	err := m.signal(syscall.SIGKILL)
	if err == nil {
		<-m.done
	}
	return err
}

func (m *manager) tail() string {
	text, err := os.ReadFile(m.logFile)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-3000):])
}

func get(ctx context.Context, url string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, response.Status)
	}
	return string(body), err
}

// freeAddress is a loopback address that nobody listens on now.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		return "", err
	}
	defer listener.Close() //nolint:errcheck // only the address was wanted
	return listener.Addr().String(), nil
}
