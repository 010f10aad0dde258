// Package rbac_test proves on a real API server what the ClusterRoles of config/rbac allow people to do.
package rbac_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/checkout"
)

const (
	own   = "customer-a"
	other = "customer-b"
)

var (
	readVerbs  = []string{"get", "list", "watch"}
	writeVerbs = []string{"create", "update", "patch", "delete", "deletecollection"}
	configured = []string{"auxiliarycodes", "callcenters", "worktypes"}
)

// Proves: S0.22, S1.38, PR48
func TestRolesGivePeopleTheirNamespaceAndOnlyProvidersTheConnections(t *testing.T) {
	t.Parallel()
	admin := newClient(t, plane.Admin.Config)
	for _, namespace := range []string{own, other} {
		create(t, admin, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
	}
	people := map[string]client.Client{}
	for _, role := range []string{"wxcc-view", "wxcc-edit", "wxcc-admin"} {
		create(t, admin, clusterRole(t, role))
		create(t, admin, bind(role, role, own))
		user, err := plane.AddUser(role)
		if err != nil {
			t.Fatal(err)
		}
		people[role] = newClient(t, user.Config)
		awaitRights(t, people[role], own)
	}
	for role, c := range people {
		if err := c.Create(t.Context(), code(own), client.DryRunAll); (err == nil) != (role != "wxcc-view") {
			t.Errorf("%s creates a code: %v", role, err)
		}
		if err := c.Create(t.Context(), organization(), client.DryRunAll); (err == nil) != (role == "wxcc-admin") {
			t.Errorf("%s creates a connection: %v", role, err)
		}
		if err := c.List(t.Context(), &v1alpha1.AuxiliaryCodeList{}, client.InNamespace(other)); !apierrors.IsForbidden(err) {
			t.Errorf("%s lists the codes of another namespace: %v", role, err)
		}
		if err := c.Create(t.Context(), code(other), client.DryRunAll); !apierrors.IsForbidden(err) {
			t.Errorf("%s creates a code in another namespace: %v", role, err)
		}
		if err := c.List(t.Context(), &corev1.SecretList{}, client.InNamespace(own)); !apierrors.IsForbidden(err) {
			t.Errorf("%s reads Secrets: %v", role, err)
		}
	}
}

// Proves: S1.38
func TestOnlyViewAndEditBelongToTheClustersOwnRoles(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		label    string
		connects bool
	}{
		"wxcc-view":  {"rbac.authorization.k8s.io/aggregate-to-view", false},
		"wxcc-edit":  {"rbac.authorization.k8s.io/aggregate-to-edit", false},
		"wxcc-admin": {"", true},
	} {
		role := clusterRole(t, name)
		for label := range role.Labels {
			if strings.Contains(label, "aggregate-to-") && label != row.label {
				t.Errorf("%s has the label %s", name, label)
			}
		}
		if row.label != "" && role.Labels[row.label] != "true" {
			t.Errorf("%s lacks the label %s", name, row.label)
		}
		for _, resource := range configured {
			if !allows(role, resource, readVerbs) || allows(role, resource, writeVerbs) != (name != "wxcc-view") {
				t.Errorf("%s on %s: %v", name, resource, role.Rules)
			}
		}
		if !allows(role, "webexorganizations", readVerbs) || allows(role, "webexorganizations", writeVerbs) != row.connects {
			t.Errorf("%s on connections: %v", name, role.Rules)
		}
	}
}

func allows(role *rbacv1.ClusterRole, resource string, verbs []string) bool {
	for _, verb := range verbs {
		if !slices.ContainsFunc(role.Rules, func(rule rbacv1.PolicyRule) bool {
			return slices.Contains(rule.Resources, resource) && slices.Contains(rule.Verbs, verb)
		}) {
			return false
		}
	}
	return true
}

// clusterRole reads config/rbac/user_<view|edit|admin>_role.yaml.
func clusterRole(t *testing.T, name string) *rbacv1.ClusterRole {
	t.Helper()
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	file := "user_" + strings.TrimPrefix(name, "wxcc-") + "_role.yaml"
	text, err := os.ReadFile(filepath.Join(root, "config", "rbac", file))
	if err != nil {
		t.Fatal(err)
	}
	role := &rbacv1.ClusterRole{}
	if err := yaml.UnmarshalStrict(text, role); err != nil {
		t.Fatal(err)
	}
	if role.Name != name {
		t.Fatalf("%s holds %s", file, role.Name)
	}
	return role
}

// bind gives a user a role in one namespace.
func bind(user, role, namespace string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: user + "-" + role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}
}

func code(namespace string) *v1alpha1.AuxiliaryCode {
	return &v1alpha1.AuxiliaryCode{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "lunch"},
		Spec: v1alpha1.AuxiliaryCodeSpec{
			ConfigSpec:   v1alpha1.ConfigSpec{OrganizationRef: v1alpha1.OrganizationReference{Name: "nordlys"}},
			WorkTypeCode: v1alpha1.IdleCode,
			WorkTypeRef:  v1alpha1.ObjectReference{Name: "breaks"},
		},
	}
}

func organization() *v1alpha1.WebexOrganization {
	return &v1alpha1.WebexOrganization{
		ObjectMeta: metav1.ObjectMeta{Namespace: own, Name: "nordlys"},
		Spec: v1alpha1.WebexOrganizationSpec{
			Name:                 "Nordlys",
			OrganizationID:       "5d1f2c8e-7a44-4b0b-9c0e-3f6a2b9d8e10",
			CredentialsSecretRef: &v1alpha1.LocalSecretReference{Name: "nordlys"},
		},
	}
}

// awaitRights waits until the API server has seen the binding.
func awaitRights(t *testing.T, c client.Client, namespace string) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, 10*time.Second, true, func(ctx context.Context) (bool, error) {
		err := c.List(ctx, &v1alpha1.AuxiliaryCodeList{}, client.InNamespace(namespace))
		if apierrors.IsForbidden(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func newClient(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func create(t *testing.T, c client.Client, object client.Object) {
	t.Helper()
	if err := c.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}
