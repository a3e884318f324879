package tuple_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/decimal"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/tuple/oracletest"
)

func dec(s string) []byte {
	d, err := decimal.Parse(s)
	if err != nil {
		panic(err)
	}
	return d.AppendMsgpack(nil)
}

func array(values ...[]byte) []byte {
	b := mp.AppendArrayHeader(nil, len(values))
	for _, v := range values {
		b = append(b, v...)
	}
	return b
}

func object(values ...[]byte) []byte {
	b := mp.AppendMapHeader(nil, len(values)/2)
	for _, v := range values {
		b = append(b, v...)
	}
	return b
}

func text(s string) []byte { return mp.AppendString(nil, s) }
func num(n int64) []byte   { return mp.AppendInt(nil, n) }

// values has one of every kind, and numbers that lie close to each other in
// different encodings.
var values = [][]byte{
	mp.AppendNil(nil), mp.AppendBool(nil, false), mp.AppendBool(nil, true), num(0), num(1), num(-1), num(127), num(128), num(1 << 53),
	num(1<<53 + 1), num(math.MaxInt64), num(math.MinInt64), mp.AppendUint(nil, 1<<63), mp.AppendUint(nil, math.MaxUint64),
	mp.AppendDouble(nil, 0.5), mp.AppendDouble(nil, -0.5), mp.AppendDouble(nil, 1), mp.AppendDouble(nil, 1<<53), mp.AppendDouble(nil, 1<<63),
	mp.AppendDouble(nil, 1<<64), mp.AppendDouble(nil, -(1 << 63)), mp.AppendDouble(nil, 1e300), mp.AppendDouble(nil, -1e300),
	mp.AppendDouble(nil, math.Inf(1)), mp.AppendDouble(nil, math.Inf(-1)), mp.AppendFloat(nil, 0.5), mp.AppendFloat(nil, 0.1), mp.AppendDouble(nil, 0.1),
	dec("0.1"), dec("0.5"), dec("1"), dec("1.00"), dec("-1"), dec("9223372036854775807"), dec("18446744073709551616"), dec("1e37"),
	text(""), text("a"), text("ab"), text("b"), mp.AppendBinary(nil, []byte("a")), mp.AppendBinary(nil, nil),
	mp.AppendUUID(nil, [16]byte{1}), mp.AppendUUID(nil, [16]byte{0, 1}), array(), array(num(1)), object(), object(text("a"), num(1)),
	{0xd9, 1, 'a'},
}

// unsettled reports whether stock Tarantool compares by memory that it never set:
// an infinity beside a decimal. Ours is the order of the numbers.
func unsettled(a, b []byte) bool {
	infinite := func(v []byte) bool { return mp.KindOf(v) == mp.Double && math.IsInf(mp.Real(v), 0) }
	return infinite(a) && mp.KindOf(b) == mp.Ext || infinite(b) && mp.KindOf(a) == mp.Ext
}

func TestComparingAgainstTarantool(t *testing.T) {
	var cases []oracletest.Case
	var wants []func() int
	for typ := tuple.Unsigned; typ <= tuple.UUID; typ++ {
		if typ == tuple.Varbinary {
			continue // the module key_def of stock Tarantool 2.6 does not take it
		}
		def, err := tuple.NewKeyDef([]tuple.Part{{Type: typ, IsNullable: true}})
		if err != nil {
			t.Fatal(err)
		}
		strict, err := tuple.NewKeyDef([]tuple.Part{{Type: typ}})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range values {
			for _, b := range values {
				if !mp.IsNil(a) && !typ.Check(a) || !mp.IsNil(b) && !typ.Check(b) {
					continue
				}
				if unsettled(a, b) {
					continue
				}
				with := "{{fieldno=1,type='" + typ.String() + "',is_nullable=true}}"
				x, y := makeTuple(t, nil, array(a)), makeTuple(t, nil, array(b))
				cases = append(cases, oracletest.Case{Do: "compare", With: with, Args: [][]byte{array(a), array(b)}},
					oracletest.Case{Do: "comparekey", With: with, Args: [][]byte{array(a), array(b)}})
				wants = append(wants, func() int { return def.Compare(x, y) }, func() int { return def.CompareKey(x, b, 1) })
				if !mp.IsNil(a) && !mp.IsNil(b) {
					if r := strict.Compare(x, y); r != def.Compare(x, y) && (r < 0) != (def.Compare(x, y) < 0) {
						t.Errorf("%s: %x, %x: nullable and not differ", typ, a, b)
					}
				}
				if def.Compare(x, y) == 0 && def.Hash(x) != def.HashKey(b) {
					t.Errorf("%s: %x and %x are equal but hash apart", typ, a, b)
				}
			}
		}
	}
	for i, answer := range oracletest.Ask(t, cases) {
		want, err := strconv.Atoi(string(answer.Data))
		if err != nil {
			t.Errorf("%v: %s", cases[i], answer.Message)
			continue
		}
		if got := wants[i](); (got < 0) != (want < 0) || (got > 0) != (want > 0) {
			t.Errorf("%v: got %d, want %d", cases[i], got, want)
		}
	}
}

func makeTuple(t testing.TB, f *tuple.Format, data []byte) *tuple.Tuple {
	t.Helper()
	tu, err := tuple.New(f, data)
	if err != nil {
		t.Fatal(err)
	}
	return tu
}

// schema is a space as both sides are told of it.
type schema struct {
	lua    string
	fields []tuple.FieldDef
	keys   [][]tuple.Part
	count  int
}

var id = []tuple.Part{{Field: 0, Type: tuple.Unsigned}}

func schemas() []schema {
	all := []schema{
		{lua: "{format={{'id','unsigned'},{'name','string'},{'x','any'},{'opt','integer',is_nullable=true},{'sc','scalar'}},indexes={{1,'unsigned'}}}",
			fields: []tuple.FieldDef{{Name: "id", Type: tuple.Unsigned}, {Name: "name", Type: tuple.String}, {Name: "x"},
				{Name: "opt", Type: tuple.Integer, IsNullable: true}, {Name: "sc", Type: tuple.Scalar}}, keys: [][]tuple.Part{id}},
		{lua: "{field_count=3,indexes={{1,'unsigned'}}}", keys: [][]tuple.Part{id}, count: 3},
		{lua: "{indexes={{1,'unsigned'},{{3,'string',is_nullable=true}},{2,'integer'}}}",
			keys: [][]tuple.Part{id, {{Field: 2, Type: tuple.String, IsNullable: true}}, {{Field: 1, Type: tuple.Integer}}}},
		{lua: "{indexes={{1,'unsigned'},{{2,'string',path='a.b'}},{{2,'unsigned',path='a.c',is_nullable=true}},{{3,'unsigned',path='[2]'}}}}",
			keys: [][]tuple.Part{id, {{Field: 1, Type: tuple.String, Path: "a.b"}}, {{Field: 1, Type: tuple.Unsigned, Path: "a.c", IsNullable: true}},
				{{Field: 2, Type: tuple.Unsigned, Path: "[2]"}}}},
		{lua: "{indexes={{1,'unsigned'},{{2,'string',path='[*].q'}}}}",
			keys: [][]tuple.Part{id, {{Field: 1, Type: tuple.String, Path: "[*].q"}}}},
		{lua: "{indexes={{1,'unsigned'},{{2,'unsigned',path='[*].q',is_nullable=true},{2,'string',path='[*].w',is_nullable=true}}}}",
			keys: [][]tuple.Part{id, {{Field: 1, Type: tuple.Unsigned, Path: "[*].q", IsNullable: true}, {Field: 1, Type: tuple.String, Path: "[*].w", IsNullable: true}}}},
		{lua: "{indexes={{1,'unsigned'},{{2,'unsigned',path='a[*]'}}}}",
			keys: [][]tuple.Part{id, {{Field: 1, Type: tuple.Unsigned, Path: "a[*]"}}}},
	}
	for typ := tuple.Any; typ <= tuple.Map; typ++ {
		all = append(all, schema{lua: fmt.Sprintf("{format={{'id','unsigned'},{'v','%s'},{'n','%s',is_nullable=true}},indexes={{1,'unsigned'}}}", typ, typ),
			fields: []tuple.FieldDef{{Name: "id", Type: tuple.Unsigned}, {Name: "v", Type: typ}, {Name: "n", Type: typ, IsNullable: true}}, keys: [][]tuple.Part{id}})
	}
	return all
}

// nested are values that the schemas with paths are after.
var nested = [][]byte{
	object(text("a"), object(text("b"), text("x"))), object(text("a"), object(text("b"), num(1))),
	object(text("a"), object(text("b"), text("x"), text("c"), num(1))), object(text("a"), object(text("b"), text("x"), text("c"), text("x"))),
	object(text("a"), object(text("b"), text("x"), text("c"), mp.AppendNil(nil))), object(text("a"), num(1)), object(text("a"), mp.AppendNil(nil)),
	array(num(1), num(2)), array(num(1)), array(num(1), text("x")), array(object(text("q"), text("x"))), array(object(text("q"), num(1))),
	array(object(text("q"), text("x")), object(text("w"), text("y"))), array(object(text("q"), mp.AppendNil(nil), text("w"), text("y"))), array(object(), num(5)),
	array(mp.AppendNil(nil)), object(text("a"), array(num(1), num(2))), object(text("a"), array(num(1), text("x"))), object(text("a"), array()),
}

func TestFormatsAgainstTarantool(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var cases []oracletest.Case
	var formats []*tuple.Format
	for _, s := range schemas() {
		var keys []*tuple.KeyDef
		for _, parts := range s.keys {
			def, err := tuple.NewKeyDef(parts)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, def)
		}
		f, err := tuple.NewFormat(s.fields, keys, s.count)
		if err != nil {
			t.Fatal(err)
		}
		add := func(row []byte) {
			cases = append(cases, oracletest.Case{Do: "insert", With: s.lua, Args: [][]byte{row}})
			formats = append(formats, f)
		}
		for _, v := range append(values, nested...) {
			add(array(v))
			add(array(num(1), v))
			add(array(num(1), v, v))
			add(array(num(1), text("x"), v, v, v, v))
		}
		for range 100 {
			row := [][]byte{num(1)}
			for range r.IntN(5) {
				row = append(row, append(values, nested...)[r.IntN(len(values)+len(nested))])
			}
			add(array(row...))
		}
	}
	for i, want := range oracletest.Ask(t, cases) {
		_, err := tuple.New(formats[i], cases[i].Args[0])
		var e *boxerr.Error
		switch {
		case errors.As(err, &e):
			if e.Message != want.Message || e.Code != want.Code {
				t.Errorf("%v:\n got %d %q\nwant %d %q", cases[i], e.Code, e.Message, want.Code, want.Message)
			}
		case want.Message != "":
			t.Errorf("%v: is taken, want %q", cases[i], want.Message)
		case !bytes.Equal(want.Data, cases[i].Args[0]):
			t.Errorf("%v: came back as %x", cases[i], want.Data)
		}
	}
}
