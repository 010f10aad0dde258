// Package instance runs the operator beside a local control plane and a simulated Webex, as three processes. The demo and
// the benchmark are built on it.
package instance

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

// Operator is the namespace of the operator and the name of its service account.
const Operator = "wxcc-operator"

const startLimit = 3 * time.Minute

// Instance is one set of the three processes with its directory. Build comes first, then StartPlane, Install,
// StartSimulator and StartManager in this order; Stop ends all of it.
type Instance struct {
	// Root of the repository.
	Root string
	// Dir holds data, logs and kubeconfigs.
	Dir string
	// Detached processes outlive this one; the others end with it, however it ends.
	Detached bool
	// ManagerFlags and SimulatorFlags come after the instance's own.
	ManagerFlags, SimulatorFlags []string
	// Assets is the directory of kubectl, known after Build.
	Assets string
	// Ports of the processes; one that is 0 or taken is replaced by a free one at the start.
	Ports Ports
}

// Plane is etcd and kube-apiserver under one parent.
func (i *Instance) Plane() Process { return Process{name: "controlplane", dir: i.Dir} }

// Simulator is the simulated Webex and call-center gateway.
func (i *Instance) Simulator() Process { return Process{name: "simulator", dir: i.Dir} }

// Manager is the operator.
func (i *Instance) Manager() Process { return Process{name: "manager", dir: i.Dir} }

// Kubeconfig is the file with the rights of an admin.
func (i *Instance) Kubeconfig() string { return filepath.Join(i.Dir, "kubeconfig") }

// SimulatorURL has no path.
func (i *Instance) SimulatorURL() string { return "http://" + loopback(i.Ports.Simulator) }

// MetricsURL is the manager's metrics endpoint.
func (i *Instance) MetricsURL() string { return "http://" + loopback(i.Ports.Metrics) + "/metrics" }

func (i *Instance) program(name string) string { return filepath.Join(i.Root, "bin", name) }

// Build builds the programs and makes the control plane's available.
func (i *Instance) Build(ctx context.Context) error {
	progress := func(line string) { Say("  %s", line) }
	for _, target := range []struct{ name, pkg string }{
		{"controlplane", "./hack/controlplane"}, {"simulator", "./cmd/simulator"}, {"manager", "."},
	} {
		Say("building bin/%s", target.name)
		build := gobuild.Build{Name: target.name, Dir: i.Root, Args: []string{"-trimpath", "-o", i.program(target.name), target.pkg}}
		if err := build.Run(ctx, progress); err != nil {
			return err
		}
	}
	Say("looking for etcd, kube-apiserver and kubectl")
	command := exec.CommandContext(ctx, i.program("controlplane"), "assets")
	command.Dir = i.Root
	command.Stderr = os.Stdout
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	output, err := command.Output()
	if err != nil {
		return fmt.Errorf("control plane: %w", err)
	}
	i.Assets = strings.TrimSpace(string(output))
	return os.MkdirAll(i.Dir, 0o755)
}

// StartPlane starts the control plane and installs the operator's manifests in it; its Deployment has no effect, for no
// kubelet runs Pods here: StartManager stands for it. fresh is false when the control plane ran already.
func (i *Instance) StartPlane(ctx context.Context) (fresh bool, err error) {
	if pid := i.Plane().Pid(); pid != 0 {
		Say("control plane runs (pid %d)", pid)
		return false, nil
	}
	if err := i.clear(); err != nil {
		return true, err
	}
	err = i.Plane().start(i.Detached, []string{"KUBEBUILDER_ASSETS=" + i.Assets}, i.program("controlplane"), "run", i.Dir, Operator+"/"+Operator)
	if err != nil {
		return true, err
	}
	err = i.Plane().await(ctx, startLimit, func(context.Context) bool {
		_, err := os.Stat(i.Kubeconfig())
		return err == nil
	})
	if err != nil {
		return true, err
	}
	Say("control plane runs (pid %d)", i.Plane().Pid())
	return true, nil
}

// clear removes what an earlier control plane left: its kubeconfig, and the logs of processes that do not run.
func (i *Instance) clear() error {
	errs := []error{os.RemoveAll(i.Kubeconfig())}
	for _, p := range i.processes() {
		if p.Pid() == 0 {
			errs = append(errs, os.RemoveAll(p.LogFile()))
		}
	}
	return errors.Join(errs...)
}

// Install applies config/default as an admin.
func (i *Instance) Install(ctx context.Context) error {
	if _, err := i.Ask(ctx, "apply", "--server-side", "--force-conflicts", "-k", "config/default"); err != nil {
		return err
	}
	if _, err := i.Ask(ctx, "wait", "crd", "--all", "--for=condition=Established", "--timeout=60s"); err != nil {
		return err
	}
	Say("applied config/default: CRDs, namespace %s, its service account and roles", Operator)
	return nil
}

// StartSimulator runs the simulator; one that runs already stays.
func (i *Instance) StartSimulator(ctx context.Context) (err error) {
	if pid := i.Simulator().Pid(); pid != 0 {
		Say("simulator runs at %s (pid %d)", i.SimulatorURL(), pid)
		return nil
	}
	if i.Ports.Simulator, err = freePort(i.Ports.Simulator); err != nil {
		return err
	}
	args := append([]string{"--listen=" + loopback(i.Ports.Simulator)}, i.SimulatorFlags...)
	if err := i.Simulator().start(i.Detached, nil, i.program("simulator"), args...); err != nil {
		return err
	}
	if err := i.Simulator().await(ctx, startLimit, answers(i.SimulatorURL()+"/__sim/stats")); err != nil {
		return err
	}
	Say("simulator of Webex and of the call-center gateway runs at %s (pid %d)", i.SimulatorURL(), i.Simulator().Pid())
	return nil
}

// StartManager runs the operator with the rights of its service account and no others.
func (i *Instance) StartManager(ctx context.Context) (err error) {
	if pid := i.Manager().Pid(); pid != 0 {
		Say("manager runs (pid %d)", pid)
		return nil
	}
	if i.Ports.Metrics, err = freePort(i.Ports.Metrics); err != nil {
		return err
	}
	if i.Ports.Probes, err = freePort(i.Ports.Probes); err != nil {
		return err
	}
	args := append([]string{
		"--leader-elect",
		"--leader-election-namespace=" + Operator,
		"--metrics-bind-address=" + loopback(i.Ports.Metrics),
		"--health-probe-bind-address=" + loopback(i.Ports.Probes),
	}, i.ManagerFlags...)
	environment := []string{"KUBECONFIG=" + filepath.Join(i.Dir, Operator+".kubeconfig")}
	if err := i.Manager().start(i.Detached, environment, i.program("manager"), args...); err != nil {
		return err
	}
	if err := i.Manager().await(ctx, startLimit, answers("http://"+loopback(i.Ports.Probes)+"/readyz")); err != nil {
		return err
	}
	Say("manager runs as service account %s/%s (pid %d)", Operator, Operator, i.Manager().Pid())
	return nil
}

// processes are the three, in the order in which they stop.
func (i *Instance) processes() []Process {
	return []Process{i.Manager(), i.Simulator(), i.Plane()}
}

// Stop ends the three processes and removes the data that only they could use.
func (i *Instance) Stop() error {
	var errs []error
	for _, p := range i.processes() {
		pid := p.Pid()
		err := p.Stop()
		if pid != 0 && err == nil {
			Say("%s stopped", p.name)
		}
		errs = append(errs, err)
	}
	for _, name := range []string{"etcd", "certificates", "kubectl-cache", "env"} {
		errs = append(errs, os.RemoveAll(filepath.Join(i.Dir, name)))
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
