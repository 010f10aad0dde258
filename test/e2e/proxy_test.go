package e2e_test

import (
	"crypto/md5" //nolint:gosec // a form in which squid's helper takes passwords
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// proxy is a squid that lets only one user through.
type proxy struct {
	t       *testing.T
	address string
	dir     string
	command *exec.Cmd
}

// The user and the password need URL encoding; the password is one of those that must show up nowhere.
const (
	proxyUser     = "us er"
	proxyPassword = "canary-p@ss:w/rd%"
)

// startProxy starts a squid of the system, or skips the test where there is none.
func startProxy(t *testing.T) *proxy {
	t.Helper()
	program, err := exec.LookPath("squid")
	helper := "/usr/lib/squid/basic_ncsa_auth"
	if _, missing := os.Stat(helper); err != nil || missing != nil {
		t.Skip("no squid on this machine: install Debian's package squid to test with a real proxy")
	}
	p := &proxy{t: t, address: freeAddress(t), dir: t.TempDir()}
	sum := md5.Sum([]byte(proxyPassword)) //nolint:gosec // as above
	p.write("passwd", proxyUser+":"+hex.EncodeToString(sum[:])+"\n")
	config := p.write("squid.conf", fmt.Sprintf(`http_port %s
auth_param basic program %s %s/passwd
auth_param basic children 1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
access_log stdio:%[3]s/access.log
cache_log %[3]s/cache.log
cache deny all
pid_filename %[3]s/pid
coredump_dir %[3]s
shutdown_lifetime 0 seconds
pinger_enable off
visible_hostname localhost
`, p.address, helper, p.dir))
	// Where squid is started as root it works as somebody else.
	for dir := p.dir; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o777); err != nil { //nolint:gosec // a directory of this test
			t.Fatal(err)
		}
	}
	p.command = exec.Command(program, "-N", "-f", config) //nolint:gosec // the system's proxy with a configuration of ours
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	eventually(t, soon, func() error {
		connection, err := net.Dial("tcp", p.address)
		if err == nil {
			err = connection.Close()
		}
		return err
	})
	return p
}

func (p *proxy) write(name, text string) string {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // read by another user
		p.t.Fatal(err)
	}
	return path
}

// stop ends the proxy; a second call does nothing.
func (p *proxy) stop() {
	if p.command.ProcessState != nil {
		return
	}
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Errorf("stop squid: %v", err)
	}
	_ = p.command.Wait() // a signal is how it is meant to end
}

// seen is what the proxy logged.
func (p *proxy) seen() string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.dir, "access.log"))
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return string(text)
}

func (p *proxy) urlFor(password string) string {
	return (&url.URL{Scheme: "http", User: url.UserPassword(proxyUser, password), Host: p.address}).String()
}

// All HTTPS traffic of an organization, the token server's included, goes through its own authenticating proxy, plain
// HTTP through the other, and nothing past them.
//
// Proves: S1.17, S1.18, PR31, PR32
func TestTrafficGoesThroughTheProxies(t *testing.T) {
	s := newSite(t)
	squid := startProxy(t)
	secure := httptest.NewTLSServer(s.sim)
	t.Cleanup(func() { secure.CloseClientConnections(); secure.Close() })
	certificate := squid.write("ca.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})))
	s.setProxy("http", squid.urlFor(proxyPassword))
	s.setProxy("https", squid.urlFor("canary-wrong"))
	s.patchOrganization(fmt.Sprintf(`{"spec":{"endpoints":{"webex":%q,"contactCenter":%q},"proxy":{
		"httpProxySecretRef":{"name":"proxy-http","key":"url"},"httpsProxySecretRef":{"name":"proxy-https","key":"url"}}}}`, secure.URL, secure.URL))
	s.environment = []string{"SSL_CERT_FILE=" + certificate}
	s.startManager()
	// A wrong password is named as such, without the password.
	eventually(t, soon, func() error {
		shown := s.kubectl("--namespace", s.namespace, "get", "wxorg/org", "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].message}`)
		if !strings.Contains(shown, "Proxy Authentication Required") {
			return fmt.Errorf("the organization does not show the proxy's refusal: %q", shown)
		}
		return nil
	})
	if refused := squid.seen(); !strings.Contains(refused, "TCP_DENIED/407") {
		t.Errorf("the proxy refused nothing:\n%s", refused)
	}
	if made := s.sim.Stats().Requests; made != s.sim.Stats().Services["gateway"] {
		t.Errorf("%d requests came past the proxy", made)
	}
	s.setProxy("https", squid.urlFor(proxyPassword))
	s.apply(workTypeManifest)
	s.waitReady("wxorg/org", "worktype/breaks")
	host := strings.TrimPrefix(secure.URL, "https://")
	if tunnels := squid.seen(); !strings.Contains(tunnels, "CONNECT "+host+" "+proxyUser) {
		t.Errorf("no tunnel to %s by %q in the proxy's log:\n%s", host, proxyUser, tunnels)
	}
	squid.stop()
	secure.CloseClientConnections()
	before := s.sim.Stats().Services
	s.kubectl("--namespace", s.namespace, "annotate", "wxorg/org", "wxcc.dev/requestedAt=now")
	s.kubectl("--namespace", s.namespace, "wait", "--for=condition=Ready=Unknown", "--timeout="+later.String(), "wxorg/org")
	if after := s.sim.Stats().Services; after["contactCenter"] != before["contactCenter"] || after["platform"] != before["platform"] {
		t.Errorf("without the proxy requests came directly: %v, then %v", before, after)
	}
	s.wantNoLeaks()
}

// setProxy puts an address into the Secret of a proxy.
func (s *site) setProxy(scheme, address string) {
	s.t.Helper()
	s.apply(fmt.Sprintf("apiVersion: v1\nkind: Secret\nmetadata: {name: proxy-%s}\nstringData: {url: %q}\n", scheme, address))
}

func (s *site) patchOrganization(patch string) {
	s.t.Helper()
	s.kubectl("--namespace", s.namespace, "patch", "wxorg/org", "--type=merge", "-p", patch)
}
