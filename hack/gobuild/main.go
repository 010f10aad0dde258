// Command gobuild builds one program of this repository or of its tool modules and says how far it is:
//
//	go run ./hack/gobuild [-C DIR] -o FILE PACKAGE
//
// It needs nothing but the standard library itself, so that it starts at once on a machine with an empty build cache.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"wxcc.dev/operator/internal/gobuild"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir := flag.String("C", ".", "directory of the module to build in")
	output := flag.String("o", "", "file to write, relative to the working directory")
	flag.Parse()
	if flag.NArg() != 1 || *output == "" {
		return fmt.Errorf("usage: gobuild [-C DIR] -o FILE PACKAGE")
	}
	target, err := filepath.Abs(*output)
	if err != nil {
		return err
	}
	build := gobuild.Build{
		Name: filepath.Base(target),
		Dir:  *dir,
		Args: []string{"-trimpath", "-o", target, flag.Arg(0)},
	}
	return build.Run(ctx, func(line string) { fmt.Fprintln(os.Stderr, line) })
}
