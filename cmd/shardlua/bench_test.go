package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func benchCommand(t *testing.T, dir string, args ...string) (*exec.Cmd, *strings.Builder, *strings.Builder) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), built(t), append([]string{"bench"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), mark(dir))
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	return cmd, &stdout, &stderr
}

// Every benchmark runs on this program, here beside itself.
func TestBench(t *testing.T) {
	dir := stage(t)
	cmd, stdout, stderr := benchCommand(t, dir, "--stock", built(t), "--scale", "0.02", "--repeat", "1",
		"insert", "lua/pcall", "iproto/ping", "iproto/storage-read", "reload")
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	rows := map[string]bool{}
	for line := range strings.Lines(stdout.String()) {
		if fields := strings.Fields(line); len(fields) >= 5 && (strings.HasSuffix(fields[len(fields)-1], "x") || fields[len(fields)-1] == "-") {
			rows[fields[0]+"/"+fields[1]] = true
		}
	}
	for _, want := range []string{"insert/insert", "insert/get", "lua/pcall", "iproto/ping", "iproto/storage-read", "reload/reloads.worst"} {
		if !rows[want] {
			t.Errorf("no row %s in\n%s", want, stdout)
		}
	}
	if rows["lua/xpcall"] || rows["iproto/select"] {
		t.Errorf("more than was asked for:\n%s", stdout)
	}
	if !strings.Contains(stderr.String(), "insert   round 1, ") {
		t.Errorf("progress %q", stderr)
	}
	expectNothingLeft(t, dir)
}

func TestBenchAsJSON(t *testing.T) {
	cmd, stdout, stderr := benchCommand(t, stage(t), "--json", "--stock=", "--scale", "0.001", "--repeat", "3", "insert")
	err := cmd.Run()
	var result struct {
		Rounds int
		Rows   []struct {
			Case string
			Ours []float64
		}
	}
	if failed := json.Unmarshal([]byte(stdout.String()), &result); err != nil || failed != nil || result.Rounds != 3 || len(result.Rows) != 6 ||
		result.Rows[0].Case != "insert" || len(result.Rows[0].Ours) != 3 {
		t.Errorf("%v, %v\n%s%s", err, failed, stdout, stderr)
	}
}

func TestBenchRefusals(t *testing.T) {
	dir := stage(t)
	broken := filepath.Join(dir, "broken")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho no such thing >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args, stderr string
		code         int
	}{
		{"disk", "there is no benchmark disk, only insert, lua, iproto, reload; see shardlua bench --help", 2},
		{"--repeat 0", "--repeat is to be from 1 to 1000; see shardlua bench --help", 2},
		{"--scale 0", "--scale is to be more than 0, and 60 at most; see shardlua bench --help", 2},
		{"--fast", "unknown flag: --fast; see shardlua bench --help", 2},
		{"--stock /nonexistent insert", "exec: \"/nonexistent\": stat /nonexistent: no such file or directory", 1},
		{"--stock= --scale 0.001 --ours " + broken + " insert", "insert with " + broken + ": insert.lua: exit status 3: no such thing", 1},
		{"--stock= --scale 0.001 --repeat 1 insert/nothing", "benchmark insert has no case nothing", 1},
	} {
		cmd, stdout, stderr := benchCommand(t, dir, strings.Fields(c.args)...)
		code := exitCode(cmd.Run())
		if want := "shardlua: bench: " + c.stderr + "\n"; code != c.code || !strings.HasSuffix(stderr.String(), want) || stdout.Len() > 0 {
			t.Errorf("%s: code %d, %q, want %q", c.args, code, stderr, want)
		}
	}
	cmd, stdout, _ := benchCommand(t, dir, "--help")
	if err := cmd.Run(); err != nil || !strings.Contains(stdout.String(), "Examples:\n  shardlua bench\n") || !strings.Contains(stdout.String(), "\n  insert  a space") {
		t.Errorf("%v\n%s", err, stdout)
	}
}

func TestBenchInterrupted(t *testing.T) {
	dir := stage(t)
	cmd, _, stderr := benchCommand(t, dir, "insert")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "*", "insert.lua")); len(files) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the benchmark does not begin")
		}
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	if code := exitCode(cmd.Wait()); code != 1 || stderr.String() != "shardlua: bench: interrupted\n" {
		t.Errorf("code %d, %q", code, stderr)
	}
	expectNothingLeft(t, dir)
}
