package httpcall

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"wxcc.dev/operator/internal/fence"
	"wxcc.dev/operator/internal/redact"
	"wxcc.dev/operator/internal/remote"
)

const (
	// maxErrorBody is how much of an error's body is read: the rest explains nothing.
	maxErrorBody = 64 << 10
	// maxTokenAnswer bounds an answer of a token server or log-in.
	maxTokenAnswer = 64 << 10
	// maxHeaders bounds the header of an answer; maxHeader each value in it.
	maxHeaders = 64 << 10
	maxHeader  = 4 << 10
	// maxDescription bounds the text of a transport failure.
	maxDescription = 256
)

// Transport is the way to the services of one party. All that comes back through it, errors included, is free of the
// secrets that were ever sent or received through it, but for the data of good answers, which Send cleans.
type Transport struct {
	next     http.RoundTripper
	secrets  *redact.Redactor
	mayWrite func() error // nil: always
}

// Guard makes a Transport of a bare one; nil means http.DefaultTransport. One that is a Transport already stays as it is.
// Secrets may be nil; a redactor that is shared knows what others of its users have learned.
func Guard(next http.RoundTripper, secrets *redact.Redactor) *Transport {
	if guarded, ok := next.(*Transport); ok {
		return guarded
	}
	if next == nil {
		next = standard()
	}
	if bare, ok := next.(*http.Transport); ok {
		next = strict(bare)
	}
	if secrets == nil {
		secrets = redact.New()
	}
	return &Transport{next: next, secrets: secrets}
}

// standard is http.DefaultTransport as strict as the others, with the same connections for all who use it.
var standard = sync.OnceValue(func() http.RoundTripper {
	if bare, ok := http.DefaultTransport.(*http.Transport); ok {
		return strict(bare)
	}
	return http.DefaultTransport
})

// strict returns a transport that speaks no TLS older than 1.2 and reads no endless header; the one given is not changed.
func strict(bare *http.Transport) *http.Transport {
	if bare.TLSClientConfig != nil && bare.TLSClientConfig.MinVersion >= tls.VersionTLS12 && bare.MaxResponseHeaderBytes == maxHeaders {
		return bare
	}
	bare = bare.Clone()
	if bare.TLSClientConfig == nil {
		bare.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	bare.TLSClientConfig.MinVersion = max(bare.TLSClientConfig.MinVersion, tls.VersionTLS12)
	bare.MaxResponseHeaderBytes = maxHeaders
	return bare
}

// While returns the same transport for one who may send requests that are no GET or HEAD only while mayWrite returns nil, see
// fence.Guard.
func (t *Transport) While(mayWrite func() error) *Transport {
	return &Transport{next: t.next, secrets: t.secrets, mayWrite: mayWrite}
}

// Secrets are those that the transport knows.
func (t *Transport) Secrets() *redact.Redactor { return t.secrets }

// Proxy is the proxy that a request goes through; nil if it goes through none.
func (t *Transport) Proxy(request *http.Request) (*url.URL, error) {
	if bare, ok := t.next.(*http.Transport); ok && bare.Proxy != nil {
		return bare.Proxy(request)
	}
	return nil, nil
}

// CloseIdleConnections closes connections that nobody uses.
func (t *Transport) CloseIdleConnections() {
	if closer, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// Show makes a text of the other side fit to be shown: without secrets, printable, at most limit bytes.
func (t *Transport) Show(text string, limit int) string {
	// Once more, because what is made printable may be a secret then.
	return remote.Printable(t.secrets.Text(remote.Printable(t.secrets.Text(text), maxErrorBody)), limit)
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	t.secrets.Know(secretsOf(request)...)
	if proxy, err := t.Proxy(request); err == nil {
		t.secrets.Know(userSecrets(proxy)...)
	}
	response, err := fence.Guard(t.next, t.mayWrite).RoundTrip(request)
	if err != nil {
		return nil, t.clean(err)
	}
	t.secrets.Know(cookieSecrets(response)...)
	response.Status = fmt.Sprintf("%d %s", response.StatusCode, http.StatusText(response.StatusCode))
	// A redirect would be followed with the token, and a POST would become a GET: nobody gets to know where it leads.
	response.Header.Del("Location")
	t.cleanHeader(response.Header)
	t.cleanHeader(response.Trailer)
	if response.StatusCode >= http.StatusMultipleChoices {
		t.cleanBody(response)
		return response, nil
	}
	response.Body = &cleanReader{ReadCloser: response.Body, transport: t}
	return response, nil
}

func (t *Transport) cleanHeader(header http.Header) {
	for name, values := range header {
		if name == "Set-Cookie" {
			continue // for the cookie jar alone, see Send
		}
		clean := make([]string, 0, len(values))
		for _, value := range values {
			clean = append(clean, t.Show(value, maxHeader))
		}
		header[name] = clean
	}
}

// cleanBody replaces the body of a refusal by as much of it as is kept.
func (t *Transport) cleanBody(response *http.Response) {
	defer response.Body.Close() //nolint:errcheck // it is not read any more
	body, err := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	var rest io.Reader = bytes.NewReader([]byte(t.secrets.Text(string(body))))
	if err != nil {
		rest = io.MultiReader(rest, failing{t.clean(err)})
	}
	response.Body = io.NopCloser(rest)
	response.ContentLength = -1
	response.Header.Del("Content-Length")
}

// clean returns an error that says what may be said and is the same to errors.Is and errors.As.
func (t *Transport) clean(err error) error {
	if errors.Is(err, io.EOF) || err == nil {
		return err // readers compare it
	}
	return &cleanError{text: t.Show(Describe(err), maxDescription), cause: err}
}

type cleanError struct {
	text  string
	cause error
}

func (e *cleanError) Error() string { return e.text }
func (e *cleanError) Unwrap() error { return e.cause }

type cleanReader struct {
	io.ReadCloser
	transport *Transport
}

func (r *cleanReader) Read(into []byte) (int, error) {
	n, err := r.ReadCloser.Read(into)
	return n, r.transport.clean(err)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// noRedirect hands out the answer that redirects.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// TokenClient is a client for a token server. It takes the secrets from good answers, which it leaves as they are.
func (t *Transport) TokenClient(timeout time.Duration) *http.Client {
	return &http.Client{Transport: tokenTransport{t}, Timeout: timeout, CheckRedirect: noRedirect}
}

type tokenTransport struct{ *Transport }

// RoundTrip implements http.RoundTripper.
func (t tokenTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.Transport.RoundTrip(request)
	if err != nil || response.StatusCode >= http.StatusMultipleChoices {
		return response, err
	}
	defer response.Body.Close() //nolint:errcheck // it has been read or is given up
	body, err := io.ReadAll(io.LimitReader(response.Body, maxTokenAnswer+1))
	if err == nil && len(body) > maxTokenAnswer {
		err = &BoundError{What: "bytes in an answer with tokens", Most: maxTokenAnswer}
	}
	if err != nil {
		return nil, err
	}
	t.secrets.Know(append(jsonSecrets(body), formSecrets(body)...)...)
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
