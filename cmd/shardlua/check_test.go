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

	"shardlua/lua"
	"shardlua/test/crossversion"
)

// check runs `shardlua evolution check` in a directory.
func check(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), built(t), append([]string{"evolution", "check"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), mark(stage(t)))
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	code = exitCode(cmd.Run())
	return out.String(), errs.String(), code
}

// repository is a git checkout made up for a test.
type repository struct {
	t   *testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	r := repository{t, t.TempDir()}
	r.git("init", "-q")
	return r
}

func (r repository) git(args ...string) {
	r.t.Helper()
	cmd := exec.Command("git", append([]string{"-C", r.dir, "-c", "user.name=test", "-c", "user.email=test@localhost"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("git %v: %v: %s", args, err, out)
	}
}

func (r repository) write(file, text string) {
	r.t.Helper()
	path := filepath.Join(r.dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r repository) tag(name string) {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "-m", name)
	r.git("tag", name)
}

// From the storage of before the mechanism to that of the working tree nobody notices the way.
func TestEvolutionCheckOfOwnHistory(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, ".git")); err != nil {
		t.Skip("the sources are not a git checkout, so there is no older version")
	}
	shallow, err := exec.Command("git", "-C", root, "rev-parse", "--is-shallow-repository").Output()
	if err != nil || strings.TrimSpace(string(shallow)) != "false" {
		t.Skip("the checkout is shallow, so there is no older version")
	}
	stdout, stderr, code := check(t, root, "--json")
	var result struct {
		OK    bool
		Pairs []crossversion.Pair
	}
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || code != 0 || !result.OK || len(result.Pairs) == 0 {
		t.Fatalf("code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	first := result.Pairs[0]
	if first.New.Name != crossversion.WorkingTree || len(first.Runs) != 2 || first.Runs[0].Order != crossversion.StoragesFirst {
		t.Errorf("%+v", first)
	}
	for _, run := range first.Runs {
		if run.Calls < 300 || len(run.States) != 2 {
			t.Errorf("%+v", run)
			continue
		}
		storage := run.States[0]
		difference := crossversion.Difference(storage)
		if storage.Before.Version != 0 || storage.After.Version < 1 || !strings.Contains(difference, "\n  field transfer_statistics (table) is new\n") {
			t.Error(difference)
		}
	}
}

const counter = `
local host = require('shardlua')
local M = host.internals('counter', function() return {n = 1} end)
`

// A module of a user's own: one version goes to the next, and one whose reload fails is reported.
func TestEvolutionCheckOfModule(t *testing.T) {
	r := newRepository(t)
	r.write("src/counter.lua", counter+"return {}")
	r.tag("v1")
	r.write("src/counter.lua", counter+"host.upgrade('counter', M, {function(M) M.n = {count = M.n} end})\nreturn {}")
	r.tag("v2")
	stdout, stderr, code := check(t, r.dir, "--module", "counter", "v1", "v2")
	if code != 0 || strings.Count(stdout, "  ok  ") != 2 ||
		!strings.Contains(stdout, "\nv1 -> v2: internals of counter, version 0 -> 1:\n  field n was a number and is a table\n  field n.count (number) is new\n") {
		t.Errorf("code %d\n%s%s", code, stdout, stderr)
	}
	if !strings.Contains(stderr, "v1 -> v2, storages first: ok\n") || !strings.Contains(stderr, "v1 -> v2, router first: ok\n") {
		t.Errorf("progress %q", stderr)
	}
	// Not committed: the working tree is what is checked.
	r.write("src/counter.lua", counter+"host.upgrade('counter', M, {function() end, function(M) M.n = nil M.no.way = 1 end})\nreturn {}")
	stdout, stderr, code = check(t, r.dir, "--module", "counter", "v2")
	if code != 1 || strings.Count(stdout, "FAILED") != 3 ||
		!strings.Contains(stdout, "counter.lua:4: attempt to index field 'no' (a nil value)") || !strings.Contains(stdout, "reload refused by storage_1_b: ") ||
		!strings.Contains(stdout, "internals of counter, version 1 -> 1: the same fields\n") {
		t.Errorf("code %d\n%s%s", code, stdout, stderr)
	}
}

// A version of vshard that does not load: every tagged revision is checked, and the old code serves on.
func TestEvolutionCheckOfBrokenVersion(t *testing.T) {
	r := newRepository(t)
	if err := os.CopyFS(r.dir, lua.Files); err != nil {
		t.Fatal(err)
	}
	r.tag("good")
	r.write("vshard/storage/gc.lua", "error('not today')")
	stdout, stderr, code := check(t, r.dir, "--json")
	var result struct {
		OK    bool
		Pairs []crossversion.Pair
	}
	if err := json.Unmarshal([]byte(stdout), &result); err != nil || code != 1 || result.OK || len(result.Pairs) != 1 || result.Pairs[0].Old.Name != "good" {
		t.Fatalf("code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	for _, run := range result.Pairs[0].Runs {
		if !strings.Contains(run.Error, "gc.lua:1: not today") || run.Failures+run.Lost+run.Doubled+run.TuplesLost+run.TuplesTwice > 0 || run.Calls < 300 {
			t.Errorf("%+v", run)
		}
		if _, err := os.Stat(filepath.Join(run.Logs, "storage_1_b.log")); err != nil {
			t.Error(err)
		}
	}
}

func TestEvolutionCheckInterrupted(t *testing.T) {
	r := newRepository(t)
	r.write("counter.lua", counter+"return {}")
	r.tag("v1")
	dir := stage(t)
	cmd := exec.CommandContext(t.Context(), built(t), "evolution", "check", "--module", "counter")
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), mark(dir))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "*", "router.ready")); len(files) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no cluster starts")
		}
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	if code := exitCode(cmd.Wait()); code != 1 || stderr.String() != "shardlua: evolution check: interrupted; nothing is left running\n" {
		t.Errorf("code %d, %q", code, stderr.String())
	}
	expectNothingLeft(t, dir)
}

func TestEvolutionCheckRefusals(t *testing.T) {
	r := newRepository(t)
	r.write("readme", "nothing to load")
	r.tag("v1")
	elsewhere := t.TempDir()
	for _, c := range []struct {
		dir, args, stderr string
		code              int
	}{
		{elsewhere, "", ". is no git checkout", 1},
		{r.dir, "v7", "there is no revision v7 in .", 1},
		{r.dir, "--upload-pack=x", "unknown flag: --upload-pack; see shardlua evolution check --help", 2},
		{r.dir, "v1 HEAD v1", "give at most two revisions; see shardlua evolution check --help", 2},
		{r.dir, "v1 HEAD", "the repository of v1 has none of vshard/storage/init.lua", 1},
		{r.dir, "--tree src --module app.core v1", "src of v1 has none of vshard/storage/init.lua, app/core.lua, app/core/init.lua", 1},
	} {
		stdout, stderr, code := check(t, c.dir, strings.Fields(c.args)...)
		if want := "shardlua: evolution check: " + c.stderr + "\n"; stdout != "" || stderr != want || code != c.code {
			t.Errorf("%s: code %d, %q, want %q", c.args, code, stderr, want)
		}
	}
	stdout, _, code := check(t, r.dir, "--help")
	if code != 0 || !strings.Contains(stdout, "Examples:\n  shardlua evolution check\n") {
		t.Error(code, stdout)
	}
}
