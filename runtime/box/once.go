package box

import (
	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/mp"
)

// once is box.once(key, fn, …): fn runs the first time in the life of the replica set. The key is remembered before fn
// runs, even when fn fails.
func (b *Box) once(L *lua.LState) int {
	key, ok1 := L.Get(1).(lua.LString)
	fn, ok2 := L.Get(2).(*lua.LFunction)
	if !ok1 || !ok2 {
		b.fail(L, boxerr.IllegalParams, "Usage: box.once(key, func, ...)")
	}
	row := mp.AppendString(mp.AppendArrayHeader(nil, 1), "once"+string(key))
	schema := b.db.SpaceByName("_schema")
	c := b.Context()
	known, err := schema.Get(c, 0, row)
	if err != nil {
		b.raise(L, err)
	}
	if known != nil {
		return 0
	}
	if b.db.ReadOnly() {
		b.waitMode(L, false, 0)
	}
	if _, err := schema.Insert(c, row); err != nil {
		b.raise(L, err)
	}
	args := make([]lua.LValue, 0, L.GetTop())
	for i := 3; i <= L.GetTop(); i++ {
		args = append(args, L.Get(i))
	}
	results := b.host.VM().CallRaw(L, fn, lua.MultRet, args...)
	for _, r := range results {
		L.Push(r)
	}
	return len(results)
}
