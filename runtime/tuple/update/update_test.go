package update_test

import (
	"bytes"
	"errors"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/tuple/update"
)

func apply(t testing.TB, data, ops any) (string, error) {
	t.Helper()
	tu, err := tuple.New(nil, pack(nil, data))
	if err != nil {
		t.Fatal(err)
	}
	got, err := update.Update(tu, pack(nil, ops), 1)
	if err != nil {
		return "", err
	}
	if err := mp.Validate(got); err != nil {
		t.Fatal(err)
	}
	return text(got), nil
}

func TestUpdate(t *testing.T) {
	for _, c := range []struct {
		data, ops any
		want      string
	}{
		{list{1, 10}, list{list{"+", 2, -11}}, "array{1, -1}"},
		{list{1, uint64(1) << 63}, list{list{"-", 2, uint64(1)<<63 + 1}}, "array{1, -1}"},
		{list{1, 0}, list{list{"-", 2, uint64(1) << 63}}, "array{1, -9223372036854775808}"},
		{list{1, 0}, list{list{"-", 2, uint64(1)<<63 + 1}}, "Integer overflow when performing '-' operation on field 2"},
		{list{1, -1}, list{list{"-", 2, int64(-1 << 63)}}, "array{1, 9223372036854775807}"},
		{list{1, 0}, list{list{"-", 2, int64(-1 << 63)}}, "array{1, 9223372036854775808}"},
		{list{1, dec("1.50")}, list{list{"-", 2, 1}}, "array{1, decimal 0.50}"},
		{list{1, "hello"}, list{list{":", 2, -1, 0, "!"}}, `array{1, "hello!"}`},
		{list{1, 2, 3}, list{list{"#", 1, 2}, list{"!", 1, 9}}, "array{9, 3}"},
		{order, list{list{"=", "[2].z", 44}, list{"=", "[2].y", 33}, list{"=", "[2].a", 11}, list{"#", 3, 9}},
			`array{1, map{"a", 11, "y", 33, "z", 44, "c", 3, "b", 2, "d", map{"f", 6, "e", 5}}}`},
		{order, list{list{"=", "[3][4][1]", 33}, list{"=", "[3][4][2]", 2}, list{"=", "[3][1]", 5}, list{"#", 2, 1}},
			`array{1, array{5, 20, 30, array{33, 2}}, map{1, 2, "x", 3}}`},
		{order, list{list{"=", 2, pairs{}}, list{"=", "[2].q", 1}}, "Field '[2].q' UPDATE error: double update of the same field"},
	} {
		got, err := apply(t, c.data, c.ops)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", text(pack(nil, c.ops)), got, c.want)
		}
	}
}

func TestAnUpdateLeavesTheTupleAlone(t *testing.T) {
	data := pack(nil, order)
	tu, err := tuple.New(nil, data)
	if err != nil {
		t.Fatal(err)
	}
	ops := pack(nil, list{list{"=", "[2].a", 11}, list{"!", 1, 0}, list{"#", "[4][1]", 1}})
	if _, err := update.Update(tu, ops, 1); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(tu.Data(), data) {
		t.Errorf("the tuple became %s", text(tu.Data()))
	}
}

func TestOperationsCountFieldsFromTheirBase(t *testing.T) {
	tu, err := tuple.New(nil, pack(nil, list{5, 6}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := update.Update(tu, pack(nil, list{list{"=", 0, 9}}), 0)
	if err != nil || text(got) != "array{9, 6}" {
		t.Errorf("got %s, %v", text(got), err)
	}
	_, err = update.Update(tu, pack(nil, list{list{"=", 0, 9}}), 1)
	if !errors.Is(err, boxerr.NoSuchFieldNo) {
		t.Errorf("got %v", err)
	}
}

func TestFieldsOfOperations(t *testing.T) {
	f, err := tuple.NewFormat([]tuple.FieldDef{{Name: "id"}, {Name: "a"}}, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	fields, known, err := update.Fields(f, pack(nil, list{list{"=", "a.b", 1}, list{"+", 4, 1}, list{"#", "a.c", 1}}), 1)
	if err != nil || !known || len(fields) != 3 || fields[0] != 1 || fields[1] != 3 || fields[2] != 1 {
		t.Errorf("got %v, %v, %v", fields, known, err)
	}
	for _, op := range []list{{"!", 1, 1}, {"#", 1, 1}, {"=", -1, 1}} {
		if _, known, err := update.Fields(f, pack(nil, list{op}), 1); err != nil || known {
			t.Errorf("%v: known is %v, %v", op, known, err)
		}
	}
	if update.Check(f, pack(nil, list{list{"+", 2, "x"}}), 1) == nil {
		t.Error("a wrong argument passes")
	}
}

func FuzzUpdate(f *testing.F) {
	for _, c := range cases()[:400] {
		f.Add(c.Args[0], c.Args[1])
	}
	f.Fuzz(func(t *testing.T, data, ops []byte) {
		if mp.Validate(data) != nil || mp.Validate(ops) != nil {
			return
		}
		tu, err := tuple.New(nil, data)
		if err != nil {
			return
		}
		for _, apply := range []func(*tuple.Tuple, []byte, int) ([]byte, error){update.Update, update.Upsert} {
			got, err := apply(tu, ops, 1)
			if err != nil {
				continue
			}
			if err := mp.Validate(got); err != nil {
				t.Fatalf("%x %x: %v", data, ops, err)
			}
		}
	})
}

func BenchmarkUpdate(b *testing.B) {
	tu, err := tuple.New(nil, pack(nil, list{1, 2, "name", 1000, "more"}))
	if err != nil {
		b.Fatal(err)
	}
	ops := pack(nil, list{list{"+", 4, 1}, list{"=", 2, 5}})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := update.Update(tu, ops, 1); err != nil {
			b.Fatal(err)
		}
	}
}
