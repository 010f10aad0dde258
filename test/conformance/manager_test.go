package conformance_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	controllerconfig "sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"wxcc.dev/operator/controllers"
)

// managerLabel says which manager an object is for: the one that most tests share does not see what lacks it.
const (
	managerLabel  = "conformance.wxcc.dev/manager"
	sharedManager = "shared"
)

// managerOptions of one operator in this process.
type managerOptions struct {
	// namespace limits the manager to one namespace. Empty: everything that carries the label of the shared manager.
	namespace    string
	settleWindow time.Duration
	// deletionGrace in place of the one that all tests share.
	deletionGrace time.Duration
	concurrency   int
	// intercept changes what the operator's writes come to.
	intercept interceptor.Funcs
}

type manager struct {
	cancel context.CancelFunc
	done   chan error
}

// startManager starts an operator. It ends with life or by stop.
func startManager(life context.Context, o managerOptions) (*manager, error) {
	config := rest.CopyConfig(cluster.admin)
	config.UserAgent = operatorAgent
	cacheOptions := cache.Options{DefaultTransform: cache.TransformStripManagedFields()}
	if o.namespace != "" {
		cacheOptions.DefaultNamespaces = map[string]cache.Config{o.namespace: {}}
	} else {
		cacheOptions.DefaultLabelSelector = labels.SelectorFromSet(labels.Set{managerLabel: sharedManager})
		cacheOptions.ByObject = map[client.Object]cache.ByObject{&corev1.Secret{}: {Label: labels.Everything()}} // those that it makes too
	}
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                 cluster.scheme,
		Metrics:                metricsserver.Options{BindAddress: "0"},
		HealthProbeBindAddress: "0",
		Controller:             controllerconfig.Controller{SkipNameValidation: new(true)},
		Cache:                  cacheOptions,
		Client:                 client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}}},
		NewClient: func(config *rest.Config, options client.Options) (client.Client, error) {
			plain, err := client.NewWithWatch(config, options)
			if err != nil {
				return nil, err
			}
			return interceptor.NewClient(plain, o.intercept), nil
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make a manager: %w", err)
	}
	if o.deletionGrace == 0 {
		o.deletionGrace = deletionGrace
	}
	ctx, cancel := context.WithCancel(life)
	if err := controllers.Setup(ctx, mgr, controllers.Options{SettleWindow: o.settleWindow, DeletionGrace: o.deletionGrace, Concurrency: o.concurrency}); err != nil {
		cancel()
		return nil, err
	}
	m := &manager{cancel: cancel, done: make(chan error, 1)}
	go func() { m.done <- mgr.Start(ctx) }()
	return m, nil
}

// stop ends the operator and waits for it.
func (m *manager) stop() error {
	m.cancel()
	return <-m.done
}

// runManager starts an operator for the namespace of a test that has one of its own.
func (w *world) runManager(o managerOptions) *manager {
	w.t.Helper()
	o.namespace = w.namespace
	if o.settleWindow == 0 {
		o.settleWindow = settleWindow
	}
	m, err := startManager(context.WithoutCancel(w.t.Context()), o)
	if err != nil {
		w.t.Fatal(err)
	}
	stopped := false
	original := m.cancel
	m.cancel = func() { stopped = true; original() }
	w.t.Cleanup(func() { stopUnlessDone(w.t, m, &stopped) })
	return m
}

func stopUnlessDone(t *testing.T, m *manager, stopped *bool) {
	if *stopped {
		return
	}
	if err := m.stop(); err != nil {
		t.Errorf("manager: %v", err)
	}
}
