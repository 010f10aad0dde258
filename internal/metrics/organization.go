package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
)

// TokenExpiry records when a token ends; a zero time removes the series, because nobody knows.
func TokenExpiry(organization types.NamespacedName, token string, ends time.Time) {
	if ends.IsZero() {
		tokenExpiry.DeleteLabelValues(organization.Namespace, organization.Name, token)
		return
	}
	tokenExpiry.WithLabelValues(organization.Namespace, organization.Name, token).Set(float64(ends.Unix()))
}

// ConnectionEnd records when a connection ends unless somebody gives consent again; a zero time removes the series.
func ConnectionEnd(organization types.NamespacedName, ends time.Time) {
	if ends.IsZero() {
		connectionEnd.DeleteLabelValues(organization.Namespace, organization.Name)
		return
	}
	connectionEnd.WithLabelValues(organization.Namespace, organization.Name).Set(float64(ends.Unix()))
}

// TokenValid records whether an organization's access token works.
func TokenValid(organization types.NamespacedName, valid bool) {
	value := 0.0
	if valid {
		value = 1
	}
	tokenValid.WithLabelValues(organization.Namespace, organization.Name).Set(value)
}

// NoToken removes the series of TokenValid: the organization needs no token.
func NoToken(organization types.NamespacedName) {
	tokenValid.DeleteLabelValues(organization.Namespace, organization.Name)
}

// LicenseUnits are the units of a licence.
type LicenseUnits struct{ Total, Consumed float64 }

// Licenses records an organization's licences by name, in place of those that were recorded before.
func Licenses(organization types.NamespacedName, units map[string]LicenseUnits) {
	licenses.mu.Lock()
	defer licenses.mu.Unlock()
	licenses.organizations[organization] = units
}

// licenseCollector shows at a scrape what is known, so that a licence that has gone leaves no series.
type licenseCollector struct {
	units *prometheus.Desc

	mu            sync.Mutex
	organizations map[types.NamespacedName]map[string]LicenseUnits
}

func (c *licenseCollector) forget(organization types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.organizations, organization)
}

// Describe implements prometheus.Collector.
func (c *licenseCollector) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- c.units }

// Collect implements prometheus.Collector.
func (c *licenseCollector) Collect(metrics chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for organization, licenses := range c.organizations {
		for name, units := range licenses {
			for kind, value := range map[string]float64{"total": units.Total, "consumed": units.Consumed} {
				metrics <- prometheus.MustNewConstMetric(c.units, prometheus.GaugeValue, value, organization.Namespace, organization.Name, name, kind)
			}
		}
	}
}
