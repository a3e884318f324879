package reload

import (
	"errors"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

const usage = "Usage: shardlua.reload({module, …[, dry_run = boolean, changed = boolean, timeout = seconds, health = function]})"

// LuaReload is shardlua.reload{…}: modules as list items, and the options of a Request by name. It returns the report
// as a table.
func (r *Reloader) LuaReload(L *lua.LState) int {
	req, ok := r.request(L.Get(1))
	if !ok || len(req.Modules) == 0 {
		vm.RaiseString(L, 1, "%s", usage)
	}
	report, err := r.Reload(L, req)
	switch thrown := thrownValue(err); {
	case thrown != nil:
		vm.Raise(L, thrown)
	case err != nil:
		vm.RaiseString(L, 0, "%s", err.Error())
	}
	L.Push(report.table(L))
	return 1
}

// request reads what a script asks for: a name, or a table of names and options.
func (r *Reloader) request(v lua.LValue) (req Request, ok bool) {
	switch v := v.(type) {
	case lua.LString:
		req.Modules = []string{string(v)}
		return req, true
	case *lua.LTable:
		return req, r.readOptions(v, &req)
	}
	return req, false
}

func (r *Reloader) readOptions(arg *lua.LTable, req *Request) bool {
	for i := 1; i <= arg.Len(); i++ {
		name, ok := vm.GetInt(arg, i).(lua.LString)
		if !ok {
			return false
		}
		req.Modules = append(req.Modules, string(name))
	}
	ok := true
	arg.ForEach(func(k, v lua.LValue) {
		name, named := k.(lua.LString)
		if !named {
			return
		}
		switch name {
		case "dry_run":
			req.DryRun = lua.LVAsBool(v)
		case "changed":
			req.OnlyChanged = lua.LVAsBool(v)
		case "timeout":
			seconds, isNumber := v.(lua.LNumber)
			ok = ok && isNumber && seconds >= 0
			req.HandOver = time.Duration(float64(seconds) * float64(time.Second))
		case "health":
			fn, isFunction := v.(*lua.LFunction)
			ok = ok && isFunction
			req.Health = r.luaHealth(fn)
		default:
			ok = false
		}
	})
	return ok
}

// luaHealth calls a script's health function: it throws, or returns false or nil and a reason, when the new version is
// not to be kept.
func (r *Reloader) luaHealth(fn *lua.LFunction) func(*lua.LState) error {
	return func(L *lua.LState) error {
		values, err := r.host.VM().Call(L, fn, 2)
		switch {
		case err != nil:
			return err
		case lua.LVAsBool(values[0]):
			return nil
		case values[1] != lua.LNil:
			return errors.New(values[1].String())
		}
		return errors.New("the health function returned false")
	}
}

// table is the report as scripts see it.
func (r *Report) table(L *lua.LState) *lua.LTable {
	t := L.NewTable()
	modules := L.NewTable()
	for _, m := range r.Modules {
		row := L.NewTable()
		row.RawSetString("name", lua.LString(m.Name))
		if m.Stateful {
			row.RawSetString("before", lua.LNumber(m.Before))
			row.RawSetString("after", lua.LNumber(m.After))
		}
		steps := L.NewTable()
		for _, s := range m.Steps {
			step := L.NewTable()
			step.RawSetString("version", lua.LNumber(s.Version))
			step.RawSetString("name", lua.LString(s.Name))
			step.RawSetString("time", lua.LNumber(s.Took.Seconds()))
			if s.Down {
				step.RawSetString("down", lua.LTrue)
			}
			steps.Append(step)
		}
		row.RawSetString("migrations", steps)
		row.RawSetString("files", lua.LNumber(m.Files))
		row.RawSetString("changed", list(L, m.Changed))
		row.RawSetString("reapplied", list(L, m.Reapplied))
		modules.Append(row)
	}
	t.RawSetString("modules", modules)
	t.RawSetString("text", lua.LString(r.String()))
	if r.DryRun {
		t.RawSetString("dry_run", lua.LTrue)
		t.RawSetString("refused", list(L, r.Refused))
		return t
	}
	t.RawSetString("pause", lua.LNumber(r.Pause.Seconds()))
	t.RawSetString("lingering", list(L, r.Lingering))
	return t
}

func list(L *lua.LState, texts []string) *lua.LTable {
	t := L.NewTable()
	for _, text := range texts {
		t.Append(lua.LString(text))
	}
	return t
}
