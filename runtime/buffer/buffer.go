// Package buffer is the Lua module `buffer`: growing byte buffers, and pointers into them.
//
// The one idea: a pointer is a slice and an offset. Scripts add to it, compare it and hand it to modules that fill or
// read memory; it can never leave the memory that it was made for.
package buffer

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `buffer`: buffer.ibuf([capacity]) makes a buffer, IBUF_SHARED is one that short work may
// share, static_alloc(type, n) gives scratch memory, READAHEAD is the default capacity.
var Module = module.Module{Name: "buffer", Open: open}

// readAhead is the default capacity.
const readAhead = 16320

// Library is the module in one instance: what other Go packages make buffers and pointers with.
type Library struct {
	vm       *vm.VM
	pointers vm.CTypeID
}

type libraryKey struct{}

// Of returns the instance's library.
func Of(h module.Host, L *lua.LState) *Library {
	if lib, ok := h.Service(libraryKey{}).(*Library); ok {
		return lib
	}
	lib := &Library{vm: h.VM(), pointers: h.VM().NewCType("char *")}
	h.SetService(libraryKey{}, lib)
	h.VM().SetMeta(lib.pointers, lib.pointerMeta(L))
	h.VM().SetMeta(vm.CIbuf, lib.ibufMeta(L))
	return lib
}

// NewIbuf makes a buffer.
func (lib *Library) NewIbuf() *Ibuf { return &Ibuf{lib: lib, start: readAhead} }

// NewPointer makes a pointer to the start of mem.
func (lib *Library) NewPointer(mem []byte) *Pointer { return &Pointer{lib: lib, mem: mem} }

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
		if n < 0 || n > maxSize {
			vm.ArgError(L, 2, "out of memory")
		}
		L.Push(lib.NewPointer(make([]byte, n)))
		return 1
	}))
	return exports
}
