// Command imagebuild does what the build stage of the Dockerfile does, without docker: it copies what the COPY lines take out
// of the context that .dockerignore leaves, and runs the RUN lines there. It proves that the image builds, and that no file
// is missing in it. It also holds images.env against the Dockerfile.
//
//	imagebuild ROOT
package main

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: imagebuild ROOT")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "imagebuild:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	if err != nil {
		return err
	}
	file := parse(string(text))
	if err := checkImages(root, file); err != nil {
		return err
	}
	context, err := contextFiles(root)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "imagebuild-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	for _, one := range file.stage("build") {
		switch {
		case one.name == "COPY":
			err = copyFiles(root, work, context, strings.Fields(one.rest))
		case one.name == "RUN" && !strings.HasPrefix(one.rest, "go mod download"): // which only fills a cache
			err = execute(work, one.rest)
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", one.name, one.rest, err)
		}
	}
	output, err := exec.Command(filepath.Join(work, "manager"), "--version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("the program of the image does not start: %w: %s", err, output)
	}
	fmt.Printf("%d files in the context; built: %s", len(context), output)
	return nil
}

type instruction struct{ name, rest string }

type dockerfile []instruction

// parse joins continued lines and leaves comments out.
func parse(text string) dockerfile {
	var file dockerfile
	text = regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(text, "")
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		if name, rest, found := strings.Cut(strings.TrimSpace(line), " "); found {
			file = append(file, instruction{strings.ToUpper(name), strings.TrimSpace(rest)})
		}
	}
	return file
}

// stage is the instructions of one stage.
func (d dockerfile) stage(name string) dockerfile {
	begin := slices.IndexFunc(d, func(i instruction) bool { return i.name == "FROM" && strings.HasSuffix(i.rest, " AS "+name) })
	if begin < 0 {
		return nil
	}
	rest := d[begin+1:]
	if end := slices.IndexFunc(rest, func(i instruction) bool { return i.name == "FROM" }); end >= 0 {
		rest = rest[:end]
	}
	return rest
}

// contextFiles are the files that docker would send, relative to root.
func contextFiles(root string) ([]string, error) {
	ignore, err := os.Open(filepath.Join(root, ".dockerignore"))
	if err != nil {
		return nil, err
	}
	defer ignore.Close()
	patterns, err := ignorefile.ReadAll(ignore)
	if err != nil {
		return nil, err
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	var files []string
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil || name == "." {
			return err
		}
		if entry.IsDir() {
			if name == ".git" || name == "bin" {
				return fs.SkipDir
			}
			return nil
		}
		ignored, err := matcher.MatchesOrParentMatches(name)
		if err == nil && !ignored {
			files = append(files, name)
		}
		return err
	})
	return files, err
}

// copyFiles is a COPY: each source is a file or a folder of the context, the last argument where it goes.
func copyFiles(root, work string, context, arguments []string) error {
	sources, target := arguments[:len(arguments)-1], arguments[len(arguments)-1]
	for _, source := range sources {
		folder := strings.TrimSuffix(source, "/") + "/"
		copied := 0
		for _, name := range context {
			to := filepath.Join(work, target, filepath.Base(name))
			if inside, found := strings.CutPrefix(name, folder); found {
				to = filepath.Join(work, target, inside)
			} else if name != source {
				continue
			}
			text, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				return err
			}
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(to, text, 0o644); err != nil {
				return err
			}
			copied++
		}
		if copied == 0 {
			return fmt.Errorf("%s is not in the context", source)
		}
	}
	return nil
}

func execute(work, line string) error {
	command := exec.Command("sh", "-c", line)
	command.Dir = work
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly", "TARGETOS="+runtime.GOOS, "TARGETARCH="+runtime.GOARCH, "VERSION=verify")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	return nil
}

var (
	image  = regexp.MustCompile(`^[a-z0-9.\-/]+:[\w.\-]+(@sha256:[0-9a-f]{64})?$`)
	goLine = regexp.MustCompile(`(?m)^go (\d+\.\d+)`)
)

// checkImages demands that every base is an argument whose default is that of images.env without its digest, and that the
// compiler is the one that go.mod asks for. A base without digest is only told: it takes a registry to find one.
func checkImages(root string, file dockerfile) error {
	pinned, err := os.Open(filepath.Join(root, "images.env"))
	if err != nil {
		return err
	}
	defer pinned.Close()
	for lines := bufio.NewScanner(pinned); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		tag, _, found := strings.Cut(value, "@")
		if !image.MatchString(value) {
			return fmt.Errorf("images.env: %s is no image with a tag, and a sha256 digest", line)
		}
		if !slices.Contains(file, instruction{"ARG", name + "=" + tag}) {
			return fmt.Errorf("Dockerfile: ARG %s=%s is expected, as in images.env", name, tag)
		}
		if !found {
			fmt.Fprintf(os.Stderr, "imagebuild: %s has no digest yet: make pin-images\n", value)
		}
	}
	for _, one := range file {
		if one.name == "FROM" && !strings.Contains(one.rest, "${") {
			return fmt.Errorf("Dockerfile: FROM %s is not an argument that images.env pins", one.rest)
		}
	}
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return err
	}
	version := goLine.FindSubmatch(module)
	if version == nil || !slices.ContainsFunc(file, func(i instruction) bool {
		return i.name == "ARG" && strings.HasSuffix(i.rest, "golang:"+string(version[1]))
	}) {
		return fmt.Errorf("Dockerfile: the compiler is not that of go.mod (go %s)", version[1])
	}
	return nil
}
