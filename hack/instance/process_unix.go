//go:build unix && !linux

package instance

import "syscall"

func attributes(detached bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: detached, Setpgid: !detached}
}

// runs says whether pid is alive; what program it is cannot be told without tools here.
func runs(pid int, _ string) bool {
	return syscall.Kill(pid, 0) == nil
}
