package controlplane

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
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
	return slices.Max(found)
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
	ctx, cancel := context.WithTimeout(ctx, downloadLimit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	command := exec.CommandContext(ctx, tool, "use", d.release, "--bin-dir", d.store, "--print", "path")
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("setup-envtest: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	dir := strings.TrimSpace(stdout.String())
	return dir, complete(dir)
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
