package main

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/controllers"
)

// managerOptions says what of the cluster is watched and kept, and who leads.
func (o *options) managerOptions() (ctrl.Options, error) {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	grace := gracefulShutdown
	managerOptions := ctrl.Options{
		GracefulShutdownTimeout:       &grace,
		Scheme:                        scheme,
		Metrics:                       metricsserver.Options{BindAddress: o.metricsAddress},
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
	for _, object := range controllers.Objects() {
		managerOptions.Cache.ByObject[object] = cache.ByObject{Label: selector}
	}
	return managerOptions, nil
}

// stripSecret keeps of a Secret's metadata only what tells that it has changed, and whether it may go. All Secrets of the cluster are watched,
// and the annotation of kubectl apply holds a Secret in full.
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
