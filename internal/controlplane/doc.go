// Package controlplane provides a real Kubernetes control plane on this machine: etcd, kube-apiserver and kubectl.
// Tests, the demo and the benchmark use it; the manager does not. Assets finds, downloads or builds the programs,
// Start runs them with RBAC authorization on and the project's custom resource definitions installed.
package controlplane
