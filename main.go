// Command manager is the wxcc-operator: it keeps contact-center configuration equal to custom resources.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/controllers"
)

// options are the command line.
type options struct {
	metricsAddress          string
	probeAddress            string
	leaderElect             bool
	leaderElectionNamespace string
	watchNamespaces         string
	watchLabelSelector      string
	shard                   string
	pprofAddress            string
	logFormat               string
	logLevel                slog.LevelVar
	concurrency             int
	requestsPerMinute       int
	settleWindow            time.Duration
	kubeAPIQPS              float64
	kubeAPIBurst            int
}

// leaderElectionID names the lease.
const leaderElectionID = "wxcc-operator.wxcc.dev"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "wxcc-operator:", err)
		os.Exit(1)
	}
}

func parse(args []string) (*options, error) {
	o := &options{}
	flags := flag.NewFlagSet("manager", flag.ContinueOnError)
	flags.StringVar(&o.metricsAddress, "metrics-bind-address", "127.0.0.1:8080", "address of the metrics endpoint; 0 turns it off")
	flags.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "address of /healthz and /readyz; 0 turns them off")
	flags.BoolVar(&o.leaderElect, "leader-elect", false, "run only while holding the lease, so that several replicas can stand by")
	flags.StringVar(&o.leaderElectionNamespace, "leader-election-namespace", "", "namespace of the lease; default the pod's own")
	flags.StringVar(&o.watchNamespaces, "watch-namespaces", "", "comma-separated namespaces to work in; empty means all")
	flags.StringVar(&o.watchLabelSelector, "watch-label-selector", "", "work only on organizations and objects with these labels; an organization and its objects carry the same")
	flags.StringVar(&o.shard, "shard", "", "name of this shard: gives it a lease of its own")
	flags.StringVar(&o.pprofAddress, "pprof-bind-address", "0", "address of the profiling endpoint; 0 turns it off")
	flags.StringVar(&o.logFormat, "log-format", "json", "json or text")
	flags.Func("log-level", "debug, info, warn or error (default info)", o.setLogLevel)
	flags.IntVar(&o.concurrency, "concurrency", 512, "objects of a kind worked on at once, a quarter of them of one organization; they mostly wait for a shared request")
	flags.IntVar(&o.requestsPerMinute, "requests-per-minute", 300, "requests per minute and OAuth client where an organization does not say less")
	flags.DurationVar(&o.settleWindow, "settle-window", 10*time.Second, "how long a read may show the state before a write without being believed")
	flags.Float64Var(&o.kubeAPIQPS, "kube-api-qps", 500, "requests per second to the Kubernetes API")
	flags.IntVar(&o.kubeAPIBurst, "kube-api-burst", 1000, "burst of requests to the Kubernetes API")
	if err := flags.Parse(args); err != nil {
		return nil, fmt.Errorf("command line: %w", err)
	}
	return o, o.check(flags)
}

func (o *options) check(flags *flag.FlagSet) error {
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("command line: unexpected argument %q", flags.Arg(0))
	case o.logFormat != "json" && o.logFormat != "text":
		return fmt.Errorf("command line: --log-format %q is neither json nor text", o.logFormat)
	case o.concurrency < 1:
		return fmt.Errorf("command line: --concurrency must be at least 1")
	case o.requestsPerMinute < 1:
		return fmt.Errorf("command line: --requests-per-minute must be at least 1")
	case o.settleWindow <= 0:
		return fmt.Errorf("command line: --settle-window must be positive")
	}
	return nil
}

// setLogLevel takes the four names only: slog would also take debug-6, at which client-go logs bodies, Secrets included.
func (o *options) setLogLevel(name string) error {
	level, ok := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}[name]
	if !ok {
		return fmt.Errorf("%q is none of debug, info, warn and error", name)
	}
	o.logLevel.Set(level)
	return nil
}

func run(args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	ctrl.SetLogger(o.logger())
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster: %w", err)
	}
	config.QPS, config.Burst = float32(o.kubeAPIQPS), o.kubeAPIBurst
	managerOptions, err := o.managerOptions()
	if err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(config, managerOptions)
	if err != nil {
		return fmt.Errorf("make the manager: %w", err)
	}
	ctx := ctrl.SetupSignalHandler()
	if err := o.setUp(ctx, mgr); err != nil {
		return err
	}
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("run: %w", err)
	}
	return nil
}

func (o *options) setUp(ctx context.Context, mgr ctrl.Manager) error {
	if err := controllers.Setup(ctx, mgr, controllers.Options{
		Concurrency: o.concurrency, RequestsPerMinute: o.requestsPerMinute, SettleWindow: o.settleWindow,
	}); err != nil {
		return fmt.Errorf("set up controllers: %w", err)
	}
	if err := mgr.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return fmt.Errorf("add health check: %w", err)
	}
	if err := mgr.AddReadyzCheck("readyz", healthz.Ping); err != nil {
		return fmt.Errorf("add readiness check: %w", err)
	}
	return nil
}

func (o *options) managerOptions() (ctrl.Options, error) {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	managerOptions := ctrl.Options{
		Scheme:                        scheme,
		Metrics:                       metricsserver.Options{BindAddress: o.metricsAddress},
		HealthProbeBindAddress:        o.probeAddress,
		LeaderElection:                o.leaderElect,
		PprofBindAddress:              o.pprofAddress,
		LeaderElectionID:              strings.Trim(o.shard+"."+leaderElectionID, "."),
		LeaderElectionNamespace:       o.leaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true,
		// managedFields are a third of a small object and nothing here reads them.
		Cache: cache.Options{DefaultTransform: cache.TransformStripManagedFields()},
		// Secrets are read live and never cached.
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}}},
	}
	if o.watchNamespaces != "" {
		managerOptions.Cache.DefaultNamespaces = map[string]cache.Config{}
		for name := range strings.SplitSeq(o.watchNamespaces, ",") {
			managerOptions.Cache.DefaultNamespaces[strings.TrimSpace(name)] = cache.Config{}
		}
	}
	if o.watchLabelSelector == "" {
		return managerOptions, nil
	}
	selector, err := labels.Parse(o.watchLabelSelector)
	if err != nil {
		return managerOptions, fmt.Errorf("command line: --watch-label-selector: %w", err)
	}
	managerOptions.Cache.ByObject = map[client.Object]cache.ByObject{}
	for _, object := range controllers.Objects() {
		managerOptions.Cache.ByObject[object] = cache.ByObject{Label: selector}
	}
	return managerOptions, nil
}

func (o *options) logger() logr.Logger {
	handlerOptions := &slog.HandlerOptions{Level: &o.logLevel}
	if o.logFormat == "text" {
		return logr.FromSlogHandler(slog.NewTextHandler(os.Stderr, handlerOptions))
	}
	return logr.FromSlogHandler(slog.NewJSONHandler(os.Stderr, handlerOptions))
}
