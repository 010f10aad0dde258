package e2e_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestMetricsAreForThoseWhoMayReadThem(t *testing.T) {
	s := newSite(t)
	p := s.startManager("--metrics-secure")
	for _, account := range []string{"scraper", "stranger"} {
		s.kubectl("--namespace", s.namespace, "create", "serviceaccount", account)
	}
	s.kubectl("create", "clusterrolebinding", s.namespace+"-scraper", "--clusterrole=wxcc-metrics-reader", "--serviceaccount="+s.namespace+":scraper")
	token := func(account string) string {
		return strings.TrimSpace(s.kubectl("--namespace", s.namespace, "create", "token", account))
	}
	for _, row := range []struct {
		token string
		want  int
	}{
		// What controller-runtime answers to a token that the API server does not know is its own affair.
		{"", http.StatusUnauthorized}, {"made-up", http.StatusInternalServerError},
		{token("stranger"), http.StatusForbidden}, {token("scraper"), http.StatusOK},
	} {
		eventually(t, soon, func() error { // the binding reaches the API server's authorizer a moment later
			status, body, err := p.scrape(row.token)
			if err == nil && status != row.want {
				err = fmt.Errorf("status %d, want %d", status, row.want)
			}
			if shows := strings.Contains(body, "wxcc_"); err == nil && shows != (row.want == http.StatusOK) {
				err = fmt.Errorf("status %d shows metrics: %t", status, shows)
			}
			return err
		})
	}
}

// scrape asks for metrics by TLS, with a bearer token if there is one.
func (p *process) scrape(token string) (int, string, error) {
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "https://"+p.metrics+"/metrics", nil)
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // signed by nobody
	defer transport.CloseIdleConnections()
	return answer(&http.Client{Transport: transport}, request)
}

// A replica that stands by, as here one that may not take the lease, is ready once it sees the cluster, and not before.
func TestAReplicaIsReadyWhenItSeesTheCluster(t *testing.T) {
	s := newSite(t)
	account := "standby"
	s.kubectl("--namespace", s.namespace, "create", "serviceaccount", account)
	user, err := installed.plane.AddServiceAccount(s.namespace, account)
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig := filepath.Join(t.TempDir(), account)
	if err := user.WriteKubeconfig(kubeconfig); err != nil {
		t.Fatal(err)
	}
	p := s.launch(kubeconfig, "--leader-elect", "--leader-election-namespace", s.namespace)
	eventually(t, soon, func() error {
		status, body, err := p.probe("healthz")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("alive: %d %s", status, body)
		}
		return err
	})
	if status, body, err := p.probe("readyz"); err != nil || status == http.StatusOK {
		t.Fatalf("ready without a right to list anything: %d %s %v", status, body, err)
	}
	s.kubectl("create", "clusterrolebinding", s.namespace+"-standby", "--clusterrole=wxcc-operator", "--serviceaccount="+s.namespace+":"+account)
	eventually(t, later, func() error {
		status, body, err := p.probe("readyz")
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%d %s", status, body)
		}
		return err
	})
}

// probe asks for one of the manager's probes.
func (p *process) probe(path string) (int, string, error) {
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+p.probes+"/"+path, nil)
	if err != nil {
		return 0, "", err
	}
	return answer(http.DefaultClient, request)
}

func TestHelpAndVersionEndWell(t *testing.T) {
	t.Parallel()
	for argument, want := range map[string]string{"--help": "--watch-namespaces", "--version": "wxcc-operator "} {
		var complaints strings.Builder
		command := exec.CommandContext(t.Context(), installed.manager, argument) //nolint:gosec // the binary under test
		command.Stderr = &complaints
		output, err := command.Output()
		if err != nil || !strings.Contains(string(output), want) || complaints.Len() > 0 {
			t.Errorf("%s: %v, %q, complaints %q", argument, err, output, complaints.String())
		}
	}
}

func TestATypingErrorDoesNotOpenAllNamespaces(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), installed.manager, "--watch-namespaces=team-a,") //nolint:gosec // the binary under test
	command.Env = []string{"KUBECONFIG=" + installed.operator}
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(output), "the name of a namespace is empty") {
		t.Errorf("%v: %s", err, output)
	}
}
