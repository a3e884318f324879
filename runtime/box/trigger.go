package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/tuple"
	"shardlua/runtime/vm"
)

// triggerCall is what scripts do with a list of triggers: (fn) adds fn, (fn, old) puts fn in the place of old, (nil, old)
// removes old, and no argument lists the functions. The arguments begin at the position first.
func triggerCall[F any](b *Box, L *lua.LState, list *db.Triggers[F], first int, make func(fn *lua.LFunction) F) int {
	next, old := L.Get(first), L.Get(first+1)
	nextFn, ok1 := next.(*lua.LFunction)
	oldFn, ok2 := old.(*lua.LFunction)
	if L.GetTop() < first || vm.IsNil(next) && vm.IsNil(old) && L.GetTop() == first {
		L.Push(listTriggers(L, list))
		return 1
	}
	if !ok1 && !vm.IsNil(next) || !ok2 && !vm.IsNil(old) || !ok1 && !ok2 {
		vm.RaiseString(L, 1, "trigger reset: incorrect arguments")
	}
	if ok2 {
		found := findTrigger(list, oldFn)
		if found == nil {
			vm.RaiseString(L, 1, "trigger reset: Trigger is not found")
		}
		if !ok1 {
			list.Remove(found)
			return 0
		}
		found.Run, found.Tag = make(nextFn), nextFn
		L.Push(nextFn)
		return 1
	}
	list.Add(make(nextFn), nextFn)
	L.Push(nextFn)
	return 1
}

func findTrigger[F any](list *db.Triggers[F], fn *lua.LFunction) *db.Trigger[F] {
	for _, tr := range list.All() {
		if tr.Tag == any(fn) {
			return tr
		}
	}
	return nil
}

func listTriggers[F any](L *lua.LState, list *db.Triggers[F]) *lua.LTable {
	t := L.NewTable()
	for _, tr := range list.All() {
		if fn, ok := tr.Tag.(*lua.LFunction); ok {
			t.Append(fn)
		}
	}
	return t
}

// addTriggers gives a space's table its on_replace and before_replace.
func (b *Box) addTriggers(t *lua.LTable) {
	t.RawSetString("on_replace", b.spaces.onReplace)
	t.RawSetString("before_replace", b.spaces.beforeReplace)
}

// triggersArg is the space of on_replace and before_replace.
func (b *Box) triggersArg(L *lua.LState, help string) *db.Space {
	t, ok := L.Get(1).(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 1, "%s", help)
	}
	id, ok := t.RawGetString("id").(lua.LNumber)
	if !ok {
		vm.RaiseString(L, 1, "C++ exception")
	}
	s := b.db.Space(uint32(id))
	if s == nil {
		b.noSuchSpace(L, id.String())
	}
	return s
}

// onReplace is space:on_replace([fn[, old]]).
func (b *Box) onReplace(L *lua.LState) int {
	const help = "usage: space:on_replace(function | nil, [function | nil])"
	s := b.triggersArg(L, help)
	return triggerCall(b, L, s.OnReplace, 2, func(fn *lua.LFunction) db.OnReplace {
		return func(c *db.Context, s *db.Space, old, next *tuple.Tuple, typ db.RowType) error {
			_, err := b.callTrigger(fn, s, old, next, typ)
			return err
		}
	})
}

// beforeReplace is space:before_replace([fn[, old]]).
func (b *Box) beforeReplace(L *lua.LState) int {
	const help = "usage: space:before_replace(function | nil, [function | nil])"
	s := b.triggersArg(L, help)
	return triggerCall(b, L, s.BeforeReplace, 2, func(fn *lua.LFunction) db.BeforeReplace {
		return func(c *db.Context, s *db.Space, old, next *tuple.Tuple, typ db.RowType) (*tuple.Tuple, error) {
			results, err := b.callTrigger(fn, s, old, next, typ)
			if err != nil || len(results) == 0 {
				return next, err
			}
			if vm.IsNil(results[0]) {
				return nil, nil
			}
			t, ok := results[0].(*Tuple)
			if !ok {
				return nil, boxerr.New(boxerr.BeforeReplaceRet, vm.TypeName(results[0]))
			}
			return t.Tuple(), nil
		}
	})
}

// callTrigger calls a function of a space with what Tarantool gives it: old tuple, new tuple, space, request.
func (b *Box) callTrigger(fn *lua.LFunction, s *db.Space, old, next *tuple.Tuple, typ db.RowType) ([]lua.LValue, error) {
	L := b.thread()
	results, err := b.host.VM().Call(L, fn, lua.MultRet, NewTuple(old), NewTuple(next), lua.LString(s.Name()), lua.LString(requestName(typ)))
	if err != nil {
		return nil, b.boxError(L, err)
	}
	return results, nil
}

// thread is the Lua thread of the calling fiber.
func (b *Box) thread() *lua.LState { return b.host.Thread(b.host.Sched().Current()) }

func requestName(typ db.RowType) string {
	switch typ {
	case db.RowInsert:
		return "INSERT"
	case db.RowReplace:
		return "REPLACE"
	case db.RowUpdate:
		return "UPDATE"
	case db.RowDelete:
		return "DELETE"
	case db.RowUpsert:
		return "UPSERT"
	}
	return "NOP"
}

// runTriggers is space:run_triggers(bool): whether changes of the space call its triggers.
func (b *Box) runTriggers(L *lua.LState) int {
	s := b.spaceOrNil(L, "run_triggers")
	if s == nil {
		b.noSuchSpace(L, L.Get(1).(*lua.LTable).RawGetString("name").String())
	}
	on, ok := L.Get(2).(lua.LBool)
	if !ok {
		usage(L, "builtin/box/schema.lua:1732", "bad argument #2 to 'space_run_triggers' (cannot convert '%s' to 'bool')", vm.TypeName(L.Get(2)))
	}
	s.MuteTriggers(!bool(on))
	return 0
}
