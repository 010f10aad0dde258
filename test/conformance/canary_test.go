package conformance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	"github.com/prometheus/common/expfmt"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/test/leaks"
)

// canaryPrefix begins every secret that a test makes up.
const canaryPrefix = "CANARY"

// logBuffer keeps all that the operators of this process log, at the most talkative level that is documented.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (b *logBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(line)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *logBuffer) logger() logr.Logger {
	return logr.FromSlogHandler(slog.NewJSONHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// findLeaks looks for secrets in all that an operator shows: log, events, objects and metrics. It runs after all
// tests, over everything that they caused.
func findLeaks(ctx context.Context) error {
	secrets, err := secretValues(ctx)
	if err != nil {
		return err
	}
	places, err := shownPlaces(ctx)
	if err != nil {
		return err
	}
	finder := leaks.NewFinder(secrets...)
	var hits []error
	searched := 0
	for place, shown := range places {
		searched += len(shown)
		if shown == "" {
			hits = append(hits, fmt.Errorf("canary: nothing to search in %s", place))
		}
		for _, hit := range finder.Find(shown) {
			hits = append(hits, fmt.Errorf("canary: in %s: secret %s", place, hit))
		}
	}
	fmt.Printf("canary: %d hits of %d secrets in %d spellings in %d bytes of log, events, objects and metrics\n",
		len(hits), len(secrets), finder.Spellings(), searched)
	return errors.Join(hits...)
}

// secretValues are all values of all Secrets, those that the operator wrote included. Short ones and public ones (client
// ids, times) are left out.
func secretValues(ctx context.Context) ([]string, error) {
	var list corev1.SecretList
	if err := cluster.client.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("list Secrets: %w", err)
	}
	// Every token that a simulator has ever issued holds the second one.
	values := []string{canaryPrefix + "-", "_PS00_"}
	for _, secret := range list.Items {
		for key, value := range secret.Data {
			if len(value) < 12 || key == "clientID" || key == "username" || strings.HasSuffix(key, "ExpiresAt") {
				continue
			}
			values = append(values, string(value))
		}
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}

func shownPlaces(ctx context.Context) (map[string]string, error) {
	exposed, err := metricsText()
	if err != nil {
		return nil, err
	}
	var events eventsv1.EventList
	if err := cluster.client.List(ctx, &events); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	objects, err := allObjects(ctx)
	if err != nil {
		return nil, err
	}
	places := map[string]string{"the log": cluster.logs.String(), "the metrics": exposed}
	for place, content := range map[string]any{"the events": events.Items, "the custom resources": objects} {
		encoded, err := json.Marshal(content)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", place, err)
		}
		places[place] = string(encoded)
	}
	return places, nil
}

func allObjects(ctx context.Context) ([]unstructured.Unstructured, error) {
	var all []unstructured.Unstructured
	for _, name := range append(kindNames(), "WebexOrganization") {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(name + "List"))
		if err := cluster.client.List(ctx, list); err != nil {
			return nil, fmt.Errorf("list %s: %w", name, err)
		}
		all = append(all, list.Items...)
	}
	return all, nil
}

// metricsText is what the metrics endpoint would show.
func metricsText() (string, error) {
	families, err := metrics.Registry.Gather()
	if err != nil {
		return "", fmt.Errorf("gather metrics: %w", err)
	}
	var text bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			return "", fmt.Errorf("print metrics: %w", err)
		}
	}
	return text.String(), nil
}

func keyOf(object client.Object) client.ObjectKey { return client.ObjectKeyFromObject(object) }
