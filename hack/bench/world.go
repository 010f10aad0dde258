package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/hack/instance"
)

const (
	namespace        = "default"
	organizationName = "bench"
	secretName       = "bench-credentials" //nolint:gosec // a name
	// undisturbed keeps sweeps out of the phases that do not measure one.
	undisturbed = 24 * time.Hour
)

// setting is what a run keeps, and how the simulator meets the operator.
type setting struct {
	name           string
	fleet          *fleet
	simulatorFlags []string
	// requestsPerMinute is the budget that the simulator enforces, 0 for none.
	requestsPerMinute int
	// groups over which call centers are spread.
	groups int
}

// settings of the codes.
var settings = []setting{
	{name: "unlimited", fleet: codes},
	{name: "limited", fleet: codes, simulatorFlags: []string{"--requests-per-minute=300"}, requestsPerMinute: 300},
}

// inGroups is the setting of the call centers: nothing is refused, and the manager has its defaults.
func inGroups(groups int) setting {
	return setting{name: fmt.Sprintf("callcenters in %d groups", groups), fleet: centers, groups: groups}
}

// unpaced is a budget that nobody reaches: without it the operator would keep to its default of 300 a minute even where
// the simulator asks for nothing.
const unpaced = 3000

// world is one run: the processes, and what the bench knows of the objects.
type world struct {
	*instance.Instance
	setting setting
	fleet   *fleet
	size    int
	config  *rest.Config
	client  client.WithWatch
	tally   *tally
	slots   *slots
	// interval of the sweep that the present phase waits for.
	interval time.Duration
	// stopWatch ends the tally's watch.
	stopWatch context.CancelFunc
}

// openWorld starts everything. The caller closes the world, also after an error.
func openWorld(ctx context.Context, i *instance.Instance, size int, s setting, learned *slots) (*world, error) {
	w := &world{Instance: i, setting: s, fleet: s.fleet, size: size, slots: learned, stopWatch: func() {}}
	if err := i.Stop(); err != nil { // what a killed run may have left
		return w, err
	}
	if err := os.RemoveAll(i.Dir); err != nil {
		return w, err
	}
	if err := i.Build(ctx); err != nil {
		return w, err
	}
	if _, err := i.StartPlane(ctx); err != nil {
		return w, err
	}
	if err := i.Install(ctx); err != nil {
		return w, err
	}
	if err := i.StartSimulator(ctx); err != nil {
		return w, err
	}
	if s.fleet.seed != nil {
		if err := s.fleet.seed(ctx, w); err != nil {
			return w, fmt.Errorf("fill the simulator: %w", err)
		}
	}
	if err := i.StartManager(ctx); err != nil {
		return w, err
	}
	if err := w.connectCluster(); err != nil {
		return w, err
	}
	watching, stop := context.WithCancel(ctx)
	w.stopWatch = stop
	w.tally = watchAll(watching, w.client, s.fleet)
	return w, nil
}

func (w *world) close(err error) error {
	w.stopWatch()
	if err != nil && w.Manager().Pid() != 0 {
		instance.Say("\nEnd of %s:\n%s", w.Manager().LogFile(), w.Manager().Tail())
	}
	return errors.Join(err, w.Stop())
}

// connectCluster makes a client without a rate limit: the API server is the only brake.
func (w *world) connectCluster() (err error) {
	if w.config, err = clientcmd.BuildConfigFromFlags("", w.Kubeconfig()); err != nil {
		return fmt.Errorf("kubeconfig: %w", err)
	}
	w.config.QPS = -1
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return fmt.Errorf("scheme: %w", err)
	}
	if w.client, err = client.NewWithWatch(w.config, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("client: %w", err)
	}
	return nil
}

// createOrganization makes the organization and its Secret, without sweeps for now.
func (w *world) createOrganization(ctx context.Context) error {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: secretName},
		StringData: w.fleet.credentials(),
	}
	if err := w.client.Create(ctx, secret); err != nil {
		return fmt.Errorf("create Secret: %w", err)
	}
	organization := &v1alpha1.WebexOrganization{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: organizationName},
		Spec:       w.fleet.organization(w),
	}
	organization.Spec.SyncInterval = &metav1.Duration{Duration: undisturbed}
	organization.Spec.MaxDeletesPerHour = new(int32(0)) // all are deleted in the end
	if err := w.client.Create(ctx, organization); err != nil {
		return fmt.Errorf("create WebexOrganization: %w", err)
	}
	return w.awaitOrganization(ctx)
}

// awaitOrganization waits until the operator has taken note of the organization's spec; a suspended one stays ready.
func (w *world) awaitOrganization(ctx context.Context) error {
	return poll(ctx, 2*time.Minute, "organization is not ready", func(ctx context.Context) (bool, error) {
		var organization v1alpha1.WebexOrganization
		if err := w.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: organizationName}, &organization); err != nil {
			return false, fmt.Errorf("get WebexOrganization: %w", err)
		}
		ready := meta.FindStatusCondition(organization.Status.Conditions, v1alpha1.ConditionReady)
		return ready != nil && ready.Status == metav1.ConditionTrue && ready.ObservedGeneration == organization.Generation, nil
	})
}

// setInterval changes the organization's sweep interval.
func (w *world) setInterval(ctx context.Context, interval time.Duration) error {
	return w.changeOrganization(ctx, func(spec *v1alpha1.WebexOrganizationSpec) {
		spec.SyncInterval = &metav1.Duration{Duration: interval}
	})
}

// changeOrganization changes the organization's spec and waits until the operator has taken note of it.
func (w *world) changeOrganization(ctx context.Context, edit func(spec *v1alpha1.WebexOrganizationSpec)) error {
	organization := &v1alpha1.WebexOrganization{}
	if err := w.change(ctx, organizationName, organization, func() { edit(&organization.Spec) }); err != nil {
		return err
	}
	return w.awaitOrganization(ctx)
}

// change reads an object, edits it and writes it back, again if somebody was faster.
func (w *world) change(ctx context.Context, name string, object client.Object, edit func()) error {
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		if err := w.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object); err != nil {
			return err
		}
		edit()
		return w.client.Update(ctx, object)
	})
	if err != nil {
		return fmt.Errorf("change %s: %w", name, err)
	}
	return nil
}

// poll asks until the answer is yes, an error comes, ctx ends or limit has passed.
func poll(ctx context.Context, limit time.Duration, what string, done func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%s after %s", what, limit))
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		ok, err := done(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

const pollEvery = 50 * time.Millisecond
