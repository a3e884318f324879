// Package uuid is the Lua module `uuid`, and the cdata type that uuids are in scripts, tuples and on the wire.
package uuid

import (
	google "github.com/google/uuid"
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/module"
	"shardlua/runtime/vm"
)

// Module is the Lua module `uuid`: new() and uuid() make a random uuid, fromstr(text) and frombin(bytes[, order])
// read one, str() and bin([order]) make the text or the bytes of a new one, NULL is the uuid of zeros. A uuid has
// str(), bin([order]) and isnil(); orders are l (little-endian), b (big-endian), h or host, n or network.
var Module = module.Module{Name: "uuid", Open: open}

// New makes a random uuid.
func New() *UUID {
	u := UUID(google.New())
	return &u
}

const badOrder = "builtin/uuid.lua:54: invalid byteorder, valid is l, b, h, n"

// littleEndian reads a byte order.
func littleEndian(L *lua.LState, order lua.LValue) bool {
	if vm.IsNil(order) {
		return true
	}
	switch order.String() {
	case "l", "h", "host":
		return true
	case "b", "n", "network":
		return false
	}
	vm.RaiseString(L, 0, badOrder)
	return false
}

func (u *UUID) bytes(L *lua.LState, order lua.LValue) lua.LString {
	out := *u
	if littleEndian(L, order) {
		out = u.swap()
	}
	return lua.LString(out[:])
}

func open(h module.Host, L *lua.LState) lua.LValue {
	setMeta(h.VM(), L)
	extend(L)
	exports := L.SetFuncs(L.NewTable(), map[string]lua.LGFunction{
		"new": push(New),
		"str": func(L *lua.LState) int {
			L.Push(lua.LString(New().String()))
			return 1
		},
		"bin": func(L *lua.LState) int {
			L.Push(New().bytes(L, L.Get(1)))
			return 1
		},
		"fromstr": func(L *lua.LState) int {
			text, ok := L.Get(1).(lua.LString)
			if !ok {
				vm.RaiseString(L, 0, "builtin/uuid.lua:38: fromstr(str)")
			}
			if u, ok := Parse(string(text)); ok {
				L.Push(u)
			} else {
				L.Push(lua.LNil)
			}
			return 1
		},
		"frombin": func(L *lua.LState) int {
			bin, ok := L.Get(1).(lua.LString)
			if !ok || len(bin) != 16 {
				vm.RaiseString(L, 0, "builtin/uuid.lua:73: frombin(bin, [byteorder])")
			}
			u := UUID([]byte(bin))
			if littleEndian(L, L.Get(2)) {
				u = u.swap()
			}
			L.Push(&u)
			return 1
		},
	})
	exports.RawSetString("NULL", &UUID{})
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(push(New)))
	L.SetMetatable(exports, meta)
	return exports
}

func push(make func() *UUID) lua.LGFunction {
	return func(L *lua.LState) int {
		L.Push(make())
		return 1
	}
}

// setMeta gives the cdata type its methods and operators.
func setMeta(machine *vm.VM, L *lua.LState) {
	methods := map[string]*lua.LFunction{}
	for name, fn := range map[string]func(*lua.LState, *UUID) lua.LValue{
		"str":   func(L *lua.LState, u *UUID) lua.LValue { return lua.LString(u.String()) },
		"isnil": func(L *lua.LState, u *UUID) lua.LValue { return lua.LBool(*u == UUID{}) },
		"bin":   func(L *lua.LState, u *UUID) lua.LValue { return u.bytes(L, L.Get(2)) },
	} {
		methods[name] = L.NewFunction(func(L *lua.LState) int {
			u, ok := L.Get(1).(*UUID)
			if !ok {
				vm.RaiseString(L, 1, "Usage: uuid:%s()", name)
			}
			L.Push(fn(L, u))
			return 1
		})
	}
	methods["__serialize"] = methods["str"]
	meta := L.NewTable()
	meta.RawSetString("__serialize", methods["str"])
	meta.RawSetString("__tostring", methods["str"])
	meta.RawSetString("__index", L.NewFunction(func(L *lua.LState) int {
		name := L.Get(2).String()
		if fn := methods[name]; fn != nil {
			L.Push(fn)
			return 1
		}
		if u, ok := L.Get(1).(*UUID); ok {
			if n, ok := u.field(name); ok {
				L.Push(lua.LNumber(n))
				return 1
			}
		}
		vm.RaiseString(L, 1, "'struct tt_uuid' has no member named '%s'", name)
		return 0
	}))
	meta.RawSetString("__eq", L.NewFunction(func(L *lua.LState) int {
		a, ok1 := L.Get(1).(*UUID)
		b, ok2 := L.Get(2).(*UUID)
		if ok2 && !ok1 {
			vm.RaiseString(L, 1, "Usage: uuid == var")
		}
		L.Push(lua.LBool(ok1 && ok2 && *a == *b))
		return 1
	}))
	for _, name := range []string{"__lt", "__le"} {
		meta.RawSetString(name, L.NewFunction(func(L *lua.LState) int {
			vm.RaiseString(L, 1, "attempt to compare '%s' with '%s'", typeName(L.Get(1)), typeName(L.Get(2)))
			return 0
		}))
	}
	machine.SetMeta(vm.CUUID, meta)
}

// typeName is how LuaJIT's messages call the type of an operand.
func typeName(v lua.LValue) string {
	if _, ok := v.(*UUID); ok {
		return "struct tt_uuid"
	}
	return vm.TypeName(v)
}
