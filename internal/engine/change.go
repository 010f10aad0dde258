package engine

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/remote"
)

// The bounds of status.lastChange, which the CRD bounds likewise.
const (
	maxChangedFields = 64
	maxChangedValues = 16
	maxChangedText   = 128
)

// write carries out a write and leaves one line in the log, whatever came of it. The line holds names, no values.
func (v *visit[T]) write(ctx context.Context, operation remote.Operation, write remote.Write) (remote.Result, error) {
	began := time.Now()
	result, err := v.store.Write(ctx, operation, write)
	line := log.FromContext(ctx).WithValues("operation", operation, "organization", v.organizationKey.String(),
		"id", first(result.ID, write.ID), "took", time.Since(began).Round(time.Millisecond).String())
	if fields := v.r.kind.specPaths(write.Object.Leaves()); len(fields) > 0 {
		line = line.WithValues("fields", fields)
	}
	switch {
	case err != nil:
		line.Info("remote write failed", "result", remote.ClassOf(err), "ambiguous", remote.IsAmbiguous(err), "trackingID", remote.TrackingID(err))
	default:
		line.Info("remote write", "result", "OK", "trackingID", result.TrackingID)
	}
	return result, err //nolint:wrapcheck // the caller adds what it was doing
}

// changed records a write in status: the fields by their path in the spec and, for an update, their values before and
// after.
func (v *visit[T]) changed(operation string, wire []string, differences []difference, trackingID string) {
	fields := v.r.kind.specPaths(wire)
	change := &v1alpha1.Change{Time: metav1.Now(), Operation: operation, Fields: fields[:min(len(fields), maxChangedFields)], TrackingID: trackingID}
	for _, d := range differences[:min(len(differences), maxChangedValues)] {
		change.Values = append(change.Values, v1alpha1.ChangedValue{
			Field: d.spec, Before: remote.Printable(remote.Text(d.actual), maxChangedText), After: remote.Printable(remote.Text(d.desired), maxChangedText),
		})
	}
	v.status().LastChange = change
}

// specPath is where the spec has what the wire has at a path.
func (k *Kind[T]) specPath(path string) string {
	if path == k.nameField() {
		return "name"
	}
	field := k.fieldAt(path)
	return field.Spec + path[min(len(path), len(field.wire())):]
}

// specPaths translates paths, each result once.
func (k *Kind[T]) specPaths(wire []string) []string {
	var paths []string
	seen := map[string]bool{}
	for _, path := range wire {
		if spec := k.specPath(path); !seen[spec] {
			seen[spec] = true
			paths = append(paths, spec)
		}
	}
	return paths
}
