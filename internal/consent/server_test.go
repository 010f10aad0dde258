package consent

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wxcc.dev/operator/internal/simulator"
)

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	const on = ":8443"
	for name, test := range map[string]struct {
		options Options
		want    string
	}{
		"off":                {Options{BindAddress: "0"}, ""},
		"behind an ingress":  {Options{BindAddress: on, ExternalURL: "https://connect.example.com/wxcc"}, ""},
		"with TLS":           {Options{BindAddress: on, ExternalURL: "https://connect.example.com", CertFile: "c", KeyFile: "k"}, ""},
		"on this machine":    {Options{BindAddress: on, ExternalURL: "http://127.0.0.1:8082"}, ""},
		"no address":         {Options{BindAddress: on}, "needs --consent-external-url"},
		"address of nothing": {Options{ExternalURL: "https://connect.example.com"}, "need --consent-bind-address"},
		"plain HTTP":         {Options{BindAddress: on, ExternalURL: "http://connect.example.com"}, "must be https"},
		"other scheme":       {Options{BindAddress: on, ExternalURL: "ftp://connect.example.com"}, "must be https"},
		"no host":            {Options{BindAddress: on, ExternalURL: "https:///x"}, "is not an address"},
		"query":              {Options{BindAddress: on, ExternalURL: "https://connect.example.com/?a=b"}, "is not an address"},
		"user":               {Options{BindAddress: on, ExternalURL: "https://me:pw@connect.example.com"}, "is not an address"},
		"half of TLS":        {Options{BindAddress: on, ExternalURL: "https://connect.example.com", CertFile: "c"}, "go together"},
	} {
		err := test.options.Check()
		if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q in it", name, err, test.want)
		}
	}
}

func TestAPathBeforeThePageIsKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	f.replicas[0] = f.replica(Options{BindAddress: "127.0.0.1:0", ExternalURL: f.url + "/wxcc/"})
	link, _, err := Link(f.url+"/wxcc/", "", f.organization(), f.oauth(), f.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(link, f.url+"/wxcc/connect/tenants/nordlys?ticket=") {
		t.Fatalf("link = %s", link)
	}
	f.want(f.get(link), http.StatusOK, `href="/wxcc/connect/-/style.css"`, `action="/wxcc/connect/tenants/nordlys"`)
	f.want(f.get(f.link()), http.StatusNotFound)
	sent := f.press(link)
	if sent.StatusCode != http.StatusSeeOther || sent.Cookies()[0].Path != "/wxcc/connect" || !strings.Contains(sent.Header.Get("Location"), "%2Fwxcc%2Fconnect%2Fcallback") {
		t.Errorf("%s to %s with %v", sent.Status, sent.Header.Get("Location"), sent.Cookies())
	}
}

// The page is served over TLS with a certificate that may change, and ends with the manager.
func TestServeWithTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	writeCertificate(t, certFile, keyFile, 1)
	f := newFixture(t, simulator.Options{}, nil)
	address := freeAddress(t)
	server := f.replica(Options{BindAddress: address, ExternalURL: "https://connect.example.com", CertFile: certFile, KeyFile: keyFile})
	if server.NeedLeaderElection() {
		t.Error("only the leader serves")
	}
	if server.Ready(nil) == nil {
		t.Error("ready before it serves")
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Start(ctx) }()
	serial := func() (int64, error) {
		client := http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, //nolint:gosec // the certificate is the test's own
		}}
		response, err := client.Get("https://" + address + "/connect/-/icon.svg")
		if err != nil {
			return 0, err
		}
		defer response.Body.Close()
		if response.Header.Get("Strict-Transport-Security") == "" {
			t.Error("no Strict-Transport-Security")
		}
		return response.TLS.PeerCertificates[0].SerialNumber.Int64(), nil
	}
	wantSerial := func(want int64) {
		t.Helper()
		eventually(t, func() error {
			got, err := serial()
			if err == nil && got != want {
				err = fmt.Errorf("certificate %d is served, want %d", got, want)
			}
			return err
		})
	}
	wantSerial(1)
	writeCertificate(t, certFile, keyFile, 2)
	wantSerial(2)
	if err := server.Ready(nil); err != nil {
		t.Errorf("Ready = %v", err)
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("Start = %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the server does not end")
	}
}

func TestServeFailsWithoutItsAddressOrCertificate(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // it only holds the address
	taken := f.replica(Options{BindAddress: listener.Addr().String(), ExternalURL: "https://connect.example.com"})
	if err := taken.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "serve the consent page") {
		t.Errorf("Start = %v", err)
	}
	bare := f.replica(Options{BindAddress: "127.0.0.1:0", ExternalURL: "https://connect.example.com", CertFile: "missing", KeyFile: "missing"})
	if err := bare.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "certificate of the consent page") {
		t.Errorf("Start = %v", err)
	}
}

// Connections that strangers keep open are bounded: others wait until one ends.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t, simulator.Options{}, nil)
	address := freeAddress(t)
	server := f.replica(Options{BindAddress: address, ExternalURL: "https://connect.example.com"})
	server.connections = 1
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Start(ctx) }()
	eventually(t, func() error { return server.Ready(nil) })
	open, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	get := func(patience time.Duration) error {
		client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
		response, err := client.Get("http://" + address + "/connect/-/icon.svg")
		if err != nil {
			return err
		}
		return response.Body.Close()
	}
	if err := get(300 * time.Millisecond); err == nil {
		t.Error("a second connection is served")
	}
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error { return get(5 * time.Second) })
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Start = %v", err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // only the address was wanted
	return listener.Addr().String()
}

func writeCertificate(t *testing.T, certFile, keyFile string, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "connect"}, DNSNames: []string{"connect.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{keyFile: {Type: "EC PRIVATE KEY", Bytes: private}, certFile: {Type: "CERTIFICATE", Bytes: cert}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func eventually(t *testing.T, check func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-ticker.C:
		}
	}
}
