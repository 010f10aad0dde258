// Command test runs `go test -json` on the packages named, prints one line per package as it ends and the output of
// failing tests, and closes with a summary that also lists skipped tests. It exits 1 when anything failed.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

const (
	limit   = "30m" // of one package; the local control plane starts many times on a small machine
	maxLine = 1 << 20
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	began := time.Now()
	result := newResult(os.Stdout)
	err := run(ctx, os.Args[1:], result)
	result.summary(time.Since(began))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || result.failed() {
		os.Exit(1)
	}
}

func run(ctx context.Context, packages []string, result *result) error {
	command := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-timeout", limit}, packages...)...)
	command.Stderr = os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = time.Minute
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	readErr := read(output, result)
	err = command.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); exited && result.failed() {
		err = nil // the result has the failures already
	}
	return errors.Join(readErr, err)
}

func read(output io.Reader, result *result) error {
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("go test -json: %w: %s", err, lines.Text())
		}
		result.add(e)
	}
	return lines.Err()
}
