package luamp_test

import (
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/luamp"
	"shardlua/runtime/serial"
	"shardlua/runtime/tuple/mp"
	"shardlua/runtime/vm"
)

// raw is a cdata that carries one msgpack value, as a tuple does.
type raw struct {
	typ vm.CTypeID
	b   []byte
}

func (r *raw) String() string                  { return "raw" }
func (r *raw) Type() lua.LValueType            { return lua.LTUserData }
func (r *raw) CType() vm.CTypeID               { return r.typ }
func (r *raw) AppendMsgpack(dst []byte) []byte { return append(dst, r.b...) }

func eval(t testing.TB, L *lua.LState, src string) lua.LValue {
	t.Helper()
	fn, err := vm.Of(L).Load([]byte("return "+src), "=test")
	if err != nil {
		t.Fatal(err)
	}
	rets, err := vm.Of(L).Call(L, fn, 1)
	if err != nil {
		t.Fatal(err)
	}
	return rets[0]
}

// newState makes a VM in which null, u64 and i64 make cdata.
func newState() *lua.LState {
	L := vm.New(vm.Options{}).State()
	L.SetGlobal("null", vm.Null)
	L.SetGlobal("tuple", &raw{vm.CTuple, []byte("\x92\x01\xa1a")})
	L.SetGlobal("fault", &raw{vm.CError, []byte("\xc7\x01\x03\x80")})
	L.SetGlobal("u64", L.NewFunction(func(L *lua.LState) int {
		L.Push(vm.Uint64(uint64(L.CheckNumber(1))))
		return 1
	}))
	L.SetGlobal("i64", L.NewFunction(func(L *lua.LState) int {
		L.Push(vm.Int64(int64(L.CheckNumber(1))))
		return 1
	}))
	return L
}

// The bytes are what Tarantool 2.6 makes of the same values.
func TestAppend(t *testing.T) {
	L := newState()
	for _, c := range []struct{ src, want string }{
		{"0", "00"}, {"127", "7f"}, {"128", "cc80"}, {"65536", "ce00010000"},
		{"2^53", "cf0020000000000000"}, {"1e18", "cf0de0b6b3a7640000"},
		{"2^63", "cf8000000000000000"}, {"2^64", "cb43f0000000000000"},
		{"-1", "ff"}, {"-33", "d0df"}, {"-2^63", "d38000000000000000"},
		{"-2^64", "cbc3f0000000000000"}, {"1.5", "cb3ff8000000000000"}, {"-0.0", "00"},
		{"1/0", "cb7ff0000000000000"},
		{"u64(5)", "05"}, {"i64(-5)", "fb"}, {"i64(5)", "05"},
		{"nil", "c0"}, {"null", "c0"}, {"true", "c3"}, {"false", "c2"}, {"'abc'", "a3616263"},
		{"{}", "90"}, {"{1,nil,3}", "9301c003"}, {"{a=1}", "81a16101"}, {"{1,a=2}", "820101a16102"},
		{"{[10]=1}", "9ac0c0c0c0c0c0c0c0c001"}, {"{[11]=1}", "810b01"}, {"{[0]=1}", "810001"},
		{"{[1.5]=1}", "81cb3ff800000000000001"}, {"{[true]=1}", "81c301"}, {"{[-1]=1}", "81ff01"},
		{"setmetatable({a=1},{__serialize='seq'})", "90"},
		{"setmetatable({1,2},{__serialize='map'})", "8201010202"},
		{"setmetatable({1,nil,3},{__serialize='array'})", "9301c003"},
		{"setmetatable({1,nil,3},{__serialize='mapping'})", "8201010303"},
		{"setmetatable({1},{__serialize=function(x) return {x[1],'z'} end})", "9201a17a"},
		{"setmetatable({1},{__serialize=function() end})", "c0"},
		{"{{}, {[{}]=1}}", "9290819001"},
		{"tuple", "9201a161"}, {"{tuple}", "919201a161"},
	} {
		o := luamp.Default()
		got, err := luamp.Append([]byte("x"), L, eval(t, L, c.src), &o)
		if err != nil || hex.EncodeToString(got[1:]) != c.want {
			t.Errorf("%s: %x, %v, want %s", c.src, got[1:], err, c.want)
		}
	}
}

func TestAppendErrors(t *testing.T) {
	L := newState()
	for _, c := range []struct {
		src  string
		set  func(*luamp.Options)
		want string
		bare bool // scripts see a string, not an error object
	}{
		{"print", nil, "unsupported Lua type 'function'", true},
		{"{[print]=1}", nil, "unsupported Lua type 'function'", true},
		{"fault", nil, "unsupported Lua type 'cdata'", true},
		{"(function() local t = {} t[1] = t return t end)()", nil, "Too high nest level - 129", true},
		{"{{{a=1}}}", func(o *luamp.Options) { o.MaxDepth = 2 }, "Too high nest level - 3", true},
		{"(function() local t = {} t[1] = t return t end)()", func(o *luamp.Options) { o.MaxDepth = 1 << 30 }, "Too high nest level - 65537", true},
		{"setmetatable({}, {__serialize='x'})", nil, "invalid __serialize value", false},
		{"setmetatable({}, {__serialize=1})", nil, "invalid __serialize value", false},
		{"setmetatable({}, {__serialize=function() error('boo', 0) end})", nil, "boo", false},
		{"setmetatable({}, {__serialize=function(x) return x end})", nil, "__serialize never comes to an end", false},
		{"{[11]=1}", func(o *luamp.Options) { o.SparseConvert = false }, "excessively sparse array", false},
		{"0/0", func(o *luamp.Options) { o.InvalidNumbers = false }, "number must not be NaN or Inf", false},
	} {
		o := luamp.Default()
		if c.set != nil {
			c.set(&o)
		}
		buf, err := luamp.Append([]byte("kept"), L, eval(t, L, c.src), &o)
		if err == nil || err.Error() != c.want || string(buf) != "kept" {
			t.Errorf("%s: %v with %q, want %q", c.src, err, buf, c.want)
			continue
		}
		var object *boxerr.Error
		if errors.As(err, &object) == c.bare {
			t.Errorf("%s: the error is %T", c.src, err)
		}
	}
}

func TestAppendOptions(t *testing.T) {
	L := newState()
	for _, c := range []struct {
		src, want string
		set       func(*luamp.Options)
	}{
		{"{{{1}}}", "9191c0", func(o *luamp.Options) { o.MaxDepth, o.DeepAsNil = 2, true }},
		{"{print}", "91c0", func(o *luamp.Options) { o.InvalidAsNil = true }},
		{"{1/0}", "91c0", func(o *luamp.Options) { o.InvalidNumbers, o.InvalidAsNil = false, true }},
		{"{[12]=1}", "9cc0c0c0c0c0c0c0c0c0c0c001", func(o *luamp.Options) { o.SparseRatio = 0 }},
		{"setmetatable({1},{__serialize='map'})", "9101", func(o *luamp.Options) { o.LoadMetatables = false }},
		{"fault", "c7010380", func(o *luamp.Options) { o.ErrorAsExt = true }},
	} {
		o := luamp.Default()
		c.set(&o)
		got, err := luamp.Append(nil, L, eval(t, L, c.src), &o)
		if err != nil || hex.EncodeToString(got) != c.want {
			t.Errorf("%s: %x, %v, want %s", c.src, got, err, c.want)
		}
	}
}

func TestDecode(t *testing.T) {
	L := newState()
	luamp.Of(L).Extension(mp.ExtUUID, func(_ *lua.LState, data []byte) (lua.LValue, error) {
		return lua.LString(hex.EncodeToString(data)), nil
	})
	o := luamp.Default()
	for _, c := range []struct{ in, want string }{
		{"cf00005af3107a3fff", "99999999999999"}, {"cf00005af3107a4000", "100000000000000ULL"},
		{"d3ffffa50cef85c001", "-99999999999999"}, {"d3ffffa50cef85c000", "-100000000000000LL"},
		{"d0df", "-33"}, {"e0", "-32"}, {"cc80", "128"}, {"cd0100", "256"}, {"ce00010000", "65536"},
		{"d1ff00", "-256"}, {"d2fffe0000", "-131072"}, {"d005", "5"},
		{"cfffffffffffffffff", "18446744073709551615ULL"}, {"c0", "cdata<void *>: NULL"},
		{"c2", "false"}, {"ca3fc00000", "1.5"}, {"cb3ff8000000000000", "1.5"},
		{"c403616263", "abc"}, {"a3616263", "abc"}, {"a0", ""}, {"d9026162", "ab"},
		{"d802c8f0fa1fda29438ca040393f1126ad39", "c8f0fa1fda29438ca040393f1126ad39"},
	} {
		data, _ := hex.DecodeString(c.in + "07")
		v, rest, err := luamp.Decode(L, data, &o)
		if err != nil || v.String() != c.want || string(rest) != "\x07" {
			t.Errorf("%s: %v, rest %x, %v, want %s", c.in, v, rest, err, c.want)
		}
	}
	v, _, err := luamp.Decode(L, []byte("\x92\x81\xa1a\xc0\x90"), &o)
	if err != nil {
		t.Fatal(err)
	}
	hints, outer := serial.HintsOf(L), v.(*lua.LTable)
	inner := outer.RawGetInt(1).(*lua.LTable)
	if outer.Metatable != hints.Array || inner.Metatable != hints.Map || inner.RawGetString("a") != vm.Null {
		t.Error("decoded tables lack their hints or nulls")
	}
}

// A few bytes of a foreign message must not cost a gigabyte.
func TestDecodeLeavesNoGapBeforeFarNumbers(t *testing.T) {
	L := newState()
	message := []byte("\x82\xce\x03\xff\xff\x00\x01\x01\x02")
	options := luamp.Default()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	value, _, err := luamp.Decode(L, message, &options)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if got := vm.RawGet(value.(*lua.LTable), lua.LNumber(0x3ffff00)); got != lua.LNumber(1) {
		t.Errorf("the far field is %v", got)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("decoding %d bytes took %d", len(message), used)
	}
}

func TestDecodeErrors(t *testing.T) {
	L := newState()
	o := luamp.Default()
	o.DecodeInvalidNumbers = false
	for _, c := range []struct{ in, want string }{
		{"", "invalid MsgPack"}, {"\x93\x01", "invalid MsgPack"}, {"\xa5abc", "invalid MsgPack"},
		{"\xd4\x09\x01", "Unsuported MsgPack extension type: 9"},
		{"\xca\x7f\x80\x00\x00", "number must not be NaN or Inf"},
		{strings.Repeat("\x91", 1<<20) + "\x01", "Too high nest level - 65537"},
	} {
		if v, _, err := luamp.Decode(L, []byte(c.in), &o); err == nil || err.Error() != c.want {
			t.Errorf("%.20q: %v, %v, want %s", c.in, v, err, c.want)
		}
	}
	o.DecodeInvalidNumbers = true
	if _, _, err := luamp.Decode(L, []byte("\x81\xca\x7f\xc0\x00\x00\x01"), &o); err == nil {
		t.Error("NaN became a key")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"\x92\x01\xa1a", "\x81\xc0\x90", "\xc7\x03\x01\x02\x01\x5c", "\xdc\x00\x02\xcb"} {
		f.Add([]byte(s))
	}
	o := luamp.Default()
	f.Fuzz(func(t *testing.T, data []byte) {
		L := newState()
		defer L.Close()
		v, rest, err := luamp.Decode(L, data, &o)
		if err != nil {
			return
		}
		// What was read can be written, and then reads as itself.
		o := o
		o.MaxDepth = serial.DepthLimit
		once, err := luamp.Append(nil, L, v, &o)
		if err != nil {
			t.Fatalf("%x was read but cannot be written: %v", data[:len(data)-len(rest)], err)
		}
		again, _, err := luamp.Decode(L, once, &o)
		if err != nil {
			t.Fatalf("%x was written but cannot be read: %v", once, err)
		}
		twice, err := luamp.Append(nil, L, again, &o)
		if err != nil || len(twice) != len(once) {
			t.Fatalf("%x became %x, %v", once, twice, err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	L := newState()
	c, o, v := luamp.Of(L), luamp.Default(), eval(b, L, "{1,'abc',2}")
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = c.Append(buf[:0], L, v, &o)
	}
}

func BenchmarkAppendMap(b *testing.B) {
	L := newState()
	c, o, v := luamp.Of(L), luamp.Default(), eval(b, L, "{id=1, name='abc', bucket=2, tags={1,2}}")
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = c.Append(buf[:0], L, v, &o)
	}
}

func BenchmarkDecode(b *testing.B) {
	L := newState()
	c, o := luamp.Of(L), luamp.Default()
	data := []byte("\x93\x01\xa3abc\x02")
	b.ReportAllocs()
	for b.Loop() {
		c.DecodeTrusted(L, data, &o)
	}
}

func TestRoundTrip(t *testing.T) {
	L := newState()
	o := luamp.Default()
	for _, in := range []string{"\x92\xa0\x81\xa0\x90", "\x93\xa0\xa0\xa1a", "\x91\x81\xd0\x81\xcb\x40\xc8\xab\xa0\x00\x00\x00\x00"} {
		data := []byte(in + "\x01\x02")
		v, rest, err := luamp.Decode(L, data, &o)
		if err != nil || len(rest) != 2 {
			t.Fatalf("%x: rest %x, %v", in, rest, err)
		}
		if out, err := luamp.Append(nil, L, v, &o); err != nil || string(out) != in {
			t.Errorf("%x became %x, %v", in, out, err)
		}
	}
}
