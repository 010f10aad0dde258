// Package version says which build of a program this is.
package version

import (
	"fmt"
	"runtime"
)

// number is the version, set by the linker: -X wxcc.dev/operator/internal/version.number=v0.1.0. Builds by hand have none.
var number = "devel"

// Of is one line for --version: the program, its version, the Go release and the platform it was built for.
func Of(program string) string {
	return fmt.Sprintf("%s %s (%s %s/%s)", program, number, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
