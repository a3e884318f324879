package update_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/decimal"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/tuple/oracletest"
	"shardlua/runtime/tuple/update"
)

// list and pairs are arrays and maps of test values; pairs keep their order.
type list []any

type pairs []any

func pack(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return mp.AppendNil(b)
	case bool:
		return mp.AppendBool(b, v)
	case int:
		return mp.AppendInt(b, int64(v))
	case int64:
		return mp.AppendInt(b, v)
	case uint64:
		return mp.AppendUint(b, v)
	case float32:
		return mp.AppendFloat(b, v)
	case float64:
		return mp.AppendDouble(b, v)
	case string:
		return mp.AppendString(b, v)
	case []byte:
		return mp.AppendBinary(b, v)
	case [16]byte:
		return mp.AppendUUID(b, v)
	case *decimal.Decimal:
		return v.AppendMsgpack(b)
	case list:
		b = mp.AppendArrayHeader(b, len(v))
		for _, x := range v {
			b = pack(b, x)
		}
		return b
	case pairs:
		b = mp.AppendMapHeader(b, len(v)/2)
		for _, x := range v {
			b = pack(b, x)
		}
		return b
	}
	panic(fmt.Sprintf("pack: %T", v))
}

func dec(s string) *decimal.Decimal {
	d, err := decimal.Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// sample has a field of each kind.
var sample = list{1, 10, "hello", -5, 1.5, list{1, 2, list{3}}, pairs{"a", 1, "b", pairs{"c", 2}}, true, nil,
	float32(0.25), dec("1.50"), uint64(math.MaxUint64), int64(math.MinInt64), []byte("bin"), [16]byte{1}}

// order has a map whose order of keys is worth watching, and arrays in an array.
var order = list{1, pairs{"b", 2, "d", pairs{"f", 6, "e", 5}, "a", 1, "c", 3}, list{10, 20, 30, list{40, 50}}, pairs{1, 2, "x", 3}}

func operand(r *rand.Rand) any {
	all := []any{0, 1, -1, 5, -100, uint64(math.MaxUint64), int64(math.MinInt64), int64(math.MaxInt64), 0.5, -2.25, 1e300,
		float32(1.5), dec("0.1"), dec("-3"), dec("99999999999999999999999999999999999999"), dec("1e-20"), "x", "longer text",
		true, nil, list{1, 2}, pairs{"k", 1}, []byte("b")}
	return all[r.IntN(len(all))]
}

func randomOp(r *rand.Rand, fields []any) list {
	names := "=!#+-&|^:+-=="
	name := string(names[r.IntN(len(names))])
	field := fields[r.IntN(len(fields))]
	switch name {
	case ":":
		return list{name, field, r.IntN(16) - 8, r.IntN(16) - 8, []any{"", "X", "paste", 5}[r.IntN(4)]}
	case "#":
		return list{name, field, []any{1, 1, 1, 2, 100, 0, -1, "x"}[r.IntN(8)]}
	}
	return list{name, field, operand(r)}
}

var sampleFields = []any{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, -1, -2, -7, -13, -15, -16, 0,
	"[2]", "[6]", "[6][1]", "[6][2]", "[6][3][1]", "[6][4]", "[6][5]", "[6].a", "[7].a", "[7].b.c", "[7].z", "[7].z.y", "[7][1]",
	"[7].b", "[3].x", "[2][1]", "[40]", "[6][*]", "[7].", "[6", "", "zz", "[0]", "[7][\"a\"]", ".a", "2", "[1", "[7]['b'].c",
	"[6][-1]", "[7].a b", "[7].1"}

var orderFields = []any{2, 3, "[2].a", "[2].b", "[2].c", "[2].d.e", "[2].d.f", "[2].d", "[2].z", "[2].y", "[3][1]", "[3][2]", "[3][3]",
	"[3][4]", "[3][4][1]", "[3][4][2]", "[3][5]", "[2].d.q", "[4].x", "[4][1]", "[4].w"}

// malformed are operations that are wrong by themselves, or at the limits.
var malformed = []any{
	list{list{"%", 2, 7}}, list{list{"", 2, 7}}, list{list{"==", 2, 7}}, list{list{1, 2, 7}}, list{list{"=", 2}},
	list{list{"=", 2, 1, 1}}, list{list{"="}}, list{list{}}, list{}, list{1}, list{"=", 2, 7}, list{list{"=", 1.5, 7}},
	list{list{"=", true, 7}}, list{list{"=", nil, 7}}, list{list{"+", 2, 7}, list{"zz", 2, 3}}, list{list{"=", 2, 3}, list{"+"}},
	list{list{":", 3, 2, 1}}, list{list{":", 3, "x", 1, "s"}}, list{list{":", 3, 1, "x", "s"}}, list{list{":", 3, 1.5, 1, "s"}},
	list{list{":", 3, 0, 1, "s"}}, list{list{":", 3, 1 << 31, 1, "s"}}, list{list{":", 3, 1, 1 << 31, "s"}},
	list{list{"#", 2, 1 << 32}}, list{list{"#", 2, 1<<32 - 1}}, list{list{"#", 2, 1.5}},
	list{list{"!", -16, 1}}, list{list{"!", -17, 1}}, list{list{"=", -16, 1}}, list{list{"#", -16, 1}}, list{list{"+", -16, 1}},
	list{list{"+", -13, 1}}, list{list{"&", -12, 1}}, list{list{":", -2, 1, 1, "x"}},
}

func cases() []oracletest.Case {
	r := rand.New(rand.NewPCG(1, 2))
	var all []oracletest.Case
	ask := func(data list, ops any) {
		args := [][]byte{pack(nil, data), pack(nil, ops)}
		all = append(all, oracletest.Case{Do: "update", Args: args}, oracletest.Case{Do: "upsert", Args: args})
	}
	for _, ops := range malformed {
		ask(sample, ops)
	}
	for _, name := range []string{"=", "!", "+", "&"} {
		for _, field := range sampleFields {
			ask(sample, list{list{name, field, 3}})
		}
	}
	for range 1500 {
		ask(sample, list{randomOp(r, sampleFields)})
	}
	for range 500 {
		ask(sample, list{randomOp(r, sampleFields), randomOp(r, sampleFields)})
	}
	for range 1500 {
		ops := list{randomOp(r, orderFields)}
		for range r.IntN(4) {
			ops = append(ops, randomOp(r, orderFields))
		}
		args := [][]byte{pack(nil, order), pack(nil, ops)}
		all = append(all, oracletest.Case{Do: "update", Args: args})
	}
	return all
}

// entersReplaced reports whether an operation goes into a value that an earlier
// one set. Stock Tarantool 2.6 then reads memory that is no value, and what it
// answers changes with what was there; ours is always an error.
func entersReplaced(ops []byte) bool {
	count, pos := mp.ArrayHeader(ops)
	var paths []string
	for range count {
		if mp.KindOf(ops[pos:]) != mp.Array {
			return false
		}
		size, header := mp.ArrayHeader(ops[pos:])
		if size < 2 {
			return false
		}
		field := ops[pos+header:]
		field = field[mp.Skip(field):]
		path := ""
		switch mp.KindOf(field) {
		case mp.Str:
			path = mp.StringView(field)
		case mp.Uint:
			path = "[" + text(field) + "]"
		}
		for _, earlier := range paths {
			if rest, ok := strings.CutPrefix(path, earlier); ok && earlier != "" && rest != "" {
				return true
			}
		}
		paths = append(paths, path)
		pos += mp.Skip(ops[pos:])
	}
	return false
}

func TestAgainstTarantool(t *testing.T) {
	all := cases()
	answers := oracletest.Ask(t, all)
	crashed := 0
	for i, c := range all {
		want := answers[i]
		if len(c.Args[1]) > 1 && entersReplaced(c.Args[1]) {
			continue
		}
		// Some pairs of operations make stock Tarantool 2.6 crash, or write what is
		// no MessagePack.
		if want.Crashed || want.Message == "" && mp.Validate(want.Data) != nil {
			crashed++
			continue
		}
		apply := update.Update
		if c.Do == "upsert" {
			apply = update.Upsert
		}
		tu, err := tuple.New(nil, c.Args[0])
		if err != nil {
			t.Fatal(err)
		}
		got, err := apply(tu, c.Args[1], 1)
		var e *boxerr.Error
		switch {
		case errors.As(err, &e):
			if want.Message != e.Message || want.Code != e.Code {
				t.Errorf("%s %s:\n got %d %q\nwant %d %q (%s)", c.Do, text(c.Args[1]), e.Code, e.Message, want.Code, want.Message, text(want.Data))
			}
		case want.Message != "":
			t.Errorf("%s %s:\n got %s\nwant %d %q", c.Do, text(c.Args[1]), text(got), want.Code, want.Message)
		case !bytes.Equal(got, want.Data):
			t.Errorf("%s %s:\n got %s\nwant %s", c.Do, text(c.Args[1]), text(got), text(want.Data))
		}
	}
	t.Logf("%d cases compared; %d broke tarantool", len(all)-crashed, crashed)
}
