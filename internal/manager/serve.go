package manager

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"wxcc.dev/operator/controllers"
)

// syncLimit is how long a readiness check waits for the caches; a kubelet waits one second for the check.
const syncLimit = 500 * time.Millisecond

// Serve adds the probes and the consent page to the manager. /healthz says that the process answers, /readyz that it knows
// the cluster, also on a replica that stands by. ctx is the manager's life.
func (o *Options) Serve(ctx context.Context, mgr ctrl.Manager) error {
	if err := watchEarly(ctx, mgr.GetCache()); err != nil {
		return err
	}
	if err := mgr.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return fmt.Errorf("add health check: %w", err)
	}
	if err := mgr.AddReadyzCheck("caches", cachesInSync(mgr.GetCache())); err != nil {
		return fmt.Errorf("add readiness check: %w", err)
	}
	return o.serveConsent(mgr)
}

// watchEarly makes the caches follow what the controllers watch from the start, not only once this replica leads: so
// readiness means something on a standby, and it can take over at once.
func watchEarly(ctx context.Context, informers cache.Informers) error {
	secrets := &metav1.PartialObjectMetadata{}
	secrets.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	for _, object := range append([]client.Object{secrets}, controllers.Objects()...) {
		if _, err := informers.GetInformer(ctx, object, cache.BlockUntilSynced(false)); err != nil {
			return fmt.Errorf("watch %T: %w", object, err)
		}
	}
	return nil
}

func cachesInSync(informers cache.Informers) healthz.Checker {
	return func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), syncLimit)
		defer cancel()
		if !informers.WaitForCacheSync(ctx) {
			return errors.New("the caches do not show the cluster yet: the API server does not answer, or a permission to list or watch is missing")
		}
		return nil
	}
}

// metricsOptions protect the metrics unless only this machine reaches them: they name organizations and their troubles. A
// token that says who asks needs TLS.
func (o *Options) metricsOptions() metricsserver.Options {
	options := metricsserver.Options{BindAddress: o.metricsAddress}
	if o.metricsSecure {
		options.SecureServing = true
		options.CertDir = o.metricsCertDir
		options.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	return options
}

// checkAddresses also decides whether metrics are protected. An empty address would mean a port of the library's choice.
func (o *Options) checkAddresses(flags *pflag.FlagSet) error {
	for name, address := range map[string]string{
		"metrics-bind-address": o.metricsAddress, "health-probe-bind-address": o.probeAddress, "pprof-bind-address": o.pprofAddress,
	} {
		if _, _, err := net.SplitHostPort(address); err != nil && address != "0" {
			return fmt.Errorf("--%s %q is neither 0 nor an address such as 127.0.0.1:8080 or :8080", name, address)
		}
	}
	if !flags.Changed("metrics-secure") {
		o.metricsSecure = o.metricsAddress != "0" && !loopback(o.metricsAddress)
	}
	if o.metricsCertDir != "" && !o.metricsSecure {
		return errors.New("--metrics-cert-dir is for metrics served by TLS: see --metrics-secure")
	}
	return nil
}

// loopback tells that only this machine reaches an address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
