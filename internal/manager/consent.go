package manager

import (
	"fmt"

	"github.com/spf13/pflag"
	ctrl "sigs.k8s.io/controller-runtime"

	"wxcc.dev/operator/controllers"
)

func (o *Options) consentFlags(flags *pflag.FlagSet) {
	page := &o.consentPage
	flags.StringVar(&page.BindAddress, "consent-bind-address", "0", "address of the page where administrators give consent at Webex; 0 turns it off")
	flags.StringVar(&page.ExternalURL, "consent-external-url", "", "address under which browsers reach that page, https, or http for a loopback host; {address}/connect/callback is the redirect address to register at Webex")
	flags.StringVar(&page.CertFile, "consent-tls-cert-file", "", "certificate of that page, read again when it changes; empty where somebody else ends TLS")
	flags.StringVar(&page.KeyFile, "consent-tls-key-file", "", "key of that certificate")
}

// serveConsent adds the consent page to the manager. Every replica serves it: a browser may come to any.
func (o *Options) serveConsent(mgr ctrl.Manager) error {
	if !o.consentPage.Enabled() {
		return nil
	}
	server, err := controllers.NewConsentServer(mgr, o.consentPage)
	if err != nil {
		return err
	}
	if err := mgr.Add(server); err != nil {
		return fmt.Errorf("add the consent page: %w", err)
	}
	if err := mgr.AddReadyzCheck("consent", server.Ready); err != nil {
		return fmt.Errorf("add the readiness check of the consent page: %w", err)
	}
	return nil
}
