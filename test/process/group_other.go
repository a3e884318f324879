//go:build unix && !linux

package process

import "syscall"

// groupLeader starts a program in a process group of its own.
func groupLeader() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
