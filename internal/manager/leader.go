package manager

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/leaderelection"
	"sigs.k8s.io/controller-runtime/pkg/recorder"

	"wxcc.dev/operator/internal/fence"
)

// renewDeadline is how long the leader tries to renew its lease before it gives up, and how long it writes to the remote
// services after a renewal. leaseDuration is when others take the lease: the time between them is for requests that were
// sent just before. retryPeriod is between two renewals.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 2 * time.Second
)

// electLeader gives the manager a lock that tells the fence of every renewal. Without leader election there is no fence.
func electLeader(config *rest.Config, o *ctrl.Options) (check func() error, err error) {
	if !o.LeaderElection {
		return nil, nil
	}
	clients, err := corev1client.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make the client of the lease: %w", err)
	}
	lock, err := leaderelection.NewResourceLock(config, eventsOfLease{clients}, leaderelection.Options{
		LeaderElection: true, LeaderElectionID: o.LeaderElectionID, LeaderElectionNamespace: o.LeaderElectionNamespace,
		RenewDeadline: renewDeadline,
	})
	if err != nil {
		return nil, fmt.Errorf("make the lease: %w", err)
	}
	f := fence.New(renewDeadline, nil)
	lease, deadline, retry := leaseDuration, renewDeadline, retryPeriod
	o.LeaseDuration, o.RenewDeadline, o.RetryPeriod = &lease, &deadline, &retry
	o.LeaderElectionResourceLockInterface = fencedLock{Interface: lock, fence: f}
	return f.Check, nil
}

// fencedLock tells a fence when the lease was renewed: when the call began, for others count from its end at the earliest.
type fencedLock struct {
	resourcelock.Interface
	fence *fence.Fence
}

// Create implements resourcelock.Interface.
func (l fencedLock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.hold(record, func() error { return l.Interface.Create(ctx, record) })
}

// Update implements resourcelock.Interface.
func (l fencedLock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	return l.hold(record, func() error { return l.Interface.Update(ctx, record) })
}

func (l fencedLock) hold(record resourcelock.LeaderElectionRecord, write func() error) error {
	if record.HolderIdentity != l.Identity() {
		l.fence.Released() // before others may see it
		return write()
	}
	began := time.Now()
	err := write()
	if err == nil {
		l.fence.Renewed(began)
	}
	return err
}

// eventsOfLease makes the recorder of the lease's events.
type eventsOfLease struct{ client corev1client.EventsGetter }

// GetEventRecorderFor implements recorder.Provider.
func (e eventsOfLease) GetEventRecorderFor(name string) record.EventRecorder {
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&corev1client.EventSinkImpl{Interface: e.client.Events("")})
	return broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: name})
}

// GetEventRecorder implements recorder.Provider; the lease does not use it.
func (eventsOfLease) GetEventRecorder(string) recorder.EventRecorder { return nil }
