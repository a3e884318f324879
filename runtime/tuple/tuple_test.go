package tuple

import (
	"testing"

	"shardlua/runtime/tuple/mp"
)

func row(id uint64, name string) []byte {
	return mp.AppendString(mp.AppendUint(mp.AppendArrayHeader(nil, 2), id), name)
}

func keyDef(t testing.TB, parts ...Part) *KeyDef {
	t.Helper()
	d, err := NewKeyDef(parts)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func format(t testing.TB, fields []FieldDef, keys ...*KeyDef) *Format {
	t.Helper()
	f, err := NewFormat(fields, keys, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFieldsOfATupleAreFound(t *testing.T) {
	pk := keyDef(t, Part{Field: 0, Type: Unsigned})
	sk := keyDef(t, Part{Field: 1, Type: String})
	f := format(t, []FieldDef{{Name: "id", Type: Unsigned}, {Name: "name", Type: String}}, pk, sk)
	a, err := New(f, row(300, "xyz"))
	if err != nil {
		t.Fatal(err)
	}
	if got := mp.StringView(a.FieldByName("name")); got != "xyz" {
		t.Errorf("name is %q", got)
	}
	if v, _ := mp.Uint64(a.Field(0)); v != 300 || a.Field(2) != nil || a.FieldCount() != 2 {
		t.Errorf("fields are %v", a.Data())
	}
	b, err := New(f, row(7, "yyz"))
	if err != nil {
		t.Fatal(err)
	}
	if pk.Compare(a, b) <= 0 || sk.Merge(pk).Compare(a, b) >= 0 {
		t.Error("tuples are in the wrong order")
	}
}

func BenchmarkNew(b *testing.B) {
	pk := keyDef(b, Part{Field: 0, Type: Unsigned})
	sk := keyDef(b, Part{Field: 1, Type: Unsigned})
	f := format(b, nil, pk, sk)
	data := mp.AppendString(mp.AppendUint(mp.AppendUint(mp.AppendArrayHeader(nil, 3), 100000), 3000), "name")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := New(f, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	pk := keyDef(b, Part{Field: 0, Type: Unsigned})
	sk := keyDef(b, Part{Field: 1, Type: String})
	f := format(b, nil, pk, sk)
	x, err := New(f, row(100000, "somebody"))
	if err != nil {
		b.Fatal(err)
	}
	y, err := New(f, row(100001, "somebody"))
	if err != nil {
		b.Fatal(err)
	}
	merged := sk.Merge(pk)
	key := mp.AppendUint(nil, 100001)
	b.Run("unsigned", func(b *testing.B) {
		for b.Loop() {
			pk.Compare(x, y)
		}
	})
	b.Run("key", func(b *testing.B) {
		for b.Loop() {
			pk.CompareKey(x, key, 1)
		}
	})
	b.Run("string and unsigned", func(b *testing.B) {
		for b.Loop() {
			merged.Compare(x, y)
		}
	})
}
