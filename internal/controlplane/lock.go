package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"wxcc.dev/operator/internal/gobuild"
)

const lockPoll = 250 * time.Millisecond

// fileLock is an advisory lock of the operating system on a file: it ends with the process that holds it, however
// that process ends, so a killed build never blocks the next one.
type fileLock struct {
	file *os.File
}

// acquire waits for the lock until ctx ends and tells progress while it waits.
func acquire(ctx context.Context, path string, progress func(string)) (*fileLock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	began, told := time.Now(), time.Time{}
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return &fileLock{file: file}, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		}
		if time.Since(told) >= gobuild.Interval {
			told = time.Now()
			progress(fmt.Sprintf("control plane: another process prepares it, waiting (%s)", elapsed(began)))
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, ctx.Err()), file.Close())
		case <-poll.C:
		}
	}
}

// release gives the lock up. The file stays: removing it would let two processes hold a lock each.
func (l *fileLock) release() error {
	return l.file.Close()
}

func elapsed(since time.Time) time.Duration {
	return time.Since(since).Round(time.Second)
}
