package iproto

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/tuple/mp"
)

func TestGreeting(t *testing.T) {
	salt := bytes.Repeat([]byte{7}, SaltSize)
	g := Greeting{Version: "2.6.0", Protocol: Binary, UUID: "9efbba1d-ffda-4086-bec7-e242863f090a", Salt: salt}
	b := g.Append(nil)
	if len(b) != GreetingSize {
		t.Fatal(len(b), "bytes")
	}
	got, err := ParseGreeting(b)
	if err != nil || got.Version != g.Version || got.Protocol != Binary || got.UUID != g.UUID || !bytes.Equal(got.Salt, salt) {
		t.Errorf("got %+v, %v", got, err)
	}
	console := []byte("Tarantool 2.6.0 (Lua console)" + strings.Repeat(" ", 34) + "\ntype 'help' for interactive help" + strings.Repeat(" ", 31) + "\n")
	if got, err = ParseGreeting(console); err != nil || got.Protocol != LuaConsole {
		t.Errorf("a console greets as %+v, %v", got, err)
	}
	for _, bad := range []string{"", "Tarantool", strings.Repeat("x", 128), strings.Repeat("\n", 128)} {
		if _, err := ParseGreeting([]byte(bad)); !errors.Is(err, ErrGreeting) {
			t.Errorf("%q gave %v", bad, err)
		}
	}
}

func TestScrambleIsTheOneThatServersCheck(t *testing.T) {
	salt := make([]byte, SaltSize)
	for i := range salt {
		salt[i] = byte(i)
	}
	hash, err := base64.StdEncoding.DecodeString(db.HashPassword("secret"))
	if err != nil {
		t.Fatal(err)
	}
	user := db.User{Hash: hash}
	if !user.CheckScramble(salt, Scramble(salt, "secret")) || user.CheckScramble(salt, Scramble(salt, "other")) {
		t.Error("a server would not take it")
	}
}

func TestReplies(t *testing.T) {
	cause := boxerr.New(boxerr.NoSuchSpace, "x")
	failure := boxerr.NewCustom("Mine", 77, "broken")
	if err := failure.SetPrev(cause); err != nil {
		t.Fatal(err)
	}
	b := AppendOK(nil, 5, 81)
	if got := hex.EncodeToString(b); got != "ce000000188300ce0000000001cf000000000000000505ce0000005180" {
		t.Error("an empty reply is", got)
	}
	b = AppendError(b, 6, 82, failure)
	var r Reply
	for _, want := range []struct {
		sync uint64
		err  string
	}{{5, ""}, {6, "broken"}} {
		frame, size, err := NextFrame(b)
		if err != nil {
			t.Fatal(err)
		}
		b = b[size:]
		if err := r.Decode(frame); err != nil {
			t.Fatal(err)
		}
		if r.Sync != want.sync || r.IsError() != (want.err != "") || r.IsError() && r.Err.Message != want.err {
			t.Errorf("got %+v, want %+v", r, want)
		}
	}
	if r.Err.Prev == nil || r.Err.Prev.Code != uint32(boxerr.NoSuchSpace) || r.Err.CustomType != "Mine" {
		t.Errorf("the stack is %+v", r.Err)
	}
}

func TestNextFrameTakesAllWidths(t *testing.T) {
	for _, tc := range []struct{ in, frame string }{
		{"\x01a", "a"}, {"\xcc\x01a", "a"}, {"\xcd\x00\x01a", "a"}, {"\xce\x00\x00\x00\x01a", "a"},
		{"\xcf\x00\x00\x00\x00\x00\x00\x00\x01a", "a"}, {"\x00", ""},
	} {
		frame, size, err := NextFrame([]byte(tc.in + "rest"))
		if err != nil || string(frame) != tc.frame || size != len(tc.in) {
			t.Errorf("%q gave %q, %d, %v", tc.in, frame, size, err)
		}
		for i := range tc.in {
			if _, _, err := NextFrame([]byte(tc.in[:i])); !errors.Is(err, ErrMore) {
				t.Errorf("%q gave %v", tc.in[:i], err)
			}
		}
	}
	for _, bad := range []string{"\xc1", "\xa1a", "\xff", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "\xce\xff\xff\xff\xff"} {
		if _, _, err := NextFrame([]byte(bad)); !errors.Is(err, boxerr.InvalidMsgPack) {
			t.Errorf("%q gave %v", bad, err)
		}
	}
}

// A frame that claims much gets memory only as its bytes come.
func TestBufferDoesNotTrustLengths(t *testing.T) {
	b := newBuffer(64)
	b.data = append(b.data, "abc"...)
	b.grow(b.data, 2<<30)
	if cap(b.data) > maxAhead || string(b.data) != "abc" || len(b.free()) == 0 {
		t.Error("the buffer has", cap(b.data), "bytes")
	}
}

func seeds(f *testing.F) {
	for _, s := range []string{
		"\x82\x00\x40\x01\x07\x80", "\x82\x00\x01\x01\x07\x83\x10\xcd\x02\x00\x12\x03\x20\x91\x01", "\x83\x00\x0e\x01\x07\x0a\x01\x80",
		"\x82\x00\x0a\x01\x07\x82\x22\xa1f\x21\x91\x01", "\x82\x00\x07\x01\x07\x82\x23\xa5guest\x21\x90", "\x82\x00\x4a\x01\x07\x81\x57\xa1k",
		"\x83\x00\xce\x00\x00\x80\x14\x01\x07\x05\x51\x82\x31\xa1x\x52\x81\x00\x91\x86\x00\xabClientError\x02\x01\x01\xa0\x03\xa1x\x04\x00\x05\x14",
	} {
		f.Add([]byte(s))
	}
}

func FuzzRequest(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Request
		if err := r.Decode(data); err != nil {
			var known *boxerr.Error
			if !errors.As(err, &known) {
				t.Fatalf("the error is %T", err)
			}
			return
		}
		// What the fibers rely on.
		for _, list := range [][]byte{r.Key, r.Tuple, r.Ops, r.Args()} {
			if list != nil && (mp.Validate(list) != nil || mp.KindOf(list) != mp.Array) {
				t.Fatalf("%x is no array", list)
			}
		}
	})
}

func FuzzReply(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Reply
		if r.Decode(data) != nil {
			return
		}
		if r.Data != nil && (mp.Validate(r.Data) != nil || mp.KindOf(r.Data) != mp.Array) {
			t.Fatalf("%x is no array", r.Data)
		}
		if r.IsError() != (r.Type&TypeError != 0) {
			t.Fatal("an error without its cause")
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("\xce\x00\x00\x00\x01a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		frame, size, err := NextFrame(data)
		if err == nil && (size > len(data) || len(frame) > size) {
			t.Fatal("the frame is longer than the data")
		}
	})
}

func FuzzGreeting(f *testing.F) {
	g := Greeting{Version: "2.6.0", Protocol: Binary, UUID: "u", Salt: make([]byte, SaltSize)}
	f.Add(g.Append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		if g, err := ParseGreeting(data); err == nil && g.Protocol == Binary && len(g.Salt) < 20 {
			t.Fatal("the salt is short")
		}
	})
}
