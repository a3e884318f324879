package golden

import (
	"bufio"
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// replay is a console connection on which the instance says a text at once.
func replay(t *testing.T, text string) *console {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { ours.Close() })
	go func() {
		defer theirs.Close()
		bufio.NewReader(theirs).ReadString('\n')
		theirs.Write([]byte(text))
	}()
	return &console{conn: ours, in: bufio.NewReader(ours)}
}

func TestConsoleReadsOneAnswer(t *testing.T) {
	for name, test := range map[string]struct{ question, said, want string }{
		"scalar":          {"1\n", "---\n- 1\n...\nrest", "---\n- 1\n...\n"},
		"nothing":         {"x = 1\n", "---\n...\n", "---\n...\n"},
		"dots in a text":  {"x\n", "---\n- 'a\n\n  ...\n\n  b'\n...\n", "---\n- 'a\n\n  ...\n\n  b'\n...\n"},
		"push":            {"x\n", "%TAG !push! tag:tarantool.io/push,2018\n--- 1\n...\n---\n- 2\n...\n", "%TAG !push! tag:tarantool.io/push,2018\n--- 1\n...\n---\n- 2\n...\n"},
		"Lua":             {"\\set output lua\n", "true;", "true;\n"},
		"Lua, semicolons": {"\\set output lua,block\n", "\"a;\\\";\", ';'", "\"a;\\\";\", ';\n"},
	} {
		got, err := replay(t, test.said).execute(context.Background(), test.question)
		if got != test.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
		}
	}
}

func TestConsoleLosesConnection(t *testing.T) {
	answer, err := replay(t, "---\n- 1\n").execute(context.Background(), "1\n")
	if !errors.Is(err, errLostConnection) || answer != "---\n- 1\n" {
		t.Errorf("%q, %v", answer, err)
	}
}

func TestConsoleChecksGreeting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Write([]byte(strings.Repeat("Tarantool 2.6 (Binary) ", 10)))
		}
	}()
	if _, err := dialConsole(context.Background(), endpoint{"unix", path}); err == nil || !strings.Contains(err.Error(), "not an admin console") {
		t.Errorf("error %v", err)
	}
}

func TestConsoleStopsWithContext(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	go bufio.NewReader(theirs).ReadString('\n')
	c := &console{conn: ours, in: bufio.NewReader(ours)}
	why := errors.New("the reason")
	ctx, cancel := context.WithTimeoutCause(context.Background(), 20*time.Millisecond, why)
	defer cancel()
	if _, err := c.execute(ctx, "x\n"); !errors.Is(err, why) {
		t.Errorf("error %v, want %v", err, why)
	}
}

func FuzzConsoleAnswer(f *testing.F) {
	f.Add("---\n- 1\n...\n", false)
	f.Add("{a = ';'};", true)
	f.Fuzz(func(t *testing.T, said string, lua bool) {
		c := &console{in: bufio.NewReader(strings.NewReader(said)), luaOutput: lua}
		answer, err := c.document()
		if !strings.HasPrefix(said+"\n", answer) && err != nil {
			t.Errorf("answer %q of %q", answer, said)
		}
	})
}

func TestInspectorRefusesForeignRequests(t *testing.T) {
	i, err := openInspector(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer i.close()
	conn, err := net.Dial("tcp", "127.0.0.1:"+i.port())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	lines := bufio.NewReader(conn)
	for _, exchange := range [][2]string{
		{"GET / HTTP/1.0", "the inspector takes lines of JSON"},
		{`{"command": "switch default"}`, "no test is running"},
	} {
		conn.Write([]byte(exchange[0] + "\n"))
		if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, exchange[1]) {
			t.Errorf("%s: %q, %v", exchange[0], line, err)
		}
	}
}
