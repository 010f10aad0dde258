// Command manager is the wxcc-operator: it keeps contact-center configuration equal to custom resources.
package main

import (
	"fmt"
	"os"

	ctrl "sigs.k8s.io/controller-runtime"

	"wxcc.dev/operator/controllers"
	"wxcc.dev/operator/internal/manager"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "wxcc-operator:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	options, err := manager.Parse(args, os.Stdout)
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	if options == nil {
		return nil // --help and --version are answered
	}
	mgr, err := manager.New(options)
	if err != nil {
		return err
	}
	ctx := ctrl.SetupSignalHandler()
	if err := controllers.Setup(ctx, mgr, options.Controllers()); err != nil {
		return fmt.Errorf("set up controllers: %w", err)
	}
	if err := options.Serve(ctx, mgr); err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	return nil
}
