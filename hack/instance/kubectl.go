package instance

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// kubectl runs as admin in the default namespace, with a cache of its own.
func (i *Instance) kubectl(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(i.Assets, "kubectl"), args...)
	command.SysProcAttr = attributes(false)
	command.Dir = i.Root
	command.Env = append(os.Environ(), "KUBECONFIG="+i.Kubeconfig(), "KUBECACHEDIR="+filepath.Join(i.Dir, "kubectl-cache"))
	return command
}

// Show runs kubectl as a person would: the command line and its output are printed.
func (i *Instance) Show(ctx context.Context, args ...string) error {
	Say("$ kubectl %s", commandLine(args))
	command := i.kubectl(ctx, args...)
	command.Stdout, command.Stderr = os.Stdout, os.Stdout
	if err := command.Run(); err != nil {
		return fmt.Errorf("kubectl %s: %w", args[0], err)
	}
	return nil
}

// Ask runs kubectl quietly and gives its output.
func (i *Instance) Ask(ctx context.Context, args ...string) (string, error) {
	command := i.kubectl(ctx, args...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("kubectl %s: %w: %s", commandLine(args), err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(stdout.String()), nil
}

// commandLine quotes what a shell would take apart.
func commandLine(args []string) string {
	quoted := make([]string, len(args))
	for n, arg := range args {
		quoted[n] = Quote(arg)
	}
	return strings.Join(quoted, " ")
}

// Quote is text as a POSIX shell takes it for one word.
func Quote(text string) string {
	if text != "" && !strings.ContainsAny(text, " \t\n'\"\\$`{}()[]*?;&|<>#~!") {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
