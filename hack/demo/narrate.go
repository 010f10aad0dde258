package main

import (
	"fmt"
	"strings"
)

// heading opens a step.
func heading(title string) {
	fmt.Printf("\n=== %s %s\n", title, strings.Repeat("=", max(3, 100-len(title))))
}

func say(format string, args ...any) {
	fmt.Printf(format+"\n", args...)
}
