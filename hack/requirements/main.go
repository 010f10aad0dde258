// Command requirements writes docs/requirements.md: every line of requirements.txt with the tests that prove it.
// A test claims lines in its doc comment:
//
//	// Proves: S0.4, S3.12
//
// It fails on an id that the list does not have and on a claim that stands anywhere but above a Test or Fuzz function.
// With -check it only verifies and prints how many lines are proven.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"

	"wxcc.dev/operator/internal/checkout"
)

//go:embed requirements.txt
var source string

func main() {
	output := flag.String("o", "docs/requirements.md", "file to write, relative to the working directory")
	check := flag.Bool("check", false, "verify and count only")
	flag.Parse()
	if err := run(*output, *check); err != nil {
		fmt.Fprintln(os.Stderr, "requirements:", err)
		os.Exit(1)
	}
}

func run(output string, check bool) error {
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	list, err := parseList(source)
	if err != nil {
		return err
	}
	claims, err := findClaims(os.DirFS(root))
	if err != nil {
		return err
	}
	if err := list.attach(claims); err != nil {
		return err
	}
	proven, total := list.count()
	fmt.Printf("requirements: %d / %d lines proven by a test\n", proven, total)
	if check {
		return nil
	}
	return os.WriteFile(output, []byte(list.markdown()), 0o644)
}
