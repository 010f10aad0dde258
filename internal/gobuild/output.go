package gobuild

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
)

const tailLines = 30

// output follows what `go build -v` writes: modules downloaded, packages compiled, and the last lines for an error.
type output struct {
	mu         sync.Mutex
	unfinished []byte // a line whose end has not come yet
	downloaded int
	compiled   int
	current    string
	last       []string
}

// Write implements io.Writer.
func (o *output) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.unfinished = append(o.unfinished, data...)
	for {
		line, rest, found := bytes.Cut(o.unfinished, []byte("\n"))
		if !found {
			return len(data), nil
		}
		o.line(string(line))
		o.unfinished = rest
	}
}

func (o *output) line(line string) {
	module, isDownload := strings.CutPrefix(line, "go: downloading ")
	switch {
	case isDownload:
		o.downloaded++
		o.current = module
	case !strings.ContainsAny(line, " #\t"):
		o.compiled++
		o.current = line
	}
	o.last = append(o.last, line)
	if len(o.last) > tailLines {
		o.last = o.last[1:]
	}
}

// state says in a few words how far the build is.
func (o *output) state() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.compiled > 0:
		return fmt.Sprintf("%d packages compiled, now %s", o.compiled, o.current)
	case o.downloaded > 0:
		return fmt.Sprintf("%d modules downloaded, now %s", o.downloaded, o.current)
	default:
		return "reading the module graph"
	}
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.last, "\n")
}
