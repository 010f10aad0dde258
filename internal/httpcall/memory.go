package httpcall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// freeBytes of an answer are read without asking: almost all answers are smaller.
	freeBytes = 64 << 10
	// steadyBytes is up to where room is asked for as it is needed.
	steadyBytes = 1 << 20
	// weight of a byte that was read: the byte, and the copy that decoding makes of it.
	weight = 2
	// processBytes bounds what the answers that are being read and decoded weigh in this process, clientBytes what those of
	// one client do, which is a page of the largest size, so that no organization keeps the others from reading.
	processBytes = 96 << 20
	clientBytes  = 17 << 20
	// patience for room. What already holds some must not wait long for more.
	patience = 5 * time.Second
)

var process = semaphore.NewWeighted(processBytes)

var errNoRoom = errors.New("too many large answers are being read at once")

// share is what one client may hold.
type share struct{ room *semaphore.Weighted }

func newShare() *share { return &share{semaphore.NewWeighted(clientBytes)} }

// reservation is the room for one answer. Nil holds none.
type reservation struct {
	share *share
	held  atomic.Int64
}

// grow makes room for so many bytes more.
func (r *reservation) grow(ctx context.Context, bytes int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	more := int64(bytes) * weight
	if err := r.share.room.Acquire(ctx, more); err != nil {
		return errNoRoom
	}
	if err := process.Acquire(ctx, more); err != nil {
		r.share.room.Release(more)
		return errNoRoom
	}
	r.held.Add(more)
	return nil
}

// release gives the room back; once more does nothing.
func (r *reservation) release() {
	if r == nil {
		return
	}
	if held := r.held.Swap(0); held > 0 {
		process.Release(held)
		r.share.room.Release(held)
	}
}

// read reads the body into memory that was asked for, up to the limit.
func (r *Response) read(ctx context.Context, body io.Reader, limits Limits, from *share) error {
	buffer := make([]byte, 0, 4<<10)
	for {
		if len(buffer) == cap(buffer) {
			size := min(2*cap(buffer), limits.Bytes+1)
			if size > steadyBytes {
				size = limits.Bytes + 1 // all at once: many who hold a part each would wait for each other
			}
			if err := r.reserve(ctx, cap(buffer), size, from); err != nil {
				return err
			}
			buffer = append(make([]byte, 0, size), buffer...)
		}
		n, err := body.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		r.Body = buffer
		switch {
		case len(buffer) > limits.Bytes:
			r.Body = nil
			return &BoundError{What: "bytes in one answer", Most: limits.Bytes}
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// reserve makes room for a buffer that grows beyond what is free.
func (r *Response) reserve(ctx context.Context, from, to int, of *share) error {
	if to <= freeBytes {
		return nil
	}
	if r.memory == nil {
		r.memory = &reservation{share: of}
		// For an answer that nobody decodes.
		runtime.AddCleanup(r, (*reservation).release, r.memory)
	}
	if err := r.memory.grow(ctx, to-from); err != nil {
		return fmt.Errorf("read an answer of more than %d bytes: %w", freeBytes, err)
	}
	return nil
}
