package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wxcc.dev/operator/hack/instance"
)

// up starts what does not run. Samples are applied to a fresh control plane only: on one that was there already they
// could undo what somebody is trying out.
func up(ctx context.Context, i *instance.Instance, samples bool) (err error) {
	if err := i.Build(ctx); err != nil {
		return err
	}
	if i.Ports, err = instance.ReadPorts(i.Dir); err != nil {
		return err
	}
	fresh, err := i.StartPlane(ctx)
	if err != nil {
		return err
	}
	if fresh {
		// A manager that outlived its control plane talks to nobody.
		if err := i.Manager().Stop(); err != nil {
			return err
		}
	}
	if err := i.Install(ctx); err != nil {
		return err
	}
	for _, start := range []func(context.Context) error{i.StartSimulator, i.StartManager} {
		// What runs must be found by the next call even if what comes after it does not start.
		if err := errors.Join(start(ctx), i.Ports.Write(i.Dir)); err != nil {
			return err
		}
	}
	if samples && fresh {
		if err := applySamples(ctx, i); err != nil {
			return err
		}
	}
	return writeEnvironment(i)
}

// writeEnvironment writes the file that a shell sources to work with the instance.
func writeEnvironment(i *instance.Instance) error {
	file := filepath.Join(i.Dir, "env")
	var text strings.Builder
	for _, variable := range []struct{ name, value string }{
		{"KUBECONFIG", i.Kubeconfig()},
		{"SIMULATOR_URL", i.SimulatorURL()},
		{"METRICS_URL", i.MetricsURL()},
		{"MANAGER_PID", fmt.Sprint(i.Manager().Pid())},
		{"KUBECTL", filepath.Join(i.Assets, "kubectl")},
	} {
		fmt.Fprintf(&text, "export %s=%s\n", variable.name, instance.Quote(variable.value))
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return err
	}
	instance.Say("\n%sThese lines are in %s. Logs are beside it. Next:\n\n  . %s\n  $KUBECTL get wxcc\n  make down", text.String(), file, file)
	return nil
}
