package log_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"shardlua/runtime"
	"shardlua/runtime/log"
	"shardlua/runtime/module"
)

// output is a stream that another goroutine may read.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// take returns what was written since the last call.
func (o *output) take() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.buf.Reset()
	return o.buf.String()
}

func newHost(t *testing.T) (*runtime.Host, *output) {
	t.Helper()
	stderr := new(output)
	h, err := runtime.New(runtime.Options{Stderr: stderr, Modules: []module.Module{log.Module}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h, stderr
}

// Each chunk is run on one host, in this order; want is what it leaves on stderr before the log is open.
func TestBareMessages(t *testing.T) {
	h, stderr := newHost(t)
	for _, tc := range []struct{ chunk, want string }{
		{`log = require('log') log.info('hello %s', 'x') log.warn('W') log.error('E') log.verbose('V')`, "hello x\nW\nE\n"},
		{`log.info({a = 1})`, "{\"a\":1}\n"},
		{`log.info({level = 1, a = 2, pid = 3})`, "{\"a\":2}\n"},
		{`log.info(nil) log.info() log.info(true) log.info(12.5)`, "nil\nnil\ntrue\n12.5\n"},
		{`log.info('100%') log.info('%s') log.info('%s', nil)`, "100%\n%s\nnil\n"},
		{`log.info('a', 'b') log.info(1, 2) log.info('z\0y')`, "a\n1\nz\n"},
		{`log.info(setmetatable({}, {__serialize = function() return 'ser' end}))`, "\"ser\"\n"},
		{`log.level(7) log.debug('d')`, "log: level set to 7\nd\n"},
		{`log.level('warn') log.info('no') log.level('info')`, ""},
		{`log.logger_pid()`, "logger_pid() is deprecated, please use pid() instead\n"},
	} {
		if _, err := h.Eval(tc.chunk); err != nil {
			t.Errorf("%s: %v", tc.chunk, err)
		}
		if got := stderr.take(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.chunk, got, tc.want)
		}
	}
}

func TestErrors(t *testing.T) {
	h, _ := newHost(t)
	for _, tc := range []struct{ chunk, want string }{
		{`log = require('log') log.level()`, "builtin/log.lua:338: must be a number or a string"},
		{`log.level('x')`, "builtin/log.lua:338: expected crit,warn,info,debug,syserror,verbose,fatal,error"},
		{`log.log_format('x')`, "builtin/log.lua:372: expected json,plain"},
		{`log.cfg(1)`, "builtin/log.lua:467: attempt to index local 'cfg' (a number value)"},
		{`log.cfg({level = 'x'})`, "builtin/log.lua:485: log.cfg: 'level' expected crit,warn,info,debug,syserror,verbose,fatal,error"},
		{`log.cfg({level = {}})`, "builtin/log.lua:485: log.cfg: 'level' must be a number or a string"},
		{`log.cfg({format = 1})`, "builtin/log.lua:477: log.cfg: 'format' expected json,plain"},
		{`log.cfg({nonblock = 1})`, "builtin/log.lua:491: log.cfg: 'nonblock' option must be 'true' or 'false'"},
		{`log.cfg({log = 'syslog:identity=a', format = 'json'})`, "builtin/log.lua:477: log.cfg: 'format' json can't be used with syslog logger"},
		{`log.cfg({level = 5}) log.cfg({log = 'x'})`, "builtin/log.lua:447: log.cfg: 'log' can't be set dynamically"},
		{`log.cfg({nonblock = 'x'})`, "builtin/log.lua:491: log.cfg: 'nonblock' option must be 'true' or 'false'"},
		{`log.cfg({log = 'syslog:', format = 'json'})`, "builtin/log.lua:477: log.cfg: 'format' json can't be used with syslog logger"},
		{`log.cfg({nonblock = false})`, "builtin/log.lua:447: log.cfg: 'nonblock' can't be set dynamically"},
	} {
		if _, err := h.Eval(tc.chunk); err == nil || err.Error() != tc.want {
			t.Errorf("%s: got %v, want %s", tc.chunk, err, tc.want)
		}
	}
}

func TestFileWithRotation(t *testing.T) {
	h, _ := newHost(t)
	dir := t.TempDir()
	t.Setenv("LOG_DIR", dir)
	_, err := h.Eval(`
		log = require('log')
		log.cfg({log = 'file:' .. os.getenv('LOG_DIR') .. '/x.log', level = 'verbose'})
		loadstring('log.warn("first")', '@/some/where.lua')()
		log.log_format('json')
		log.info({shard = 1})
		os.rename(os.getenv('LOG_DIR') .. '/x.log', os.getenv('LOG_DIR') .. '/old.log')
		log.rotate()
		log.cfg({format = 'plain', level = 5})
		log.verbose('silent')
		log.info('last')`)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	match(t, filepath.Join(dir, "old.log"),
		`^\S+ \S+ \[\d+\] main/\d+/lua where\.lua:1 W> first$`,
		`^\{"time": "\S+", "level": "INFO", "shard":1, "pid": \d+ , "cord_name": "main", "fiber_id": \d+, "fiber_name": "lua", "file": ".*", "line": 6\}$`)
	match(t, filepath.Join(dir, "x.log"), `^\{.*"message": "log file has been reopened"`, `main/\d+/lua I> last$`)
}

// match holds each line of a file against a pattern.
func match(t *testing.T, file string, patterns ...string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(lines) != len(patterns) {
		t.Errorf("%s has %d lines: %q", file, len(lines), lines)
		return
	}
	for i, pattern := range patterns {
		if !regexp.MustCompile(pattern).MatchString(lines[i]) {
			t.Errorf("%q does not match %s", lines[i], pattern)
		}
	}
}

func TestLogThatCannotBeOpenedEndsTheInstance(t *testing.T) {
	for target, want := range map[string]string{
		"/nonexistent/x": "SystemError can't open log file: /nonexistent/x: No such file or directory\nfailed to initialize logging subsystem\n",
		"foo:bar":        "IllegalParams: expecting a file name or a prefix, such as '|', 'pipe:', 'syslog:'\nfailed to initialize logging subsystem\n",
	} {
		h, stderr := newHost(t)
		code := h.Run([]runtime.Chunk{{Source: `require('log').cfg({log = '` + target + `'})`, Name: "=script"}})
		if got := stderr.take(); code != 1 || got != want {
			t.Errorf("%s: code %d, %q; want %q", target, code, got, want)
		}
	}
}
