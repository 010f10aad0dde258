package instance

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	poll      = 100 * time.Millisecond
	stopLimit = 60 * time.Second
	killLimit = 10 * time.Second
	tailBytes = 4000
)

// Process is a program that runs beside this one. Its pid file (pid and program) and its log are in dir, so that another
// run finds it again.
type Process struct {
	name, dir string
}

func (p Process) pidFile() string { return filepath.Join(p.dir, p.name+".pid") }

// LogFile takes both outputs of the program.
func (p Process) LogFile() string { return filepath.Join(p.dir, p.name+".log") }

// start runs the program. A detached one outlives its parent; another one ends with it, however it ends.
func (p Process) start(detached bool, environment []string, program string, args ...string) (err error) {
	// The system names a process by its real path, and Pid compares with that.
	if program, err = filepath.EvalSymlinks(program); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	log, err := os.OpenFile(p.LogFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	command := exec.Command(program, args...)
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = attributes(detached)
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	// Only the end matters here: a child that nobody waits for stays in the process table.
	go func() { _ = command.Wait() }()
	return os.WriteFile(p.pidFile(), fmt.Appendf(nil, "%d\n%s\n", command.Process.Pid, program), 0o600)
}

// Pid is the process id, 0 when the process does not run.
func (p Process) Pid() int {
	text, err := os.ReadFile(p.pidFile())
	if err != nil {
		return 0
	}
	first, program, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil || pid <= 1 || !runs(pid, program) {
		return 0
	}
	return pid
}

// Stop ends the process, first politely, and waits for its end. Nothing running is no error.
func (p Process) Stop() error {
	if pid := p.Pid(); pid != 0 {
		for _, try := range []struct {
			signal syscall.Signal
			limit  time.Duration
		}{{syscall.SIGTERM, stopLimit}, {syscall.SIGKILL, killLimit}} {
			if err := syscall.Kill(pid, try.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("stop %s (pid %d): %w", p.name, pid, err)
			}
			if p.ended(try.limit) {
				break
			}
		}
		if p.Pid() != 0 {
			return fmt.Errorf("stop %s: pid %d does not end", p.name, pid)
		}
	}
	if err := os.Remove(p.pidFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (p Process) ended(limit time.Duration) bool {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); <-tick.C {
		if p.Pid() == 0 {
			return true
		}
	}
	return false
}

// await polls until ready says yes. It fails when the process ends, when limit has passed and when ctx ends.
func (p Process) await(ctx context.Context, limit time.Duration, ready func(context.Context) bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for !ready(ctx) {
		if p.Pid() == 0 {
			return fmt.Errorf("%s ended:\n%s", p.name, p.Tail())
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready (%w):\n%s", p.name, ctx.Err(), p.Tail())
		case <-tick.C:
		}
	}
	return nil
}

// Tail is the end of the log.
func (p Process) Tail() string {
	text, err := os.ReadFile(p.LogFile())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-tailBytes):])
}
