package log

import (
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/errno"
	"shardlua/runtime/json"
	"shardlua/runtime/say"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// reserved are the fields of a logged table that the json format fills itself.
var reserved = [...]string{"level", "pid", "cord_name", "fiber_id", "fiber_name", "file", "line"}

func errnoText(n int) string { return errno.Text(n) }

// sayer is log.info and its like.
func (m *lib) sayer(level say.Level) lua.LGFunction {
	return func(L *lua.LState) int {
		if !m.host.Log().Enabled(level) {
			return 0
		}
		e := m.entry(L, level)
		table, ok := L.Get(1).(*lua.LTable)
		switch {
		case L.GetTop() > 1:
			e.Message = m.format(L)
		case ok:
			e.Message = m.encode(L, table)
			if len(e.Message) > 2 {
				e.Fields = e.Message[1 : len(e.Message)-1]
			}
		default:
			e.Message = tostring(L, L.Get(1))
		}
		e.Message, _, _ = strings.Cut(e.Message, "\x00")
		m.host.Log().Say(e)
		return 0
	}
}

// entry fills in who speaks and from where.
func (m *lib) entry(L *lua.LState, level say.Level) say.Entry {
	e := say.Entry{Level: level, File: "[C]", Line: -1}
	if where := strings.TrimSuffix(vm.Where(L, 1), ": "); where != "" {
		if i := strings.LastIndexByte(where, ':'); i >= 0 {
			e.File = where[:i]
			e.Line, _ = strconv.Atoi(where[i+1:])
		}
	}
	if f := m.host.Sched().Current(); f != nil {
		e.FiberID, e.FiberName = f.ID(), f.Name()
	}
	return e
}

// format is string.format of all arguments.
func (m *lib) format(L *lua.LState) string {
	top := L.GetTop()
	format := lua.LNil
	if lib, ok := L.GetGlobal("string").(*lua.LTable); ok {
		return callString(L, lib.RawGetString("format"), top)
	}
	return tostring(L, format)
}

// callString calls fn with the first n arguments and returns its first result.
func callString(L *lua.LState, fn lua.LValue, n int) string {
	L.Push(fn)
	for i := 1; i <= n; i++ {
		L.Push(L.Get(i))
	}
	L.Call(n, 1)
	s := lua.LVAsString(L.Get(-1))
	L.Pop(1)
	return s
}

func tostring(L *lua.LState, v lua.LValue) string {
	if s, ok := v.(lua.LString); ok {
		return string(s)
	}
	L.Push(L.GetGlobal("tostring"))
	L.Push(v)
	L.Call(1, 1)
	s := lua.LVAsString(L.Get(-1))
	L.Pop(1)
	return s
}

// encode is a table as JSON, without the fields that the log fills itself. Tarantool takes them out of the script's own
// table; here that one stays as it is.
func (m *lib) encode(L *lua.LState, t *lua.LTable) string {
	for _, name := range reserved {
		if t.RawGetString(name) != lua.LNil {
			t = without(L, t)
			break
		}
	}
	o := serial.Default()
	o.UseTostring, o.InvalidAsNil, o.LoadMetatables, o.InvalidNumbers = true, true, true, true
	text, err := json.Append(nil, L, t, &o)
	if err != nil {
		vm.RaiseString(L, 1, "%s", err)
	}
	return string(text)
}

func without(L *lua.LState, t *lua.LTable) *lua.LTable {
	other := L.NewTable()
	t.ForEach(func(k, v lua.LValue) { vm.RawSet(other, k, v) })
	for _, name := range reserved {
		other.RawSetString(name, lua.LNil)
	}
	other.Metatable = t.Metatable
	return other
}

// luaPID is log.pid(): the process at the end of a pipe, 0 when the log goes elsewhere.
func (m *lib) luaPID(L *lua.LState) int {
	L.Push(lua.LNumber(m.host.Log().PipePID()))
	return 1
}

// luaLoggerPID is deprecated: the program at the end of a pipe is not the script's to know.
func (m *lib) luaLoggerPID(L *lua.LState) int {
	e := m.entry(L, say.Warn)
	e.Message = "logger_pid() is deprecated, please use pid() instead"
	m.host.Log().Say(e)
	L.Push(lua.LNumber(0))
	return 1
}

func (m *lib) luaRotate(*lua.LState) int {
	if err := m.host.Log().Rotate(); err != nil {
		m.host.Log().Sayf(say.Error, "%s", err)
	}
	return 0
}
