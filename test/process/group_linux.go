package process

import "syscall"

// groupLeader starts a program in a process group of its own. The kernel
// kills it should the runner itself be killed, with no chance to clean up.
func groupLeader() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
