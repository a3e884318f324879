package log

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/say"
	"shardlua/runtime/vm"
)

// luaLevel is log.level(level), with a number or a name.
func (m *lib) luaLevel(L *lua.LState) int {
	if err := m.options.Check("level", L.Get(1)); err != nil {
		vm.RaiseString(L, -1, "builtin/log.lua:338: %s", err)
	}
	m.setLevel(L, L.Get(1))
	return 0
}

func (m *lib) setLevel(L *lua.LState, value lua.LValue) {
	m.options.change("level", value)
	m.debug(L, 345, "log: level set to "+lua.LVAsString(m.options.Get("level")))
}

// luaFormat is log.log_format(name). Before the log is open it shows bare messages, whatever their format.
func (m *lib) luaFormat(L *lua.LState) int {
	if err := m.options.Check("format", L.Get(1)); err != nil {
		vm.RaiseString(L, -1, "builtin/log.lua:372: %s", err)
	}
	m.setFormat(L, L.Get(1))
	return 0
}

func (m *lib) setFormat(L *lua.LState, value lua.LValue) {
	format, _ := parseFormat(value) // Check has seen it
	_ = m.host.Log().SetFormat(format)
	m.options.change("format", value)
	m.debug(L, 375, "log: format set to '"+format.String()+"'")
}

// debug tells of a change, from the place where Tarantool does.
func (m *lib) debug(L *lua.LState, line int, message string) {
	e := m.entry(L, say.Debug)
	e.File, e.Line, e.Message = "builtin/log.lua", line, message
	m.host.Log().Say(e)
}

// sayCfg tells of a call of log.cfg.
func (m *lib) sayCfg(L *lua.LState) {
	show := func(name string) string {
		if v := m.options.Get(name); v != lua.LNil {
			return v.String()
		}
		return "nil"
	}
	m.debug(L, 527, fmt.Sprintf("log.cfg({log=%s,level=%s,nonblock=%s,format='%s'})", show("log"), show("level"), show("nonblock"), show("format")))
}

// cfgTable is log.cfg: a table of the options that can be called.
func (m *lib) cfgTable(L *lua.LState) *lua.LTable {
	meta := L.NewTable()
	meta.RawSetString("__call", L.NewFunction(m.luaCfg))
	L.SetMetatable(m.options.table, meta)
	return m.options.table
}

// apiGet is log.box_api.cfg_get(name): an option by the name that box.cfg has for it.
func (m *lib) apiGet(L *lua.LState) int {
	L.Push(m.options.Get(BoxName(lua.LVAsString(L.Get(1)))))
	return 1
}

// apiSet is log.box_api.cfg_set(cfg, name, value): it takes a value that box.cfg was given.
func (m *lib) apiSet(L *lua.LState) int {
	name := BoxName(lua.LVAsString(L.Get(2)))
	if name == "" {
		vm.RaiseString(L, -1, "builtin/log.lua:395: table index is nil")
	}
	m.apiCheck(L, name, L.Get(3))
	m.options.change(name, L.Get(3))
	return 0
}

// apiSetLevel is log.box_api.cfg_set_log_level(box, level).
func (m *lib) apiSetLevel(L *lua.LState) int {
	value := m.apiValue(L, "log_level")
	m.apiCheck(L, "level", value)
	m.setLevel(L, value)
	return 0
}

// apiSetFormat is log.box_api.cfg_set_log_format(box, format).
func (m *lib) apiSetFormat(L *lua.LState) int {
	value := m.apiValue(L, "log_format")
	m.apiCheck(L, "format", value)
	m.setFormat(L, value)
	return 0
}

// apiValue is the second argument or, without one, the option in the first one's cfg.
func (m *lib) apiValue(L *lua.LState, name string) lua.LValue {
	if L.GetTop() > 1 {
		return L.Get(2)
	}
	if box, ok := L.Get(1).(*lua.LTable); ok {
		if cfg, ok := box.RawGetString("cfg").(*lua.LTable); ok {
			return cfg.RawGetString(name)
		}
	}
	return L.Get(1)
}

func (m *lib) apiCheck(L *lua.LState, name string, value lua.LValue) {
	if err := m.options.Check(name, value); err != nil {
		vm.RaiseString(L, -1, "%s", err)
	}
}
