package process_test

import (
	"bufio"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"shardlua/test/process"
)

// family starts a shell with a child of its own and returns both their numbers.
func family(t *testing.T, script string) (*process.Process, int) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-c", script)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p, err := process.Start(cmd, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return p, child
}

// awaitEnd waits until a process that is no child of ours is gone.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); syscall.Kill(pid, 0) == nil; time.Sleep(time.Millisecond) {
		state, _ := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
		if strings.HasPrefix(string(state), "Z") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d is left running", pid)
		}
	}
}

func TestStopEndsTheWholeGroup(t *testing.T) {
	p, child := family(t, "sleep 60 >/dev/null 2>&1 & echo $!; wait")
	if !p.Running() || p.PID() == child {
		t.Fatalf("running %v, leader %d, child %d", p.Running(), p.PID(), child)
	}
	p.Stop(syscall.SIGTERM, 5*time.Second)
	if p.Running() || !p.ExitExpected() || process.ExitReason(p.Result()) != "was killed by signal 15 (terminated)" {
		t.Errorf("running %v, %s", p.Running(), process.ExitReason(p.Result()))
	}
	awaitEnd(t, child)
}

func TestStopKillsWhatDoesNotListen(t *testing.T) {
	p, child := family(t, "trap '' TERM; sleep 60 >/dev/null 2>&1 & echo $!; while :; do wait; done")
	p.Stop(syscall.SIGTERM, 20*time.Millisecond)
	if got := process.ExitReason(p.Result()); got != "was killed by signal 9 (killed)" {
		t.Error(got)
	}
	awaitEnd(t, child)
}

func TestUnexpectedEndIsTold(t *testing.T) {
	told := make(chan error, 1)
	p, err := process.Start(exec.Command("/bin/sh", "-c", "exit 3"), func(err error) { told <- err })
	if err != nil {
		t.Fatal(err)
	}
	if got := process.ExitReason(<-told); got != "exited with code 3" || process.ExitedCleanly(p.Result()) {
		t.Error(got)
	}
	<-p.Done()
	if _, err := process.Start(exec.Command("/nonexistent"), nil); err == nil {
		t.Error("a program that is not there was started")
	}
}
