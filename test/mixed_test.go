package test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestBothHostsInOneCluster lets a storage on shardlua and one on stock Tarantool send each other buckets, under a
// router on either.
func TestBothHostsInOneCluster(t *testing.T) {
	stock, err := exec.LookPath("tarantool")
	if err != nil {
		t.Skip("tarantool is not installed")
	}
	for name, router := range map[string]string{"router on shardlua": shardlua, "router on stock Tarantool": stock} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMixed(t)
			m.start(shardlua, "storage.lua", "left")
			m.start(stock, "storage.lua", "right")
			out, err := m.command(router, "router.lua").CombinedOutput()
			if err != nil || !strings.HasSuffix(string(out), "60 buckets, 30 sent\n") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// mixed is a directory where the instances of a cluster run.
type mixed struct {
	t    *testing.T
	dir  string
	path string // LUA_PATH
	ctx  context.Context
}

func newMixed(t *testing.T) *mixed {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	// Paths of sockets are short.
	dir, err := os.MkdirTemp("", "mixed")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(func() {
		cancel()
		if t.Failed() {
			for _, name := range []string{"left.log", "right.log"} {
				text, _ := os.ReadFile(filepath.Join(dir, name))
				t.Logf("%s:\n%s", name, text)
			}
		}
		_ = os.RemoveAll(dir)
	})
	lua := filepath.Join(root, "lua")
	return &mixed{t: t, dir: dir, ctx: ctx,
		path: filepath.Join(root, "test/mixed/?.lua") + ";" + filepath.Join(lua, "?.lua") + ";" + filepath.Join(lua, "?/init.lua") + ";;"}
}

func (m *mixed) command(executable, script string, args ...string) *exec.Cmd {
	file, err := filepath.Abs(filepath.Join("mixed", script))
	if err != nil {
		m.t.Fatal(err)
	}
	cmd := exec.CommandContext(m.ctx, executable, append([]string{file}, args...)...)
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "LUA_PATH="+m.path)
	return cmd
}

// start starts an instance that is ended with the test.
func (m *mixed) start(executable, script string, args ...string) {
	m.t.Helper()
	cmd := m.command(executable, script, args...)
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
}
