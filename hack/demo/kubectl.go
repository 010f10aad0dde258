package main

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
func (i *instance) kubectl(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(i.assets, "kubectl"), args...)
	command.SysProcAttr = attributes(false)
	command.Dir = i.root
	command.Env = append(os.Environ(), "KUBECONFIG="+i.kubeconfig(), "KUBECACHEDIR="+filepath.Join(i.dir, "kubectl-cache"))
	return command
}

// show runs kubectl as a person would: the command line and its output are printed.
func (i *instance) show(ctx context.Context, args ...string) error {
	say("$ kubectl %s", commandLine(args))
	command := i.kubectl(ctx, args...)
	command.Stdout, command.Stderr = os.Stdout, os.Stdout
	if err := command.Run(); err != nil {
		return fmt.Errorf("kubectl %s: %w", args[0], err)
	}
	return nil
}

// ask runs kubectl quietly and gives its output.
func (i *instance) ask(ctx context.Context, args ...string) (string, error) {
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
		quoted[n] = shellQuote(arg)
	}
	return strings.Join(quoted, " ")
}

func shellQuote(text string) string {
	if text != "" && !strings.ContainsAny(text, " \t\n'\"\\$`{}()[]*?;&|<>#~!") {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
