package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"wxcc.dev/operator/internal/gobuild"
)

const (
	downloadLimit = 30 * time.Second
	probeLimit    = 5 * time.Second
	failureHolds  = 6 * time.Hour
)

// download fetches the official envtest programs with the setup-envtest tool that hack/tools pins.
type download struct {
	root     string
	store    string // where setup-envtest keeps what it fetched
	failed   string // marker file: its age says how long ago the download failed
	release  string // version selector such as 1.37.x
	indexURL string
}

func newDownload(root, kubernetes string) *download {
	store := filepath.Join(root, "bin", "envtest")
	parts := strings.SplitN(strings.TrimPrefix(kubernetes, "v"), ".", 3)
	return &download{
		root:     root,
		store:    store,
		failed:   filepath.Join(store, "unreachable"),
		release:  strings.Join(parts[:min(2, len(parts))], ".") + ".x",
		indexURL: envtest.DefaultBinaryAssetsIndexURL,
	}
}

// dir is the newest downloaded directory of the release; empty when there is none.
func (d *download) dir() string {
	pattern := strings.TrimSuffix(d.release, "x") + "*-" + runtime.GOOS + "-" + runtime.GOARCH
	found, err := filepath.Glob(filepath.Join(d.store, "k8s", pattern))
	if err != nil || len(found) == 0 {
		return ""
	}
	return slices.MaxFunc(found, func(a, b string) int { return versionOf(a).compare(versionOf(b)) })
}

// version is major, minor and patch.
type version [3]int

func (v version) compare(other version) int { return slices.Compare(v[:], other[:]) }

// versionOf reads the version that begins a directory's name; what is no number counts as 0.
func versionOf(dir string) version {
	var v version
	name, _, _ := strings.Cut(filepath.Base(dir), "-")
	for i, part := range strings.SplitN(name, ".", len(v)) {
		v[i], _ = strconv.Atoi(part)
	}
	return v
}

// try downloads the programs. An empty directory without an error means that they cannot be had here and now;
// the reason went to progress and is not asked for again for some hours.
func (d *download) try(ctx context.Context, progress func(string)) (string, error) {
	if info, err := os.Stat(d.failed); err == nil && time.Since(info.ModTime()) < failureHolds {
		return "", nil
	}
	dir, err := d.fetch(ctx, progress)
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err == nil {
		return dir, nil
	}
	progress(fmt.Sprintf("control plane: no official envtest download here (%s)", firstLine(err)))
	if err := os.MkdirAll(d.store, 0o755); err != nil {
		return "", err
	}
	return "", os.WriteFile(d.failed, []byte(err.Error()+"\n"), 0o644)
}

func (d *download) fetch(ctx context.Context, progress func(string)) (string, error) {
	if err := d.probe(ctx); err != nil {
		return "", err
	}
	tool := filepath.Join(d.root, "bin", "tools", "setup-envtest")
	build := gobuild.Build{Name: "setup-envtest", Dir: filepath.Join(d.root, "hack", "tools"), Args: []string{
		"-o", tool, "sigs.k8s.io/controller-runtime/tools/setup-envtest",
	}}
	if err := build.Run(ctx, progress); err != nil {
		return "", err
	}
	if err := removeAll(d.unfinished()); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, downloadLimit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, tool, "use", d.release, "--bin-dir", d.unfinished(), "--print", "path")
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("setup-envtest: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return d.install(strings.TrimSpace(stdout.String()))
}

// unfinished is where setup-envtest works: when it is killed while it unpacks, nothing that looks finished is left in
// the store.
func (d *download) unfinished() string { return d.store + ".new" }

// install moves a directory that setup-envtest has finished into the store.
func (d *download) install(unpacked string) (string, error) {
	if err := complete(unpacked); err != nil {
		return "", err
	}
	dir := filepath.Join(d.store, "k8s", filepath.Base(unpacked))
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	if err := removeAll(dir); err != nil {
		return "", err
	}
	// setup-envtest makes it read-only, and such a directory cannot be moved.
	if err := os.Chmod(unpacked, 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(unpacked, dir); err != nil {
		return "", err
	}
	return dir, removeAll(d.unfinished())
}

// removeAll is os.RemoveAll that also removes what is in read-only directories.
func removeAll(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return os.Chmod(path, 0o755)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(dir)
}

// probe asks for the download index, so that a machine without Internet access finds out at once.
func (d *download) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, d.indexURL, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", d.indexURL, response.Status)
	}
	return nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
