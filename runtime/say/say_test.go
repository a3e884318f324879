package say

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"shardlua/runtime/boxerr"
)

// newTest returns a Logger whose clock stands still, and what it writes to stderr.
func newTest(t *testing.T) (*Logger, *bytes.Buffer) {
	stderr := new(bytes.Buffer)
	l := New(stderr)
	l.Now = func() time.Time { return time.Date(2026, 11, 3, 3, 15, 9, 184e6, time.UTC) }
	t.Cleanup(func() { _ = l.Close() })
	return l, stderr
}

func fill(s string) string { return strings.ReplaceAll(s, "PID", fmt.Sprint(os.Getpid())) }

func TestFormats(t *testing.T) {
	fiber := Entry{Level: Info, Message: "hello", File: "/a/q.lua", Line: 7, FiberID: 103, FiberName: "q.lua"}
	with := func(change func(e *Entry)) Entry {
		e := fiber
		change(&e)
		return e
	}
	for name, tc := range map[string]struct {
		entry             Entry
		bare, plain, json string
	}{
		"fiber": {fiber, "hello", "2026-11-03 03:15:09.184 [PID] main/103/q.lua I> hello",
			`{"time": "2026-11-03T03:15:09.184+0000", "level": "INFO", "message": "hello", "pid": PID , "cord_name": "main", "fiber_id": 103, "fiber_name": "q.lua", "file": "\/a\/q.lua", "line": 7}`},
		"warning": {with(func(e *Entry) { e.Level = Warn }), "hello", "2026-11-03 03:15:09.184 [PID] main/103/q.lua q.lua:7 W> hello",
			`{"time": "2026-11-03T03:15:09.184+0000", "level": "WARN", "message": "hello", "pid": PID , "cord_name": "main", "fiber_id": 103, "fiber_name": "q.lua", "file": "\/a\/q.lua", "line": 7}`},
		"error": {with(func(e *Entry) { e.Level, e.Error = Error, "no\n\x7f\x01" }), "hello: no\n\x7f\x01", "2026-11-03 03:15:09.184 [PID] main/103/q.lua q.lua:7 E> hello: no\n\x7f\x01",
			`{"time": "2026-11-03T03:15:09.184+0000", "level": "ERROR", "message": "hello", "error": "no\n\u007f\u0001", "pid": PID , "cord_name": "main", "fiber_id": 103, "fiber_name": "q.lua", "file": "\/a\/q.lua", "line": 7}`},
		"no fiber": {Entry{Level: Crit, Message: "x"}, "x", "2026-11-03 03:15:09.184 [PID] main C> x",
			`{"time": "2026-11-03T03:15:09.184+0000", "level": "CRIT", "message": "x", "pid": PID , "cord_name": "main"}`},
		"cord": {Entry{Level: Fatal, Message: "x", Cord: "wal"}, "x", "2026-11-03 03:15:09.184 [PID] wal F> x",
			`{"time": "2026-11-03T03:15:09.184+0000", "level": "FATAL", "message": "x", "pid": PID , "cord_name": "wal"}`},
		"fields": {Entry{Level: Verbose, Message: `{"a":1}`, Fields: `"a":1`}, `{"a":1}`, `2026-11-03 03:15:09.184 [PID] main V> {"a":1}`,
			`{"time": "2026-11-03T03:15:09.184+0000", "level": "VERBOSE", "a":1, "pid": PID , "cord_name": "main"}`},
	} {
		t.Run(name, func(t *testing.T) {
			l, stderr := newTest(t)
			l.SetLevel(Debug)
			check := func(want string) {
				t.Helper()
				if got := stderr.String(); got != fill(want)+"\n" {
					t.Errorf("got  %q\nwant %q", got, fill(want))
				}
				stderr.Reset()
			}
			l.Say(tc.entry)
			check(tc.bare)
			if err := l.Configure(Config{Level: Debug}); err != nil {
				t.Fatal(err)
			}
			l.Say(tc.entry)
			check(tc.plain)
			if err := l.SetFormat(JSON); err != nil {
				t.Fatal(err)
			}
			l.Say(tc.entry)
			check(tc.json)
		})
	}
}

func TestParseTarget(t *testing.T) {
	for text, want := range map[string]Target{
		"":             {},
		"x.log":        {Kind: File, Path: "x.log"},
		"file:a:b":     {Kind: File, Path: "a:b"},
		"| cat":        {Kind: Pipe, Path: " cat"},
		"pipe: cat -n": {Kind: Pipe, Path: " cat -n"},
		"syslog:":      {Kind: Syslog, Identity: "tarantool", Facility: 23},
		"syslog:identity=a,facility=daemon,server=unix:/s": {Kind: Syslog, Identity: "a", Facility: 3, Server: "unix:/s"},
	} {
		if got, err := ParseTarget(text); err != nil || got != want {
			t.Errorf("%q: got %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"foo:bar":                        "expecting a file name or a prefix, such as '|', 'pipe:', 'syslog:'",
		"Pipe:cat":                       "expecting a file name or a prefix, such as '|', 'pipe:', 'syslog:'",
		"syslog:foo=bar":                 "bad option 'foo=bar'",
		"syslog:identity":                "bad option 'identity'",
		"syslog:identity=a,identity=b":   "duplicate option 'identity'",
		"syslog:identity=a,facility=zz":  "bad syslog facility option 'zz'",
		"syslog:facility=":               "bad syslog facility option ''",
		"syslog:identity=a,,facility=zz": "bad option ''",
	} {
		_, err := ParseTarget(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"", "|cat", "file:x", "syslog:identity=a,server=unix:/x", "syslog:facility=", "::", "syslog:=,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		target, err := ParseTarget(s)
		var box *boxerr.Error
		if err != nil && !errors.As(err, &box) {
			t.Fatalf("%q: %v is not a box error", s, err)
		}
		if err == nil && (target.Facility < 0 || target.Facility >= len(facilities)) {
			t.Fatalf("%q: facility %d", s, target.Facility)
		}
	})
}

// FuzzQuoted holds the json escapes against the decoder of the standard library.
func FuzzQuoted(f *testing.F) {
	f.Add("a\"b\\/\n\x00\x7fé")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(appendQuoted(nil, s), &back); err != nil {
			t.Fatal(err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); strings.ToValidUTF8(back, "") != back || len(s) == len(want) && back != want && s == want {
			t.Fatalf("%q came back as %q", s, back)
		}
	})
}

func TestLevels(t *testing.T) {
	l, stderr := newTest(t)
	for level := Fatal; level <= Debug; level++ {
		l.Sayf(level, "%d", level)
	}
	l.SetLevel(Fatal)
	l.Sayf(SysError, "no")
	l.SetLevel(100)
	l.Sayf(Debug, "yes")
	if got := stderr.String(); got != "0\n1\n2\n3\n4\n5\nyes\n" {
		t.Errorf("got %q", got)
	}
	for level, name := range levelNames {
		if got, ok := ParseLevel(name); !ok || got != Level(level) {
			t.Error(name, got)
		}
	}
	if _, ok := ParseLevel("loud"); ok {
		t.Error("loud is a level")
	}
}

func TestRotateOpensTheFileAgain(t *testing.T) {
	l, stderr := newTest(t)
	dir := t.TempDir()
	t.Chdir(dir)
	if err := l.Configure(Config{Target: "x.log", Level: Info}); err != nil {
		t.Fatal(err)
	}
	t.Chdir("/")
	l.Sayf(Info, "one")
	if err := os.Rename(filepath.Join(dir, "x.log"), filepath.Join(dir, "old.log")); err != nil {
		t.Fatal(err)
	}
	l.Sayf(Info, "two")
	if err := l.Rotate(); err != nil {
		t.Fatal(err)
	}
	l.Sayf(Info, "three")
	expect(t, filepath.Join(dir, "old.log"), "2026-11-03 03:15:09.184 [PID] main I> one\n2026-11-03 03:15:09.184 [PID] main I> two\n")
	expect(t, filepath.Join(dir, "x.log"), "2026-11-03 03:15:09.184 [PID] coio I> log file has been reopened\n2026-11-03 03:15:09.184 [PID] main I> three\n")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := l.Rotate(); err == nil || !strings.HasPrefix(err.Error(), "can't open log file: ") {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	l.Sayf(Info, "late")
	if got := stderr.String(); !strings.HasSuffix(got, "late\n") {
		t.Errorf("stderr has %q", got)
	}
}

func expect(t *testing.T, file, want string) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err != nil || string(got) != fill(want) {
		t.Errorf("%s has %q, %v\nwant %q", file, got, err, fill(want))
	}
}

func TestPipeGetsEveryLine(t *testing.T) {
	for _, nonblock := range []bool{false, true} {
		l, stderr := newTest(t)
		file := filepath.Join(t.TempDir(), "out")
		if err := l.Configure(Config{Target: "| cat > " + file, Level: Info, Nonblock: nonblock}); err != nil {
			t.Fatal(err)
		}
		if got := stderr.String(); got != "started logging into a pipe, SIGHUP log rotation disabled\n" {
			t.Errorf("stderr has %q", got)
		}
		l.Sayf(Info, "one")
		if err := l.Rotate(); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		expect(t, file, "2026-11-03 03:15:09.184 [PID] main I> one\n")
	}
}

func TestNonblockLosesLinesRatherThanWait(t *testing.T) {
	l, _ := newTest(t)
	if err := l.Configure(Config{Target: "| sleep 60", Level: Info, Nonblock: true}); err != nil {
		t.Fatal(err)
	}
	cmd := l.out.(*queued).to.(*pipe).cmd
	line := strings.Repeat("x", 1000)
	for range 2 * queueLength {
		l.Sayf(Info, "%s", line) // would hang here when it waited for the reader
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func TestSyslog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	server, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	l, _ := newTest(t)
	if err := l.Configure(Config{Target: "syslog:identity=idn,facility=local3,server=unix:" + path, Level: Info}); err != nil {
		t.Fatal(err)
	}
	l.Say(Entry{Level: Warn, Message: "w", File: "s.lua", Line: 1, FiberID: 103, FiberName: "s.lua"})
	buf := make([]byte, 1000)
	_ = server.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, _, err := server.ReadFrom(buf)
	if want := fill("<156>Nov  3 03:15:09 idn[PID]: main/103/s.lua s.lua:1 W> w\n"); err != nil || string(buf[:n]) != want {
		t.Errorf("got %q, %v; want %q", buf[:n], err, want)
	}
	if err := l.SetFormat(JSON); err == nil {
		t.Error("json was taken")
	}
	if err := l.Configure(Config{Target: "syslog:", Format: JSON}); err == nil {
		t.Error("json was taken")
	}
}

func TestConfigureKeepsTheOldTargetWhenTheNewFails(t *testing.T) {
	l, stderr := newTest(t)
	for target, want := range map[string]string{
		"/nonexistent/x":                      "can't open log file: /nonexistent/x",
		"syslog:server=unix:/nonexistent/log": "syslog logger: No such file or directory",
		"what:x":                              "expecting a file name or a prefix, such as '|', 'pipe:', 'syslog:'",
	} {
		if err := l.Configure(Config{Target: target}); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", target, err, want)
		}
	}
	l.Sayf(Info, "still bare")
	if got := stderr.String(); got != "still bare\n" || l.Configured() {
		t.Errorf("got %q", got)
	}
}

func TestLinesAreWhole(t *testing.T) {
	l, _ := newTest(t)
	file := filepath.Join(t.TempDir(), "x.log")
	if err := l.Configure(Config{Target: file, Level: Info, Format: JSON}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				l.Sayf(Info, "%s", strings.Repeat(fmt.Sprint(g), i))
				if i%50 == 0 {
					if err := l.Rotate(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Fatalf("torn: %q", line)
		}
	}
	if len(lines) != 8*200+8*4 {
		t.Error(len(lines), "lines")
	}
}
