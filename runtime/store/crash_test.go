package store_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime"
)

// crashDir is the variable that makes this test binary the instance which is killed.
const crashDir = "SHARDLUA_STORE_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		serve(dir)
	}
	os.Exit(m.Run())
}

// writers commits transactions of two rows each, and prints the number of each once it is committed.
const writers = `
local dir = ...
box.cfg{memtx_dir = dir, wal_dir = dir, vinyl_dir = dir, wal_mode = 'fsync', wal_max_size = 20000,
        checkpoint_count = 2, log_level = 1}
for _, name in ipairs({'a', 'b'}) do
    if box.space[name] == nil then
        box.schema.space.create(name):create_index('pk')
    end
end
local last = box.space.a.index.pk:max()
local next = last ~= nil and last[1] + 1 or 1
local fiber = require('fiber')
for i = 1, 8 do
    fiber.create(function()
        while true do
            local n = next
            next = next + 1
            box.begin()
            box.space.a:insert({n, ('x'):rep(n % 100)})
            box.space.b:insert({n})
            box.commit()
            print(n)
        end
    end)
end
fiber.create(function()
    while true do fiber.sleep(0.02) box.snapshot() end
end)`

func serve(dir string) {
	h, err := runtime.New(runtime.Options{})
	if err == nil {
		_, err = h.Eval(writers, lua.LString(dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	select {}
}

// TestKilled kills an instance under load, again and again: all that it acknowledged is there, and no transaction is
// there in half.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[int]bool{}
	const rounds = 6
	for round := range rounds {
		for _, n := range killOnce(t, dir, time.Duration(30+rand.IntN(150))*time.Millisecond) {
			acknowledged[n] = true
		}
		if round == rounds-1 && len(acknowledged) < rounds {
			t.Fatalf("only %d transactions were acknowledged", len(acknowledged))
		}
	}
	a, b := contents(t, dir)
	for n := range acknowledged {
		if !a[n] || !b[n] {
			t.Errorf("transaction %d was acknowledged: a has it: %v, b has it: %v", n, a[n], b[n])
		}
	}
	for n := range a {
		if !b[n] {
			t.Errorf("half of transaction %d: only a has it", n)
		}
	}
	for n := range b {
		if !a[n] {
			t.Errorf("half of transaction %d: only b has it", n)
		}
	}
	t.Logf("%d acknowledged, %d there", len(acknowledged), len(a))
}

// killOnce runs the instance until it has worked for a while, kills it, and returns what it acknowledged.
func killOnce(t *testing.T, dir string, life time.Duration) []int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(out)
	first, err := in.ReadString('\n')
	if err != nil {
		_ = cmd.Wait()
		t.Fatalf("the instance wrote nothing: %v\n%s", err, complaints.String())
	}
	timer := time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	rest, _ := io.ReadAll(in)
	_ = cmd.Wait()
	text := first + string(rest)
	if i := strings.LastIndexByte(text, '\n'); i >= 0 {
		text = text[:i] // the last line may have been cut
	}
	var numbers []int
	for line := range strings.Lines(text) {
		n, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("the instance wrote %q", line)
		}
		numbers = append(numbers, n)
	}
	return numbers
}

// contents opens what is left and returns the keys of both spaces.
func contents(t *testing.T, dir string) (a, b map[int]bool) {
	t.Helper()
	h := newHost(t)
	results := eval(t, h, `
local dir = ...
box.cfg{memtx_dir = dir, wal_dir = dir, vinyl_dir = dir, log_level = 1}
local out = {}
for i, name in ipairs({'a', 'b'}) do
    local keys = {}
    for _, t in box.space[name]:pairs() do keys[#keys + 1] = t[1] end
    out[i] = table.concat(keys, ' ')
end
return out[1], out[2]`, lua.LString(dir))
	return keys(t, results[0]), keys(t, results[1])
}

func keys(t *testing.T, list lua.LValue) map[int]bool {
	t.Helper()
	set := map[int]bool{}
	for field := range strings.FieldsSeq(list.String()) {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		set[n] = true
	}
	return set
}

func newHost(t *testing.T) *runtime.Host {
	t.Helper()
	h, err := runtime.New(runtime.Options{Stderr: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func eval(t *testing.T, h *runtime.Host, chunk string, args ...any) []lua.LValue {
	t.Helper()
	results, err := h.Eval(chunk, args...)
	if err != nil {
		t.Fatal(err)
	}
	return results
}
