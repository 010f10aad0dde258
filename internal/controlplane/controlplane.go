package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"wxcc.dev/operator/internal/checkout"
)

const (
	startLimit = 2 * time.Minute
	stopLimit  = time.Minute
)

// Options of Start. The zero value is a fresh, private control plane with the project's CRDs.
type Options struct {
	// Dir holds the data of etcd and the certificates; what an earlier control plane left there is removed.
	// Default: a temporary directory that Stop removes.
	Dir string
	// CRDs are the directories with custom resource definitions. Default: config/crd/bases; empty but not nil: none.
	CRDs []string
	// Log receives what etcd and kube-apiserver write. Default: nothing does.
	Log io.Writer
	// Progress receives a line now and then while the programs are prepared. Default: nobody does.
	Progress func(string)
}

// ControlPlane is a running etcd and kube-apiserver, both on 127.0.0.1 and free ports. There are no controllers:
// nothing runs Pods, deletes namespaces or collects garbage.
type ControlPlane struct {
	// Admin may do everything (group system:masters).
	Admin *User
	// Kubectl is the path of a kubectl of the same version.
	Kubectl string

	environment *envtest.Environment
	temporary   string
}

// User is an identity that the control plane accepts, by client certificate.
type User struct {
	// Config to build clients from. It has no client-side rate limit worth the name.
	Config *rest.Config

	kubeconfig []byte
}

// Start runs a control plane. ctx ends only the preparation: call Stop when done, also after the end of ctx.
func Start(ctx context.Context, options Options) (_ *ControlPlane, err error) {
	assets, err := Assets(ctx, options.Progress)
	if err != nil {
		return nil, err
	}
	c := &ControlPlane{Kubectl: filepath.Join(assets, "kubectl")}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Stop())
		}
	}()
	dir, err := c.directory(options.Dir)
	if err != nil {
		return nil, err
	}
	if options.CRDs == nil {
		root, err := checkout.Root()
		if err != nil {
			return nil, err
		}
		options.CRDs = []string{filepath.Join(root, "config", "crd", "bases")}
	}
	c.environment = newEnvironment(assets, dir, options)
	config, err := c.environment.Start()
	if err != nil {
		return nil, fmt.Errorf("start control plane: %w", err)
	}
	c.Admin = &User{Config: config, kubeconfig: c.environment.KubeConfig}
	return c, ctx.Err()
}

func newEnvironment(assets, dir string, options Options) *envtest.Environment {
	environment := &envtest.Environment{
		UseExistingCluster:       new(false),
		BinaryAssetsDirectory:    assets,
		CRDInstallOptions:        envtest.CRDInstallOptions{Paths: options.CRDs, MaxTime: startLimit},
		ErrorIfCRDPathMissing:    true,
		ControlPlaneStartTimeout: startLimit,
		ControlPlaneStopTimeout:  stopLimit,
	}
	server := environment.ControlPlane.GetAPIServer()
	server.CertDir = filepath.Join(dir, "certificates")
	server.Out, server.Err = options.Log, options.Log
	server.Configure().
		Set("authorization-mode", "RBAC").
		// Otherwise one client that still watches delays the end by a minute.
		Set("shutdown-watch-termination-grace-period", "1s")
	environment.ControlPlane.Etcd = &envtest.Etcd{DataDir: filepath.Join(dir, "etcd"), Out: options.Log, Err: options.Log}
	return environment
}

// directory prepares an empty home for data and certificates.
func (c *ControlPlane) directory(dir string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "wxcc-controlplane-"); err != nil {
			return "", err
		}
		c.temporary = dir
	}
	for _, name := range []string{"certificates", "etcd"} {
		path := filepath.Join(dir, name)
		if err := os.RemoveAll(path); err != nil {
			return "", err
		}
		if err := os.MkdirAll(path, 0o700); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// AddUser makes the control plane accept one more user. What the user may do is up to RBAC rules.
func (c *ControlPlane) AddUser(name string, groups ...string) (*User, error) {
	user, err := c.environment.AddUser(envtest.User{Name: name, Groups: groups}, &rest.Config{QPS: c.Admin.Config.QPS, Burst: c.Admin.Config.Burst})
	if err != nil {
		return nil, fmt.Errorf("add user %s: %w", name, err)
	}
	kubeconfig, err := user.KubeConfig()
	if err != nil {
		return nil, fmt.Errorf("kubeconfig of %s: %w", name, err)
	}
	return &User{Config: user.Config(), kubeconfig: kubeconfig}, nil
}

// AddServiceAccount is AddUser with the name and groups that a Pod of this service account would have.
func (c *ControlPlane) AddServiceAccount(namespace, name string) (*User, error) {
	return c.AddUser("system:serviceaccount:"+namespace+":"+name, "system:serviceaccounts", "system:serviceaccounts:"+namespace)
}

// WriteKubeconfig writes a kubeconfig for this user, readable by the owner only.
func (u *User) WriteKubeconfig(path string) error {
	if err := os.WriteFile(path, u.kubeconfig, 0o600); err != nil {
		return fmt.Errorf("write kubeconfig: %w", err)
	}
	return nil
}

// Stop ends both processes, waits for them and removes the temporary directory.
func (c *ControlPlane) Stop() error {
	var errs []error
	if c.environment != nil {
		if err := c.environment.Stop(); err != nil {
			errs = append(errs, fmt.Errorf("stop control plane: %w", err))
		}
	}
	if c.temporary != "" {
		errs = append(errs, os.RemoveAll(c.temporary))
	}
	return errors.Join(errs...)
}
