// Command requirements writes the pages that say which test proves which line of the lists beside it: requirements.txt,
// what the operator is asked to do, and connection.txt and callcenter.txt, how the services behave.
// A test claims lines in its doc comment:
//
//	// Proves: S0.4, S3.12, PR7
//
// A test that may be skipped does not count: a skipped test proves nothing. That is read off the code, as a call of Skip in the
// test or in a function of its package that it calls, so that the pages are the same on every machine.
//
// It fails on an id that no list has and on a claim that stands anywhere but above a Test or Fuzz function.
// With -check it only verifies and prints how many lines are proven.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"wxcc.dev/operator/internal/checkout"
)

//go:embed requirements.txt
var requirements string

//go:embed connection.txt
var connection string

//go:embed callcenter.txt
var callCenter string

func main() {
	directory := flag.String("o", "docs", "directory to write to, relative to the working directory")
	check := flag.Bool("check", false, "verify and count only")
	flag.Parse()
	if err := run(*directory, *check); err != nil {
		fmt.Fprintln(os.Stderr, "requirements:", err)
		os.Exit(1)
	}
}

func run(directory string, check bool) error {
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	asked, err := parseList(requirements)
	if err != nil {
		return fmt.Errorf("requirements.txt: %w", err)
	}
	connecting, err := parseList(connection)
	if err != nil {
		return fmt.Errorf("connection.txt: %w", err)
	}
	centers, err := parseList(callCenter)
	if err != nil {
		return fmt.Errorf("callcenter.txt: %w", err)
	}
	all, err := join(asked, connecting, centers)
	if err != nil {
		return err
	}
	claims, err := findClaims(os.DirFS(root))
	if err != nil {
		return err
	}
	if err := all.attach(claims); err != nil {
		return err
	}
	for _, l := range []struct {
		name string
		*list
	}{{"requirements", asked}, {"rules of the connection", connecting}, {"rules of call centers", centers}} {
		proven, total := l.count()
		fmt.Printf("%s: %d / %d lines proven by a test\n", l.name, proven, total)
	}
	if check {
		return nil
	}
	return write(directory, pages(asked, connecting, centers))
}

func pages(asked, connecting, centers *list) []page {
	return []page{
		{"requirements.md", "Requirements", `What the operator is asked to do, and the tests that prove it. Each section
stands for one vendor document (the "seed"); where two disagree, the line says which reading was taken.`, asked.sections},
		{"requirements-webexorganization.md", "Requirements of WebexOrganization", `What is asked of the connection to a Webex
organization: the vendor's model (S1), and what follows from it and from the services' rules for Kubernetes.`,
			slices.Concat(asked.starting("S1:"), connecting.sections)},
		{"requirements-callcenter.md", "Requirements of CallCenter", `What is asked of BroadWorks call centers behind a gateway: the
vendor's document (S3), and the rules by which the gateway works.`, slices.Concat(asked.starting("S3:"), centers.sections)},
	}
}

func write(directory string, pages []page) error {
	for _, p := range pages {
		if err := os.WriteFile(filepath.Join(directory, p.file), []byte(p.markdown()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
