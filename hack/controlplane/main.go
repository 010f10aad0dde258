// Command controlplane prepares or runs the local Kubernetes control plane:
//
//	controlplane assets                           prints the directory with etcd, kube-apiserver and kubectl
//	controlplane run DIR [NAMESPACE/ACCOUNT ...]  serves until SIGTERM or SIGINT, data and logs under DIR
//
// run writes DIR/ACCOUNT.kubeconfig for each service account and then, as the sign that everything is ready,
// DIR/kubeconfig for an admin. No custom resource definition is installed.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"wxcc.dev/operator/internal/controlplane"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log.SetLogger(logr.Discard())
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "assets":
		dir, err := controlplane.Assets(ctx, progress)
		if err != nil {
			return err
		}
		fmt.Println(dir)
		return nil
	case len(args) >= 2 && args[0] == "run":
		return serve(ctx, args[1], args[2:])
	default:
		return errors.New("usage: controlplane assets | controlplane run DIR [NAMESPACE/ACCOUNT ...]")
	}
}

func progress(line string) {
	fmt.Fprintln(os.Stderr, line)
}

func serve(ctx context.Context, dir string, accounts []string) (err error) {
	plane, err := controlplane.Start(ctx, controlplane.Options{Dir: dir, CRDs: []string{}, Log: os.Stderr, Progress: progress})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()
	for _, account := range accounts {
		namespace, name, found := strings.Cut(account, "/")
		if !found {
			return fmt.Errorf("service account %q is not of the form NAMESPACE/ACCOUNT", account)
		}
		user, err := plane.AddServiceAccount(namespace, name)
		if err != nil {
			return err
		}
		if err := user.WriteKubeconfig(filepath.Join(dir, name+".kubeconfig")); err != nil {
			return err
		}
	}
	admin := filepath.Join(dir, "kubeconfig")
	if err := plane.Admin.WriteKubeconfig(admin + ".new"); err != nil {
		return err
	}
	if err := os.Rename(admin+".new", admin); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
