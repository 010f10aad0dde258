// Package uninstall_test follows docs/uninstall.md on an API server of its own, whose CRDs it deletes in the end.
package uninstall_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/controllers"
	"wxcc.dev/operator/internal/checkout"
	"wxcc.dev/operator/internal/controlplane"
	"wxcc.dev/operator/internal/simulator"
)

const (
	namespace      = "tenants"
	organizationID = "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10"
	limit          = 2 * time.Minute
	workTypes      = 30 // more than the default brake lets through
)

// installation is a cluster with the operator, its policies and a simulated Webex.
type installation struct {
	t          *testing.T
	root       string
	kubeconfig string
	path       string
	client     client.Client
	simulator  *simulator.Simulator
}

func install(t *testing.T) *installation {
	t.Helper()
	plane, err := controlplane.Start(t.Context(), controlplane.Options{CRDs: []string{}, Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	i := &installation{t: t, root: root, kubeconfig: filepath.Join(t.TempDir(), "kubeconfig"), path: filepath.Dir(plane.Kubectl)}
	if err := plane.Admin.WriteKubeconfig(i.kubeconfig); err != nil {
		t.Fatal(err)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	if i.client, err = client.New(plane.Admin.Config, client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	i.must("kubectl apply --server-side --kustomize config/crd; kubectl apply --server-side --kustomize config/policies")
	i.must("kubectl wait --for condition=established --timeout=60s crd --all")
	i.run(plane, scheme)
	return i
}

// run starts the operator.
func (i *installation) run(plane *controlplane.ControlPlane, scheme *runtime.Scheme) {
	i.t.Helper()
	mgr, err := ctrl.NewManager(plane.Admin.Config, ctrl.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}}},
	})
	if err != nil {
		i.t.Fatal(err)
	}
	ctrl.SetLogger(logr.Discard())
	ctx, cancel := context.WithCancel(context.WithoutCancel(i.t.Context()))
	if err := controllers.Setup(ctx, mgr, controllers.Options{SettleWindow: time.Second}); err != nil {
		cancel()
		i.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	i.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			i.t.Error(err)
		}
	})
}

// sh runs a script of the documentation with kubectl in its path.
func (i *installation) sh(script string) (string, error) {
	ctx, cancel := context.WithTimeout(i.t.Context(), limit)
	defer cancel()
	command := exec.CommandContext(ctx, "sh", "-eu", "-c", script) //nolint:gosec // our own documentation
	command.Dir = i.root
	command.Env = append(os.Environ(), "KUBECONFIG="+i.kubeconfig, "PATH="+i.path+string(os.PathListSeparator)+os.Getenv("PATH"))
	output, err := command.CombinedOutput()
	return string(output), err
}

func (i *installation) must(script string) {
	i.t.Helper()
	if output, err := i.sh(script); err != nil {
		i.t.Fatalf("%s: %v\n%s", script, err, output)
	}
}

func (i *installation) create(objects ...client.Object) {
	i.t.Helper()
	for _, object := range objects {
		if err := i.client.Create(i.t.Context(), object); err != nil {
			i.t.Fatalf("create %T %s: %v", object, object.GetName(), err)
		}
	}
}

// populate makes an organization with more objects than may be deleted without a word.
func (i *installation) populate() {
	i.t.Helper()
	i.simulator = simulator.New(simulator.Options{})
	i.simulator.AddOrganization(simulator.OrganizationSeed{
		ID: organizationID, ClientID: "client", ClientSecret: "canary-secret", AccessToken: "canary-access", RefreshToken: "canary-refresh",
	})
	server := httptest.NewServer(i.simulator)
	i.t.Cleanup(server.Close)
	i.create(
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "credentials"}, StringData: map[string]string{
			"clientID": "client", "clientSecret": "canary-secret", "refreshToken": "canary-refresh",
		}},
		&v1alpha1.WebexOrganization{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "nordlys"},
			Spec: v1alpha1.WebexOrganizationSpec{
				Name: "Uninstalled", OrganizationID: organizationID, ContactCenter: true, Endpoints: v1alpha1.Endpoints{Webex: server.URL, ContactCenter: server.URL},
				CredentialsSecretRef: &v1alpha1.LocalSecretReference{Name: "credentials"}, RequestsPerMinute: new(int32(3000)),
			},
		},
	)
	for n := range workTypes {
		workType := &v1alpha1.WorkType{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("shift-%d", n)}}
		workType.Spec.OrganizationRef.Name, workType.Spec.WorkTypeCode = "nordlys", "IDLE_CODE"
		i.create(workType)
	}
	i.must("kubectl wait --for condition=ready --namespace tenants worktype --all --timeout=90s")
}

// blocks are the shell scripts of a page, in their order.
func (i *installation) blocks(page string) []string {
	i.t.Helper()
	content, err := os.ReadFile(filepath.Join(i.root, page))
	if err != nil {
		i.t.Fatal(err)
	}
	var blocks []string
	for _, part := range strings.Split(string(content), "```sh\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}

// The documented order ends, and nothing is left: neither here nor in Webex.
func TestTheDocumentedUninstallEnds(t *testing.T) {
	t.Parallel()
	i := install(t)
	i.populate()
	// A mistake is refused as long as nobody has said that it is none. Policies take effect a moment after they come.
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, limit, true, func(context.Context) (bool, error) {
		output, err := i.sh("kubectl delete --dry-run=server crd worktypes.wxcc.dev")
		return err != nil && strings.Contains(output, "docs/uninstall.md"), nil
	})
	if err != nil {
		t.Fatal("the API server would delete a CRD with objects")
	}
	if output, err := i.sh("kubectl delete --timeout=20s crd worktypes.wxcc.dev webexorganizations.wxcc.dev"); err == nil {
		t.Fatalf("the CRDs are deleted:\n%s", output)
	}
	for _, block := range i.blocks("docs/uninstall.md") {
		// The cluster of the test has neither the operator's Deployment nor what ends a namespace.
		i.must(strings.ReplaceAll(block, "config/default", "config/crd"))
	}
	if output, err := i.sh("kubectl api-resources --api-group wxcc.dev --no-headers"); err != nil || strings.Contains(output, "wxcc.dev") {
		t.Errorf("kinds are left: %v\n%s", err, output)
	}
	var secret corev1.Secret
	if err := i.client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "credentials"}, &secret); err != nil || len(secret.Finalizers) > 0 {
		t.Errorf("the Secret: %v, finalizers %v", err, secret.Finalizers)
	}
	if deletes := i.simulator.Stats().Routes["DELETE /organization/{orgid}/work-type/{id}"].Count; deletes != workTypes {
		t.Errorf("%d deletes in Webex, want %d", deletes, workTypes)
	}
}
