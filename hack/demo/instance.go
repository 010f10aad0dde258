package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"wxcc.dev/operator/internal/gobuild"
)

const (
	operator   = "wxcc-operator" // namespace and service account
	startLimit = 3 * time.Minute
)

// instance is one set of the three processes with its directory.
type instance struct {
	root, dir      string
	detached       bool
	managerFlags   []string
	simulatorFlags []string

	assets string // directory of kubectl
	ports  ports
}

func (i *instance) plane() process     { return process{name: "controlplane", dir: i.dir} }
func (i *instance) simulator() process { return process{name: "simulator", dir: i.dir} }
func (i *instance) manager() process   { return process{name: "manager", dir: i.dir} }

func (i *instance) kubeconfig() string         { return filepath.Join(i.dir, "kubeconfig") }
func (i *instance) program(name string) string { return filepath.Join(i.root, "bin", name) }
func (i *instance) simulatorURL() string       { return "http://" + loopback(i.ports.Simulator) }
func (i *instance) metricsURL() string         { return "http://" + loopback(i.ports.Metrics) + "/metrics" }

// build builds the programs and makes the control plane's available.
func (i *instance) build(ctx context.Context) error {
	progress := func(line string) { say("  %s", line) }
	for _, target := range []struct{ name, pkg string }{
		{"controlplane", "./hack/controlplane"}, {"simulator", "./cmd/simulator"}, {"manager", "."},
	} {
		say("building bin/%s", target.name)
		build := gobuild.Build{Name: target.name, Dir: i.root, Args: []string{"-trimpath", "-o", i.program(target.name), target.pkg}}
		if err := build.Run(ctx, progress); err != nil {
			return err
		}
	}
	say("looking for etcd, kube-apiserver and kubectl")
	command := exec.CommandContext(ctx, i.program("controlplane"), "assets")
	command.Dir = i.root
	command.Stderr = os.Stdout
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	output, err := command.Output()
	if err != nil {
		return fmt.Errorf("control plane: %w", err)
	}
	i.assets = strings.TrimSpace(string(output))
	return os.MkdirAll(i.dir, 0o755)
}

// startPlane starts the control plane and installs the operator's manifests in it; its Deployment has no effect, for no
// kubelet runs Pods here: startManager stands for it. fresh is false when the control plane ran already.
func (i *instance) startPlane(ctx context.Context) (fresh bool, err error) {
	if pid := i.plane().pid(); pid != 0 {
		say("control plane runs (pid %d)", pid)
		return false, nil
	}
	if err := i.clear(); err != nil {
		return true, err
	}
	err = i.plane().start(i.detached, []string{"KUBEBUILDER_ASSETS=" + i.assets}, i.program("controlplane"), "run", i.dir, operator+"/"+operator)
	if err != nil {
		return true, err
	}
	err = i.plane().await(ctx, startLimit, func(context.Context) bool {
		_, err := os.Stat(i.kubeconfig())
		return err == nil
	})
	if err != nil {
		return true, err
	}
	say("control plane runs (pid %d)", i.plane().pid())
	return true, nil
}

// clear removes what an earlier control plane left: its kubeconfig, and the logs of processes that do not run.
func (i *instance) clear() error {
	errs := []error{os.RemoveAll(i.kubeconfig())}
	for _, p := range i.processes() {
		if p.pid() == 0 {
			errs = append(errs, os.RemoveAll(p.logFile()))
		}
	}
	return errors.Join(errs...)
}

// install applies config/default as an admin.
func (i *instance) install(ctx context.Context) error {
	if _, err := i.ask(ctx, "apply", "--server-side", "--force-conflicts", "-k", "config/default"); err != nil {
		return err
	}
	if _, err := i.ask(ctx, "wait", "crd", "--all", "--for=condition=Established", "--timeout=60s"); err != nil {
		return err
	}
	say("applied config/default: CRDs, namespace %s, its service account and roles", operator)
	return nil
}

func (i *instance) startSimulator(ctx context.Context) (err error) {
	if pid := i.simulator().pid(); pid != 0 {
		say("simulator runs at %s (pid %d)", i.simulatorURL(), pid)
		return nil
	}
	if i.ports.Simulator, err = freePort(i.ports.Simulator); err != nil {
		return err
	}
	args := append([]string{"--listen=" + loopback(i.ports.Simulator)}, i.simulatorFlags...)
	if err := i.simulator().start(i.detached, nil, i.program("simulator"), args...); err != nil {
		return err
	}
	if err := i.simulator().await(ctx, startLimit, answers(i.simulatorURL()+"/__sim/stats")); err != nil {
		return err
	}
	say("simulator of Webex and of the call-center gateway runs at %s (pid %d)", i.simulatorURL(), i.simulator().pid())
	return nil
}

// startManager runs the operator with the rights of its service account and no others.
func (i *instance) startManager(ctx context.Context) (err error) {
	if pid := i.manager().pid(); pid != 0 {
		say("manager runs (pid %d)", pid)
		return nil
	}
	if i.ports.Metrics, err = freePort(i.ports.Metrics); err != nil {
		return err
	}
	if i.ports.Probes, err = freePort(i.ports.Probes); err != nil {
		return err
	}
	args := append([]string{
		"--leader-elect",
		"--leader-election-namespace=" + operator,
		"--metrics-bind-address=" + loopback(i.ports.Metrics),
		"--health-probe-bind-address=" + loopback(i.ports.Probes),
	}, i.managerFlags...)
	environment := []string{"KUBECONFIG=" + filepath.Join(i.dir, operator+".kubeconfig")}
	if err := i.manager().start(i.detached, environment, i.program("manager"), args...); err != nil {
		return err
	}
	if err := i.manager().await(ctx, startLimit, answers("http://"+loopback(i.ports.Probes)+"/readyz")); err != nil {
		return err
	}
	say("manager runs as service account %s/%s (pid %d)", operator, operator, i.manager().pid())
	return nil
}

// applySamples applies config/samples; when the simulator is not where they expect it, with its address put in.
func (i *instance) applySamples(ctx context.Context) error {
	const directory = "config/samples"
	if i.ports.Simulator == samplePort {
		return i.show(ctx, "apply", "-k", directory)
	}
	expected := "http://" + loopback(samplePort)
	manifests, err := i.ask(ctx, "kustomize", directory)
	if err != nil {
		return err
	}
	file := filepath.Join(i.dir, "samples.yaml")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(manifests, expected, i.simulatorURL())), 0o600); err != nil {
		return err
	}
	say("Port %d is taken: %s holds %s with the simulator's address.", samplePort, file, directory)
	return i.show(ctx, "apply", "-f", file)
}

// processes are the three, in the order in which they stop.
func (i *instance) processes() []process {
	return []process{i.manager(), i.simulator(), i.plane()}
}

// stop ends the three processes and removes the data that only they could use.
func (i *instance) stop() error {
	var errs []error
	for _, p := range i.processes() {
		pid := p.pid()
		err := p.stop()
		if pid != 0 && err == nil {
			say("%s stopped", p.name)
		}
		errs = append(errs, err)
	}
	for _, name := range []string{"etcd", "certificates", "kubectl-cache", "env"} {
		errs = append(errs, os.RemoveAll(filepath.Join(i.dir, name)))
	}
	return errors.Join(errs...)
}

// answers is true once the address answers 200.
func answers(url string) func(context.Context) bool {
	return func(ctx context.Context) bool {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return false
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		return response.Body.Close() == nil && response.StatusCode == http.StatusOK
	}
}
