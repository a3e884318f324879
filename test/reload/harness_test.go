package reload

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cluster is a Cluster whose sources are a copy of the project's, with the instances that a test has started.
type cluster struct {
	*Cluster
	t *testing.T
}

func newCluster(t *testing.T, topology Topology) *cluster {
	t.Helper()
	// The names of unix sockets have little room, less than the directories of tests take.
	dir, err := os.MkdirTemp("", "reload")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	source := filepath.Join(dir, "source")
	if err := os.CopyFS(source, os.DirFS("../../lua")); err != nil {
		t.Fatal(err)
	}
	c, err := NewCluster(dir, source, topology)
	if err != nil {
		t.Fatal(err)
	}
	return &cluster{c, t}
}

// member is an Instance of a test.
type member struct {
	*Instance
	t       *testing.T
	c       *cluster
	stopped bool
}

func (c *cluster) adopt(i *Instance, err error) *member {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	m := &member{Instance: i, t: c.t, c: c}
	c.t.Cleanup(func() {
		m.stop()
		if c.t.Failed() {
			c.t.Logf("log of %s:\n%s", m.Name, tail(m.LogText(), 20))
		}
	})
	return m
}

// stop ends the instance before the test's end does.
func (m *member) stop() {
	m.t.Helper()
	if m.stopped {
		return
	}
	m.stopped = true
	if err := m.Stop(); err != nil {
		m.t.Error(err)
	}
}

func tail(text string, lines int) string {
	all := strings.Split(text, "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

func (c *cluster) host(name, roles string) *member {
	c.t.Helper()
	return c.adopt(c.StartHost(name, roles))
}

// eval runs an expression that must not throw and returns its values.
func (m *member) eval(chunk string, args ...any) []any {
	m.t.Helper()
	values, err := m.Eval(chunk, args...)
	if err != nil {
		m.t.Fatalf("%s: %v: %s", m.Name, err, chunk)
	}
	return values
}

// want evaluates an expression and compares what it returns, as text.
func (m *member) want(chunk, want string) {
	m.t.Helper()
	if got := text(m.eval(chunk)); got != want {
		m.t.Fatalf("%s: %s\ngot  %s\nwant %s", m.Name, chunk, got, want)
	}
}

func text(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return strings.Join(texts, " ")
}

// await waits until an expression is true.
func (m *member) await(chunk string) {
	m.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		values := m.eval(chunk)
		if len(values) > 0 && values[0] == true {
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("%s: does not become true, but %v: %s", m.Name, values, chunk)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// reload loads a module anew and fails the test if it is refused.
func (m *member) reload(module string) {
	m.t.Helper()
	if err := m.Reload(module); err != nil {
		m.t.Fatalf("%s: reload of %s: %v", m.Name, module, err)
	}
}

// sourceOf is the file of a module.
func (c *cluster) sourceOf(module string) string {
	file := filepath.Join(c.Source, filepath.FromSlash(strings.ReplaceAll(module, ".", "/")))
	if _, err := os.Stat(file + ".lua"); err == nil {
		return file + ".lua"
	}
	return filepath.Join(file, "init.lua")
}

// edit changes the text of a module.
func (c *cluster) edit(module string, change func(text string) string) {
	c.t.Helper()
	file := c.sourceOf(module)
	old, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	changed := change(string(old))
	if changed == string(old) {
		c.t.Fatalf("the change of %s changes nothing", module)
	}
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// Ways for a version not to work.
var (
	// throwing does all of its work, and throws at its very end.
	throwing = func(text string) string {
		return "local function load_module(...) " + text + " end\nload_module(...)\nerror('this version does not work')\n"
	}
	// stillborn starts a fiber that dies at its first step, when all the others run.
	stillborn = func(text string) string {
		i := strings.LastIndex(text, "return ")
		return text[:i] + "fiber_of_new_version = require('fiber').create(function() require('fiber').yield() end)\n" +
			"require('fiber').new(function() error('this version does not work') end)\n" + text[i:]
	}
)

// refused tries a version that does not work and takes it away again.
func (m *member) refused(module string, broken func(string) string) {
	m.t.Helper()
	var good string
	m.c.edit(module, func(text string) string { good = text; return broken(text) })
	err := m.Reload(module)
	m.c.edit(module, func(string) string { return good })
	if err == nil || !strings.Contains(err.Error(), "this version does not work") {
		m.t.Fatalf("%s: a version of %s that does not work: %v", m.Name, module, err)
	}
}

// noErrors fails the test if the instance has logged an error that is not among those expected.
func (m *member) noErrors(since string, expected ...string) {
	m.t.Helper()
	log := strings.TrimPrefix(m.LogText(), since)
lines:
	for line := range strings.SplitSeq(log, "\n") {
		if !strings.Contains(line, " E> ") && !strings.Contains(line, " W> ") && !strings.Contains(line, " C> ") {
			continue
		}
		for _, e := range expected {
			if strings.Contains(line, e) {
				continue lines
			}
		}
		m.t.Errorf("%s has logged: %s", m.Name, line)
	}
}

// calls is the usual load: calls of a function with the id and the bucket of a row.
func calls(function, mode string, buckets int) func(caller, n int) (Request, error) {
	return func(caller, n int) (Request, error) {
		id := (caller*37+n)%buckets + 1
		return CallRequest("vshard.storage.call", id, mode, function, []any{id, id, "value"})
	}
}

// load runs callers until the returned function ends them, and then holds that they worked and none failed.
func (m *member) load(callers int, request func(caller, n int) (Request, error)) (stop func() Result) {
	m.t.Helper()
	l, err := StartLoad(m.Socket, callers, request)
	if err != nil {
		m.t.Fatal(err)
	}
	return func() Result {
		m.t.Helper()
		r := l.Stop()
		if r.Calls == 0 || len(r.Failures) > 0 {
			m.t.Errorf("%s: %d calls, %d have failed: %v", m.Name, r.Calls, len(r.Failures), r.Failures[:min(3, len(r.Failures))])
		}
		return r
	}
}

// newPair starts a cluster of two storages, the first of which is a router too, with all buckets and rows in them.
func newPair(t *testing.T, buckets int) (first, second *member) {
	t.Helper()
	c := newCluster(t, Topology{Shards: 2, Replicas: 1, Buckets: buckets, Options: "rebalancer_mode = 'off',"})
	second = c.host("storage_2_a", Storage)
	first = c.host("storage_1_a", Both)
	first.eval(`
		assert(vshard.router.bootstrap({timeout = 60}))
		for id = 1, cfg.bucket_count do assert(vshard.router.callrw(id, 'put', {id, id, 'value'}, {timeout = 60})) end`)
	return first, second
}
