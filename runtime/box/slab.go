package box

import (
	"cmp"
	"fmt"
	"slices"

	lua "github.com/yuin/gopher-lua"
)

// openSlab makes box.slab. Memory here is Go's: there are no slabs. The numbers are those that the tuples and indexes of
// this database would make in Tarantool's arena.
func (b *Box) openSlab(L *lua.LState) {
	b.exports.RawSetString("slab", methods(L, map[string]lua.LGFunction{
		"info":  b.slabInfo,
		"stats": b.slabStats,
		"check": func(*lua.LState) int { return 0 },
	}))
}

// The arena grows in slabs of arenaStep and has minArena from the start; a slab of tuples has slabHeader before them, all
// in bytes.
const (
	arenaStep  = 16 << 20
	minArena   = 2 * arenaStep
	slabHeader = 104
	minSlab    = 16 << 10
)

// slabClass is the slabs for items of one size.
type slabClass struct{ itemSize, items, slabSize, slabs int64 }

// slabSizeFor is the size of the slabs that hold items of a size: the least one that has room for a hundred or so.
func slabSizeFor(item int64) int64 {
	size := int64(minSlab)
	for size < item*100 && size < arenaStep/8 {
		size *= 2
	}
	return max(size, minSlab)
}

func newSlabClass(item, items int64) slabClass {
	c := slabClass{itemSize: item, items: items, slabSize: slabSizeFor(item)}
	for c.slabSize-slabHeader < item {
		c.slabSize *= 2
	}
	perSlab := (c.slabSize - slabHeader) / item
	c.slabs = (items + perSlab - 1) / perSlab
	return c
}

func (c *slabClass) used() int64 { return c.items * c.itemSize }
func (c *slabClass) free() int64 { return c.slabs*(c.slabSize-slabHeader) - c.used() }

// slabClasses are the slabs of all tuples, by size.
func (b *Box) slabClasses() []slabClass {
	counts := map[int64]int64{}
	b.db.TupleSizes(func(size int64) {
		counts[max(16, (size+7)&^7)]++
	})
	var list []slabClass
	for size, n := range counts {
		list = append(list, newSlabClass(size, n))
	}
	slices.SortFunc(list, func(x, y slabClass) int { return cmp.Compare(x.itemSize, y.itemSize) })
	return list
}

// extentClass is the slabs of the indexes.
func extentClass(index int64) slabClass {
	return slabClass{itemSize: minSlab, items: index / minSlab, slabSize: arenaStep / 8, slabs: 1 + index/(arenaStep/8)}
}

// slabStats is box.slab.stats(): the slabs that are in use, by the size of what they hold.
func (b *Box) slabStats(L *lua.LState) int {
	list := L.NewTable()
	_, index := b.sizes()
	for _, c := range append(b.slabClasses(), extentClass(index)) {
		list.Append(figures(L, figure{"slab_count", c.slabs}, figure{"item_size", c.itemSize},
			figure{"slab_size", c.slabSize}, figure{"mem_used", c.used()}, figure{"mem_free", c.free()},
			figure{"item_count", c.items}))
	}
	L.Push(list)
	return 1
}

func (b *Box) slabInfo(L *lua.LState) int {
	_, index := b.sizes()
	var itemsSize, itemsUsed int64
	for _, c := range b.slabClasses() {
		itemsSize += c.slabs * c.slabSize
		itemsUsed += c.used()
	}
	// The quota is counted in units of 1024 bytes.
	limit := (int64(lua.LVAsNumber(b.inst.options.RawGetString("memtx_memory"))) + 1023) &^ 1023
	used := itemsUsed + index
	arena := max(minArena, (itemsSize+index+arenaStep-1)/arenaStep*arenaStep)
	t := L.NewTable()
	number := func(name string, n int64) { t.RawSetString(name, luaInteger(n)) }
	number("arena_size", arena)
	number("arena_used", used)
	t.RawSetString("arena_used_ratio", ratio("%.1f%%", used, arena))
	number("items_size", itemsSize)
	number("items_used", itemsUsed)
	t.RawSetString("items_used_ratio", ratio("%.2f%%", itemsUsed, itemsSize))
	number("quota_size", limit)
	number("quota_used", arena)
	t.RawSetString("quota_used_ratio", ratio("%.2f%%", arena, limit))
	L.Push(t)
	return 1
}

func ratio(format string, part, whole int64) lua.LString {
	if whole == 0 {
		return lua.LString(fmt.Sprintf(format, 0.0))
	}
	return lua.LString(fmt.Sprintf(format, 100*float64(part)/float64(whole)))
}
