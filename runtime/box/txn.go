package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/vm"
)

// txnMethods are the functions of box that deal with transactions.
func (b *Box) txnMethods() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"begin":                 b.begin,
		"commit":                b.commit,
		"rollback":              b.rollback,
		"savepoint":             b.savepoint,
		"rollback_to_savepoint": b.rollbackToSavepoint,
		"atomic":                b.atomic,
		"is_in_txn":             b.isInTxn,
		"on_commit":             b.onCommit,
		"on_rollback":           b.onRollback,
	}
}

// begin is box.begin().
func (b *Box) begin(L *lua.LState) int {
	if err := b.Context().Begin(); err != nil {
		b.raise(L, err)
	}
	return 0
}

// commit is box.commit().
func (b *Box) commit(L *lua.LState) int {
	err := b.Context().Commit()
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
	return 0
}

// rollback is box.rollback().
func (b *Box) rollback(L *lua.LState) int {
	err := b.Context().Rollback()
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
	return 0
}

// isInTxn is box.is_in_txn().
func (b *Box) isInTxn(L *lua.LState) int {
	L.Push(lua.LBool(b.Context().InTxn()))
	return 1
}

// savepoint is box.savepoint(): a table with the savepoint in it.
func (b *Box) savepoint(L *lua.LState) int {
	c := b.Context()
	sp, err := c.Savepoint()
	if err != nil {
		b.raise(L, err)
	}
	ud := L.NewUserData()
	ud.Value = sp
	handle := L.NewTable()
	handle.RawSetString("csavepoint", ud)
	handle.RawSetString("txn_id", vm.Int64(int64(c.Txn().ID())))
	L.Push(handle)
	return 1
}

// rollbackToSavepoint is box.rollback_to_savepoint(savepoint).
func (b *Box) rollbackToSavepoint(L *lua.LState) int {
	var sp *db.Savepoint
	if t, ok := L.Get(1).(*lua.LTable); ok {
		if ud, ok := t.RawGetString("csavepoint").(*lua.LUserData); ok {
			sp, _ = ud.Value.(*db.Savepoint)
		}
	}
	if sp == nil {
		usage(L, "", "Usage: box.rollback_to_savepoint(savepoint)")
	}
	if !b.Context().InTxn() {
		b.fail(L, boxerr.NoSuchSavepoint)
	}
	err := b.Context().RollbackTo(sp)
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
	return 0
}

// atomic is box.atomic(fn, …): fn in a transaction that is rolled back when it throws.
func (b *Box) atomic(L *lua.LState) int {
	c := b.Context()
	if err := c.Begin(); err != nil {
		b.raise(L, err)
	}
	args := make([]lua.LValue, 0, L.GetTop())
	for i := 2; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	results, err := b.host.VM().Call(L, L.Get(1), lua.MultRet, args...)
	if err != nil {
		_ = c.Rollback()
		b.refresh()
		b.raise(L, err)
	}
	err = c.Commit()
	b.refresh()
	if err != nil {
		b.raise(L, err)
	}
	for _, r := range results {
		L.Push(r)
	}
	return len(results)
}

// onCommit is box.on_commit([fn[, old]]).
func (b *Box) onCommit(L *lua.LState) int {
	t := b.openTxn(L, "box.on_commit")
	return triggerCall(b, L, &t.OnCommit, 1, b.txnTrigger)
}

// onRollback is box.on_rollback([fn[, old]]).
func (b *Box) onRollback(L *lua.LState) int {
	t := b.openTxn(L, "box.on_rollback")
	return triggerCall(b, L, &t.OnRollback, 1, b.txnTrigger)
}

func (b *Box) openTxn(L *lua.LState, call string) *db.Txn {
	t := b.Context().Txn()
	if t == nil {
		vm.RaiseString(L, 1, "Usage inside a transaction: %s([function | nil, [function | nil]])", call)
	}
	return t
}

// txnTrigger calls fn with a function that iterates over the changes: number, old tuple, new tuple, space id. What fn
// throws is logged.
func (b *Box) txnTrigger(fn *lua.LFunction) db.TxnTrigger {
	return func(_ *db.Context, changes []db.Change) {
		L := b.thread()
		step := L.NewFunction(func(L *lua.LState) int {
			i, _ := vm.ToNumber(L.Get(2))
			at := int(i)
			if at < 0 || at >= len(changes) {
				return 0
			}
			ch := changes[at]
			L.Push(lua.LNumber(at + 1))
			L.Push(NewTuple(ch.Old))
			L.Push(NewTuple(ch.Next))
			L.Push(lua.LNumber(ch.Space.ID()))
			return 4
		})
		pairs := L.NewFunction(func(L *lua.LState) int {
			L.Push(step)
			L.Push(lua.LNil)
			L.Push(lua.LNumber(0))
			return 3
		})
		if _, err := b.host.VM().Call(L, fn, 0, pairs); err != nil {
			b.logError(L, err)
		}
	}
}

// logError writes an error to the log as Tarantool does for errors that nobody can catch.
func (b *Box) logError(L *lua.LState, err error) {
	e := b.boxError(L, err)
	b.host.Log().Sayf(say.Error, "%s: %s", e.TypeName(), e.Message)
}

// fiberEnds rolls back what a fiber left open.
func (b *Box) fiberEnds(_ *sched.Fiber, c *db.Context) {
	if !c.InTxn() {
		return
	}
	c.OnFiberEnd()
	b.refresh()
}
