// Package manager is the operator as a process: its command line, what of the cluster it watches and keeps, who leads, and
// what it serves beside its work: probes, metrics and the consent page.
package manager

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"

	"wxcc.dev/operator/controllers"
	"wxcc.dev/operator/internal/consent"
	"wxcc.dev/operator/internal/version"
)

// Options are the command line.
type Options struct {
	metricsAddress          string
	metricsSecure           bool
	metricsCertDir          string
	probeAddress            string
	leaderElect             bool
	leaderElectionNamespace string
	watchNamespaces         namespaceList
	watchLabelSelector      labelSelector
	shard                   string
	pprofAddress            string
	logFormat               string
	logLevel                slog.LevelVar
	memoryLimit             byteSize
	concurrency             int
	requestsPerMinute       int
	settleWindow            time.Duration
	deletionGrace           time.Duration
	kubeAPIQPS              float64
	kubeAPIBurst            int
	consentPage             consent.Options
	version                 bool

	mayWrite func() error // set by New
}

// Parse reads the arguments without the program's name. --help and --version are answered on out, and the options are nil.
func Parse(args []string, out io.Writer) (*Options, error) {
	o := &Options{}
	flags := pflag.NewFlagSet("manager", pflag.ContinueOnError)
	flags.SortFlags = false
	flags.Usage = func() {}
	o.clusterFlags(flags)
	o.workFlags(flags)
	o.serviceFlags(flags)
	o.consentFlags(flags)
	flags.BoolVar(&o.version, "version", false, "say which version this is")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		_, err := fmt.Fprintf(out, "wxcc-operator keeps contact-center configuration equal to custom resources.\n\nUsage:\n  manager [flags]\n\nFlags:\n%s", flags.FlagUsagesWrapped(120))
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w; see --help", err)
	case o.version:
		_, err := fmt.Fprintln(out, version.Of("wxcc-operator"))
		return nil, err
	}
	if err := o.check(flags); err != nil {
		return nil, err
	}
	return o, nil
}

func (o *Options) clusterFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.leaderElect, "leader-elect", false, "run only while holding the lease, so that several replicas can stand by")
	flags.StringVar(&o.leaderElectionNamespace, "leader-election-namespace", "", "namespace of the lease; default the pod's own")
	flags.Var(&o.watchNamespaces, "watch-namespaces", "comma-separated namespaces to work in; default all")
	flags.Var(&o.watchLabelSelector, "watch-label-selector", "work only on organizations and objects with these labels, which an organization and its objects share; needs --shard")
	flags.StringVar(&o.shard, "shard", "", "name of this shard, a DNS label: gives it a lease of its own; needs --watch-label-selector or --watch-namespaces")
	flags.Float64Var(&o.kubeAPIQPS, "kube-api-qps", 500, "requests per second to the Kubernetes API")
	flags.IntVar(&o.kubeAPIBurst, "kube-api-burst", 1000, "burst of requests to the Kubernetes API")
}

func (o *Options) workFlags(flags *pflag.FlagSet) {
	flags.IntVar(&o.concurrency, "concurrency", 1536, "objects of a kind worked on at once, a third of them of one organization; they mostly wait for a shared request")
	flags.IntVar(&o.requestsPerMinute, "requests-per-minute", 300, "requests per minute and OAuth client where an organization does not say less")
	flags.DurationVar(&o.settleWindow, "settle-window", 10*time.Second, "how long a read may show the state before a write without being believed")
	flags.DurationVar(&o.deletionGrace, "deletion-grace", 5*time.Second, "how long the remote object of a deleted resource is kept for another resource that means the same one; 0 for no time")
	flags.Var(&o.memoryLimit, "memory-limit", "memory of the container, such as 512Mi: the Go runtime stays a tenth below it; default no limit. GOMEMLIMIT overrides it")
}

func (o *Options) serviceFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.metricsAddress, "metrics-bind-address", "127.0.0.1:8080", "address of the metrics endpoint; 0 turns it off")
	flags.BoolVar(&o.metricsSecure, "metrics-secure", false, "serve metrics by TLS, and only to who may get the path /metrics of this cluster; default true unless the address is a loopback one")
	flags.StringVar(&o.metricsCertDir, "metrics-cert-dir", "", "directory with tls.crt and tls.key of the metrics endpoint; default a certificate that nobody signed")
	flags.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "address of /healthz and /readyz; 0 turns them off")
	flags.StringVar(&o.pprofAddress, "pprof-bind-address", "0", "address of the profiling endpoint; 0 turns it off")
	flags.StringVar(&o.logFormat, "log-format", "json", "json or text")
	flags.Func("log-level", "debug, info, warn or error (default info)", o.setLogLevel)
}

func (o *Options) check(flags *pflag.FlagSet) error {
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case o.logFormat != "json" && o.logFormat != "text":
		return fmt.Errorf("--log-format %q is neither json nor text", o.logFormat)
	case o.concurrency < 1:
		return errors.New("--concurrency must be at least 1")
	case o.requestsPerMinute < 1:
		return errors.New("--requests-per-minute must be at least 1")
	case o.settleWindow <= 0:
		return errors.New("--settle-window must be positive")
	case o.deletionGrace < 0:
		return errors.New("--deletion-grace must not be negative")
	case o.kubeAPIQPS <= 0 || o.kubeAPIBurst < 1:
		return errors.New("--kube-api-qps must be positive and --kube-api-burst at least 1")
	}
	return errors.Join(o.checkAddresses(flags), o.consentPage.Check(), o.checkShard(flags))
}

// checkShard demands a lease of its own for every part of the objects, and no second lease for the same part: two
// leaders would renew the same tokens and create every object twice.
func (o *Options) checkShard(flags *pflag.FlagSet) error {
	switch {
	case o.shard == "" && flags.Changed("shard"):
		return errors.New("--shard has no name")
	case o.shard == "" && o.watchLabelSelector.Selector != nil:
		return errors.New("--watch-label-selector needs a --shard, or managers with other selectors would wait for the same lease")
	case o.shard == "":
		return nil
	case o.watchLabelSelector.Selector == nil && len(o.watchNamespaces) == 0:
		return errors.New("--shard needs --watch-label-selector or --watch-namespaces, or it would be a second leader of all objects")
	}
	if problems := validation.IsDNS1123Label(o.shard); len(problems) > 0 {
		return fmt.Errorf("--shard %q: %s", o.shard, strings.Join(problems, "; "))
	}
	return nil
}

// setLogLevel takes the four names only: slog would also take debug-6, at which client-go logs bodies, Secrets included.
func (o *Options) setLogLevel(name string) error {
	level, ok := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}[name]
	if !ok {
		return fmt.Errorf("%q is none of debug, info, warn and error", name)
	}
	o.logLevel.Set(level)
	return nil
}

// Controllers are the options of the controllers.
func (o *Options) Controllers() controllers.Options {
	return controllers.Options{
		Concurrency: o.concurrency, RequestsPerMinute: o.requestsPerMinute, SettleWindow: o.settleWindow, DeletionGrace: orNone(o.deletionGrace),
		ConsentURL: o.consentPage.ExternalURL, MayWrite: o.mayWrite,
	}
}

// orNone spells a duration of 0 for options of which 0 means the default.
func orNone(given time.Duration) time.Duration {
	if given == 0 {
		return -1
	}
	return given
}
