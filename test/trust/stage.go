package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/checkout"
	"wxcc.dev/operator/internal/controlplane"
	"wxcc.dev/operator/internal/gobuild"
)

// operatorName is the namespace of the operator and the name of its service account; see config/rbac.
const operatorName = "wxcc-operator"

// stage is what all scenarios share: a cluster with the operator's CRDs and rights, and its binary.
type stage struct {
	root, dir string
	random    *rand.Rand
	plane     *controlplane.ControlPlane
	client    client.Client
	// admin and operator are kubeconfigs; operator is the service account's.
	admin, operator string
	manager         string
	managers        []*manager
	sites           int
}

func openStage(ctx context.Context, random *rand.Rand) (s *stage, err error) {
	ctrl.SetLogger(logr.Discard()) // what the managers log is in their own files
	s = &stage{random: random}
	if s.root, err = checkout.Root(); err != nil {
		return s, err
	}
	if s.dir, err = os.MkdirTemp("", "wxcc-trust-"); err != nil {
		return s, err
	}
	progress := func(line string) { say("%s", line) }
	if s.plane, err = controlplane.Start(ctx, controlplane.Options{Progress: progress}); err != nil {
		return s, err
	}
	s.admin, s.operator, s.manager = filepath.Join(s.dir, "admin"), filepath.Join(s.dir, "operator"), filepath.Join(s.dir, "manager")
	account, err := s.plane.AddServiceAccount(operatorName, operatorName)
	if err != nil {
		return s, err
	}
	if err := errors.Join(s.plane.Admin.WriteKubeconfig(s.admin), account.WriteKubeconfig(s.operator)); err != nil {
		return s, err
	}
	build := gobuild.Build{Name: "manager", Dir: s.root, Args: []string{"-o", s.manager, "."}}
	if err := build.Run(ctx, progress); err != nil {
		return s, err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(v1alpha1.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		return s, err
	}
	config := rest.CopyConfig(s.plane.Admin.Config)
	config.QPS = -1
	if s.client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return s, err
	}
	if err := s.kubectl(ctx, "create", "namespace", operatorName); err != nil {
		return s, err
	}
	return s, s.kubectl(ctx, "apply", "-k", filepath.Join(s.root, "config", "rbac"))
}

func (s *stage) close() error {
	errs := []error{s.endManagers()}
	if s.plane != nil {
		errs = append(errs, s.plane.Stop())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// endManagers kills what runs: every scenario starts its own.
func (s *stage) endManagers() error {
	var errs []error
	for _, m := range s.managers {
		errs = append(errs, m.kill())
	}
	s.managers = nil
	return errors.Join(errs...)
}

func (s *stage) kubectl(ctx context.Context, args ...string) error {
	command := exec.CommandContext(ctx, s.plane.Kubectl, append([]string{"--kubeconfig", s.admin}, args...)...) //nolint:gosec // our own kubectl
	output, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("kubectl %v: %w: %s", args, err, output)
	}
	return nil
}

// between is a random time.
func (s *stage) between(least, most time.Duration) time.Duration {
	return least + time.Duration(s.random.Int64N(int64(most-least)))
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, span time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(span):
		return nil
	}
}

const pollEvery = 100 * time.Millisecond

// within polls until check has nothing to complain about and returns its last complaint if that takes too long.
func within(ctx context.Context, limit time.Duration, check func(context.Context) []string) (complaints []string, took time.Duration, err error) {
	began := time.Now()
	err = wait.PollUntilContextTimeout(ctx, pollEvery, limit, true, func(ctx context.Context) (bool, error) {
		complaints = check(ctx)
		return len(complaints) == 0, nil
	})
	if ctx.Err() != nil {
		return complaints, time.Since(began), context.Cause(ctx)
	}
	if err != nil && !wait.Interrupted(err) {
		return complaints, time.Since(began), err
	}
	return complaints, time.Since(began), nil
}
