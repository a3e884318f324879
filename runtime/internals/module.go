package internals

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"shardlua/evolution"
	"shardlua/runtime/module"
	"shardlua/runtime/say"
	"shardlua/runtime/vm"
)

// Module is the Lua module `shardlua`.
var Module = module.Module{Name: "shardlua", Open: open}

func open(h module.Host, L *lua.LState) lua.LValue {
	s := Of(h)
	exports := L.NewTable()
	exports.RawSetString("version", lua.LString(h.Version()))
	exports.RawSetString("internals", L.NewFunction(s.luaInternals))
	exports.RawSetString("upgrade", L.NewFunction(func(L *lua.LState) int { return s.luaUpgrade(h, L) }))
	exports.RawSetString("evolution", L.NewFunction(s.luaEvolution))
	return exports
}

// luaInternals is shardlua.internals(name[, initial]).
func (s *Store) luaInternals(L *lua.LState) int {
	name, ok := L.Get(1).(lua.LString)
	if !ok || name == "" {
		vm.RaiseString(L, 1, "Usage: shardlua.internals(name[, initial])")
	}
	if s.OnOpen != nil {
		s.OnOpen(string(name))
	}
	if t := s.tables[string(name)]; t != nil {
		L.Push(t)
		return 1
	}
	table := L.NewTable()
	if L.Get(2) != lua.LNil {
		initial, ok := L.Get(2).(*lua.LFunction)
		if !ok {
			vm.RaiseString(L, 1, "Usage: shardlua.internals(name[, initial])")
		}
		L.Push(initial)
		L.Call(0, 1)
		built, ok := L.Get(-1).(*lua.LTable)
		if !ok {
			vm.RaiseString(L, 1, "shardlua.internals('%s'): initial must return a table, got %s", name, vm.TypeName(L.Get(-1)))
		}
		L.Pop(1)
		table = built
	}
	// While initial ran, somebody else may have built it.
	if t := s.tables[string(name)]; t != nil {
		table = t
	}
	s.tables[string(name)] = table
	L.Push(table)
	return 1
}

// luaUpgrade is shardlua.upgrade(module, table, version).
func (s *Store) luaUpgrade(h module.Host, L *lua.LState) int {
	name, okName := L.Get(1).(lua.LString)
	table, okTable := L.Get(2).(*lua.LTable)
	version, okVersion := L.Get(3).(lua.LNumber)
	if !okName || !okTable || !okVersion || version < 0 || version != lua.LNumber(int(version)) {
		vm.RaiseString(L, 1, "Usage: shardlua.upgrade(module, internals, version)")
	}
	list := s.lists[string(name)]
	if list == nil {
		list = &evolution.List{Module: string(name)}
	}
	_, err := list.UpgradeTo(evolution.Over(table), int(version), func(level evolution.Level, message string) {
		if level == evolution.Error {
			h.Log().Sayf(say.Error, "%s", message)
			return
		}
		h.Log().Sayf(say.Info, "%s", message)
	})
	var thrown *vm.Error
	switch {
	case errors.As(err, &thrown) && thrown.Value.Type() != lua.LTString:
		vm.Raise(L, thrown.Value)
	case err != nil:
		vm.RaiseString(L, 0, "%s", err.Error())
	}
	return 0
}

// luaEvolution is shardlua.evolution(module).
func (s *Store) luaEvolution(L *lua.LState) int {
	names := L.NewTable()
	if list := s.lists[vm.CheckString(L, 1)]; list != nil {
		for _, m := range list.Migrations {
			names.Append(lua.LString(m.Name))
		}
	}
	L.Push(names)
	return 1
}
