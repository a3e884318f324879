package digest

import (
	"hash/crc32"

	"github.com/spaolacci/murmur3"
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// crcBegin is the state that a checksum starts from.
const crcBegin = 0xffffffff

// crcUpdate goes on with a CRC-32C from its raw state, without the inversions at start and end that hash/crc32 makes.
func crcUpdate(state uint32, data string) uint32 {
	return ^crc32.Update(^state, crc32.MakeTable(crc32.Castagnoli), []byte(data))
}

// input is the text argument of a checksum.
func input(L *lua.LState, n int, usage string) string {
	s, ok := L.Get(n).(lua.LString)
	if !ok {
		vm.RaiseString(L, 0, "%s", usage)
	}
	return string(s)
}

// field is a number in the table that a streaming checksum is.
func field(L *lua.LState, name string) uint32 {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 1, "attempt to index local 'self' (a %s value)", vm.TypeName(L.Get(1)))
	}
	n, _ := t.RawGetString(name).(lua.LNumber)
	return uint32(int64(n))
}

// copyOf makes copy() of a streaming checksum.
func copyOf(L *lua.LState) int {
	t := vm.CheckTable(L, 1)
	out := L.NewTable()
	t.ForEach(func(k, v lua.LValue) { vm.RawSet(out, k, v) })
	out.Metatable = t.Metatable
	L.Push(out)
	return 1
}

func crcTable(L *lua.LState) *lua.LTable {
	meta, crc := L.NewTable(), L.NewTable()
	meta.RawSetString("__index", L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"update": func(L *lua.LState) int {
			text := input(L, 2, "builtin/digest.lua:106: Usage crc32:update(string)")
			value := crcUpdate(field(L, "value"), text)
			vm.CheckTable(L, 1).RawSetString("value", lua.LNumber(value))
			return 0
		},
		"result": func(L *lua.LState) int {
			L.Push(lua.LNumber(field(L, "value")))
			return 1
		},
		"clear": func(L *lua.LState) int {
			vm.CheckTable(L, 1).RawSetString("value", lua.LNumber(crcBegin))
			return 0
		},
		"copy": copyOf,
	}))
	crc.RawSetString("crc_begin", lua.LNumber(crcBegin))
	crc.RawSetString("new", L.NewFunction(func(L *lua.LState) int {
		t := L.NewTable()
		t.RawSetString("value", lua.LNumber(crcBegin))
		t.Metatable = meta
		L.Push(t)
		return 1
	}))
	callable(L, crc, func(L *lua.LState) int {
		text := input(L, 1, "builtin/digest.lua:139: Usage digest.crc32(string)")
		L.Push(lua.LNumber(crcUpdate(crcBegin, text)))
		return 1
	})
	return crc
}

func callable(L *lua.LState, table *lua.LTable, fn lua.LGFunction) {
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(func(L *lua.LState) int {
		L.Remove(1)
		return fn(L)
	}))
	L.SetMetatable(table, meta)
}

// murmurSeed is the seed unless a script says another.
const murmurSeed = 13

// The sum of a stream is made when it is asked for: murmur3 keeps no state that a Lua table could hold, so the stream
// holds its input.
func murmurTable(L *lua.LState) *lua.LTable {
	meta, murmur := L.NewTable(), L.NewTable()
	meta.RawSetString("__index", L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"update": func(L *lua.LState) int {
			text := input(L, 2, "builtin/digest.lua:54: Usage: murhash:update(string)")
			t := vm.CheckTable(L, 1)
			held, _ := t.RawGetString("value").(lua.LString)
			t.RawSetString("value", held+lua.LString(text))
			t.RawSetString("total_length", lua.LNumber(len(held)+len(text)))
			return 0
		},
		"result": func(L *lua.LState) int {
			held, _ := vm.CheckTable(L, 1).RawGetString("value").(lua.LString)
			L.Push(lua.LNumber(murmur3.Sum32WithSeed([]byte(held), field(L, "seed"))))
			return 1
		},
		"clear": func(L *lua.LState) int {
			t := vm.CheckTable(L, 1)
			t.RawSetString("value", lua.LString(""))
			t.RawSetString("total_length", lua.LNumber(0))
			t.RawSetString("seed", t.RawGetString("default_seed"))
			return 0
		},
		"copy": copyOf,
	}))
	murmur.RawSetString("default_seed", lua.LNumber(murmurSeed))
	murmur.RawSetString("new", L.NewFunction(func(L *lua.LState) int {
		seed := lua.LNumber(murmurSeed)
		if options, ok := L.Get(1).(*lua.LTable); ok {
			if n, ok := options.RawGetString("seed").(lua.LNumber); ok {
				seed = n
			}
		}
		t := L.NewTable()
		t.RawSetString("default_seed", seed)
		t.RawSetString("seed", seed)
		t.RawSetString("value", lua.LString(""))
		t.RawSetString("total_length", lua.LNumber(0))
		t.Metatable = meta
		L.Push(t)
		return 1
	}))
	callable(L, murmur, func(L *lua.LState) int {
		text := input(L, 1, "builtin/digest.lua:96: Usage: digest.murhash(string)")
		L.Push(lua.LNumber(murmur3.Sum32WithSeed([]byte(text), murmurSeed)))
		return 1
	})
	return murmur
}

// guava maps a number to one of so many buckets, as the consistentHash of Google's Guava does.
func guava(state uint64, buckets int32) int32 {
	var candidate int32
	for {
		state = 2862933555777941757*state + 1
		next := float64(candidate+1) / (float64(int32(state>>33)+1) / float64(1<<31))
		if next < 0 || next >= float64(buckets) {
			return candidate
		}
		candidate = int32(next)
	}
}
