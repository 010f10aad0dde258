package manager

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/controllers"
	"wxcc.dev/operator/internal/controlplane"
)

func TestAShardIsAPartWithALeaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"": "", "--shard=north --watch-label-selector=shard=north": "",
		"--shard=north --watch-namespaces=oslo,bergen": "", "--watch-namespaces=oslo": "",
		"--shard=north":                                      "--shard needs",
		"--watch-label-selector=shard=north":                 "--watch-label-selector needs",
		"--shard=North_1 --watch-label-selector=shard=north": "lowercase RFC 1123 label",
	} {
		_, err := Parse(strings.Fields(args), io.Discard)
		if (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q in it", args, err, want)
		}
	}
}

func TestASelectorKeepsOnlyWhatIsOurs(t *testing.T) {
	t.Parallel()
	options := managerOptionsOf(t, "--shard=north", "--watch-label-selector=shard=north")
	if want := len(controllers.Objects()) + 1; len(options.Cache.ByObject) != want {
		t.Errorf("%d kinds with options of their own, want %d", len(options.Cache.ByObject), want)
	}
	for object, by := range options.Cache.ByObject {
		if _, isSecret := object.(*corev1.Secret); isSecret != (by.Label == nil) || isSecret != (by.Transform != nil) {
			t.Errorf("%T: label %v, transform %t", object, by.Label, by.Transform != nil)
		}
	}
}

// kubectl apply leaves a Secret in full in one of its annotations. Nothing of that may stay in the manager's memory.
func TestTheCacheHoldsNothingOfASecret(t *testing.T) {
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
	options := managerOptionsOf(t, "--metrics-bind-address=0", "--health-probe-bind-address=0")
	mgr, err := ctrl.NewManager(plane.Admin.Config, options)
	if err != nil {
		t.Fatal(err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: "applied", Labels: map[string]string{"canary": "label"},
			Annotations: map[string]string{corev1.LastAppliedConfigAnnotation: `{"stringData":{"password":"canary"}}`},
		},
	}
	if err := mgr.GetClient().Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	go mgr.GetCache().Start(t.Context()) //nolint:errcheck // the read below fails without it
	if !mgr.GetCache().WaitForCacheSync(t.Context()) {
		t.Fatal("the cache did not start")
	}
	cached := &metav1.PartialObjectMetadata{}
	cached.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	if err := mgr.GetCache().Get(t.Context(), client.ObjectKeyFromObject(secret), cached); err != nil {
		t.Fatal(err)
	}
	want := metav1.ObjectMeta{Namespace: "default", Name: "applied", UID: secret.UID, ResourceVersion: secret.ResourceVersion}
	if diff := cmp.Diff(want, cached.ObjectMeta); diff != "" {
		t.Errorf("in the cache (-want +got):\n%s", diff)
	}
}

func managerOptionsOf(t *testing.T, args ...string) ctrl.Options {
	t.Helper()
	o, err := Parse(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return o.managerOptions()
}
