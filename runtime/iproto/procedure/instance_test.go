package procedure_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"shardlua/runtime"
)

// instance is a host whose box listens on a unix socket.
type instance struct {
	host *runtime.Host
	path string
	log  *output
}

// output is a log that tests read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// setupScript makes a database: the space test (512) with five rows, the users bob and poor, and a guest who may do
// everything. It runs on both hosts.
func setupScript(dir, path, script string) string {
	return fmt.Sprintf(`
box.cfg{work_dir = %q, wal_mode = 'none', log_level = 2, memtx_memory = 32 * 2^20}
box.schema.user.grant('guest', 'read,write,execute', 'universe', nil, {if_not_exists = true})
local s = box.schema.space.create('test', {id = 512})
s:create_index('pk', {parts = {{1, 'unsigned'}}})
for i = 1, 5 do s:insert{i, 'n' .. i} end
box.schema.user.create('bob', {password = 'secret'})
box.schema.user.grant('bob', 'read,write,execute', 'universe')
box.schema.user.create('poor', {password = 'x'})
%s
box.cfg{listen = %q}
`, dir, script, path)
}

func start(t testing.TB, script string) *instance {
	t.Helper()
	dir := t.TempDir()
	in := &instance{log: new(output), path: filepath.Join(dir, "s.sock")}
	h, err := runtime.New(runtime.Options{Stderr: in.log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	in.host = h
	if _, err := h.Eval(setupScript(dir, in.path, script)); err != nil {
		t.Fatal(err)
	}
	return in
}
