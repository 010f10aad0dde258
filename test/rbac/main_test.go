package rbac_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"wxcc.dev/operator/internal/controlplane"
)

// plane is what all tests of the package share.
var plane *controlplane.ControlPlane

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	plane, err = controlplane.Start(context.Background(), controlplane.Options{
		Progress: func(line string) { fmt.Fprintln(os.Stderr, line) },
	})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()
	return m.Run(), nil
}
