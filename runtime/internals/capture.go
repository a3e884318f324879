package internals

import (
	"fmt"
	"sort"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// Capture is the content of a table and of all plain tables that it reaches, at one moment. A table is plain when it
// has no metatable; one with a metatable is a live object (a connection, a space), which is remembered as a value but
// not looked into, as are functions, userdata and cdata.
type Capture struct {
	root   *lua.LTable
	tables map[*lua.LTable][]entry
}

type entry struct{ key, value lua.LValue }

// Take captures what root holds now.
func Take(root *lua.LTable) *Capture {
	c := &Capture{root: root, tables: make(map[*lua.LTable][]entry)}
	c.visit(root)
	return c
}

func (c *Capture) visit(t *lua.LTable) {
	if _, seen := c.tables[t]; seen {
		return
	}
	entries := contents(t)
	c.tables[t] = entries
	for _, e := range entries {
		for _, v := range [...]lua.LValue{e.key, e.value} {
			if inner, ok := v.(*lua.LTable); ok && isPlain(inner) {
				c.visit(inner)
			}
		}
	}
}

func isPlain(t *lua.LTable) bool { return t.Metatable == nil || t.Metatable == lua.LNil }

func contents(t *lua.LTable) []entry {
	var all []entry
	t.ForEach(func(k, v lua.LValue) { all = append(all, entry{k, v}) })
	return all
}

// Restore gives every captured table its content back. Tables keep their identity, so whoever holds one sees the
// restored state; tables that were added since are cut off.
func (c *Capture) Restore() {
	for t, was := range c.tables {
		keep := make(map[lua.LValue]bool, len(was))
		for _, e := range was {
			keep[e.key] = true
		}
		for _, e := range contents(t) {
			if !keep[e.key] {
				vm.RawSet(t, e.key, lua.LNil)
			}
		}
		for _, e := range was {
			vm.RawSet(t, e.key, e.value)
		}
		t.Metatable = lua.LNil
	}
}

// Change is one difference between a Capture and the present.
type Change struct {
	// Path leads to the value, as a script would write it: `replicasets.a.weight`, `list[3]`.
	Path string
	// Was and Is are the value then and now; lua.LNil where there was, or is, none.
	Was, Is lua.LValue
}

func (c Change) String() string { return fmt.Sprintf("%s: %s -> %s", c.Path, c.Was, c.Is) }

// Changes lists what is different now, ordered by path. A table that was replaced by another is one change.
func (c *Capture) Changes() []Change {
	var found []Change
	seen := make(map[*lua.LTable]bool)
	var compare func(path string, t *lua.LTable)
	compare = func(path string, t *lua.LTable) {
		was, known := c.tables[t]
		if seen[t] || !known {
			return
		}
		seen[t] = true
		now := make(map[lua.LValue]lua.LValue)
		for _, e := range contents(t) {
			now[e.key] = e.value
		}
		for _, e := range was {
			at := join(path, e.key)
			is, ok := now[e.key]
			delete(now, e.key)
			switch {
			case !ok:
				found = append(found, Change{at, e.value, lua.LNil})
			case is != e.value:
				found = append(found, Change{at, e.value, is})
			default:
				if inner, ok := is.(*lua.LTable); ok {
					compare(at, inner)
				}
			}
		}
		for k, v := range now {
			found = append(found, Change{join(path, k), lua.LNil, v})
		}
	}
	compare("", c.root)
	sort.Slice(found, func(i, j int) bool { return found[i].Path < found[j].Path })
	return found
}

func join(path string, key lua.LValue) string {
	switch k := key.(type) {
	case lua.LString:
		if path == "" {
			return string(k)
		}
		return path + "." + string(k)
	case lua.LNumber:
		return path + "[" + k.String() + "]"
	}
	return path + "[" + strconv.Quote(key.String()) + "]"
}
