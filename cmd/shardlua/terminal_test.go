package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is the person's side of a pseudo-terminal with the program on the other.
type terminal struct {
	t      *testing.T
	master *os.File
	mu     sync.Mutex
	shown  strings.Builder
	seen   int
}

// openTerminal starts the program on a terminal of its own.
func openTerminal(t *testing.T, home string, args ...string) (*terminal, func() error) {
	t.Helper()
	return onTerminal(t, program(t, "shardlua", home, args...))
}

// onTerminal starts a command on a terminal of its own.
func onTerminal(t *testing.T, cmd *exec.Cmd) (*terminal, func() error) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	if err := unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120}); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, "TERM=xterm")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, master: master}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			if err != nil {
				return
			}
			term.mu.Lock()
			term.shown.Write(buf[:n])
			term.mu.Unlock()
		}
	}()
	return term, cmd.Wait
}

func (term *terminal) send(keys string) {
	if _, err := term.master.WriteString(keys); err != nil {
		term.t.Error(err)
	}
}

// expect waits until text has appeared after what was expected before.
func (term *terminal) expect(text string) {
	term.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		term.mu.Lock()
		if at := strings.Index(term.shown.String()[term.seen:], text); at >= 0 {
			term.seen += at + len(text)
			term.mu.Unlock()
			return
		}
		term.mu.Unlock()
	}
	term.t.Fatalf("%q does not appear in %q", text, term.shown.String()[term.seen:])
}

func TestConsoleOnTerminal(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	term, wait := openTerminal(t, home, "console")
	term.expect("tarantool> ")
	term.send("1 + 41\r")
	term.expect("- 42\r\n...")
	term.send("long = {\r")
	term.expect("         > ")
	term.send("1, 2, 40} return #long\r")
	term.expect("- 3\r\n...")
	term.send("error('red')\r")
	term.expect("\x1b[31m- error: red")
	term.send("print('loo' .. 'ping') while true do end\r")
	term.expect("looping")
	term.send("\x03")
	term.expect("tarantool> ")
	term.send("print('slee' .. 'ping') require('fiber').sleep(1000)\r")
	term.expect("sleeping")
	term.send("\x03")
	term.expect("tarantool> ")
	term.send("'still ' .. 'alive'\r")
	term.expect("- still alive")
	term.send("dropped \x03")
	term.send("string.forma\t'%03d', 7)\r")
	term.expect("- '007'")
	term.send("\x04")
	if err := wait(); err != nil {
		t.Error(err)
	}
	history, err := os.ReadFile(filepath.Join(home, ".shardlua_history"))
	if err != nil || !strings.Contains(string(history), "1 + 41") {
		t.Errorf("history: %q, %v", history, err)
	}
	again, wait := openTerminal(t, home, "console")
	again.expect("tarantool> ")
	again.send("\x1b[A\x1b[A\r")
	again.expect("- still alive")
	again.send("\x04")
	if err := wait(); err != nil {
		t.Error(err)
	}
}
