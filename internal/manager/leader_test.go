package manager

import (
	"context"
	"errors"
	"testing"

	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"wxcc.dev/operator/internal/fence"
)

// fakeLock is a lease whose writes end as told.
type fakeLock struct {
	resourcelock.Interface
	err error
	// during is called while a write is under way.
	during func()
}

func (fakeLock) Identity() string { return "me" }

func (l *fakeLock) Create(context.Context, resourcelock.LeaderElectionRecord) error { return l.write() }

func (l *fakeLock) Update(context.Context, resourcelock.LeaderElectionRecord) error { return l.write() }

func (l *fakeLock) write() error {
	if l.during != nil {
		l.during()
	}
	return l.err
}

func TestFenceFollowsTheLease(t *testing.T) {
	t.Parallel()
	fake := &fakeLock{}
	f := fence.New(renewDeadline, nil)
	lock := fencedLock{Interface: fake, fence: f}
	mine, nobodys := resourcelock.LeaderElectionRecord{HolderIdentity: "me"}, resourcelock.LeaderElectionRecord{}
	want := func(state string, open bool, write func(context.Context, resourcelock.LeaderElectionRecord) error, record resourcelock.LeaderElectionRecord) {
		t.Helper()
		if err := write(t.Context(), record); !errors.Is(err, fake.err) {
			t.Fatal(err)
		}
		if err := f.Check(); (err == nil) != open {
			t.Errorf("%s: %v", state, err)
		}
	}
	if err := f.Check(); !errors.Is(err, fence.Err) {
		t.Errorf("before the first lease: %v", err)
	}
	fake.err = errors.New("conflict")
	want("not acquired", false, lock.Create, mine)
	fake.err = nil
	want("acquired", true, lock.Create, mine)
	want("renewed", true, lock.Update, mine)
	fake.during = func() {
		if err := f.Check(); err == nil {
			t.Error("writes are let through while the lease is being released")
		}
	}
	want("released", false, lock.Update, nobodys)
}
