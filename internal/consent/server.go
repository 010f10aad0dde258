package consent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/net/netutil"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"wxcc.dev/operator/api/v1alpha1"
)

// Site is the cluster that the page works for.
type Site struct {
	// Client reads WebexOrganizations, from a cache, and writes their status and Secrets.
	Client client.Client
	// Secrets reads Secrets live.
	Secrets  client.Reader
	Recorder events.EventRecorder
	// Route finds the way to an organization's platform, through its own proxies.
	Route func(context.Context, *v1alpha1.WebexOrganization) (Route, error)
	// Clock decides what has expired; nil means the real one.
	Clock clock.PassiveClock
	Log   logr.Logger
}

// Server serves the consent page. It is a Runnable of a manager that needs no leader election.
type Server struct {
	options Options
	at      address
	site    Site
	vault   Vault
	clock   clock.PassiveClock
	log     logr.Logger
	limits  *limits
	used    usedStates
	handler http.Handler
	serving atomic.Bool
	// connections is how many are served at once.
	connections int
}

// NewServer makes a server; options that are wrong are an error.
func NewServer(options Options, site Site) (*Server, error) {
	if err := options.Check(); err != nil {
		return nil, err
	}
	if site.Clock == nil {
		site.Clock = clock.RealClock{}
	}
	s := &Server{
		options: options, at: options.address(), site: site, vault: Vault{Reader: site.Secrets, Writer: site.Client},
		clock: site.Clock, log: site.Log, limits: newLimits(site.Clock.Now),
		connections: maxConnections,
	}
	handler, err := s.routes()
	s.handler = handler
	return s, err
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// NeedLeaderElection says that every replica serves.
func (s *Server) NeedLeaderElection() bool { return false }

// Ready is a readiness check of the manager: browsers are sent to a replica only while its page is served.
func (s *Server) Ready(*http.Request) error {
	if !s.serving.Load() {
		return errors.New("the consent page is not served yet")
	}
	return nil
}

// The limits of a connection. An answer may take as long as Webex is asked for in the callback.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = callbackTimeout + 15*time.Second
	idleTimeout   = 15 * time.Second
	maxHeader     = 32 << 10
	maxBody       = 4 << 10
	// maxConnections bounds what strangers can take of the memory of a manager that has other work; more wait.
	maxConnections = 512
)

// Start serves until the context ends; requests under way are ended in order.
func (s *Server) Start(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.options.BindAddress)
	if err != nil {
		return fmt.Errorf("serve the consent page: %w", err)
	}
	if listener, err = s.secured(ctx, netutil.LimitListener(listener, s.connections)); err != nil {
		return err
	}
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		// What strangers do to the port is no concern of the log.
		ErrorLog: slog.NewLogLogger(logr.ToSlogHandler(s.log), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	s.serving.Store(true)
	defer s.serving.Store(false)
	s.log.Info("the consent page is served", "address", listener.Addr().String(), "url", s.options.ExternalURL)
	select {
	case err := <-ended:
		return fmt.Errorf("serve the consent page: %w", err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if err := server.Shutdown(closing); err != nil {
		return fmt.Errorf("end the consent page: %w", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the consent page: %w", err)
	}
	return nil
}

// secured adds TLS where there is a certificate, which is read again when its files change.
func (s *Server) secured(ctx context.Context, listener net.Listener) (net.Listener, error) {
	if s.options.CertFile == "" {
		return listener, nil
	}
	watcher, err := certwatcher.New(s.options.CertFile, s.options.KeyFile)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the certificate of the consent page: %w", err), listener.Close())
	}
	go func() {
		if err := watcher.Start(ctx); err != nil {
			s.log.Error(err, "watch the certificate of the consent page")
		}
	}()
	return tls.NewListener(listener, &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: watcher.GetCertificate, NextProtos: []string{"http/1.1"},
	}), nil
}

const (
	callbackPath = "/connect/callback"
	// assetsPath begins with a name that no namespace can have.
	assetsPath = "/connect/-/"
)

func (s *Server) routes() (http.Handler, error) {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, fmt.Errorf("assets of the consent page: %w", err)
	}
	mux := http.NewServeMux()
	page := s.at.path + "/connect/{namespace}/{name}"
	mux.HandleFunc("GET "+page, s.invite)
	mux.HandleFunc("POST "+page, s.begin)
	mux.HandleFunc("GET "+s.at.path+callbackPath, s.callback)
	mux.Handle("GET "+s.at.path+assetsPath+"{file}", http.StripPrefix(s.at.path+assetsPath, cached(http.FileServerFS(files))))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { s.show(w, unknownView()) })
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(s.at.origin); err != nil {
		return nil, fmt.Errorf("--consent-external-url: %w", err)
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { s.show(w, crossView()) }))
	return s.guarded(protection.Handler(mux)), nil
}

// cached lets browsers keep what is the same for everybody.
func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=3600")
		next.ServeHTTP(w, r)
	})
}

// guarded puts limits and headers around every answer.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", contentPolicy)
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		if s.at.secure && s.at.path == "" { // else others share the host
			header.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !s.limits.admit(r) {
			header.Set("Retry-After", "5")
			s.show(w, busyView())
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}
