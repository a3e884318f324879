package tuple

import (
	"bytes"
	"cmp"
	"testing"

	"pgregory.net/rapid"

	"shardlua/runtime/tuple/collation"
	"shardlua/runtime/tuple/mp"
)

func TestKeysAreValidated(t *testing.T) {
	d := keyDef(t, Part{Field: 0, Type: Unsigned}, Part{Field: 1, Type: String, IsNullable: true})
	one, word, none := mp.AppendUint(nil, 1), mp.AppendString(nil, "x"), mp.AppendNil(nil)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for _, c := range []struct {
		key   []byte
		count int
		exact bool
		want  string
	}{
		{join(), 0, false, ""},
		{join(one), 1, false, ""},
		{join(one, word), 2, true, ""},
		{join(one, none), 2, false, ""},
		{join(word), 1, false, "Supplied key type of part 0 does not match index part type: expected unsigned"},
		{join(none), 1, false, "Supplied key type of part 0 does not match index part type: expected unsigned"},
		{join(one, one), 2, true, "Supplied key type of part 1 does not match index part type: expected string"},
		{join(one), 1, true, "Invalid key part count in an exact match (expected 2, got 1)"},
		{join(one, word, one), 3, false, "Invalid key part count (expected [0..2], got 3)"},
	} {
		got := ""
		if err := d.ValidateKey(c.key, c.count, c.exact); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%x: got %q, want %q", c.key, got, c.want)
		}
	}
}

func TestPartsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		parts []Part
		want  string
	}{
		{[]Part{{Path: "a..b"}}, "Wrong index options (field 1): invalid path"},
		{[]Part{{Path: "[*].a[*]"}}, "Wrong index options (field 1): no more than one array index placeholder [*] is allowed in JSON path"},
		{[]Part{{Path: "[*].a"}, {Path: "b[*]"}}, "Wrong index options (field 2): incompatable multikey index path"},
	} {
		if _, err := NewKeyDef(c.parts); err == nil || err.Error() != c.want {
			t.Errorf("%v: got %v, want %s", c.parts, err, c.want)
		}
	}
}

func TestAKeyWithoutPartsFindsAllEqual(t *testing.T) {
	d := keyDef(t)
	a, err := New(nil, row(1, "x"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Compare(a, a) != 0 || d.CompareKey(a, nil, 0) != 0 || !bytes.Equal(d.ExtractKey(a), []byte{0x90}) {
		t.Error("it does not")
	}
}

func TestFormatsThatCannotBe(t *testing.T) {
	fields := []FieldDef{{Name: "id", Type: Unsigned}, {Name: "m", Type: Map}}
	for _, c := range []struct {
		keys []Part
		want string
	}{
		{[]Part{{Field: 1, Type: String, Path: "[1]"}}, "Field 2 has type 'map' in one index, but type 'array' in another"},
		{[]Part{{Field: 0, Type: String}}, "Field 1 has type 'unsigned' in space format, but type 'string' in index definition"},
		{[]Part{{Field: 2, Type: Unsigned}, {Field: 2, Type: String}}, "Field 3 has type 'unsigned' in one index, but type 'string' in another"},
		{[]Part{{Field: 2, Type: String, Path: "[*]"}, {Field: 2, Type: String, Path: "[1]"}}, "Field 3 is used as multikey in one index and as single key in another"},
		{[]Part{{Field: MaxField + 1, Type: String}}, "Indexed field count limit reached: 32768 indexed fields"},
		{[]Part{{Field: 2, Type: String, Path: "a.b"}, {Field: 2, Type: Unsigned, Path: "a"}}, `Field [3]["a"] has type 'map' in one index, but type 'unsigned' in another`},
	} {
		var keys []*KeyDef
		for _, p := range c.keys {
			keys = append(keys, keyDef(t, p))
		}
		if _, err := NewFormat(fields, keys, 0); err == nil || err.Error() != c.want {
			t.Errorf("%v: got %v, want %s", c.keys, err, c.want)
		}
	}
	if _, err := NewFormat(append(fields, FieldDef{Name: "m"}), nil, 0); err == nil || err.Error() != "Space field 'm' is duplicate" {
		t.Errorf("a double field: %v", err)
	}
}

func TestTuplesThatAreNone(t *testing.T) {
	for _, data := range [][]byte{nil, {}, {0x01}, {0x80}, {0xc0}} {
		if _, err := New(nil, data); err == nil || err.Error() != "Tuple/Key must be MsgPack array" {
			t.Errorf("%x: %v", data, err)
		}
	}
}

func TestMultikey(t *testing.T) {
	d := keyDef(t, Part{Field: 1, Type: Unsigned, Path: "a[*]"})
	pk := keyDef(t, Part{Field: 0, Type: Unsigned})
	f := format(t, nil, pk, d)
	data := mp.AppendString(mp.AppendMapHeader(mp.AppendUint(mp.AppendArrayHeader(nil, 2), 1), 1), "a")
	data = mp.AppendUint(mp.AppendUint(mp.AppendArrayHeader(data, 2), 7), 5)
	a, err := New(f, data)
	if err != nil {
		t.Fatal(err)
	}
	if n := d.MultikeyCount(a); n != 2 || !d.IsMultikey() || pk.IsMultikey() {
		t.Errorf("there are %d keys", n)
	}
	m := d.Merge(pk)
	if r := m.CompareMultikey(a, 0, a, 1); r <= 0 {
		t.Errorf("7 and 5 compare as %d", r)
	}
	if r := m.CompareKeyMultikey(a, 1, mp.AppendUint(nil, 5), 1); r != 0 {
		t.Errorf("5 and the key 5 compare as %d", r)
	}
	if key := m.ExtractMultikey(a, 1); !bytes.Equal(key, []byte{0x92, 5, 1}) {
		t.Errorf("the key is %x", key)
	}
}

func TestUniqueIndexHoldsManyNils(t *testing.T) {
	pk := keyDef(t, Part{Field: 0, Type: Unsigned})
	sk := keyDef(t, Part{Field: 1, Type: String, IsNullable: true})
	d := sk.MergeUnique(pk)
	two := func(id uint64, word string) *Tuple {
		data := mp.AppendUint(mp.AppendArrayHeader(nil, 2), id)
		if word == "" {
			data = mp.AppendNil(data)
		} else {
			data = mp.AppendString(data, word)
		}
		tu, err := New(nil, data)
		if err != nil {
			t.Fatal(err)
		}
		return tu
	}
	if d.Compare(two(1, "x"), two(2, "x")) != 0 {
		t.Error("equal words are not equal")
	}
	if d.Compare(two(1, ""), two(2, "")) >= 0 {
		t.Error("two nils are equal")
	}
	if d.Compare(two(2, ""), two(1, "x")) >= 0 || !d.HasNull(two(1, ""), -1) {
		t.Error("nil does not come first")
	}
}

// wide is a tuple of the fields that the property below draws.
type wide struct {
	a uint64
	b string
	c int64
}

func (w wide) tuple(t *rapid.T, f *Format) *Tuple {
	data := mp.AppendString(mp.AppendUint(mp.AppendArrayHeader(nil, 4), w.a), w.b)
	data = mp.AppendString(mp.AppendInt(data, w.c), string(make([]byte, w.a%600)))
	tu, err := New(f, data)
	if err != nil {
		t.Fatal(err)
	}
	return tu
}

func TestComparatorsAgreeWithTheModel(t *testing.T) {
	a := Part{Field: 0, Type: Unsigned}
	b := Part{Field: 1, Type: String}
	c := Part{Field: 2, Type: Integer}
	byA := func(x, y wide) int { return cmp.Compare(x.a, y.a) }
	byB := func(x, y wide) int { return cmp.Compare(x.b, y.b) }
	byC := func(x, y wide) int { return cmp.Compare(x.c, y.c) }
	unicode := collation.System()[2]
	for _, order := range []struct {
		parts []Part
		model []func(x, y wide) int
	}{
		{[]Part{a}, []func(x, y wide) int{byA}},
		{[]Part{b}, []func(x, y wide) int{byB}},
		{[]Part{c}, []func(x, y wide) int{byC}},
		{[]Part{a, c}, []func(x, y wide) int{byA, byC}},
		{[]Part{b, a}, []func(x, y wide) int{byB, byA}},
		{[]Part{c, b, a}, []func(x, y wide) int{byC, byB, byA}},
		{[]Part{{Field: 1, Type: String, Collation: unicode}, a}, []func(x, y wide) int{
			func(x, y wide) int { return unicode.Compare(x.b, y.b) }, byA}},
		{[]Part{{Field: 0, Type: Unsigned, IsNullable: true}, {Field: 2, Type: Scalar}}, []func(x, y wide) int{byA, byC}},
	} {
		d := keyDef(t, order.parts...)
		slotted := format(t, nil, d)
		rapid.Check(t, func(t *rapid.T) {
			draw := func(name string) wide {
				return wide{
					a: rapid.OneOf(rapid.Uint64Range(0, 300), rapid.Uint64()).Draw(t, name+".a"),
					b: rapid.StringN(0, 3, -1).Draw(t, name+".b"),
					c: rapid.OneOf(rapid.Int64Range(-3, 3), rapid.Int64()).Draw(t, name+".c"),
				}
			}
			x, y := draw("x"), draw("y")
			if rapid.Bool().Draw(t, "same") {
				y.a, y.b = x.a, x.b
			}
			want := 0
			for _, m := range order.model {
				if want = m(x, y); want != 0 {
					break
				}
			}
			// One has slots and the other was made before the index.
			p, q := x.tuple(t, slotted), y.tuple(t, nil)
			if got := d.Compare(p, q); cmp.Compare(got, 0) != cmp.Compare(want, 0) {
				t.Fatalf("tuples: got %d, want %d", got, want)
			}
			key := d.ExtractKey(q)[1:]
			if got := d.CompareKey(p, key, len(order.parts)); cmp.Compare(got, 0) != cmp.Compare(want, 0) {
				t.Fatalf("tuple and key: got %d, want %d", got, want)
			}
			other := d.ExtractKey(p)[1:]
			if got := d.CompareKeys(other, len(order.parts), key, len(order.parts)); cmp.Compare(got, 0) != cmp.Compare(want, 0) {
				t.Fatalf("keys: got %d, want %d", got, want)
			}
			if d.CompareKey(p, nil, 0) != 0 {
				t.Fatal("an empty key is not equal")
			}
			if want == 0 && (d.Hash(p) != d.Hash(q) || d.Hash(p) != d.HashKey(key)) {
				t.Fatal("equal keys hash apart")
			}
		})
	}
}

func TestFieldsOfTuplesOfAllSizes(t *testing.T) {
	last := keyDef(t, Part{Field: 2, Type: Unsigned})
	f := format(t, []FieldDef{{Name: "a", Type: Any}, {Name: "b", Type: Any}, {Name: "c", Type: Any}}, last)
	for _, size := range []int{0, 1, 10, 200, 230, 240, 250, 260, 400, 470, 480, 490, 500, 510, 600, 65000, 65500, 65536, 70000} {
		data := mp.AppendString(mp.AppendUint(mp.AppendArrayHeader(nil, 3), 1), string(make([]byte, size)))
		data = mp.AppendUint(data, 77)
		tu, err := New(f, data)
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := mp.Uint64(tu.FieldByName("c")); v != 77 || !ok || !bytes.Equal(tu.Data(), data) || tu.BSize() != len(data) {
			t.Errorf("a tuple of %d bytes: the last field is %d", len(data), v)
		}
		if got, err := tu.FieldByPath("[2]", 1); err != nil || len(mp.Bytes(got)) != size {
			t.Errorf("a tuple of %d bytes: [2] is %d bytes, %v", len(data), len(got), err)
		}
	}
}

func FuzzNew(f *testing.F) {
	d, err := NewKeyDef([]Part{{Field: 1, Type: Unsigned, Path: "a[*].b", IsNullable: true}, {Field: 2, Type: Scalar, IsNullable: true}})
	if err != nil {
		f.Fatal(err)
	}
	fmt, err := NewFormat([]FieldDef{{Name: "x", Type: Unsigned}}, []*KeyDef{d}, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(row(1, "x"), "[2].a")
	f.Add([]byte{0x92, 1, 0x81, 0xa1, 'a', 0x91, 0x81, 0xa1, 'b', 5}, "x")
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		if mp.Validate(data) != nil {
			return
		}
		tu, err := New(fmt, data)
		if err != nil {
			return
		}
		if v, err := tu.FieldByPath(path, 1); err == nil && v != nil {
			if err := mp.Validate(v); err != nil {
				t.Fatal(err)
			}
		}
		for i := range min(d.MultikeyCount(tu), 10) {
			key := d.ExtractMultikey(tu, i)
			if err := d.ValidateKey(key[1:], 2, true); err != nil {
				t.Fatalf("%x: the tuple's own key: %v", data, err)
			}
			if d.CompareKeyMultikey(tu, i, key[1:], 2) != 0 {
				t.Fatalf("%x: differs from its key", data)
			}
		}
	})
}
