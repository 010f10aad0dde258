package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Budget is what is measured of an OAuth client's request budget.
type Budget interface {
	// Queue is how many requests wait, and how long the one has that waits longest.
	Queue() (waiting int, longest time.Duration)
	// HeldFor is how long the service asked to stay away still.
	HeldFor() time.Duration
}

// TrackBudget measures a budget under its client's name, until ForgetBudget.
func TrackBudget(client string, budget Budget) { budgets.track(client, budget) }

// ForgetBudget ends the series of a client.
func ForgetBudget(client string) { budgets.forget(client) }

// budgetCollector asks the budgets when somebody scrapes, so that a value is never stale.
type budgetCollector struct {
	waiting, wait, held *prometheus.Desc

	mu      sync.Mutex
	budgets map[string]Budget
}

func (c *budgetCollector) track(client string, budget Budget) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.budgets[client] = budget
}

func (c *budgetCollector) forget(client string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.budgets, client)
}

// Describe implements prometheus.Collector.
func (c *budgetCollector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- c.waiting
	descriptions <- c.wait
	descriptions <- c.held
}

// Collect implements prometheus.Collector.
func (c *budgetCollector) Collect(metrics chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for client, budget := range c.budgets {
		waiting, longest := budget.Queue()
		metrics <- prometheus.MustNewConstMetric(c.waiting, prometheus.GaugeValue, float64(waiting), client)
		metrics <- prometheus.MustNewConstMetric(c.wait, prometheus.GaugeValue, longest.Seconds(), client)
		metrics <- prometheus.MustNewConstMetric(c.held, prometheus.GaugeValue, budget.HeldFor().Seconds(), client)
	}
}
