package controlplane

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestAssetsTakesTheDirectoryOfTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(assetsVariable, dir)
	if _, err := Assets(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "etcd") {
		t.Errorf("empty directory: error %v, want one that names etcd", err)
	}
	touchPrograms(t, dir)
	if got, err := Assets(t.Context(), nil); err != nil || got != dir {
		t.Errorf("Assets() = %q, %v, want %q", got, err, dir)
	}
}

func TestLockWaitsAndEndsWithItsHolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := acquire(t.Context(), path, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 3*lockPoll)
	defer cancel()
	var told atomic.Int32
	if _, err := acquire(short, path, func(string) { told.Add(1) }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a held lock was given: %v", err)
	}
	if told.Load() != 1 {
		t.Errorf("%d progress lines in a short wait, want 1", told.Load())
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	second, err := acquire(t.Context(), path, func(string) {})
	if err != nil {
		t.Fatalf("after release: %v", err)
	}
	if err := second.release(); err != nil {
		t.Fatal(err)
	}
}

func TestDownloadFailureIsToldOnceAndRemembered(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	d := newDownload(t.TempDir(), "v1.37.2")
	d.indexURL = server.URL
	var told []string
	for range 2 {
		dir, err := d.try(t.Context(), func(line string) { told = append(told, line) })
		if dir != "" || err != nil {
			t.Fatalf("try() = %q, %v, want nothing", dir, err)
		}
	}
	if asked.Load() != 1 || len(told) != 1 {
		t.Errorf("asked %d times, told %q; want once each", asked.Load(), told)
	}
	old := time.Now().Add(-failureHolds - time.Minute)
	if err := os.Chtimes(d.failed, old, old); err != nil {
		t.Fatal(err)
	}
	if _, err := d.try(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	if asked.Load() != 2 {
		t.Error("an old failure was not forgotten")
	}
}

func TestDownloadDirectoryIsOfTheReleaseAndPlatform(t *testing.T) {
	t.Parallel()
	d := newDownload(t.TempDir(), "v1.37.2")
	if d.dir() != "" {
		t.Errorf("empty store gives %q", d.dir())
	}
	platform := "-" + runtime.GOOS + "-" + runtime.GOARCH
	for _, name := range []string{"1.36.9" + platform, "1.37.9" + platform, "1.37.10" + platform, "1.37.11-plan9-mips"} {
		if err := os.MkdirAll(filepath.Join(d.store, "k8s", name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if want := filepath.Join(d.store, "k8s", "1.37.10"+platform); d.dir() != want {
		t.Errorf("dir() = %q, want %q", d.dir(), want)
	}
}

// What a killed setup-envtest leaves must not pass for a finished download.
func TestADownloadIsInstalledWhole(t *testing.T) {
	t.Parallel()
	d := newDownload(t.TempDir(), "v1.37.2")
	name := "1.37.2-" + runtime.GOOS + "-" + runtime.GOARCH
	unpacked := filepath.Join(d.unfinished(), "k8s", name)
	if err := os.MkdirAll(unpacked, 0o755); err != nil {
		t.Fatal(err)
	}
	if dir, err := d.install(unpacked); err == nil || d.dir() != "" {
		t.Fatalf("install() of half a download = %q, %v; the store offers %q", dir, err, d.dir())
	}
	touchPrograms(t, unpacked)
	if err := os.Chmod(unpacked, 0o555); err != nil {
		t.Fatal(err)
	}
	dir, err := d.install(unpacked)
	if err != nil || dir != d.dir() || complete(dir) != nil {
		t.Fatalf("install() = %q, %v; the store offers %q", dir, err, d.dir())
	}
	if _, err := os.Stat(d.unfinished()); !os.IsNotExist(err) {
		t.Errorf("the working directory is still there: %v", err)
	}
}

func TestSourceBuildIsNamedByItsSource(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	writeSource(t, root, "module x\nrequire (\n\tk8s.io/kubernetes v1.37.2\n)\n")
	first, err := newSourceBuild(root)
	if err != nil {
		t.Fatal(err)
	}
	if first.kubernetes != "v1.37.2" || !strings.Contains(first.flags, "gitMinor=37") {
		t.Errorf("version %q, flags %q", first.kubernetes, first.flags)
	}
	writeSource(t, root, "module x\nrequire k8s.io/kubernetes v1.37.3\n")
	second, err := newSourceBuild(root)
	if err != nil {
		t.Fatal(err)
	}
	if first.dir == second.dir {
		t.Error("another version has the same directory")
	}
	writeSource(t, root, "module x\n")
	if _, err := newSourceBuild(root); err == nil {
		t.Error("a source without Kubernetes was accepted")
	}
}

func touchPrograms(t *testing.T, dir string) {
	t.Helper()
	for _, name := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func writeSource(t *testing.T, root, goMod string) {
	t.Helper()
	dir := filepath.Join(root, "hack", "localcluster")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"go.mod": goMod, "main.go": "package main\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
