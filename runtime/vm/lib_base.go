package vm

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) function(fn func(L *lua.LState) int) *lua.LFunction {
	return &lua.LFunction{IsG: true, Env: vm.main.G.Global, GFunction: fn}
}

// Register puts Go functions into a table.
func (vm *VM) Register(t *lua.LTable, functions map[string]lua.LGFunction) {
	for name, fn := range functions {
		setString(t, lua.LString(name), vm.function(fn))
	}
}

func (vm *VM) openBase() {
	g := vm.main.G.Global
	vm.Register(g, map[string]lua.LGFunction{
		"assert": baseAssert, "error": baseError, "pcall": vm.basePcall, "xpcall": vm.baseXpcall,
		"type": baseType, "tostring": vm.baseToString, "tonumber": vm.baseToNumber,
		"pairs": vm.basePairs, "ipairs": vm.baseIpairs, "next": vm.baseNext, "select": baseSelect,
		"rawget": baseRawGet, "rawset": vm.baseRawSet, "rawequal": baseRawEqual,
		"getmetatable": vm.baseGetMetatable, "setmetatable": vm.baseSetMetatable,
		"unpack": vm.baseUnpack, "print": vm.basePrint, "collectgarbage": vm.baseCollectGarbage,
		"gcinfo": vm.baseGcInfo, "newproxy": vm.baseNewProxy,
		"load": vm.baseLoad, "loadstring": vm.baseLoad, "loadfile": vm.baseLoadFile, "dofile": vm.baseDoFile,
		"getfenv": baseGetFenv, "setfenv": baseSetFenv,
	})
	setString(g, lua.LString("_G"), g)
	setString(g, lua.LString("_VERSION"), lua.LString("Lua 5.1"))
	vm.next = g.RawGetString("next").(*lua.LFunction)
	vm.ipairsStep = vm.function(vm.stepIpairs)
}

func baseAssert(L *lua.LState) int {
	if truth(CheckAny(L, 1)) {
		return L.GetTop()
	}
	if L.GetTop() >= 2 && !isNil(L.Get(2)) {
		msg, ok := text(L.Get(2))
		if !ok {
			TypeError(L, 2, "string")
		}
		RaiseString(L, 1, "%s", msg)
	}
	if L.GetTop() >= 2 && L.Get(2) == Null {
		TypeError(L, 2, "string")
	}
	RaiseString(L, 1, "assertion failed!")
	return 0
}

func baseError(L *lua.LState) int {
	v := L.Get(1)
	level := OptInt(L, 2, 1)
	if level > 0 {
		// A number becomes text here, even where there is no position to put in front of it.
		switch x := v.(type) {
		case lua.LString:
			v = lua.LString(Where(L, level)) + x
		case lua.LNumber:
			v = lua.LString(Where(L, level) + FormatNumber(float64(x)))
		}
	}
	Raise(L, v)
	return 0
}

func (vm *VM) basePcall(L *lua.LState) int {
	CheckAny(L, 1)
	if err := vm.protect(L, L.GetTop()-1, lua.MultRet, nil, false); err != nil {
		L.SetTop(0)
		L.Push(lua.LFalse)
		L.Push(err.Value)
		return 2
	}
	L.Insert(lua.LTrue, 1)
	return L.GetTop()
}

func (vm *VM) baseXpcall(L *lua.LState) int {
	CheckAny(L, 1)
	handler := CheckFunction(L, 2)
	s := stateOf(L)
	base := s.currentFrame.LocalBase
	s.reg.array[base], s.reg.array[base+1] = handler, s.reg.array[base]
	if err := vm.protect(L, L.GetTop()-2, lua.MultRet, handler, false); err != nil {
		L.SetTop(0)
		L.Push(lua.LFalse)
		L.Push(err.Value)
		return 2
	}
	L.Replace(1, lua.LTrue)
	return L.GetTop()
}

// The names of the most frequent types, boxed once.
var (
	nameOfNil      lua.LValue = lua.LString("nil")
	nameOfNumber   lua.LValue = lua.LString("number")
	nameOfString   lua.LValue = lua.LString("string")
	nameOfTable    lua.LValue = lua.LString("table")
	nameOfFunction lua.LValue = lua.LString("function")
)

func baseType(L *lua.LState) int {
	var name lua.LValue
	switch v := CheckAny(L, 1).(type) {
	case *lua.LNilType:
		name = nameOfNil
	case lua.LNumber:
		name = nameOfNumber
	case lua.LString:
		name = nameOfString
	case *lua.LTable:
		name = nameOfTable
	case *lua.LFunction:
		name = nameOfFunction
	default:
		name = lua.LString(TypeName(v))
	}
	L.Push(name)
	return 1
}

// ToString is tostring(v).
func (vm *VM) ToString(L *lua.LState, v lua.LValue) string {
	s := vm.toString(L, v)
	if str, ok := text(s); ok {
		return str
	}
	return s.String()
}

func (vm *VM) toString(L *lua.LState, v lua.LValue) lua.LValue {
	switch x := v.(type) {
	case lua.LString:
		return v
	case lua.LNumber:
		return lua.LString(FormatNumber(float64(x)))
	}
	if h := vm.metamethod(v, "__tostring"); !isNil(h) {
		return vm.call1(L, h, v, lua.LNil)
	}
	return lua.LString(vm.plainString(v))
}

func (vm *VM) plainString(v lua.LValue) string {
	switch x := v.(type) {
	case *lua.LTable:
		return fmt.Sprintf("table: %p", x)
	case *lua.LFunction:
		return fmt.Sprintf("function: %p", x)
	case *lua.LState:
		return fmt.Sprintf("thread: %p", x)
	case *lua.LUserData:
		return fmt.Sprintf("userdata: %p", x)
	}
	return v.String()
}

func (vm *VM) baseToString(L *lua.LState) int {
	L.Push(vm.toString(L, CheckAny(L, 1)))
	return 1
}

func (vm *VM) baseToNumber(L *lua.LState) int {
	base := OptInt(L, 2, 10)
	if base == 10 {
		v := CheckAny(L, 1)
		if n, ok := ToNumber(v); ok {
			L.Push(vm.num(lua.LNumber(n)))
			return 1
		}
		switch n := v.(type) {
		case *I64:
			L.Push(vm.num(lua.LNumber(n.V)))
		case *U64:
			L.Push(vm.num(lua.LNumber(n.V)))
		case interface{ Number() (float64, bool) }:
			if f, ok := n.Number(); ok {
				L.Push(vm.num(lua.LNumber(f)))
			} else {
				L.Push(lua.LNil)
			}
		default:
			L.Push(lua.LNil)
		}
		return 1
	}
	s := CheckString(L, 1)
	if base < 2 || base > 36 {
		ArgError(L, 2, "base out of range")
	}
	n, ok := parseBase(s, base)
	if !ok {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(vm.num(lua.LNumber(n)))
	return 1
}

// parseBase reads an integer as C's strtoul does.
func parseBase(s string, base int) (float64, bool) {
	s = strings.Trim(s, " \t\n\v\f\r")
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg, s = s[0] == '-', s[1:]
	}
	if base == 16 && len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		s = s[2:]
	}
	if s == "" {
		return 0, false
	}
	var n uint64
	for i := 0; i < len(s); i++ {
		d := 99
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			d = int(c - '0')
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			d = int(c|0x20-'a') + 10
		}
		if d >= base {
			return 0, false
		}
		n = n*uint64(base) + uint64(d)
	}
	if neg {
		n = -n
	}
	return float64(n), true
}

// cdataMethod is metamethod for cdata: the metamethods of Lua 5.2 do not count
// for tables.
func (vm *VM) cdataMethod(v lua.LValue, event string) lua.LValue {
	if _, ok := v.(Cdata); ok {
		return vm.metamethod(v, event)
	}
	return lua.LNil
}

// refuseCdata raises that a cdata value has no metamethod.
func (vm *VM) refuseCdata(L *lua.LState, v lua.LValue, event string) {
	if c, ok := v.(Cdata); ok {
		name := strings.TrimSuffix(vm.cdataName(c), " &")
		if v == Null {
			name = "void"
		}
		RaiseString(L, 1, "'%s' has no '%s' metamethod", name, event)
	}
}

func (vm *VM) basePairs(L *lua.LState) int {
	v := CheckAny(L, 1)
	if h := vm.cdataMethod(v, "__pairs"); !isNil(h) {
		L.SetTop(0)
		L.Push(h)
		L.Push(v)
		vm.invoke(L, 1, 3)
		return 3
	}
	vm.refuseCdata(L, v, "__pairs")
	t := CheckTable(L, 1)
	L.Push(vm.next)
	L.Push(t)
	L.Push(lua.LNil)
	return 3
}

func (vm *VM) baseIpairs(L *lua.LState) int {
	v := CheckAny(L, 1)
	if h := vm.cdataMethod(v, "__ipairs"); !isNil(h) {
		L.SetTop(0)
		L.Push(h)
		L.Push(v)
		vm.invoke(L, 1, 3)
		return 3
	}
	vm.refuseCdata(L, v, "__ipairs")
	CheckTable(L, 1)
	L.Push(vm.ipairsStep)
	L.Push(v)
	L.Push(small[0])
	return 3
}

func (vm *VM) stepIpairs(L *lua.LState) int {
	t := CheckTable(L, 1)
	i := CheckInt(L, 2) + 1
	v := RawGet(t, lua.LNumber(i))
	if isNil(v) {
		return 0
	}
	L.Push(vm.num(lua.LNumber(i)))
	L.Push(v)
	return 2
}

func (vm *VM) baseNext(L *lua.LState) int {
	k, v := vm.nextOf(L, CheckTable(L, 1), L.Get(2))
	L.Push(k)
	if isNil(k) {
		return 1
	}
	L.Push(v)
	return 2
}

func baseSelect(L *lua.LState) int {
	n := L.GetTop()
	if s, ok := L.Get(1).(lua.LString); ok && strings.HasPrefix(string(s), "#") {
		L.Push(lua.LNumber(n - 1))
		return 1
	}
	i := checkInt32(L, 1)
	if i < 0 {
		i = n + i
	} else if i > n {
		i = n
	}
	if i < 1 {
		ArgError(L, 1, "index out of range")
	}
	return n - i
}

func baseRawGet(L *lua.LState) int {
	L.Push(RawGet(CheckTable(L, 1), CheckAny(L, 2)))
	return 1
}

func (vm *VM) baseRawSet(L *lua.LState) int {
	t := CheckTable(L, 1)
	CheckAny(L, 2)
	CheckAny(L, 3)
	vm.rawSetChecked(L, t, L.Get(2), L.Get(3))
	L.SetTop(1)
	return 1
}

func baseRawEqual(L *lua.LState) int {
	L.Push(lua.LBool(CheckAny(L, 1) == CheckAny(L, 2)))
	return 1
}

func (vm *VM) baseGetMetatable(L *lua.LState) int {
	v := CheckAny(L, 1)
	mt := vm.metatable(v)
	if mt == nil {
		if _, ok := v.(Cdata); ok {
			L.Push(lua.LString("ffi"))
			return 1
		}
		L.Push(lua.LNil)
		return 1
	}
	if p := mt.RawGetString("__metatable"); !isNil(p) {
		L.Push(p)
	} else if _, ok := v.(Cdata); ok {
		L.Push(lua.LString("ffi"))
	} else {
		L.Push(mt)
	}
	return 1
}

func (vm *VM) baseSetMetatable(L *lua.LState) int {
	t := CheckTable(L, 1)
	mt := L.Get(2)
	_, isTable := mt.(*lua.LTable)
	if !isTable && (L.GetTop() < 2 || !isNil(mt)) {
		ArgError(L, 2, "nil or table expected")
	}
	if old, ok := t.Metatable.(*lua.LTable); ok && !isNil(old.RawGetString("__metatable")) {
		RaiseString(L, 1, "cannot change a protected metatable")
	}
	vm.noteMetatable(t)
	t.Metatable = mt
	L.SetTop(1)
	return 1
}

func (vm *VM) baseUnpack(L *lua.LState) int {
	t := CheckTable(L, 1)
	from := OptInt(L, 2, 1)
	to := OptInt(L, 3, Length(t))
	if isNil(L.Get(3)) {
		to = Length(t)
	}
	if from > to {
		return 0
	}
	n := to - from + 1
	s := stateOf(L)
	if n <= 0 || n+L.GetTop() > 8000 || s.reg.top+n > vm.stackLimit {
		RaiseString(L, 1, "too many results to unpack")
	}
	vm.ensure(L, s, s.reg.top+n)
	for i := range n {
		s.reg.array[s.reg.top+i] = RawGet(t, lua.LNumber(from+i))
	}
	s.reg.top += n
	return n
}

func (vm *VM) basePrint(L *lua.LState) int {
	var b strings.Builder
	for i := 1; i <= L.GetTop(); i++ {
		if i > 1 {
			b.WriteByte('\t')
		}
		s := vm.toString(L, L.Get(i))
		str, ok := text(s)
		if !ok {
			RaiseString(L, 1, "'tostring' must return a string to 'print'")
		}
		b.WriteString(str)
	}
	b.WriteByte('\n')
	io.WriteString(os.Stdout, b.String()) //nolint:errcheck // print has nobody to tell
	return 0
}

func (vm *VM) baseCollectGarbage(L *lua.LState) int {
	opt := OptString(L, 1, "collect")
	switch opt {
	case "collect":
		// Who asks for a collection wants the memory given back, too, not only made free for the next tuple.
		debug.FreeOSMemory()
		L.Push(small[0])
	case "count":
		L.Push(lua.LNumber(heapBytes() / 1024))
	case "step":
		L.Push(lua.LTrue)
	case "stop", "restart":
		L.Push(small[0])
	case "setpause", "setstepmul":
		L.Push(small[200])
	case "isrunning":
		L.Push(lua.LTrue)
	default:
		ArgError(L, 1, fmt.Sprintf("invalid option '%s'", opt))
	}
	return 1
}

func heapBytes() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

func (vm *VM) baseGcInfo(L *lua.LState) int {
	L.Push(lua.LNumber(int(heapBytes() / 1024)))
	return 1
}

func (vm *VM) baseNewProxy(L *lua.LState) int {
	ud := &lua.LUserData{Env: L.Env, Metatable: lua.LNil}
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
	case lua.LBool:
		if v {
			ud.Metatable = newTable(0, 0)
		}
	case *lua.LUserData:
		ud.Metatable = v.Metatable
	default:
		ArgError(L, 1, "boolean or proxy expected")
	}
	L.Push(ud)
	return 1
}
