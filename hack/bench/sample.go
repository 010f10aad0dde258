package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/hack/instance"
	"wxcc.dev/operator/internal/simulator"
)

// sample is every counter at one moment.
type sample struct {
	webex   simulator.Stats
	plane   planeSample
	manager managerSample
}

// planeSample counts the operator's writes where the API server counts them: the bench itself never patches and never
// writes an event.
type planeSample struct {
	// objects are the writes to the fleet, status included.
	objects float64
	// organizations are the writes to the organization, its status included.
	organizations float64
	// events about custom resources.
	events float64
}

// managerSample is what the manager's own metrics say; a new process begins at zero.
type managerSample struct {
	// writes are all POST, PUT, PATCH and DELETE requests to Kubernetes, leases, leader election and Secrets included.
	writes float64
	// cpu in seconds.
	cpu float64
	// heap in bytes, in use.
	heap float64
	// pending are the objects in work queues, in work or waiting for the request budget.
	pending float64
	// reconciles since the process began.
	reconciles float64
}

func (w *world) sample(ctx context.Context) (s sample, err error) {
	if s.webex, err = w.Stats(ctx); err != nil {
		return s, err
	}
	if s.plane, err = w.samplePlane(ctx); err != nil {
		return s, err
	}
	s.manager, err = w.sampleManager(ctx)
	return s, err
}

func (w *world) samplePlane(ctx context.Context) (s planeSample, err error) {
	clients, err := kubernetes.NewForConfig(w.config)
	if err != nil {
		return s, fmt.Errorf("client: %w", err)
	}
	text, err := clients.RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return s, fmt.Errorf("metrics of the API server: %w", err)
	}
	metrics, err := families(bytes.NewReader(text))
	if err != nil {
		return s, err
	}
	writes := func(resource string) float64 {
		return sum(metrics["apiserver_request_total"], func(labels map[string]string) bool {
			return labels["group"] == "wxcc.dev" && labels["resource"] == resource && (labels["verb"] == "PATCH" || labels["verb"] == "APPLY")
		})
	}
	s.objects, s.organizations = writes(w.fleet.resource), writes("webexorganizations")
	s.events = sum(metrics["apiserver_request_total"], func(labels map[string]string) bool {
		return labels["resource"] == "events" && (labels["verb"] == "POST" || labels["verb"] == "PATCH" || labels["verb"] == "PUT")
	})
	// What leader election tells is in the operator's own namespace, where no custom resource is.
	told := &corev1.EventList{}
	if err := w.client.List(ctx, told, client.InNamespace(instance.Operator)); err != nil {
		return s, fmt.Errorf("events of the operator: %w", err)
	}
	s.events -= float64(len(told.Items))
	return s, nil
}

// sampleManager is zero while the manager does not run.
func (w *world) sampleManager(ctx context.Context) (s managerSample, err error) {
	if w.Manager().Pid() == 0 {
		return s, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.MetricsURL(), nil)
	if err != nil {
		return s, fmt.Errorf("metrics of the manager: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return s, fmt.Errorf("metrics of the manager: %w", err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	metrics, err := families(response.Body)
	if err != nil {
		return s, err
	}
	s.writes = sum(metrics["rest_client_requests_total"], func(labels map[string]string) bool {
		return labels["method"] != http.MethodGet
	})
	s.cpu = sum(metrics["process_cpu_seconds_total"], nil)
	s.reconciles = sum(metrics["controller_runtime_reconcile_total"], nil)
	s.heap = sum(metrics["go_memstats_heap_inuse_bytes"], nil)
	for _, name := range []string{"workqueue_depth", "controller_runtime_active_workers", "wxcc_budget_waiting"} {
		s.pending += sum(metrics[name], nil)
	}
	return s, nil
}

func families(text io.Reader) (map[string]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	found, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	return found, nil
}

// sum adds the series whose labels match; nil matches all, and a family that is not there is zero.
func sum(family *dto.MetricFamily, match func(labels map[string]string) bool) float64 {
	total := 0.0
	for _, series := range family.GetMetric() {
		labels := map[string]string{}
		for _, pair := range series.GetLabel() {
			labels[pair.GetName()] = pair.GetValue()
		}
		if match == nil || match(labels) {
			total += series.GetCounter().GetValue() + series.GetGauge().GetValue() + series.GetUntyped().GetValue()
		}
	}
	return total
}

// resetPeak lets the kernel forget the highest resident memory of the manager so far.
func (w *world) resetPeak() error {
	if err := os.WriteFile(w.proc("clear_refs"), []byte("5"), 0o200); err != nil {
		return fmt.Errorf("reset the memory peak: %w", err)
	}
	return nil
}

// residentMemory is what the manager holds now and held at most since resetPeak, in bytes.
func (w *world) residentMemory() (now, peak int64, err error) {
	text, err := os.ReadFile(w.proc("status"))
	if err != nil {
		return 0, 0, fmt.Errorf("memory of the manager: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, rest, _ := strings.Cut(line, ":")
		fields := strings.Fields(rest)
		if len(fields) != 2 || (name != "VmRSS" && name != "VmHWM") {
			continue
		}
		kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("memory of the manager: %w", err)
		}
		if name == "VmRSS" {
			now = kilobytes << 10
		} else {
			peak = kilobytes << 10
		}
	}
	return now, peak, nil
}

func (w *world) proc(file string) string {
	return filepath.Join("/proc", strconv.Itoa(w.Manager().Pid()), file)
}

const (
	// stillFor is how long nothing must happen to call it quiet.
	stillFor = 1500 * time.Millisecond
	// quietLimit bounds the wait for it: two minutes of a request budget, and more.
	quietLimit = 5 * time.Minute
)

// quiet waits until no request reaches Webex, no object changes and nobody waits for anything, and tells when the last
// of it happened.
func (w *world) quiet(ctx context.Context) (last time.Time, err error) {
	requests, last := -1, time.Now()
	err = poll(ctx, quietLimit, "the operator is not quiet", func(ctx context.Context) (bool, error) {
		stats, err := w.Stats(ctx)
		if err != nil {
			return false, err
		}
		if requests >= 0 && stats.Requests != requests {
			last = time.Now()
		}
		requests = stats.Requests
		if _, _, changed := w.tally.counts(); changed.After(last) {
			last = changed
		}
		if time.Since(last) < stillFor {
			return false, nil
		}
		manager, err := w.sampleManager(ctx)
		if err == nil && manager.pending > 0 {
			last = time.Now()
		}
		return err == nil && manager.pending == 0, err
	})
	return last, err
}
