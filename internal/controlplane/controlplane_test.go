package controlplane_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/internal/controlplane"
)

func TestControlPlaneServesUsersWithinTheirRights(t *testing.T) {
	t.Parallel()
	plane, err := controlplane.Start(t.Context(), controlplane.Options{CRDs: []string{}, Progress: func(line string) { t.Log(line) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	admin := newClient(t, plane.Admin.Config)
	account, err := plane.AddServiceAccount("default", "robot")
	if err != nil {
		t.Fatal(err)
	}
	robot := newClient(t, account.Config)

	secrets := &corev1.SecretList{}
	if err := robot.List(t.Context(), secrets, client.InNamespace("default")); !apierrors.IsForbidden(err) {
		t.Fatalf("without a role the service account reads Secrets: %v", err)
	}
	grant(t, admin)
	// The API server learns of a new role through a watch of its own.
	err = wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, 10*time.Second, true, func(ctx context.Context) (bool, error) {
		err := robot.List(ctx, secrets, client.InNamespace("default"))
		if apierrors.IsForbidden(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		t.Errorf("with a role: %v", err)
	}
	if err := robot.List(t.Context(), secrets, client.InNamespace("kube-system")); !apierrors.IsForbidden(err) {
		t.Errorf("another namespace: %v, want forbidden", err)
	}

	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := account.WriteKubeconfig(kubeconfig); err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), plane.Kubectl, "--kubeconfig", kubeconfig, "auth", "whoami").CombinedOutput()
	if err != nil || !strings.Contains(string(output), "system:serviceaccount:default:robot") {
		t.Errorf("kubectl auth whoami: %v\n%s", err, output)
	}
}

func newClient(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	c, err := client.New(config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func grant(t *testing.T, admin client.Client) {
	t.Helper()
	name := metav1.ObjectMeta{Namespace: "default", Name: "reader"}
	role := &rbacv1.Role{ObjectMeta: name, Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"list"}}}}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: name,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "default", Name: "robot"}},
	}
	for _, object := range []client.Object{role, binding} {
		if err := admin.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
}
