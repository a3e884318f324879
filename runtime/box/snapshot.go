package box

import (
	"context"

	lua "github.com/yuin/gopher-lua"
)

// snapshot is box.snapshot().
func (b *Box) snapshot(L *lua.LState) int {
	if err := b.inst.store.Checkpoint(context.Background()); err != nil {
		b.raise(L, err)
	}
	L.Push(lua.LString("ok"))
	return 1
}
