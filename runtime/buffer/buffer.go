// Package buffer is the Lua module `buffer`: growing byte buffers, and pointers into them.
//
// The one idea: a buffer is a block of ffi's memory, so what it hands out are pointers like any other. Scripts add to
// them, compare them and hand them to modules that fill or read memory; they never leave the memory that they were made
// for.
package buffer

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/ffi"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `buffer`: buffer.ibuf([capacity]) makes a buffer, IBUF_SHARED is one that short work may
// share, static_alloc(type, n) gives scratch memory, READAHEAD is the default capacity.
var Module = module.Module{Name: "buffer", Open: open}

// registers are scratch values for calls of C, which scripts use for conversions.
const registers = `union c_register {
	size_t as[1]; ssize_t ass[1]; char ac[1]; const char *acp[1]; const unsigned char *acucp[1]; unsigned long aul[1];
	int ai[1]; unsigned u32; uint16_t u16; uint8_t u8; int64_t i64; uint64_t u64; float f; double d; const void *p;
};`

// readAhead is the default capacity.
const readAhead = 16320

// Library is the module in one instance: what other Go packages make buffers and pointers with.
type Library struct {
	vm  *vm.VM
	ffi *ffi.Library
}

type libraryKey struct{}

// Of returns the instance's library.
func Of(h module.Host, L *lua.LState) *Library {
	if lib, ok := h.Service(libraryKey{}).(*Library); ok {
		return lib
	}
	lib := &Library{vm: h.VM(), ffi: ffi.Of(h, L)}
	h.SetService(libraryKey{}, lib)
	h.VM().SetMeta(vm.CIbuf, lib.ibufMeta(L))
	return lib
}

// NewIbuf makes a buffer.
func (lib *Library) NewIbuf() *Ibuf { return &Ibuf{lib: lib, mem: &ffi.Memory{}, start: readAhead} }

// NewPointer makes a pointer to the start of mem.
func (lib *Library) NewPointer(mem []byte) *ffi.Pointer {
	return lib.ffi.NewPointer(&ffi.Memory{Data: mem}, 0)
}

func open(h module.Host, L *lua.LState) lua.LValue {
	lib := Of(h, L)
	exports := L.NewTable()
	exports.RawSetString("READAHEAD", lua.LNumber(readAhead))
	exports.RawSetString("IBUF_SHARED", lib.NewIbuf())
	exports.RawSetString("ibuf", L.NewFunction(func(L *lua.LState) int {
		b := lib.NewIbuf()
		if !vm.IsNil(L.Get(1)) {
			n, ok := integer(L.Get(1))
			if !ok || n < 0 || n > maxSize {
				vm.RaiseString(L, 0, "builtin/buffer.lua:74: Usage: ibuf([size])")
			}
			b.start = max(n, 1)
		}
		L.Push(b)
		return 1
	}))
	exports.RawSetString("static_alloc", L.NewFunction(func(L *lua.LState) int {
		n, ok := integer(L.Get(2))
		if !ok {
			n = 1
		}
		t, err := lib.ffi.Type(vm.CheckString(L, 1))
		if err != nil {
			vm.RaiseString(L, 0, "builtin/buffer.lua:42: %s", err.Error())
		}
		size, ok := t.Size()
		if !ok || n < 0 || n*size > maxSize {
			vm.ArgError(L, 2, "out of memory")
		}
		_, p := lib.ffi.Array(t, n)
		L.Push(p)
		return 1
	}))
	lib.ffi.Declare(registers)
	if t, err := lib.ffi.Type("union c_register"); err == nil {
		array, _ := lib.ffi.Array(t, 2)
		exports.RawSetString("reg_array", array)
		exports.RawSetString("reg1", array.Item(0))
		exports.RawSetString("reg2", array.Item(1))
	}
	return exports
}

// integer is a number, or a 64-bit one, cut to an int.
func integer(v lua.LValue) (int, bool) {
	n, ok := vm.ToInt64(v)
	return int(n), ok
}
