package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// editEvery is the pace of the edits, that of somebody who applies many manifests: slow enough that they are spread
// over the sweep, and too fast to be written one by one within a budget of 300 a minute.
const editEvery = 50 * time.Millisecond

// edits changes one code of a hundred in Kubernetes once the sweep has begun, and measures how long each takes to Webex.
func edits(ctx context.Context, w *world, m *measurement) error {
	chosen, err := w.chosen()
	if err != nil {
		return err
	}
	codes := make([]*v1alpha1.AuxiliaryCode, 0, len(chosen))
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		code := &v1alpha1.AuxiliaryCode{}
		if err := w.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, code); err != nil {
			return fmt.Errorf("get %s: %w", name, err)
		}
		codes = append(codes, code)
	}
	if m.began, err = w.awaitSweep(ctx, w.interval); err != nil {
		return err
	}
	accepted, err := w.editAll(ctx, codes)
	if err != nil {
		return err
	}
	err = poll(ctx, w.limit(), "edits are not ready", func(context.Context) (bool, error) {
		_, ready, _ := w.tally.counts()
		return ready == w.size, nil
	})
	if err != nil {
		return err
	}
	if m.ended, err = w.quiet(ctx); err != nil {
		return err
	}
	m.Latency, err = w.latencies(ctx, codes, accepted)
	return err
}

// editAll edits one code after the other and returns when the API server accepted each.
func (w *world) editAll(ctx context.Context, codes []*v1alpha1.AuxiliaryCode) ([]time.Time, error) {
	accepted := make([]time.Time, 0, len(codes))
	tick := time.NewTicker(editEvery)
	defer tick.Stop()
	for _, code := range codes {
		code.Spec.Description = new(editedDescription(code.Name))
		if err := w.client.Update(ctx, code); err != nil {
			return nil, fmt.Errorf("edit %s: %w", code.Name, err)
		}
		accepted = append(accepted, time.Now())
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
	return accepted, nil
}

func editedDescription(name string) string { return "Edited as " + name }

// latency is the time from the API server's answer to an edit until Webex has it, in seconds.
type latency struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

// latencies reads from Webex when it stored each edit; both clocks are this machine's.
func (w *world) latencies(ctx context.Context, codes []*v1alpha1.AuxiliaryCode, accepted []time.Time) (*latency, error) {
	remote, err := w.remoteCodes(ctx)
	if err != nil {
		return nil, err
	}
	took := make([]float64, 0, len(codes))
	for i, code := range codes {
		stored := remote[code.Status.ID]
		if stored.Description != editedDescription(code.Name) {
			return nil, fmt.Errorf("%s is Ready, but Webex has the description %q", code.Name, stored.Description)
		}
		took = append(took, max(0, time.UnixMilli(stored.LastUpdatedTime).Sub(accepted[i]).Seconds()))
	}
	slices.Sort(took)
	at := func(share float64) float64 { return took[int(math.Ceil(share*float64(len(took))))-1] }
	return &latency{P50: at(0.50), P95: at(0.95), P99: at(0.99)}, nil
}
