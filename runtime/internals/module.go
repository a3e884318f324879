package internals

import (
	"errors"
	"strconv"

	lua "github.com/yuin/gopher-lua"
	luar "layeh.com/gopher-luar"

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
	for name, fn := range s.Functions {
		exports.RawSetString(name, L.NewFunction(fn))
	}
	exports.RawSetString("plan", L.NewFunction(s.luaPlan))
	exports.RawSetString("is_open", L.NewFunction(s.luaIsOpen))
	exports.RawSetString("shape", L.NewFunction(luaShape))
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

// luaPlan is shardlua.plan(module, from, to): the migrations that lead from one version of the internals to another, as
// a list of objects with Version, Name and Down.
func (s *Store) luaPlan(L *lua.LState) int {
	name, from, to := vm.CheckString(L, 1), vm.CheckInt(L, 2), vm.CheckInt(L, 3)
	list := s.lists[name]
	if list == nil {
		list = &evolution.List{Module: name}
	}
	steps, err := list.Plan(from, to)
	if err != nil {
		vm.RaiseString(L, 1, "%s", err.Error())
	}
	L.Push(luar.New(L, steps))
	return 1
}

// luaUpgrade is shardlua.upgrade(module, internals, version or migrations).
func (s *Store) luaUpgrade(h module.Host, L *lua.LState) int {
	name, okName := L.Get(1).(lua.LString)
	table, okTable := L.Get(2).(*lua.LTable)
	list, version, okVersion := s.listArg(h, L, string(name), table)
	if !okName || !okTable || !okVersion {
		vm.RaiseString(L, 1, "Usage: shardlua.upgrade(module, internals, version | migrations)")
	}
	_, err := s.Upgrade(list, table, version, func(level evolution.Level, message string) {
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

// listArg is the third argument of upgrade: a version on the way that the host knows, or a list of the module's own.
func (s *Store) listArg(h module.Host, L *lua.LState, name string, table *lua.LTable) (list *evolution.List, version int, ok bool) {
	switch arg := L.Get(3).(type) {
	case lua.LNumber:
		if list = s.lists[name]; list == nil {
			list = &evolution.List{Module: name}
		}
		return list, int(arg), arg >= 0 && arg == lua.LNumber(int(arg))
	case *lua.LTable:
		list = &evolution.List{Module: name}
		for i := 1; i <= arg.Len(); i++ {
			m, ok := luaMigration(h, L, table, vm.GetInt(arg, i), i)
			if !ok {
				return nil, 0, false
			}
			list.Migrations = append(list.Migrations, m)
		}
		return list, list.Version(), true
	}
	return nil, 0, false
}

// luaMigration makes a migration of a Lua function, or of a table {name =, up =, down =}.
func luaMigration(h module.Host, L *lua.LState, table *lua.LTable, v lua.LValue, n int) (evolution.Migration, bool) {
	call := func(fn *lua.LFunction) func(evolution.Internals) error {
		return func(evolution.Internals) error {
			_, err := h.VM().Call(L, fn, 0, table) // the VM sees what it writes
			return err
		}
	}
	m := evolution.Migration{Name: "migration " + strconv.Itoa(n)}
	switch v := v.(type) {
	case *lua.LFunction:
		m.Up = call(v)
	case *lua.LTable:
		if name, ok := v.RawGetString("name").(lua.LString); ok {
			m.Name = string(name)
		}
		if up, ok := v.RawGetString("up").(*lua.LFunction); ok {
			m.Up = call(up)
		}
		if down, ok := v.RawGetString("down").(*lua.LFunction); ok {
			m.Down = call(down)
		}
	}
	return m, m.Up != nil
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

// luaShape is shardlua.shape(table).
func luaShape(L *lua.LState) int {
	table, ok := L.Get(1).(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 1, "Usage: shardlua.shape(table)")
	}
	lines := L.NewTable()
	for _, line := range evolution.Over(table).Shape() {
		lines.Append(lua.LString(line))
	}
	L.Push(lines)
	return 1
}

// luaIsOpen is shardlua.is_open(name).
func (s *Store) luaIsOpen(L *lua.LState) int {
	_, open := s.tables[vm.CheckString(L, 1)]
	L.Push(lua.LBool(open))
	return 1
}
