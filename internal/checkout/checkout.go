// Package checkout finds the repository that a program of the project was started in.
package checkout

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Module is the path of the project's main module; Root looks for the go.mod that declares it.
const Module = "wxcc.dev/operator"

// Root is the directory of the repository: the nearest one from the working directory upward whose go.mod declares
// Module. It fails outside of a checkout.
func Root() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		declared, err := moduleOf(filepath.Join(dir, "go.mod"))
		if err != nil {
			return "", err
		}
		if declared == Module {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod of module %s in %s or above it", Module, start)
		}
	}
}

// moduleOf is the module that a go.mod declares; empty when there is no such file.
func moduleOf(goMod string) (string, error) {
	file, err := os.Open(goMod)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "module "); ok {
			return strings.TrimSpace(name), nil
		}
	}
	return "", lines.Err()
}
