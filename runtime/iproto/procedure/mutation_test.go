package procedure_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"shardlua/runtime/iproto"
)

// TestMutatedFramesOnBothHosts sends frames that are wrong in one place or two, and compares what both hosts answer, and
// whether they hang up. The instance answers a ping after each.
func TestMutatedFramesOnBothHosts(t *testing.T) {
	stock := startStock(t, wireScript)
	ours := start(t, wireScript).path
	rng := rand.New(rand.NewPCG(4, 2))
	differences := 0
	for round := range 600 {
		base := wireCases[rng.IntN(len(wireCases))]
		if changesState(base.send) {
			continue
		}
		send := mutate(rng, base.send)
		got, want := exchange(t, ours, send), exchange(t, stock, send)
		if got == want || excused(got, want) {
			continue
		}
		t.Errorf("round %d, from %q: %x\nours  %s\nstock %s", round, base.name, send, got, want)
		if differences++; differences > 20 {
			t.Fatal("and so on")
		}
	}
}

// mutate changes a byte or two behind the length of a frame, drops some or adds some; the length is then set right, most
// of the time.
func mutate(rng *rand.Rand, frame []byte) []byte {
	b := append([]byte(nil), frame...)
	if len(b) <= 6 || b[0] != 0xce {
		return b
	}
	interesting := []byte{0x00, 0x01, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x91, 0x9f, 0xa0, 0xa1, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xca, 0xcb, 0xcc, 0xcd,
		0xce, 0xcf, 0xd0, 0xd4, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff, 0x10, 0x11, 0x20, 0x21, 0x22, 0x27, 0x28}
	for range 1 + rng.IntN(2) {
		at := 5 + rng.IntN(len(b)-5)
		switch rng.IntN(5) {
		case 0:
			b[at] = byte(rng.IntN(256))
		case 1, 2:
			b[at] = interesting[rng.IntN(len(interesting))]
		case 3:
			b = append(b[:at:at], b[at+1:]...)
		case 4:
			b = append(b[:at:at], append([]byte{interesting[rng.IntN(len(interesting))]}, b[at:]...)...)
		}
		if len(b) <= 6 {
			return b
		}
	}
	n := len(b) - 5
	b[1], b[2], b[3], b[4] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	return b
}

// changesState tells whether a frame asks for something after which the hosts may differ by right.
func changesState(frame []byte) bool {
	return len(frame) > 8 && strings.Contains(string(frame), "box.")
}

// exchange sends a frame and a ping, and shows the replies up to that of the ping.
func exchange(t *testing.T, path string, send []byte) string {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.ReadFull(c, make([]byte, iproto.GreetingSize)); err != nil {
		t.Fatal(err)
	}
	ping := frame("\x82\x00\x40\x01\xcd\x7f\x7f", "\x80")
	if _, err := c.Write(append(append([]byte(nil), send...), ping...)); err != nil {
		return "no write"
	}
	var shown []string
	var data []byte
	buf := make([]byte, 1<<16)
	for {
		f, size, err := iproto.NextFrame(data)
		if err == nil {
			data = data[size:]
			var r iproto.Reply
			if err := r.Decode(f); err != nil {
				t.Fatal(err)
			}
			switch {
			case r.Sync == 0x7f7f:
				return strings.Join(shown, "; ")
			case r.Err != nil:
				shown = append(shown, fmt.Sprintf("sync %d: %d %s", r.Sync, r.Type&^iproto.TypeError, r.Err.Message))
			default:
				shown = append(shown, fmt.Sprintf("sync %d: %s", r.Sync, hex.EncodeToString(r.Body)))
			}
			continue
		}
		wait := 2 * time.Second
		if len(shown) == 0 && len(data) == 0 {
			wait = 150 * time.Millisecond
		}
		_ = c.SetReadDeadline(time.Now().Add(wait))
		n, err := c.Read(buf)
		data = append(data, buf[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return strings.Join(append(shown, "silence"), "; ")
		}
		if err != nil {
			return strings.Join(append(shown, "closed"), "; ")
		}
	}
}

// excused tells whether a difference is one that is meant.
func excused(ours, stock string) bool {
	switch {
	case strings.Contains(ours, "SQL"):
		return true
	case strings.Contains(stock, "Wrong schema version"): // which shows what lies in memory behind the number
		return strings.Contains(ours, "Wrong schema version")
	}
	for _, typ := range []iproto.Type{iproto.TypeBegin, iproto.TypeCommit, iproto.TypeRollback, iproto.TypeID, iproto.TypeWatch,
		iproto.TypeUnwatch} { // which 2.6 does not know
		if strings.Contains(stock, fmt.Sprintf("Unknown request type %d", typ)) {
			return true
		}
	}
	return false
}
