package gobuild

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOutputSaysHowFarTheBuildIs(t *testing.T) {
	t.Parallel()
	o := &output{}
	steps := []struct{ written, want string }{
		{"", "reading the module graph"},
		{"go: downloading k8s.io/api v0.37.2\ngo: down", "1 modules downloaded, now k8s.io/api v0.37.2"},
		{"loading k8s.io/kms v0.37.2\n", "2 modules downloaded, now k8s.io/kms v0.37.2"},
		{"k8s.io/api/core/v1\n# k8s.io/broken\nx.go:1: undefined: y\n", "1 packages compiled, now k8s.io/api/core/v1"},
	}
	for _, step := range steps {
		if _, err := o.Write([]byte(step.written)); err != nil {
			t.Fatal(err)
		}
		if got := o.state(); got != step.want {
			t.Errorf("after %q: %q, want %q", step.written, got, step.want)
		}
	}
	if !strings.HasSuffix(o.tail(), "x.go:1: undefined: y") {
		t.Errorf("tail %q lacks the compiler's message", o.tail())
	}
}

func TestRunBuildsOrQuotesTheCompiler(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.test/tool\n\ngo 1.26\n")
	write(t, dir, "main.go", "package main\n\nfunc main() {}\n")
	target := filepath.Join(dir, "out")
	build := Build{Name: "tool", Dir: dir, Args: []string{"-o", target, "."}}
	if err := build.Run(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(target); err != nil {
		t.Error(err)
	}
	write(t, dir, "main.go", "package main\n\nfunc main() { missing() }\n")
	err := build.Run(t.Context(), func(string) {})
	if err == nil || !strings.Contains(err.Error(), "build tool") || !strings.Contains(err.Error(), "undefined: missing") {
		t.Errorf("error %v does not quote the compiler", err)
	}
}

func TestACheckoutThatGitRefusesIsBuilt(t *testing.T) {
	t.Setenv("GOFLAGS", "-buildvcs=auto") // the default, whatever this machine is set to
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.test/tool\n\ngo 1.26\n")
	write(t, dir, "main.go", "package main\n\nfunc main() {}\n")
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	build := Build{Name: "tool", Dir: dir, Args: []string{"-o", filepath.Join(dir, "out"), "."}}
	if err := build.Run(t.Context(), func(string) {}); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
