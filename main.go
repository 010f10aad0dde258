// Command manager is the wxcc-operator: it keeps contact-center configuration equal to custom resources.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"

	"wxcc.dev/operator/controllers"
	"wxcc.dev/operator/internal/consent"
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
	consentPage             consent.Options
}

// leaderElectionID names the lease.
const leaderElectionID = "wxcc-operator.wxcc.dev"

// gcPercent trades a little CPU for memory: a sweep decodes a page at a time and leaves it behind. GOGC overrides it.
const gcPercent = 60

// gracefulShutdown is what work under way gets to end: an answer of a token server must reach its Secret, for which the
// token package takes 30 s. The Pod's own grace period is a little longer.
const gracefulShutdown = 40 * time.Second

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
	flags.StringVar(&o.watchLabelSelector, "watch-label-selector", "", "work only on organizations and objects with these labels, which an organization and its objects share; needs --shard")
	flags.StringVar(&o.shard, "shard", "", "name of this shard, a DNS label: gives it a lease of its own; needs --watch-label-selector or --watch-namespaces")
	flags.StringVar(&o.pprofAddress, "pprof-bind-address", "0", "address of the profiling endpoint; 0 turns it off")
	flags.StringVar(&o.logFormat, "log-format", "json", "json or text")
	flags.Func("log-level", "debug, info, warn or error (default info)", o.setLogLevel)
	flags.IntVar(&o.concurrency, "concurrency", 1536, "objects of a kind worked on at once, a third of them of one organization; they mostly wait for a shared request")
	flags.IntVar(&o.requestsPerMinute, "requests-per-minute", 300, "requests per minute and OAuth client where an organization does not say less")
	flags.DurationVar(&o.settleWindow, "settle-window", 10*time.Second, "how long a read may show the state before a write without being believed")
	flags.Float64Var(&o.kubeAPIQPS, "kube-api-qps", 500, "requests per second to the Kubernetes API")
	flags.IntVar(&o.kubeAPIBurst, "kube-api-burst", 1000, "burst of requests to the Kubernetes API")
	o.consentFlags(flags)
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
	if err := o.consentPage.Check(); err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	return o.checkShard()
}

// checkShard demands a lease of its own for every part of the objects, and no second lease for the same part: two
// leaders would renew the same tokens and create every object twice.
func (o *options) checkShard() error {
	switch {
	case o.shard == "" && o.watchLabelSelector != "":
		return fmt.Errorf("command line: --watch-label-selector needs a --shard, or managers with other selectors would wait for the same lease")
	case o.shard == "":
		return nil
	case o.watchLabelSelector == "" && o.watchNamespaces == "":
		return fmt.Errorf("command line: --shard needs --watch-label-selector or --watch-namespaces, or it would be a second leader of all objects")
	}
	if problems := validation.IsDNS1123Label(o.shard); len(problems) > 0 {
		return fmt.Errorf("command line: --shard %q: %s", o.shard, strings.Join(problems, "; "))
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
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the cluster: %w", err)
	}
	config.QPS, config.Burst = float32(o.kubeAPIQPS), o.kubeAPIBurst
	managerOptions, err := o.managerOptions()
	if err != nil {
		return err
	}
	managerOptions.LeaderElectionConfig = rest.CopyConfig(config) // not behind the writes of objects
	limitWrites(config, maxWritesInFlight)
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
		ConsentURL: o.consentPage.ExternalURL,
	}); err != nil {
		return fmt.Errorf("set up controllers: %w", err)
	}
	if err := o.serveConsent(mgr); err != nil {
		return err
	}
	if err := mgr.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return fmt.Errorf("add health check: %w", err)
	}
	if err := mgr.AddReadyzCheck("readyz", healthz.Ping); err != nil {
		return fmt.Errorf("add readiness check: %w", err)
	}
	return nil
}

func (o *options) logger() logr.Logger {
	handlerOptions := &slog.HandlerOptions{Level: &o.logLevel}
	if o.logFormat == "text" {
		return logr.FromSlogHandler(slog.NewTextHandler(os.Stderr, handlerOptions))
	}
	return logr.FromSlogHandler(slog.NewJSONHandler(os.Stderr, handlerOptions))
}
