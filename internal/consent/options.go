package consent

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Options of the consent page.
type Options struct {
	// BindAddress that the page listens on; "" or "0" turns it off.
	BindAddress string
	// ExternalURL under which browsers reach the page, without /connect: https, or http for a loopback host. A path of it
	// must reach the page unchanged. {ExternalURL}/connect/callback is the redirect address to register at Webex.
	ExternalURL string
	// CertFile and KeyFile serve TLS, both or none. They are read again when they change. Without them somebody else
	// ends TLS, for instance an ingress.
	CertFile, KeyFile string
}

// Enabled tells whether the page is served.
func (o Options) Enabled() bool { return o.BindAddress != "" && o.BindAddress != "0" }

// Check says what is wrong with the options.
func (o Options) Check() error {
	switch {
	case (o.CertFile == "") != (o.KeyFile == ""):
		return fmt.Errorf("--consent-tls-cert-file and --consent-tls-key-file go together")
	case !o.Enabled() && (o.ExternalURL != "" || o.CertFile != ""):
		return fmt.Errorf("--consent-external-url and --consent-tls-cert-file need --consent-bind-address")
	case !o.Enabled():
		return nil
	case o.ExternalURL == "":
		return fmt.Errorf("--consent-bind-address needs --consent-external-url, under which browsers reach the page")
	}
	return o.checkExternal()
}

func (o Options) checkExternal() error {
	external, err := url.Parse(o.ExternalURL)
	if err != nil || external.Host == "" || external.User != nil || external.RawQuery != "" || external.Fragment != "" ||
		strings.ContainsAny(external.Path, "{} ;") {
		return fmt.Errorf("--consent-external-url %q is not an address such as https://connect.example.com", o.ExternalURL)
	}
	if external.Scheme == "https" || (external.Scheme == "http" && loopback(external.Hostname())) {
		return nil
	}
	return fmt.Errorf("--consent-external-url %q must be https; http is for a loopback host only", o.ExternalURL)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// address is where browsers reach the page.
type address struct {
	origin string // scheme and host
	path   string // before /connect, without a slash at its end
	secure bool
}

// base is the address of the page without a slash at its end; "" while it is off.
func base(external string) string { return strings.TrimRight(external, "/") }

func (o Options) address() address {
	external, err := url.Parse(base(o.ExternalURL))
	if err != nil {
		return address{} // Check has refused it
	}
	return address{origin: external.Scheme + "://" + external.Host, path: external.Path, secure: external.Scheme == "https"}
}
