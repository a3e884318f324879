package xlog

import (
	"bytes"
	"encoding/hex"
	"math"
	"reflect"
	"testing"

	"github.com/tinylib/msgp/msgp"
	"pgregory.net/rapid"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The encodings were found in files that Tarantool 2.6.0 wrote.
func TestRowIsEncodedAsTarantoolDoes(t *testing.T) {
	stamp := math.Float64frombits(0x41dac0ebaba79d1b)
	for _, c := range []struct {
		name string
		row  Row
		wire string
	}{
		{"alone", Row{Type: Delete, ReplicaID: 1, LSN: 8, TSN: 8, IsCommit: true, Timestamp: stamp, Body: unhex(t, "8210cd0200209101")},
			"8400050201030804cb41dac0ebaba79d1b8210cd0200209101"},
		{"first of two", Row{Type: Insert, ReplicaID: 1, LSN: 9, TSN: 9, Timestamp: stamp, Body: unhex(t, "8210cd0200219202a161")},
			"8500020201030904cb41dac0ebaba79d1b08008210cd0200219202a161"},
		{"last of two", Row{Type: Insert, ReplicaID: 1, LSN: 10, TSN: 9, IsCommit: true, Timestamp: stamp, Body: unhex(t, "8210cd0200219203a162")},
			"8600020201030a04cb41dac0ebaba79d1b080109018210cd0200219203a162"},
		{"nop", Row{Type: Nop, ReplicaID: 1, LSN: 202, TSN: 202, IsCommit: true, Timestamp: stamp}, "84000c020103ccca04cb41dac0ebaba79d1b"},
		{"local, numbered by a later row", Row{Type: Insert, GroupID: GroupLocal, LSN: 2, TSN: 206, Timestamp: stamp, Body: unhex(t, "8210cd0201219102")},
			"8500020701030204cb41dac0ebaba79d1b08cfffffffffffffff348210cd0201219102"},
		{"first of a snapshot", Row{Type: Insert, IsCommit: true, Timestamp: stamp, Body: unhex(t, "80")}, "82000204cb41dac0ebaba79d1b80"},
	} {
		if got := c.row.Append(nil); hex.EncodeToString(got) != c.wire {
			t.Errorf("%s: encoded as\n%x, want\n%s", c.name, got, c.wire)
		}
		var got Row
		rest, err := got.Decode(append(unhex(t, c.wire), 0xff))
		if err != nil || len(rest) != 1 {
			t.Errorf("%s: decoding: %v, rest %x", c.name, err, rest)
			continue
		}
		if !reflect.DeepEqual(got, c.row) {
			t.Errorf("%s: decoded as\n%+v, want\n%+v", c.name, got, c.row)
		}
	}
}

func TestRowDecodeFaults(t *testing.T) {
	for _, c := range []struct{ name, wire, reason string }{
		{"nothing", "", "Invalid MsgPack - packet header"},
		{"not a map", "9100", "Invalid MsgPack - packet header"},
		{"cut in the header", "840002", "Invalid MsgPack - packet header"},
		{"key is not a number", "81a16100", "Invalid MsgPack - packet header"},
		{"lsn is negative", "8103ff", "Invalid MsgPack - packet header"},
		{"lsn is too large", "8103cfffffffffffffffff", "Invalid MsgPack - packet header"},
		{"timestamp is a string", "8104a161", "Invalid MsgPack - packet header"},
		{"unknown key without value", "8130", "Invalid MsgPack - packet header"},
		{"flags are too large", "8109cd0100", "Invalid MsgPack - packet header"},
		{"body is not a map", "81000201", "Invalid MsgPack - packet body"},
		{"body is cut", "8100028210", "Invalid MsgPack - packet body"},
	} {
		var row Row
		if _, err := row.Decode(unhex(t, c.wire)); err == nil || err.Error() != c.reason {
			t.Errorf("%s: %v, want %s", c.name, err, c.reason)
		}
	}
	var row Row
	if err := row.DecodePacket(unhex(t, "8100028000")); err == nil {
		t.Error("DecodePacket accepted bytes behind the body")
	}
}

func TestRowSkipsUnknownKeysAndOldNop(t *testing.T) {
	var row Row
	rest, err := row.Decode(unhex(t, "83"+"000c"+"3292c3a161"+"0305"+"80"+"c0"))
	if err != nil || row.Type != Nop || row.LSN != 5 || len(row.Body) != 0 || len(rest) != 1 {
		t.Errorf("%+v, rest %x, %v", row, rest, err)
	}
}

func anyRow(t *rapid.T) Row {
	row := Row{
		Type:      rapid.SampledFrom([]Type{Insert, Replace, Update, Delete, Upsert, Confirm}).Draw(t, "type"),
		ReplicaID: rapid.Uint32Range(0, 31).Draw(t, "replica"),
		GroupID:   rapid.Uint32Range(0, 1).Draw(t, "group"),
		LSN:       rapid.Int64Range(1, math.MaxInt64).Draw(t, "lsn"),
		Timestamp: rapid.Float64().Draw(t, "timestamp"),
		IsCommit:  rapid.Bool().Draw(t, "commit"),
		Flags:     rapid.Uint8().Draw(t, "flags") &^ 1,
		Sync:      rapid.Uint64().Draw(t, "sync"),
		Schema:    rapid.Uint64().Draw(t, "schema"),
	}
	row.TSN = rapid.Int64Range(1, math.MaxInt64).Draw(t, "tsn")
	row.Body = msgp.AppendMapHeader(nil, 1)
	row.Body = msgp.AppendInt(row.Body, 0x21)
	row.Body = msgp.AppendBytes(row.Body, rapid.SliceOf(rapid.Byte()).Draw(t, "body"))
	return row
}

func TestRowRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := anyRow(t)
		var got Row
		rest, err := got.Decode(row.Append(nil))
		if err != nil || len(rest) > 0 || !reflect.DeepEqual(got, row) {
			t.Fatalf("%+v came back as %+v, %v, rest %x", row, got, err, rest)
		}
		if err := got.DecodePacket(row.Append(nil)); err != nil || !reflect.DeepEqual(got, row) {
			t.Fatalf("as a packet: %+v, %v", got, err)
		}
	})
}

// skip must agree with a msgpack library on every input.
func FuzzSkip(f *testing.F) {
	for _, seed := range []string{"c0", "93c2c3cb0000000000000000", "82a16101a162dc000101", "c70501aabbccddee", "d601aabbccdd", "dd00000001c0", "c1", "9f9f9f9f"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rest, ok := skip(data)
		want, err := msgp.Skip(data)
		if ok != (err == nil) || ok && !bytes.Equal(rest, want) {
			t.Fatalf("skip: %x %v; msgp: %x %v", rest, ok, want, err)
		}
	})
}

func FuzzRow(f *testing.F) {
	f.Add(unhex(f, "8600020201030a04cb41dac0ebaba79d1b080109018210cd0200219203a162"))
	f.Add(unhex(f, "84000c020103ccca04cb41dac0ebaba79d1b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var row, again Row
		rest, err := row.Decode(data)
		if err != nil {
			return
		}
		if len(rest) > len(data) {
			t.Fatal("more rest than data")
		}
		if _, err := again.Decode(row.Append(nil)); err != nil {
			t.Fatalf("%+v cannot be read back: %v", row, err)
		}
		if row.Timestamp != row.Timestamp {
			return
		}
		if again.Body = row.Body; !reflect.DeepEqual(row, again) {
			t.Fatalf("%+v came back as %+v", row, again)
		}
	})
}

func BenchmarkRowAppend(b *testing.B) {
	row := Row{Type: Insert, ReplicaID: 1, LSN: 1 << 20, Timestamp: 1.8e9, Body: make([]byte, 40)}
	buf := make([]byte, 0, 256)
	for b.Loop() {
		buf = row.Append(buf[:0])
	}
}

func BenchmarkRowDecode(b *testing.B) {
	wire := unhex(b, "8600020201030a04cb41dac0ebaba79d1b080109018210cd0200219203a162")
	var row Row
	for b.Loop() {
		if _, err := row.Decode(wire); err != nil {
			b.Fatal(err)
		}
	}
}
