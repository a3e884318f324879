package uuid_test

import (
	"bytes"
	"testing"

	"shardlua/runtime/uuid"
)

func FuzzParse(f *testing.F) {
	f.Add("ba90d815-14e0-431d-80c0-ce587885bb78")
	f.Add("00000000-0000-0000-0000-00000000000g")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		u, ok := uuid.Parse(text)
		if !ok {
			return
		}
		again, ok := uuid.Parse(u.String())
		if !ok || *again != *u {
			t.Fatalf("%q reads as %v, which does not read back", text, u)
		}
	})
}

func TestMsgpack(t *testing.T) {
	u, ok := uuid.Parse("ba90d815-14e0-431d-80c0-ce587885bb78")
	if !ok {
		t.Fatal("a good uuid is refused")
	}
	packed := u.AppendMsgpack([]byte{0xc0})
	want := []byte("\xc0\xd8\x02\xba\x90\xd8\x15\x14\xe0\x43\x1d\x80\xc0\xce\x58\x78\x85\xbb\x78")
	if !bytes.Equal(packed, want) {
		t.Fatalf("packed as % x, want % x", packed, want)
	}
	if back, ok := uuid.FromMsgpack(packed[3:]); !ok || *back != *u {
		t.Fatalf("read back %v, %v", back, ok)
	}
	if _, ok := uuid.FromMsgpack(packed); ok {
		t.Fatal("19 bytes are accepted")
	}
}
