package procedure_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shardlua/runtime/iproto"
)

// wireScript defines what the cases call, on both hosts.
const wireScript = `
function echo(...) return ... end
function fail() error('boo', 0) end
function rows() return {{1}, {2}} end
function nothing() end
app = {nested = {sum = function(a, b) return a + b end}, count = 3}
function app.nested:me(x) return self == app.nested, x end
`

func frame(parts ...string) []byte {
	body := strings.Join(parts, "")
	return append(binary.BigEndian.AppendUint32([]byte{0xce}, uint32(len(body))), body...)
}

// head is the header of a request of a type, with sync 7.
func head(typ byte) string { return "\x82\x00" + string(typ) + "\x01\x07" }

const space = "\x10\xcd\x02\x00"

// wireCases are frames and what comes back: the body of a reply, or code and text of an error. More replies follow
// each other with "; ". "closed" at the end: the server hangs up.
var wireCases = []struct {
	name string
	send []byte
	want string
}{
	{"ping", frame(head(0x40), "\x80"), "80"},
	{"ping without body", frame(head(0x40)), "80"},
	{"ping with a short length", append([]byte{6}, head(0x40)+"\x80"...), "80"},
	{"ping with an odd body", frame(head(0x40), "\x93\x01\x02\x03"), "80"},
	{"ping in a stream", frame("\x83\x00\x40\x01\x07\x0a\x01\x80"), "80"},
	{"unused lead byte", []byte("\xc1\xc1\xc1\xc1"), "20 Invalid MsgPack - packet length; closed"},
	{"string for a length", []byte("\xa4aaaaaaaa"), "20 Invalid MsgPack - packet length; closed"},
	{"4 GiB", append([]byte("\xce\xff\xff\xff\xff"), head(0x40)+"\x80"...),
		"20 Invalid MsgPack - too big packet size in the header: 4294967295; closed"},
	{"HTTP", []byte("GET / HTTP/1.0\r\n\r\n"), ""},
	{"half a frame", []byte("\xce\x00\x00\x00\x10\x82\x00\x40"), ""},
	{"half a length", []byte("\xce\x00\x00"), ""},
	{"header is an array", frame("\x93\x00\x40\x01\x80"), "20 Invalid MsgPack - packet header"},
	{"header is a number", frame("\x01\x80"), "20 Invalid MsgPack - packet header"},
	{"header is cut", frame("\x82\x00\x40\x01"), "20 Invalid MsgPack - packet header"},
	{"header with a name", frame("\x82\xa1a\x40\x01\x07\x80"), "20 Invalid MsgPack - packet header"},
	{"header with a wrong type", frame("\x82\x00\xa1a\x01\x07\x80"), "20 Invalid MsgPack - packet header"},
	{"header with a wrong sync", frame("\x82\x00\x40\x01\xa1a\x80"), "20 Invalid MsgPack - packet header"},
	{"header without a type", frame("\x81\x01\x07\x80"), "48 Unknown request type 0"},
	{"header with an unknown key", frame("\x83\x00\x40\x01\x07\x7f\x05\x80"), "20 Invalid MsgPack - packet header"},
	{"a bad header, then a ping", append(frame("\x93\x00\x40\x01\x80"), frame(head(0x40), "\x80")...),
		"20 Invalid MsgPack - packet header; 80"},
	{"unknown type", frame(head(0x4f), "\x80"), "48 Unknown request type 79"},
	{"unknown type, then a ping", append(frame(head(0x7f), "\x80"), frame(head(0x40), "\x80")...),
		"48 Unknown request type 127; 80"},
	{"nop", frame(head(12), "\x80"), "20 Invalid MsgPack - packet body"},
	{"begin outside of a stream", frame(head(14), "\x80"), "48 Unknown request type 14"},
	{"select without a body", frame(head(1)), "69 Missing mandatory field 'space id' in request"},
	{"select without anything", frame(head(1), "\x80"), "69 Missing mandatory field 'space id' in request"},
	{"select without a limit", frame(head(1), "\x82", space, "\x20\x91\x01"), "69 Missing mandatory field 'limit' in request"},
	{"select without a key", frame(head(1), "\x82", space, "\x12\x03"), "69 Missing mandatory field 'key' in request"},
	{"select", frame(head(1), "\x83", space, "\x12\x03\x20\x91\x01"), "8130dd000000019201a26e31"},
	{"select nothing", frame(head(1), "\x83", space, "\x12\x03\x20\x91\x63"), "8130dd00000000"},
	{"select some", frame(head(1), "\x85", space, "\x12\x02\x13\x01\x14\x05\x20\x91\x02"), "8130dd000000029203a26e339204a26e34"},
	{"select with unknown keys", frame(head(1), "\x85", space, "\x12\x03\x20\x91\x01\x7f\x01\xa1z\x01"), "8130dd000000019201a26e31"},
	{"select with a space's name", frame(head(1), "\x83\x10\xa1a\x12\x03\x20\x91\x01"), "20 Invalid MsgPack - packet body"},
	{"select with a key that is no array", frame(head(1), "\x83", space, "\x12\x03\x20\x01"), "20 Invalid MsgPack - packet body"},
	{"select from no space", frame(head(1), "\x83\x10\xcd\x03\x00\x12\x03\x20\x91\x01"), "36 Space '768' does not exist"},
	{"select from no index", frame(head(1), "\x84", space, "\x11\x09\x12\x03\x20\x91\x01"), "35 No index #9 is defined in space 'test'"},
	{"select with no iterator", frame(head(1), "\x84", space, "\x14\x20\x12\x03\x20\x91\x01"), "1 Illegal parameters, Invalid iterator type"},
	{"select with a cut body", frame(head(1), "\x83", space, "\x12\x03"), "20 Invalid MsgPack - packet body"},
	{"select with an array", frame(head(1), "\x92\x01\x02"), "20 Invalid MsgPack - packet body"},
	{"select with more behind", frame(head(1), "\x83", space, "\x12\x03\x20\x91\x01\x01\x02"), "20 Invalid MsgPack - packet body"},
	{"wrong schema version", frame("\x83\x00\x40\x01\x07\x05\x01\x80"), "109 Wrong schema version, current: 1, in request: VERSION"},
	{"insert without a tuple", frame(head(2), "\x81", space), "69 Missing mandatory field 'tuple' in request"},
	{"insert a duplicate", frame(head(2), "\x82", space, "\x21\x92\x01\xa1a"), "3 Duplicate key exists in unique index 'pk' in space 'test'"},
	{"insert a number", frame(head(2), "\x82", space, "\x21\x01"), "20 Invalid MsgPack - packet body"},
	{"insert", frame(head(2), "\x82", space, "\x21\x92\x32\xa1a"), "8130dd000000019232a161"},
	{"replace nothing", frame(head(3), "\x80"), "69 Missing mandatory field 'space id' in request"},
	{"replace", frame(head(3), "\x82", space, "\x21\x92\x32\xa1b"), "8130dd000000019232a162"},
	{"update without a key", frame(head(4), "\x82", space, "\x21\x90"), "69 Missing mandatory field 'key' in request"},
	{"update", frame(head(4), "\x83", space, "\x20\x91\x32\x21\x91\x93\xa1=\x01\xa1c"), "8130dd000000019232a163"},
	{"update from 1", frame(head(4), "\x84", space, "\x15\x01\x20\x91\x32\x21\x91\x93\xa1=\x02\xa1d"), "8130dd000000019232a164"},
	{"update with a string", frame(head(4), "\x83", space, "\x20\x91\xa1a\x21\x91\x93\xa1=\x01\xa1c"),
		"18 Supplied key type of part 0 does not match index part type: expected unsigned"},
	{"upsert without operations", frame(head(9), "\x82", space, "\x21\x92\x32\xa1a"), "69 Missing mandatory field 'operations' in request"},
	{"upsert", frame(head(9), "\x83", space, "\x21\x92\x32\xa1a\x28\x91\x93\xa1=\x01\xa1e"), "8130dd00000000"},
	{"delete without a key", frame(head(5), "\x81", space), "69 Missing mandatory field 'key' in request"},
	{"delete", frame(head(5), "\x82", space, "\x20\x91\x32"), "8130dd000000019232a165"},
	{"delete nothing", frame(head(5), "\x82", space, "\x20\x91\x32"), "8130dd00000000"},
	{"call without a name", frame(head(10), "\x81\x21\x90"), "69 Missing mandatory field 'function name' in request"},
	{"call without arguments", frame(head(10), "\x81\x22\xa4echo"), "8130dd00000000"},
	{"call with a number", frame(head(10), "\x82\x22\xa4echo\x21\x01"), "20 Invalid MsgPack - packet body"},
	{"call with an array for a body", frame(head(10), "\x93\x22\xa4echo\x21"), "20 Invalid MsgPack - packet body"},
	{"call", frame(head(10), "\x82\x22\xa4echo\x21\x92\x01\x81\x01\x02"), "8130dd0000000201810102"},
	{"call with nil", frame(head(10), "\x82\x22\xa4echo\x21\x92\x01\xc0"), "8130dd0000000201c0"},
	{"call inside of tables", frame(head(10), "\x82\x22\xaeapp.nested.sum\x21\x92\x01\x02"), "8130dd0000000103"},
	{"call a method", frame(head(10), "\x82\x22\xadapp.nested:me\x21\x91\x05"), "8130dd00000002c305"},
	{"call what fails", frame(head(10), "\x82\x22\xa4fail\x21\x90"), "32 boo"},
	{"call nobody", frame(head(10), "\x82\x22\xa3x.y\x21\x90"), "33 Procedure 'x.y' is not defined"},
	{"call a number", frame(head(10), "\x82\x22\xa9app.count\x21\x90"), "33 Procedure 'app.count' is not defined"},
	{"call inside of a number", frame(head(10), "\x82\x22\xabapp.count.x\x21\x90"), "33 Procedure 'app.count.x' is not defined"},
	{"call nothing", frame(head(10), "\x82\x22\xa0\x21\x90"), "33 Procedure '' is not defined"},
	{"old call", frame(head(6), "\x82\x22\xa4echo\x21\x92\x01\x92\x01\x02"), "8130dd000000029101920102"},
	{"old call with a list", frame(head(6), "\x82\x22\xa4rows\x21\x90"), "8130dd0000000291019102"},
	{"old call with nothing", frame(head(6), "\x82\x22\xa7nothing\x21\x90"), "8130dd00000000"},
	{"old call with a map", frame(head(6), "\x82\x22\xa4echo\x21\x91\x81\xa1a\x02"), "8130dd000000019181a16102"},
	{"old call with nil", frame(head(6), "\x82\x22\xa4echo\x21\x91\xc0"), "8130dd0000000191c0"},
	{"old call with an empty list", frame(head(6), "\x82\x22\xa4echo\x21\x91\x90"), "8130dd0000000190"},
	{"old call with an array", frame(head(6), "\x82\x22\xa4echo\x21\x91\x92\x01\x02"), "8130dd00000001920102"},
	{"eval without an expression", frame(head(8), "\x81\x21\x90"), "69 Missing mandatory field 'expression' in request"},
	{"eval", frame(head(8), "\x82\x27\xacreturn 1,...\x21\x91\x05"), "8130dd000000020105"},
	{"eval with wrong syntax", frame(head(8), "\x82\x27\xa4re 1\x21\x90"), "32 eval:1: '=' expected near '1'"},
	{"eval to a function", frame(head(8), "\x82\x27\xacreturn print\x21\x90"), "32 unsupported Lua type 'function'"},
	{"eval error()", frame(head(8), "\x82\x27\xa7error()\x21\x90"), "32 nil"},
	{"auth without a name", frame(head(7), "\x80"), "69 Missing mandatory field 'user name' in request"},
	{"auth as guest", frame(head(7), "\x82\x23\xa5guest\x21\x90"), "80"},
	{"auth without a scramble", frame(head(7), "\x82\x23\xa3bob\x21\x90"), "20 Invalid MsgPack - authentication request body"},
	{"auth with a short scramble", frame(head(7), "\x82\x23\xa3bob\x21\x92\xa9chap-sha1\xa3abc"), "20 Invalid MsgPack - invalid scramble size"},
	{"auth with a number", frame(head(7), "\x82\x23\xa3bob\x21\x92\xa9chap-sha1\x01"), "20 Invalid MsgPack - authentication scramble"},
	{"auth with a wrong password", frame(head(7), "\x82\x23\xa3bob\x21\x92\xa9chap-sha1\xb4aaaaaaaaaaaaaaaaaaaa"),
		"47 Incorrect password supplied for user 'bob'"},
	{"auth as nobody", frame(head(7), "\x82\x23\xa3xxx\x21\x92\xa9chap-sha1\xb4aaaaaaaaaaaaaaaaaaaa"), "45 User 'xxx' is not found"},
}

// replies shows what a server sends: bodies in hex, errors in words.
func replies(t *testing.T, c net.Conn) string {
	t.Helper()
	var shown []string
	var data []byte
	buf := make([]byte, 1<<16)
	for {
		for {
			f, size, err := iproto.NextFrame(data)
			if err != nil {
				break
			}
			data = data[size:]
			var r iproto.Reply
			if err := r.Decode(f); err != nil {
				t.Fatal(err)
			}
			if r.Err != nil {
				shown = append(shown, fmt.Sprintf("%d %s", r.Type&^iproto.TypeError, r.Err.Message))
			} else {
				shown = append(shown, hex.EncodeToString(r.Body))
			}
		}
		wait := 2 * time.Second
		if len(shown) > 0 || len(data) == 0 {
			wait = 60 * time.Millisecond
		}
		_ = c.SetReadDeadline(time.Now().Add(wait))
		n, err := c.Read(buf)
		data = append(data, buf[:n]...)
		if err != nil {
			if errors.Is(err, io.EOF) {
				shown = append(shown, "closed")
			}
			return strings.Join(shown, "; ")
		}
	}
}

func runWireCases(t *testing.T, path string) {
	for _, tc := range wireCases {
		t.Run(tc.name, func(t *testing.T) {
			c, err := net.Dial("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if _, err := io.ReadFull(c, make([]byte, iproto.GreetingSize)); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Write(tc.send); err != nil {
				t.Fatal(err)
			}
			got := replies(t, c)
			want := tc.want
			if i := strings.Index(want, "VERSION"); i >= 0 && len(got) > i {
				want = want[:i] + strings.TrimSuffix(got[i:], "; closed")
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestWire(t *testing.T) {
	in := start(t, wireScript)
	runWireCases(t, in.path)
}

// TestWireOnStock holds the table of cases against stock Tarantool.
func TestWireOnStock(t *testing.T) {
	runWireCases(t, startStock(t, wireScript))
}

// startStock runs stock Tarantool with the same database, and returns the path of its socket.
func startStock(t testing.TB, script string) string {
	t.Helper()
	executable, err := exec.LookPath("tarantool")
	if err != nil {
		t.Skip("stock tarantool is not installed")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "s.sock")
	setup := setupScript(dir, path, script) + "io.write('up\\n')\nio.flush()\n"
	cmd := exec.Command(executable, "-e", setup)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = new(bytes.Buffer)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	up := make([]byte, 3)
	if _, err := io.ReadFull(stdout, up); err != nil {
		t.Fatalf("stock tarantool does not start: %v %s", err, cmd.Stderr)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return path
}
