// Command demo runs the operator beside a local control plane and a simulated Webex, as three processes:
//
//	demo demo   starts them, shows the main job step by step, checks every step, and stops them again
//	demo up     starts them and leaves them running; what runs already stays
//	demo down   stops what up started
//
// The Makefile targets of these names call it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"wxcc.dev/operator/hack/instance"
	"wxcc.dev/operator/internal/checkout"
)

// The kernel ends the demo's children with the thread that started them: that must be one that lives to the end.
func init() {
	runtime.LockOSThread()
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "\nFAILED:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: demo demo|up|down [flags]")
	}
	flags := flag.NewFlagSet("demo "+args[0], flag.ContinueOnError)
	samples := flags.Bool("samples", true, "apply config/samples (up)")
	managerFlags := flags.String("manager-flags", os.Getenv("UP_FLAGS"), "more flags for the manager; default is what UP_FLAGS in the environment says")
	simulatorFlags := flags.String("simulator-flags", os.Getenv("SIM_FLAGS"), "more flags for the simulator; default is what SIM_FLAGS in the environment says")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	i := &instance.Instance{
		Root:           root,
		Dir:            filepath.Join(root, "bin", args[0]),
		ManagerFlags:   strings.Fields(*managerFlags),
		SimulatorFlags: strings.Fields(*simulatorFlags),
	}
	switch args[0] {
	case "demo":
		return demo(ctx, i)
	case "up":
		i.Detached = true
		return up(ctx, i, *samples)
	case "down":
		i.Dir = filepath.Join(root, "bin", "up")
		return i.Stop()
	default:
		return fmt.Errorf("unknown command %q: demo, up or down", args[0])
	}
}
