package vm

import (
	"fmt"
	"strings"
	"weak"

	lua "github.com/yuin/gopher-lua"
)

func (vm *VM) openDebug() {
	nothing := func(*lua.LState) int { return 0 }
	vm.Register(vm.library("debug"), map[string]lua.LGFunction{
		"traceback": vm.debugTraceback, "getinfo": vm.debugGetInfo, "getlocal": debugGetLocal, "setlocal": debugSetLocal,
		"getupvalue": debugGetUpvalue, "setupvalue": debugSetUpvalue, "upvalueid": vm.debugUpvalueID, "upvaluejoin": debugUpvalueJoin,
		"getmetatable": vm.debugGetMetatable, "setmetatable": vm.debugSetMetatable,
		"getregistry": func(L *lua.LState) int {
			L.Push(L.G.Registry)
			return 1
		},
		"getfenv": func(L *lua.LState) int {
			L.Push(L.GetFEnv(CheckAny(L, 1)))
			return 1
		},
		"setfenv": func(L *lua.LState) int {
			L.SetFEnv(L.Get(1), CheckTable(L, 2))
			L.SetTop(1)
			return 1
		},
		"sethook": nothing,
		"gethook": func(L *lua.LState) int {
			L.Push(lua.LNil)
			L.Push(lua.LString(""))
			L.Push(small[0])
			return 3
		},
	})
}

// threadArg takes a leading thread argument; the others start after shift.
func threadArg(L *lua.LState) (th *lua.LState, shift int) {
	if t, ok := L.Get(1).(*lua.LState); ok {
		if th := Thread(t); th != nil {
			return th, 1
		}
		return nil, 1
	}
	return L, 0
}

func (vm *VM) debugTraceback(L *lua.LState) int {
	th, shift := threadArg(L)
	msg := L.Get(1 + shift)
	if _, ok := text(msg); !ok && L.GetTop() > shift {
		L.Push(msg)
		return 1
	}
	def := 0
	if th == L {
		def = 1
	}
	head, _ := text(msg)
	if !isNil(msg) {
		head += "\n"
	}
	level := OptInt(L, 2+shift, def)
	L.Push(lua.LString(head + vm.Traceback(th, "", level)))
	return 1
}

const (
	tracebackHead = 12
	tracebackTail = 10
)

// Traceback describes the calls of a thread from a level on, after a message.
func (vm *VM) Traceback(L *lua.LState, message string, level int) string {
	var b strings.Builder
	if message != "" {
		b.WriteString(message)
		b.WriteByte('\n')
	}
	b.WriteString("stack traceback:")
	if L == nil {
		return b.String()
	}
	var frames []*frame
	for f := frameAt(L, level); f != nil; f = f.Parent {
		frames = append(frames, f)
	}
	for i := 0; i < len(frames); i++ {
		if len(frames) > tracebackHead+tracebackTail && i == tracebackHead {
			b.WriteString("\n\t...")
			i = len(frames) - tracebackTail
		}
		f := frames[i]
		b.WriteString("\n\t")
		if f.Fn.IsG {
			b.WriteString("[C]: ")
		} else {
			fmt.Fprintf(&b, "%s:%d: ", f.Fn.Proto.SourceName, currentLine(f))
		}
		b.WriteString(tracedName(f))
	}
	return b.String()
}

func tracedName(f *frame) string {
	kind, name := calledAs(f)
	switch {
	case kind != "" && name != "":
		return fmt.Sprintf("in function '%s'", name)
	case f.Fn.IsG:
		return fmt.Sprintf("at %p", f.Fn)
	case f.Fn.Proto.LineDefined == 0:
		return "in main chunk"
	}
	return fmt.Sprintf("in function <%s:%d>", f.Fn.Proto.SourceName, f.Fn.Proto.LineDefined)
}

func (vm *VM) debugGetInfo(L *lua.LState) int {
	th, shift := threadArg(L)
	what := OptString(L, 2+shift, "flnSu")
	for _, c := range what {
		if !strings.ContainsRune("SlnufLr", c) {
			ArgError(L, 2+shift, "invalid option")
		}
	}
	var f *frame
	fn, isFn := L.Get(1 + shift).(*lua.LFunction)
	if !isFn {
		n, ok := ToNumber(L.Get(1 + shift))
		if !ok {
			ArgError(L, 1+shift, "function or level expected")
		}
		if n >= 0 && th != nil {
			f = frameAt(th, int(n))
		}
		if f == nil {
			L.Push(lua.LNil)
			return 1
		}
		fn = f.Fn
	}
	t := newTable(0, 12)
	set := func(k string, v lua.LValue) { setString(t, lua.LString(k), v) }
	number := func(k string, n int) { set(k, lua.LNumber(n)) }
	for _, c := range what {
		switch c {
		case 'S':
			describeSource(fn, set, number)
		case 'l':
			line := -1
			if f != nil && !fn.IsG {
				line = currentLine(f)
			}
			number("currentline", line)
		case 'u':
			number("nups", len(fn.Upvalues))
			params, vararg := 0, true
			if !fn.IsG {
				params = int(fn.Proto.NumParameters)
				vararg = fn.Proto.IsVarArg&lua.VarArgIsVarArg != 0
			}
			number("nparams", params)
			set("isvararg", lua.LBool(vararg))
		case 'n':
			kind, name := "", ""
			if f != nil {
				kind, name = calledAs(f)
			}
			set("namewhat", lua.LString(kind))
			if name != "" {
				set("name", lua.LString(name))
			}
		case 'f':
			set("func", fn)
		case 'L':
			if !fn.IsG {
				lines := newTable(0, 0)
				for _, line := range fn.Proto.DbgSourcePositions {
					setInt(lines, line, lua.LTrue)
				}
				set("activelines", lines)
			}
		}
	}
	L.Push(t)
	return 1
}

func describeSource(fn *lua.LFunction, set func(string, lua.LValue), number func(string, int)) {
	set("source", lua.LString(Source(fn)))
	if fn.IsG {
		set("what", lua.LString("C"))
		set("short_src", lua.LString("[C]"))
		number("linedefined", -1)
		number("lastlinedefined", -1)
		return
	}
	what := "Lua"
	last := fn.Proto.LastLineDefined
	if fn.Proto.LineDefined == 0 {
		what = "main"
	}
	set("what", lua.LString(what))
	set("short_src", lua.LString(fn.Proto.SourceName))
	number("linedefined", fn.Proto.LineDefined)
	number("lastlinedefined", last)
}

// local finds the n-th local of a frame, its name and its register.
func (f *frame) local(n int) (string, int) {
	if f.Fn.IsG {
		return "", -1
	}
	if n < 0 {
		np := int(f.Fn.Proto.NumParameters)
		if -n > f.NArgs-np {
			return "", -1
		}
		return "(*vararg)", f.Base + np - n
	}
	name, ok := f.Fn.LocalName(n, f.Pc-1)
	if !ok {
		return "", -1
	}
	return name, f.LocalBase + n - 1
}

func localAt(L *lua.LState) (s *state, name string, reg int) {
	th, shift := threadArg(L)
	level := CheckInt(L, 1+shift)
	var f *frame
	if th != nil {
		s = stateOf(th)
		f = frameAt(th, level)
	}
	if f == nil || level < 0 {
		ArgError(L, 1+shift, "level out of range")
	}
	name, reg = f.local(CheckInt(L, 2+shift))
	return s, name, reg
}

func debugGetLocal(L *lua.LState) int {
	if fn, ok := L.Get(1).(*lua.LFunction); ok {
		n := CheckInt(L, 2)
		if !fn.IsG && n >= 1 && n <= int(fn.Proto.NumParameters) {
			L.Push(lua.LString(fn.Proto.DbgLocals[n-1].Name))
			return 1
		}
		L.Push(lua.LNil)
		return 1
	}
	s, name, reg := localAt(L)
	if name == "" {
		L.Push(lua.LNil)
		return 1
	}
	L.Push(lua.LString(name))
	v := s.reg.array[reg]
	if v == nil {
		v = lua.LNil
	}
	L.Push(v)
	return 2
}

func debugSetLocal(L *lua.LState) int {
	_, shift := threadArg(L)
	v := L.Get(3 + shift)
	s, name, reg := localAt(L)
	if name == "" {
		L.Push(lua.LNil)
		return 1
	}
	s.reg.array[reg] = v
	L.Push(lua.LString(name))
	return 1
}

func upvalueAt(L *lua.LState, fnArg, nArg int) (*lua.LFunction, int) {
	fn := CheckFunction(L, fnArg)
	n := CheckInt(L, nArg)
	if n < 1 || n > len(fn.Upvalues) {
		return fn, -1
	}
	return fn, n - 1
}

func upvalueName(fn *lua.LFunction, i int) lua.LString {
	if fn.IsG {
		return ""
	}
	return lua.LString(fn.Proto.DbgUpvalues[i])
}

func debugGetUpvalue(L *lua.LState) int {
	fn, i := upvalueAt(L, 1, 2)
	if i < 0 {
		return 0
	}
	L.Push(upvalueName(fn, i))
	L.Push(upvalueOf(fn.Upvalues[i]).get())
	return 2
}

func debugSetUpvalue(L *lua.LState) int {
	CheckAny(L, 3)
	fn, i := upvalueAt(L, 1, 2)
	if i < 0 {
		return 0
	}
	upvalueOf(fn.Upvalues[i]).set(L.Get(3))
	L.Push(upvalueName(fn, i))
	return 1
}

func (vm *VM) debugUpvalueID(L *lua.LState) int {
	fn, i := upvalueAt(L, 1, 2)
	if i < 0 {
		ArgError(L, 2, "invalid upvalue index")
	}
	L.Push(vm.upvalueID(fn.Upvalues[i]))
	return 1
}

// upvalueID is the value that stands for an upvalue: the same one each time, while a script holds it.
func (vm *VM) upvalueID(uv *lua.Upvalue) *lua.LUserData {
	if id := vm.upvalueIDs[uv].Value(); id != nil {
		return id
	}
	if vm.upvalueIDs == nil {
		vm.upvalueIDs = make(map[*lua.Upvalue]weak.Pointer[lua.LUserData])
	}
	for old, id := range vm.upvalueIDs {
		if id.Value() == nil {
			delete(vm.upvalueIDs, old)
		}
	}
	id := &lua.LUserData{Value: uv, Metatable: lua.LNil}
	vm.upvalueIDs[uv] = weak.Make(id)
	return id
}

func debugUpvalueJoin(L *lua.LState) int {
	a, i := upvalueAt(L, 1, 2)
	b, j := upvalueAt(L, 3, 4)
	if i < 0 {
		ArgError(L, 2, "invalid upvalue index")
	}
	if j < 0 {
		ArgError(L, 4, "invalid upvalue index")
	}
	a.Upvalues[i] = b.Upvalues[j]
	return 0
}

func (vm *VM) debugGetMetatable(L *lua.LState) int {
	if mt := vm.metatable(CheckAny(L, 1)); mt != nil {
		L.Push(mt)
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

func (vm *VM) debugSetMetatable(L *lua.LState) int {
	v, mt := L.Get(1), L.Get(2)
	t, isTable := mt.(*lua.LTable)
	if !isTable && !isNil(mt) {
		ArgError(L, 2, "nil or table expected")
	}
	switch x := v.(type) {
	case *lua.LTable:
		vm.noteMetatable(x)
		x.Metatable = mt
	case *lua.LUserData:
		x.Metatable = mt
	case lua.LString:
		vm.stringMeta = t
	case Cdata:
		vm.SetMeta(x.CType(), t)
	default:
		vm.typeMeta[v.Type()] = t
	}
	L.Push(lua.LTrue)
	return 1
}
