package update

import (
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// node is a value inside the tuple with what operations did to it. A nil change
// means that they did nothing yet.
type node struct {
	data   []byte
	change change
}

// change is what operations did to a value: replaced, *bar, *route, *array, *table.
type change interface {
	write(b []byte) []byte
}

// replaced is a value that an operation made anew.
type replaced []byte

func (r replaced) write(b []byte) []byte { return append(b, r...) }

func (n *node) write(b []byte) []byte {
	if n.change == nil {
		return append(b, n.data...)
	}
	return n.change.write(b)
}

// do applies o to the node; path is what is left of o's path behind the node.
func (n *node) do(o *op, path jsonpath.Path) error {
	if len(path) == 0 && o.broken == nil {
		return n.doHere(o)
	}
	switch c := n.change.(type) {
	case nil:
		b, err := newBar(n.data, o, path)
		if err == nil {
			n.change = b
		}
		return err
	case replaced:
		if len(path) > 0 && path[0].Kind == jsonpath.ByIndex {
			return o.fail("can't update a map by not a string key")
		}
		return o.double()
	case *bar:
		return n.branchBar(c, o, path)
	case *route:
		return n.branchRoute(c, o, path)
	case container:
		return c.do(o, path)
	}
	return o.double()
}

// doHere applies an operation that ends here and computes a value from the old.
func (n *node) doHere(o *op) error {
	if n.change != nil {
		return o.double()
	}
	value, err := o.compute(n.data)
	if err == nil {
		n.change = replaced(value)
	}
	return err
}

// container is an array or a map that is taken apart.
type container interface {
	change
	do(o *op, path jsonpath.Path) error
	// adopt puts a node in the place that the step leads to.
	adopt(step jsonpath.Step, n *node)
}

// open takes the value that begins b apart.
func open(b []byte) container {
	if mp.KindOf(b) == mp.Map {
		return openTable(b)
	}
	return openArray(b)
}

// route is a value in which all changes are behind a common path.
type route struct {
	data  []byte
	path  jsonpath.Path
	start int // of the inner value in data
	size  int
	inner container
}

func (r *route) write(b []byte) []byte {
	b = append(b, r.data[:r.start]...)
	b = r.inner.write(b)
	return append(b, r.data[r.start+r.size:]...)
}

// newRoute leads to inner, which stands for the value at data[start:start+size].
func newRoute(data []byte, path jsonpath.Path, inner container) change {
	if len(path) == 0 {
		return inner
	}
	at := path.Walk(data, -1)
	start := len(data) - len(at)
	return &route{data: data, path: path, start: start, size: mp.Skip(at), inner: inner}
}

func common(a, b jsonpath.Path) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// branchBar applies a second operation to a value with a bar: the two part where
// their paths do, and the container there is taken apart.
func (n *node) branchBar(c *bar, o *op, path jsonpath.Path) error {
	k := common(c.path, path)
	if err := parting(n.data, c.path, o, path, k); err != nil {
		return err
	}
	around := c.path[:k].Walk(n.data, -1)
	if mp.KindOf(around) == mp.Map && c.path[k].Kind != jsonpath.ByName {
		return o.missing()
	}
	inner := open(around)
	if err := inner.do(c.op, c.path[k:]); err != nil {
		return err
	}
	if err := inner.do(o, path[k:]); err != nil {
		return err
	}
	n.change = newRoute(n.data, c.path[:k:k], inner)
	return nil
}

// parting reports why a new path cannot part from an old one after k steps.
func parting(data []byte, old jsonpath.Path, o *op, path jsonpath.Path, k int) error {
	switch {
	case k == len(path) && o.broken != nil:
		return o.broken
	case k == len(path) && k == len(old):
		return o.double()
	case k == len(old):
		if at := old.Walk(data, -1); at != nil {
			if kind := mp.KindOf(at); kind == mp.Map || kind == mp.Array {
				return o.double()
			}
		}
		return o.missing()
	case k == len(path):
		if mp.KindOf(path.Walk(data, -1)) == mp.Map {
			return o.fail("can not update map by non-string key")
		}
		return o.fail("can not update array by non-integer index")
	}
	return nil
}

// branchRoute applies an operation to a value with a route: it goes the route, or
// parts from it.
func (n *node) branchRoute(c *route, o *op, path jsonpath.Path) error {
	k := common(c.path, path)
	if k == len(c.path) {
		if k == len(path) {
			if o.broken != nil {
				return o.broken
			}
			return o.missing()
		}
		return c.inner.do(o, path[k:])
	}
	if err := parting(n.data, c.path, o, path, k); err != nil {
		return err
	}
	around := c.path[:k].Walk(n.data, -1)
	if mp.KindOf(around) == mp.Map && c.path[k].Kind != jsonpath.ByName {
		return o.missing()
	}
	at := c.path[k].Into(around, -1)
	rest := bounded(at)
	child := &node{data: rest, change: newRoute(rest, c.path[k+1:], c.inner)}
	inner := open(around)
	inner.adopt(c.path[k], child)
	if err := inner.do(o, path[k:]); err != nil {
		return err
	}
	n.change = newRoute(n.data, c.path[:k:k], inner)
	return nil
}
