package controlplane

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"wxcc.dev/operator/internal/gobuild"
)

const (
	binary     = "localcluster"
	unfinished = ".unfinished-"
)

var kubernetesRequirement = regexp.MustCompile(`(?m)^\s*(?:require )?k8s\.io/kubernetes (v(\d+)\.(\d+)\.\d+\S*)`)

// sourceBuild builds hack/localcluster: the three programs in one binary, under three names.
type sourceBuild struct {
	source     string // hack/localcluster
	dir        string // where the programs are once built; its name changes with the source
	kubernetes string // version such as v1.37.2
	flags      string // linker flags
}

func newSourceBuild(root string) (*sourceBuild, error) {
	source := filepath.Join(root, "hack", "localcluster")
	goMod, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return nil, err
	}
	program, err := os.ReadFile(filepath.Join(source, "main.go"))
	if err != nil {
		return nil, err
	}
	version := kubernetesRequirement.FindSubmatch(goMod)
	if version == nil {
		return nil, fmt.Errorf("%s/go.mod does not require k8s.io/kubernetes", source)
	}
	sum := sha256.New()
	for _, part := range [][]byte{goMod, program, []byte(runtime.GOOS + "/" + runtime.GOARCH)} {
		sum.Write(part)
	}
	return &sourceBuild{
		source:     source,
		dir:        filepath.Join(root, "bin", binary, hex.EncodeToString(sum.Sum(nil))[:16]),
		kubernetes: string(version[1]),
		flags: fmt.Sprintf("-s -w -X k8s.io/component-base/version.gitVersion=%s"+
			" -X k8s.io/component-base/version.gitMajor=%s -X k8s.io/component-base/version.gitMinor=%s", version[1], version[2], version[3]),
	}, nil
}

// run builds into a directory of its own and renames it when everything is in it: a killed build leaves nothing that
// looks finished. The caller holds the lock.
func (b *sourceBuild) run(ctx context.Context, progress func(string)) (string, error) {
	parent := filepath.Dir(b.dir)
	if err := b.removeRemains(parent); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(parent, unfinished)
	if err != nil {
		return "", err
	}
	progress(fmt.Sprintf("control plane: building etcd and Kubernetes %s from source (once; 5 to 10 minutes on 2 cores)", b.kubernetes))
	began := time.Now()
	build := gobuild.Build{Name: "control plane", Dir: b.source, Args: []string{
		"-trimpath", "-ldflags", b.flags, "-o", filepath.Join(work, binary), ".",
	}}
	if err := build.Run(ctx, progress); err != nil {
		return "", errors.Join(err, os.RemoveAll(work))
	}
	for _, name := range programs {
		if err := os.Symlink(binary, filepath.Join(work, name)); err != nil {
			return "", err
		}
	}
	if err := os.Chmod(work, 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(work, b.dir); err != nil {
		return "", err
	}
	progress(fmt.Sprintf("control plane: built in %s", elapsed(began)))
	return b.dir, nil
}

// removeRemains deletes what killed builds left, and the target if somebody deleted a part of it.
func (b *sourceBuild) removeRemains(parent string) error {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	remains, err := filepath.Glob(filepath.Join(parent, unfinished+"*"))
	if err != nil {
		return err
	}
	for _, dir := range append(remains, b.dir) {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}
