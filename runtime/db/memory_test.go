package db

import (
	"errors"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/mp"
)

func TestMemoryIsLimited(t *testing.T) {
	d, c := newDB(t, Options{})
	s := d.SpaceByName("_schema")
	row := func(key string, size int) []byte {
		data := mp.AppendString(mp.AppendArrayHeader(nil, 2), key)
		return mp.AppendString(data, string(make([]byte, size)))
	}
	d.SetMemory(0, 100)
	_, err := s.Insert(c, row("large", 100))
	if !errors.Is(err, boxerr.MemtxMaxTupleSize) {
		t.Fatalf("a large tuple: %v", err)
	}
	if want := "Failed to allocate 123 bytes for tuple: tuple is too large. Check 'memtx_max_tuple_size' configuration option."; err.Error() != want {
		t.Errorf("got  %q\nwant %q", err, want)
	}
	used := d.TupleMemory()
	d.SetMemory(used+2000, 0)
	insert := func() (n int, err error) {
		for ; err == nil; n++ {
			_, err = s.Insert(c, row(string(rune('a'+n)), 500))
		}
		return n - 1, err
	}
	n, err := insert()
	if e := boxerr.From(err); n != 3 || e.Type != boxerr.ClassOutOfMemory ||
		e.Message != "Failed to allocate 520 bytes in slab allocator for memtx_tuple" {
		t.Fatalf("%d tuples, then %v", n, err)
	}
	// What goes makes room, also for what replaces it; a transaction that is undone leaves nothing behind.
	if _, err := s.Delete(c, 0, mp.AppendString(mp.AppendArrayHeader(nil, 1), "a")); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if err := c.Begin(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Insert(c, row("a", 500)); err != nil {
			t.Fatal(err)
		}
		if err := c.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.TupleMemory(); got != used+2*520 {
		t.Errorf("%d bytes are used, want %d", got-used, 2*520)
	}
	d.SetMemory(used+20000, 0)
	if _, err := s.Insert(c, row("zzz", 5000)); err != nil {
		t.Error("more memory does not help:", err)
	}
}
