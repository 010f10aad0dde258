package metrics

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/yaml"
)

// rules are the alerts that are shipped, by name; an alert may have several rules.
func rules(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../config/prometheus/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Spec struct {
			Groups []struct {
				Rules []struct{ Alert, Expr string }
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, group := range file.Spec.Groups {
		for _, rule := range group.Rules {
			found[rule.Alert] = append(found[rule.Alert], rule.Expr)
		}
	}
	return found
}

func TestAlertsSpeakOfMetricsThatExist(t *testing.T) {
	t.Parallel()
	descriptions := make(chan *prometheus.Desc, 100)
	for _, collector := range []prometheus.Collector{
		requests, durations, tokenExpiry, connectionEnd, tokenValid, sweepFailures, sweepSuccess, sweepsFailing, sweepInterval, budgets, licenses,
	} {
		collector.Describe(descriptions)
	}
	close(descriptions)
	known := ""
	for description := range descriptions {
		known += description.String()
	}
	for alert, expressions := range rules(t) {
		for _, name := range regexp.MustCompile(`wxcc_[a-z_]+`).FindAllString(strings.Join(expressions, " "), -1) {
			if !strings.Contains(known, `"`+name+`"`) {
				t.Errorf("%s: there is no metric %s", alert, name)
			}
		}
	}
}

// A sweep that fails is tried again ever more rarely, up to an interval of a day. An alert on a rate of failures would end
// by itself while nothing is compared; a gauge of failures in a row lasts until a sweep succeeds.
func TestTheAlertOfFailingSweepsLasts(t *testing.T) {
	t.Parallel()
	all := rules(t)
	for _, expression := range all["WxccSweepsFail"] {
		if strings.Contains(expression, "rate(") || strings.Contains(expression, "increase(") || !strings.Contains(expression, "wxcc_sweep_consecutive_failures") {
			t.Errorf("WxccSweepsFail: %s", expression)
		}
	}
	if len(all["WxccSweepsFail"]) != 1 || len(all["WxccNotCompared"]) != 1 {
		t.Errorf("alerts: %v", all)
	}
}
