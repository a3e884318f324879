// Package ffi is the Lua module `ffi`: values and memory of C types.
//
// The one idea: there is no C behind it. Memory is a Go slice, a pointer is a place in one, and an address is only a
// number that tells places apart; what C would read or write outside of an object is an error here. Of the functions of C,
// those that scripts are known to call are written in Go.
package ffi

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/ffi/ctype"
	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `ffi`, with LuaJIT's functions: cdef, new, cast, typeof, metatype, istype, sizeof, alignof,
// offsetof, string, copy, fill, gc, errno, abi, load, and C.
var Module = module.Module{Name: "ffi", Open: func(h module.Host, L *lua.LState) lua.LValue { return Of(h, L).exports(L) }}

// Library is the module in one instance: what other packages make memory and pointers with.
type Library struct {
	host module.Host
	vm   *vm.VM
	u    *ctype.Universe
	// heap is what malloc gave and free did not take back.
	heap map[*Memory]struct{}
}

// known are the types that Tarantool's own modules declare and scripts therefore have.
const known = `
typedef long time_t; typedef int pid_t; typedef unsigned uid_t; typedef unsigned gid_t; typedef unsigned socklen_t;
typedef struct tuple box_tuple_t; typedef struct error box_error_t; typedef struct key_def box_key_def_t;
typedef struct iconv *iconv_t;
`

type libraryKey struct{}

// Of returns the instance's library.
func Of(h module.Host, L *lua.LState) *Library {
	if lib, ok := h.Service(libraryKey{}).(*Library); ok {
		return lib
	}
	lib := &Library{host: h, vm: h.VM(), u: ctype.NewUniverse(), heap: map[*Memory]struct{}{}}
	h.SetService(libraryKey{}, lib)
	lib.u.Outside = lib.outside
	lib.Declare(known)
	lib.vm.SetMeta(vm.CGeneric, lib.meta(L))
	return lib
}

// foreign is a type whose values other packages make.
type foreign struct{ id vm.CTypeID }

// foreignSizes are Tarantool's, for sizeof.
var foreignSizes = map[string]int{
	"struct tt_uuid": 16, "struct decimal": 36, "struct ibuf": 48, "struct error": 832, "struct gc_socket": 4,
}

// outside finds the struct of another package.
func (lib *Library) outside(tag string) *ctype.Type {
	id, ok := lib.vm.FindCType(tag)
	if !ok {
		return nil
	}
	return ctype.NewRecord(tag, foreignSizes[tag], &foreign{id})
}

// metatype is what ffi.metatype gave a struct.
type metatype struct {
	id   vm.CTypeID
	meta *lua.LTable
}

// metatypeOf finds the metatype of a struct, also through a pointer or a reference to one.
func metatypeOf(t *ctype.Type) *metatype {
	if t.Kind == ctype.Pointer || t.Kind == ctype.Reference {
		t = t.Elem
	}
	if r := t.Record(); r != nil {
		m, _ := r.Value.(*metatype)
		return m
	}
	return nil
}

func idOf(t *ctype.Type) vm.CTypeID {
	if m := metatypeOf(t); m != nil {
		return m.id
	}
	return vm.CGeneric
}

// metamethod finds what the metatype of an operand says of an event.
func metamethod(v lua.LValue, event string) lua.LValue {
	if t := typeOf(v); t != nil {
		if m := metatypeOf(t); m != nil {
			return m.meta.RawGetString(event)
		}
	}
	return lua.LNil
}

// typeOf is the type of a value of this package, nil for others.
func typeOf(v lua.LValue) *ctype.Type {
	switch v := v.(type) {
	case *Scalar:
		return v.typ
	case *Object:
		return v.typ
	case *Pointer:
		return v.typ
	case *Function:
		return v.typ
	case *vm.I64:
		return ctype.Int64
	case *vm.U64:
		return ctype.Uint64
	}
	return nil
}

// argType reads the type that is argument n: by name, by a ctype, or by a value of it. $ in a name takes the arguments
// after n.
func (lib *Library) argType(L *lua.LState, n int, params bool) *ctype.Type {
	switch v := L.Get(n).(type) {
	case lua.LString:
		var args []any
		if params {
			args = lib.typeArgs(L, n+1)
		}
		t, err := lib.u.Parse(string(v), args...)
		if err != nil {
			lib.declarationError(L, err)
		}
		return t
	case *TypeObject:
		return v.typ
	case vm.Cdata:
		if v == vm.Null {
			return ctype.PointerTo(ctype.None)
		}
		if t := typeOf(v); t != nil {
			return t
		}
		name := lib.vm.CdataName(v)
		if t, err := lib.u.Parse(name); err == nil {
			return t
		}
		return ctype.NewRecord(name, 0, &foreign{v.CType()})
	}
	vm.TypeError(L, n, "C type")
	return nil
}

func (lib *Library) typeArgs(L *lua.LState, from int) []any {
	var args []any
	for i := from; i <= L.GetTop(); i++ {
		switch v := L.Get(i).(type) {
		case *TypeObject:
			args = append(args, v.typ)
		case lua.LNumber:
			args = append(args, int(v))
		default:
			args = append(args, v.String())
		}
	}
	return args
}

// declarationError raises what is wrong with a declaration; a size is a fault of the argument.
func (lib *Library) declarationError(L *lua.LState, err error) {
	vm.RaiseString(L, 1, "%s", err.Error())
}

// Declare reads declarations of the host's own, which are not wrong.
func (lib *Library) Declare(text string) {
	if err := lib.u.Declare(text); err != nil {
		panic(err)
	}
}

// Array makes an array of n items of a type, and a pointer to the first of them.
func (lib *Library) Array(t *ctype.Type, n int) (*Object, *Pointer) {
	size, _ := t.Size()
	o := &Object{lib: lib, typ: ctype.ArrayOf(t, n), mem: NewMemory(n * size), size: n * size}
	return o, o.pointer()
}

// Item is item n of an array.
func (o *Object) Item(n int) lua.LValue {
	size, _ := o.typ.Elem.Size()
	v, err := o.lib.load(o.typ.Elem, o.mem, o.off+n*size)
	if err != nil {
		return lua.LNil
	}
	return v
}

// Type reads the name of a type.
func (lib *Library) Type(name string) (*ctype.Type, error) { return lib.u.Parse(name) }
