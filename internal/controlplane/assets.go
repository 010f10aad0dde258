package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"wxcc.dev/operator/internal/checkout"
)

const assetsVariable = "KUBEBUILDER_ASSETS"

// programs are what a directory of assets must hold.
var programs = []string{"etcd", "kube-apiserver", "kubectl"}

// Assets is a directory that holds etcd, kube-apiserver and kubectl. The first of these that works is taken:
//
//  1. the directory that the environment variable KUBEBUILDER_ASSETS names (an error if a program is missing in it);
//  2. what an earlier call downloaded or built under bin/;
//  3. the official envtest download, when it succeeds within 30 s (a failure is remembered for 6 hours);
//  4. a build of hack/localcluster from source, which takes several minutes the first time.
//
// Several processes may call it at once: one works, the others wait. progress, which may be nil, receives one line
// now and then; a call that finds everything in place says nothing. Ending ctx ends the work.
func Assets(ctx context.Context, progress func(string)) (dir string, err error) {
	if progress == nil {
		progress = func(string) {}
	}
	if dir := os.Getenv(assetsVariable); dir != "" {
		if err := complete(dir); err != nil {
			return "", fmt.Errorf("%s: %w", assetsVariable, err)
		}
		return filepath.Abs(dir)
	}
	root, err := checkout.Root()
	if err != nil {
		return "", err
	}
	build, err := newSourceBuild(root)
	if err != nil {
		return "", err
	}
	official := newDownload(root, build.kubernetes)
	if dir := firstComplete(official.dir(), build.dir); dir != "" {
		return dir, nil
	}
	return provide(ctx, root, official, build, progress)
}

// provide downloads or builds the programs while it holds the lock that keeps other processes from doing the same.
func provide(ctx context.Context, root string, official *download, build *sourceBuild, progress func(string)) (dir string, err error) {
	held, err := acquire(ctx, filepath.Join(root, "bin", "controlplane.lock"), progress)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, held.release()) }()

	if dir := firstComplete(official.dir(), build.dir); dir != "" {
		return dir, nil
	}
	dir, err = official.try(ctx, progress)
	if err != nil {
		return "", err
	}
	if dir != "" {
		return dir, nil
	}
	return build.run(ctx, progress)
}

func firstComplete(dirs ...string) string {
	for _, dir := range dirs {
		if dir != "" && complete(dir) == nil {
			return dir
		}
	}
	return ""
}

// complete says what is missing in a directory of assets.
func complete(dir string) error {
	for _, name := range programs {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if info.IsDir() {
			return fmt.Errorf("%s is a directory", filepath.Join(dir, name))
		}
	}
	return nil
}
