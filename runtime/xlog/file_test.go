package xlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/tinylib/msgp/msgp"

	"shardlua/runtime/sys"
	"shardlua/runtime/sys/systest"
	"shardlua/runtime/xlog/vclock"
)

var instance = uuid.MustParse("f41ecbc3-c189-4393-9424-5951575390b0")

func clockOf(pairs ...int64) vclock.VClock {
	var v vclock.VClock
	for i := 0; i < len(pairs); i += 2 {
		v.Set(uint32(pairs[i]), pairs[i+1])
	}
	return v
}

func body(space, key int, text string) []byte {
	b := msgp.AppendMapHeader(nil, 2)
	b = msgp.AppendInt(b, 0x10)
	b = msgp.AppendInt(b, space)
	b = msgp.AppendInt(b, 0x21)
	b = msgp.AppendArrayHeader(b, 2)
	b = msgp.AppendInt(b, key)
	return msgp.AppendString(b, text)
}

// writeLog writes a log that begins after v. Each number is the size of a transaction; each gets a block of its own.
func writeLog(t testing.TB, disk sys.Disk, dir string, v vclock.VClock, finish bool, sizes ...int) (string, vclock.VClock) {
	t.Helper()
	w, err := Create(disk, dir, &Meta{FileType: Log, Instance: instance, VClock: v})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(true); err != nil {
		t.Fatal(err)
	}
	for _, size := range sizes {
		tsn := v.Get(1) + 1
		for i := range size {
			lsn := tsn + int64(i)
			w.Append(&Row{Type: Insert, ReplicaID: 1, LSN: lsn, TSN: tsn, IsCommit: i == size-1, Timestamp: 1.5e9,
				Body: body(512, int(lsn), strings.Repeat("x", int(lsn)%100))})
			v.Set(1, lsn)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if finish {
		if err := w.Finish(true); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Path(), v
}

func newDisk(t testing.TB) *systest.Disk {
	t.Helper()
	disk := systest.NewDisk()
	if err := disk.MkdirAll("/d", 0o755); err != nil {
		t.Fatal(err)
	}
	return disk
}

func content(t testing.TB, disk sys.Disk, path string) []byte {
	t.Helper()
	f, err := disk.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func replace(t testing.TB, disk sys.Disk, path string, data []byte) {
	t.Helper()
	f, err := disk.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// blocksOf returns where the blocks of a file begin.
func blocksOf(data []byte) []int {
	var at []int
	for i := range len(data) - 3 {
		if m := binary.BigEndian.Uint32(data[i:]); m == magicRows || m == magicZstd {
			at = append(at, i)
		}
	}
	return at
}

func readAll(r *Reader) (lsns []int64, err error) {
	for {
		rows, err := r.Next()
		if err != nil {
			return lsns, err
		}
		for i, row := range rows {
			lsns = append(lsns, row.LSN)
			if row.IsCommit != (i == len(rows)-1) {
				return lsns, fmt.Errorf("transaction ends within: %+v", rows)
			}
		}
	}
}

func open(t testing.TB, disk sys.Disk, path string, options ReaderOptions) *Reader {
	t.Helper()
	r, err := OpenReader(disk, path, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestReadWhatWasWritten(t *testing.T) {
	disk := newDisk(t)
	path, end := writeLog(t, disk, "/d", clockOf(0, 3, 1, 10), true, 1, 2, 500, 1)
	if want := "/d/00000000000000000013.xlog"; path != want {
		t.Errorf("path %s, want %s", path, want)
	}
	r := open(t, disk, path, ReaderOptions{})
	lsns, err := readAll(r)
	if err != io.EOF || len(lsns) != 504 || lsns[0] != 11 || lsns[503] != end.Get(1) {
		t.Fatalf("read %d rows, %v", len(lsns), err)
	}
	if r.Meta().VClock != clockOf(0, 3, 1, 10) || r.Meta().Instance != instance || r.Meta().Version != DefaultVersion {
		t.Errorf("header %+v", r.Meta())
	}
	compressed := 0
	for _, at := range blocksOf(content(t, disk, path)) {
		if binary.BigEndian.Uint32(content(t, disk, path)[at:]) == magicZstd {
			compressed++
		}
	}
	if compressed != 1 {
		t.Errorf("%d blocks are compressed, want the one with 500 rows", compressed)
	}
}

// Each case breaks the third block of five transactions of 1, 2, 3, 2 and 1 rows.
func TestBrokenFiles(t *testing.T) {
	all := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	without3 := []int64{1, 2, 3, 7, 8, 9}
	for _, c := range []struct {
		name   string
		change func(data []byte, blocks []int) []byte
		reason string
		offset func(data []byte, blocks []int) int
		strict []int64
		forced []int64
	}{
		{"body", func(d []byte, b []int) []byte { d[b[2]+25] ^= 0xff; return d }, "tx checksum mismatch", nil, all[:3], without3},
		{"checksum", func(d []byte, b []int) []byte { d[b[2]+8] ^= 0xff; return d }, "tx checksum mismatch", nil, all[:3], without3},
		{"magic", func(d []byte, b []int) []byte { d[b[2]+1] ^= 0xff; return d }, "invalid magic: 0xab0b45d5", nil, all[:3], without3},
		{"length is no number", func(d []byte, b []int) []byte { d[b[2]+4] = 0xd8; return d }, "broken fixheader length", nil, all[:3], without3},
		{"length is past the end", func(d []byte, b []int) []byte { copy(d[b[2]+4:], "\xce\x00\x01\x00\x00"); return d }, "broken fixheader", nil, all[:3], without3},
		{"checksum of the block before", func(d []byte, b []int) []byte { d[b[2]+5] = 0xc0; return d }, "broken fixheader crc32p", nil, all[:3], without3},
		{"checksum is no number", func(d []byte, b []int) []byte { d[b[2]+6] = 0xa0; return d }, "broken fixheader crc32c", nil, all[:3], without3},
		{"padding", func(d []byte, b []int) []byte { d[b[2]+11] = 0xa0; return d }, "broken fixheader padding", nil, all[:3], without3},
		{"data after the end", func(d []byte, b []int) []byte { return append(d, "xxxx"...) },
			"has some data after eof marker at %d", func(d []byte, b []int) int { return len(d) - 4 }, all, all},
		{"block is missing", func(d []byte, b []int) []byte { return append(d[:b[2]:b[2]], d[b[3]:]...) }, "", nil, without3, without3},
	} {
		t.Run(c.name, func(t *testing.T) {
			disk := newDisk(t)
			path, _ := writeLog(t, disk, "/d", clockOf(), true, 1, 2, 3, 2, 1)
			data := content(t, disk, path)
			blocks := blocksOf(data)
			offset := blocks[2]
			if c.offset != nil {
				offset = c.offset(data, blocks)
				c.reason = fmt.Sprintf(c.reason, offset)
			}
			broken := c.change(bytes.Clone(data), blocks)
			replace(t, disk, path, broken)

			lsns, err := readAll(open(t, disk, path, ReaderOptions{}))
			if _, ok := err.(*UnclosedError); ok {
				r := open(t, disk, path, ReaderOptions{})
				lsns, _ = readAll(r)
				_, err = r.CheckTail()
			}
			var corrupt *CorruptError
			switch {
			case c.reason == "" && err != io.EOF:
				t.Errorf("strict: %v", err)
			case c.reason != "" && (!errors.As(err, &corrupt) || !strings.HasPrefix(corrupt.Reason, c.reason) || corrupt.Offset != int64(offset)):
				t.Errorf("strict: %v, want %q at %d", err, c.reason, offset)
			case c.reason != "" && !strings.Contains(err.Error(), path) || c.reason != "" && !strings.Contains(err.Error(), "force_recovery"):
				t.Errorf("the error does not say where or what to do: %v", err)
			}
			if fmt.Sprint(lsns) != fmt.Sprint(c.strict) {
				t.Errorf("strict: rows %v, want %v", lsns, c.strict)
			}
			var told []Event
			lsns, err = readAll(open(t, disk, path, ReaderOptions{Force: true, Events: func(e Event) { told = append(told, e) }}))
			if err != io.EOF || fmt.Sprint(lsns) != fmt.Sprint(c.forced) {
				t.Errorf("forced: rows %v, %v; want %v", lsns, err, c.forced)
			}
			if c.reason != "" && (len(told) != 1 || !strings.Contains(told[0].Text, "can't open tx: "+c.reason)) {
				t.Errorf("forced: told %v", told)
			}
			if !bytes.Equal(content(t, disk, path), broken) {
				t.Error("reading changed the file")
			}
		})
	}
}

// However a file is cut, whole transactions come out, the first ones, and the end is told from a clean one.
func TestCutAnywhere(t *testing.T) {
	disk := newDisk(t)
	path, _ := writeLog(t, disk, "/d", clockOf(), true, 1, 2, 60, 1)
	data := content(t, disk, path)
	blocks := blocksOf(data)
	for size := blocks[0]; size < len(data); size++ {
		whole := 0
		for i, at := range blocks {
			end := len(data) - 4
			if i+1 < len(blocks) {
				end = blocks[i+1]
			}
			if size >= end && at < size {
				whole += []int{1, 2, 60, 1}[i]
			}
		}
		for _, tail := range []string{"", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"} {
			if tail != "" && (size < len(data)-4 && !contains(blocks, size) || size > len(data)-4) {
				continue // zeros in the middle of a block make it a broken one
			}
			replace(t, disk, path, append(data[:size:size], tail...))
			r := open(t, disk, path, ReaderOptions{})
			lsns, err := readAll(r)
			unclosed, ok := err.(*UnclosedError)
			if !ok || len(lsns) != whole {
				t.Fatalf("cut at %d: %d rows, want %d; %v", size, len(lsns), whole, err)
			}
			if unclosed.Offset+unclosed.Tail != int64(size+len(tail)) {
				t.Fatalf("cut at %d: %v", size, err)
			}
			if more, err := r.CheckTail(); more || err != nil {
				t.Fatalf("cut at %d: CheckTail %v, %v", size, more, err)
			}
		}
	}
}

func contains(list []int, n int) bool {
	for _, m := range list {
		if m == n {
			return true
		}
	}
	return false
}

func TestHalfTransactionIsNotDelivered(t *testing.T) {
	for _, finish := range []bool{false, true} {
		disk := newDisk(t)
		w, err := Create(disk, "/d", &Meta{FileType: Log, Instance: instance})
		if err != nil {
			t.Fatal(err)
		}
		w.Append(&Row{Type: Insert, ReplicaID: 1, LSN: 1, TSN: 1, Body: body(512, 1, "a")})
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		w.Append(&Row{Type: Insert, ReplicaID: 1, LSN: 2, TSN: 1, IsCommit: true, Body: body(512, 2, "b")})
		w.Append(&Row{Type: Insert, ReplicaID: 1, LSN: 3, TSN: 3, Body: body(512, 3, "c")})
		if finish {
			err = w.Finish(false)
		} else {
			err = w.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Publish(false); err != nil {
			t.Fatal(err)
		}
		lsns, err := readAll(open(t, disk, w.Path(), ReaderOptions{}))
		if fmt.Sprint(lsns) != "[1 2]" {
			t.Errorf("rows %v", lsns)
		}
		if finish {
			var corrupt *CorruptError
			if !errors.As(err, &corrupt) || corrupt.Reason != "transaction 3 has no end" {
				t.Errorf("closed file: %v", err)
			}
		} else if unclosed, ok := err.(*UnclosedError); !ok || unclosed.Rows != 1 {
			t.Errorf("unclosed file: %v", err)
		}
	}
}

func TestMetaFaults(t *testing.T) {
	good := "XLOG\n0.13\nVersion: 2.6.0\nInstance: f41ecbc3-c189-4393-9424-5951575390b0\nVClock: {1: 5}\nPrevVClock: {}\n\n"
	m, size, err := ParseMeta([]byte(good + "rest"))
	if err != nil || size != len(good) || m.VClock != clockOf(1, 5) || !m.HasPrev || m.Version != "2.6.0" {
		t.Fatalf("%+v, %d, %v", m, size, err)
	}
	if again := string(m.Append(nil)); again != good {
		t.Errorf("written back as %q", again)
	}
	for _, c := range []struct{ old, new, reason string }{
		{"0.13", "0.99", "unsupported file format version 0.99"},
		{"Instance: ", "Instance: z", "can't parse instance UUID"},
		{"\nVClock: {", "\nVClock: {a", "invalid vclock at offset 2"},
		{"PrevVClock: {", "PrevVClock: {1", "invalid vclock at offset 3"},
		{"\n\n", "\n", "Unexpected end of file, run with 'force_recovery = true'"},
		{"VClock: {1: 5}", "VClock", "can't extract meta value"},
		{"XLOG\n", "XLOGXLOGXLOG\n", "failed to parse xlog type string"},
	} {
		_, _, err := ParseMeta([]byte(strings.Replace(good, c.old, c.new, 1)))
		if err == nil || err.Error() != c.reason && !strings.HasPrefix(err.Error(), strings.TrimSuffix(c.reason, "3")) {
			t.Errorf("%q for %q: %v, want %s", c.new, c.old, err, c.reason)
		}
	}
}

func FuzzMeta(f *testing.F) {
	f.Add([]byte("XLOG\n0.13\nVersion: 2.6.0\nInstance: f41ecbc3-c189-4393-9424-5951575390b0\nVClock: {1: 5}\n\n"))
	f.Add([]byte("SNAP\n0.12\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, size, err := ParseMeta(data)
		if err != nil {
			return
		}
		if size > len(data) {
			t.Fatalf("header of %d bytes in %d", size, len(data))
		}
		again, _, err := ParseMeta(m.Append(nil))
		if err != nil || again.VClock != m.VClock || again.Instance != m.Instance {
			t.Fatalf("%+v came back as %+v, %v", m, again, err)
		}
	})
}

func FuzzBlock(f *testing.F) {
	c := newCodec()
	for _, size := range []int{10, 5000} {
		block, err := c.appendBlock(nil, bytes.Repeat([]byte{0x80}, size))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(block)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < headSize {
			return
		}
		h, reason := decodeHead(data)
		if reason != "" {
			return
		}
		// A fuzzer does not find checksums: give it the right one, so that it gets to the decompression.
		h.crc = checksum(data[headSize:])
		rows, reason := c.decodeBlock(h, data[headSize:], nil)
		if reason != "" || len(rows) > 1<<20 {
			return
		}
		block, err := c.appendBlock(nil, rows)
		if err != nil {
			t.Fatal(err)
		}
		h, reason = decodeHead(block)
		if reason != "" {
			t.Fatalf("our own header: %s", reason)
		}
		if again, reason := c.decodeBlock(h, block[headSize:], nil); reason != "" || !bytes.Equal(again, rows) {
			t.Fatalf("%x came back as %x, %s", rows, again, reason)
		}
	})
}

func FuzzFile(f *testing.F) {
	disk := newDisk(f)
	path, _ := writeLog(f, disk, "/d", clockOf(), true, 1, 2, 60, 1)
	f.Add(content(f, disk, path))
	f.Fuzz(func(t *testing.T, data []byte) {
		disk := newDisk(t)
		replace(t, disk, "/d/x", data)
		for _, force := range []bool{false, true} {
			r, err := OpenReader(disk, "/d/x", ReaderOptions{Force: force})
			if err != nil {
				continue
			}
			_, err = readAll(r)
			var corrupt *CorruptError
			if _, ok := err.(*UnclosedError); ok {
				if _, err := r.CheckTail(); err != nil && (force || !errors.As(err, &corrupt)) {
					t.Fatalf("tail: %v", err)
				}
			} else if err != io.EOF && (force || !errors.As(err, &corrupt)) {
				t.Fatalf("force %v: %v", force, err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
