package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// up starts what does not run. Samples are applied to a fresh control plane only: on one that was there already they
// could undo what somebody is trying out.
func up(ctx context.Context, i *instance, samples bool) (err error) {
	if err := i.build(ctx); err != nil {
		return err
	}
	if i.ports, err = readPorts(i.dir); err != nil {
		return err
	}
	fresh, err := i.startPlane(ctx)
	if err != nil {
		return err
	}
	if fresh {
		// A manager that outlived its control plane talks to nobody.
		if err := i.manager().stop(); err != nil {
			return err
		}
	}
	if err := i.install(ctx); err != nil {
		return err
	}
	if err := i.startSimulator(ctx); err != nil {
		return err
	}
	if err := i.startManager(ctx); err != nil {
		return err
	}
	if err := i.ports.write(i.dir); err != nil {
		return err
	}
	if samples && fresh {
		if err := i.applySamples(ctx); err != nil {
			return err
		}
	}
	return i.writeEnvironment()
}

// writeEnvironment writes the file that a shell sources to work with the instance.
func (i *instance) writeEnvironment() error {
	file := filepath.Join(i.dir, "env")
	var text strings.Builder
	for _, variable := range []struct{ name, value string }{
		{"KUBECONFIG", i.kubeconfig()},
		{"SIMULATOR_URL", i.simulatorURL()},
		{"METRICS_URL", i.metricsURL()},
		{"MANAGER_PID", fmt.Sprint(i.manager().pid())},
		{"KUBECTL", filepath.Join(i.assets, "kubectl")},
	} {
		fmt.Fprintf(&text, "export %s=%s\n", variable.name, shellQuote(variable.value))
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return err
	}
	say("\n%sThese lines are in %s. Logs are beside it. Next:\n\n  . %s\n  $KUBECTL get wxcc\n  make down", text.String(), file, file)
	return nil
}
