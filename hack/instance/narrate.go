package instance

import (
	"fmt"
	"strings"
)

// Heading opens a step.
func Heading(title string) {
	fmt.Printf("\n=== %s %s\n", title, strings.Repeat("=", max(3, 100-len(title))))
}

// Say prints a line.
func Say(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
}
