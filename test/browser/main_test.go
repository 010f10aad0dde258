// Package browser_test goes the way of an administrator in a real Chromium: from the link in a resource's status through
// the consent page and the simulated Webex back to the page of another replica, on a real API server. It leaves
// screenshots in bin/screenshots.
package browser_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/controllers"
	"wxcc.dev/operator/internal/checkout"
	"wxcc.dev/operator/internal/consent"
	"wxcc.dev/operator/internal/controlplane"
	"wxcc.dev/operator/internal/simulator"
)

// site is what all tests of the package share; nil where there is no browser.
var site *installation

type installation struct {
	client    client.WithWatch
	simulator *simulator.Simulator
	// webex is the simulator's address, url that of the consent pages.
	webex, url string
	// callbacks counts what the second replica answered.
	callbacks atomic.Int64
	// browser is the context of the one Chromium.
	browser context.Context
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	program := findChromium()
	if program == "" {
		return m.Run(), nil // every test skips itself and says why
	}
	ctrl.SetLogger(logr.Discard())
	life, end := context.WithCancel(context.Background())
	plane, err := controlplane.Start(life, controlplane.Options{Progress: func(line string) { fmt.Fprintln(os.Stderr, line) }})
	if err != nil {
		end()
		return 1, err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()
	defer end()
	s := &installation{simulator: simulator.New(simulator.Options{})}
	webex := httptest.NewServer(s.simulator)
	defer webex.Close()
	s.webex = webex.URL
	stop, err := s.install(life, plane)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	closeBrowser, err := s.open(life, program)
	if err != nil {
		return 1, err
	}
	defer closeBrowser()
	site = s
	return m.Run(), nil
}

// findChromium looks for the browser where distributions put it.
func findChromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// needsBrowser skips a test where there is no browser.
func needsBrowser(t *testing.T) *installation {
	t.Helper()
	if site == nil {
		t.Skip("no Chromium on this machine: the consent page is not shown to a browser (Debian: apt-get install chromium)")
	}
	return site
}

// install runs the operator with one replica of the consent page, and a second replica that does nothing else. Callbacks
// always come to the second.
func (s *installation) install(life context.Context, plane *controlplane.ControlPlane) (stop func() error, err error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(v1alpha1.AddToScheme(scheme), corev1.AddToScheme(scheme), eventsv1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	if s.client, err = client.NewWithWatch(plane.Admin.Config, client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	operator, err := giveRights(life, plane)
	if err != nil {
		return nil, err
	}
	var pages [2]*consent.Server
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/callback") {
			s.callbacks.Add(1)
			pages[1].ServeHTTP(w, r)
			return
		}
		pages[0].ServeHTTP(w, r)
	}))
	s.url = front.URL
	running, cancel := context.WithCancel(life)
	ended := make(chan error, len(pages))
	stop = func() error {
		front.Close()
		cancel()
		return errors.Join(<-ended, <-ended)
	}
	for replica := range pages {
		mgr, err := ctrl.NewManager(operator, ctrl.Options{
			Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
			Cache:  cache.Options{DefaultTransform: cache.TransformStripManagedFields()},
			Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}}}},
		})
		if err != nil {
			return stop, err
		}
		if replica == 0 {
			if err := controllers.Setup(running, mgr, controllers.Options{SettleWindow: time.Second, ConsentURL: s.url}); err != nil {
				return stop, err
			}
		}
		if pages[replica], err = controllers.NewConsentServer(mgr, consent.Options{BindAddress: "127.0.0.1:0", ExternalURL: s.url}); err != nil {
			return stop, err
		}
		go func() { ended <- mgr.Start(running) }()
	}
	return stop, nil
}

// giveRights makes the operator's ServiceAccount with the rights of config/rbac and no others.
func giveRights(life context.Context, plane *controlplane.ControlPlane) (*rest.Config, error) {
	const name = "wxcc-operator"
	root, err := checkout.Root()
	if err != nil {
		return nil, err
	}
	account, err := plane.AddServiceAccount(name, name)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "wxcc-browser-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary directory
	admin := filepath.Join(dir, "admin")
	if err := plane.Admin.WriteKubeconfig(admin); err != nil {
		return nil, err
	}
	for _, args := range [][]string{{"create", "namespace", name}, {"apply", "-k", filepath.Join(root, "config", "rbac")}} {
		output, err := exec.CommandContext(life, plane.Kubectl, append([]string{"--kubeconfig", admin}, args...)...).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("kubectl %v: %w: %s", args, err, output)
		}
	}
	return account.Config, nil
}
