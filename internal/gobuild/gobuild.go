// Package gobuild runs `go build` for the project's own tools and says how far it is: the first build on a machine
// takes minutes, and silence looks like a fault.
package gobuild

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Interval between two progress lines.
const Interval = 15 * time.Second

const interruptWait = 10 * time.Second

// Build is one run of `go build`, without cgo, outside of any workspace and without a version stamp: git refuses a
// checkout of another user, as in a container, and the build with it.
type Build struct {
	// Name of what is built, for progress lines and errors.
	Name string
	// Dir is where to run; it decides which module is meant.
	Dir string
	// Args after `go build -v -buildvcs=false`.
	Args []string
}

// Run builds. progress receives a line every Interval; a build that ends sooner says nothing. The end of ctx
// interrupts it. An error holds the last lines that the compiler wrote.
func (b Build) Run(ctx context.Context, progress func(string)) error {
	command := exec.CommandContext(ctx, "go", append([]string{"build", "-v", "-buildvcs=false"}, b.Args...)...)
	command.Dir = b.Dir
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = interruptWait
	written := &output{}
	command.Stderr = written
	began := time.Now()
	if err := command.Start(); err != nil {
		return fmt.Errorf("build %s: %w", b.Name, err)
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	tick := time.NewTicker(Interval)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("build %s: %w\n%s", b.Name, err, written.tail())
			}
			return nil
		case <-tick.C:
			progress(fmt.Sprintf("%s: %s, %s", b.Name, time.Since(began).Round(time.Second), written.state()))
		}
	}
}
