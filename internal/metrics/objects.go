package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
)

// ObjectState is what the custom resources of an organization are counted by.
type ObjectState struct {
	Kind, State string
}

// CountObjects sets where the counts of custom resources come from at a scrape.
func CountObjects(counts func(count func(organization types.NamespacedName, by ObjectState, number int32))) {
	objects.mu.Lock()
	defer objects.mu.Unlock()
	objects.counts = counts
}

// Corrected counts a write that brought a remote object back to an unchanged spec.
func Corrected(organization types.NamespacedName, kind string) {
	organizations.of(organization).write(func() {
		corrections.WithLabelValues(organization.Namespace, organization.Name, kind).Inc()
	})
}

// objectCollector shows at a scrape what is counted, so that an object that has gone leaves no series.
type objectCollector struct {
	objects *prometheus.Desc

	mu     sync.Mutex
	counts func(count func(organization types.NamespacedName, by ObjectState, number int32))
}

// Describe implements prometheus.Collector.
func (c *objectCollector) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- c.objects }

// Collect implements prometheus.Collector.
func (c *objectCollector) Collect(metrics chan<- prometheus.Metric) {
	c.mu.Lock()
	counts := c.counts
	c.mu.Unlock()
	if counts == nil {
		return
	}
	counts(func(organization types.NamespacedName, by ObjectState, number int32) {
		metrics <- prometheus.MustNewConstMetric(c.objects, prometheus.GaugeValue, float64(number),
			organization.Namespace, organization.Name, by.Kind, by.State)
	})
}
