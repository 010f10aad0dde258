// Package metrics holds the operator's own Prometheus metrics, registered with controller-runtime's registry. Labels
// carry no secret and nothing unbounded: routes have no ids, OAuth clients are named by a short hash.
package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
)

// Services that requests go to.
const (
	ServiceWebex   = "webex"
	ServiceGateway = "gateway"
)

// Kinds of tokens.
const (
	AccessToken  = "access"
	RefreshToken = "refresh"
)

// The label names shared by several metrics.
const (
	labelNamespace = "namespace"
	labelName      = "name"
	labelKind      = "kind"
)

var (
	requests = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wxcc_requests_total",
		Help: "Requests to remote services by organization, route and HTTP status; code 0 means that no answer came.",
	}, []string{"service", labelNamespace, labelName, "method", "route", "code"})

	durations = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "wxcc_request_duration_seconds",
		Help:    "Time from sending a request to a remote service to its complete answer.",
		Buckets: []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30},
	}, []string{"service", "method", "route"})

	tokenExpiry = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "wxcc_token_expiry_timestamp_seconds",
		Help: "When a token of an organization ends, in seconds since 1970; token is access or refresh.",
	}, []string{labelNamespace, labelName, "token"})

	connectionEnd = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "wxcc_connection_end_timestamp_seconds",
		Help: "When an organization's connection ends unless consent is given again, in seconds since 1970: with the refresh token, or with an access token that cannot be renewed.",
	}, []string{labelNamespace, labelName})

	tokenValid = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "wxcc_token_valid",
		Help: "1 while an organization's access token works, else 0.",
	}, []string{labelNamespace, labelName})

	sweepFailures = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wxcc_sweep_failures_total",
		Help: "Sweeps that failed, by organization and collection; until one succeeds nothing of the collection is compared.",
	}, []string{labelNamespace, labelName, "collection"})

	sweepSuccess = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "wxcc_sweep_last_success_timestamp_seconds",
		Help: "When a collection was last listed and compared completely, in seconds since 1970; the earliest of all groups of a gateway.",
	}, []string{labelNamespace, labelName, "collection"})

	corrections = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wxcc_drift_corrections_total",
		Help: "Writes that brought a remote object back to an unchanged spec, by organization and kind.",
	}, []string{labelNamespace, labelName, labelKind})

	objects = &objectCollector{
		objects: prometheus.NewDesc("wxcc_objects",
			"Custom resources by organization, kind and state: ready, drifted, waiting, unknown, stalled, suspended or new.",
			[]string{labelNamespace, labelName, labelKind, "state"}, nil),
	}

	sweepsFailing = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "wxcc_sweep_consecutive_failures",
		Help: "Sweeps of a collection that failed since the last one that succeeded; the most of all groups of a gateway.",
	}, []string{labelNamespace, labelName, "collection"})

	sweepInterval = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "wxcc_sweep_interval_seconds",
		Help: "How often the collections of an organization are to be compared completely.",
	}, []string{labelNamespace, labelName})

	budgets = &budgetCollector{
		waiting: prometheus.NewDesc("wxcc_budget_waiting",
			"Requests that wait for the budget of an OAuth client, named by a short hash.", []string{"client"}, nil),
		wait: prometheus.NewDesc("wxcc_budget_wait_seconds",
			"How long the request has waited that waits longest for the budget of an OAuth client.", []string{"client"}, nil),
		held: prometheus.NewDesc("wxcc_budget_held_seconds",
			"How long Webex has asked an OAuth client to stay away still; 0 if it has not.", []string{"client"}, nil),
		budgets: map[string]Budget{},
	}

	licenses = &licenseCollector{
		units: prometheus.NewDesc("wxcc_license_units",
			"Units of an organization's licences, by name of the licence; kind is total or consumed. A total of 0 or less is unlimited.",
			[]string{labelNamespace, labelName, "license", "kind"}, nil),
		organizations: map[types.NamespacedName]map[string]LicenseUnits{},
	}
)

func init() {
	ctrlmetrics.Registry.MustRegister(requests, durations, tokenExpiry, connectionEnd, tokenValid, sweepFailures, sweepSuccess,
		sweepsFailing, sweepInterval, corrections, objects, budgets, licenses)
}

// Observer returns the function that counts an organization's requests to a service, until Forget.
func Observer(service string, organization types.NamespacedName) func(method, route string, status int, took time.Duration) {
	series := organizations.of(organization)
	return func(method, route string, status int, took time.Duration) {
		series.write(func() {
			requests.WithLabelValues(service, organization.Namespace, organization.Name, method, route, strconv.Itoa(status)).Inc()
		})
		durations.WithLabelValues(service, method, route).Observe(took.Seconds())
	}
}

// SweepObserver returns the function that records how the sweeps of a collection of an organization end, until Forget: a nil
// error is a success, last is when the collection was last compared completely (zero if never), and failures is how many
// sweeps have failed since. The collection's name holds no ids.
func SweepObserver(organization types.NamespacedName, collection string) func(err error, last time.Time, failures int) {
	series := organizations.of(organization)
	return func(err error, last time.Time, failures int) {
		series.write(func() {
			if err != nil {
				sweepFailures.WithLabelValues(organization.Namespace, organization.Name, collection).Inc()
			}
			if !last.IsZero() {
				sweepSuccess.WithLabelValues(organization.Namespace, organization.Name, collection).Set(float64(last.Unix()))
			}
			sweepsFailing.WithLabelValues(organization.Namespace, organization.Name, collection).Set(float64(failures))
		})
	}
}

// SweepInterval records how often an organization's collections are to be compared.
func SweepInterval(organization types.NamespacedName, interval time.Duration) {
	sweepInterval.WithLabelValues(organization.Namespace, organization.Name).Set(interval.Seconds())
}

// RestSweeps removes what is recorded of when collections were compared: nothing is to be.
func RestSweeps(organization types.NamespacedName) {
	labels := prometheus.Labels{labelNamespace: organization.Namespace, labelName: organization.Name}
	sweepSuccess.DeletePartialMatch(labels)
	sweepsFailing.DeletePartialMatch(labels)
	sweepInterval.DeletePartialMatch(labels)
}

// Forget removes every series of an organization. Calls still under way bring none of them back.
func Forget(organization types.NamespacedName) {
	organizations.end(organization)
	labels := prometheus.Labels{labelNamespace: organization.Namespace, labelName: organization.Name}
	requests.DeletePartialMatch(labels)
	tokenExpiry.DeletePartialMatch(labels)
	connectionEnd.DeletePartialMatch(labels)
	tokenValid.DeletePartialMatch(labels)
	licenses.forget(organization)
	sweepFailures.DeletePartialMatch(labels)
	corrections.DeletePartialMatch(labels)
	RestSweeps(organization)
}
