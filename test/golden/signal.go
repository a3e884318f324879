package golden

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// signalByName resolves an option like SIGKILL, KILL or 9.
func signalByName(name string) (syscall.Signal, error) {
	known := map[string]syscall.Signal{
		"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT, "ABRT": syscall.SIGABRT,
		"KILL": syscall.SIGKILL, "USR1": syscall.SIGUSR1, "SEGV": syscall.SIGSEGV, "USR2": syscall.SIGUSR2,
		"PIPE": syscall.SIGPIPE, "ALRM": syscall.SIGALRM, "TERM": syscall.SIGTERM, "CONT": syscall.SIGCONT,
		"STOP": syscall.SIGSTOP,
	}
	for key, sig := range known {
		if name == key || name == "SIG"+key || name == fmt.Sprint(int(sig)) {
			return sig, nil
		}
	}
	return 0, commandErrorf("Unknown signal: '%s'", name)
}

// lookPath is exec.LookPath that also takes a path relative to here.
func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrDot) {
		err = nil
	}
	var wrapped *exec.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if pathErr := (*os.PathError)(nil); errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return path, err
}
