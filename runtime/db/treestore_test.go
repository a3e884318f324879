package db

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sort"
	"sync"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// TestViewsOfGrowingTrees takes views of trees in the middle of everything that
// is done to them, reads them beside the changes that follow, and demands that
// each still shows what was there when it was taken.
func TestViewsOfGrowingTrees(t *testing.T) {
	for _, typ := range []tuple.FieldType{tuple.Unsigned, tuple.Integer, tuple.Scalar} {
		t.Run(typ.String(), func(t *testing.T) {
			for seed := range uint64(6) {
				growTree(t, typ, rand.New(rand.NewPCG(seed, uint64(typ))))
			}
		})
	}
}

func growTree(t *testing.T, typ tuple.FieldType, r *rand.Rand) {
	kd, err := tuple.NewKeyDef([]tuple.Part{{Type: typ}})
	if err != nil {
		t.Fatal(err)
	}
	d := New(Options{})
	s := d.newStore(&Index{space: &Space{db: d}, kd: kd, cmp: kd, def: IndexDef{Unique: true}})
	there := map[uint64]*tuple.Tuple{}
	var reading sync.WaitGroup
	defer reading.Wait()
	var wrong sync.Map
	look := func() {
		want := make([]uint64, 0, len(there))
		for n := range there {
			want = append(want, n)
		}
		sort.Slice(want, func(i, j int) bool { return want[i] < want[j] })
		each := s.view()
		reading.Go(func() {
			i := 0
			each(func(tu *tuple.Tuple) bool {
				n, _ := mp.Uint64(tu.Field(0))
				if i >= len(want) || n != want[i] {
					wrong.Store(fmt.Sprintf("entry %d is %d", i, n), nil)
					return false
				}
				i++
				return true
			})
			if i != len(want) {
				wrong.Store(fmt.Sprintf("%d entries of %d", i, len(want)), nil)
			}
		})
	}
	put := func(n uint64) {
		tu, err := tuple.New(nil, mp.AppendUint(mp.AppendArrayHeader(nil, 1), n))
		if err != nil {
			t.Fatal(err)
		}
		went, err := s.replace(nil, tu, replaceOrInsert)
		if err != nil || went != there[n] {
			t.Fatalf("%d took the place of %v: %v", n, went, err)
		}
		there[n] = tu
	}
	for range 6 {
		from, count, step := r.Uint64N(20_000), r.Uint64N(10_000), 1+r.Uint64N(3)
		views, deletes := 500+r.Uint64N(5000), r.IntN(3) == 0
		for i := range count {
			n := from + i*step
			if i%views == views-1 {
				look()
			}
			if !deletes {
				put(n)
				continue
			}
			if was := there[n]; was != nil {
				if _, err := s.replace(was, nil, replaceOrInsert); err != nil {
					t.Fatal(err)
				}
				delete(there, n)
			}
		}
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
		key := mp.AppendUint(nil, from)
		if got := s.get(Key{key, 1}); got != there[from] {
			t.Fatalf("key %d gets %v", from, got)
		}
	}
	look()
	reading.Wait()
	wrong.Range(func(what, _ any) bool {
		t.Errorf("a view has changed: %v", what)
		return true
	})
	if s.len() != len(there) {
		t.Errorf("%d entries, want %d", s.len(), len(there))
	}
}

// TestHintsOrderAsKeysDo holds the hint of each type to its comparison.
func TestHintsOrderAsKeysDo(t *testing.T) {
	values := map[tuple.FieldType]*rapid.Generator[[]byte]{
		tuple.Unsigned: rapid.Map(rapid.Uint64(), func(n uint64) []byte { return mp.AppendUint(nil, n) }),
		tuple.Integer: rapid.OneOf(
			rapid.Map(rapid.Uint64(), func(n uint64) []byte { return mp.AppendUint(nil, n) }),
			rapid.Map(rapid.Int64(), func(n int64) []byte { return mp.AppendInt(nil, n) }),
			// A non-negative number in a signed encoding.
			rapid.Map(rapid.ByteRange(0, 127), func(n byte) []byte { return []byte{0xd0, n} })),
		tuple.String: rapid.Map(rapid.StringOfN(rapid.RuneFrom([]rune("\x00aäz")), -1, 12, -1),
			func(s string) []byte { return mp.AppendString(nil, s) }),
		tuple.Varbinary: rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 255}), 0, 12),
			func(b []byte) []byte { return append([]byte{0xc4, byte(len(b))}, b...) }),
		tuple.UUID: rapid.Map(rapid.Uint64(), func(n uint64) []byte {
			id := uuid.UUID{7: byte(n), 8: byte(n >> 8)}
			return mp.AppendExt(nil, mp.ExtUUID, id[:])
		}),
	}
	for typ, generator := range values {
		t.Run(typ.String(), func(t *testing.T) {
			part := tuple.Part{Type: typ}
			kd, err := tuple.NewKeyDef([]tuple.Part{part})
			if err != nil {
				t.Fatal(err)
			}
			hint := hintFor(part)
			rapid.Check(t, func(t *rapid.T) {
				a, b := generator.Draw(t, "a"), generator.Draw(t, "b")
				x, y := hint(a), hint(b)
				switch c := kd.CompareKeys(a, 1, b, 1); {
				case c < 0 && x > y, c > 0 && x < y, c == 0 && x != y:
					t.Fatalf("%x and %x compare as %d and have hints %x and %x", a, b, c, x, y)
				}
			})
		})
	}
	for _, part := range []tuple.Part{{Type: tuple.Unsigned, IsNullable: true}, {Type: tuple.Unsigned, Path: "a"}, {Type: tuple.Number}} {
		if hintFor(part) != nil {
			t.Errorf("%v has a hint", part)
		}
	}
}

// TestRisingKeysArePacked demands that ascending keys leave no spare room.
func TestRisingKeysArePacked(t *testing.T) {
	s, _ := fill(t, 10*packEvery)
	store := s.primary().store.(*treeStore[hinted])
	room := 0
	store.bt.Walk(func(items []hinted) bool {
		// Entries between two leaves come one by one.
		if len(items) > 1 {
			room += cap(items) - len(items)
		}
		return true
	})
	if room > packEvery+6*nodeDegree {
		t.Errorf("there is room for %d entries more", room)
	}
	if err := s.db.Check(); err != nil {
		t.Error(err)
	}
}

// TestKeysOfViews reads one view while its space goes on, as a snapshot does.
func TestKeysOfViews(t *testing.T) {
	s, c := fill(t, 20_000)
	before := snapshot(t, s.db)
	view := s.db.ReadView()
	var after [][]byte
	done := make(chan error)
	go func() {
		done <- view.Rows(func(r *Row) error { after = append(after, bytes.Clone(r.Tuple)); return nil })
	}()
	var row []byte
	for i := range uint64(40_000) {
		row = benchRow(row, i, 100_000-i)
		if _, err := s.Replace(c, row); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-done; err != nil || len(after) != len(before) {
		t.Fatal(len(after), len(before), err)
	}
	for i := range before {
		if !bytes.Equal(before[i].Tuple, after[i]) {
			t.Fatalf("row %d was %x and is %x", i, before[i].Tuple, after[i])
		}
	}
	if err := s.db.Check(); err != nil {
		t.Error(err)
	}
}

// TestMovingKeysCopyNoNodes moves the keys of a tree from random places to its
// end: that must not take the tree for one that merely grows, whose nodes are
// worth a copy each.
func TestMovingKeysCopyNoNodes(t *testing.T) {
	kd, err := tuple.NewKeyDef([]tuple.Part{{Type: tuple.Unsigned}})
	if err != nil {
		t.Fatal(err)
	}
	d := New(Options{})
	s := d.newStore(&Index{space: &Space{db: d}, kd: kd, cmp: kd, def: IndexDef{Unique: true}})
	const rows = 200_000
	replace := func(old *tuple.Tuple, key uint64) *tuple.Tuple {
		next, err := tuple.New(nil, mp.AppendUint(mp.AppendArrayHeader(nil, 1), key))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.replace(old, next, insertNew); err != nil {
			t.Fatal(err)
		}
		return next
	}
	var all []*tuple.Tuple
	for _, key := range rand.New(rand.NewPCG(1, 2)).Perm(rows) {
		all = append(all, replace(nil, uint64(key)))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i, old := range all {
		replace(old, uint64(rows+i))
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / rows; each > 250 {
		t.Errorf("a move allocates %d bytes", each)
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
}
