package manager

import (
	"io"
	"slices"
	"strings"
	"testing"
)

func TestAnElementOfAListIsNeverGuessed(t *testing.T) {
	t.Parallel()
	for argument, want := range map[string]string{
		"--watch-namespaces=team-a,team-b":  "",
		"--watch-namespaces=team-a,":        "is empty",
		"--watch-namespaces=,team-a":        "is empty",
		"--watch-namespaces=":               "is empty",
		"--watch-namespaces=team-a,,team-b": "is empty",
		"--watch-namespaces=team-a, team-b": `" team-b" is no namespace`,
		"--watch-namespaces= ":              `" " is no namespace`,
		"--watch-namespaces=Team_A":         `"Team_A" is no namespace`,
		"--watch-namespaces=*":              `"*" is no namespace`,
		"--watch-namespaces=a,b,a":          `"a" stands there twice`,
		"--watch-label-selector=":           "selects everything",
		"--watch-label-selector=shard=a,":   "--watch-label-selector",
		"--watch-label-selector=a==b==c":    "--watch-label-selector",
	} {
		args := []string{argument}
		if strings.HasPrefix(argument, "--watch-label-selector") {
			args = append(args, "--shard=north")
		}
		_, err := Parse(args, io.Discard)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", argument, err, want)
		}
	}
	o, err := Parse([]string{"--watch-namespaces=team-a,team-b", "--watch-namespaces=team-c"}, io.Discard)
	if err != nil || !slices.Equal(o.watchNamespaces, []string{"team-a", "team-b", "team-c"}) {
		t.Errorf("namespaces %v, %v", o.watchNamespaces, err)
	}
	if _, err := Parse([]string{"--watch-namespaces=a", "--watch-namespaces=a"}, io.Discard); err == nil {
		t.Error("a namespace may be given twice")
	}
	for name := range o.managerOptions().Cache.DefaultNamespaces {
		if name == "" {
			t.Error("the cache is of all namespaces")
		}
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	t.Parallel()
	for _, argument := range []string{
		"--no-such-flag", "-v", "extra", "--concurrency=0", "--requests-per-minute=0", "--settle-window=0s", "--deletion-grace=-1s", "--log-format=xml", "--log-level=debug-6",
		"--shard=", "--kube-api-qps=0", "--kube-api-burst=0", "--memory-limit=much", "--memory-limit=0", "--memory-limit=-1Mi",
		"--metrics-bind-address=", "--metrics-bind-address=8080", "--health-probe-bind-address=", "--pprof-bind-address=", "--metrics-cert-dir=/tls",
	} {
		var out strings.Builder
		if o, err := Parse([]string{argument}, &out); err == nil || o != nil || out.Len() > 0 {
			t.Errorf("%s: %v, %v, %q", argument, o, err, out.String())
		}
	}
}

func TestHelpAndVersionAreAnswers(t *testing.T) {
	t.Parallel()
	for argument, want := range map[string]string{
		"--help": "--watch-namespaces names", "-h": "default all", "--version": "wxcc-operator devel (go1.",
	} {
		var out strings.Builder
		if o, err := Parse([]string{argument}, &out); o != nil || err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v, %v, without %q: %s", argument, o, err, want, out.String())
		}
	}
}

func TestMetricsAreProtectedBeyondThisMachine(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]bool{
		"": false, "--metrics-bind-address=localhost:8080": false, "--metrics-bind-address=[::1]:8080": false, "--metrics-bind-address=0": false,
		"--metrics-bind-address=:8443": true, "--metrics-bind-address=0.0.0.0:8443": true, "--metrics-bind-address=10.1.2.3:8443": true,
		"--metrics-bind-address=metrics.example.com:8443":     true,
		"--metrics-bind-address=:8443 --metrics-secure=false": false, "--metrics-secure": true,
		"--metrics-bind-address=:8443 --metrics-cert-dir=/tls": true,
	} {
		o, err := Parse(strings.Fields(args), io.Discard)
		if err != nil {
			t.Errorf("%q: %v", args, err)
			continue
		}
		if got := o.metricsOptions(); got.SecureServing != want || (got.FilterProvider != nil) != want {
			t.Errorf("%q: TLS %t, authentication %t, want %t", args, got.SecureServing, got.FilterProvider != nil, want)
		}
	}
}

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]byteSize{"512Mi": 512 << 20, "536870912": 512 << 20} {
		o, err := Parse([]string{"--memory-limit=" + text}, io.Discard)
		if err != nil || o.memoryLimit != want {
			t.Errorf("%s: %v, %v", text, o, err)
		}
	}
}
