// Package conformance_test holds every kind to the promises of the operator: one suite of behaviours, run for every
// entry of the table of kinds, on a real API server and the simulated remote services.
package conformance_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/controlplane"
)

// update rewrites the golden request logs instead of comparing with them.
var update = flag.Bool("update", false, "rewrite the golden files in testdata")

const (
	// operatorAgent is how the operator's writes show in managedFields; the tests' own writes carry userAgent.
	operatorAgent = "wxcc-operator"
	userAgent     = "conformance-user"
	// parallelTests is how many tests run at once: they wait most of the time.
	parallelTests = "40"
)

// cluster is what all tests of the package share.
var cluster struct {
	admin  *rest.Config
	scheme *runtime.Scheme
	// client reads and writes live, as a user would.
	client client.WithWatch
	// cache makes polling cheap. What it shows may be a little old.
	cache cache.Cache
	logs  logBuffer
}

func TestMain(m *testing.M) {
	flag.Parse()
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if err := runManyAtOnce(); err != nil {
		return 1, err
	}
	// At once: controller-runtime gives up waiting for a logger after 30 s, and a control plane may take longer to start.
	ctrl.SetLogger(cluster.logs.logger())
	plane, err := controlplane.Start(context.Background(), controlplane.Options{
		Progress: func(line string) { fmt.Fprintln(os.Stderr, line) },
	})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()
	life, end := context.WithCancel(context.Background())
	defer end()
	if err := prepareCluster(life, plane); err != nil {
		return 1, err
	}
	everyone, err := startManager(life, managerOptions{settleWindow: settleWindow})
	if err != nil {
		return 1, err
	}
	code = m.Run()
	leaks := findLeaks(life)
	return code, errors.Join(leaks, everyone.stop())
}

// runManyAtOnce raises -parallel from its default, the number of processors, unless the command line says otherwise.
func runManyAtOnce() error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", parallelTests)
}

func prepareCluster(life context.Context, plane *controlplane.ControlPlane) error {
	cluster.admin = plane.Admin.Config
	cluster.scheme = runtime.NewScheme()
	if err := errors.Join(
		v1alpha1.AddToScheme(cluster.scheme), corev1.AddToScheme(cluster.scheme), eventsv1.AddToScheme(cluster.scheme),
	); err != nil {
		return err
	}
	config := rest.CopyConfig(cluster.admin)
	config.UserAgent = userAgent
	var err error
	if cluster.client, err = client.NewWithWatch(config, client.Options{Scheme: cluster.scheme}); err != nil {
		return err
	}
	if cluster.cache, err = cache.New(config, cache.Options{Scheme: cluster.scheme}); err != nil {
		return err
	}
	go func() {
		if err := cluster.cache.Start(life); err != nil {
			fmt.Fprintln(os.Stderr, "cache:", err)
		}
	}()
	for _, name := range kindNames() {
		object := &unstructured.Unstructured{}
		object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(name))
		if _, err := cluster.cache.GetInformer(life, object); err != nil {
			return fmt.Errorf("watch %s: %w", name, err)
		}
	}
	return nil
}

// Deadlines. A state that is reached at all is reached long before them.
const (
	soon = 45 * time.Second
	// later leaves room for back-offs, sweeps and requests that hang until they time out.
	later = 90 * time.Second
	// settleWindow replaces the operator's default of 10 s.
	settleWindow = time.Second
	// deletionGrace replaces the operator's default of 5 s.
	deletionGrace = 2 * time.Second
)

const pollEvery = 25 * time.Millisecond

// eventually waits until check has nothing to complain about.
func eventually(t testing.TB, limit time.Duration, check func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %v", limit, err)
		case <-ticker.C:
		}
	}
}

// throughout makes sure that check has nothing to complain about for a while.
func throughout(t testing.TB, span time.Duration, check func() error) {
	t.Helper()
	end := time.NewTimer(span)
	defer end.Stop()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		if err := check(); err != nil {
			t.Fatal(err)
		}
		select {
		case <-end.C:
			return
		case <-ticker.C:
		}
	}
}
