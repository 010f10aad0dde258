package controllers

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
	"wxcc.dev/operator/internal/httpcall"
	"wxcc.dev/operator/internal/redact"
	"wxcc.dev/operator/internal/remote"
	"wxcc.dev/operator/internal/secrets"
)

const (
	caFromSecret = v1alpha1.CASourceKind("Secret")
	caDefaultKey = "ca.crt"
)

// idleConnections to a host that are kept: a burst of the request budget finds its connections open.
const idleConnections = 16

// route is how traffic leaves: through which proxies, trusting whom.
type route struct {
	httpProxy, httpsProxy *url.URL
	ca                    []byte
}

// digest tells routes apart without showing proxy passwords.
func (r route) digest() string {
	return digest(fmt.Sprint(r.httpProxy), fmt.Sprint(r.httpsProxy), string(r.ca))
}

// transport makes the route's transport, which adds to the secrets that are known. Without proxies of its own it obeys the
// operator's environment.
func (r route) transport(secrets *redact.Redactor) (*httpcall.Transport, error) {
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, fmt.Errorf("the default transport is a %T", http.DefaultTransport)
	}
	transport := base.Clone()
	transport.MaxIdleConnsPerHost = idleConnections
	if r.httpProxy != nil || r.httpsProxy != nil {
		transport.Proxy = r.proxyOf
	}
	if len(r.ca) > 0 {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(r.ca) {
			return nil, fmt.Errorf("the CA bundle holds no PEM certificate")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return httpcall.Guard(transport, secrets), nil
}

// leadersTransport makes the route's transport for what only the leader may do.
func (v *organizationVisit) leadersTransport(traffic route) (*httpcall.Transport, error) {
	transport, err := traffic.transport(v.session.secrets)
	if err != nil {
		return nil, err
	}
	return transport.While(v.r.Options.MayWrite), nil
}

func (r route) proxyOf(request *http.Request) (*url.URL, error) {
	if request.URL.Scheme == "https" {
		return r.httpsProxy, nil
	}
	return r.httpProxy, nil
}

// proxies reads the organization's proxies from their Secrets.
func (v *organizationVisit) proxies(ctx context.Context) (route, *failure) {
	var found route
	proxy := v.organization.Spec.Proxy
	if proxy == nil {
		return found, nil
	}
	for _, wanted := range []struct {
		field     string
		reference *v1alpha1.SecretKeyReference
		into      **url.URL
	}{
		{"httpProxySecretRef", proxy.HTTPProxySecretRef, &found.httpProxy},
		{"httpsProxySecretRef", proxy.HTTPSProxySecretRef, &found.httpsProxy},
	} {
		if wanted.reference == nil {
			continue
		}
		secret, failed := v.secret(ctx, wanted.reference.Name, v1alpha1.ReasonSecretNotFound)
		if failed != nil {
			return found, failed
		}
		content, failed := v.keysOf(secret, v1alpha1.ReasonSecretNotFound, wanted.reference.Key)
		if failed != nil {
			return found, failed
		}
		address, err := parseProxy(content[wanted.reference.Key])
		if err != nil {
			return found, stalled(v1alpha1.ReasonRejected, fmt.Sprintf("spec.proxy.%s: key %s of Secret %s %v",
				wanted.field, wanted.reference.Key, wanted.reference.Name, err))
		}
		*wanted.into = address
	}
	return found, nil
}

// parseProxy reads http(s)://[user:password@]host:port. Its error does not repeat the text, which holds a password.
func parseProxy(text string) (*url.URL, error) {
	address, err := url.Parse(text)
	if err != nil || (address.Scheme != "http" && address.Scheme != "https") || address.Hostname() == "" || address.Port() == "" ||
		strings.Trim(address.Path, "/") != "" || address.RawQuery != "" || address.Fragment != "" {
		return nil, fmt.Errorf("is not of the form http(s)://[user:password@]host:port with special characters URL-encoded")
	}
	return address, nil
}

// secret reads a Secret live whose content is to be sent to an address that the spec names. One that is missing or was
// made for somebody else is a failure that names it.
func (v *organizationVisit) secret(ctx context.Context, name string, missing v1alpha1.Reason) (*corev1.Secret, *failure) {
	var secret corev1.Secret
	if failed := v.live(ctx, "Secret", name, missing, &secret); failed != nil {
		return nil, failed
	}
	if err := secrets.Check(&secret); err != nil {
		return nil, waits(missing, err.Error())
	}
	return &secret, nil
}

// keysOf reads keys of a Secret, trimmed. A missing one is a failure that names it.
func (v *organizationVisit) keysOf(secret *corev1.Secret, missing v1alpha1.Reason, keys ...string) (map[string]string, *failure) {
	content := map[string]string{}
	var lacking []string
	for _, key := range keys {
		content[key] = strings.TrimSpace(string(secret.Data[key]))
		if content[key] == "" {
			lacking = append(lacking, key)
		}
	}
	if len(lacking) > 0 {
		return content, waits(missing, fmt.Sprintf("Secret %s/%s lacks %s", v.key.Namespace, secret.Name, strings.Join(lacking, ", ")))
	}
	return content, nil
}

// bundle reads the certificates that the gateway is trusted by; none means the system's.
func (v *organizationVisit) bundle(ctx context.Context, reference *v1alpha1.CAReference) ([]byte, *failure) {
	if reference == nil {
		return nil, nil
	}
	key := reference.Key
	if key == "" {
		key = caDefaultKey
	}
	if reference.Kind == caFromSecret {
		// Of any type, such as those that cert-manager makes: certificates to trust are sent to nobody.
		var secret corev1.Secret
		if failed := v.live(ctx, "Secret", reference.Name, v1alpha1.ReasonSecretNotFound, &secret); failed != nil {
			return nil, failed
		}
		content, failed := v.keysOf(&secret, v1alpha1.ReasonSecretNotFound, key)
		return []byte(content[key]), failed
	}
	var configMap corev1.ConfigMap
	if failed := v.live(ctx, "ConfigMap", reference.Name, v1alpha1.ReasonSecretNotFound, &configMap); failed != nil {
		if last := v.session.gateway.bundle; v.organization.DeletionTimestamp != nil && len(last) > 0 {
			return last, nil // nobody keeps a ConfigMap from going first
		}
		// ConfigMaps are not watched.
		return nil, failed.in(slowOrganizationRetry)
	}
	if configMap.Data[key] == "" {
		return nil, waits(v1alpha1.ReasonSecretNotFound,
			fmt.Sprintf("ConfigMap %s/%s lacks %s", v.key.Namespace, reference.Name, key)).in(slowOrganizationRetry)
	}
	v.session.gateway.bundle = []byte(configMap.Data[key])
	return v.session.gateway.bundle, nil
}

// live reads an object of the organization's namespace past every cache.
func (v *organizationVisit) live(ctx context.Context, kind, name string, missing v1alpha1.Reason, into client.Object) *failure {
	key := types.NamespacedName{Namespace: v.key.Namespace, Name: name}
	err := v.r.APIReader.Get(ctx, key, into)
	switch {
	case apierrors.IsNotFound(err):
		return waits(missing, fmt.Sprintf("%s %s does not exist", kind, key))
	case err != nil:
		return unknown(v1alpha1.ReasonUnavailable, fmt.Errorf("read %s %s: %w", kind, key, err))
	}
	return nil
}

// digest hashes texts for comparison in memory.
func digest(texts ...string) string {
	sum := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(sum, "%d:%s", len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// shorten bounds the text of a condition or event; an event may have 1024 characters.
func shorten(message string) string { return remote.Printable(message, 1000) }
