package golden

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// process is a started program with all its children: it leads a process
// group, and the group is what gets killed, so that nothing stays behind.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}

	mu    sync.Mutex
	asked bool
	err   error
}

// startProcess starts a prepared command. onExit, when given, is called once
// it has ended without being asked to.
func startProcess(cmd *exec.Cmd, onExit func(error)) (*process, error) {
	cmd.SysProcAttr = groupLeader()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		err := cmd.Wait()
		// Children that outlived their parent go with it.
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		p.mu.Lock()
		p.err = err
		unexpected := !p.asked
		p.mu.Unlock()
		close(p.done)
		if unexpected && onExit != nil {
			onExit(err)
		}
	}()
	return p, nil
}

// running tells whether the process has not ended yet.
func (p *process) running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// result is how the process ended: nil for exit code 0.
func (p *process) result() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// expectExit says that the end of the process is no surprise from now on.
func (p *process) expectExit() {
	p.mu.Lock()
	p.asked = true
	p.mu.Unlock()
}

// exitExpected tells whether somebody asked the process to end.
func (p *process) exitExpected() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// stop sends the signal and waits; a process that is still there after the
// patience gets SIGKILL.
func (p *process) stop(sig syscall.Signal, patience time.Duration) {
	p.expectExit()
	if !p.running() {
		return
	}
	p.cmd.Process.Signal(sig)
	select {
	case <-p.done:
		return
	case <-time.After(patience):
	}
	p.kill()
}

// kill ends the whole group at once.
func (p *process) kill() {
	p.expectExit()
	if p.running() {
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// exitReason words the end of a process for a report.
func exitReason(err error) string {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "exited with code 0"
	case errors.As(err, &exit):
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return fmt.Sprintf("was killed by signal %d (%s)", status.Signal(), status.Signal())
		}
		return fmt.Sprintf("exited with code %d", exit.ExitCode())
	}
	return err.Error()
}

// exitedCleanly tells whether a process ended with code 0.
func exitedCleanly(err error) bool { return err == nil }

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
