package serial

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// Options are the settings of one serializer; scripts know them as module.cfg.
type Options struct {
	// SparseConvert turns an excessively sparse array into a map; without it
	// such an array is an error. An array is excessively sparse when its highest
	// index exceeds SparseSafe and SparseRatio times its length. A ratio of
	// zero takes any array.
	SparseConvert bool
	SparseRatio   int
	SparseSafe    int
	// MaxDepth is how deep tables may nest; DeepAsNil writes nil for what lies
	// deeper, instead of an error.
	MaxDepth  int
	DeepAsNil bool
	// InvalidNumbers allows NaN and infinities.
	InvalidNumbers bool
	// NumberPrecision is the count of significant digits in text formats.
	NumberPrecision int
	// LoadMetatables obeys __serialize.
	LoadMetatables bool
	// UseTostring writes what has no form outside Lua as tostring() shows it.
	UseTostring bool
	// InvalidAsNil writes nil for what has no form outside Lua.
	InvalidAsNil bool
	// DecodeInvalidNumbers allows NaN and infinities in what is read.
	DecodeInvalidNumbers bool
	// DecodeSaveMetatables gives decoded tables a metatable that remembers
	// whether they were arrays or maps.
	DecodeSaveMetatables bool
	// DecodeMaxDepth is how deep the data that is read may nest.
	DecodeMaxDepth int
}

// Default returns the settings that modules start with.
func Default() Options {
	return Options{
		SparseConvert: true, SparseRatio: 2, SparseSafe: 10,
		MaxDepth: 128, InvalidNumbers: true, NumberPrecision: 14,
		LoadMetatables: true, DecodeInvalidNumbers: true,
		DecodeSaveMetatables: true, DecodeMaxDepth: 128,
	}
}

// DepthLimit bounds the nesting that any setting of MaxDepth can reach: beyond
// it the stack of the process would be at stake.
const DepthLimit = 1 << 16

// Depth is MaxDepth within DepthLimit.
func (o *Options) Depth() int { return min(o.MaxDepth, DepthLimit) }

// DecodeDepth is DecodeMaxDepth within DepthLimit.
func (o *Options) DecodeDepth() int { return min(o.DecodeMaxDepth, DepthLimit) }

// setting is one option by the name that scripts use: exactly one of the fields
// points into an Options.
type setting struct {
	name string
	flag *bool
	num  *int
}

func (o *Options) settings() []setting {
	return []setting{
		{"encode_sparse_convert", &o.SparseConvert, nil},
		{"encode_sparse_ratio", nil, &o.SparseRatio},
		{"encode_sparse_safe", nil, &o.SparseSafe},
		{"encode_max_depth", nil, &o.MaxDepth},
		{"encode_deep_as_nil", &o.DeepAsNil, nil},
		{"encode_invalid_numbers", &o.InvalidNumbers, nil},
		{"encode_number_precision", nil, &o.NumberPrecision},
		{"encode_load_metatables", &o.LoadMetatables, nil},
		{"encode_use_tostring", &o.UseTostring, nil},
		{"encode_invalid_as_nil", &o.InvalidAsNil, nil},
		{"decode_invalid_numbers", &o.DecodeInvalidNumbers, nil},
		{"decode_save_metatables", &o.DecodeSaveMetatables, nil},
		{"decode_max_depth", nil, &o.DecodeMaxDepth},
	}
}

func (s setting) value() lua.LValue {
	if s.flag != nil {
		return lua.LBool(*s.flag)
	}
	return lua.LNumber(*s.num)
}

// set takes any Lua value, as Tarantool does: what is no number is 0, what is
// neither nil nor false is true.
func (s setting) set(v lua.LValue) {
	if s.flag != nil {
		*s.flag = v != lua.LNil && v != lua.LFalse
		return
	}
	n := float64(lua.LVAsNumber(v))
	switch {
	case n != n:
		n = 0
	case n > math.MaxInt32:
		n = math.MaxInt32
	case n < math.MinInt32:
		n = math.MinInt32
	}
	*s.num = int(n)
}

// Read takes the options that a table names and leaves the others alone. The
// table's __index is obeyed.
func (o *Options) Read(L *lua.LState, t lua.LValue) {
	for _, s := range o.settings() {
		if v := L.GetField(t, s.name); v != lua.LNil {
			s.set(v)
		}
	}
}

// Config makes the table module.cfg of a serializer: it shows the settings, and
// a call with a table changes them.
func (o *Options) Config(L *lua.LState) *lua.LTable {
	cfg := L.NewTable()
	for _, s := range o.settings() {
		cfg.RawSetString(s.name, s.value())
	}
	mt := L.NewTable()
	mt.RawSetString("__call", L.NewFunction(func(L *lua.LState) int {
		self := L.Get(1)
		change := vm.CheckTable(L, 2)
		for _, s := range o.settings() {
			v := L.GetField(change, s.name)
			if v == lua.LNil {
				continue
			}
			s.set(v)
			L.SetField(self, s.name, v)
		}
		return 0
	}))
	cfg.Metatable = mt
	return cfg
}
