// Package e2e_test runs the manager as a real process, with the rights of its ServiceAccount only, against a real API
// server and the simulated services: what happens when it is killed, stopped and started again, and what it lets out.
package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"wxcc.dev/operator/internal/checkout"
	"wxcc.dev/operator/internal/controlplane"
	"wxcc.dev/operator/internal/gobuild"
)

// installed is what all tests of the package share: a cluster with the operator's CRDs and RBAC, and its binary.
var installed struct {
	plane *controlplane.ControlPlane
	// admin and operator are kubeconfigs; operator is the ServiceAccount's.
	admin, operator string
	manager         string
}

// The ServiceAccount of config/rbac.
const (
	operatorNamespace = "wxcc-operator"
	serviceAccount    = "wxcc-operator"
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx := context.Background()
	progress := func(line string) { fmt.Fprintln(os.Stderr, line) }
	dir, err := os.MkdirTemp("", "wxcc-e2e-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	plane, err := controlplane.Start(ctx, controlplane.Options{Progress: progress})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()
	if err := install(ctx, plane, dir, progress); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// install builds the manager and gives its ServiceAccount the rights of config/rbac.
func install(ctx context.Context, plane *controlplane.ControlPlane, dir string, progress func(string)) error {
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	installed.plane = plane
	installed.admin, installed.operator = filepath.Join(dir, "admin"), filepath.Join(dir, "operator")
	installed.manager = filepath.Join(dir, "manager")
	account, err := plane.AddServiceAccount(operatorNamespace, serviceAccount)
	if err != nil {
		return err
	}
	if err := errors.Join(plane.Admin.WriteKubeconfig(installed.admin), account.WriteKubeconfig(installed.operator)); err != nil {
		return err
	}
	build := gobuild.Build{Name: "manager", Dir: root, Args: []string{"-o", installed.manager, "."}}
	if err := build.Run(ctx, progress); err != nil {
		return err
	}
	if _, err := kubectl(ctx, "", "create", "namespace", operatorNamespace); err != nil {
		return err
	}
	_, err = kubectl(ctx, "", "apply", "-k", filepath.Join(root, "config", "rbac"))
	return err
}

// kubectl runs as an administrator, with input where there is some.
func kubectl(ctx context.Context, input string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, installed.plane.Kubectl, append([]string{"--kubeconfig", installed.admin}, args...)...) //nolint:gosec // our own kubectl
	command.Stdin = stringReader(input)
	output, err := command.CombinedOutput()
	if err != nil {
		return string(output), fmt.Errorf("kubectl %v: %w: %s", args, err, output)
	}
	return string(output), nil
}

const (
	soon      = 30 * time.Second
	later     = 90 * time.Second
	pollEvery = 50 * time.Millisecond
)

// eventually waits until check has nothing to complain about.
func eventually(t *testing.T, limit time.Duration, check func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %v", limit, err)
		case <-ticker.C:
		}
	}
}
