package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wxcc.dev/operator/hack/instance"
)

// applySamples applies config/samples; when the simulator is not where they expect it, with its address put in.
func applySamples(ctx context.Context, i *instance.Instance) error {
	const directory = "config/samples"
	expected := fmt.Sprintf("http://127.0.0.1:%d", instance.SamplePort)
	if i.SimulatorURL() == expected {
		return i.Show(ctx, "apply", "-k", directory)
	}
	manifests, err := i.Ask(ctx, "kustomize", directory)
	if err != nil {
		return err
	}
	file := filepath.Join(i.Dir, "samples.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(manifests, expected, i.SimulatorURL())), 0o600); err != nil {
		return err
	}
	instance.Say("Port %d is taken: %s holds %s with the simulator's address.", instance.SamplePort, file, directory)
	return i.Show(ctx, "apply", "-f", file)
}
