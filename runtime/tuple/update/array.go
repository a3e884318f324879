package update

import (
	"slices"

	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// array is an array taken apart: a tuple, or an array inside one.
type array struct{ items []node }

func openArray(b []byte) *array {
	count, pos := mp.ArrayHeader(b)
	a := &array{items: make([]node, count, count+1)}
	for i := range a.items {
		a.items[i].data = bounded(b[pos:])
		pos += len(a.items[i].data)
	}
	return a
}

func (a *array) write(b []byte) []byte {
	b = mp.AppendArrayHeader(b, len(a.items))
	for i := range a.items {
		b = a.items[i].write(b)
	}
	return b
}

func (a *array) adopt(step jsonpath.Step, n *node) { a.items[step.Index] = *n }

// do applies o. A nil path stands for the tuple itself, whose field o names;
// otherwise the first step names the item.
func (a *array) do(o *op, path jsonpath.Path) error {
	if path == nil {
		if !o.resolve(int64(len(a.items))) {
			return o.missing()
		}
		return a.doAt(o, o.field, o.steps)
	}
	if path[0].Kind != jsonpath.ByIndex {
		return o.fail("can not update array by non-integer index")
	}
	return a.doAt(o, int64(path[0].Index), path[1:])
}

func (a *array) doAt(o *op, i int64, rest jsonpath.Path) error {
	size := int64(len(a.items))
	deeper := len(rest) > 0 || o.broken != nil
	if deeper {
		if i >= size {
			return o.missing()
		}
		return a.items[i].do(o, rest)
	}
	switch o.code {
	case '=':
		return a.set(o, i)
	case '!':
		if i > size {
			return o.missing()
		}
		a.items = slices.Insert(a.items, int(i), node{data: o.arg})
		return nil
	case '#':
		if i >= size {
			return o.missing()
		}
		a.items = slices.Delete(a.items, int(i), int(min(size, i+int64(o.count))))
		return nil
	}
	if i >= size {
		return o.missing()
	}
	return a.items[i].doHere(o)
}

// set replaces an item whatever was done to it before, or appends one.
func (a *array) set(o *op, i int64) error {
	switch size := int64(len(a.items)); {
	case i > size:
		return o.missing()
	case i == size:
		a.items = append(a.items, node{data: o.arg})
	default:
		a.items[i].change = replaced(o.arg)
	}
	return nil
}
