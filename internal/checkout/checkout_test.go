package checkout

import (
	"path/filepath"
	"testing"
)

func TestRootIsTheDirectoryOfTheMainModule(t *testing.T) {
	t.Parallel()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	if declared, err := moduleOf(filepath.Join(root, "go.mod")); err != nil || declared != Module {
		t.Errorf("go.mod of %s declares %q (%v), want %q", root, declared, err, Module)
	}
	if declared, err := moduleOf(filepath.Join(root, "hack", "localcluster", "go.mod")); err != nil || declared == Module {
		t.Errorf("a nested module passes for the main one: %q (%v)", declared, err)
	}
	if declared, err := moduleOf(filepath.Join(t.TempDir(), "go.mod")); err != nil || declared != "" {
		t.Errorf("no go.mod gives %q (%v)", declared, err)
	}
}
