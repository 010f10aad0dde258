// Package install_test reads what config/default installs as a cluster would.
package install_test

import (
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"wxcc.dev/operator/internal/checkout"
	"wxcc.dev/operator/internal/controlplane"
	"wxcc.dev/operator/internal/manager"
)

// rendered are the objects of config/default of one kind, by name.
func rendered[T any](t *testing.T, kind string) map[string]*T {
	t.Helper()
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	assets, err := controlplane.Assets(t.Context(), func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), filepath.Join(assets, "kubectl"), "kustomize", filepath.Join(root, "config", "default")).Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*T{}
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var head struct {
			Kind     string
			Metadata struct{ Name string }
		}
		if err := yaml.Unmarshal([]byte(document), &head); err != nil {
			t.Fatal(err)
		}
		if head.Kind != kind {
			continue
		}
		object := new(T)
		if err := yaml.UnmarshalStrict([]byte(document), object); err != nil {
			t.Fatal(err)
		}
		found[head.Metadata.Name] = object
	}
	return found
}

func TestTheDeploymentsArgumentsAreTheManagers(t *testing.T) {
	t.Parallel()
	deployment := rendered[appsv1.Deployment](t, "Deployment")["wxcc-operator"]
	if deployment == nil {
		t.Fatal("no Deployment")
	}
	container := deployment.Spec.Template.Spec.Containers[0]
	arguments := strings.NewReplacer("$(POD_NAMESPACE)", "wxcc-operator", "$(MEMORY_LIMIT)", container.Resources.Limits.Memory().String())
	var given []string
	for _, argument := range container.Args {
		given = append(given, arguments.Replace(argument))
	}
	if _, err := manager.Parse(given, io.Discard); err != nil {
		t.Error(err)
	}
	for _, variable := range container.Env {
		if variable.Name == "MEMORY_LIMIT" && variable.ValueFrom.ResourceFieldRef.Resource == "limits.memory" {
			return
		}
	}
	t.Errorf("the memory limit is not passed on: %v", container.Env)
}

func TestNetworkPoliciesAreOnByDefault(t *testing.T) {
	t.Parallel()
	policies := rendered[networkingv1.NetworkPolicy](t, "NetworkPolicy")
	directions := map[networkingv1.PolicyType]bool{}
	ports := map[int32]bool{}
	for name, policy := range policies {
		for _, direction := range policy.Spec.PolicyTypes {
			directions[direction] = true
		}
		for _, rule := range policy.Spec.Egress {
			for _, port := range rule.Ports {
				ports[port.Port.IntVal] = true
			}
		}
		for _, rule := range policy.Spec.Ingress {
			if len(rule.From) == 0 {
				t.Errorf("%s lets everybody in", name)
			}
		}
	}
	if !directions[networkingv1.PolicyTypeIngress] || !directions[networkingv1.PolicyTypeEgress] {
		t.Errorf("directions %v", directions)
	}
	for _, port := range []int32{53, 443, 6443} {
		if !ports[port] {
			t.Errorf("port %d cannot be reached: %v", port, ports)
		}
	}
}
