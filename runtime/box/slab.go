package box

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"
)

// openSlab makes box.slab. Memory here is Go's: there are no slabs, and the numbers are those of what the database
// holds, in the terms of Tarantool's arena.
func (b *Box) openSlab(L *lua.LState) {
	b.exports.RawSetString("slab", methods(L, map[string]lua.LGFunction{
		"info":  b.slabInfo,
		"stats": func(L *lua.LState) int { L.Push(L.NewTable()); return 1 },
		"check": func(*lua.LState) int { return 0 },
	}))
}

// slabSize is the step in which Tarantool's arena grows, in bytes.
const slabSize = 16 << 20

func (b *Box) slabInfo(L *lua.LState) int {
	data, index := b.sizes()
	limit := int64(lua.LVAsNumber(b.inst.options.RawGetString("memtx_memory")))
	arena := (data + index + slabSize - 1) / slabSize * slabSize
	t := numberTable(L, map[string]int64{
		"items_size": data, "items_used": data, "quota_size": limit, "quota_used": arena,
		"arena_size": arena, "arena_used": data + index,
	})
	t.RawSetString("items_used_ratio", ratio("%.2f%%", data, data))
	t.RawSetString("quota_used_ratio", ratio("%.2f%%", arena, limit))
	t.RawSetString("arena_used_ratio", ratio("%.1f%%", data+index, arena))
	L.Push(t)
	return 1
}

func ratio(format string, part, whole int64) lua.LString {
	if whole == 0 {
		return lua.LString(fmt.Sprintf(format, 0.0))
	}
	return lua.LString(fmt.Sprintf(format, 100*float64(part)/float64(whole)))
}
