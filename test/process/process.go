// Package process starts programs that leave nothing behind.
//
// The one idea: a started program leads a process group, and the group is what gets killed, so that its children go with
// it; and the kernel kills it (on Linux) should its starter be killed with no chance to clean up.
//
//	p, err := process.Start(exec.Command("sleep", "60"), nil)
//	…
//	p.Stop(syscall.SIGTERM, 5*time.Second)
package process

import (
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Process is a started program with all its children.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}

	mu    sync.Mutex
	asked bool
	err   error
}

// Start starts a prepared command. onExit, when given, is called once it has
// ended without being asked to.
func Start(cmd *exec.Cmd, onExit func(error)) (*Process, error) {
	return start(cmd, groupLeader(), onExit)
}

// StartLasting is Start for a program that lives on when its starter ends.
func StartLasting(cmd *exec.Cmd, onExit func(error)) (*Process, error) {
	return start(cmd, &syscall.SysProcAttr{Setpgid: true}, onExit)
}

func start(cmd *exec.Cmd, attr *syscall.SysProcAttr, onExit func(error)) (*Process, error) {
	cmd.SysProcAttr = attr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, done: make(chan struct{})}
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

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// PID is the number of the process, which is that of its group, too.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Running tells whether the process has not ended yet.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Result is how the process ended: nil for exit code 0.
func (p *Process) Result() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// ExpectExit says that the end of the process is no surprise from now on.
func (p *Process) ExpectExit() {
	p.mu.Lock()
	p.asked = true
	p.mu.Unlock()
}

// ExitExpected tells whether somebody asked the process to end.
func (p *Process) ExitExpected() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// Stop sends the signal and waits; a process that is still there after the
// patience gets SIGKILL.
func (p *Process) Stop(sig syscall.Signal, patience time.Duration) {
	p.ExpectExit()
	if !p.Running() {
		return
	}
	p.cmd.Process.Signal(sig)
	select {
	case <-p.done:
		return
	case <-time.After(patience):
	}
	p.Kill()
}

// Kill ends the whole group at once.
func (p *Process) Kill() {
	p.ExpectExit()
	if p.Running() {
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// ExitReason words the end of a process for a report.
func ExitReason(err error) string {
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

// ExitedCleanly tells whether a process ended with code 0.
func ExitedCleanly(err error) bool { return err == nil }
