package runtime

import (
	"bufio"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// Version is what scripts and clients see as the instance's version: the Tarantool release that it behaves like, with
// a suffix of our own.
const Version = "2.6.0-0-shardlua"

// openGlobals adds what Tarantool has in _G beyond LuaJIT's libraries.
func (h *Host) openGlobals(L *lua.LState) error {
	h.openPackage(L)
	L.SetGlobal("_TARANTOOL", lua.LString(Version))
	L.SetGlobal("print", L.NewFunction(h.luaPrint))
	L.SetGlobal("tonumber64", L.NewFunction(luaToNumber64))
	L.SetGlobal("dostring", L.NewFunction(h.luaDoString))
	arg := L.NewTable()
	for i, a := range h.args {
		arg.RawSetInt(i-1, lua.LString(a))
	}
	if len(h.args) == 1 {
		// Without a script the program stands in its place too.
		arg.RawSetInt(0, lua.LString(h.args[0]))
	}
	L.SetGlobal("arg", arg)
	if loaded := h.VM().Loaded(); loaded != nil {
		loaded.RawSetString("error", L.GetGlobal("error")) // as Tarantool lists it
	}
	for _, m := range extensions() {
		m.Open(h, L)
	}
	h.openModules(L)
	for _, name := range globalModules {
		L.SetGlobal(name, h.Require(L, name))
	}
	return nil
}

// luaPrint is Lua's print on the instance's standard output.
func (h *Host) luaPrint(L *lua.LState) int {
	out := bufio.NewWriter(h.stdout)
	defer out.Flush()
	tostring := L.GetGlobal("tostring")
	for i := 1; i <= L.GetTop(); i++ {
		if i > 1 {
			out.WriteByte('\t')
		}
		if s, ok := L.Get(i).(lua.LString); ok {
			out.WriteString(string(s))
			continue
		}
		L.Push(tostring)
		L.Push(L.Get(i))
		L.Call(1, 1)
		s, ok := L.Get(-1).(lua.LString)
		if !ok {
			vm.RaiseString(L, 1, "'tostring' must return a string to 'print'")
		}
		L.Pop(1)
		out.WriteString(string(s))
	}
	out.WriteByte('\n')
	return 0
}

// luaDoString is dostring(chunk, …).
func (h *Host) luaDoString(L *lua.LState) int {
	if t := L.Get(1).Type(); t != lua.LTString && t != lua.LTNumber {
		vm.RaiseString(L, 0, "builtin/tarantool.lua:75: bad argument #1 to 'loadstring' (function expected, got %s)", vm.TypeName(L.Get(1)))
	}
	chunk := vm.CheckString(L, 1)
	fn, err := h.vm.Load([]byte(chunk), chunk)
	if err != nil {
		vm.RaiseString(L, 0, "%s", err.Error())
	}
	top := L.GetTop()
	L.Push(fn)
	for i := 2; i <= top; i++ {
		L.Push(L.Get(i))
	}
	L.Call(top-1, lua.MultRet)
	return L.GetTop() - top
}

// luaToNumber64 is tonumber64(value[, base]): a number, or a 64-bit integer where a double would not be exact.
func luaToNumber64(L *lua.LState) int {
	if L.GetTop() == 0 {
		vm.ArgError(L, 1, "value expected")
	}
	base := vm.OptInt(L, 2, anyBase)
	switch v := L.Get(1).(type) {
	case lua.LNumber, *vm.I64, *vm.U64:
		if base != anyBase && base != 10 {
			vm.ArgError(L, 1, "string expected")
		}
		L.Push(v)
	case lua.LString:
		if base != anyBase && (base < 2 || base > 36) {
			vm.ArgError(L, 2, "base out of range")
		}
		L.Push(parseNumber64(string(v), base))
	default:
		L.Push(lua.LNil)
	}
	return 1
}

// anyBase is a base that the digits tell by a prefix, 0x or 0b, and that is 10 without one.
const anyBase = -1

// maxExactInt is the border beyond which integers become cdata rather than numbers.
const maxExactInt = 100_000_000_000_000

func parseNumber64(text string, base int) lua.LValue {
	text = strings.TrimSpace(text)
	negative := strings.HasPrefix(text, "-")
	if negative || strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	digits := strings.ToLower(strings.TrimLeft(text, " "))
	if rest, ok := strings.CutPrefix(digits, "0x"); ok && (base == anyBase || base == 16) {
		digits, base = rest, 16
	} else if rest, ok := strings.CutPrefix(digits, "0b"); ok && (base == anyBase || base == 2) {
		digits, base = rest, 2
	}
	if base == anyBase {
		base = 10
	}
	if u, err := strconv.ParseUint(digits, base, 64); err == nil {
		switch {
		case u < maxExactInt && negative:
			return lua.LNumber(-float64(u))
		case u < maxExactInt:
			return lua.LNumber(u)
		case !negative:
			return vm.Uint64(u)
		case u <= 1<<63:
			return vm.Int64(-int64(u))
		}
		return lua.LNil
	}
	return lua.LNil
}
