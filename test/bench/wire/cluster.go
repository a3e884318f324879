package wire

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"shardlua/lua"
)

// script is what all instances run.
//
//go:embed instance.lua
var script []byte

// startTimeout bounds the wait for an instance.
const startTimeout = 30 * time.Second

// cluster is instances that run.
type cluster struct {
	dir       string
	instances []*exec.Cmd
}

// startCluster starts the instances of a topology, and waits until they answer.
func startCluster(ctx context.Context, executable string, t topology) (*cluster, error) {
	dir, err := os.MkdirTemp("", "iproto")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir}
	if err := c.start(ctx, executable, t); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

func (c *cluster) start(ctx context.Context, executable string, t topology) error {
	library := filepath.Join(c.dir, "lua")
	if err := os.CopyFS(library, lua.Files); err != nil {
		return err
	}
	file := filepath.Join(c.dir, "instance.lua")
	if err := os.WriteFile(file, script, 0o600); err != nil {
		return err
	}
	for _, role := range t.roles {
		if err := os.Mkdir(filepath.Join(c.dir, role), 0o700); err != nil {
			return err
		}
		if err := c.startInstance(exec.CommandContext(ctx, executable, file, role, c.dir, t.wal, library)); err != nil {
			return fmt.Errorf("%s: %w", role, err)
		}
	}
	return nil
}

// startInstance returns when the instance has said that it is ready.
func (c *cluster) startInstance(cmd *exec.Cmd) error {
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.instances = append(c.instances, cmd)
	said := make(chan error, 1)
	go func() {
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if err == nil && line != "ready\n" {
			err = fmt.Errorf("the instance says %q", line)
		}
		said <- err
	}()
	select {
	case err := <-said:
		return err
	case <-time.After(startTimeout):
		return errors.New("the instance is not ready in time")
	}
}

// stop ends the instances and forgets their files.
func (c *cluster) stop() {
	for _, cmd := range c.instances {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	_ = os.RemoveAll(c.dir)
}

func (c *cluster) socket(role string) string { return filepath.Join(c.dir, role+".sock") }

// processorTime is what the instances have used; 0 where the system does not tell.
func (c *cluster) processorTime() time.Duration {
	var sum time.Duration
	for _, cmd := range c.instances {
		sum += processorTime(cmd.Process.Pid)
	}
	return sum
}

// tick is the unit of /proc/PID/stat, fixed on Linux (USER_HZ).
const tick = 10 * time.Millisecond

func processorTime(pid int) time.Duration {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// The name in brackets may have spaces; utime and stime are the 14th and 15th field (proc_pid_stat(5)).
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick
}

// ownProcessorTime is what the load has used.
func ownProcessorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
