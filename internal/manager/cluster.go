package manager

import (
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/controllers"
)

// leaderElectionID names the lease.
const leaderElectionID = "wxcc-operator.wxcc.dev"

// gcPercent trades a little CPU for memory: a sweep decodes a page at a time and leaves it behind. GOGC overrides it.
const gcPercent = 60

// gracefulShutdown is what work under way gets to end: an answer of a token server must reach its Secret, for which the
// token package takes 30 s. The Pod's own grace period is a little longer.
const gracefulShutdown = 40 * time.Second

// New makes the manager of the cluster that kubectl would speak to, or of the one it runs in, and sets what concerns the
// whole process: the logger and the garbage collector.
func New(o *Options) (ctrl.Manager, error) {
	ctrl.SetLogger(o.logger())
	o.limitMemory()
	config, err := ctrl.GetConfig()
	if err != nil {
		return nil, fmt.Errorf("find the cluster: %w", err)
	}
	config.QPS, config.Burst = float32(o.kubeAPIQPS), o.kubeAPIBurst
	managerOptions := o.managerOptions()
	if o.mayWrite, err = electLeader(rest.CopyConfig(config), &managerOptions); err != nil { // not behind the writes of objects
		return nil, err
	}
	limitWrites(config, maxWritesInFlight)
	mgr, err := ctrl.NewManager(config, managerOptions)
	if err != nil {
		return nil, fmt.Errorf("make the manager: %w", err)
	}
	return mgr, nil
}

// limitMemory leaves a tenth of the container's memory to what the Go runtime does not count.
func (o *Options) limitMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" && o.memoryLimit > 0 {
		debug.SetMemoryLimit(int64(o.memoryLimit) / 10 * 9)
	}
}

func (o *Options) logger() logr.Logger {
	handlerOptions := &slog.HandlerOptions{Level: &o.logLevel}
	if o.logFormat == "text" {
		return logr.FromSlogHandler(slog.NewTextHandler(os.Stderr, handlerOptions))
	}
	return logr.FromSlogHandler(slog.NewJSONHandler(os.Stderr, handlerOptions))
}

// managerOptions says what of the cluster is watched and kept, and who leads.
func (o *Options) managerOptions() ctrl.Options {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	grace := gracefulShutdown
	managerOptions := ctrl.Options{
		GracefulShutdownTimeout:       &grace,
		Scheme:                        scheme,
		Metrics:                       o.metricsOptions(),
		HealthProbeBindAddress:        o.probeAddress,
		LeaderElection:                o.leaderElect,
		PprofBindAddress:              o.pprofAddress,
		LeaderElectionID:              strings.Trim(o.shard+"."+leaderElectionID, "."),
		LeaderElectionNamespace:       o.leaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true,
		// managedFields are a third of a small object and nothing here reads them.
		Cache: cache.Options{
			DefaultTransform: cache.TransformStripManagedFields(),
			ByObject:         map[client.Object]cache.ByObject{&corev1.Secret{}: {Transform: stripSecret}},
		},
		// Secrets are read live and never cached.
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}}},
	}
	if len(o.watchNamespaces) > 0 {
		managerOptions.Cache.DefaultNamespaces = map[string]cache.Config{}
		for _, name := range o.watchNamespaces {
			managerOptions.Cache.DefaultNamespaces[name] = cache.Config{}
		}
	}
	if o.watchLabelSelector.Selector != nil {
		for _, object := range controllers.Objects() {
			managerOptions.Cache.ByObject[object] = cache.ByObject{Label: o.watchLabelSelector.Selector}
		}
	}
	return managerOptions
}

// stripSecret keeps of a Secret's metadata only what tells that it has changed, and whether it may go. All Secrets of the
// cluster are watched, and the annotation of kubectl apply holds a Secret in full.
func stripSecret(object any) (any, error) {
	secret, ok := object.(*metav1.PartialObjectMetadata)
	if !ok {
		return nil, fmt.Errorf("a Secret came as %T: only metadata of Secrets is cached", object)
	}
	secret.ObjectMeta = metav1.ObjectMeta{
		Namespace: secret.Namespace, Name: secret.Name, UID: secret.UID, ResourceVersion: secret.ResourceVersion,
		Finalizers: secret.Finalizers, DeletionTimestamp: secret.DeletionTimestamp,
	}
	return secret, nil
}
